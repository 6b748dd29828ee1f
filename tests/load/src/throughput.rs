//! How many comments a second the local stack carries before its queue grows.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    arguments::Arguments,
    flow::{Watch, even_flows, median},
    run::Run,
    usage,
    world::World,
};

/// By how much each step is faster than the one before.
const STEP: f64 = 1.25;
/// A backlog of more than so many seconds' comments is one that grows.
const GROWS: f64 = 1.0;

/// Goes faster and faster until the queue grows, and says where that was.
pub(crate) async fn throughput(arguments: &Arguments) -> bool {
    let run = Run::start(None).await;
    let world = World::make(&run.stack, &run.http, arguments.shape, arguments.seed).await;
    let world = Arc::new(world);
    let watch = Watch::new(None);
    run.stack.gate.sky.set(Some(watch.clone()));
    let process = std::process::id();
    println!(
        "| comments/s wanted | carried/s | left at the end | median | CPU of the whole stack | CPU per comment |"
    );
    println!("|---|---|---|---|---|---|");
    let mut rate = arguments.rate;
    let mut best = 0.0;
    loop {
        let (began, before) = (Instant::now(), usage::computing(process));
        let until = began + Duration::from_secs(arguments.seconds);
        even_flows(&run, &watch, &world, until, rate).join_all().await;
        let left = watch.left();
        let took: Vec<Duration> = watch.take().into_values().flatten().collect();
        let (seconds, used) =
            (began.elapsed().as_secs_f64(), usage::computing(process).saturating_sub(before));
        #[allow(clippy::cast_precision_loss, reason = "thousands at most")]
        let (carried, waiting) = (took.len() as f64, left as f64);
        println!(
            "| {rate:.1} | {:.1} | {left} | {:.0} ms | {:.2} cores | {:.1} ms |",
            carried / seconds,
            median(took),
            used.as_secs_f64() / seconds,
            used.as_secs_f64() * 1000.0 / carried,
        );
        if waiting > rate * GROWS {
            println!(
                "\nthe queue grows at {rate:.1} comments a second; without growing: {best:.1}"
            );
            return true;
        }
        best = rate;
        rate *= STEP;
        while watch.left() > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        watch.take();
    }
}
