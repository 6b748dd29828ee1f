//! What people do with the bot in Teams, as the bot gets to see it.

mod cards;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{connector::assert_valid, *};

/// A bot that keeps what it is sent and answers what it was told to, then 200 with nothing.
#[derive(Clone, Default)]
struct Bot {
    got: Arc<Mutex<Vec<(String, Value)>>>,
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
}

impl Bot {
    async fn world() -> (World, Self) {
        async fn receive(
            State(this): State<Bot>,
            headers: axum::http::HeaderMap,
            axum::Json(activity): axum::Json<Value>,
        ) -> axum::response::Response {
            let bearer = headers["authorization"].to_str().unwrap().to_owned();
            this.got.lock().unwrap().push((bearer, activity));
            match this.answers.lock().unwrap().pop_front() {
                Some((status, body)) => {
                    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
                }
                None => StatusCode::OK.into_response(),
            }
        }
        let bot = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/teams/messages", listener.local_addr().unwrap());
        let router =
            axum::Router::new().route("/teams/messages", post(receive)).with_state(bot.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (World::with(None, address).await, bot)
    }

    fn answer(&self, status: u16, body: Value) {
        self.answers.lock().unwrap().push_back((status, body));
    }

    /// The activities since the last time.
    fn heard(&self) -> Vec<Value> {
        self.got.lock().unwrap().drain(..).map(|(_, activity)| activity).collect()
    }
}

impl World {
    async fn turn_to_bot(&self, who: &str, place: &Value, deed: Value) -> Answer {
        let url = format!("{}/people/teams/bot", self.base);
        let act = json!({ "as": who, "tenantId": TENANT, "where": place, "do": deed });
        Answer::read(self.http.post(url).json(&act)).await
    }

