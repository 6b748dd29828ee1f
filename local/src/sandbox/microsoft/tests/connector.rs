//! The Bot Connector as the bot sees it.

use super::*;

/// A schema of the Bot Connector's contract; `None`, with a word, where it is not there.
pub(super) fn contract(definition: &str) -> Option<jsonschema::Validator> {
    let shared = std::env::var("TANDEM_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").to_owned());
    let Ok(bytes) = std::fs::read(format!("{shared}/contracts/bot-connector-v3.json")) else {
        eprintln!("skipped: the contract of the Bot Connector is not there");
        return None;
    };
    let mut contract: Value = serde_json::from_slice(&bytes).unwrap();
    let schema = json!({
        "$ref": format!("#/definitions/{definition}"),
        "definitions": contract["definitions"].take(),
    });
    Some(jsonschema::validator_for(&schema).unwrap())
}

pub(super) fn assert_valid(definition: &str, value: &Value) {
    let Some(schema) = contract(definition) else { return };
    let errors: Vec<String> = schema.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{definition}: {errors:?} in {value}");
}

/// A recorded conversation of Microsoft's own SDK; `None`, with a word, where it is not there.
fn recorded(name: &str) -> Option<Value> {
    let shared = std::env::var("TANDEM_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").to_owned());
    let folder = "fixtures/teams/teams.net/_extracted/docs/CreateConversation-API-Behavior.md";
    let Ok(bytes) = std::fs::read(format!("{shared}/{folder}/{name}.json")) else {
        eprintln!("skipped: {name} is not there");
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}

impl World {
    pub(super) async fn token_of(&self, tenant: &str, id: &str, secret: &str) -> Answer {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
            ("scope", "https://api.botframework.com/.default"),
        ];
        let url = format!("{}/entra/{tenant}/oauth2/v2.0/token", self.base);
        Answer::read(self.http.post(url).form(&form)).await
    }

    pub(super) async fn bot_token(&self) -> String {
        let answer = self.token_of(TENANT, BOT, BOT_SECRET).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    pub(super) async fn connector(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let token = self.bot_token().await;
        let url = format!("{}/connector/v3/{path}", self.base);
        let mut request = self.http.request(method.parse().unwrap(), url).bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::read(request).await
    }

    /// The personal conversation of a user who installed the app.
    pub(super) fn personal(&self, who: &str) -> String {
        let id = self.sandbox.personal_conversation(TENANT, who).unwrap();
        self.sandbox.set_installation(&id, Installation::Installed);
        id
    }

    /// A team with the app in it.
    pub(super) fn team(&self) -> Team {
        let team = self.sandbox.add_team(TENANT, "Rockets");
        self.sandbox.set_installation(&team.id, Installation::Installed);
        team
    }
}

fn hello() -> Value {
    json!({ "type": "message", "text": "hello" })
}

#[tokio::test]
async fn only_the_bot_with_its_own_valid_token_is_let_in() {
    let world = World::new().await;
    let conversation = world.personal(ROBIN);
    let url = format!("{}/connector/v3/conversations/{conversation}/activities", world.base);
    let call = async |token: &str| {
        Answer::read(world.http.post(&url).bearer_auth(token).json(&hello())).await
    };
    assert_eq!(world.token_of(TENANT, BOT, "wrong").await.status, 401);
    assert_eq!(world.token_of("common", BOT, BOT_SECRET).await.status, 400);
    let several = world.token_of("botframework.com", BOT, BOT_SECRET).await;
    let token = several.body["access_token"].as_str().unwrap();
    assert_eq!(call(token).await.status, 201);
    let app = world.token_of(TENANT, CLIENT, SECRET).await;
    for wrong in [app.body["access_token"].as_str().unwrap(), &world.token(ROBIN), "x", ""] {
        let refused = call(wrong).await;
        assert_eq!(refused.error(), (401, "Unauthorized"));
        assert_valid("ErrorResponse", &refused.body);
    }
    assert_eq!(world.http.post(&url).json(&hello()).send().await.unwrap().status(), 401);
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(call(token).await.status, 401, "the token has expired");
}

#[tokio::test]
async fn a_personal_conversation_is_the_same_each_time() {
    let world = World::new().await;
    let member = world.sandbox.bot_user_id(TENANT, ROBIN).unwrap();
    assert!(member.starts_with("29:1"), "{member}");
    let mut request =
        json!({ "isGroup": false, "members": [{ "id": member }], "tenantId": TENANT });
    let made = world.connector("POST", "conversations", Some(request.clone())).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    assert_valid("ConversationParameters", &request);
    assert_valid("ConversationResourceResponse", &made.body);
    let id = made.body["id"].as_str().unwrap();
    assert!(id.starts_with("a:1"), "{id}");

    request["bot"] = json!({ "id": format!("28:{BOT}") });
    request["activity"] = hello();
    let refused = world.connector("POST", "conversations", Some(request.clone())).await;
    assert_eq!(refused.error(), (403, "BotNotInConversationRoster"), "not installed yet");
    world.personal(ROBIN);
    let again = world.connector("POST", "conversations", Some(request)).await;
    assert_eq!(again.body, made.body, "no activityId there");
    assert_eq!(world.sandbox.bot_posts(id)[0].activity, hello());
}

