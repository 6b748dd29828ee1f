//! What a line looks like, and when there are several.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tandem_domain::{Direction, ManualClock, Purpose, Sighting, Timestamp, Vendor};

use super::{Metric, Metrics};

/// Metrics of a deployment whose lines are kept.
fn kept() -> (Metrics, Arc<Mutex<Vec<Value>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&lines);
    let sink = move |line: &str| written.lock().unwrap().push(serde_json::from_str(line).unwrap());
    let clock = ManualClock::at(Timestamp::from_secs(1_800_000_000));
    (Metrics::new(Arc::new(sink), Arc::new(clock)).of_deployment("blue"), lines)
}

#[test]
fn a_line_has_its_values_and_each_metrics_own_sets_of_dimensions() {
    let (metrics, lines) = kept();
    let given_up = Metric::DeliveriesGivenUp.once().by(Direction::ToJira);
    metrics.emit("delivery", &[given_up, Metric::Faults.of(2.0), Metric::KeyTrouble.of(0.0)]);
    let metric = |name: &str| json!([{"Name": name, "Unit": "Count"}]);
    let of = |sets: Value, name: &str| json!({"Namespace": "Tandem/blue", "Dimensions": sets, "Metrics": metric(name)});
    let directives = [
        of(json!([[], ["Direction"]]), "DeliveriesGivenUp"),
        of(json!([[], ["Function"]]), "Faults"),
    ];
    let expected = json!({
        "_aws": {"Timestamp": 1_800_000_000_000_i64, "CloudWatchMetrics": directives},
        "Function": "delivery", "Direction": "to_jira", "DeliveriesGivenUp": 1.0, "Faults": 2.0,
    });
    assert_eq!(*lines.lock().unwrap(), [expected], "what is zero is not written");
}

#[test]
fn what_was_seen_goes_along_once_and_several_of_a_kind_take_lines_of_their_own() {
    let (metrics, lines) = kept();
    let sightings = metrics.sightings();
    for seen in [
        Sighting::TokenOpened(Purpose::CarryToJira),
        Sighting::TokenOpened(Purpose::CarryToTeams),
        Sighting::TokenOpened(Purpose::CarryToTeams),
        Sighting::Throttled(Vendor::Graph),
    ] {
        sightings.note(seen);
    }
    metrics.emit("delivery", &[Metric::DeliveriesRetried.once().by(Direction::ToTeams)]);
    let lines = std::mem::take(&mut *lines.lock().unwrap());
    let [first, second] = &lines[..] else { panic!("{lines:#?}") };
    for (member, value) in [
        ("DeliveriesRetried", json!(1.0)),
        ("Purpose", json!("carry_to_teams")),
        ("TokensOpened", json!(2.0)),
        ("Vendor", json!("graph")),
        ("VendorThrottles", json!(1.0)),
    ] {
        assert_eq!(first[member], value, "{member}");
    }
    assert_eq!(
        (&second["Purpose"], &second["TokensOpened"]),
        (&json!("carry_to_jira"), &json!(1.0))
    );
    assert_eq!(second["DeliveriesRetried"], Value::Null, "counted once");
}

#[test]
fn nothing_is_written_of_nothing() {
    let (metrics, lines) = kept();
    metrics.emit("upkeep", &[Metric::GrantsRewrapped.of(0.0)]);
    assert_eq!(lines.lock().unwrap().len(), 0);
    // A delivery that took no time at all is one.
    metrics.emit("delivery", &[Metric::DeliveryLatency.of(0.0).by(Direction::ToTeams)]);
    assert_eq!(lines.lock().unwrap().len(), 1);
}
