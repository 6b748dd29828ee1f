//! The deployment's template says what the code says: routes, table, metrics, variables, rights.

mod aws_metrics;
mod build;
mod custody;
mod rights;
mod watched;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::{Value, json};
use tandem_runtime::{Config, metrics::Metric};
use tandem_store::{
    keys::{PK, SK, TTL},
    schema::INDEXES,
};

/// The attribute of what is due that is a number: milliseconds since 1970.
const DUE_AT: &str = "due_at";

/// A function of the template, and what its crate says about it.
struct Function {
    id: &'static str,
    name: &'static str,
    routes: &'static [&'static str],
}

const FUNCTIONS: [Function; 9] = [
    Function {
        id: "JiraEvents",
        name: tandem_jira_events::NAME,
        routes: tandem_jira_events::ROUTES,
    },
    Function {
        id: "TeamsEvents",
        name: tandem_teams_events::NAME,
        routes: tandem_teams_events::ROUTES,
    },
    Function { id: "TeamsBot", name: tandem_teams_bot::NAME, routes: tandem_teams_bot::ROUTES },
    Function { id: "Settings", name: tandem_settings::NAME, routes: tandem_settings::ROUTES },
    Function { id: "Admin", name: tandem_admin::NAME, routes: tandem_admin::ROUTES },
    Function { id: "Accounts", name: tandem_accounts::NAME, routes: tandem_accounts::ROUTES },
    Function {
        id: "IssueChats",
        name: tandem_issue_chats::NAME,
        routes: tandem_issue_chats::ROUTES,
    },
    Function { id: "Delivery", name: tandem_delivery::NAME, routes: &[] },
    Function { id: "Upkeep", name: tandem_upkeep::NAME, routes: &[] },
];

fn template() -> Value {
    serde_saphyr::from_str(include_str!("../../template.yaml")).unwrap()
}

/// The resources of a type, by logical id.
fn resources_of<'a>(template: &'a Value, of: &str) -> BTreeMap<&'a str, &'a Value> {
    let resources = template["Resources"].as_object().unwrap();
    resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == of)
        .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
        .collect()
}

fn function<'a>(template: &'a Value, function: &Function) -> &'a Value {
    &template["Resources"][format!("{}Function", function.id)]
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn every_function_has_its_binary_its_role_and_its_logs() {
    let template = template();
    let declared: BTreeSet<&str> =
        resources_of(&template, "AWS::Serverless::Function").into_keys().collect();
    let known: BTreeSet<String> =
        FUNCTIONS.iter().map(|function| format!("{}Function", function.id)).collect();
    assert_eq!(declared, known.iter().map(String::as_str).collect());
    for known in &FUNCTIONS {
        let function = function(&template, known);
        let properties = &function["Properties"];
        assert_eq!(function["Metadata"]["BuildMethod"], "rust-cargolambda");
        assert_eq!(
            function["Metadata"]["BuildProperties"]["Binary"],
            format!("tandem-{}", known.name)
        );
        assert_eq!(properties["CodeUri"], format!("functions/{}", known.name));
        assert_eq!(properties["Role"], json!({"Fn::GetAtt": [format!("{}Role", known.id), "Arn"]}));
        let logs = format!("{}Logs", known.id);
        assert_eq!(properties["LoggingConfig"]["LogGroup"], json!({"Ref": logs}));
        let retention = &template["Resources"][logs]["Properties"]["RetentionInDays"];
        assert!(!retention.is_null(), "{}", known.id);
    }
}

#[test]
fn the_api_has_the_routes_that_the_functions_serve() {
    let template = template();
    for known in &FUNCTIONS {
        let events = function(&template, known)["Properties"]["Events"].as_object().unwrap();
        let declared: BTreeSet<String> = events
            .values()
            .filter(|event| event["Type"] == "HttpApi")
            .map(|event| {
                let properties = &event["Properties"];
                assert_eq!(properties["ApiId"], json!({"Ref": "Api"}), "{}", known.id);
                let text = |name: &str| properties[name].as_str().unwrap().to_owned();
                format!("{} {}", text("Method"), text("Path"))
            })
            .collect();
        let served = known.routes.iter().map(|route| (*route).to_owned()).collect();
        assert_eq!(declared, served, "{}", known.id);
    }
    let served: Vec<&str> =
        FUNCTIONS.iter().flat_map(|function| function.routes).copied().collect();
    let throttled = &template["Resources"]["Api"]["Properties"]["RouteSettings"];
    for route in throttled.as_object().unwrap().keys() {
        assert!(served.contains(&route.as_str()), "{route}");
    }
}

