//! Activities as Teams sends them: markers in the place of every text, then in the place of every
//! identifier.

use serde_json::{Map, Value, json};

use super::Scene;
use crate::support::TENANT;

/// Every text that can stand in an activity beside what somebody does, each of them a marker.
pub fn words(scene: &Scene, at: &Value, deed: &Value) -> Value {
    let word = |what: &str| scene.markers.at(format!("{what} of an activity"));
    let named = |what: &str| json!({"name": word(what), "xNote": word(what)});
    let mut words = json!({
        "from": {"name": word("from.name"), "role": word("from.role"), "email": word("from.email")},
        "recipient": named("recipient"),
        "conversation": {"name": word("conversation.name"), "role": word("conversation.role")},
        "attachments": [{"contentType": "text/html", "content": word("an attachment"),
            "name": word("an attachment"), "contentUrl": word("an attachment")}],
        "suggestedActions": {"actions": [{"title": word("a suggested action")}]},
        "channelData": {
            "source": named("channelData.source"), "tenant": named("channelData.tenant"),
            "settings": {"selectedChannel": named("channelData.settings")},
            "onBehalfOf": [{"displayName": word("channelData.onBehalfOf")}],
            "meeting": {"title": word("channelData.meeting")},
        },
        "entities": [
            {"type": "clientInfo", "locale": word("clientInfo"), "country": word("clientInfo"),
             "platform": word("clientInfo"), "timezone": word("clientInfo")},
            {"type": word("an entity"), "name": word("an entity"), "text": word("an entity")},
        ],
    });
    for name in [
        "code",
        "importance",
        "label",
        "locale",
        "localTimezone",
        "speak",
        "summary",
        "textFormat",
        "topicName",
        "valueType",
        "xNote",
    ] {
        words[name] = json!(word(name));
    }
    words[word("an unknown field")] = json!(word("an unknown field"));
    let group = at["kind"] != "personal";
    if at["kind"] == "channel" {
        words["channelData"]["team"] = named("channelData.team");
        words["channelData"]["channel"] = named("channelData.channel");
    }
    if let (true, Some(text)) = (group, deed["message"].as_str()) {
        let (bot, name) = (&scene.stack.app.config.bot_client_id, word("a mention"));
        let mention = json!({"type": "mention", "text": format!("<at>{name}</at>"),
            "mentioned": {"id": format!("28:{bot}"), "name": name}});
        words["entities"].as_array_mut().unwrap().push(mention);
        words["text"] = json!(format!("<at>{name}</at> {text}"));
    }
    let on_message =
        deed["messageAction"].is_object() && deed["messageAction"]["commandContext"].is_null();
    if on_message {
        words["value"] = json!({"messagePayload": payload(scene)});
    }
    words
}

/// What stands in a message's payload beside its body.
pub fn payload(scene: &Scene) -> Value {
    let word = |what: &str| scene.markers.at(format!("{what} of a message's payload"));
    let author = scene.markers.at("the author's name of a message's payload");
    json!({
        "subject": word("subject"), "summary": word("summary"), "locale": word("locale"),
        "importance": word("importance"), "messageType": word("messageType"),
        "from": {"user": {"displayName": author, "userIdentityType": word("from")},
            "device": {"displayName": word("from")}, "application": {"displayName": word("from")}},
        "attachments": [{"id": word("an attachment"), "contentType": word("an attachment"),
            "content": word("an attachment"), "name": word("an attachment"),
            "contentUrl": format!("https://files.example/{}", word("an attachment"))}],
        "mentions": [{"id": 0, "mentionText": word("a mention"),
            "mentioned": {"user": {"displayName": word("a mention")}}}],
        "reactions": [{"reactionType": word("a reaction"),
            "user": {"user": {"displayName": word("a reaction")}}}],
        "xNote": word("an unknown field"),
    })
}

