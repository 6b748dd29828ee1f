//! That what a function may do is what it does: how calls are held against the template, shown to
//! fail in both directions. The stacks of all tests are under this watch, and the story of
//! `used` uses every right there is.

mod bounds;
mod used;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde_json::{Value, json};
use tandem_local::{caller::as_function, provision::DEAD_LETTERS};

use crate::support::{
    TestStack,
    rights::{Access, Policies, accesses, statement::like},
};

fn template() -> Value {
    serde_saphyr::from_str(include_str!("../../template.yaml")).unwrap()
}

/// The accesses of a request.
fn of(target: &str, body: &Value) -> Vec<Access> {
    accesses(target, body.to_string().as_bytes()).unwrap()
}

/// Whether a function may make a call, by a template; or what is missing.
fn may(template: &Value, function: &str, target: &str, body: &Value) -> Result<(), String> {
    let policies = Policies::of(template);
    of(target, body).iter().try_for_each(|it| policies.allow(function, it).map(drop))
}

fn key(pk: &str) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": "x"}})
}

fn put(pk: &str) -> Value {
    json!({"TableName": "t", "Item": key(pk)})
}

fn context(more: &[(&str, &str)]) -> Value {
    let mut context = json!({"grant": "g", "provider": "p", "stage": "tandem", "subject": "s",
        "version": "v"});
    for (name, value) in more {
        context[*name] = json!(value);
    }
    context
}

#[test]
fn a_call_is_allowed_to_whom_the_template_allows_it_and_under_its_conditions() {
    const TABLE: &str = "DynamoDB_20120810";
    let template = template();
    let query = |index: &str, hash: &str| {
        json!({"IndexName": index, "KeyConditionExpression": "#hash = :hash",
            "ExpressionAttributeNames": {"#hash": hash},
            "ExpressionAttributeValues": {":hash": {"S": "J#1#U#2"}}})
    };
    let secret = |name: &str| json!({"SecretId": name});
    let open = |context: Value| json!({"KeyId": "any", "EncryptionContext": context});
    let mut without = context(&[]);
    without.as_object_mut().unwrap().remove("subject");
    let transaction = |kind: &str, pk: &str| {
        let at = if kind == "Put" { "Item" } else { "Key" };
        json!({"TransactItems": [{"Put": {"Item": key("J#1#INSTANCE")}}, {kind: {at: key(pk)}}]})
    };
    let begins = ["J#1#INSTANCE", "R#1"];
    for (function, operation, body, allowed) in [
        // Which partitions.
        ("jira-events", "PutItem", put(begins[0]), true),
        ("jira-events", "PutItem", put("J#1#U#2"), false),
        ("jira-events", "TransactWriteItems", transaction("Put", begins[1]), true),
        ("jira-events", "TransactWriteItems", transaction("Put", "J#1#U#2"), false),
        // Each element of a transaction is an action.
        ("jira-events", "TransactWriteItems", transaction("Delete", begins[1]), false),
        ("upkeep", "TransactWriteItems", transaction("Delete", begins[1]), true),
        ("upkeep", "TransactWriteItems", transaction("ConditionCheck", begins[1]), false),
        ("teams-events", "PutItem", put("M#1#C#2"), true),
        ("teams-events", "PutItem", put("J#1#INSTANCE"), false),
        // Nobody but who signs people in makes a session.
        ("accounts", "PutItem", put("T#1"), true),
        ("teams-events", "PutItem", put("T#1"), false),
        ("teams-bot", "PutItem", put("T#1"), false),
        ("teams-bot", "DeleteItem", json!({"Key": key("T#1")}), true),
        ("delivery", "UpdateItem", json!({"Key": key("O#1")}), false),
        ("settings", "TransactWriteItems", transaction("Put", "T#1"), false),
        ("settings", "TransactWriteItems", transaction("Put", "J#1#P#2"), true),
        // Which index.
        ("admin", "Query", query("by_due", "due"), true),
        ("admin", "Query", query("by_owner", "owner"), false),
    ] {
        let answer = may(&template, function, &format!("{TABLE}.{operation}"), &body);
        assert_eq!(answer.is_ok(), allowed, "{function} {operation} {body}: {answer:?}");
    }
    for (function, target, body, allowed) in [
        // Which secret.
        ("jira-events", "secretsmanager.GetSecretValue", secret("tandem/webhook/1"), true),
        ("jira-events", "secretsmanager.GetSecretValue", secret("tandem/grant/1"), false),
        ("jira-events", "secretsmanager.GetSecretValue", secret("tandem/app"), true),
        ("jira-events", "secretsmanager.GetSecretValue", secret("tandem/apple"), false),
        ("jira-events", "secretsmanager.GetSecretValue", secret("other/app"), false),
        ("upkeep", "secretsmanager.GetSecretValue", secret("tandem/webhook/1"), false),
        ("upkeep", "secretsmanager.DeleteSecret", secret("tandem/webhook/1"), true),
        // Which key, under which context.
        ("settings", "TrentService.Decrypt", open(context(&[])), true),
        ("accounts", "TrentService.Decrypt", open(context(&[])), false),
        ("accounts", "TrentService.GenerateDataKey", open(context(&[])), true),
        ("settings", "TrentService.Decrypt", open(without), false),
        ("settings", "TrentService.Decrypt", open(context(&[("stage", "other")])), false),
        ("settings", "TrentService.Decrypt", open(context(&[("more", "x")])), false),
        ("settings", "TrentService.Decrypt", open(Value::Null), false),
        ("settings", "TrentService.Encrypt", open(context(&[])), false),
        // Which queue.
        ("delivery", "AmazonSQS.SendMessageBatch", json!({"QueueUrl": "http://q/live"}), true),
        ("settings", "AmazonSQS.SendMessageBatch", json!({"QueueUrl": "http://q/live"}), false),
        (
            "delivery",
            "AmazonSQS.SendMessage",
            json!({"QueueUrl": format!("http://q/{DEAD_LETTERS}")}),
            false,
        ),
        // Somebody that has no role.
        ("strangers", "AmazonSQS.SendMessage", json!({"QueueUrl": "http://q/live"}), false),
    ] {
        let answer = may(&template, function, target, &body);
        assert_eq!(answer.is_ok(), allowed, "{function} {target} {body}: {answer:?}");
    }
}

