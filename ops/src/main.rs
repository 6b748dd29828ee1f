//! `tandem-ops`: wiring only.

use std::{process::ExitCode, sync::Arc, time::Duration};

use tandem_domain::SystemClock;
use tandem_ops::Surroundings;

/// How often an erasure's receipt is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    let code = tandem_ops::run(
        std::env::args_os(),
        Surroundings {
            variable: Arc::new(|name| std::env::var(name).ok()),
            clock: Arc::new(SystemClock),
            out: Box::new(std::io::stdout()),
            err: Box::new(std::io::stderr()),
            input: Box::new(std::io::BufReader::new(std::io::stdin())),
            look_every: LOOK_EVERY,
        },
    );
    ExitCode::from(code.await)
}
