//! Seed after seed: a world, a crowd, bad weather, and whether all holds in the end.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use crate::{
    arguments::Arguments,
    crowd::Crowd,
    endings::Endings,
    oracle::{self, Fault},
    run::Run,
    truth::Truth,
    world::World,
};

/// How many deeds are done before it is looked how far the deliveries are.
const WAVE: usize = 100;
/// How many deliveries may wait while more is done.
const BACKLOG: usize = 300;
/// How many findings of a seed are shown.
const SHOWN: usize = 20;

/// Runs all seeds; whether all held.
pub(crate) async fn soak(arguments: &Arguments) -> bool {
    let each = arguments.events.div_ceil(arguments.seeds);
    let mut totals: BTreeMap<Fault, usize> = BTreeMap::new();
    let (mut crossed, mut events, mut failed) = (0, 0, Vec::new());
    println!(
        "| seed | events | refused deeds | on both sides | faults struck | consents ended | leapt over | dead letters | found | s |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for seed in arguments.seed..arguments.seed + arguments.seeds as u64 {
        let (findings, line) = one(arguments, seed, each).await;
        println!("{line}");
        for (fault, count) in findings.counts() {
            *totals.entry(fault).or_default() += count;
        }
        crossed += findings.crossed;
        events += each;
        if findings.broken().next().is_some() {
            for (fault, what) in findings.broken().take(SHOWN) {
                println!("  {fault:?}: {what}");
            }
            println!("  to replay: {}", arguments.replay(seed, each));
            failed.push(seed);
        }
    }
    println!("\n{events} events, {crossed} comments and messages on both sides, found: {totals:?}");
    if failed.is_empty() {
        println!("nothing lost, nothing twice, nothing out of order");
    } else {
        println!("seeds that failed: {failed:?}");
    }
    failed.is_empty()
}

async fn one(arguments: &Arguments, seed: u64, events: usize) -> (oracle::Findings, String) {
    let began = Instant::now();
    let mut run = Run::start(None).await;
    let world = World::make(&run.stack, &run.http, arguments.shape, seed).await;
    let world = Arc::new(world);
    run.settle(0).await;
    let storm = run.storm(&world, seed, arguments.faults);
    let mut crowd = Crowd::new(Arc::clone(&world), run.http.clone(), seed);
    let mut endings = Endings::new(Arc::clone(&world), seed, arguments.faults);
    let url = run.stack.url();
    let (mut left, mut refused) = (events, 0);
    while left > 0 {
        let wave = left.min(WAVE);
        refused += crowd.act(&url, wave).await;
        left -= wave;
        endings.strike(&run.stack);
        run.settle(BACKLOG).await;
    }
    run.settle(0).await;
    run.stack.gate.sky.set(None);
    let truth = Truth::of(&run.stack, &world);
    let findings = oracle::judge(&truth);
    let struck: usize = storm.struck().values().sum();
    let found = findings.counts();
    let line = format!(
        "| {seed} | {events} | {refused} | {} | {struck} | {} | {} min | {} | {found:?} | {:.0} |",
        findings.crossed,
        endings.ended.consents,
        run.lasted().as_secs() / 60,
        truth.dead_letters,
        began.elapsed().as_secs_f64(),
    );
    if arguments.verbose {
        println!(
            "  struck: {:?}; access tokens ended: {}; deliveries: {:?}",
            storm.struck(),
            endings.ended.tokens,
            truth.tallies
        );
    }
    (findings, line)
}
