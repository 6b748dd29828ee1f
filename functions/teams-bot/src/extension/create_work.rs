//! Creating an issue as the person who filled the form in, once.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tandem_domain::{
    Failure, IssueTypeId, ProjectId,
    settings::{SettingName, SettingValue},
};
use tandem_jira::{
    adf,
    client::{CreateError, CreateField, Created, FieldErrors, Site},
};
use tandem_microsoft::cards::input;
use tandem_runtime::signing::lease_holder;
use tandem_store::{
    Claim, ClaimState, Claimed, IssueMessage, ScopeSettings, SettingsScope, StoreError,
};

use super::{
    create_screen,
    fields::{self, fault, is_fine, note},
    message::{self, Message},
    message_draft::Draft,
    texts,
};
use crate::{
    stopped::Stopped,
    turn::{Me, Turn},
};

/// The property of an issue that Tandem created: under which claim.
const PROPERTY: &str = "tandem.origin";
/// How long a form may take before sending it again takes over.
pub(super) const LEASE: Duration = Duration::from_secs(10);
/// How much earlier than the claim an issue may seem to be, for clocks that differ.
const CLOCKS_DIFFER: Duration = Duration::from_mins(2);
/// How many of the person's newest issues are looked through for one that was made before.
const LOOK_BACK: u16 = 10;

/// A form that was sent off, and by whom.
pub(super) struct Work<'a> {
    pub(super) turn: &'a Turn<'a>,
    pub(super) me: &'a Me,
    pub(super) site: &'a Site<'a>,
    pub(super) draft: &'a Draft,
    pub(super) message: Option<&'a Message>,
}

/// What came of it.
pub(super) enum Outcome {
    /// The issue is made.
    Made(Created),
    /// It was made by the same form before; which one, where that can be told.
    MadeBefore(Option<Created>),
    /// Something is wrong with what was typed.
    Wrong(FieldErrors),
}

/// A new issue as it was asked for.
struct Asked {
    project: ProjectId,
    issue_type: IssueTypeId,
    fields: Value,
}

