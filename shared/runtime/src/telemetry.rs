//! Logs: JSON, one line for each event handled, to standard output.

use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Starts logging to standard output. `RUST_LOG` sets what is told, as `level` and `target=level`
/// joined by commas; our own events at `info` unless it does.
pub fn start() {
    start_to(std::io::stdout);
}

/// Starts logging to `writer`. A second call changes nothing.
pub fn start_to<W>(writer: W)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // Not an `EnvFilter`: it matches with regular expressions, for what nobody asks here.
    let wanted = std::env::var("RUST_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let usual =
        || Targets::new().with_default(LevelFilter::WARN).with_target("tandem", LevelFilter::INFO);
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(writer)
        .with_filter(wanted.unwrap_or_else(usual));
    let _ = tracing_subscriber::registry().with(lines).try_init();
}