#[test]
fn the_table_is_the_one_that_the_store_creates() {
    let template = template();
    let table = &template["Resources"]["Table"];
    let properties = &table["Properties"];
    let key = |hash: &str, range: &str| {
        json!([
            {"AttributeName": hash, "KeyType": "HASH"},
            {"AttributeName": range, "KeyType": "RANGE"},
        ])
    };
    assert_eq!(properties["KeySchema"], key(PK, SK));
    assert_eq!(
        properties["TimeToLiveSpecification"],
        json!({"AttributeName": TTL, "Enabled": true})
    );
    let indexes: Vec<Value> = INDEXES
        .iter()
        .map(|index| {
            let (name, hash, range) = index.definition();
            json!({
                "IndexName": name,
                "KeySchema": key(hash, range),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            })
        })
        .collect();
    assert_eq!(properties["GlobalSecondaryIndexes"], Value::from(indexes));
    let attributes: BTreeSet<&str> = INDEXES
        .iter()
        .flat_map(|index| [index.definition().1, index.definition().2])
        .chain([PK, SK])
        .collect();
    let declared: BTreeMap<&str, &str> = properties["AttributeDefinitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| (of["AttributeName"].as_str().unwrap(), of["AttributeType"].as_str().unwrap()))
        .collect();
    let of_type = |name: &&'static str| (*name, if *name == DUE_AT { "N" } else { "S" });
    assert_eq!(declared, attributes.iter().map(of_type).collect());
    assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(properties["DeletionProtectionEnabled"], true);
    assert_eq!(properties["SSESpecification"]["SSEEnabled"], true);
    let recovery = &properties["PointInTimeRecoverySpecification"];
    assert_eq!(recovery["PointInTimeRecoveryEnabled"], true);
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(table[policy], "Retain", "{policy}");
    }
}

#[test]
fn every_variable_of_the_configuration_is_set_and_no_other() {
    let template = template();
    let asked = RefCell::new(BTreeSet::new());
    let config = Config::read(&|name| {
        asked.borrow_mut().insert(name.to_owned());
        Some(if name.ends_with("_URL") { "https://example.com" } else { "x" }.to_owned())
    });
    assert!(config.is_ok());
    let set = &template["Globals"]["Function"]["Environment"]["Variables"];
    let set: BTreeSet<String> = set.as_object().unwrap().keys().cloned().collect();
    assert_eq!(set, asked.into_inner());
    for name in &set {
        let harmless =
            ["_PREFIX", "_READERS", "_KEY_ID", "_KEY_IDS"].iter().any(|end| name.ends_with(end));
        assert!(!name.contains("SECRET") || harmless, "{name}");
    }
    for known in &FUNCTIONS {
        assert!(function(&template, known)["Properties"].get("Environment").is_none());
    }
}

#[test]
fn every_alarm_reaches_somebody() {
    let template = template();
    let topic = json!({"Ref": "AlarmTopic"});
    for (id, alarm) in resources_of(&template, "AWS::CloudWatch::Alarm") {
        if id == "TokenAccessAlarm" {
            // Its rule tells who and what itself; the alarm is for the dashboard.
            let rule = &template["Resources"]["TokenAccessRule"]["Properties"];
            assert_eq!(rule["Targets"][0]["Arn"], topic);
            continue;
        }
        assert_eq!(alarm["AlarmActions"], json!([topic]), "{id}");
        assert_ne!(alarm["ActionsEnabled"], false, "{id}");
    }
}

#[test]
fn key_trouble_of_any_function_rings_at_the_first_time() {
    let template = template();
    let alarm = &template["Resources"]["KeyTroubleAlarm"]["Properties"];
    // One total, whichever function adds to it.
    assert_eq!((&alarm["MetricName"], &alarm["Dimensions"]), (&json!("KeyTrouble"), &Value::Null));
    assert_eq!(Metric::KeyTrouble.sets(), [[]; 1]);
    assert_eq!((&alarm["Statistic"], &alarm["Period"]), (&json!("Sum"), &json!(300)));
    assert_eq!((&alarm["Threshold"], &alarm["EvaluationPeriods"]), (&json!(0), &json!(1)));
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
}

#[test]
fn the_queue_keeps_order_and_gives_each_delivery_sixteen_attempts() {
    let template = template();
    let resources = &template["Resources"];
    let names = [("DeliveryQueue", "deliveries"), ("DeadLetterQueue", "dead-letters")];
    for (id, name) in names {
        let queue = &resources[id]["Properties"];
        assert_eq!(queue["FifoQueue"], true);
        assert_eq!(queue["ContentBasedDeduplication"], false);
        assert_eq!(queue["SqsManagedSseEnabled"], true);
        // SQS takes a FIFO queue for one only by this ending.
        let name = format!("${{AWS::StackName}}-{name}.fifo");
        assert_eq!(queue["QueueName"]["Fn::Sub"], name);
    }
    let queue = &resources["DeliveryQueue"]["Properties"];
    let dead = json!({"Fn::GetAtt": ["DeadLetterQueue", "Arn"]});
    assert_eq!(queue["RedrivePolicy"], json!({"deadLetterTargetArn": dead, "maxReceiveCount": 16}));
    let delivery = &resources["DeliveryFunction"]["Properties"];
    let event = &delivery["Events"]["Deliveries"];
    assert_eq!(event["Type"], "SQS");
    assert_eq!(event["Properties"]["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
    assert_eq!(event["Properties"]["Queue"], json!({"Fn::GetAtt": ["DeliveryQueue", "Arn"]}));
    let secs = |value: &Value| value.as_u64().unwrap();
    assert!(secs(&queue["VisibilityTimeout"]) > secs(&delivery["Timeout"]));
}