impl Work<'_> {
    /// Creates the issue, unless the same form did before.
    pub(super) async fn create(&self) -> Result<Outcome, Stopped> {
        let mut wrong = FieldErrors::default();
        let Some(asked) = self.asked(&mut wrong).await? else {
            return Ok(Outcome::Wrong(wrong));
        };
        let app = self.turn.app;
        let id = self.draft.claim(self.turn, &["create_issue"])?;
        let holder = lease_holder(app.entropy.as_ref())
            .ok_or(Stopped::Failed(Failure::Fault { what: "lease_holder" }))?;
        match app.store.claim(self.me.cloud(), &id, &holder, app.clock.now(), LEASE).await? {
            Claimed::First(claim) => self.make(&asked, claim, false).await,
            Claimed::Resumed(claim) => self.make(&asked, claim, true).await,
            Claimed::Done(claim) => {
                Ok(Outcome::MadeBefore(self.made_before(&asked, &claim).await?))
            }
            Claimed::Busy(_) => Ok(Outcome::Wrong(fault(texts::UNDER_WAY))),
        }
    }

    /// Reads the form by what Jira demands of such an issue; what is wrong is noted.
    async fn asked(&self, wrong: &mut FieldErrors) -> Result<Option<Asked>, Stopped> {
        let project = ProjectId::parse(self.draft.typed(input::PROJECT)).ok();
        let Some(project) = project else {
            note(wrong, input::PROJECT, texts::MISSING);
            return Ok(None);
        };
        let Some(types) = create_screen::types_of(self.site, Some(&project)).await? else {
            note(wrong, input::PROJECT, texts::NOT_CREATABLE);
            return Ok(None);
        };
        let wanted = self.draft.typed(input::ISSUE_TYPE);
        let Some(issue_type) = types.into_iter().find(|it| it.id.as_str() == wanted) else {
            note(wrong, input::ISSUE_TYPE, texts::NO_SUCH_TYPE);
            return Ok(None);
        };
        let issue_type = issue_type.id;
        let screen = self.site.list_create_fields(&project, &issue_type).await?;
        let mut values = fields::values(&screen, self.draft, wrong);
        self.describe(&screen, &mut values, wrong);
        if !is_fine(wrong) || !fields::not_askable(&screen).is_empty() {
            // The form itself says what it cannot ask for.
            return Ok(None);
        }
        values.insert(input::PROJECT.to_owned(), json!({"id": project}));
        values.insert(input::ISSUE_TYPE.to_owned(), json!({"id": issue_type}));
        Ok(Some(Asked { project, issue_type, fields: Value::Object(values) }))
    }

    /// The description: the message, quoted, in what the person made of it.
    fn describe(
        &self,
        screen: &[CreateField],
        values: &mut Map<String, Value>,
        wrong: &mut FieldErrors,
    ) {
        let Some(field) = screen.iter().find(|it| it.field_id.as_str() == input::DESCRIPTION)
        else {
            return;
        };
        let typed = self.draft.typed(input::DESCRIPTION);
        let document = match self.message {
            Some(message) => message.within(typed),
            None => message::plain(typed),
        };
        if !document.is_empty() {
            values.insert(input::DESCRIPTION.to_owned(), adf::write(&document));
        } else if field.is_demanded() {
            note(wrong, input::DESCRIPTION, texts::MISSING);
        }
    }

    async fn make(&self, asked: &Asked, claim: Claim, resumed: bool) -> Result<Outcome, Stopped> {
        let before = if resumed { self.made_before(asked, &claim).await? } else { None };
        if let Some(created) = before {
            self.settle(asked, claim, &created).await?;
            return Ok(Outcome::Made(created));
        }
        let mark = [(PROPERTY, json!({"claim": claim.claim_id}))];
        match self.site.create_issue(&asked.fields, &mark).await {
            Ok(created) => {
                self.settle(asked, claim, &created).await?;
                Ok(Outcome::Made(created))
            }
            Err(CreateError::Invalid(wrong)) => {
                self.give_back(&claim, resumed).await?;
                Ok(Outcome::Wrong(wrong))
            }
            Err(CreateError::Failed(failure)) => {
                // Without a word from Jira the lease runs out: the next attempt looks first.
                if !matches!(failure, Failure::Retry { after: None, .. }) {
                    self.give_back(&claim, resumed).await?;
                }
                Err(failure.into())
            }
        }
    }

    /// Nothing was written now. Where an earlier attempt may have, the next one is to look, too.
    async fn give_back(&self, claim: &Claim, resumed: bool) -> Result<(), StoreError> {
        let app = self.turn.app;
        if !resumed {
            return app.store.release_claim(claim).await;
        }
        app.store.put_claim(&Claim { lease_until: app.clock.now(), ..claim.clone() }).await
    }

    /// The issue that the same form made, if it did: among the person's newest in the project, the
    /// one that carries the claim.
    async fn made_before(&self, asked: &Asked, claim: &Claim) -> Result<Option<Created>, Stopped> {
        let jql = format!(
            "project = {} AND reporter = currentUser() ORDER BY created DESC",
            asked.project
        );
        let since = claim.created_at.minus(CLOCKS_DIFFER);
        let mark = json!({"claim": claim.claim_id});
        for issue in self.site.search(&jql, LOOK_BACK, None).await?.issues {
            if issue.updated.is_some_and(|at| at >= since)
                && self.site.get_issue_property(&issue.id, PROPERTY).await?.as_ref() == Some(&mark)
            {
                return Ok(Some(Created { id: issue.id, key: issue.key }));
            }
        }
        Ok(None)
    }

    /// Writes down what the issue was made from, that it was made, and what the person chose.
    async fn settle(&self, asked: &Asked, claim: Claim, created: &Created) -> Result<(), Stopped> {
        let store = &self.turn.app.store;
        if let Some(message_id) = self.message.and_then(|message| message.id.clone()) {
            let link = &self.me.link;
            store
                .put_issue_message(&IssueMessage {
                    cloud_id: link.cloud_id.clone(),
                    issue_id: created.id.clone(),
                    project_id: Some(asked.project.clone()),
                    tenant_id: self.turn.tenant.clone(),
                    conversation_id: self.turn.activity.conversation.id.channel(),
                    message_id,
                    created_by: link.account_id.clone(),
                    creator_object_id: link.object_id.clone(),
                    created_at: self.turn.app.clock.now(),
                })
                .await?;
        }
        store.put_claim(&Claim { state: ClaimState::Done, ..claim }).await?;
        if let Err(error) = self.remember(asked).await {
            tracing::warn!(target: "tandem", function = crate::NAME, code = %error, "choice not remembered");
        }
        Ok(())
    }

    /// Remembers the project and the type as the person's, to begin with next time. Somebody who
    /// changes their settings at the same moment has the last word.
    async fn remember(&self, asked: &Asked) -> Result<(), StoreError> {
        let app = self.turn.app;
        let account = &self.me.link.account_id;
        let scope = SettingsScope::User(self.me.cloud().clone(), account.clone());
        let found = app.store.find_settings(&scope).await?;
        let (version, before) =
            found.map_or_else(Default::default, |found| (found.version, found.values));
        let mut values = before.clone();
        let (project, issue_type) = (asked.project.clone(), asked.issue_type.clone());
        values.set(SettingName::LastProject, SettingValue::ProjectId(Some(project)));
        values.set(SettingName::LastIssueType, SettingValue::IssueTypeId(Some(issue_type)));
        if values == before {
            return Ok(());
        }
        let now = app.clock.now();
        let settings = ScopeSettings::of(&scope, version + 1, values, account.clone(), now);
        match app.store.put_settings(&settings, version).await {
            Err(StoreError::Conflict) => Ok(()),
            written => written,
        }
    }
}