#[tokio::test]
async fn threads_begin_in_channels_and_group_chats_do_not_begin() {
    let world = World::new().await;
    let team = world.team();
    let plans = world.sandbox.add_channel(&team.id, "Plans").unwrap();
    let creation = json!({
        "isGroup": true,
        "activity": hello(),
        "channelData": { "channel": { "id": plans.id } },
        "tenantId": TENANT,
    });
    let made = world.connector("POST", "conversations", Some(creation.clone())).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    assert_valid("ConversationResourceResponse", &made.body);
    let (id, activity) = (made.body["id"].as_str().unwrap(), &made.body["activityId"]);
    assert_eq!(id, format!("{};messageid={}", plans.id, activity.as_str().unwrap()));
    assert_eq!(world.sandbox.bot_posts(id).len(), 1);
    assert_eq!(world.sandbox.bot_posts(&plans.id).len(), 1);

    let mut elsewhere = creation.clone();
    elsewhere["channelData"]["channel"]["id"] = json!("19:nowhere1@thread.tacv2");
    let mut foreign = creation.clone();
    foreign["tenantId"] = json!("00000000-0000-4000-8000-000000000000");
    for other in [elsewhere, foreign] {
        let refused = world.connector("POST", "conversations", Some(other)).await;
        assert_eq!(refused.error(), (404, "ConversationNotFound"));
    }
    let Some(expected) = recorded("L0217-Without-activity-FAILS") else { return };
    for name in [
        "L0205-Without-activity-FAILS",
        "L0242-2-members-no-bot-no-channelData",
        "L0262-2-members-with-bot",
        "L0283-2-members-bot-channelData-tenant",
        "L0305-2-members-bot-topic-activity-channelData-all-fields",
        "L0329-1-member-isGroup-true",
        "L0348-1-member-bot-channelData-tenant",
        "L0369-3-members-bot-channelData-tenant",
    ] {
        let refused = world.connector("POST", "conversations", recorded(name)).await;
        assert_eq!((refused.status, &refused.body), (400, &expected), "{name}");
    }
}

#[tokio::test]
async fn activities_are_posted_answered_changed_and_deleted() {
    let world = World::new().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    world.sandbox.set_installation(&chat, Installation::Installed);
    let activities = format!("conversations/{chat}/activities");
    let posted = world.connector("POST", &activities, Some(hello())).await;
    assert_eq!(posted.status, 201, "{:?}", posted.body);
    assert_valid("ResourceResponse", &posted.body);
    let id = posted.body["id"].as_str().unwrap().to_owned();
    let one = format!("{activities}/{id}");
    let answered = world.connector("POST", &one, Some(hello())).await;
    assert_eq!(answered.status, 201);
    let seen = world.get(&world.token(ALEX), &format!("/chats/{chat}/messages/{id}")).await;
    assert_eq!(seen.body["from"]["application"]["id"], BOT);
    assert_eq!(seen.body["body"]["content"], "hello");

    let bye = json!({ "type": "message", "text": "bye" });
    let changed = world.connector("PUT", &one, Some(bye.clone())).await;
    assert_eq!((changed.status, &changed.body["id"]), (200, &json!(id)));
    let posts = world.sandbox.bot_posts(&chat);
    assert_eq!((&posts[0].activity, posts[0].updated), (&bye, true));
    assert_eq!(posts[1].reply_to.as_deref(), Some(id.as_str()));

    assert_eq!(world.connector("DELETE", &one, None).await.status, 200);
    assert!(world.sandbox.bot_posts(&chat)[0].deleted);
    for (method, body) in [("PUT", Some(bye)), ("DELETE", None)] {
        let gone = world.connector(method, &one, body).await;
        assert_eq!(gone.error(), (404, "ActivityNotFoundInConversation"), "{method}");
    }
    let nowhere = world.connector("POST", "conversations/a:1x/activities", Some(hello())).await;
    assert_eq!(nowhere.error(), (404, "ConversationNotFound"));
    let empty = world.connector("POST", &activities, Some(json!({ "type": "message" }))).await;
    assert_eq!(empty.error(), (400, "BadSyntax"));
    assert_valid("ErrorResponse", &empty.body);
    let typing = json!({ "type": "typing" });
    assert_eq!(world.connector("POST", &activities, Some(typing)).await.status, 201);
    assert_eq!(world.sandbox.bot_posts(&chat).len(), 2, "typing leaves nothing behind");
    assert_eq!(world.connector("GET", "elsewhere", None).await.error(), (404, "NotFound"));
}

