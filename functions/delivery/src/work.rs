//! One delivery: claimed, done, remembered.

use std::time::Duration;

use tandem_domain::{
    ClaimId, CloudId, Delivery, DeliveryKind, Failure, FailureCode, IssueId, MessageId, RequestId,
    settings::EffectiveSettings,
};
use tandem_runtime::{App, signing::lease_holder};
use tandem_store::{
    AccountLink, ChatLink, Claim, ClaimState, Claimed, Installation, LinkState, MessageLink,
};

use crate::{
    acting,
    ahead::Ahead,
    comments, issues, messages,
    tally::{Counting, Tallies},
};

/// How long one attempt may take; the function's own timeout is shorter.
const LEASE: Duration = Duration::from_secs(90);

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is on the other side.
    Carried {
        /// The message that came of it in the chat, where one was posted.
        message: Option<MessageId>,
        /// The pair of comment and message that came of it, to be written with the claim's end.
        pair: Option<Box<MessageLink>>,
    },
    /// There was nothing to carry, and why.
    Dropped(&'static str),
    /// It cannot be carried, and why: only a person can change that.
    GivenUp(&'static str),
}

impl Outcome {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Carried { .. } => "carried",
            Self::Dropped(_) => "dropped",
            Self::GivenUp(_) => "given_up",
        }
    }

    pub(crate) fn why(&self) -> &'static str {
        match self {
            Self::Carried { .. } => "",
            Self::Dropped(why) | Self::GivenUp(why) => why,
        }
    }

    pub(crate) fn carried() -> Self {
        Self::Carried { message: None, pair: None }
    }

    /// A pair is on both sides now; the message, where it was posted just now.
    pub(crate) fn paired(message: Option<MessageId>, pair: MessageLink) -> Self {
        Self::Carried { message, pair: Some(Box::new(pair)) }
    }
}

/// A delivery and what every kind of it needs.
pub(crate) struct Work<'a> {
    pub(crate) app: &'a App,
    pub(crate) delivery: &'a Delivery,
    /// The link between the issue and the chat.
    pub(crate) chat: ChatLink,
    pub(crate) settings: EffectiveSettings,
    /// The pair that the comment or message belongs to, where there is one.
    pub(crate) pair: Option<MessageLink>,
    /// The link of whoever did it at Jira, where they have one.
    pub(crate) author: Option<AccountLink>,
    /// The site's installation.
    pub(crate) site: Option<Installation>,
    /// Tokens that were had ahead.
    pub(crate) ahead: &'a Ahead,
    /// For the vault's log: the claim names the piece of work.
    pub(crate) request: RequestId,
    /// An earlier attempt may have written at a vendor: look before writing.
    pub(crate) resumed: bool,
    /// What was written before is somebody else's to carry: a delivery for whose sake this one is
    /// done.
    pub(crate) alone: bool,
}

impl Work<'_> {
    pub(crate) fn cloud(&self) -> &CloudId {
        &self.delivery.cloud_id
    }

    pub(crate) fn issue(&self) -> &IssueId {
        &self.delivery.issue_id
    }

    /// The site's installation, for the links that messages carry. Absent while the site is erased.
    pub(crate) fn installation(&self) -> Result<&Installation, Failure> {
        self.site.as_ref().ok_or(Failure::Absent { what: "installation" })
    }
}

/// Does a delivery once.
pub(crate) async fn claim_and_do(
    app: &App,
    delivery: &Delivery,
    counting: &Counting<'_>,
) -> Result<Outcome, Failure> {
    claim_and_carry(app, delivery, counting, false).await
}

/// The same for one that was written before what is being delivered.
pub(crate) async fn claim_and_do_alone(app: &App, delivery: &Delivery) -> Result<Outcome, Failure> {
    // Not counted: the message that the queue gave is.
    let (tallies, queued) = (Tallies::default(), delivery.clone().into());
    claim_and_carry(app, delivery, &Counting::of(&tallies, &queued, false), true).await
}

