//! A project, three linked people, and a team that the bot is in: where it tells what happens.

use std::time::Duration;

use serde_json::{Value, json};
use tandem_domain::{
    AccountId, CloudId, ConversationId, ConversationKind, FollowFilter, FollowId, ObjectId,
    ProjectId, ServiceUrl, TeamId, TenantId, Timestamp,
};
use tandem_local::sandbox::{
    gate::{Fault, Strike},
    jira::{NewIssue, SecurityLevel},
    microsoft::{BotAnswer, BotPost, Team},
};
use tandem_runtime::labels::new_follow_id;
use tandem_store::{BotConversation, ChannelSubscription, LinkState};

use crate::support::{
    Browser, CLOUD, Person, TENANT, TestStack,
    people::{ISSUE, PROJECT},
};

/// The scene.
pub struct Scene {
    pub stack: TestStack,
    /// Administers the site.
    pub ada: Person,
    pub ben: Person,
    pub cleo: Person,
    /// The bot is installed in it.
    pub team: Team,
    /// Ada's browser.
    pub admin: Browser,
}

pub fn cloud() -> CloudId {
    CloudId::parse(CLOUD).unwrap()
}

pub fn tenant() -> TenantId {
    TenantId::parse(TENANT).unwrap()
}

pub fn account(who: &Person) -> AccountId {
    AccountId::parse(&who.account).unwrap()
}

pub fn object(who: &Person) -> ObjectId {
    ObjectId::parse(&who.object).unwrap()
}

pub fn place(conversation: &str) -> ConversationId {
    ConversationId::parse(conversation).unwrap()
}

/// What an Adaptive Card shows and where its buttons lead, or a message's HTML.
pub fn words(post: &BotPost) -> String {
    fn collect(node: &Value, words: &mut Vec<String>) {
        match node {
            Value::Object(fields) => {
                let shown = ["text", "title", "value", "url"].into_iter();
                words.extend(shown.filter_map(|name| Some(fields.get(name)?.as_str()?.to_owned())));
                fields.values().for_each(|value| collect(value, words));
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(&post.activity, &mut found);
    found.join("\n")
}

/// Whether a post shows an issue's card.
pub fn is_card(post: &BotPost) -> bool {
    post.activity["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"
}

/// A comment's document that mentions somebody.
pub fn mentioning(who: &Person, text: &str) -> Value {
    json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [
        {"type": "text", "text": text},
        {"type": "mention", "attrs": {"id": who.account, "text": "@somebody"}},
    ]}]})
}

/// A security level of these people.
pub fn level(members: &[&Person]) -> SecurityLevel {
    SecurityLevel {
        id: "1".to_owned(),
        name: "Few".to_owned(),
        members: members.iter().map(|who| who.account.clone()).collect(),
    }
}

impl Scene {
    /// A scene in which nothing has happened yet.
    pub async fn open() -> Self {
        let stack = TestStack::start().await;
        let ada = stack.person("Ada Berg", true, true).await;
        let ben = stack.person("Ben Okoye", false, true).await;
        let cleo = stack.person("Cleo Marsh", false, true).await;
        stack.project_and_issue(&ada);
        stack.microsoft.set_bot_limits(false);
        let team = stack.microsoft.add_team(TENANT, "Everybody");
        let admin = ada.browser(&stack).await;
        let scene = Self { stack, ada, ben, cleo, team, admin };
        let general = scene.in_channel(&scene.team.id);
        let answer = scene.bot(&scene.ada, &general, json!({"install": "add"})).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        scene
    }

    /// Another channel of the team, in which the bot was seen.
    pub async fn channel(&self, name: &str) -> String {
        let made = self.stack.microsoft.add_channel(&self.team.id, name).unwrap();
        let item = BotConversation {
            tenant_id: tenant(),
            conversation_id: place(&made.id),
            kind: ConversationKind::Channel,
            team_id: TeamId::parse(&self.team.id).ok(),
            service_url: self.service_url(),
            seen_at: self.now(),
        };
        self.stack.app.store.put_bot_conversation(&item).await.unwrap();
        made.id
    }

    /// Somebody subscribes a channel to the project.
    pub async fn follow(
        &self,
        who: &Person,
        channel: &str,
        filter: FollowFilter,
    ) -> ChannelSubscription {
        self.follow_with(who, channel, |_| filter).await
    }

    /// The same, with a filter that knows the subscription's id.
    pub async fn follow_with(
        &self,
        who: &Person,
        channel: &str,
        filter: impl FnOnce(&FollowId) -> FollowFilter,
    ) -> ChannelSubscription {
        let follow_id = new_follow_id(self.stack.app.entropy.as_ref()).unwrap();
        let item = ChannelSubscription {
            filter: filter(&follow_id),
            follow_id,
            cloud_id: cloud(),
            project_id: ProjectId::parse(PROJECT).unwrap(),
            tenant_id: tenant(),
            channel_id: place(channel),
            service_url: self.service_url(),
            subscribed_by: account(who),
            subscriber: object(who),
            state: LinkState::Active,
            created_at: self.now(),
        };
        self.stack.app.store.put_channel_subscription(&item).await.unwrap();
        item
    }

