//! A turn: one activity, who caused it, and where the answer goes.

use serde_json::Value;
use tandem_domain::{
    AccessToken, ActivityId, CloudId, ConversationKind, Failure, ObjectId, Purpose, RequestId,
    Subject, TenantId,
};
use tandem_jira::client::Site;
use tandem_microsoft::{activity::Activity, cards::Card, connector::Place};
use tandem_runtime::{App, card_data::ShownIn};
use tandem_store::{AccountLink, BotConversation, PersonalConversation};

use crate::stopped::Stopped;

/// One activity and what every answer to it needs.
pub(crate) struct Turn<'a> {
    pub(crate) app: &'a App,
    pub(crate) activity: Activity,
    /// The Microsoft tenant it happened in.
    pub(crate) tenant: TenantId,
    /// The request, for the ledger.
    pub(crate) request: RequestId,
}

/// The person of a turn on one Jira site.
#[derive(Clone, Debug)]
pub(crate) struct Me {
    /// Their two accounts.
    pub(crate) link: AccountLink,
}

impl Me {
    pub(crate) fn cloud(&self) -> &CloudId {
        &self.link.cloud_id
    }
}

impl<'a> Turn<'a> {
    /// `None` for an activity that names no tenant.
    pub(crate) fn of(app: &'a App, activity: Activity, request: RequestId) -> Option<Self> {
        let tenant = activity.tenant_id.clone()?;
        Some(Self { app, activity, tenant, request })
    }

    /// Who caused it.
    pub(crate) fn object(&self) -> Result<&ObjectId, Stopped> {
        self.activity.from.as_ref().ok_or(Stopped::NotAPerson)
    }

    /// Where it happened, for the Connector.
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            service_url: &self.activity.service_url,
            conversation: &self.activity.conversation.id,
        }
    }

    /// Where it happened, for what the buttons of a card carry.
    pub(crate) fn shown_in(&self) -> ShownIn<'_> {
        ShownIn { tenant: &self.tenant, conversation: &self.activity.conversation.id }
    }

    /// The links of the person, the one signed in to last first.
    pub(crate) async fn links(&self) -> Result<Vec<AccountLink>, Stopped> {
        let object = self.object()?;
        let mut links = self.app.store.list_links_by_object(&self.tenant, object).await?;
        links.sort_by_key(|link| std::cmp::Reverse(link.signed_in_at));
        Ok(links)
    }

    /// The person on the Jira site they signed in to last.
    pub(crate) async fn me(&self) -> Result<Me, Stopped> {
        let link = self.links().await?.into_iter().next().ok_or(Stopped::NotLinked)?;
        self.admitted(link).await
    }

    /// The person on a Jira site.
    pub(crate) async fn me_on(&self, cloud: &CloudId) -> Result<Me, Stopped> {
        let object = self.object()?;
        let link = self.app.store.find_link_by_object(&self.tenant, object, cloud).await?;
        self.admitted(link.ok_or(Stopped::NotLinked)?).await
    }

    /// The person, unless the site does not allow their tenant any more.
    async fn admitted(&self, link: AccountLink) -> Result<Me, Stopped> {
        let settings = self.app.store.get_effective_settings(&link.cloud_id, None, None).await?;
        if settings.tenant_allowed(&self.tenant) {
            Ok(Me { link })
        } else {
            Err(Stopped::TenantNotAllowed)
        }
    }

    /// The person's token at Atlassian.
    pub(crate) async fn jira_token(
        &self,
        me: &Me,
        purpose: Purpose,
    ) -> Result<AccessToken, Stopped> {
        let subject = Subject::Atlassian(me.link.account_id.clone());
        Ok(self.app.vault.access_token(&subject, purpose, &self.request).await?)
    }

    /// The person's token at Microsoft.
    pub(crate) async fn microsoft_token(
        &self,
        me: &Me,
        purpose: Purpose,
    ) -> Result<AccessToken, Stopped> {
        let subject = Subject::Microsoft(me.link.tenant_id.clone(), me.link.object_id.clone());
        Ok(self.app.vault.access_token(&subject, purpose, &self.request).await?)
    }

    /// The Jira site as the owner of `token`.
    pub(crate) fn site<'t>(&'t self, me: &Me, token: &'t AccessToken) -> Site<'t> {
        self.app.jira.site(me.cloud(), token)
    }

    /// Posts a card in the conversation, as the answer to the activity.
    pub(crate) async fn say(&self, card: Card) -> Result<ActivityId, Failure> {
        let activity = message(&card);
        let connector = &self.app.connector;
        // A thread is named by the conversation; elsewhere Teams shows an answer as a quotation.
        match &self.activity.id {
            Some(id) if self.activity.conversation.kind == ConversationKind::Channel => {
                connector.reply(self.place(), id, &activity).await
            }
            _ => connector.send(self.place(), &activity).await,
        }
    }

    /// Writes where the conversation is served, so that the bot can speak first next time. `true`
    /// the first time that a person is met, to whichever of several activities comes first.
    pub(crate) async fn remember(&self) -> Result<bool, Failure> {
        match (self.activity.conversation.kind, &self.activity.from) {
            // A chat of two people is personal to Teams as well; the bot's own begins with `a:`.
            (ConversationKind::Personal, Some(object))
                if self.activity.conversation.id.as_str().starts_with("a:") =>
            {
                self.remember_person(object).await
            }
            (ConversationKind::Personal, _) => Ok(false),
            (kind @ (ConversationKind::GroupChat | ConversationKind::Channel), _) => {
                self.remember_group(kind).await?;
                Ok(false)
            }
        }
    }

    async fn remember_person(&self, object: &ObjectId) -> Result<bool, Failure> {
        let store = &self.app.store;
        let item = PersonalConversation {
            tenant_id: self.tenant.clone(),
            object_id: object.clone(),
            conversation_id: self.activity.conversation.id.clone(),
            service_url: self.activity.service_url.clone(),
            seen_at: self.app.clock.now(),
        };
        let Some(known) = store.find_personal_conversation(&self.tenant, object).await? else {
            return Ok(store.add_personal_conversation(&item).await?);
        };
        if known.conversation_id != item.conversation_id || known.service_url != item.service_url {
            store.put_personal_conversation(&item).await?;
        }
        Ok(false)
    }

    async fn remember_group(&self, kind: ConversationKind) -> Result<(), Failure> {
        let (activity, store) = (&self.activity, &self.app.store);
        let conversation_id = activity.conversation.id.channel();
        let known = store.find_bot_conversation(&self.tenant, &conversation_id).await?;
        // Not every activity in a channel names the team.
        let before = known.as_ref().and_then(|known| known.team_id.clone());
        let team_id = activity.conversation.team.clone().or(before);
        if known.is_some_and(|known| {
            known.service_url == activity.service_url && known.team_id == team_id
        }) {
            return Ok(());
        }
        let item = BotConversation {
            tenant_id: self.tenant.clone(),
            conversation_id,
            kind,
            team_id,
            service_url: activity.service_url.clone(),
            seen_at: self.app.clock.now(),
        };
        Ok(store.put_bot_conversation(&item).await?)
    }
}

/// An activity that shows a card.
pub(crate) fn message(card: &Card) -> Value {
    serde_json::json!({"type": "message", "attachments": [card.attachment()]})
}
