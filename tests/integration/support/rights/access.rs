//! What a call to AWS is in the terms of IAM: one request may be several actions, and Secrets Manager
//! uses its KMS key in the name of its caller.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tandem_local::provision::DEAD_LETTERS;
use tandem_store::{keys::PK, schema::INDEXES};

use super::{
    statement::Access,
    text::{ACCOUNT, REGION},
};

/// What KMS is asked for when Secrets Manager does its work under a key of one's own. Before it takes
/// a key for a secret it tries both `GenerateDataKey` and `Decrypt`; it also decrypts the present
/// value when a version is put once more; it encrypts anew what lies under another key.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html>
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html>
const KEY_USE: [(&str, &[&str]); 8] = [
    ("GetSecretValue", &["kms:Decrypt"]),
    ("CreateSecret", &["kms:GenerateDataKey", "kms:Decrypt"]),
    ("PutSecretValue", &["kms:GenerateDataKey", "kms:Decrypt"]),
    ("UpdateSecret", &["kms:GenerateDataKey", "kms:Decrypt", "kms:Encrypt"]),
    ("DescribeSecret", &[]),
    ("UpdateSecretVersionStage", &[]),
    ("PutResourcePolicy", &[]),
    ("DeleteSecret", &[]),
];

/// The accesses of a request; or what of it cannot be told.
pub fn accesses(target: &str, body: &[u8]) -> Result<Vec<Access>, String> {
    let body: Value = serde_json::from_slice(body).map_err(|_| format!("{target}: no JSON"))?;
    let (service, operation) = target.split_once('.').ok_or(target)?;
    match service {
        "DynamoDB_20120810" => of_table(operation, &body),
        "secretsmanager" => of_secret(operation, &body),
        "TrentService" => of_key(operation, &body),
        "AmazonSQS" => of_queue(operation, &body),
        _ => Err(format!("{target} is not known here")),
    }
}

/// A batch counts as each of its elements, and so does a transaction, whose checks have an action of
/// their own. `LeadingKeys` are the partitions that are asked for.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html>
fn of_table(operation: &str, body: &Value) -> Result<Vec<Access>, String> {
    let elements = |of: &Value| of.as_array().cloned().unwrap_or_default();
    match operation {
        "GetItem" | "UpdateItem" | "DeleteItem" => Ok(vec![item(operation, &body["Key"])?]),
        "PutItem" => Ok(vec![item(operation, &body["Item"])?]),
        "Query" => {
            let index = body["IndexName"].as_str();
            Ok(vec![items(operation, index, &[partition_of_query(body)])?])
        }
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flat_map(|it| it.values());
            let keys = tables.flat_map(|table| elements(&table["Keys"]));
            let partitions: Vec<Value> = keys.map(|key| key[PK].clone()).collect();
            Ok(vec![items(operation, None, &partitions)?])
        }
        "TransactWriteItems" => {
            let told = elements(&body["TransactItems"]);
            told.iter().map(|it| element_of_transaction(it).ok_or("an element")?).collect()
        }
        _ => Err(format!("dynamodb:{operation} is not known here")),
    }
}

fn element_of_transaction(element: &Value) -> Option<Result<Access, String>> {
    let (kind, body) = element.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "Put" => item("PutItem", &body["Item"]),
        kind @ ("Update" | "Delete" | "ConditionCheck") => {
            item(&format!("{kind}Item"), &body["Key"])
        }
        other => Err(format!("{other} in a transaction is not known here")),
    })
}

fn item(operation: &str, key: &Value) -> Result<Access, String> {
    items(operation, None, &[key[PK].clone()])
}

fn items(operation: &str, index: Option<&str>, partitions: &[Value]) -> Result<Access, String> {
    let unknown = || format!("dynamodb:{operation}: which partition is not told");
    let partition = |it: &Value| it["S"].as_str().map(str::to_owned).ok_or_else(unknown);
    let partitions: Vec<String> = partitions.iter().map(partition).collect::<Result<_, _>>()?;
    let index = index.map(|index| format!("/index/{index}")).unwrap_or_default();
    Ok(Access {
        action: format!("dynamodb:{operation}"),
        resource: format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/Table{index}"),
        context: BTreeMap::from([("dynamodb:LeadingKeys".to_owned(), partitions)]),
    })
}

