//! One start of a function's binary, with a Runtime API that has one event for it.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify};

/// What was seen of one start.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// From the start of the process until it asks for its first event.
    pub first_poll: Duration,
    /// From there until it has answered it.
    pub first_answer: Duration,
    /// Its memory when it asks, in kB.
    pub at_poll: Memory,
    /// And at most, when it has answered.
    pub peak: u64,
}

/// What the kernel says of a process's memory, in kB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// All pages that are there (`Rss`).
    pub rss: u64,
    /// The same, pages that several processes share counted by their share (`Pss`).
    pub pss: u64,
}

/// How long a function may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

struct Api {
    event: String,
    child: Mutex<Option<u32>>,
    polled: Mutex<Option<(Instant, Memory)>>,
    answered: Mutex<Option<Instant>>,
    done: Notify,
}

/// Starts the binary, gives it the event, and ends it when it has answered.
pub async fn run(
    binary: &Path,
    function: &str,
    environment: &BTreeMap<&'static str, String>,
    event: Value,
) -> Run {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let api = Arc::new(Api {
        event: event.to_string(),
        child: Mutex::default(),
        polled: Mutex::default(),
        answered: Mutex::default(),
        done: Notify::new(),
    });
    let invocation = "/2018-06-01/runtime/invocation";
    let router = Router::new()
        .route(&format!("{invocation}/next"), get(next))
        .route(&format!("{invocation}/{{id}}/response"), post(response))
        .fallback(error)
        .with_state(Arc::clone(&api));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let mut command = Command::new(binary);
    command
        .env_clear()
        .envs(environment)
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .env("AWS_LAMBDA_FUNCTION_NAME", function)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "none")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "none")
        .stdout(Stdio::null());
    let began = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
    *api.child.lock().unwrap() = Some(child.id());
    let answered = tokio::time::timeout(PATIENCE, api.done.notified()).await;
    assert!(answered.is_ok(), "{function} does not answer");
    let peak = peak(&child);
    child.kill().unwrap();
    child.wait().unwrap();
    server.abort();
    let (polled, at_poll) = api.polled.lock().unwrap().expect("a poll comes before an answer");
    let answered = api.answered.lock().unwrap().expect("an answer came");
    Run { first_poll: polled - began, first_answer: answered - polled, at_poll, peak }
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    let now = Instant::now();
    if api.polled.lock().unwrap().is_some() {
        return std::future::pending().await;
    }
    let child = loop {
        if let Some(child) = *api.child.lock().unwrap() {
            break child;
        }
        tokio::task::yield_now().await;
    };
    *api.polled.lock().unwrap() = Some((now, memory(child)));
    let ends = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + PATIENCE;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        ("lambda-runtime-deadline-ms", ends.as_millis().to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:measured".to_owned(),
        ),
    ];
    (headers, api.event.clone()).into_response()
}

async fn response(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    *api.answered.lock().unwrap() = Some(Instant::now());
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    let status = answer.get("statusCode").and_then(Value::as_u64).unwrap_or(200);
    let failures = answer.get("batchItemFailures").and_then(Value::as_array).map_or(0, Vec::len);
    if !(200..300).contains(&status) || failures > 0 {
        eprintln!("a function answered {answer}");
        std::process::exit(2);
    }
    api.done.notify_one();
    StatusCode::ACCEPTED
}

async fn error(uri: Uri, body: String) -> StatusCode {
    eprintln!("a function failed: {uri} {body}");
    std::process::exit(2);
}

fn memory(process: u32) -> Memory {
    let text = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap();
    Memory { rss: kilobytes(&text, "Rss:"), pss: kilobytes(&text, "Pss:") }
}

fn peak(child: &Child) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    kilobytes(&text, "VmHWM:")
}

fn kilobytes(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("Linux");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