#[test]
fn what_cannot_be_told_of_a_call_is_an_error_and_not_allowed() {
    for (target, body) in [
        ("DynamoDB_20120810.Scan", json!({})),
        ("DynamoDB_20120810.GetItem", json!({"Key": {}})),
        (
            "DynamoDB_20120810.Query",
            json!({"KeyConditionExpression": "sk = :it",
            "ExpressionAttributeValues": {":it": {"S": "x"}}}),
        ),
        ("DynamoDB_20120810.TransactWriteItems", json!({"TransactItems": [{"Get": {}}]})),
        ("secretsmanager.ListSecrets", json!({})),
        ("secretsmanager.RotateSecret", json!({"SecretId": "tandem/app"})),
        ("TrentService.Decrypt", json!({})),
        ("Lambda.Invoke", json!({})),
    ] {
        assert!(accesses(target, body.to_string().as_bytes()).is_err(), "{target}");
    }
}

#[test]
fn what_secrets_manager_does_with_its_key_is_its_callers_doing() {
    let actions = |operation: &str| -> Vec<String> {
        let of = of(&format!("secretsmanager.{operation}"), &json!({"SecretId": "tandem/grant/1"}));
        of.into_iter().map(|it| it.action).filter(|it| it.starts_with("kms:")).collect()
    };
    assert_eq!(actions("GetSecretValue"), ["kms:Decrypt"]);
    assert_eq!(actions("PutSecretValue"), ["kms:GenerateDataKey", "kms:Decrypt"]);
    assert_eq!(actions("UpdateSecret"), ["kms:GenerateDataKey", "kms:Decrypt", "kms:Encrypt"]);
    assert_eq!(actions("DeleteSecret"), Vec::<String>::new());

    // That key is for this alone.
    let read = json!({"SecretId": "tandem/app"});
    let mut decrypt = of("secretsmanager.GetSecretValue", &read).remove(1);
    let policies = Policies::of(&template());
    assert!(policies.allow("settings", &decrypt).is_ok(), "{decrypt:?}");
    decrypt.context.remove("kms:ViaService");
    assert!(policies.allow("settings", &decrypt).is_err(), "{decrypt:?}");
}

/// A template in which a function's statement has this in place of an action of it.
fn changed(function: &str, sid: &str, change: impl Fn(&mut Vec<Value>)) -> Value {
    let mut template = template();
    let policies = &mut template["Resources"][function]["Properties"]["Policies"];
    let statements = policies[0]["PolicyDocument"]["Statement"].as_array_mut().unwrap();
    let statement = statements.iter_mut().find(|it| it["Sid"] == sid).unwrap();
    change(statement["Action"].as_array_mut().unwrap());
    template
}

#[test]
fn a_right_that_is_taken_away_is_missed_and_one_that_is_added_is_unused() {
    let send = json!({"QueueUrl": "http://q/live"});
    let without = changed("TeamsEventsRole", "UseQueue", |actions| {
        actions.retain(|it| it != "sqs:SendMessage");
    });
    let missed = may(&without, "teams-events", "AmazonSQS.SendMessageBatch", &send).unwrap_err();
    assert!(missed.starts_with("teams-events: sqs:SendMessage on arn:aws:sqs:"), "{missed}");

    let with = changed("TeamsEventsRole", "UseQueue", |actions| {
        actions.push(json!("sqs:PurgeQueue"));
    });
    let (before, after) = (Policies::of(&template()).all(), Policies::of(&with).all());
    let more: Vec<&String> = after.difference(&before).collect();
    assert_eq!(more.len(), 1);
    assert!(more[0].starts_with("teams-events, UseQueue: sqs:PurgeQueue on"), "{more:?}");
}

