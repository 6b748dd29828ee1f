//! The template's texts, with its functions worked out as for the local stack. What the template
//! makes is called by its logical id, since CloudFormation names it.

use serde_json::Value;
use tandem_local::provision::SECRET_PREFIX;

/// The region of the local stack.
pub const REGION: &str = "us-east-1";
/// Its account.
pub const ACCOUNT: &str = "000000000000";

/// The values of a list, or the only one; none of null.
pub fn one_or_more(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().collect(),
        value => vec![value],
    }
}

/// The members of a list; what is there on a condition counts as there.
pub fn members(value: &Value) -> Vec<&Value> {
    one_or_more(value).into_iter().map(there).collect()
}

fn there(value: &Value) -> &Value {
    value.get("Fn::If").map_or(value, |of| &of[1])
}

/// The ARN of a resource of the template.
pub fn arn(template: &Value, id: &str) -> String {
    let resource = &template["Resources"][id];
    let of = resource["Type"].as_str().unwrap_or_default();
    match of {
        "AWS::IAM::Role" => {
            let path = &resource["Properties"]["Path"];
            let path = if path.is_null() { "/".to_owned() } else { text_of(template, path) };
            format!("arn:aws:iam::{ACCOUNT}:role{path}{id}")
        }
        "AWS::DynamoDB::Table" => format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{id}"),
        "AWS::SQS::Queue" => format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{id}"),
        "AWS::KMS::Key" => format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{id}"),
        "AWS::Logs::LogGroup" => format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{id}:*"),
        _ => panic!("the ARN of {id} ({of}) is not known here"),
    }
}

/// A text: plain, or one of the template's functions.
pub fn text_of(template: &Value, value: &Value) -> String {
    let of = match value {
        Value::String(text) => return text.clone(),
        Value::Object(of) if of.len() == 1 => of,
        other => panic!("{other} is not known here"),
    };
    let (function, argument) = of.iter().next().unwrap();
    match (function.as_str(), argument) {
        ("Ref", Value::String(name)) => named(template, name),
        ("Fn::GetAtt", Value::Array(path)) if path.len() == 2 && path[1] == "Arn" => {
            arn(template, path[0].as_str().unwrap())
        }
        ("Fn::Sub", Value::String(text)) => filled(template, text),
        _ => panic!("{value} is not known here"),
    }
}

fn filled(template: &Value, text: &str) -> String {
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap();
        match name.strip_suffix(".Arn") {
            Some(id) => filled.push_str(&arn(template, id)),
            None => filled.push_str(&named(template, name)),
        }
        filled.push_str(rest);
    }
    filled
}

fn named(template: &Value, name: &str) -> String {
    match name {
        "AWS::Partition" => "aws",
        "AWS::Region" => REGION,
        "AWS::AccountId" => ACCOUNT,
        "AWS::StackName" => "tandem",
        "SecretPrefix" => SECRET_PREFIX,
        id if template["Resources"].get(id).is_some() => id,
        _ => panic!("the value of {name} is not known here"),
    }
    .to_owned()
}
