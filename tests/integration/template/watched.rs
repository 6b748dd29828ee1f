//! The dashboard and the alarms: they read what is written, all of it is read, and whoever an alarm
//! wakes finds what to do.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tandem_runtime::metrics::{Dimension, Metric, NAMESPACE};

use super::{FUNCTIONS, aws_metrics, resources_of, template};

/// The headings of the dashboard, in this order.
const ROWS: [&str; 5] = ["Health", "Delivery", "Vendors", "Custody", "Cost"];

/// A metric as the dashboard or an alarm names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Read {
    namespace: String,
    name: String,
    dimensions: Vec<String>,
    /// The dimensions' values, where they are named.
    values: Vec<String>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

/// The namespace of what Tandem writes, as the template names it.
fn ours() -> String {
    format!("{NAMESPACE}/${{SecretPrefix}}")
}

fn dashboard(template: &Value) -> Value {
    let body = &template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"];
    serde_json::from_str(body.as_str().unwrap()).unwrap()
}

fn widgets(template: &Value) -> Vec<Value> {
    dashboard(template)["widgets"].as_array().unwrap().clone()
}

/// The rows of a widget's metrics.
fn rows(widget: &Value) -> &[Value] {
    widget["properties"]["metrics"].as_array().map_or(&[], Vec::as_slice)
}

/// What follows `start` in a text, up to `end`.
fn between<'a>(whole: &'a str, start: &str, end: &str) -> Option<&'a str> {
    whole.split_once(start)?.1.split_once(end).map(|(found, _)| found)
}

impl Read {
    /// Of a row such as `["AWS/SQS", "NumberOfMessagesSent", "QueueName", "q", {"stat": "Sum"}]`, or
    /// of the search in one such as `[{"expression": "SEARCH('{\"N\",Function} ...')"}]`.
    fn of_row(row: &Value) -> Option<Self> {
        let row = row.as_array().unwrap();
        if row[0].is_object() {
            return row[0]["expression"].as_str().and_then(Self::of_search);
        }
        let named: Vec<String> = row.iter().take_while(|part| part.is_string()).map(text).collect();
        let (of, dimensions) = named.split_at(2);
        let pairs = dimensions.chunks(2);
        Some(Self {
            namespace: of[0].clone(),
            name: of[1].clone(),
            dimensions: pairs.clone().map(|pair| pair[0].clone()).collect(),
            values: pairs.map(|pair| pair[1].clone()).collect(),
        })
    }

    fn of_search(expression: &str) -> Option<Self> {
        let search = between(expression, "SEARCH('", "'")?;
        let mut schema = between(search, "{", "} MetricName").unwrap().split(',');
        Some(Self {
            namespace: schema.next().unwrap().trim_matches('"').to_owned(),
            name: between(search, "MetricName=\"", "\"").unwrap().to_owned(),
            dimensions: schema.map(str::to_owned).collect(),
            values: Vec::new(),
        })
    }

    /// Of an alarm, or of one of the metrics that it reckons with.
    fn of_alarm(metric: &Value) -> Option<Self> {
        let namespace = &metric["Namespace"];
        let dimensions = metric["Dimensions"].as_array().cloned().unwrap_or_default();
        Some(Self {
            namespace: namespace.as_str().or_else(|| namespace["Fn::Sub"].as_str())?.to_owned(),
            name: text(&metric["MetricName"]),
            dimensions: dimensions.iter().map(|of| text(&of["Name"])).collect(),
            values: dimensions
                .iter()
                .filter_map(|of| of["Value"].as_str().map(str::to_owned))
                .collect(),
        })
    }
}

/// What the dashboard shows.
fn shown(template: &Value) -> BTreeSet<Read> {
    widgets(template).iter().flat_map(rows).filter_map(Read::of_row).collect()
}

/// What alarms watch.
fn watched(template: &Value) -> BTreeSet<Read> {
    let alarms = resources_of(template, "AWS::CloudWatch::Alarm");
    let parts = |alarm: &Value| {
        let several = alarm["Metrics"].as_array().into_iter().flatten();
        let several = several.map(|part| part["MetricStat"]["Metric"].clone());
        several.chain(std::iter::once(alarm.clone())).collect::<Vec<_>>()
    };
    alarms.values().flat_map(|alarm| parts(alarm)).filter_map(|of| Read::of_alarm(&of)).collect()
}

