//! A vendor's published contract (OpenAPI 3.0, or Swagger 2.0), asked whether it allows a request.

mod schema;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use jsonschema::Validator;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

pub use schema::Dialect;

/// A contract.
pub struct Contract {
    root: Value,
    paths: Vec<Path>,
    dialect: Dialect,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// A path of the contract, such as `/chats/{chat-id}/messages`.
struct Path {
    template: String,
    segments: Vec<Segment>,
}

enum Segment {
    Word(String),
    Parameter,
}

/// A request, as it was sent.
pub struct Sent<'a> {
    pub method: &'a str,
    /// Encoded, below what the contract's paths are below of.
    pub path: &'a str,
    /// Encoded, without `?`.
    pub query: &'a str,
    pub content_type: &'a str,
    pub body: &'a [u8],
}

impl Contract {
    /// The contract of an OpenAPI document.
    pub fn new(root: Value, dialect: Dialect) -> Self {
        let paths = root["paths"].as_object().unwrap().keys().map(|path| Path::read(path));
        Self { paths: paths.collect(), root, dialect, validators: Mutex::default() }
    }

    /// Whether a value is as the contract's definition of this name says (Swagger 2.0); or what of it
    /// is not.
    pub fn check_value_of(&self, definition: &str, value: &Value) -> Result<(), String> {
        let reference = json!({"$ref": format!("#/definitions/{definition}")});
        self.check_json(&reference, value).map_err(|why| format!("{definition}{why}"))
    }

    /// The operation that a request is a call of, such as `GET /me`; or what of the request the
    /// contract does not allow.
    pub fn check(&self, sent: &Sent<'_>) -> Result<String, String> {
        let template = self.find(sent.path).ok_or_else(|| format!("no path {}", sent.path))?;
        let item = &self.root["paths"][template];
        let operation = &item[sent.method.to_lowercase()];
        if !operation.is_object() {
            return Err(format!("{template} knows no {}", sent.method));
        }
        self.check_query(item, operation, sent.query)?;
        self.check_body(operation, sent)?;
        Ok(format!("{} {template}", sent.method))
    }

    /// The path of the contract that fits, the one with the most words of its own.
    fn find(&self, path: &str) -> Option<&str> {
        let segments: Vec<String> = path.trim_start_matches('/').split('/').map(decoded).collect();
        let fitting = self.paths.iter().filter(|known| known.fits(&segments));
        fitting.max_by_key(|known| known.words()).map(|known| known.template.as_str())
    }

