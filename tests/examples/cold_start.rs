//! Measures how the functions start, against a function that does nothing, side by side in one run:
//!
//! `cargo run -p tandem-tests --example cold_start [-- [--runs N] [--no-build] [--dir DIR] [functions]]`
//!
//! Builds each function by itself as SAM does (`cargo build --locked --release -p tandem-...`, see
//! `BuildMethod: rust-cargolambda` in the template) and `tests/hello` too, unless `--no-build` is given,
//! which takes what lies in `--dir` (`target/release`). Each binary runs with a Lambda Runtime API of its
//! own on loopback and the local stack for AWS and both vendors. Prints a table, and ends with 1 when a
//! function misses a target.

#![allow(unreachable_pub, missing_docs)]
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::panic, clippy::print_stdout)]

#[path = "cold_start/report.rs"]
mod report;
#[path = "cold_start/runtime_api.rs"]
mod runtime_api;
#[path = "cold_start/scene.rs"]
mod scene;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use report::Measured;
use runtime_api::Run;
use scene::Scene;

/// The function that does nothing.
const HELLO: &str = "hello";
/// Every function, and the event in tests/events that it gets.
const FUNCTIONS: [(&str, &str); 9] = [
    ("jira-events", "jira-comment-created"),
    ("teams-events", "teams-message-created"),
    ("teams-bot", "teams-bot-help"),
    ("settings", "settings-mine"),
    ("accounts", "accounts-session"),
    ("admin", "admin-state"),
    ("issue-chats", "issue-chats-list"),
    ("delivery", "delivery-comment-created"),
    ("upkeep", "upkeep-schedule"),
];

struct Arguments {
    runs: usize,
    build: bool,
    dir: PathBuf,
    functions: Vec<(&'static str, &'static str)>,
}

fn arguments() -> Arguments {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dir = root.join("target").join("release");
    let mut found = Arguments { runs: 30, build: true, dir, functions: Vec::new() };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--runs" => {
                found.runs = given.next().and_then(|runs| runs.parse().ok()).expect("a number")
            }
            "--no-build" => found.build = false,
            "--dir" => found.dir = given.next().expect("a folder").into(),
            name => {
                let known = FUNCTIONS.iter().find(|(function, _)| *function == name);
                found.functions.push(*known.unwrap_or_else(|| panic!("no function {name}")));
            }
        }
    }
    if found.functions.is_empty() {
        found.functions = FUNCTIONS.to_vec();
    }
    found
}

/// Each package by itself, so that none gets a feature that another one asks for.
fn build(function: &str) {
    let package = format!("tandem-{function}");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--release", "-p", &package]);
    let built = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
    assert!(built.success(), "{package} does not build");
}

#[tokio::main]
async fn main() {
    let arguments = arguments();
    let names = || std::iter::once(HELLO).chain(arguments.functions.iter().map(|(name, _)| *name));
    if arguments.build {
        names().for_each(build);
    }
    let binary = |function: &str| arguments.dir.join(format!("tandem-{function}"));
    let scene = Scene::new().await;
    let mut measured: BTreeMap<&str, Vec<Run>> = BTreeMap::new();
    // The first round warms the page cache, and does not count.
    for round in 0..=arguments.runs {
        for (function, event) in &arguments.functions {
            for (name, event) in [(HELLO, "jira-comment-created"), (*function, *event)] {
                let event = scene.event(event).await;
                let run = runtime_api::run(&binary(name), name, &scene.environment(), event).await;
                if round > 0 {
                    measured.entry(name).or_default().push(run);
                }
            }
        }
    }
    let measured: Vec<Measured> =
        names().map(|name| Measured::of(name, &binary(name), &measured[name])).collect();
    let missed = report::print(&measured, arguments.runs);
    std::process::exit(i32::from(missed));
}
