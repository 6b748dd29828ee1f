//! What happened to an issue, told by the bot: to channels that subscribed to its project, and to
//! the people it concerns.
//!
//! The Connector has no way to ask what the bot posted before. An attempt that broke off after the
//! post and before it was noted is therefore repeated: told twice rather than not at all.

mod channel;
mod person;
mod text;
mod thread;
mod watchers;

use tandem_domain::{Audience, Failure, Purpose, RequestId, Subject, Telling};
use tandem_jira::client::{Comment, Issue};
use tandem_runtime::{App, conversations};

use crate::work::{Outcome, once};

/// Tells one event to one audience. A failure leaves it on the queue.
pub(crate) async fn tell(app: &App, telling: &Telling) -> Result<Outcome, Failure> {
    let outcome = once(app, &telling.cloud_id, &telling.claim, async |_| match &telling.audience {
        Audience::Channel { follow_id, tenant_id, channel_id } => {
            channel::tell(app, telling, follow_id, tenant_id, channel_id).await
        }
        Audience::Person { account_id } => person::tell(app, telling, account_id).await,
        Audience::Watchers { event } => watchers::tell(app, telling, event).await,
    });
    outcome.await
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
    account: &tandem_domain::AccountId,
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
            tandem_domain::Told::Commented { comment_id, .. } => {
                Some(site.get_comment(&telling.issue_id, comment_id).await?)
            }
            _ => None,
        };
        Ok::<_, Failure>(Seen { issue, comment })
    };
    match read.await {
        Ok(seen) => Ok(Ok(seen)),
        Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => Ok(Err(Unseen::Gone)),
        Err(Failure::SignInNeeded { .. }) => Ok(Err(Unseen::NoGrant)),
        Err(failure) => Err(failure),
    }
}
