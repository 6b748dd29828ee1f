//! An OpenAPI 3.0 or Swagger 2.0 schema as a JSON Schema (draft 4) that stands on its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// Whose way of writing schemas a contract follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAPI as it is meant.
    Plain,
    /// Microsoft's conversion of Graph's OData model: an entity is an `allOf` of its base and of
    /// its own properties, each with `additionalProperties: {type: object}`. Taken literally, each
    /// half refuses the other's properties unless their values are objects, so that next to no
    /// body is valid (not `{"topic": "x", "chatType": "group"}`, not even one of the documentation's
    /// examples). An entity is therefore read as one object: the properties of all its halves, OData
    /// annotations (`@odata.type`, `user@odata.bind`), and nothing else.
    OData,
    /// Microsoft's contracts for bots, from which `AutoRest` makes its SDKs. There `type: object`
    /// without properties is anything at all (the SDKs have `object`, and an attachment's content is
    /// a text where it is HTML), and a definition with properties is a class with these and no
    /// others: what it does not declare is a slip of the pen.
    AutoRest,
}

/// What a schema says, in the words that bear on validity.
const KEPT: [&str; 16] = [
    "type",
    "format",
    "enum",
    "required",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
];

/// `schema` with everything that it refers to in the document `root`.
pub fn bundled(root: &Value, schema: &Value, dialect: Dialect) -> Value {
    let mut bundle = Bundle { root, dialect, definitions: BTreeMap::new() };
    let mut top = bundle.converted(schema);
    // Draft 4 reads nothing beside a `$ref`.
    if top.get("$ref").is_some() {
        top = json!({"allOf": [top]});
    }
    top["definitions"] = json!(bundle.definitions);
    top
}

/// What a reference within `root` refers to.
pub fn referred<'a>(root: &'a Value, reference: &str) -> &'a Value {
    let pointer = reference.strip_prefix('#').unwrap();
    root.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

struct Bundle<'a> {
    root: &'a Value,
    dialect: Dialect,
    definitions: BTreeMap<String, Value>,
}

impl Bundle<'_> {
    fn converted(&mut self, schema: &Value) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            return self.reference(reference);
        }
        match self.dialect {
            Dialect::OData if is_entity(schema) => return self.entity(schema),
            Dialect::AutoRest if is_class(schema) => return self.entity(schema),
            Dialect::AutoRest if schema["type"] == "object" => return json!({}),
            _ => {}
        }
        let mut made = Map::new();
        for (word, value) in schema.as_object().into_iter().flatten() {
            match word.as_str() {
                "properties" => made.insert(word.clone(), self.properties(value)),
                "items" | "not" => made.insert(word.clone(), self.converted(value)),
                "additionalProperties" if value.is_object() => {
                    made.insert(word.clone(), self.converted(value))
                }
                "additionalProperties" => made.insert(word.clone(), value.clone()),
                "allOf" | "anyOf" | "oneOf" => {
                    let parts = value.as_array().into_iter().flatten();
                    let parts: Vec<Value> = parts.map(|part| self.converted(part)).collect();
                    made.insert(word.clone(), json!(parts))
                }
                kept if KEPT.contains(&kept) => made.insert(word.clone(), value.clone()),
                _ => None,
            };
        }
        or_null(Value::Object(made), schema["nullable"] == true)
    }

    fn reference(&mut self, reference: &str) -> Value {
        let name = reference.rsplit('/').next().unwrap().to_owned();
        if !self.definitions.contains_key(&name) {
            // Known before it is made: schemas refer to themselves.
            self.definitions.insert(name.clone(), Value::Null);
            let made = self.converted(referred(self.root, reference));
            self.definitions.insert(name.clone(), made);
        }
        json!({"$ref": format!("#/definitions/{name}")})
    }

    /// Properties that only answers have (`readOnly`) must not be in a request.
    fn properties(&mut self, properties: &Value) -> Value {
        let properties = properties.as_object().into_iter().flatten();
        let made: Map<String, Value> = properties
            .map(|(name, schema)| {
                let read_only = schema["readOnly"] == true;
                let made = if read_only { json!({"not": {}}) } else { self.converted(schema) };
                (name.clone(), made)
            })
            .collect();
        Value::Object(made)
    }

    fn entity(&mut self, schema: &Value) -> Value {
        let mut properties = Map::new();
        self.gather(schema, &mut properties);
        let mut made = json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
        if self.dialect == Dialect::OData {
            made["patternProperties"] = json!({"@odata\\.": {}});
        }
        or_null(made, schema["nullable"] == true)
    }

    /// The properties of an entity, those of its base first.
    fn gather(&mut self, schema: &Value, into: &mut Map<String, Value>) {
        let schema = match schema["$ref"].as_str() {
            Some(reference) => referred(self.root, reference),
            None => schema,
        };
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.gather(part, into);
        }
        if let Value::Object(own) = self.properties(&schema["properties"]) {
            into.extend(own);
        }
    }
}

/// Whether a schema is one of Graph's entities or complex types.
fn is_entity(schema: &Value) -> bool {
    let open = |part: &Value| part["additionalProperties"] == json!({"type": "object"});
    open(schema) || schema["allOf"].as_array().is_some_and(|parts| parts.iter().any(open))
}

/// Whether a schema is a class of an SDK.
fn is_class(schema: &Value) -> bool {
    let has_properties = schema["properties"].as_object().is_some_and(|own| !own.is_empty());
    has_properties || schema["allOf"].is_array()
}

fn or_null(schema: Value, nullable: bool) -> Value {
    if nullable { json!({"anyOf": [schema, {"enum": [null]}]}) } else { schema }
}
