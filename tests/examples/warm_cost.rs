//! What one event costs a process that is warm: time on the processor, units of DynamoDB, calls, and
//! how many of them lie one behind the other; beside what the simplest way to do the same step costs.
//!
//! `cargo run --release -p tandem-tests --example warm_cost -- [--events 400] [--links N]...`
//!
//! With `--links`, the same with so many stored links, one after the other in the order given, and
//! the ratio of the last to the first. Ends with an error when a target is missed.
//!
//! The functions run on a thread with a runtime of its own, the local stack's AWS and vendors on
//! others, so that the thread's time on the processor is the functions' own: decoding of the event by
//! the Lambda runtime's types, logging and metrics included, TLS not. Units are what the emulated
//! DynamoDB reckons (`ReturnConsumedCapacity`), by AWS's rules on the items' sizes.

#![allow(unreachable_pub, missing_docs)]
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::panic, clippy::print_stdout)]

#[path = "warm_cost/bench.rs"]
mod bench;
#[path = "warm_cost/events.rs"]
mod events;
#[path = "warm_cost/figures.rs"]
mod figures;
#[path = "warm_cost/links.rs"]
mod links;
#[path = "warm_cost/process.rs"]
mod process;
#[path = "warm_cost/seen.rs"]
mod seen;
#[path = "warm_cost/simplest.rs"]
mod simplest;
#[path = "../integration/support/mod.rs"]
mod support;
#[path = "warm_cost/vendors.rs"]
mod vendors;

use std::{process::ExitCode, time::Instant};

use bench::{Bench, NO_CHAT, POST};
use figures::{Row, markdown};

/// The most time on the processor that a webhook without a chat may take.
const CPU_LIMIT: f64 = 150.0;
/// The most round trips at AWS behind one another of a post, in both functions together.
const TRIPS_LIMIT: usize = 4;
/// How much more units, and time, a hundred or a thousand times the links may take.
const GROWTH: [f64; 2] = [1.1, 1.3];

#[tokio::main]
async fn main() -> ExitCode {
    let (events, links) = asked();
    let bench = Bench::start(!links.is_empty()).await;
    let mut missed = Vec::new();
    if links.is_empty() {
        let rows = bench.measure(events).await;
        println!("{}", markdown(&rows));
        missed.extend(missed_by(&rows));
    } else {
        let mut runs: Vec<(usize, Vec<Row>)> = Vec::new();
        for wanted in links {
            let began = Instant::now();
            bench.fill(wanted);
            println!("{wanted} links, stored after {:.0} s:\n", began.elapsed().as_secs_f64());
            let rows = bench.measure(events).await;
            println!("{}", markdown(&rows));
            missed.extend(missed_by(&rows));
            runs.push((wanted, rows));
        }
        missed.extend(growth(&runs));
    }
    for target in &missed {
        println!("missed: {target}");
    }
    if missed.is_empty() {
        println!("all targets met");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// How many events of each kind, and with how many links.
fn asked() -> (usize, Vec<usize>) {
    let (mut events, mut links) = (400, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let number = arguments.next().and_then(|text| text.parse().ok());
        match (name.as_str(), number) {
            ("--events", Some(number)) => events = number,
            ("--links", Some(number)) => links.push(number),
            _ => panic!("--events N, --links N"),
        }
    }
    (events, links)
}

/// The targets that a run missed.
fn missed_by(rows: &[Row]) -> Vec<String> {
    let row = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    let (no_chat, post) = (&row(NO_CHAT).ours, &row(POST).ours);
    let mut missed = Vec::new();
    let mut must = |met: bool, what: String| {
        if !met {
            missed.push(what);
        }
    };
    let queries = no_chat.calls.get(&("DynamoDB".to_owned(), "Query".to_owned()));
    let only = no_chat.calls.len() == 1 && queries == Some(&1.0);
    must(only, format!("{NO_CHAT}: one query and nothing else, but {:?}", no_chat.calls));
    let micros = no_chat.micros();
    must(micros < CPU_LIMIT, format!("{NO_CHAT}: {micros:.0} µs of {CPU_LIMIT:.0} µs"));
    let trips = post.aws_trips;
    must(trips <= TRIPS_LIMIT, format!("{POST}: {trips} round trips of {TRIPS_LIMIT}"));
    missed
}

/// Prints how the last run compares with the first. The targets that were missed.
fn growth(runs: &[(usize, Vec<Row>)]) -> Vec<String> {
    let (Some((few, first)), Some((many, last))) = (runs.first(), runs.last()) else {
        return Vec::new();
    };
    let mut missed = Vec::new();
    println!(
        "| {many} links against {few} | Units read | Units written | CPU | Round trips at AWS |"
    );
    println!("|---|--:|--:|--:|--:|");
    for (before, after) in first.iter().zip(last) {
        let (one, other) = (&before.ours, &after.ours);
        let ratios = [
            (one.read_units, other.read_units, GROWTH[0]),
            (one.write_units, other.write_units, GROWTH[0]),
            (one.micros(), other.micros(), GROWTH[1]),
            (one.aws_trips as f64, other.aws_trips as f64, GROWTH[0]),
        ]
        .map(|(one, other, most)| {
            let ratio = if one == 0.0 && other == 0.0 { 1.0 } else { other / one };
            if ratio >= most {
                missed.push(format!("{}: {ratio:.2} times with {many} links", before.name));
            }
            format!("{ratio:.2}")
        });
        println!("| {} | {} |", before.name, ratios.join(" | "));
    }
    println!();
    missed
}
