//! Metric lines: whether CloudWatch would take them, and what they add up to.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::{Value, json};
use tandem_runtime::metrics::{Dimension, Metric, NAMESPACE};

/// What the specification of the embedded format asks of a line.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
static LINE: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let name = json!({"type": "string", "minLength": 1, "maxLength": 250});
    let set = json!({"type": "array", "maxItems": 30, "uniqueItems": true, "items": name});
    let metric = json!({
        "type": "object", "required": ["Name", "Unit"], "additionalProperties": false,
        "properties": {"Name": name, "Unit": {"enum": ["Count", "Milliseconds"]}},
    });
    let directive = json!({
        "type": "object", "required": ["Namespace", "Dimensions", "Metrics"],
        "additionalProperties": false,
        "properties": {
            "Namespace": {"type": "string", "pattern": format!("^{NAMESPACE}/[A-Za-z0-9_-]+$")},
            "Dimensions": {"type": "array", "minItems": 1, "items": set},
            "Metrics": {"type": "array", "minItems": 1, "maxItems": 100, "items": metric},
        },
    });
    let about = json!({
        "type": "object", "required": ["Timestamp", "CloudWatchMetrics"],
        "additionalProperties": false,
        "properties": {
            "Timestamp": {"type": "integer", "minimum": 1_000_000_000_000_i64},
            "CloudWatchMetrics": {"type": "array", "minItems": 1, "items": directive},
        },
    });
    let schema = json!({
        "type": "object", "required": ["_aws"], "properties": {"_aws": about},
        // A line holds no text but the values of dimensions, and numbers.
        "additionalProperties": {"type": ["string", "number"]},
    });
    jsonschema::validator_for(&schema).unwrap()
});

/// The metrics of a line: name and dimensions, once for each set.
pub fn metrics_of(line: &Value) -> Vec<(String, BTreeMap<String, String>)> {
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap().iter();
    let mut found = Vec::new();
    for directive in directives {
        for metric in directive["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_number(), "{name} has no value: {line}");
            for set in directive["Dimensions"].as_array().unwrap() {
                let value = |of: &Value| {
                    let of = of.as_str().unwrap();
                    let value = line[of].as_str().unwrap_or_else(|| panic!("no {of}: {line}"));
                    (of.to_owned(), value.to_owned())
                };
                let set = set.as_array().unwrap().iter().map(value).collect();
                found.push((name.to_owned(), set));
            }
        }
    }
    found
}

/// Panics unless each line is one that CloudWatch takes, of metrics that are declared, by what they
/// are declared to be told apart by, and with nothing else in it.
pub fn assert_taken(lines: &[String]) {
    for text in lines {
        let line: Value = serde_json::from_str(text).unwrap();
        let errors: Vec<String> = LINE.iter_errors(&line).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{text}: {errors:?}");
        let mut named = vec!["_aws".to_owned(), "Function".to_owned()];
        for (name, set) in metrics_of(&line) {
            let metric = Metric::ALL.iter().find(|metric| metric.name() == name);
            let sets = metric.unwrap_or_else(|| panic!("{name} is not declared")).sets();
            let dimensions: Vec<&str> = set.keys().map(String::as_str).collect();
            let declared = sets
                .iter()
                .any(|of| of.iter().map(|of| of.name()).collect::<Vec<_>>() == dimensions);
            assert!(declared, "{name} by {dimensions:?}: {text}");
            named.push(name);
            named.extend(set.into_keys());
        }
        for member in line.as_object().unwrap().keys() {
            assert!(named.contains(member), "{member} is of no metric: {text}");
        }
        assert_closed(&line);
    }
}

/// The values of dimensions are of their closed lists.
fn assert_closed(line: &Value) {
    for dimension in
        [Dimension::Direction, Dimension::Vendor, Dimension::Provider, Dimension::Purpose]
    {
        let Some(value) = line.get(dimension.name()) else { continue };
        assert!(dimension.values().iter().any(|known| value == known), "{line}");
    }
}

/// What a metric adds up to by the values of a dimension.
pub fn sum_by(lines: &[String], metric: Metric, dimension: Dimension) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for text in lines {
        let line: Value = serde_json::from_str(text).unwrap();
        for (name, set) in metrics_of(&line) {
            if let Some(value) = set.get(dimension.name())
                && name == metric.name()
            {
                *sums.entry(value.clone()).or_default() += line[&name].as_f64().unwrap();
            }
        }
    }
    sums
}

/// What a metric adds up to altogether.
pub fn sum(lines: &[String], metric: Metric) -> f64 {
    let lines = lines.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
    lines.filter_map(|line| line[metric.name()].as_f64()).sum()
}