    fn check_query(&self, item: &Value, operation: &Value, query: &str) -> Result<(), String> {
        let listed = [&item["parameters"], &operation["parameters"]];
        let declared: Vec<&Value> = listed
            .into_iter()
            .flat_map(|list| list.as_array().into_iter().flatten())
            .map(|parameter| self.resolved(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .collect();
        let given: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for (name, value) in &given {
            let parameter = declared
                .iter()
                .find(|parameter| parameter["name"] == **name)
                .ok_or_else(|| format!("undeclared query parameter {name}"))?;
            self.check_value(&schema_of(parameter), value)
                .map_err(|why| format!("query parameter {name}: {why}"))?;
        }
        let required = declared.iter().filter(|parameter| parameter["required"] == true);
        for name in required.filter_map(|parameter| parameter["name"].as_str()) {
            if !given.iter().any(|(given, _)| given == name) {
                return Err(format!("query parameter {name} is missing"));
            }
        }
        Ok(())
    }

    /// Checks the text of a parameter against its schema. Lists are joined by commas: Graph says
    /// so (`explode: false`), and Jira's lists take it as well.
    fn check_value(&self, schema: &Value, text: &str) -> Result<(), String> {
        let schema = self.resolved(schema);
        if schema["type"] == "array" {
            return text.split(',').try_for_each(|item| self.check_value(&schema["items"], item));
        }
        let not = |what: &str| format!("{text:?} is no {what}");
        let value = match schema["type"].as_str() {
            Some("integer") => Value::from(text.parse::<i64>().map_err(|_| not("integer"))?),
            Some("number") => Value::from(text.parse::<f64>().map_err(|_| not("number"))?),
            Some("boolean") => Value::from(text.parse::<bool>().map_err(|_| not("boolean"))?),
            _ => Value::from(text),
        };
        self.check_json(schema, &value)
    }

    fn check_body(&self, operation: &Value, sent: &Sent<'_>) -> Result<(), String> {
        let declared = match self.body_of_swagger(operation) {
            Some(declared) => &declared.clone(),
            None => self.resolved(&operation["requestBody"]),
        };
        if sent.body.is_empty() {
            let required = declared["required"] == true;
            return if required { Err("the body is missing".to_owned()) } else { Ok(()) };
        }
        if !declared.is_object() {
            return Err("there is a body, and the contract knows none".to_owned());
        }
        let kind = sent.content_type.split(';').next().unwrap_or("").trim();
        let content = &declared["content"][kind];
        if !content.is_object() {
            return Err(format!("the body is {kind:?}, which the contract does not know"));
        }
        let body = serde_json::from_slice(sent.body).map_err(|_| "the body is not JSON")?;
        self.check_json(&content["schema"], &body).map_err(|why| format!("body{why}"))
    }

    /// The body of an operation of Swagger 2.0, as OpenAPI 3.0 says it.
    fn body_of_swagger(&self, operation: &Value) -> Option<Value> {
        let parameters = operation["parameters"].as_array()?.iter();
        let body = parameters.map(|it| self.resolved(it)).find(|it| it["in"] == "body")?;
        let kinds = operation["consumes"].as_array().into_iter().flatten();
        let content: Map<String, Value> = kinds
            .filter_map(|kind| Some((kind.as_str()?.to_owned(), json!({"schema": body["schema"]}))))
            .collect();
        Some(json!({"required": body["required"], "content": content}))
    }

    fn check_json(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let validator = self.validator(schema);
        let wrong: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let key = schema.to_string();
        let mut known = self.validators.lock().unwrap();
        let made = known.entry(key).or_insert_with(|| {
            let root = schema::bundled(&self.root, schema, self.dialect);
            Arc::new(jsonschema::draft4::new(&root).unwrap())
        });
        Arc::clone(made)
    }

    /// What a `$ref` refers to, or the value itself.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => schema::referred(&self.root, reference),
            None => value,
        }
    }
}

impl Path {
    fn read(template: &str) -> Self {
        let segment = |text: &str| match text.strip_prefix('{').and_then(|it| it.strip_suffix('}'))
        {
            Some(name) if !name.contains(['{', '}']) => Segment::Parameter,
            _ => Segment::Word(text.to_owned()),
        };
        let segments = template.trim_start_matches('/').split('/').map(segment).collect();
        Self { template: template.to_owned(), segments }
    }

    fn fits(&self, segments: &[String]) -> bool {
        self.segments.len() == segments.len()
            && self.segments.iter().zip(segments).all(|(known, given)| match known {
                Segment::Word(word) => word == given,
                Segment::Parameter => !given.is_empty(),
            })
    }

    fn words(&self) -> usize {
        self.segments.iter().filter(|segment| matches!(segment, Segment::Word(_))).count()
    }
}

/// The schema of a parameter; Swagger 2.0 says it in the parameter itself.
fn schema_of(parameter: &Value) -> Value {
    let mut schema = parameter.get("schema").unwrap_or(parameter).clone();
    if let Some(own) = schema.as_object_mut().filter(|own| own.contains_key("in")) {
        own.remove("required");
    }
    schema
}

/// A segment of a path without its percent-encoding.
fn decoded(segment: &str) -> String {
    let query = format!("v={}", segment.replace('+', "%2B"));
    form_urlencoded::parse(query.as_bytes()).next().unwrap().1.into_owned()
}
