//! Erases an instance with many items, as upkeep does: in runs that end after a minute, each a process
//! of its own, the first killed half-way. Prints what it took.
//!
//! `cargo run --release -p tandem-tests --example erase_at_scale -- 100000 [seconds of a run]`
//!
//! The items lie in the local stack's DynamoDB, in the process that starts the runs, so that the
//! memory of a run is its own. Calls and writes are counted as they leave a run.

#![allow(unreachable_pub, missing_docs)]
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::panic, clippy::print_stdout)]

#[path = "erase_at_scale/run.rs"]
mod run;
#[path = "erase_at_scale/seed.rs"]
mod seed;

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tandem_domain::CloudId;
use tandem_local::{Stack, StackOptions};
use tandem_runtime::erasure;
use tandem_store::Reach;

/// The site that is erased.
const CLOUD: &str = "11223344-a1b2-4b33-8444-def123456789";
/// How far a run's clock is ahead of the one before it: longer than an erasure is to be quiet.
const BETWEEN_RUNS: Duration = Duration::from_mins(5);
/// The first run's clock is this far ahead, so that the stack's own upkeep never finds it due.
const AHEAD: Duration = Duration::from_hours(30 * 24);

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "run") {
        run::run(&arguments[1..]).await;
        return;
    }
    let number = |at: usize, default: u64| {
        arguments.get(at).map_or(default, |text| text.parse().expect("a number"))
    };
    let (items, seconds) = (number(0, 100_000), number(1, 60));
    let stack = Stack::start(StackOptions { port: 0, ..StackOptions::default() }).await.unwrap();
    let began = Instant::now();
    seed::seed(&stack, usize::try_from(items).unwrap()).await;
    let seeded = count(&stack);
    println!("seeded in {:.0} s: {}", began.elapsed().as_secs_f64(), shown(&seeded));
    let reach = Reach::Instance(CloudId::parse(CLOUD).unwrap());
    let begun = erasure::begin(&stack.app, &reach).await.unwrap();
    let mut took = Took::default();
    for runs in 0_u32.. {
        let ahead = AHEAD + BETWEEN_RUNS * runs;
        let mut run = start(&stack, ahead, seconds);
        if runs == 0 {
            // In the middle of deleting, and of a transaction as likely as not.
            let before = of_site(&stack);
            while of_site(&stack) > before / 2 && run.try_wait().unwrap().is_none() {
                // Counting reads the whole table.
                tokio::time::sleep(Duration::from_millis(items / 200)).await;
            }
            run.kill().unwrap();
            let ended = run.wait().unwrap();
            assert!(ended.code().is_none_or(|code| code == 0), "run 1: {ended}");
            let how = if ended.success() { "ended by its time" } else { "killed" };
            println!("run 1: {how}, with {} items of the site left", of_site(&stack));
            continue;
        }
        let output = tokio::task::spawn_blocking(move || run.wait_with_output()).await;
        let output = output.unwrap().unwrap();
        assert!(output.status.success(), "run {}", runs + 1);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        println!("run {}: {report}", runs + 1);
        took.add(&report);
        if report["done"] == true {
            break;
        }
    }
    let receipt = stack.app.store.find_receipt(&begun.receipt_id).await.unwrap().unwrap();
    println!("receipt: {:?}", receipt.counts);
    println!("left of the site: {} items", of_site(&stack));
    took.print();
}

/// Starts a run in a process of its own.
fn start(stack: &Stack, ahead: Duration, seconds: u64) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["run", CLOUD, &ahead.as_secs().to_string(), &seconds.to_string()])
        .envs(stack.local().environment())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The items there are, by entity.
fn count(stack: &Stack) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for item in stack.aws.items(&stack.app.config.table).unwrap() {
        *counts.entry(item["entity"]["S"].as_str().unwrap_or("?").to_owned()).or_default() += 1;
    }
    counts
}

/// How many items name the site.
fn of_site(stack: &Stack) -> usize {
    let items = stack.aws.items(&stack.app.config.table).unwrap();
    let of_site =
        |item: &&Value| item["cloud_id"]["S"] == CLOUD && item["entity"]["S"] != "erasure";
    items.iter().filter(of_site).count()
}

fn shown(counts: &BTreeMap<String, usize>) -> String {
    let all: usize = counts.values().sum();
    let each: Vec<String> =
        counts.iter().map(|(entity, count)| format!("{entity} {count}")).collect();
    format!("{all} items ({})", each.join(", "))
}

/// What the runs took that were not killed.
#[derive(Default)]
struct Took {
    seconds: f64,
    calls: BTreeMap<String, u64>,
    writes: u64,
    peak_kib: u64,
}

impl Took {
    fn add(&mut self, report: &Value) {
        self.seconds += report["seconds"].as_f64().unwrap();
        self.writes += report["writes"].as_u64().unwrap();
        self.peak_kib = self.peak_kib.max(report["peak_kib"].as_u64().unwrap());
        for (operation, count) in report["calls"].as_object().unwrap() {
            *self.calls.entry(operation.clone()).or_default() += count.as_u64().unwrap();
        }
    }

    fn print(&self) {
        let calls: u64 = self.calls.values().sum();
        println!("behind the killed run: {:.1} s, {calls} calls {:?}", self.seconds, self.calls);
        // A transaction's write counts twice; each item lies in two indexes at most.
        println!("changes in transactions: {} ({} write units)", self.writes, self.writes * 2);
        println!("peak memory of a run: {} MiB", self.peak_kib / 1024);
    }
}
