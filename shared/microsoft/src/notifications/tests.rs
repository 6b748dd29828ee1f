use serde_json::{Value, json};

use super::*;
use crate::testing::fixtures_below;

const SUBSCRIPTION: &str = "10493aa0-4d29-4df5-bc0c-ef742cc6cd7f";
const TENANT: &str = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const CHAT: &str = "19:1c5b01696d2e4a179c292bc9cf04e63b@thread.v2";

fn item() -> Value {
    json!({
        "id": "lsgTZMr9KwAAA", "subscriptionId": SUBSCRIPTION, "changeType": "created",
        "clientState": "canary-state", "tenantId": TENANT,
        "subscriptionExpirationDateTime": "2021-02-02T10:30:34.9097561-08:00",
        "resource": format!("chats('{CHAT}')/messages('1612289765949')"),
        "resourceData": {"id": "1612289765949", "body": {"content": "canary"}},
    })
}

fn read(item: &Value) -> Result<Notification, NotificationError> {
    parse(json!({"value": [item]}).to_string().as_bytes()).unwrap().items.remove(0)
}

#[test]
fn a_message_notification_is_read() {
    let notification = read(&item()).unwrap();
    assert_eq!(notification.id.as_ref().unwrap().as_str(), "lsgTZMr9KwAAA");
    assert_eq!(notification.subscription_id.as_str(), SUBSCRIPTION);
    assert_eq!(notification.tenant_id.as_str(), TENANT);
    assert!(!notification.encrypted_content);
    assert_eq!(
        notification.event,
        NotificationEvent::Message {
            change: ChangeType::Created,
            chat_id: ChatId::parse(CHAT).unwrap(),
            message_id: MessageId::parse("1612289765949").unwrap(),
        }
    );
    assert!(!format!("{notification:?}").contains("canary"));
}

#[test]
fn spellings_that_occur_are_read_and_others_refused() {
    use NotificationError::{Field, Malformed, Resource};
    for (field, value, refused) in [
        ("changeType", json!("Updated"), None),
        ("changeType", json!("deleted"), None),
        ("changeType", json!("created,updated"), Some(Field("changeType"))),
        ("changeType", Value::Null, Some(Field("changeType"))),
        ("changeType", json!(1), Some(Malformed)),
        ("subscriptionId", json!(SUBSCRIPTION.to_uppercase()), None),
        ("subscriptionId", json!("NA"), Some(Field("subscriptionId"))),
        ("tenantId", json!(TENANT.to_uppercase()), None),
        ("tenantId", Value::Null, Some(Field("tenantId"))),
        ("id", Value::Null, None),
        ("id", json!("a text somebody wrote"), None),
        ("resource", json!("chats('x')"), Some(Resource)),
        ("resource", Value::Null, Some(Field("resource"))),
        ("clientState", Value::Null, None),
        ("resourceData", Value::Null, None),
    ] {
        let mut item = item();
        item[field] = value.clone();
        assert_eq!(read(&item).err(), refused, "{field} = {value}");
    }
    assert_eq!(read(&json!("x")).err(), Some(Malformed));
    let mut odd = item();
    odd["id"] = "a text somebody wrote".into();
    assert_eq!(read(&odd).unwrap().id, None);
}

#[test]
fn lifecycle_events_need_no_resource() {
    for (name, event) in [
        ("reauthorizationRequired", LifecycleEvent::ReauthorizationRequired),
        ("subscriptionRemoved", LifecycleEvent::SubscriptionRemoved),
        ("missed", LifecycleEvent::Missed),
        ("invented", LifecycleEvent::Other),
    ] {
        let item = json!({
            "lifecycleEvent": name, "subscriptionId": SUBSCRIPTION, "tenantId": TENANT,
            "clientState": "s",
        });
        assert_eq!(read(&item).unwrap().event, NotificationEvent::Lifecycle(event));
    }
}

#[test]
fn one_malformed_item_hides_no_other() {
    let body = json!({"value": [item(), {"subscriptionId": 7}, 3, item()]});
    let items = parse(body.to_string().as_bytes()).unwrap().items;
    assert_eq!(items.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, false, true]);
    for body in ["", "[]", "{}", "{\"value\":{}}", "null", "\u{0}"] {
        assert_eq!(parse(body.as_bytes()).err(), Some(NotificationError::Malformed), "{body}");
    }
}

#[test]
fn the_client_state_must_be_the_one_of_the_subscription() {
    let secret = |text: &str| Secret::new(text.to_owned());
    for (expected, given, matches) in [
        ("state", Some("state"), true),
        ("state", Some("State"), false),
        ("state", Some("stat"), false),
        ("state", Some(""), false),
        ("state", None, false),
        ("", Some(""), false),
        ("", None, false),
    ] {
        let given = given.map(secret);
        assert_eq!(client_state_matches(&secret(expected), given.as_ref()), matches);
    }
}

#[test]
fn encrypted_content_needs_a_voucher() {
    let mut item = item();
    assert_eq!(read(&item).unwrap().check_vouched(&VouchedTenants::default()), Ok(()));
    item["encryptedContent"] = json!({"data": "x", "dataKey": "y"});
    let refused = read(&item).unwrap().check_vouched(&VouchedTenants::default());
    assert_eq!(refused, Err(NotificationError::NotVouchedFor));
}

/// Every example of the documentation that is a notification, as it stands and with its
/// placeholders filled in.
#[test]
fn every_documented_notification_is_read_or_refused() {
    let mut counts = [(0, 0), (0, 0)];
    for (path, bytes) in fixtures_below("graph") {
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let Some(body) = as_collection(&text) else { continue };
        for (filled, (handled, refused)) in [false, true].into_iter().zip(&mut counts) {
            let body = if filled { fill(&body) } else { body.clone() };
            let Ok(collection) = parse(body.as_bytes()) else {
                panic!("{} is no delivery", path.display());
            };
            for item in collection.items {
                match item {
                    Ok(notification) => {
                        let vouched = notification.check_vouched(&VouchedTenants::default());
                        assert_eq!(vouched.is_err(), notification.encrypted_content);
                        *handled += 1;
                    }
                    Err(_) => *refused += 1,
                }
            }
        }
    }
    let [as_is, filled] = counts;
    eprintln!(
        "documented notifications: as they stand {} read, {} refused; \
         placeholders filled {} read, {} refused",
        as_is.0, as_is.1, filled.0, filled.1
    );
    // One message and three lifecycle events; the others are of teams, channels and members.
    assert!(as_is == (0, 0) || filled.0 == 4, "{filled:?}");
}

/// A delivery, or a single notification in the wrapping that it is sent in.
fn as_collection(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    if value["value"][0]["subscriptionId"].is_string() || value["validationTokens"].is_array() {
        return Some(text.to_owned());
    }
    let single = value["subscriptionId"].is_string() && value["resource"].is_string();
    single.then(|| json!({"value": [value]}).to_string())
}

fn fill(text: &str) -> String {
    [
        ("<<--TenantForWhichNotificationWasSent-->>", TENANT),
        ("<tenant_guid>", TENANT),
        ("<subscription_guid>", SUBSCRIPTION),
        ("{subscription_guid}", SUBSCRIPTION),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (placeholder, value)| text.replace(placeholder, value))
}