    async fn in_person(&self, who: &str, deed: Value) -> Answer {
        self.turn_to_bot(who, &json!({ "kind": "personal" }), deed).await
    }
}

/// An activity of Microsoft's documentation or SDK; `None`, with a word, where it is not there.
fn recorded(path: &str) -> Option<Value> {
    let shared = std::env::var("TANDEM_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").to_owned());
    let Ok(bytes) = std::fs::read(format!("{shared}/fixtures/teams/{path}")) else {
        eprintln!("skipped: {path} is not there");
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// Of a recorded activity, every property the sandbox is to have as well.
fn assert_like(activity: &Value, path: &str, without: &[&str]) {
    let Some(mut recorded) = recorded(path) else { return };
    for pointer in without {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = recorded.pointer_mut(parent).and_then(Value::as_object_mut);
        parent.and_then(|parent| parent.remove(name)).unwrap_or_else(|| panic!("{pointer}"));
    }
    assert_has_properties_of(activity, &recorded, path);
}

/// As the contract says, but for `isGroup`, which arrives as a string at times, and for HTML,
/// which is a string and no object.
fn assert_activity(activity: &Value) {
    let mut activity = activity.clone();
    if activity["attachments"][0]["contentType"] == "text/html" {
        activity.as_object_mut().unwrap().remove("attachments");
    }
    if activity["conversation"]["isGroup"] == "True" {
        activity["conversation"]["isGroup"] = json!(true);
    }
    assert_valid("Activity", &activity);
    for name in ["id", "timestamp", "channelId", "serviceUrl", "from", "recipient"] {
        assert!(activity.get(name).is_some(), "{name}");
    }
}

#[tokio::test]
async fn the_bot_can_tell_that_teams_is_calling() {
    let (world, bot) = Bot::world().await;
    world.personal(ROBIN);
    assert_eq!(world.in_person(ROBIN, json!({ "message": "help" })).await.status, 200);
    let (bearer, activity) = bot.got.lock().unwrap()[0].clone();
    let token = bearer.strip_prefix("Bearer ").unwrap();
    let claims = world.sandbox.bot_key_for_tests().verify(token).unwrap();
    assert_eq!(claims["iss"], "https://api.botframework.com");
    assert_eq!(claims["aud"], BOT);
    assert_eq!(claims["serviceurl"], activity["serviceUrl"]);
    assert_eq!(activity["serviceUrl"], format!("{}/connector/", world.base));
    assert!(claims["exp"].as_i64().unwrap() > NOW / 1000);

    let read = async |url: String| Answer::read(world.http.get(url)).await.body;
    let metadata = read(format!("{}/botframework/openidconfiguration", world.base)).await;
    assert_eq!(metadata["issuer"], "https://api.botframework.com");
    let keys = read(metadata["jwks_uri"].as_str().unwrap().to_owned()).await;
    assert_eq!(keys["keys"][0]["endorsements"], json!(["msteams"]));
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!((&header["kid"], &header["alg"]), (&keys["keys"][0]["kid"], &json!("RS256")));
}

#[tokio::test]
async fn messages_look_as_teams_sends_them() {
    let (world, bot) = Bot::world().await;
    let personal = world.personal(ROBIN);
    let said = world.in_person(ROBIN, json!({ "message": "help <me>" })).await;
    assert_eq!(said.status, 200, "{:?}", said.body);
    assert_eq!((&said.body["status"], &said.body["body"]), (&json!(200), &Value::Null));
    assert_eq!(said.body["conversationId"], personal.as_str());
    let activity = bot.heard().remove(0);
    assert_activity(&activity);
    assert_eq!((&activity["type"], &activity["text"]), (&json!("message"), &json!("help <me>")));
    assert_eq!(activity["conversation"]["conversationType"], "personal");
    assert!(activity["conversation"].get("isGroup").is_none());
    assert_eq!(activity["from"]["aadObjectId"], ROBIN);
    assert_eq!(activity["recipient"]["id"], format!("28:{BOT}"));

    let team = world.team();
    let channel = json!({ "kind": "channel", "teamId": team.id });
    let said = world.turn_to_bot(ROBIN, &channel, json!({ "message": "link ABC-1" })).await;
    let activity = bot.heard().remove(0);
    assert_activity(&activity);
    assert_like(
        &activity,
        "teams.net/_extracted/test/Microsoft.Teams.Apps.UnitTests/TeamsActivityTests.cs/\
         L0223-Serialize-DoesNotRepeat-ChannelAccount-Properties.json",
        &[],
    );
    assert_eq!(activity["text"], "<at>Tandem</at> link ABC-1");
    assert_eq!(activity["entities"][0]["mentioned"]["id"], format!("28:{BOT}"));
    let root = activity["id"].as_str().unwrap();
    assert_eq!(said.body["conversationId"], format!("{};messageid={root}", team.id));
    let thread = json!({ "kind": "channel", "teamId": team.id, "threadId": root });
    let again = world.turn_to_bot(ALEX, &thread, json!({ "message": "help" })).await;
    assert_eq!(again.body["conversationId"], said.body["conversationId"]);
}

#[tokio::test]
async fn what_is_said_to_the_bot_in_a_group_chat_is_said_in_the_chat() {
    let (world, bot) = Bot::world().await;
    let chat = world.group(&[ROBIN, ALEX]).await;
    let place = json!({ "kind": "groupChat", "chatId": chat });
    assert_eq!(world.turn_to_bot(ROBIN, &place, json!({ "message": "hi" })).await.status, 409);
    world.sandbox.set_installation(&chat, Installation::Installed);
    world.turn_to_bot(ROBIN, &place, json!({ "message": "status" })).await;
    let activity = bot.heard().remove(0);
    assert_eq!(activity["conversation"]["conversationType"], "groupChat");
    let stored = world.sandbox.messages(&chat).remove(0);
    assert_eq!(activity["id"], stored.id.as_str());
    assert_eq!(stored.content.content, "<p><at id=\"0\">Tandem</at>&nbsp;status</p>");

    let unheard = json!({ "message": "lunch?", "mention": false });
    let said = world.turn_to_bot(ROBIN, &place, unheard).await;
    assert_eq!((said.status, &said.body["status"]), (200, &json!(0)));
    assert!(bot.heard().is_empty());
    assert_eq!(world.sandbox.messages(&chat).len(), 2);
    assert_eq!(world.turn_to_bot(SAM, &place, json!({ "message": "me" })).await.status, 404);
}

#[tokio::test]
async fn installing_and_removing_tells_the_bot_and_opens_and_closes_the_door() {
    let (world, bot) = Bot::world().await;
    let team = world.sandbox.add_team(TENANT, "Rockets");
    let place = json!({ "kind": "channel", "teamId": team.id });
    let path = format!("conversations/{}/activities", team.id);
    let hello = json!({ "type": "message", "text": "hello" });
    let write = async || world.connector("POST", &path, Some(hello.clone())).await.status;
    assert_eq!(write().await, 403);

    let installed = world.turn_to_bot(ROBIN, &place, json!({ "install": "add" })).await;
    assert_eq!(installed.status, 200, "{:?}", installed.body);
    let [members, update]: [Value; 2] = bot.heard().try_into().unwrap();
    for activity in [&members, &update] {
        assert_activity(activity);
    }
    assert_eq!(members["type"], "conversationUpdate");
    assert_eq!(members["membersAdded"][0]["id"], members["recipient"]["id"]);
    assert_like(&update, "msteams-docs/sentry-installationUpdate-add-team.json", &[]);
    let docs = "msteams-docs/msteams-docs-installationUpdate-add-channel.json";
    assert_like(&update, docs, &["/conversation/name"]);
    assert_eq!(
        (&update["action"], &update["conversation"]["isGroup"]),
        (&json!("add"), &json!("True"))
    );
    assert_eq!(write().await, 201);

    for (action, sent, status) in
        [("add-upgrade", 1, 201), ("remove-upgrade", 1, 201), ("remove", 2, 403)]
    {
        world.turn_to_bot(ROBIN, &place, json!({ "install": action })).await;
        let heard = bot.heard();
        assert_eq!(heard.len(), sent, "{action}");
        assert_eq!(heard.last().unwrap()["action"], action);
        assert_eq!(write().await, status, "{action}");
    }
}

#[tokio::test]
async fn events_change_the_teams_they_are_about() {
    let (world, bot) = Bot::world().await;
    let team = world.team();
    let plans = world.sandbox.add_channel(&team.id, "Plans").unwrap();
    let place = json!({ "kind": "channel", "teamId": team.id, "channelId": plans.id });
    let event = async |event: Value| {
        let deed = json!({ "conversationUpdate": event });
        let answer = world.turn_to_bot(ROBIN, &place, deed).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let activity = bot.heard().remove(0);
        assert_activity(&activity);
        activity
    };
    let renamed = json!({
        "eventType": "channelRenamed", "channelData": { "channel": { "name": "Old plans" } },
    });
    event(renamed).await;
    assert_eq!(world.sandbox.teams()[0].channels[1].name, "Old plans");
    let archived = event(json!({ "eventType": "teamArchived" })).await;
    assert_like(&archived, "msteams-docs/msteams-docs-conversationUpdate-teamArchived.json", &[]);
    assert!(world.sandbox.teams()[0].archived);
    let added = event(json!({ "membersAdded": [ALEX, "bot"] })).await;
    assert_eq!(added["channelData"]["eventType"], "teamMemberAdded");
    assert_eq!(added["membersAdded"][0]["aadObjectId"], ALEX);
    assert_eq!(added["membersAdded"][1]["id"], format!("28:{BOT}"));
    event(json!({ "eventType": "channelDeleted" })).await;
    assert_eq!(world.sandbox.teams()[0].channels.len(), 1);
    let path = format!("conversations/{}/activities", plans.id);
    let gone =
        world.connector("POST", &path, Some(json!({ "type": "message", "text": "x" }))).await;
    assert_eq!(gone.error(), (404, "ConversationNotFound"));
}

#[tokio::test]
async fn the_page_makes_teams_and_sees_everything() {
    let world = World::new().await;
    let url = format!("{}/people/teams/bot", world.base);
    let make = async |what: &str, new: Value| {
        Answer::read(world.http.post(format!("{url}/{what}")).json(&new)).await
    };
    let team = make("teams", json!({ "tenantId": TENANT, "name": "Rockets" })).await.body;
    let channel = make("channels", json!({ "teamId": team["id"], "name": "Plans" })).await.body;
    assert_eq!(make("channels", json!({ "teamId": "x", "name": "Plans" })).await.status, 404);
    let all = Answer::read(world.http.get(&url)).await.body;
    assert_eq!(all["teams"][0]["aadGroupId"], team["aadGroupId"]);
    assert_eq!(all["teams"][0]["channels"][1], channel);
    assert_eq!((&all["posts"], &all["installations"]), (&json!([]), &json!({})));
}

#[tokio::test]
async fn anything_at_all_can_be_sent_raw() {
    let (world, bot) = Bot::world().await;
    world.personal(ROBIN);
    let raw = json!({ "type": "event", "name": "x/y", "from": { "name": null }, "text": null });
    assert_eq!(world.in_person(ROBIN, json!({ "raw": raw })).await.status, 200);
    let activity = bot.heard().remove(0);
    assert_eq!((&activity["type"], &activity["name"]), (&json!("event"), &json!("x/y")));
    assert!(activity["from"].get("name").is_none() && activity.get("text").is_none());
    let invoke = json!({
        "invoke": { "name": "signin/verifyState", "value": { "state": "1" } },
        "raw": { "serviceUrl": "https://elsewhere.example/" },
    });
    bot.answer(412, json!({ "failureDetail": "x" }));
    let answer = world.in_person(ROBIN, invoke).await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!(412)));
    assert_eq!(answer.body["body"], json!({ "failureDetail": "x" }));
    let activity = bot.heard().remove(0);
    assert_eq!(activity["serviceUrl"], "https://elsewhere.example/");
    assert_eq!(activity["value"], json!({ "state": "1" }));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let (world, bot) = Bot::world().await;
    world.personal(ROBIN);
    let personal = json!({ "kind": "personal" });
    let chat = json!({ "kind": "groupChat", "chatId": "19:x@thread.v2" });
    for (who, place, deed, status) in [
        ("nobody", &personal, json!({ "message": "x" }), 404),
        (ROBIN, &chat, json!({ "message": "x" }), 404),
        (ALEX, &personal, json!({ "message": "x" }), 409),
        (ROBIN, &personal, json!({}), 400),
        (ROBIN, &personal, json!({ "sing": true }), 400),
        (ROBIN, &json!({ "kind": "street" }), json!({ "message": "x" }), 400),
        (ROBIN, &personal, json!({ "reaction": { "postId": "1" } }), 404),
        (ROBIN, &personal, json!({ "act": { "verb": "go" } }), 400),
        (ROBIN, &personal, json!({ "submit": {} }), 400),
        (ROBIN, &personal, json!({ "messageAction": { "commandId": "create" } }), 400),
    ] {
        let answer = world.turn_to_bot(who, place, deed.clone()).await;
        assert_eq!(answer.status, status, "{who} {place} {deed}: {:?}", answer.body);
    }
    assert!(bot.heard().is_empty());
    let silent = World::with(None, "http://127.0.0.1:9/".to_owned()).await;
    silent.personal(ROBIN);
    assert_eq!(silent.in_person(ROBIN, json!({ "message": "x" })).await.status, 502);
}

#[tokio::test]
async fn the_bot_and_its_teams_survive_the_end_of_the_process() {
    let folder = std::env::temp_dir().join(format!("tandem-bot-{}", random::guid()));
    let file = folder.join("microsoft.json");
    let world = World::with_file(Some(file.clone())).await;
    let team = world.team();
    let path = format!("conversations/{}/activities", team.id);
    let hello = json!({ "type": "message", "text": "hello" });
    assert_eq!(world.connector("POST", &path, Some(hello.clone())).await.status, 201);
    let token = world.sandbox.sign_bot_token(&json!({}));
    let next = World::with_file(Some(file)).await;
    assert_eq!(next.sandbox.teams()[0].aad_group_id, team.aad_group_id);
    assert_eq!(next.sandbox.bot_posts(&team.id)[0].activity, hello);
    assert!(next.sandbox.bot_key_for_tests().verify(&token).is_some());
    assert_eq!(next.connector("POST", &path, Some(hello)).await.status, 201);
    std::fs::remove_dir_all(&folder).unwrap();
}
