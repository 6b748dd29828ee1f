//! Issues, projects and users that Jira says are gone. A payload is a hint: whether it is so is asked
//! at Jira, as people whom it concerns; only then does an erasure begin, which upkeep carries out.
//! Where nobody can be asked, nothing is erased.

mod people;

use std::time::Duration;

use tandem_domain::{
    AccessToken, AccountId, CloudId, Failure, IssueId, ProjectId, Purpose, Removal, Removed,
    RequestId, Subject,
};
use tandem_runtime::{App, erasure};
use tandem_store::{Erasure, Reach};

use crate::{
    ahead::Ahead,
    tally::Counting,
    work::{Outcome, once},
};

/// How long the erasure of an issue waits, so that its channels are told of its end first.
const TOLD_WITHIN: Duration = Duration::from_mins(5);

/// Looks whether something is gone that is said to be, and begins its erasure if it is.
pub(crate) async fn look(
    app: &App,
    removal: &Removal,
    counting: &Counting<'_>,
) -> Result<Outcome, Failure> {
    let request = RequestId::parse(removal.claim.as_str())
        .map_err(|_| Failure::Fault { what: "request_id" })?;
    let looking = Looking { app, cloud: &removal.cloud_id, signed: removal.signed, request };
    let (cloud, claim) = (&removal.cloud_id, &removal.claim);
    once(app, cloud, claim, counting, Ahead::nothing(), async |_, _| match &removal.what {
        Removed::Issue { issue_id } => looking.issue(issue_id).await,
        Removed::Project { project_id } => looking.project(project_id).await,
        Removed::User { account_id } => looking.user(account_id).await,
    })
    .await
}

/// What is asked for.
#[derive(Clone, Copy)]
enum Asked<'a> {
    Issue(&'a IssueId),
    Project(&'a ProjectId),
    User(&'a AccountId),
}

/// What somebody who is asked can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// It is there.
    There,
    /// It is not there for them.
    Gone,
    /// Nothing: they have no token that can be used, or may not ask.
    Nothing,
}

/// What those who were asked say together.
enum Verdict {
    /// It is gone for everybody who could be asked.
    Gone,
    /// It is not to be erased, and why.
    Stays(Outcome),
}

/// Something that is looked up.
struct Looking<'a> {
    app: &'a App,
    cloud: &'a CloudId,
    signed: bool,
    request: RequestId,
}

