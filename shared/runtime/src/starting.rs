//! A function that has started: it knows its configuration. Clients are made, and the app's secrets
//! read, for its first event.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tandem_domain::{Failure, SystemClock};
use tokio::sync::OnceCell;

use crate::{
    App, Config, Parts, StartError,
    metrics::{Metric, Metrics},
};

/// What the application is made of, when it is made.
type Make = dyn Fn() -> Result<Parts, StartError> + Send + Sync;

/// What a process of a function has from its start on. It serves nothing: what serves is the [`App`],
/// and there is none without the app's secrets. The first event has it made; where that fails, the
/// event fails, and the next one tries again.
pub struct Starting {
    parts: Box<Make>,
    metrics: Metrics,
    took: Duration,
    app: OnceCell<Arc<App>>,
}

impl Starting {
    /// Starts from the environment of a Lambda function, which is checked; nothing is called yet.
    ///
    /// # Errors
    /// When a variable is missing or does not parse.
    pub fn from_environment() -> Result<Self, StartError> {
        let began = Instant::now();
        let config = Config::read(&|name| std::env::var(name).ok())?;
        let metrics = Metrics::to_stdout(Arc::new(SystemClock));
        Ok(Self {
            metrics: metrics.clone().of_deployment(&config.secret_prefix),
            parts: Box::new(move || Parts::from_environment(config.clone(), metrics.clone())),
            took: began.elapsed(),
            app: OnceCell::new(),
        })
    }

    /// Starts with these parts.
    pub fn with(parts: Parts) -> Self {
        Self {
            metrics: parts.metrics.clone().of_deployment(&parts.config.secret_prefix),
            parts: Box::new(move || Ok(parts.clone())),
            took: Duration::ZERO,
            app: OnceCell::new(),
        }
    }

    /// The application; made when it is asked for the first time.
    ///
    /// # Errors
    /// Those of [`App::build`].
    pub async fn app(&self) -> Result<Arc<App>, StartError> {
        let made = async || {
            let began = Instant::now();
            let app = App::build((self.parts)()?).await?;
            app.metrics.note_start_up(self.took + began.elapsed());
            Ok(Arc::new(app))
        };
        self.app.get_or_try_init(made).await.map(Arc::clone)
    }

    /// Metrics while there is no application.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The application for an event of `function`. Where there is none, a log line and the metrics say
    /// so; the error has Lambda try the event again.
    ///
    /// # Errors
    /// Those of [`App::build`].
    pub async fn app_for_event(&self, function: &'static str) -> Result<Arc<App>, StartError> {
        let app = self.app().await;
        if let Err(error) = &app {
            let failure = error.failure();
            tracing::error!(target: "tandem", function, code = failure.what(), %error, "failed");
            let mut samples = Vec::new();
            if !matches!(failure, Failure::Retry { .. }) {
                samples.push(Metric::Faults.once());
            }
            if tandem_vault::is_key_trouble(&failure) {
                samples.push(Metric::KeyTrouble.once());
            }
            self.metrics.emit(function, &samples);
        }
        app
    }
}
