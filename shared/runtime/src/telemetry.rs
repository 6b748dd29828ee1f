//! Logs: JSON, one line for each event handled, to standard output.

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// Starts logging to standard output. `RUST_LOG` sets what is told; our own events at `info`
/// unless it does.
pub fn start() {
    start_to(std::io::stdout);
}

/// Starts logging to `writer`. A second call changes nothing.
pub fn start_to<W>(writer: W)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,tandem=info"));
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(writer)
        .try_init();
}
