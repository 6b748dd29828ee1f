//! One line in the embedded format.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tandem_domain::Timestamp;

use super::{Dimension, Metric, Sample};

/// Values that fit into one line.
pub(super) struct Line {
    dimensions: BTreeMap<Dimension, &'static str>,
    values: BTreeMap<Metric, f64>,
}

impl Line {
    /// A line of a function that begins with this value.
    pub(super) fn of(function: &'static str, sample: Sample) -> Option<Self> {
        let mut line = Self {
            dimensions: BTreeMap::from([(Dimension::Function, function)]),
            values: BTreeMap::new(),
        };
        line.takes(sample).then_some(line)
    }

    /// Adds a value, unless the line has one of this metric already, or another value of its
    /// dimension.
    pub(super) fn takes(&mut self, sample: Sample) -> bool {
        let label = sample.label;
        let other = label.is_some_and(|label| {
            self.dimensions.get(&label.dimension).is_some_and(|value| *value != label.value)
        });
        if other || self.values.contains_key(&sample.metric) {
            return false;
        }
        self.dimensions.extend(label.map(|label| (label.dimension, label.value)));
        self.values.insert(sample.metric, sample.value);
        true
    }

    /// The line's text.
    pub(super) fn write(&self, namespace: &str, at: Timestamp) -> String {
        let mut directives: BTreeMap<Vec<Vec<&str>>, Vec<Value>> = BTreeMap::new();
        for metric in self.values.keys() {
            let definition = json!({"Name": metric.name(), "Unit": metric.unit()});
            directives.entry(self.sets_of(*metric)).or_default().push(definition);
        }
        let directives: Vec<Value> = directives
            .into_iter()
            .map(|(sets, metrics)| {
                json!({"Namespace": namespace, "Dimensions": sets, "Metrics": metrics})
            })
            .collect();
        let mut line = Map::new();
        let about = json!({"Timestamp": at.as_millis(), "CloudWatchMetrics": directives});
        line.insert("_aws".to_owned(), about);
        for (dimension, value) in &self.dimensions {
            line.insert(dimension.name().to_owned(), json!(value));
        }
        for (metric, value) in &self.values {
            line.insert(metric.name().to_owned(), json!(value));
        }
        Value::Object(line).to_string()
    }

    /// The metric's sets of dimensions, but for those that have no value here.
    fn sets_of(&self, metric: Metric) -> Vec<Vec<&'static str>> {
        let has = |set: &&&[Dimension]| set.iter().all(|of| self.dimensions.contains_key(of));
        let named = |set: &&[Dimension]| set.iter().map(|of| of.name()).collect();
        metric.sets().iter().filter(has).map(named).collect()
    }
}
