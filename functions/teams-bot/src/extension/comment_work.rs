//! Writing a message into an issue as a comment of the person, once.

use serde_json::{Value, json};
use tandem_domain::{ChatId, CommentId, Failure, IssueKey, MessageId};
use tandem_jira::{
    adf,
    client::{FieldErrors, Issue, Site},
};
use tandem_microsoft::cards::input;
use tandem_runtime::{shown_issue::MESSAGE_PROPERTY, signing::lease_holder};
use tandem_store::{Claim, ClaimState, Claimed, Installation};

use super::{
    comment_issues::{self, Meant},
    create_work::LEASE,
    fields::{fault, note},
    message::{self, Message},
    message_draft::Draft,
    texts,
};
use crate::{
    stopped::Stopped,
    turn::{Me, Turn},
};

/// The property of a comment that was written from a form: under which claim.
const PROPERTY: &str = "tandem.origin";
/// How many of the latest comments are looked through for one that was written before.
const LOOK_BACK: u16 = 20;

/// A form that was sent off, and by whom.
pub(super) struct Work<'a> {
    pub(super) turn: &'a Turn<'a>,
    pub(super) me: &'a Me,
    pub(super) site: &'a Site<'a>,
    pub(super) at: &'a Installation,
    pub(super) draft: &'a Draft,
    pub(super) message: Option<&'a Message>,
}

/// What came of it.
pub(super) enum Outcome {
    /// The comment is on the issue.
    Written(IssueKey, CommentId),
    /// It was there; which one, where that can be told.
    WrittenBefore(IssueKey, Option<CommentId>),
    /// Something is wrong with what was typed.
    Wrong(FieldErrors),
}