impl Looking<'_> {
    async fn issue(&self, issue: &IssueId) -> Result<Outcome, Failure> {
        let kept = self.app.store.list_kept_of_issue(self.cloud, issue).await?;
        if kept.is_empty() {
            return Ok(Outcome::Dropped("nothing_kept"));
        }
        let concerned = self.concerned_by_issue(&kept).await?;
        if let Verdict::Stays(outcome) = self.ask_all(&concerned, Asked::Issue(issue)).await? {
            return Ok(outcome);
        }
        let reach = Reach::Issue(self.cloud.clone(), issue.clone());
        let go_on_at = self.app.clock.now().plus(TOLD_WITHIN);
        self.begin(Erasure { go_on_at, ..erasure::prepared(self.app, &reach)? }).await
    }

    async fn project(&self, project: &ProjectId) -> Result<Outcome, Failure> {
        let concerned = self.concerned_by_project(project).await?;
        let Some(concerned) = concerned else { return Ok(Outcome::Dropped("nothing_kept")) };
        if let Verdict::Stays(outcome) = self.ask_all(&concerned, Asked::Project(project)).await? {
            return Ok(outcome);
        }
        let reach = Reach::Project(self.cloud.clone(), project.clone());
        self.begin(erasure::prepared(self.app, &reach)?).await
    }

    /// Of a user, the first who can say decides: whether somebody is a user of the site is the same
    /// for everybody who may ask.
    async fn user(&self, gone: &AccountId) -> Result<Outcome, Failure> {
        if !self.is_anything_kept_of(gone).await? {
            return Ok(Outcome::Dropped("nothing_kept"));
        }
        for account in self.others_on_site(gone).await? {
            match self.ask(&account, Asked::User(gone)).await? {
                Word::There => return Ok(Outcome::Dropped("still_there")),
                Word::Gone => {
                    let erasure = erasure::of_former_user(self.app, self.cloud, gone).await?;
                    return self.begin(erasure).await;
                }
                Word::Nothing => {}
            }
        }
        // Should the account be closed, Atlassian says so when it is reported.
        Ok(Outcome::GivenUp("nobody_to_ask"))
    }

    async fn begin(&self, erasure: Erasure) -> Result<Outcome, Failure> {
        self.app.store.begin_erasure(erasure).await?;
        Ok(Outcome::carried())
    }

    /// Asks everybody concerned. It is gone when it is for all who can say. Where none of them is
    /// linked any more there is nobody whose work a forged event could undo: then the site's own
    /// signature is enough.
    async fn ask_all(&self, concerned: &[AccountId], asked: Asked<'_>) -> Result<Verdict, Failure> {
        let mut gone = false;
        for account in concerned {
            match self.ask(account, asked).await? {
                Word::There => return Ok(Verdict::Stays(Outcome::Dropped("still_there"))),
                Word::Gone => gone = true,
                Word::Nothing => {}
            }
        }
        let links = self.app.store.list_links_by_accounts(self.cloud, concerned).await?;
        if gone || (self.signed && links.is_empty()) {
            return Ok(Verdict::Gone);
        }
        Ok(Verdict::Stays(Outcome::GivenUp("nobody_to_ask")))
    }

    /// Asks Jira as somebody.
    async fn ask(&self, account: &AccountId, asked: Asked<'_>) -> Result<Word, Failure> {
        let Some(token) = self.token(account).await? else { return Ok(Word::Nothing) };
        let site = self.app.jira.site(self.cloud, &token);
        word(match asked {
            Asked::Issue(issue) => site.get_issue(issue).await.map(|_| true),
            Asked::Project(project) => site.get_project(project.as_str()).await.map(|_| true),
            Asked::User(user) => site.is_active_user(user).await,
        })
    }

    async fn token(&self, account: &AccountId) -> Result<Option<AccessToken>, Failure> {
        let subject = Subject::Atlassian(account.clone());
        let vault = &self.app.vault;
        match vault.access_token(&subject, Purpose::CheckDeletion, &self.request).await {
            Ok(token) => Ok(Some(token)),
            Err(Failure::Absent { .. } | Failure::SignInNeeded { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// What an answer of Jira says. A refusal says nothing: of what one may not see, Jira says that it
/// is absent.
fn word(answer: Result<bool, Failure>) -> Result<Word, Failure> {
    match answer {
        Ok(true) => Ok(Word::There),
        Ok(false) | Err(Failure::Absent { .. }) => Ok(Word::Gone),
        Err(Failure::Forbidden { .. } | Failure::SignInNeeded { .. }) => Ok(Word::Nothing),
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use tandem_domain::{Provider, SignInReason};

    use super::*;

    #[test]
    fn only_an_absence_says_that_something_is_gone() {
        let what = "jira_issue";
        let (provider, reason) = (Provider::Atlassian, SignInReason::Revoked);
        for (answer, expected) in [
            (Ok(true), Ok(Word::There)),
            (Ok(false), Ok(Word::Gone)),
            (Err(Failure::Absent { what }), Ok(Word::Gone)),
            (Err(Failure::Forbidden { what }), Ok(Word::Nothing)),
            (Err(Failure::SignInNeeded { provider, reason }), Ok(Word::Nothing)),
            (Err(Failure::Retry { what, after: None }), Err(Failure::Retry { what, after: None })),
        ] {
            assert_eq!(word(answer.clone()), expected, "{answer:?}");
        }
    }
}