#[test]
fn dashboard_and_alarms_read_the_metrics_that_are_written_and_all_of_them() {
    let template = template();
    let (shown, watched) = (shown(&template), watched(&template));
    let of_ours = |read: &&Read| read.namespace == ours();
    let names: BTreeSet<&str> = shown.iter().filter(of_ours).map(|of| of.name.as_str()).collect();
    assert_eq!(names, Metric::ALL.iter().map(|metric| metric.name()).collect(), "shown");
    let written: BTreeSet<(String, Vec<String>)> = Metric::ALL
        .iter()
        .flat_map(|metric| metric.sets().iter().map(|set| (metric.name(), *set)))
        .map(|(name, set)| (name.to_owned(), set.iter().map(|of| of.name().to_owned()).collect()))
        .collect();
    let read: BTreeSet<(String, Vec<String>)> = shown
        .union(&watched)
        .filter(of_ours)
        .map(|read| (read.name.clone(), read.dimensions.clone()))
        .collect();
    // What is written and read by nobody would be paid for in vain.
    assert_eq!(read, written);
    for read in shown.union(&watched).filter(of_ours) {
        for value in &read.values {
            assert!(FUNCTIONS.iter().any(|known| known.name == value), "{read:?}");
        }
    }
}

#[test]
fn the_metrics_of_aws_that_are_read_are_published_by_their_services() {
    let template = template();
    let (shown, watched) = (shown(&template), watched(&template));
    let others: Vec<&Read> =
        shown.union(&watched).filter(|read| read.namespace != ours()).collect();
    assert!(others.len() > 30, "{others:?}");
    for read in others {
        let Read { namespace, name, dimensions, .. } = read;
        assert!(aws_metrics::is_published(namespace, name, dimensions), "{read:?}");
    }
}

/// The names that an expression reckons with: words in small letters outside of quotes.
fn ids_in(expression: &str) -> BTreeSet<String> {
    let outside: String = expression.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    let words = outside.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn expressions_reckon_with_what_stands_beside_them() {
    let template = template();
    for widget in widgets(&template) {
        let options: Vec<&Value> =
            rows(&widget).iter().filter_map(|row| row.as_array().unwrap().last()).collect();
        let ids: BTreeSet<String> =
            options.iter().filter_map(|option| option["id"].as_str()).map(str::to_owned).collect();
        let used: BTreeSet<String> = options
            .iter()
            .filter_map(|option| option["expression"].as_str())
            .flat_map(ids_in)
            .collect();
        assert_eq!(used, ids, "{}", widget["properties"]["title"]);
    }
    for (id, alarm) in resources_of(&template, "AWS::CloudWatch::Alarm") {
        let Some(metrics) = alarm["Metrics"].as_array() else { continue };
        let (totals, parts): (Vec<&Value>, Vec<&Value>) =
            metrics.iter().partition(|metric| metric["ReturnData"] == true);
        let [total] = totals[..] else { panic!("{id} watches one total") };
        let ids: BTreeSet<String> = parts.iter().map(|part| text(&part["Id"])).collect();
        let expression = text(&total["Expression"]);
        assert!(expression.contains("METRICS()") || ids_in(&expression) == ids, "{id}");
    }
}

#[test]
fn crashes_and_throttles_are_those_of_every_function() {
    let template = template();
    let of = |known: &super::Function| json!({"Ref": format!("{}Function", known.id)}).to_string();
    let all: BTreeSet<String> = FUNCTIONS.iter().map(of).collect();
    for id in ["CrashesAlarm", "ThrottlesAlarm"] {
        let metrics = template["Resources"][id]["Properties"]["Metrics"].as_array().unwrap();
        let watched = metrics.iter().filter_map(|metric| metric.get("MetricStat"));
        let watched = watched.map(|stat| stat["Metric"]["Dimensions"][0]["Value"].to_string());
        assert_eq!(watched.collect::<BTreeSet<String>>(), all, "{id}");
    }
}

#[test]
fn the_dashboard_has_its_rows_and_no_widget_lies_over_another() {
    let template = template();
    let mut taken = BTreeSet::new();
    let mut headings = Vec::new();
    for widget in widgets(&template) {
        let [x, y, width, height] =
            ["x", "y", "width", "height"].map(|name| widget[name].as_u64().unwrap());
        assert!(x + width <= 24, "{widget}");
        for place in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            assert!(taken.insert(place), "{place:?} is taken: {widget}");
        }
        if widget["type"] == "text" {
            headings.push((y, text(&widget["properties"]["markdown"])));
        }
    }
    headings.sort();
    assert_eq!(headings.len(), ROWS.len());
    for ((_, heading), row) in headings.iter().zip(ROWS) {
        assert!(heading.starts_with(&format!("## {row}")), "{heading}");
    }
}

