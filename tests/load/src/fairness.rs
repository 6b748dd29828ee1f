//! What a noisy tenant does to the others: how long their comments take with it and without it.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    arguments::Arguments,
    flow::{Watch, flows, median},
    run::Run,
    weather::Storm,
    world::World,
};

/// How much more the noisy one does than each of the others.
const NOISE: f64 = 50.0;
/// How much longer the others' may take with it.
const MOST: f64 = 2.0;
/// How often each is measured, in turns.
const ROUNDS: usize = 3;

/// Measures; whether it stays below the limit.
pub(crate) async fn fairness(arguments: &Arguments) -> bool {
    println!(
        "| vendors' limits | others' median alone | with the noisy one | ratio | the noisy one's own | comments |"
    );
    println!("|---|---|---|---|---|---|");
    let mut held = true;
    for limits in [false, true] {
        held &= measured(arguments, limits).await;
    }
    held
}

async fn measured(arguments: &Arguments, limits: bool) -> bool {
    let run = Run::start(None).await;
    let world = World::make(&run.stack, &run.http, arguments.shape, arguments.seed).await;
    let world = Arc::new(world);
    let storm = limits.then(|| Storm::of(&world, arguments.seed, 0.0, true, run.clock.clone()));
    let watch = Watch::new(storm);
    run.stack.gate.sky.set(Some(watch.clone()));
    let (mut alone, mut with, mut own) = (Vec::new(), Vec::new(), Vec::new());
    let mut count = 0;
    for _ in 0..ROUNDS {
        for noisy in [false, true] {
            let took = round(arguments, &run, &watch, &world, noisy).await;
            count += took.values().map(Vec::len).sum::<usize>();
            for (site, took) in took {
                match (site, noisy) {
                    (0, _) => own.extend(took),
                    (_, false) => alone.extend(took),
                    (_, true) => with.extend(took),
                }
            }
        }
    }
    let (alone, with) = (median(alone), median(with));
    let ratio = with / alone;
    let limits = if limits { "yes" } else { "no" };
    let own = median(own);
    println!("| {limits} | {alone:.1} ms | {with:.1} ms | {ratio:.2} | {own:.1} ms | {count} |");
    ratio < MOST
}

/// One round; how long each site's comments took.
async fn round(
    arguments: &Arguments,
    run: &Run,
    watch: &Arc<Watch>,
    world: &Arc<World>,
    noisy: bool,
) -> HashMap<usize, Vec<Duration>> {
    let until = Instant::now() + Duration::from_secs(arguments.seconds);
    let rate = |site| match (site, noisy) {
        (0, true) => arguments.rate * NOISE,
        (0, false) => 0.0,
        _ => arguments.rate,
    };
    flows(run, watch, world, until, rate).join_all().await;
    // What the noisy one leaves behind must not be in the way of the next round.
    let patient_until = Instant::now() + Duration::from_mins(2);
    while watch.left() > 0 && Instant::now() < patient_until {
        run.clock.forward(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    watch.take()
}
