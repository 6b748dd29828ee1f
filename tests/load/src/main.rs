//! The local stack under load: `cargo run --profile load -p tandem-load -- --help`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod arguments;
mod crowd;
mod endings;
mod endurance;
mod fairness;
mod flow;
mod kills;
mod oracle;
mod run;
mod soak;
mod throughput;
mod truth;
mod usage;
mod weather;
mod world;

use std::process::ExitCode;

use arguments::{Arguments, HELP};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            println!("error: {error}\n\n{HELP}");
            return ExitCode::FAILURE;
        }
    };
    if arguments.log {
        tandem_runtime::telemetry::start_to(std::io::stderr);
    }
    let held = match arguments.mode.as_str() {
        "oracle" => soak::soak(&arguments).await,
        "kills" => kills::kills(&arguments).await,
        "serve" => kills::serve_until_killed(&arguments).await,
        "throughput" => throughput::throughput(&arguments).await,
        "endurance" => endurance::endurance(&arguments).await,
        "functions" => endurance::serve_functions(&arguments).await,
        "fairness" => fairness::fairness(&arguments).await,
        other => {
            println!("error: there is no mode {other}\n\n{HELP}");
            false
        }
    };
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