    /// The subscriptions there are.
    pub async fn following(&self, channel: &str) -> Vec<ChannelSubscription> {
        let store = &self.stack.app.store;
        store.list_projects_by_channel(&tenant(), &place(channel)).await.unwrap()
    }

    /// An issue of the project that was there before anything happened; its id.
    pub fn issue(&self, new: NewIssue) -> String {
        let summary = if new.summary.is_empty() { "Another one" } else { &new.summary };
        let reporter = if new.reporter.is_empty() { &self.ada.account } else { &new.reporter };
        let filled = NewIssue {
            project: PROJECT.to_owned(),
            summary: summary.to_owned(),
            reporter: reporter.clone(),
            ..new
        };
        self.stack.jira.add_issue(CLOUD, filled)
    }

    /// Somebody does something in Jira: to the issue of every world, unless the deed names another.
    pub async fn in_jira(&self, who: &Person, mut deed: Value) -> Value {
        deed["as"] = json!(who.account);
        deed["cloudId"] = json!(CLOUD);
        if deed["issue"].is_null() && deed["action"] != "create_issue" {
            deed["issue"] = json!(ISSUE);
        }
        self.stack.in_jira(deed).await
    }

    /// The same, and everything that comes of it.
    pub async fn done_in_jira(&self, who: &Person, deed: Value) -> Value {
        let answer = self.in_jira(who, deed).await;
        self.stack.settled().await;
        answer
    }

    /// Somebody comments, and everything that comes of it.
    pub async fn comment(&self, who: &Person, text: &str) {
        self.done_in_jira(who, json!({"action": "comment", "text": text})).await;
    }

    /// What the bot posted to a conversation and did not delete, oldest first.
    pub fn posts(&self, conversation: &str) -> Vec<BotPost> {
        let posts = self.stack.microsoft.bot_posts(conversation).into_iter();
        posts.filter(|post| !post.deleted).collect()
    }

    /// The conversation of a person and the bot.
    pub fn personal(&self, who: &Person) -> String {
        self.stack.microsoft.personal_conversation(TENANT, &who.object).unwrap()
    }

    /// Somebody adds the bot for themselves.
    pub async fn install(&self, who: &Person) {
        let answer = self.bot(who, &json!({"kind": "personal"}), json!({"install": "add"})).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
    }

    /// What the bot told a person, after its greeting.
    pub fn told(&self, who: &Person) -> Vec<String> {
        self.posts(&self.personal(who)).iter().skip(1).map(words).collect()
    }

    /// Somebody does something with the bot.
    pub async fn bot(&self, who: &Person, at: &Value, deed: Value) -> BotAnswer {
        let act = json!({"as": who.object, "tenantId": TENANT, "where": at, "do": deed});
        self.stack.microsoft.act_on_bot(act).await.unwrap()
    }

    pub fn in_channel(&self, channel: &str) -> Value {
        json!({"kind": "channel", "teamId": self.team.id, "channelId": channel})
    }

    /// Sends an activity as Teams does, with a token for it; the status and the answer.
    pub async fn send(&self, activity: &Value) -> (u16, Value) {
        let teams = &self.stack.microsoft;
        let mut claims = teams.bot_claims();
        claims["serviceurl"] = activity["serviceUrl"].clone();
        self.send_with(Some(&teams.sign_bot_token(&claims)), activity).await
    }

    /// Sends an activity with a token of one's own, or none.
    pub async fn send_with(&self, token: Option<&str>, activity: &Value) -> (u16, Value) {
        let mut request = self.stack.request("POST", "/teams/messages").json(activity);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    /// Sets the settings of the whole site.
    pub async fn set(&mut self, settings: Value) {
        let answer = self.admin.change("PUT", "/settings/instance", &settings).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Sets somebody's own settings.
    pub async fn set_of(&self, who: &Person, settings: Value) {
        let mut browser = who.browser(&self.stack).await;
        let answer = browser.change("PUT", "/settings/users/me", &settings).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        // What is remembered of who watches is looked up again.
        self.stack.clock.advance(Duration::from_mins(1));
    }

    /// Makes calls of the Connector fail.
    pub fn fail(&self, method: &str, end: &str, status: u16, times: u32) {
        self.stack.gate.fail(Fault {
            method: method.parse().unwrap(),
            path: "/connector/".to_owned(),
            path_end: end.to_owned(),
            strike: Strike::Before,
            status: status.try_into().unwrap(),
            retry_after: (status == 429).then_some(7),
            times,
        });
    }

    pub fn service_url(&self) -> ServiceUrl {
        let claims = self.stack.microsoft.bot_claims();
        ServiceUrl::parse(claims["serviceurl"].as_str().unwrap()).unwrap()
    }

    pub fn now(&self) -> Timestamp {
        self.stack.app.clock.now()
    }
}
