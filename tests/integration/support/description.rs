//! The description of Tandem's own API (`docs/openapi.yaml`), asked whether what was sent and
//! answered is what it says.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, OnceLock},
};

use http::{HeaderMap, StatusCode, header};
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use tandem_local::gateway::{Exchange, Observer};
use url::form_urlencoded;

const DOCUMENT: &str = include_str!("../../../docs/openapi.yaml");

/// Headers that an answer has only where the description says so.
const TOLD: [header::HeaderName; 4] =
    [header::ETAG, header::LOCATION, header::RETRY_AFTER, header::SET_COOKIE];

/// The description.
pub struct Description {
    pub root: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

static DESCRIPTION: OnceLock<Description> = OnceLock::new();

/// The description, read once for all tests.
pub fn description() -> &'static Description {
    DESCRIPTION.get_or_init(|| Description::new(serde_saphyr::from_str(DOCUMENT).unwrap()))
}

impl Description {
    pub fn new(root: Value) -> Self {
        Self { root, validators: Mutex::default() }
    }

    /// Every route, such as `GET /me/ledger`.
    pub fn routes(&self) -> BTreeSet<String> {
        let paths = self.root["paths"].as_object().unwrap();
        let methods = |(path, item): (&String, &Value)| {
            let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
            let path = path.clone();
            methods.map(move |it| format!("{} {path}", it.to_uppercase())).collect::<Vec<_>>()
        };
        paths.iter().flat_map(methods).collect()
    }

    /// The operation of a route.
    pub fn operation(&self, route: &str) -> Option<&Value> {
        let (method, path) = route.split_once(' ')?;
        self.root["paths"].get(path)?.get(method.to_lowercase())
    }

    /// Whether an answer is described, and an accepted request fits; or what is not so.
    pub fn check(&self, exchange: &Exchange<'_>) -> Result<(), String> {
        let operation = self.operation(exchange.route).ok_or("the route is not described")?;
        let status = exchange.answer.status();
        self.check_answer(operation, exchange).map_err(|why| format!("answer: {why}"))?;
        if status.is_success() || status.is_redirection() {
            self.check_request(operation, exchange).map_err(|why| format!("request: {why}"))?;
        }
        Ok(())
    }

    /// Whether a value fits a schema of the description; or what of it does not.
    pub fn fits(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let wrong: Vec<String> = self
            .validator(schema)
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
    }

    fn check_request(&self, operation: &Value, exchange: &Exchange<'_>) -> Result<(), String> {
        let (_, path) = exchange.route.split_once(' ').unwrap();
        let parameters = [&self.root["paths"][path]["parameters"], &operation["parameters"]];
        let parameters: Vec<&Value> = parameters
            .into_iter()
            .flat_map(|list| list.as_array().into_iter().flatten())
            .map(|parameter| self.resolved(parameter))
            .collect();
        let query: HashMap<String, String> =
            form_urlencoded::parse(exchange.query.as_bytes()).into_owned().collect();
        for parameter in &parameters {
            let name = parameter["name"].as_str().unwrap();
            let given = match parameter["in"].as_str().unwrap() {
                "path" => exchange.parameters.get(name).cloned(),
                "query" => query.get(name).cloned(),
                _ => header_text(exchange.headers, name),
            };
            match given {
                Some(text) => self
                    .fits_text(&parameter["schema"], &text)
                    .map_err(|why| format!("parameter {name}{why}"))?,
                None if parameter["required"] == true => return Err(format!("{name} is missing")),
                None => {}
            }
        }
        // The canaries leave a marker wherever something can be sent.
        let undescribed = query
            .keys()
            .filter(|name| !name.starts_with("canary"))
            .find(|name| !parameters.iter().any(|it| it["in"] == "query" && it["name"] == **name));
        if let Some(name) = undescribed {
            return Err(format!("query parameter {name} is not described"));
        }
        self.check_credentials(operation, exchange.headers)?;
        self.check_body(operation, exchange)
    }

    /// An accepted request carried what one of the alternatives asks for.
    fn check_credentials(&self, operation: &Value, headers: &HeaderMap) -> Result<(), String> {
        let alternatives =
            operation["security"].as_array().ok_or("who may call is not described")?;
        let carried = |scheme: &String| {
            let scheme = &self.root["components"]["securitySchemes"][scheme];
            let name = scheme["name"].as_str().unwrap_or("authorization");
            match scheme["in"].as_str() {
                Some("cookie") => header_text(headers, "cookie").is_some_and(|line| {
                    line.split(';').any(|it| it.trim().starts_with(&format!("{name}=")))
                }),
                _ => headers.contains_key(name),
            }
        };
        let enough = |wanted: &Value| wanted.as_object().unwrap().keys().all(carried);
        if alternatives.is_empty() || alternatives.iter().any(enough) {
            Ok(())
        } else {
            Err("accepted without the credentials that are described".to_owned())
        }
    }

