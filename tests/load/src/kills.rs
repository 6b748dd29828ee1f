//! The stack is killed at random moments, started again, and everything holds in the end.

use std::{
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::json;
use tandem_local::ForwardClock;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    arguments::Arguments,
    crowd::Crowd,
    oracle,
    run::{Run, client, real_time},
    truth::Truth,
    weather::Storm,
    world::World,
};

/// How long a stack lives at most before it is killed.
const LIVES_MILLIS: u64 = 2_500;
/// How many findings are shown.
const SHOWN: usize = 20;

/// Kills a stack as often as told while a crowd works; whether all held.
pub(crate) async fn kills(arguments: &Arguments) -> bool {
    let dir = std::env::temp_dir().join(format!("tandem-load-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    let clock = real_time();
    let run = Run::at(0, Some(dir.clone()), Arc::clone(&clock)).await;
    let world = World::make(&run.stack, &run.http, arguments.shape, arguments.seed).await;
    let world = Arc::new(world);
    let url = run.stack.url();
    let port: u16 = url.rsplit(':').next().unwrap().parse().unwrap();
    drop(run);
    let mut random = fastrand::Rng::with_seed(arguments.seed ^ 0x5163);
    let http = client();
    let mut crowd = Crowd::new(Arc::clone(&world), http.clone(), arguments.seed);
    let (began, mut done, mut refused) = (Instant::now(), 0, 0);
    let each = arguments.events.div_ceil(arguments.kills);
    for kill in 1..=arguments.kills {
        let mut child = serve(arguments, &dir, port, &clock, kill).await;
        let doomed = Duration::from_millis(random.u64(100..LIVES_MILLIS));
        let working = async {
            refused += crowd.act(&url, each).await;
            loop {
                leap(&clock, &http, &url).await;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        // Whatever is under way when the time is over is cut off.
        let _ = tokio::time::timeout(doomed, working).await;
        child.start_kill().unwrap();
        child.wait().await.unwrap();
        done += each;
        if arguments.verbose {
            println!("killed {kill} after {} ms", doomed.as_millis());
        }
    }
    let mut run = Run::at(port, Some(dir.clone()), clock).await;
    run.settle(0).await;
    let truth = Truth::of(&run.stack, &world);
    let findings = oracle::judge(&truth);
    println!(
        "{} kills, {done} events ({refused} refused deeds), {} comments and messages on both sides, \
         {} dead letters, found: {:?}, {:.0} s",
        arguments.kills,
        findings.crossed,
        truth.dead_letters,
        findings.counts(),
        began.elapsed().as_secs_f64()
    );
    for (fault, what) in findings.broken().take(SHOWN) {
        println!("  {fault:?}: {what}");
    }
    let held = findings.broken().next().is_none();
    if held {
        println!("nothing lost, nothing twice, nothing out of order");
        let _ = std::fs::remove_dir_all(&dir);
    } else {
        println!("  to replay: {}", arguments.replay(arguments.seed, arguments.events));
        println!("  what is left of it: {}", dir.display());
    }
    held
}

/// Moves the time of the killed ones and of those to come.
async fn leap(clock: &ForwardClock, http: &Client, url: &str) {
    let span = Duration::from_secs(3);
    clock.forward(span);
    let body = json!({"forwardSeconds": span.as_secs()});
    // It may have been killed just now.
    let _ = http.post(format!("{url}/local/time")).json(&body).send().await;
}

/// A stack in a process of its own, ready.
async fn serve(
    arguments: &Arguments,
    dir: &std::path::Path,
    port: u16,
    clock: &ForwardClock,
    kill: usize,
) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg("serve")
        .arg("--data-dir")
        .arg(dir)
        .args(["--port", &port.to_string()])
        .args(["--seed", &(arguments.seed * 1000 + kill as u64).to_string()])
        .args(["--faults", &arguments.faults.to_string()])
        .args(["--leapt", &clock.ahead().as_secs().to_string()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next_line().await.unwrap().expect("a stack that starts");
    child
}

/// The process that is killed.
pub(crate) async fn serve_until_killed(arguments: &Arguments) -> bool {
    let clock = real_time();
    clock.forward(Duration::from_secs(arguments.leapt));
    let run = Run::at(arguments.port, arguments.data_dir.clone(), clock.clone()).await;
    let storm = Storm::new(arguments.seed, arguments.faults, false, clock);
    run.stack.gate.sky.set(Some(storm));
    println!("ready");
    std::future::pending::<()>().await;
    true
}
