//! Who is let at secrets, keys, logs and the trail by their own policies, whatever roles say.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{FUNCTIONS, resources_of, strings, template};

/// The roles that secrets' policies let through.
const READERS: &str = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/tandem/${SecretPrefix}/*";
/// The path of the functions' roles.
const PATH: &str = "/tandem/${SecretPrefix}/";

fn properties<'a>(template: &'a Value, id: &str) -> &'a Value {
    &template["Resources"][id]["Properties"]
}

/// The statements of a key's policy, those with a condition of the template too.
fn key_statements<'a>(template: &'a Value, key: &str) -> Vec<&'a Value> {
    let policy = &properties(template, key)["KeyPolicy"]["Statement"];
    let statements = policy.as_array().unwrap().iter();
    statements.map(|it| it.get("Fn::If").map_or(it, |choice| &choice[1])).collect()
}

fn statement<'a>(statements: &[&'a Value], sid: &str) -> &'a Value {
    statements.iter().find(|it| it["Sid"] == sid).unwrap()
}

/// The actions of a statement, of which a single one need not be in a list.
fn actions(statement: &Value) -> BTreeSet<&str> {
    match statement["Action"].as_str() {
        Some(one) => BTreeSet::from([one]),
        None => strings(&statement["Action"]).into_iter().collect(),
    }
}

#[test]
fn the_roles_that_secrets_let_through_are_in_a_path_of_their_own() {
    let template = template();
    let in_path: BTreeSet<&str> = resources_of(&template, "AWS::IAM::Role")
        .into_iter()
        .filter(|(_, role)| role["Path"] == json!({"Fn::Sub": PATH}))
        .map(|(id, _)| id)
        .collect();
    let functions = FUNCTIONS.iter().map(|function| format!("{}Role", function.id));
    let known: BTreeSet<String> = functions.chain(["BreakGlassRole".to_owned()]).collect();
    assert_eq!(in_path, known.iter().map(String::as_str).collect());
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(variables["TANDEM_SECRET_READERS"], json!({"Fn::Sub": READERS}));
}

#[test]
fn operators_write_the_apps_secret_and_do_not_read_it() {
    let template = template();
    let secret = properties(&template, "AppSecret");
    let name = tandem_runtime::app_secret_name("${SecretPrefix}");
    assert_eq!(secret["Name"], json!({"Fn::Sub": name}));
    assert_eq!(secret["KmsKeyId"], json!({"Fn::GetAtt": ["SecretsKey", "Arn"]}));
    for value in ["SecretString", "GenerateSecretString"] {
        assert!(secret.get(value).is_none(), "it has its policy before it has a value");
    }
    let policy = properties(&template, "AppSecretPolicy");
    assert_eq!(policy["SecretId"], json!({"Ref": "AppSecret"}));
    assert_eq!(policy["BlockPublicPolicy"], true);
    assert_eq!(
        policy["ResourcePolicy"]["Statement"],
        json!([{
            "Sid": "OnlyTandemReads",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": {"Fn::Sub": READERS}}},
        }])
    );
}

#[test]
fn administrators_manage_every_key_and_use_none_but_through_a_service() {
    let template = template();
    let using = ["Decrypt", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "CreateGrant"];
    let root = json!({"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}});
    let administration = actions(key_statements(&template, "EnvelopeKey")[0]);
    let keys = resources_of(&template, "AWS::KMS::Key");
    assert_eq!(keys.len(), 5);
    for (key, properties) in keys {
        assert_eq!(properties["EnableKeyRotation"], true, "{key}");
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            assert_eq!(template["Resources"][key][policy], "Retain", "{key}");
        }
        let statements = key_statements(&template, key);
        assert_eq!(statements[0]["Sid"], "Administration", "{key}");
        assert_eq!(actions(statements[0]), administration, "{key}");
        for statement in &statements {
            let used = actions(statement);
            let used = using.iter().any(|action| used.contains(format!("kms:{action}").as_str()));
            if used && statement["Principal"] == root {
                let through = &statement["Condition"]["StringEquals"]["kms:ViaService"];
                assert!(through.is_object(), "{key} {}", statement["Sid"]);
                assert_ne!(key, "EnvelopeKey", "no service stands between");
            }
        }
    }
}

#[test]
fn no_key_is_used_without_an_encryption_context() {
    let template = template();
    for (key, named) in [
        ("EnvelopeKey", "kms:EncryptionContext:grant"),
        ("SecretsKey", "kms:EncryptionContext:SecretARN"),
        ("TableKey", "kms:EncryptionContext:aws:dynamodb:tableName"),
        ("LogsKey", "kms:EncryptionContext:aws:"),
        ("TrailKey", "kms:EncryptionContext:aws:cloudtrail:arn"),
    ] {
        for statement in &key_statements(&template, key)[1..] {
            let sid = statement["Sid"].as_str().unwrap();
            // Looking at a key has none; and operators get at the whole table through DynamoDB.
            let exempt = actions(statement) == BTreeSet::from(["kms:DescribeKey"]);
            if !exempt && sid != "OperateTable" {
                assert!(statement["Condition"].to_string().contains(named), "{key} {sid}");
            }
        }
    }
}

#[test]
fn the_tables_key_works_for_the_functions_through_dynamodb_only() {
    let template = template();
    let table = &properties(&template, "Table")["SSESpecification"];
    assert_eq!(table["KMSMasterKeyId"], json!({"Fn::GetAtt": ["TableKey", "Arn"]}));
    let statements = key_statements(&template, "TableKey");
    for sid in ["UseTable", "FindKey"] {
        let condition = &statement(&statements, sid)["Condition"];
        // The principal is anybody: these conditions are what there is.
        assert_eq!(condition["ArnLike"], json!({"aws:PrincipalArn": {"Fn::Sub": READERS}}));
        assert_eq!(
            condition["StringEquals"],
            json!({
                "kms:CallerAccount": {"Ref": "AWS::AccountId"},
                "kms:ViaService": {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"},
            })
        );
    }
}

#[test]
fn every_log_group_and_the_topic_are_under_the_key_that_admits_them() {
    let template = template();
    let statements = key_statements(&template, "LogsKey");
    let admitted = &statement(&statements, "KeepLogs")["Condition"]["ArnLike"];
    let admitted = admitted["kms:EncryptionContext:aws:logs:arn"].as_array().unwrap();
    let admitted: Vec<&str> = admitted.iter().map(|it| it["Fn::Sub"].as_str().unwrap()).collect();
    for (id, group) in resources_of(&template, "AWS::Logs::LogGroup") {
        assert_eq!(group["KmsKeyId"], json!({"Fn::GetAtt": ["LogsKey", "Arn"]}), "{id}");
        let name = group["LogGroupName"]["Fn::Sub"].as_str().unwrap();
        let like = |pattern: &&str| {
            let (_, pattern) = pattern.split_once(":log-group:").unwrap();
            pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
        };
        assert!(admitted.iter().any(like), "{id}: {name}");
    }
    let topic = properties(&template, "AlarmTopic");
    assert_eq!(topic["KmsMasterKeyId"], json!({"Ref": "LogsKey"}));
    let named = topic["TopicName"]["Fn::Sub"].as_str().unwrap();
    let condition = &statement(&statements, "SendAlarms")["Condition"];
    let topic = condition["StringEquals"]["kms:EncryptionContext:aws:sns:topicArn"].to_string();
    assert!(topic.contains(&format!(":{named}")), "{topic}");
    assert_eq!(condition.as_object().unwrap().len(), 1, "EventBridge gives nothing else");
}

#[test]
fn eventbridge_reaches_the_topic_without_a_condition() {
    let template = template();
    let policy = &properties(&template, "AlarmTopicPolicy")["PolicyDocument"]["Statement"];
    let statements: Vec<&Value> = policy.as_array().unwrap().iter().collect();
    let rules = statement(&statements, "Rules");
    assert_eq!(rules["Principal"], json!({"Service": "events.amazonaws.com"}));
    assert!(rules.get("Condition").is_none(), "with one, no rule tells anybody of anything");
    for (id, rule) in resources_of(&template, "AWS::Events::Rule") {
        let targets = rule["Targets"].as_array().unwrap();
        assert!(targets.iter().any(|it| it["Arn"] == json!({"Ref": "AlarmTopic"})), "{id}");
        assert!(targets.iter().all(|it| it.get("RoleArn").is_none()), "{id}");
    }
}

#[test]
fn the_trail_is_locked_and_outlives_its_lock_by_a_lifecycle_only() {
    let template = template();
    let bucket = properties(&template, "TrailBucket");
    assert_eq!(bucket["ObjectLockEnabled"], true);
    let retention = &bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"];
    let days = json!({"Ref": "TrailRetentionDays"});
    assert_eq!(*retention, json!({"Mode": {"Ref": "TrailLock"}, "Days": days}));
    assert_eq!(template["Parameters"]["TrailLock"]["Default"], "COMPLIANCE");
    let rule = &bucket["LifecycleConfiguration"]["Rules"][0];
    assert_eq!(rule["ExpirationInDays"], days, "not before its lock ends");
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    let access = bucket["PublicAccessBlockConfiguration"].as_object().unwrap();
    assert!(access.len() == 4 && access.values().all(|it| it == true), "{access:?}");
    let policy = &properties(&template, "TrailBucketPolicy")["PolicyDocument"]["Statement"];
    let statements: Vec<&Value> = policy.as_array().unwrap().iter().collect();
    let nobody = statement(&statements, "NobodyDeletes");
    assert_eq!((&nobody["Effect"], &nobody["Principal"]), (&json!("Deny"), &json!("*")));
    assert!(nobody.get("Condition").is_none());
    for action in ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"] {
        assert!(actions(nobody).contains(action), "{action}");
    }
    let trail = properties(&template, "Trail");
    assert_eq!(trail["KMSKeyId"], json!({"Fn::GetAtt": ["TrailKey", "Arn"]}));
    for wanted in ["IsLogging", "IsMultiRegionTrail", "EnableLogFileValidation"] {
        assert_eq!(trail[wanted], true, "{wanted}");
    }
}

#[test]
fn the_glass_is_broken_by_one_principal_with_a_second_factor_for_an_hour() {
    let template = template();
    let role = &template["Resources"]["BreakGlassRole"];
    assert_eq!(role["Condition"], "HasBreakGlass");
    assert_eq!(template["Parameters"]["BreakGlassPrincipal"]["Default"], "", "unless it is said");
    let role = &role["Properties"];
    assert_eq!(role["MaxSessionDuration"], 3600);
    let trust = &role["AssumeRolePolicyDocument"]["Statement"];
    assert_eq!(trust.as_array().unwrap().len(), 1);
    assert_eq!(trust[0]["Principal"], json!({"AWS": {"Ref": "BreakGlassPrincipal"}}));
    let second_factor = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    assert_eq!(trust[0]["Condition"], second_factor);
    let may = &role["Policies"][0]["PolicyDocument"]["Statement"];
    assert_eq!(may.as_array().unwrap().len(), 1);
    let writing = ["secretsmanager:PutSecretValue", "secretsmanager:PutResourcePolicy"];
    assert!(writing.iter().all(|action| !actions(&may[0]).contains(action)), "{may}");
    // It opens what a function opens: with the same context.
    let envelope = key_statements(&template, "EnvelopeKey");
    let (open, emergency) = (statement(&envelope, "Open"), statement(&envelope, "OpenInEmergency"));
    assert_eq!(actions(emergency), BTreeSet::from(["kms:Decrypt"]));
    assert_eq!(emergency["Condition"], open["Condition"]);
    let rule = &template["Resources"]["BreakGlassRule"];
    assert_eq!(rule["Condition"], "HasBreakGlass");
    assert_eq!(rule["Properties"]["State"], "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
}

#[test]
fn what_only_reads_is_told_of_too() {
    let template = template();
    for rule in ["TokenAccessRule", "KeyUseRule", "BreakGlassRule"] {
        let state = &properties(&template, rule)["State"];
        assert_eq!(*state, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "{rule}");
    }
    for rule in ["TokenAccessRule", "KeyUseRule"] {
        let detail = &properties(&template, rule)["EventPattern"]["detail"];
        let issuer = &detail["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"];
        let functions: Vec<&str> = issuer[1]["anything-but"]
            .as_array()
            .unwrap()
            .iter()
            .map(|role| role["Fn::GetAtt"][0].as_str().unwrap().strip_suffix("Role").unwrap())
            .collect();
        let known: Vec<&str> = FUNCTIONS.iter().map(|function| function.id).collect();
        assert_eq!(functions.len(), known.len(), "{rule}");
        assert!(known.iter().all(|function| functions.contains(function)), "{rule}");
    }
}
