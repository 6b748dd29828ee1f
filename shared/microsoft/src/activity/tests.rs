use serde_json::json;

use super::*;
use crate::testing::fixtures_below;

fn activity() -> Value {
    json!({
        "type": "invoke", "name": "task/fetch", "id": "f:1", "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/amer/",
        "from": {"id": "29:x", "name": "canary", "aadObjectId": "EDDFA9D4-346e-4cce-a18f-fa6261ad776b"},
        "conversation": {"id": "19:a@thread.tacv2;messageid=1", "name": "canary", "isGroup": "True",
                         "tenantId": "b28fdbfd-2b78-4f93-b0f8-8881793f0f8f"},
        "text": "canary", "value": {"data": "canary"},
    })
}

fn read(value: &Value) -> Result<Activity, ActivityError> {
    parse(value.to_string().as_bytes())
}

#[test]
fn identifiers_are_read_and_words_passed_over() {
    let read = read(&activity()).unwrap();
    let ActivityKind::Invoke(name) = &read.kind else { panic!() };
    assert_eq!(name.as_str(), "task/fetch");
    assert_eq!(read.conversation.id.as_str(), "19:a@thread.tacv2;messageid=1");
    assert_eq!(read.conversation.kind, ConversationKind::Channel);
    assert_eq!(read.tenant_id.as_ref().unwrap().as_str(), "b28fdbfd-2b78-4f93-b0f8-8881793f0f8f");
    assert_eq!(read.from.as_ref().unwrap().as_str(), "eddfa9d4-346e-4cce-a18f-fa6261ad776b");
    assert!(!format!("{read:?}").contains("canary"));
}

#[test]
fn what_is_not_an_identifier_is_refused_by_name_or_counts_as_absent() {
    use ActivityError::Field;
    for (field, value, refused) in [
        ("type", Value::Null, Some(Field("type"))),
        ("type", json!("typing"), None),
        ("name", json!("two words"), Some(Field("name"))),
        ("name", Value::Null, Some(Field("name"))),
        ("channelId", json!("ms teams"), Some(Field("channelId"))),
        ("serviceUrl", json!("http://smba.trafficmanager.net/"), Some(Field("serviceUrl"))),
        ("serviceUrl", json!("http://localhost:56150/x"), None),
        ("serviceUrl", json!("https://user@host/"), Some(Field("serviceUrl"))),
        ("serviceUrl", json!("amer"), Some(Field("serviceUrl"))),
        ("conversation", Value::Null, Some(Field("conversation.id"))),
        ("conversation", json!({"id": "what we talk about"}), Some(Field("conversation.id"))),
        ("conversation", json!({"id": "a:1", "isGroup": 7, "tenantId": "x"}), None),
        ("id", json!(["odd"]), None),
        ("from", json!({"aadObjectId": 1}), None),
        ("channelData", json!({"tenant": {"id": "x"}}), None),
    ] {
        let mut changed = activity();
        changed[field] = value.clone();
        assert_eq!(read(&changed).err(), refused, "{field} = {value}");
    }
    for body in ["", "[]", "null", "{\"from\":[]}", "{"] {
        assert!(parse(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn the_tenant_is_found_in_either_place() {
    let mut changed = activity();
    changed["conversation"] = json!({"id": "a:1", "isGroup": false});
    changed["channelData"] = json!({"tenant": {"id": "b28fdbfd-2b78-4f93-b0f8-8881793f0f8f"}});
    let read = read(&changed).unwrap();
    assert!(read.tenant_id.is_some());
    assert_eq!(read.conversation.kind, ConversationKind::Personal);
}

#[test]
fn the_kind_of_conversation_is_told_or_shows_in_its_id() {
    use ConversationKind::{Channel, GroupChat, Personal};
    for (conversation, kind) in [
        (json!({"id": "a:1", "conversationType": "personal"}), Personal),
        (json!({"id": "19:a1@thread.v2", "conversationType": "groupChat"}), GroupChat),
        (json!({"id": "19:a1@thread.v2"}), GroupChat),
        (json!({"id": "a:1", "isGroup": "True"}), GroupChat),
        (json!({"id": "a:1", "isGroup": false}), Personal),
        (json!({"id": "19:a1@thread.skype;messageid=1", "isGroup": true}), Channel),
    ] {
        let mut changed = activity();
        changed["conversation"] = conversation.clone();
        assert_eq!(read(&changed).unwrap().conversation.kind, kind, "{conversation}");
    }
}

#[test]
fn the_mention_of_the_bot_is_no_part_of_what_was_written() {
    let mention =
        |id: &str, text: &str| json!({"type": "mention", "text": text, "mentioned": {"id": id}});
    for (text, left) in [
        ("<at>Tandem</at> link DEMO-1", "link DEMO-1"),
        ("link DEMO-1 <at>Tandem</at>\n", "link DEMO-1"),
        ("<at>Tandem</at>&nbsp;help", "help"),
        ("<at>Ada</at> help", "<at>Ada</at> help"),
        ("help", "help"),
    ] {
        let mut changed = activity();
        changed["type"] = "message".into();
        changed["text"] = text.into();
        changed["recipient"] = json!({"id": "28:bot-1"});
        changed["entities"] =
            json!([mention("28:bot-1", "<at>Tandem</at>"), mention("29:ada-1", "<at>Ada</at>")]);
        assert_eq!(read(&changed).unwrap().text.as_str(), left);
    }
}

#[test]
fn installations_come_and_go() {
    for (action, read_as) in [
        ("add", InstallationAction::Added),
        ("add-upgrade", InstallationAction::Added),
        ("remove", InstallationAction::Removed),
        ("remove-upgrade", InstallationAction::RemovedToUpgrade),
        ("other", InstallationAction::Other),
    ] {
        let mut changed = activity();
        changed["type"] = "installationUpdate".into();
        changed["action"] = action.into();
        assert_eq!(read(&changed).unwrap().kind, ActivityKind::InstallationUpdate(read_as));
    }
}

/// Every file among the Teams fixtures, activities and others: read or refused with a code.
#[test]
fn every_captured_activity_is_read_or_refused() {
    let (mut read, mut refused, mut others) = (0, 0, 0);
    for (path, bytes) in fixtures_below("teams") {
        let value: Option<Value> = serde_json::from_slice(&bytes).ok();
        let inbound = value.as_ref().is_some_and(|value| value["type"].is_string());
        match parse(&bytes) {
            Ok(_) if inbound => read += 1,
            Ok(_) => panic!("{} is no activity", path.display()),
            Err(_) if inbound => refused += 1,
            Err(_) => others += 1,
        }
    }
    eprintln!("captured activities: {read} read, {refused} refused; {others} other files refused");
    assert!((read, refused, others) == (0, 0, 0) || read >= 5, "{read}");
}
