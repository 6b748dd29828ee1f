//! What happened to an issue, told by the bot: to channels that subscribed to its project, and to
//! the people it concerns.
//!
//! The Connector has no way to ask what the bot posted before. An attempt that broke off after the
//! post and before it was noted is therefore repeated: told twice rather than not at all.

mod channel;
mod others;
mod person;
mod post;
mod text;
mod thread;

use tandem_domain::{
    AccountId, Audience, Failure, Provider, Purpose, RequestId, Subject, Telling, Told,
};
use tandem_jira::client::{Comment, Issue};
use tandem_runtime::{
    App,
    conversations::{self, Renewal},
    shown_issue,
};
use url::Url;

use crate::{
    ahead::Ahead,
    refused,
    tally::Counting,
    work::{Outcome, once},
};

/// What tokens are opened for when a channel is told.
const PURPOSE_CHANNEL: Purpose = Purpose::TellChannel;
/// What tokens are opened for when a person is told.
const PURPOSE_PERSON: Purpose = Purpose::TellPerson;

/// Tells one event to one audience. A failure leaves it on the queue; what trying again does not
/// mend is given up.
pub(crate) async fn tell(
    app: &App,
    telling: &Telling,
    counting: &Counting<'_>,
) -> Result<Outcome, Failure> {
    let Telling { cloud_id, claim, .. } = telling;
    let outcome = once(app, cloud_id, claim, counting, Ahead::nothing(), async |attempt, _| {
        let told = match &telling.audience {
            Audience::Channel { tenant_id, channel_id } => {
                channel::tell(app, telling, tenant_id, channel_id).await
            }
            Audience::Person { account_id } => person::tell(app, telling, account_id).await,
            Audience::Others { event, readers } => others::tell(app, telling, event, readers).await,
        };
        match told {
            Err(failure) if refused::is_again(failure.noted().as_ref(), Provider::Atlassian) => {
                let (before, provider) = (attempt.before.as_ref(), Provider::Atlassian);
                let again = refused::again(before, provider, Renewal::Fresh);
                again.map_or(Ok(Outcome::GivenUp("sign_in_needed")), Err)
            }
            Err(Failure::SignInNeeded { .. }) => Ok(Outcome::GivenUp("sign_in_needed")),
            Err(Failure::Forbidden { what } | Failure::Absent { what }) => {
                Ok(Outcome::GivenUp(what))
            }
            told => told,
        }
    });
    outcome.await
}

/// Where the issue is, in the browser.
async fn issue_url(app: &App, telling: &Telling, issue: &Issue) -> Result<Url, Failure> {
    let installation = app.store.find_installation(&telling.cloud_id).await?;
    let installation = installation.ok_or(Failure::Absent { what: "installation" })?;
    shown_issue::url_of(&installation, &issue.key)
}

/// The request that the ledger names: the claim stands for the piece of work.
fn request(telling: &Telling) -> Result<RequestId, Failure> {
    RequestId::parse(telling.claim.as_str()).map_err(|_| Failure::Fault { what: "request_id" })
}

/// What is told, as somebody may see it.
struct Seen {
    issue: Issue,
    comment: Option<Comment>,
}

/// Why something is not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unseen {
    /// It is gone, or out of their sight.
    Gone,
    /// They must sign in again, or have disconnected.
    NoGrant,
}

/// Reads the issue, and the comment where it is told of one, as the owner of an account.
async fn read_as(
    app: &App,
    telling: &Telling,
    account: &AccountId,
    purpose: Purpose,
) -> Result<Result<Seen, Unseen>, Failure> {
    let subject = Subject::Atlassian(account.clone());
    let token = match app.vault.access_token(&subject, purpose, &request(telling)?).await {
        Ok(token) => token,
        Err(Failure::SignInNeeded { .. }) => {
            conversations::tell_sign_in_needed(app, &subject, Some(&telling.cloud_id)).await?;
            return Ok(Err(Unseen::NoGrant));
        }
        Err(Failure::Absent { .. }) => return Ok(Err(Unseen::NoGrant)),
        Err(failure) => return Err(failure),
    };
    let site = app.jira.site(&telling.cloud_id, &token);
    let read = async {
        let issue = site.get_issue(&telling.issue_id).await?;
        let comment = match &telling.what {
            Told::Commented { comment_id, .. } => {
                Some(site.get_comment(&telling.issue_id, comment_id).await?)
            }
            _ => None,
        };
        Ok::<_, Failure>(Seen { issue, comment })
    };
    match read.await {
        Ok(seen) => Ok(Ok(seen)),
        Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => Ok(Err(Unseen::Gone)),
        Err(Failure::SignInNeeded { .. }) => {
            let request = request(telling)?;
            let cloud = Some(&telling.cloud_id);
            let renewal = conversations::renew_or_tell(app, &subject, cloud, &request).await?;
            match refused::again(None, Provider::Atlassian, renewal) {
                Some(again) => Err(again),
                None => Ok(Err(Unseen::NoGrant)),
            }
        }
        Err(failure) => Err(failure),
    }
}
