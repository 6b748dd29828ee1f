//! A steady load for a long time: what the functions hold in memory and how many descriptors they
//! have open. They run in a process of their own, since the simulated vendors and AWS beside them keep
//! whatever was ever written.

use std::{
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, Uri},
};
use tandem_local::{
    StackOptions,
    gateway::{Gateway, LatestEvents},
    routes::Routes,
    worker::{self, UnderWay},
};
use tandem_runtime::{
    Starting,
    connections::{self, Roots},
};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
};

use crate::{
    arguments::Arguments,
    flow::{Watch, even_flows, median},
    run::Run,
    usage,
    world::World,
};

/// How many looks are taken at the process.
const LOOKS: u64 = 30;
/// By how much the memory of the last third may be above that of the middle one: noise.
const FLAT: f64 = 1.05;

/// Runs; whether memory stayed flat and descriptors did not grow.
pub(crate) async fn endurance(arguments: &Arguments) -> bool {
    let port = free_port().await;
    let options = StackOptions {
        functions: Some(format!("http://127.0.0.1:{port}")),
        ..StackOptions::default()
    };
    let run = Run::with(options).await;
    let child = functions(&run, port).await;
    let process = child.id().unwrap();
    let world = World::make(&run.stack, &run.http, arguments.shape, arguments.seed).await;
    let world = Arc::new(world);
    let watch = Watch::new(None);
    run.stack.gate.sky.set(Some(watch.clone()));
    let span = Duration::from_secs(arguments.seconds);
    let until = Instant::now() + span;
    let flows = even_flows(&run, &watch, &world, until, arguments.rate);
    println!(
        "| minute | functions: memory | descriptors | carried | left | median | everything else: memory |"
    );
    println!("|---|---|---|---|---|---|---|");
    let (mut memory, mut descriptors) = (Vec::new(), Vec::new());
    let began = Instant::now();
    for look in 1..=LOOKS {
        let due = began + span * u32::try_from(look).unwrap() / u32::try_from(LOOKS).unwrap();
        tokio::time::sleep_until(due.into()).await;
        memory.push(usage::memory(process));
        descriptors.push(usage::descriptors(process));
        let took: Vec<Duration> = watch.take().into_values().flatten().collect();
        println!(
            "| {:.1} | {:.1} MiB | {} | {} | {} | {:.0} ms | {:.0} MiB |",
            began.elapsed().as_secs_f64() / 60.0,
            mib(*memory.last().unwrap()),
            descriptors.last().unwrap(),
            took.len(),
            watch.left(),
            median(took),
            mib(usage::memory(std::process::id())),
        );
    }
    flows.join_all().await;
    judged(&memory, &descriptors)
}

/// Whether the last third is like the middle one.
fn judged(memory: &[u64], descriptors: &[usize]) -> bool {
    let third = memory.len() / 3;
    let mean =
        |of: &[u64]| mib(of.iter().sum::<u64>()) / f64::from(u32::try_from(of.len()).unwrap());
    let (middle, last) = (mean(&memory[third..2 * third]), mean(&memory[2 * third..]));
    let most = |of: &[usize]| of.iter().copied().max().unwrap_or(0);
    let (before, after) = (most(&descriptors[..2 * third]), most(&descriptors[2 * third..]));
    println!(
        "\nmemory in the last third {last:.1} MiB, in the middle one {middle:.1} MiB: ratio {:.3}; \
         descriptors at most {after}, before {before}",
        last / middle
    );
    last / middle < FLAT && after <= before
}

#[allow(clippy::cast_precision_loss, reason = "for people to read")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// The functions of a stack in a process of their own, ready.
async fn functions(run: &Run, port: u16) -> Child {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["functions", "--port", &port.to_string()])
        .envs(run.stack.local().environment())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    while run.http.get(format!("http://127.0.0.1:{port}/")).send().await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child
}

/// A client of the queues, of whom Lambda takes care on AWS.
fn queues() -> aws_sdk_sqs::Client {
    let http = connections::client(Roots::Mozilla).unwrap();
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(std::env::var("AWS_ENDPOINT_URL_SQS").unwrap())
        .http_client(connections::for_aws(http));
    aws_sdk_sqs::Client::from_conf(config.build())
}

/// That process.
pub(crate) async fn serve_functions(arguments: &Arguments) -> bool {
    let app = Starting::from_environment().unwrap().app().await.unwrap();
    let sqs = queues();
    let gateway = Gateway {
        app: Arc::clone(&app),
        routes: Routes::load().unwrap(),
        observer: None,
        latest: LatestEvents::default(),
    };
    for _ in 0..2 {
        let url = app.config.queue_url.clone();
        let worker = worker::deliver(Arc::clone(&app), sqs.clone(), url, UnderWay::default());
        tokio::spawn(worker);
    }
    let router = Router::new().fallback(
        move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
            gateway.serve(method, uri, headers, body).await
        },
    );
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await.unwrap();
    axum::serve(listener, router).await.unwrap();
    true
}
