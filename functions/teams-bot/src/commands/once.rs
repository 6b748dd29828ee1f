//! A command that writes is carried out once, though Teams may deliver it twice.

use std::time::Duration;

use tandem_domain::Failure;
use tandem_runtime::signing::{claim_of, lease_holder};
use tandem_store::{Claim, ClaimState, Claimed};

use crate::{stopped::Stopped, turn::Turn};

/// How long one attempt may take before a repetition of it takes over.
const LEASE: Duration = Duration::from_secs(40);

/// What became of taking a message up.
pub(super) enum Taken {
    /// It is ours to carry out.
    Ours(Hold),
    /// It was carried out and answered.
    Done,
}

/// A message that is being carried out.
#[derive(Default)]
pub(super) struct Hold {
    claims: Vec<Claim>,
    /// An earlier attempt may have done some or all of it.
    pub(super) resumed: bool,
}

/// Takes the message of the turn up. It is claimed on each Jira site the person is linked on, so
/// that its repetition is known also after one of the links has ended; of somebody who is not
/// linked nothing is done that must not be done twice.
pub(super) async fn take(turn: &Turn<'_>) -> Result<Taken, Stopped> {
    let mut hold = Hold::default();
    let Some(activity) = &turn.activity.id else { return Ok(Taken::Ours(hold)) };
    let fault = |what| Stopped::Failed(Failure::Fault { what });
    let place = turn.activity.conversation.id.as_str();
    let claim = claim_of(&["bot", turn.tenant.as_str(), place, activity.as_str()])
        .ok_or_else(|| fault("claim"))?;
    let holder = lease_holder(turn.app.entropy.as_ref()).ok_or_else(|| fault("lease_holder"))?;
    for link in turn.links().await? {
        let now = turn.app.clock.now();
        let taken = turn.app.store.claim(&link.cloud_id, &claim, &holder, now, LEASE).await?;
        let ended = match taken {
            Claimed::First(claim) => {
                hold.claims.push(claim);
                continue;
            }
            Claimed::Resumed(claim) => {
                hold.claims.push(claim);
                hold.resumed = true;
                continue;
            }
            Claimed::Done(_) => Ok(Taken::Done),
            Claimed::Busy(until) => {
                let after = Some(turn.app.clock.now().until(until));
                Err(Stopped::Failed(Failure::Retry { what: "claimed_elsewhere", after }))
            }
        };
        hold.put_off(turn).await;
        return ended;
    }
    Ok(Taken::Ours(hold))
}

impl Hold {
    /// Notes that the message was carried out and answered.
    pub(super) async fn done(self, turn: &Turn<'_>) {
        for claim in self.claims {
            write(turn, &Claim { state: ClaimState::Done, ..claim }).await;
        }
    }

    /// Leaves the message to its repetition.
    pub(super) async fn put_off(self, turn: &Turn<'_>) {
        for claim in self.claims {
            write(turn, &Claim { lease_until: turn.app.clock.now(), ..claim }).await;
        }
    }
}

/// A claim that could not be written runs out by itself, and carrying a command out again finds it
/// done.
async fn write(turn: &Turn<'_>, claim: &Claim) {
    if let Err(error) = turn.app.store.put_claim(claim).await {
        tracing::warn!(target: "tandem", function = crate::NAME, code = %error, "the claim runs out by itself");
    }
}
