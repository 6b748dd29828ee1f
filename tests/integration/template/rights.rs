//! What each role and each key's policy allows, and who is told of other access.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tandem_runtime::{app_secret_name, webhook_secret_name};

use super::{FUNCTIONS, strings, template};

/// The statements of each function's role, by the function's id.
fn statements(template: &Value) -> BTreeMap<&'static str, Vec<&Value>> {
    FUNCTIONS
        .iter()
        .map(|function| {
            let role = &template["Resources"][format!("{}Role", function.id)]["Properties"];
            assert!(role.get("ManagedPolicyArns").is_none(), "{}", function.id);
            let policies = role["Policies"].as_array().unwrap();
            let statements = policies
                .iter()
                .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap());
            (function.id, statements.collect())
        })
        .collect()
}

#[test]
fn no_role_reaches_beyond_what_is_tandems() {
    let template = template();
    let prefix = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:";
    let app = app_secret_name("${SecretPrefix}");
    for (function, statements) in statements(&template) {
        for statement in statements {
            let actions = strings(&statement["Action"]);
            assert!(actions.iter().all(|action| !action.contains('*')), "{function} {actions:?}");
            assert!(!actions.iter().any(|action| action.starts_with("kms:")), "{function}");
            for resource in statement["Resource"].as_array().unwrap() {
                assert!(resource.is_object(), "{function}: {resource}");
                if actions[0].starts_with("secretsmanager:") {
                    let name = resource["Fn::Sub"].as_str().unwrap().strip_prefix(prefix).unwrap();
                    let known = [
                        format!("{app}-??????"),
                        "${SecretPrefix}/webhook/*".to_owned(),
                        "${SecretPrefix}/grant/*".to_owned(),
                    ];
                    assert!(known.iter().any(|known| known == name), "{function}: {name}");
                }
            }
        }
    }
    let cloud = "11223344-a1b2-4b33-8444-def123456789".parse().unwrap();
    assert!(webhook_secret_name("tandem", &cloud).starts_with("tandem/webhook/"));
}

#[test]
fn what_vendors_call_reaches_no_grant() {
    let template = template();
    let all = statements(&template);
    let reaches = |function: &str, what: &str| {
        all[function].iter().any(|statement| statement["Resource"].to_string().contains(what))
    };
    for function in ["JiraEvents", "TeamsEvents"] {
        assert!(!reaches(function, "/grant/"), "{function}");
        assert!(reaches(function, "/app-"), "{function}");
    }
    for (function, expected) in [("JiraEvents", true), ("TeamsEvents", false), ("Upkeep", true)] {
        assert_eq!(reaches(function, "/webhook/"), expected, "{function}");
    }
    let may = |function: &str, what: &str| -> BTreeSet<&str> {
        let statements = all[function].iter();
        let of = statements.filter(|it| it["Resource"].to_string().contains(what));
        of.flat_map(|statement| strings(&statement["Action"])).collect()
    };
    let (read, delete) = ("secretsmanager:GetSecretValue", "secretsmanager:DeleteSecret");
    assert_eq!(may("JiraEvents", "/webhook/"), BTreeSet::from([read]));
    assert_eq!(may("Upkeep", "/webhook/"), BTreeSet::from([delete]), "erases, and reads none");
    for (function, deletes) in [("Upkeep", true), ("Accounts", true), ("Delivery", false)] {
        assert_eq!(may(function, "/grant/").contains(delete), deletes, "{function}");
    }
}

/// The functions that a statement of a key's policy names.
fn principals<'a>(template: &'a Value, key: &str, sid: &str) -> (BTreeSet<String>, &'a Value) {
    let policy = &template["Resources"][key]["Properties"]["KeyPolicy"]["Statement"];
    let statement =
        policy.as_array().unwrap().iter().find(|statement| statement["Sid"] == sid).unwrap();
    let roles = statement["Principal"]["AWS"].as_array().unwrap();
    let roles = roles.iter().map(|role| role["Fn::GetAtt"][0].as_str().unwrap().to_owned());
    (roles.collect(), statement)
}

#[test]
fn only_what_acts_for_people_opens_an_envelope_and_only_with_its_context() {
    let template = template();
    let roles = |ids: &[&str]| ids.iter().map(|id| format!("{id}Role")).collect::<BTreeSet<_>>();
    let acting = ["Settings", "Admin", "TeamsBot", "IssueChats", "Delivery", "Upkeep"];
    let (open, statement) = principals(&template, "EnvelopeKey", "Open");
    assert_eq!(open, roles(&acting));
    assert_eq!(statement["Action"], "kms:Decrypt");
    let names = &statement["Condition"]["ForAllValues:StringEquals"]["kms:EncryptionContextKeys"];
    assert_eq!(*names, json!(["grant", "provider", "stage", "subject", "version"]));
    let stage = &statement["Condition"]["StringEquals"]["kms:EncryptionContext:stage"];
    assert_eq!(*stage, json!({"Ref": "SecretPrefix"}));
    let (seal, statement) = principals(&template, "EnvelopeKey", "Seal");
    assert_eq!(seal, roles(&[&acting[..], &["Accounts"]].concat()));
    assert_eq!(statement["Action"], "kms:GenerateDataKey");
    for key in ["EnvelopeKey", "SecretsKey"] {
        let policy = &template["Resources"][key]["Properties"]["KeyPolicy"]["Statement"];
        let administration = strings(&policy[0]["Action"]);
        for action in ["kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:ReEncryptFrom"]
        {
            assert!(!administration.contains(&action), "{key} {action}");
        }
        assert!(administration.iter().all(|action| !action.contains('*')), "{key}");
    }
}

#[test]
fn any_other_use_of_a_secret_or_a_key_is_told() {
    let template = template();
    let rule = &template["Resources"]["TokenAccessRule"]["Properties"];
    assert_eq!(rule["State"], "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
    assert_eq!(rule["Targets"][0]["Arn"], json!({"Ref": "AlarmTopic"}));
    let detail = &rule["EventPattern"]["detail"];
    let issuer = &detail["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"];
    assert_eq!(issuer[0], json!({"exists": false}));
    let roles: Vec<Value> = FUNCTIONS
        .iter()
        .map(|function| json!({"Fn::GetAtt": [format!("{}Role", function.id), "Arn"]}))
        .collect();
    assert_eq!(issuer[1], json!({"anything-but": roles}));
    let trail = &template["Resources"]["Trail"]["Properties"];
    assert_eq!(trail["IsLogging"], true);
    assert_eq!(
        trail["EventSelectors"],
        json!([{"IncludeManagementEvents": true, "ReadWriteType": "All"}])
    );
}