async fn claim_and_carry(
    app: &App,
    delivery: &Delivery,
    counting: &Counting<'_>,
    alone: bool,
) -> Result<Outcome, Failure> {
    let Delivery { cloud_id, claim, .. } = delivery;
    once(app, cloud_id, claim, counting, Ahead::of(app, delivery), async |attempt, ahead| {
        let outcome = do_it(app, delivery, attempt.resumed, alone, ahead).await;
        give_up_for_good(outcome, app, delivery, ahead, attempt.before.as_ref()).await
    })
    .await
}

/// What is known of the attempts before this one.
pub(crate) struct Attempt {
    /// Whether one of them may have written at the vendors.
    pub(crate) resumed: bool,
    /// What the last of them failed with.
    pub(crate) before: Option<FailureCode>,
}

/// Does a piece of work once: claims it, does it, notes that it was done. What it needs is read while
/// it is claimed, and nothing is done with it if the claim is not ours. A failure leaves the claim to
/// the next attempt.
pub(crate) async fn once(
    app: &App,
    cloud: &CloudId,
    claim_id: &ClaimId,
    counting: &Counting<'_>,
    ahead: impl Future<Output = Ahead>,
    work: impl AsyncFnOnce(Attempt, &Ahead) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let holder =
        lease_holder(app.entropy.as_ref()).ok_or(Failure::Fault { what: "lease_holder" })?;
    let claiming = app.store.claim(cloud, claim_id, &holder, app.clock.now(), LEASE);
    let (claimed, ahead) = tokio::join!(Box::pin(claiming), Box::pin(ahead));
    let (claim, resumed) = match claimed {
        Ok(Claimed::First(claim)) => (claim, false),
        Ok(Claimed::Resumed(claim)) => (claim, true),
        not_ours => {
            ahead.put_back(app).await;
            return match not_ours? {
                Claimed::Busy(until) => {
                    let after = Some(app.clock.now().until(until));
                    Err(Failure::Retry { what: "claimed_elsewhere", after })
                }
                _ => Ok(Outcome::Dropped("done_before")),
            };
        }
    };
    let attempt = Attempt { resumed, before: claim.failed_with.clone() };
    match work(attempt, &ahead).await {
        Ok(outcome) => {
            let (ended, (), ()) = tokio::join!(
                end(app, claim.clone(), &outcome),
                counting.while_ending(app, &outcome),
                ahead.put_back(app),
            );
            match ended {
                Ok(()) => Ok(outcome),
                Err(failure) => Err(failure),
            }
        }
        Err(failure) => {
            let (lease_until, failed_with) = (app.clock.now(), failure.noted());
            let ended = Claim { lease_until, failed_with, ..claim };
            if let (Err(error), ()) = tokio::join!(app.store.put_claim(&ended), ahead.put_back(app))
            {
                tracing::warn!(target: "tandem", code = %error, "the claim runs out by itself");
            }
            Err(failure)
        }
    }
}

/// Notes that a piece of work was done, and what came of it.
async fn end(app: &App, claim: Claim, outcome: &Outcome) -> Result<(), Failure> {
    let (message_id, pair) = match outcome {
        Outcome::Carried { message, pair } => (message.clone(), pair.as_deref()),
        _ => (None, None),
    };
    let done = Claim { state: ClaimState::Done, message_id, failed_with: None, ..claim };
    match pair {
        Some(pair) => app.store.put_message_link_and_claim(pair, &done).await?,
        None => app.store.put_claim(&done).await?,
    }
    Ok(())
}

