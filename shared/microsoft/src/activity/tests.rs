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
    assert_eq!(read.conversation.as_str(), "19:a@thread.tacv2;messageid=1");
    assert_eq!(read.is_group, Some(true));
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
fn the_tenant_is_found_in_either_place_and_is_group_in_either_form() {
    let mut changed = activity();
    changed["conversation"] = json!({"id": "a:1", "isGroup": false});
    changed["channelData"] = json!({"tenant": {"id": "b28fdbfd-2b78-4f93-b0f8-8881793f0f8f"}});
    let read = read(&changed).unwrap();
    assert!(read.tenant_id.is_some());
    assert_eq!(read.is_group, Some(false));
}

#[test]
fn installations_come_and_go() {
    for (action, read_as) in [
        ("add", InstallationAction::Added),
        ("add-upgrade", InstallationAction::Added),
        ("remove", InstallationAction::Removed),
        ("remove-upgrade", InstallationAction::Removed),
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
