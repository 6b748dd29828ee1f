//! A button that writes does so once, though Teams may send a press twice.

use std::time::Duration;

use tandem_domain::{CloudId, Failure, Timestamp};
use tandem_runtime::signing::{claim_of, lease_holder};
use tandem_store::{Claim, ClaimState, Claimed};

use super::{
    answer::{Refusal, fault, malformed},
    texts,
};
use crate::{stopped::Stopped, turn::Turn};

/// How long one attempt may take before a repetition takes over: longer than Teams waits.
const LEASE: Duration = Duration::from_secs(40);

/// Does what a press of `verb` asks, unless this press was answered before. The work is told since
/// when an earlier attempt may have done it, where there was one.
pub(super) async fn done_once(
    turn: &Turn<'_>,
    cloud: &CloudId,
    verb: &str,
    work: impl AsyncFnOnce(Option<Timestamp>) -> Result<(), Stopped>,
) -> Result<(), Refusal> {
    let place = turn.activity.conversation.id.as_str();
    let press = turn.activity.id.as_ref().ok_or_else(malformed)?;
    let claim = claim_of(&["bot", turn.tenant.as_str(), place, press.as_str(), verb])
        .ok_or_else(|| fault("claim"))?;
    let holder = lease_holder(turn.app.entropy.as_ref()).ok_or_else(|| fault("lease_holder"))?;
    let now = turn.app.clock.now();
    let taken = turn.app.store.claim(cloud, &claim, &holder, now, LEASE).await;
    let (claim, again) = match taken.map_err(Failure::from)? {
        Claimed::First(claim) => (claim, None),
        Claimed::Resumed(claim) => {
            let since = claim.created_at;
            (claim, Some(since))
        }
        Claimed::Done(_) => return Ok(()),
        Claimed::Busy(_) => return Err(Stopped::Cannot(texts::AT_IT).into()),
    };
    let outcome = work(again).await;
    let claim = match &outcome {
        Ok(()) => Claim { state: ClaimState::Done, ..claim },
        Err(_) => Claim { lease_until: turn.app.clock.now(), ..claim },
    };
    if let Err(error) = turn.app.store.put_claim(&claim).await {
        tracing::warn!(target: "tandem", function = crate::NAME, code = %error, "the claim runs out by itself");
    }
    Ok(outcome?)
}