impl Work<'_> {
    /// Comments on the issue that is meant, unless the message is there.
    pub(super) async fn comment(&self) -> Result<Outcome, Stopped> {
        let mut wrong = FieldErrors::default();
        let issue = self.issue(&mut wrong).await?;
        let typed = self.draft.typed(input::COMMENT).trim();
        if typed.is_empty() {
            note(&mut wrong, input::COMMENT, texts::MISSING);
        }
        let Some(issue) = issue.filter(|_| !typed.is_empty()) else {
            return Ok(Outcome::Wrong(wrong));
        };
        let carried = match self.in_linked_chat(&issue).await? {
            Linked::Carried(comment) => {
                return Ok(Outcome::WrittenBefore(issue.key, Some(comment)));
            }
            Linked::NotCarried(chat, message) => Some((chat, message)),
            Linked::Not => None,
        };
        let app = self.turn.app;
        let id = self.draft.claim(self.turn, &["add_comment", issue.id.as_str()])?;
        let holder = lease_holder(app.entropy.as_ref())
            .ok_or(Stopped::Failed(Failure::Fault { what: "lease_holder" }))?;
        match app.store.claim(self.me.cloud(), &id, &holder, app.clock.now(), LEASE).await? {
            Claimed::First(claim) => self.write(issue, carried, claim, false).await,
            Claimed::Resumed(claim) => self.write(issue, carried, claim, true).await,
            Claimed::Done(claim) => {
                let before = self.written_before(&issue, &claim).await?;
                Ok(Outcome::WrittenBefore(issue.key, before))
            }
            Claimed::Busy(_) => Ok(Outcome::Wrong(fault(texts::UNDER_WAY))),
        }
    }

    /// The issue that is meant, if the person may see it.
    async fn issue(&self, wrong: &mut FieldErrors) -> Result<Option<Issue>, Stopped> {
        let found = match comment_issues::meant(self.draft, &self.at.site_host) {
            Ok(Meant::Key(key)) => self.site.get_issue(&key).await,
            Ok(Meant::Id(id)) => self.site.get_issue(&id).await,
            Err((field, why)) => {
                note(wrong, field, why);
                return Ok(None);
            }
        };
        match found {
            Ok(issue) => Ok(Some(issue)),
            Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => {
                note(wrong, input::ISSUE_KEY, texts::NO_SUCH_ISSUE);
                Ok(None)
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// How the message stands to the issue, where its chat is linked with it.
    async fn in_linked_chat(&self, issue: &Issue) -> Result<Linked, Stopped> {
        let (store, tenant) = (&self.turn.app.store, &self.turn.tenant);
        let chat = ChatId::parse(self.turn.activity.conversation.id.as_str());
        let message = self.message.and_then(|message| message.id.clone());
        let (Ok(chat), Some(message)) = (chat, message) else { return Ok(Linked::Not) };
        let (cloud, issue) = (self.me.cloud(), &issue.id);
        if store.find_chat_link(cloud, issue, tenant, &chat).await?.is_none() {
            return Ok(Linked::Not);
        }
        let link = store.find_comment_by_message(tenant, &chat, &message, cloud, issue).await?;
        Ok(match link.filter(|link| link.deleted_at.is_none()) {
            Some(link) => Linked::Carried(link.comment_id),
            None => Linked::NotCarried(chat, message),
        })
    }

    async fn write(
        &self,
        issue: Issue,
        carried: Option<(ChatId, MessageId)>,
        claim: Claim,
        resumed: bool,
    ) -> Result<Outcome, Stopped> {
        let store = &self.turn.app.store;
        let before = if resumed { self.written_before(&issue, &claim).await? } else { None };
        let comment = match before {
            Some(comment) => comment,
            None => match self.add(&issue, carried, &claim).await {
                Ok(comment) => comment,
                Err(failure) => return self.not_written(failure, &claim, resumed).await,
            },
        };
        store.put_claim(&Claim { state: ClaimState::Done, ..claim }).await?;
        Ok(Outcome::Written(issue.key, comment))
    }

    async fn add(
        &self,
        issue: &Issue,
        carried: Option<(ChatId, MessageId)>,
        claim: &Claim,
    ) -> Result<CommentId, Failure> {
        let typed = self.draft.typed(input::COMMENT);
        let document = match self.message {
            Some(message) => message.within(typed),
            None => message::plain(typed),
        };
        let mut marks = vec![(PROPERTY, json!({"claim": claim.claim_id}))];
        if let Some((chat, message)) = carried {
            marks.push((MESSAGE_PROPERTY, json!({"chatId": chat, "messageId": message})));
        }
        let comment = self.site.add_comment(&issue.id, &adf::write(&document), &marks).await?;
        Ok(comment.id)
    }

    /// Refused for sure: the claim is given back, or left to an attempt that looks first where
    /// another may have written. Without a word from Jira the lease runs out.
    async fn not_written(
        &self,
        failure: Failure,
        claim: &Claim,
        resumed: bool,
    ) -> Result<Outcome, Stopped> {
        let app = self.turn.app;
        if !matches!(failure, Failure::Retry { after: None, .. }) {
            if resumed {
                let ended = Claim { lease_until: app.clock.now(), ..claim.clone() };
                app.store.put_claim(&ended).await?;
            } else {
                app.store.release_claim(claim).await?;
            }
        }
        match failure {
            Failure::Forbidden { .. } | Failure::Absent { .. } => {
                Ok(Outcome::Wrong(fault(texts::MAY_NOT_COMMENT)))
            }
            failure => Err(failure.into()),
        }
    }

    /// The comment that an earlier attempt wrote, if it did.
    async fn written_before(
        &self,
        issue: &Issue,
        claim: &Claim,
    ) -> Result<Option<CommentId>, Stopped> {
        let mine = &self.me.link.account_id;
        let mark: Value = json!({"claim": claim.claim_id});
        for comment in self.site.list_comments(&issue.id, LOOK_BACK).await? {
            if comment.author.as_ref().is_some_and(|author| author.account_id == *mine)
                && self.site.get_comment_property(&comment.id, PROPERTY).await?
                    == Some(mark.clone())
            {
                return Ok(Some(comment.id));
            }
        }
        Ok(None)
    }
}

/// How a message stands to an issue.
enum Linked {
    /// Its chat is not linked with the issue.
    Not,
    /// It is a comment of the issue.
    Carried(CommentId),
    /// It is not, though its chat is linked.
    NotCarried(ChatId, MessageId),
}