    fn check_body(&self, operation: &Value, exchange: &Exchange<'_>) -> Result<(), String> {
        let described = self.resolved(&operation["requestBody"]);
        if exchange.body.is_empty() {
            let required = described["required"] == true;
            return if required { Err("the body is missing".to_owned()) } else { Ok(()) };
        }
        if !described.is_object() {
            // Whatever is sent where nothing is read.
            return Ok(());
        }
        let kind = essence(exchange.headers).unwrap_or_default();
        let (kind, content) = match described["content"].get(&kind) {
            Some(content) => (kind, content),
            // JSON is read whatever its content type says.
            None => match described["content"].get("application/json") {
                Some(content) => ("application/json".to_owned(), content),
                None if described["required"] == true => {
                    return Err(format!("a body of {kind} is not described"));
                }
                None => return Ok(()),
            },
        };
        let value = match kind.as_str() {
            "application/json" => json_of(exchange.body)?,
            "application/x-www-form-urlencoded" => {
                let fields: HashMap<String, String> =
                    form_urlencoded::parse(exchange.body).into_owned().collect();
                json!(fields)
            }
            _ => json!(String::from_utf8_lossy(exchange.body)),
        };
        self.fits(&content["schema"], &value).map_err(|why| format!("body{why}"))
    }

    fn check_answer(&self, operation: &Value, exchange: &Exchange<'_>) -> Result<(), String> {
        let status = exchange.answer.status();
        let response = operation["responses"].get(status.as_str());
        let response = response.ok_or_else(|| format!("{status} is not described"))?;
        let response = self.resolved(response);
        let (headers, body) = (exchange.answer.headers(), exchange.answer.body());
        let kind = essence(headers).ok_or_else(|| format!("{status} has no content type"))?;
        let content = response["content"].get(&kind);
        let content = content.ok_or_else(|| format!("{status} as {kind} is not described"))?;
        let body: &[u8] = body;
        let value = match kind.as_str() {
            "application/json" => json_of(body)?,
            _ => json!(String::from_utf8_lossy(body)),
        };
        self.fits(&content["schema"], &value).map_err(|why| format!("{status}{why}"))?;
        self.check_answer_headers(response, status, headers)
    }

    fn check_answer_headers(
        &self,
        response: &Value,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Result<(), String> {
        let described = response["headers"].as_object().cloned().unwrap_or_default();
        for (name, header) in &described {
            let header = self.resolved(header);
            let mut given = headers.get_all(name).iter().peekable();
            if given.peek().is_none() && header["required"] == true {
                return Err(format!("{status} without {name}"));
            }
            for value in given {
                self.fits_text(&header["schema"], value.to_str().unwrap())
                    .map_err(|why| format!("{status}, {name}{why}"))?;
            }
        }
        let told = |name: &header::HeaderName| {
            described.keys().any(|it| it.eq_ignore_ascii_case(name.as_str()))
        };
        match TOLD.iter().find(|name| headers.contains_key(*name) && !told(name)) {
            Some(name) => Err(format!("{status} with {name}, which is not described")),
            None => Ok(()),
        }
    }

    /// The text of a parameter or header, read as its schema says.
    fn fits_text(&self, schema: &Value, text: &str) -> Result<(), String> {
        let value = match self.resolved(schema)["type"].as_str() {
            Some("integer") => text.parse::<i64>().map_or_else(|_| json!(text), Value::from),
            _ => json!(text),
        };
        self.fits(schema, &value)
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut known = self.validators.lock().unwrap();
        let made = known.entry(schema.to_string()).or_insert_with(|| {
            // What the schema refers to has to be beside it.
            let schema = json!({"allOf": [schema], "components": self.root["components"]});
            let options = jsonschema::options().with_draft(Draft::Draft202012);
            Arc::new(options.should_validate_formats(true).build(&schema).unwrap())
        });
        Arc::clone(made)
    }

    /// What a `$ref` refers to, or the value itself.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => {
                let found = self.root.pointer(reference.strip_prefix('#').unwrap());
                found.unwrap_or_else(|| panic!("{reference} leads nowhere"))
            }
            None => value,
        }
    }
}

/// The content type without its parameters.
fn essence(headers: &HeaderMap) -> Option<String> {
    let text = header_text(headers, "content-type")?;
    Some(text.split(';').next()?.trim().to_ascii_lowercase())
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<&str> =
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    let between = if name.eq_ignore_ascii_case("cookie") { ";" } else { "," };
    (!values.is_empty()).then(|| values.join(between))
}

fn json_of(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))
}

/// What happened on one stack and is not as described. Dropped with the stack, it fails the test in
/// which it happened.
#[derive(Default)]
pub struct Undescribed(Arc<Mutex<BTreeSet<String>>>);

impl Undescribed {
    /// Checks every exchange that it sees.
    pub fn observer(&self) -> Observer {
        let found = Arc::clone(&self.0);
        Arc::new(move |exchange: &Exchange<'_>| {
            if let Err(why) = description().check(exchange) {
                let (route, status) = (exchange.route, exchange.answer.status());
                found.lock().unwrap().insert(format!("{route}, {}: {why}", status.as_u16()));
            }
        })
    }
}

impl Drop for Undescribed {
    fn drop(&mut self) {
        let found = std::mem::take(&mut *self.0.lock().unwrap());
        if found.is_empty() {
            return;
        }
        let found = Vec::from_iter(found).join("\n  ");
        let text = format!("not as docs/openapi.yaml says:\n  {found}");
        if std::thread::panicking() {
            eprintln!("{text}");
        } else {
            panic!("{text}");
        }
    }
}