/// Puts one object over another.
pub fn merge(target: &mut Value, over: Value) {
    match (target, over) {
        (Value::Object(target), Value::Object(over)) => {
            for (name, value) in over {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
        (target, over) => *target = over,
    }
}

/// The identifiers of an activity of each kind, and nothing else.
fn bare(scene: &Scene) -> Vec<Value> {
    let bot = format!("28:{}", scene.stack.app.config.bot_client_id);
    let common = json!({
        "id": "1700000000001", "channelId": "msteams", "replyToId": "1700000000000",
        "serviceUrl": scene.stack.microsoft.bot_claims()["serviceurl"],
        "from": {"id": "29:1ada", "aadObjectId": scene.ada.object},
        "recipient": {"id": bot},
    });
    let personal = json!({"conversation": {"id": scene.personal(&scene.ada), "tenantId": TENANT,
        "conversationType": "personal"}, "channelData": {"tenant": {"id": TENANT}}});
    let team = &scene.team.id;
    let channel = json!({
        "conversation": {"id": format!("{team};messageid=1700000000000"), "tenantId": TENANT,
            "conversationType": "channel", "isGroup": "True"},
        "channelData": {"tenant": {"id": TENANT}, "team": {"id": team}, "channel": {"id": team},
            "teamsTeamId": team, "teamsChannelId": team, "eventType": "channelRenamed"},
    });
    let kinds = [
        json!({"type": "message"}),
        json!({"type": "messageReaction", "reactionsAdded": [{"type": "like"}]}),
        json!({"type": "conversationUpdate", "membersAdded": [{"id": "29:1ben"}],
            "membersRemoved": [{"id": "29:1ben"}]}),
        json!({"type": "installationUpdate", "action": "add"}),
        json!({"type": "invoke", "name": "composeExtension/fetchTask", "value": {
            "commandId": "addComment", "commandContext": "message",
            "messagePayload": {"id": "1700000000000", "replyToId": "1700000000000",
                "body": {"contentType": "html", "content": "x"},
                "linkToMessage": "https://teams.microsoft.com/l/message/1/2"}}}),
        json!({"type": "invoke", "name": "adaptiveCard/action", "value": {"trigger": "manual",
            "action": {"type": "Action.Execute", "verb": "watch", "id": "x", "data": {
                "cloudId": "x", "issueId": "1", "followId": "x", "endsAt": "1", "mac": "x"}}}}),
    ];
    let mut all = Vec::new();
    for (index, kind) in kinds.into_iter().enumerate() {
        let places = if index < 4 { vec![&personal, &channel] } else { vec![&channel] };
        for place in places {
            let mut activity = common.clone();
            merge(&mut activity, place.clone());
            merge(&mut activity, kind.clone());
            all.push(activity);
        }
    }
    all
}

/// The texts in a value, by pointer.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                leaves(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), found));
        }
        _ => {}
    }
}

/// Activities from Teams, each identifier in turn not being one; then each of them a list, and
/// absent.
pub async fn spoiled(scene: &Scene) {
    for bare in bare(scene) {
        let at = match bare["conversation"]["conversationType"].as_str() {
            Some("channel") => json!({"kind": "channel"}),
            _ => json!({"kind": "personal"}),
        };
        let mut pointers = Vec::new();
        leaves(&bare, "", &mut pointers);
        for pointer in pointers {
            let word = || scene.markers.at(format!("{pointer} of an activity"));
            let mut values = vec![
                json!(format!("{} and more", word())),
                json!([word(), {word(): word()}]),
                Value::Null,
            ];
            // One word could be an identifier, where Teams says that it is one.
            if !pointer.ends_with("id") && !pointer.ends_with("Id") {
                values.push(json!(word()));
            }
            for value in values {
                let mut activity = words(scene, &at, &json!({}));
                merge(&mut activity, bare.clone());
                activity["text"] = json!(scene.markers.at("what somebody wrote to the bot"));
                *activity.pointer_mut(&pointer).unwrap() = value;
                send(scene, &activity).await;
            }
        }
        // Nobody but Teams may say such things.
        let told = scene.stack.send("POST", "/teams/messages", &bare).await;
        assert_eq!(told.0, 401, "{}", told.1);
    }
}

/// With a token for whatever service URL the activity should have.
async fn send(scene: &Scene, activity: &Value) {
    let request = scene.stack.request("POST", "/teams/messages");
    let request = request.bearer_auth(scene.token_of_teams());
    let response = request.json(activity).send().await.unwrap();
    let status = response.status().as_u16();
    let answer = response.text().await.unwrap();
    assert!(status < 500, "{activity} gave {status} {answer}");
    if (400..=403).contains(&status) {
        assert!(scene.markers.in_text(&answer).is_empty(), "{status} {answer}");
        let fields: Map<String, Value> = serde_json::from_str(&answer).unwrap();
        assert!(fields["code"].is_string(), "{answer}");
    }
}