#[tokio::test]
async fn in_a_channel_answers_stay_in_their_thread() {
    let world = World::new().await;
    let team = world.team();
    let post = async |path: &str| {
        let path = format!("conversations/{path}");
        let posted = world.connector("POST", &path, Some(hello())).await;
        posted.body["id"].as_str().unwrap().to_owned()
    };
    let root = post(&format!("{}/activities", team.id)).await;
    let thread = format!("{};messageid={root}", team.id);
    let second = post(&format!("{}/activities/{root}", team.id)).await;
    let third = post(&format!("{}/activities/{second}", team.id)).await;
    let fourth = post(&format!("{thread}/activities")).await;
    let other = post(&format!("{}/activities/1616990000000", team.id)).await;
    let ids: Vec<String> =
        world.sandbox.bot_posts(&thread).into_iter().map(|post| post.id).collect();
    assert_eq!(ids, [root, second, third, fourth]);
    let elsewhere = world.sandbox.bot_posts(&format!("{};messageid=1616990000000", team.id));
    assert_eq!(elsewhere[0].id, other);
}

#[tokio::test]
async fn a_bot_that_was_removed_or_blocked_may_not_write() {
    let world = World::new().await;
    let personal = world.personal(ROBIN);
    let path = format!("conversations/{personal}/activities");
    for (installation, code) in [
        (Installation::Removed, "BotNotInConversationRoster"),
        (Installation::Blocked, "ConversationBlockedByUser"),
    ] {
        world.sandbox.set_installation(&personal, installation);
        let refused = world.connector("POST", &path, Some(hello())).await;
        assert_eq!(refused.error(), (403, code));
        assert_eq!(refused.body["error"]["subCode"], "MessageWritesBlocked");
        assert_valid("ErrorResponse", &refused.body);
    }
    assert!(world.sandbox.bot_posts(&personal).is_empty());
}

#[tokio::test]
async fn too_many_posts_to_one_thread_have_to_wait() {
    let world = World::new().await;
    let (here, there) = (world.personal(ROBIN), world.personal(ALEX));
    let post = async |to: &str| {
        world.connector("POST", &format!("conversations/{to}/activities"), Some(hello())).await
    };
    for _ in 0..7 {
        assert_eq!(post(&here).await.status, 201);
    }
    let refused = post(&here).await;
    assert_eq!(refused.error(), (429, "Throttled"));
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(post(&there).await.status, 201);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(post(&here).await.status, 201);
    assert_eq!(post(&here).await.status, 429);
    world.sandbox.set_bot_limits(false);
    assert_eq!(post(&here).await.status, 201);
}

#[tokio::test]
async fn the_bot_sees_who_is_there() {
    let world = World::new().await;
    let team = world.team();
    let robin = world.sandbox.bot_user_id(TENANT, ROBIN).unwrap();
    for id in [ROBIN, &robin] {
        let path = format!("conversations/{}/members/{id}", team.id);
        let member = world.connector("GET", &path, None).await;
        assert_eq!(member.status, 200, "{:?}", member.body);
        assert_valid("ChannelAccount", &member.body);
        assert_eq!(
            (&member.body["id"], &member.body["aadObjectId"]),
            (&json!(robin), &json!(ROBIN))
        );
        assert_eq!(member.body["name"], "Robin Kline");
        assert_eq!(member.body["tenantId"], TENANT);
    }
    let personal = world.personal(ROBIN);
    let path = format!("conversations/{personal}/members/{ALEX}");
    let absent = world.connector("GET", &path, None).await;
    assert_eq!(absent.error(), (404, "MemberNotFoundInConversation"));
    let all = world.connector("GET", &format!("conversations/{personal}/members"), None).await;
    assert_eq!(all.body.as_array().unwrap().len(), 1);

    let page = format!("conversations/{}/pagedmembers?pageSize=2", team.id);
    let first = world.connector("GET", &page, None).await;
    assert_valid("PagedMembersResult", &first.body);
    let token = first.body["continuationToken"].as_str().unwrap();
    let rest = world.connector("GET", &format!("{page}&continuationToken={token}"), None).await;
    assert_eq!(rest.body["members"].as_array().unwrap().len(), 1);
    assert!(rest.body.get("continuationToken").is_none());

    let details = world.connector("GET", &format!("teams/{}", team.id), None).await;
    let expected = json!({ "id": team.id, "name": "Rockets", "aadGroupId": team.aad_group_id });
    assert_eq!(details.body, expected);
    let channels = world.connector("GET", &format!("teams/{}/conversations", team.id), None).await;
    assert_eq!(channels.body, json!({ "conversations": [{ "id": team.id }] }));
    let chat = world.group(&[ROBIN, ALEX]).await;
    let unseen = world.connector("GET", &format!("conversations/{chat}/members"), None).await;
    assert_eq!(unseen.error(), (403, "BotNotInConversationRoster"));
}