/// The partition that a query asks for: the value that its table's or index's first key must have.
pub fn partition_of_query(body: &Value) -> Value {
    let index = body["IndexName"].as_str();
    let hash = match index {
        None => Some(PK),
        Some(name) => {
            let definitions = INDEXES.iter().map(|index| index.definition());
            definitions.into_iter().find(|(known, ..)| *known == name).map(|(_, hash, _)| hash)
        }
    };
    let condition = body["KeyConditionExpression"].as_str().unwrap_or_default();
    let asked = condition.split(" AND ").find_map(|part| {
        let (name, value) = part.split_once(" = ")?;
        let name = body["ExpressionAttributeNames"][name].as_str().unwrap_or(name);
        (Some(name) == hash).then_some(value)
    });
    asked.map_or(Value::Null, |value| body["ExpressionAttributeValues"][value].clone())
}

/// The ARN of a secret ends in six characters that nobody chooses.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html>
fn of_secret(operation: &str, body: &Value) -> Result<Vec<Access>, String> {
    let name = body["SecretId"].as_str().or_else(|| body["Name"].as_str());
    let name = name.ok_or_else(|| format!("secretsmanager:{operation}: which is not told"))?;
    let resource = if name.starts_with("arn:") {
        name.to_owned()
    } else {
        format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf")
    };
    let known = KEY_USE.iter().find(|(known, _)| *known == operation);
    let (_, uses) = known.ok_or_else(|| format!("secretsmanager:{operation} is not known here"))?;
    let context = json!({"SecretARN": resource, "SecretVersionId": "a version"});
    let mut all = vec![Access {
        action: format!("secretsmanager:{operation}"),
        resource,
        context: BTreeMap::new(),
    }];
    all.extend(uses.iter().map(|action| {
        let mut access = use_of_key("SecretsKey", action, &context);
        let service = format!("secretsmanager.{REGION}.amazonaws.com");
        access.context.insert("kms:ViaService".to_owned(), vec![service]);
        access
    }));
    Ok(all)
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>
fn use_of_key(key: &str, action: &str, context: &Value) -> Access {
    let pairs = context.as_object().cloned().unwrap_or_default();
    let mut carried: BTreeMap<String, Vec<String>> = pairs
        .iter()
        .map(|(name, value)| {
            let value = value.as_str().unwrap_or_default().to_owned();
            (format!("kms:EncryptionContext:{name}"), vec![value])
        })
        .collect();
    carried.insert("kms:CallerAccount".to_owned(), vec![ACCOUNT.to_owned()]);
    carried.insert("kms:EncryptionContextKeys".to_owned(), pairs.keys().cloned().collect());
    Access {
        action: action.to_owned(),
        resource: format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"),
        context: carried,
    }
}

/// What DynamoDB does with the key of its table in the name of whoever asks for items.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html>
pub fn use_by_table(key: &str) -> Access {
    let context = json!({"aws:dynamodb:tableName": "Table", "aws:dynamodb:subscriberId": ACCOUNT});
    let mut access = use_of_key("", "kms:Decrypt", &context);
    key.clone_into(&mut access.resource);
    let service = format!("dynamodb.{REGION}.amazonaws.com");
    access.context.insert("kms:ViaService".to_owned(), vec![service]);
    access
}

/// What is asked of KMS itself is for envelopes; each key that was theirs has the policy of the one of
/// the template.
fn of_key(operation: &str, body: &Value) -> Result<Vec<Access>, String> {
    let _ = body["KeyId"].as_str().ok_or_else(|| format!("kms:{operation}: no key is told"))?;
    let action = format!("kms:{operation}");
    Ok(vec![use_of_key("EnvelopeKey", &action, &body["EncryptionContext"])])
}

/// A batch has the action of one.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html>
fn of_queue(operation: &str, body: &Value) -> Result<Vec<Access>, String> {
    let url = body["QueueUrl"].as_str().unwrap_or_default();
    // There are two; a test may have one of its own in the place of the first.
    let queue = if url.ends_with(DEAD_LETTERS) { "DeadLetterQueue" } else { "DeliveryQueue" };
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    Ok(vec![Access {
        action: format!("sqs:{action}"),
        resource: format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"),
        context: BTreeMap::new(),
    }])
}