/// Failures that trying again does not mend become an outcome; the chat's link says what ails it.
async fn give_up_for_good(
    outcome: Result<Outcome, Failure>,
    app: &App,
    delivery: &Delivery,
    ahead: &Ahead,
    before: Option<&FailureCode>,
) -> Result<Outcome, Failure> {
    if let Err(Failure::SignInNeeded { provider, .. }) = outcome
        && let Some(again) = acting::again(app, delivery, provider, ahead, before).await?
    {
        return Err(again);
    }
    let (why, state) = match outcome {
        Err(Failure::SignInNeeded { .. }) => ("sign_in_needed", LinkState::NeedsSignIn),
        // Nobody is left who could speak for the unlinked.
        Err(Failure::Absent { what: "grant" }) => ("not_linked", LinkState::NeedsSignIn),
        // A refusal of one comment or message is no reason to stop carrying the others.
        Err(Failure::Forbidden { what } | Failure::Absent { what }) => {
            return Ok(Outcome::GivenUp(what));
        }
        other => return other,
    };
    set_state(app, delivery, state).await?;
    Ok(Outcome::GivenUp(why))
}

/// Writes the state of the link, where it has changed.
pub(crate) async fn set_state(
    app: &App,
    delivery: &Delivery,
    state: LinkState,
) -> Result<(), Failure> {
    let link = find_link(app, delivery).await?;
    if let Some(link) = link
        && link.state != state
    {
        app.store.change_chat_link(&ChatLink { state, ..link }).await?;
    }
    Ok(())
}

/// The link between the delivery's issue and its chat.
pub(crate) async fn find_link(app: &App, delivery: &Delivery) -> Result<Option<ChatLink>, Failure> {
    let Delivery { cloud_id, issue_id, tenant_id, chat_id, .. } = delivery;
    Ok(app.store.find_chat_link(cloud_id, issue_id, tenant_id, chat_id).await?)
}

/// The request that the ledger names: the claim stands for the piece of work.
pub(crate) fn request_of(delivery: &Delivery) -> Result<RequestId, Failure> {
    RequestId::parse(delivery.claim.as_str()).map_err(|_| Failure::Fault { what: "request_id" })
}

async fn do_it(
    app: &App,
    delivery: &Delivery,
    resumed: bool,
    alone: bool,
    ahead: &Ahead,
) -> Result<Outcome, Failure> {
    let around = ahead.surroundings()?;
    let Some(chat) = around.chat else { return Ok(Outcome::Dropped("no_longer_linked")) };
    if matches!(chat.state, LinkState::IssueDeleted | LinkState::Refused) {
        return Ok(Outcome::Dropped("link_ended"));
    }
    let settings = if let Some(settings) = around.settings {
        settings
    } else {
        // The delivery names no project.
        let (cloud, project) = (&delivery.cloud_id, Some(&chat.project_id));
        app.store.get_effective_settings(cloud, project, None).await?
    };
    if !settings.tenant_allowed(&delivery.tenant_id) {
        return Ok(Outcome::Dropped("tenant_not_allowed"));
    }
    let request = request_of(delivery)?;
    let recovers = chat.state == LinkState::NeedsSignIn;
    let (pair, author, site) = (around.pair, around.account, around.installation);
    let work =
        Work { app, delivery, chat, settings, pair, author, site, ahead, request, resumed, alone };
    let outcome = carry(&work).await?;
    if recovers && matches!(outcome, Outcome::Carried { .. }) && acting::creator_can(&work).await? {
        set_state(app, delivery, LinkState::Active).await?;
    }
    Ok(outcome)
}

async fn carry(work: &Work<'_>) -> Result<Outcome, Failure> {
    match &work.delivery.kind {
        DeliveryKind::CommentCreated { comment_id, author }
        | DeliveryKind::CommentUpdated { comment_id, author } => {
            comments::carry(work, comment_id, author).await
        }
        DeliveryKind::CommentDeleted { comment_id } => comments::delete(work, comment_id).await,
        DeliveryKind::IssueUpdated { changes, actor } => {
            issues::tell_changes(work, changes, actor.as_ref()).await
        }
        DeliveryKind::IssueDeleted => issues::tell_deleted(work).await,
        DeliveryKind::MessageCreated { message_id, subscriber }
        | DeliveryKind::MessageUpdated { message_id, subscriber } => {
            messages::carry(work, message_id, subscriber).await
        }
        DeliveryKind::MessageDeleted { message_id, subscriber } => {
            messages::delete(work, message_id, subscriber).await
        }
    }
}