#[test]
fn the_dashboard_shows_every_alarm() {
    let template = template();
    let widgets = widgets(&template);
    let widget = widgets.iter().find(|widget| widget["type"] == "alarm").unwrap();
    let shown: Vec<String> =
        widget["properties"]["alarms"].as_array().unwrap().iter().map(text).collect();
    let alarms = resources_of(&template, "AWS::CloudWatch::Alarm");
    let alarms: BTreeSet<String> = alarms.keys().map(|id| format!("${{{id}.Arn}}")).collect();
    assert_eq!(shown.iter().cloned().collect::<BTreeSet<_>>(), alarms);
    assert_eq!(shown.len(), alarms.len(), "each once");
}

/// What an alarm or a rule is called, without the stack's name.
fn called(named: &Value) -> String {
    let name = text(&named["Fn::Sub"]);
    name.strip_prefix("${AWS::StackName}-").unwrap_or_else(|| panic!("{name}")).to_owned()
}

/// The rules that tell somebody.
fn telling_rules(template: &Value) -> BTreeSet<String> {
    let topic = json!({"Ref": "AlarmTopic"});
    let rules = resources_of(template, "AWS::Events::Rule");
    let tells = |rule: &Value| {
        rule["Targets"].as_array().unwrap().iter().any(|target| target["Arn"] == topic)
    };
    rules.values().filter(|rule| tells(rule)).map(|rule| called(&rule["Name"])).collect()
}

#[test]
fn whoever_is_told_finds_what_to_do() {
    let template = template();
    let alarms = resources_of(&template, "AWS::CloudWatch::Alarm");
    for alarm in alarms.values() {
        let name = called(&alarm["AlarmName"]);
        let description = text(&alarm["AlarmDescription"]);
        let where_to_look = format!(" See OPERATIONS.md, Alarms, {name}.");
        assert!(description.ends_with(&where_to_look), "{description}");
    }
    let mut told: BTreeSet<String> =
        alarms.values().map(|alarm| called(&alarm["AlarmName"])).collect();
    told.extend(telling_rules(&template));
    let operations = include_str!("../../../docs/OPERATIONS.md");
    let section = between(operations, "\n## Alarms\n", "\n## ").unwrap();
    let mut sections = BTreeSet::new();
    for part in section.split("\n### ").skip(1) {
        let (name, part) = part.split_once('\n').unwrap();
        assert!(sections.insert(name.to_owned()), "{name} stands there twice");
        for answer in ["**Means.**", "**See.**", "**Do.**", "**Over**"] {
            assert!(part.contains(answer), "{name} does not say: {answer}");
        }
    }
    assert_eq!(sections, told);
}

#[test]
fn how_many_metrics_there_can_be_is_known() {
    let values = |dimension: &Dimension| match dimension {
        Dimension::Function => FUNCTIONS.len(),
        other => other.values().len(),
    };
    let sets = Metric::ALL.iter().flat_map(|metric| metric.sets());
    let most: usize = sets.map(|set| set.iter().map(values).product::<usize>()).sum();
    let said = format!("{most} metrics could be at most");
    let architecture = include_str!("../../../docs/ARCHITECTURE.md").replace('\n', " ");
    assert!(architecture.contains(&said), "docs/ARCHITECTURE.md does not say: {said}");
}