#[test]
fn what_is_denied_is_not_allowed_by_anything_else() {
    let deny = |action: &str| {
        json!({"Sid": "No", "Effect": "Deny", "Action": action, "Resource": "*",
            "Principal": {"AWS": "*"}})
    };
    let (table, seal) =
        (json!({"Key": key("x")}), json!({"KeyId": "k", "EncryptionContext": context(&[])}));
    for (at, action) in [
        ("/Resources/SettingsRole/Properties/Policies/0/PolicyDocument/Statement", "dynamodb:Get*"),
        (
            "/Resources/SettingsRole/Properties/Policies/0/PolicyDocument/Statement",
            "kms:GenerateDataKey",
        ),
        ("/Resources/EnvelopeKey/Properties/KeyPolicy/Statement", "kms:*"),
    ] {
        let mut template = template();
        template.pointer_mut(at).unwrap().as_array_mut().unwrap().push(deny(action));
        for (target, body) in
            [("DynamoDB_20120810.GetItem", &table), ("TrentService.GenerateDataKey", &seal)]
        {
            let of_this = target.starts_with("Dynamo") == action.starts_with("dynamodb");
            let answer = may(&template, "settings", target, body);
            assert_eq!(answer.is_err(), of_this, "{at} {action}, {target}: {answer:?}");
        }
    }
}

#[test]
fn a_policy_that_says_what_is_not_known_here_is_not_passed_over() {
    let template = template();
    let policies = "/Resources/TeamsEventsRole/Properties/Policies/0/PolicyDocument/Statement/0";
    for (member, value) in [
        ("NotAction", json!("sqs:*")),
        ("Condition", json!({"IpAddress": {"aws:SourceIp": "127.0.0.1"}})),
        ("Condition", json!({"StringEqualsIgnoreCase": {"kms:ViaService": "x"}})),
        ("Resource", json!({"Fn::ImportValue": "x"})),
        ("Resource", json!({"Ref": "Nothing"})),
    ] {
        let mut changed = template.clone();
        changed.pointer_mut(policies).unwrap()[member] = value.clone();
        let read = catch_unwind(|| Policies::of(&changed));
        assert!(read.is_err(), "{member} {value}");
    }
    // A condition on what no call is known to carry, where it would have to be decided.
    let mut changed = template;
    changed.pointer_mut(policies).unwrap()["Condition"] =
        json!({"StringEquals": {"aws:PrincipalTag/team": "x"}});
    let policies = Policies::of(&changed);
    let logs = Access {
        action: "logs:PutLogEvents".to_owned(),
        resource: "arn:aws:logs:us-east-1:000000000000:log-group:TeamsEventsLogs:*".to_owned(),
        context: BTreeMap::new(),
    };
    assert!(catch_unwind(AssertUnwindSafe(|| policies.allow("teams-events", &logs))).is_err());
}

#[test]
fn patterns_are_those_of_iam() {
    for (pattern, text, fits) in [
        ("abc", "abc", true),
        ("abc", "abcd", false),
        ("a*", "a", true),
        ("a*c", "abbc", true),
        ("a*c", "abbcd", false),
        ("*b*", "abc", true),
        ("J#*#INSTANCE", "J#1#INSTANCE", true),
        ("J#*#INSTANCE", "J#1#INSTANCES", false),
        ("app-??????", "app-AbCdEf", true),
        ("app-??????", "app-AbCdE", false),
        ("app-??????", "app-AbCdEfG", false),
        ("", "", true),
        ("", "a", false),
    ] {
        assert_eq!(like(pattern, text), fits, "{pattern} {text}");
    }
}

/// A function that reads what its role does not let it.
#[tokio::test(flavor = "multi_thread")]
async fn a_test_in_which_a_function_does_what_it_may_not_fails() {
    let stack = TestStack::bare().await;
    let read = || stack.clients.secrets.get_secret_value().secret_id("tandem/grant/1").send();
    assert!(read().await.is_err(), "there is none, and nobody asked");
    assert!(as_function("jira-events", read()).await.is_err());
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(stack)));
    let why = dropped.unwrap_err();
    let why = why.downcast_ref::<String>().unwrap();
    assert!(why.contains("jira-events: secretsmanager:GetSecretValue on"), "{why}");
    assert_eq!(why.matches("secretsmanager:").count(), 2, "once, by name and in the ARN: {why}");
}
