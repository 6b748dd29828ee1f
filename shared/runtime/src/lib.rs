//! What every function needs to run: configuration, start-up, sessions, errors as answers,
//! telemetry, the queue.

pub mod access;
mod app;
mod app_secrets;
mod aws;
pub mod card_data;
pub mod chat_events;
pub mod closed_account;
mod config;
pub mod connections;
pub mod conversations;
mod credentials;
pub mod disconnect;
pub mod erasure;
mod error;
pub mod http;
pub mod labels;
mod lambda;
pub mod last_carried;
pub mod metrics;
mod queue;
mod reconcile;
pub mod session;
pub mod shown_chat;
pub mod shown_issue;
pub mod signing;
pub mod site_webhooks;
mod starting;
pub mod subscriptions;
pub mod telemetry;
pub mod webhook_seen;

pub use app::{
    ATLASSIAN_CALLBACK, App, MICROSOFT_CALLBACK, MICROSOFT_SCOPES, Parts, StartError,
    atlassian_scopes,
};
pub use app_secrets::{AppSecrets, WebhookSecrets, app_secret_name, webhook_secret_name};
pub use config::{Config, ConfigError};
pub use credentials::Credentials;
pub use error::{ApiError, field};
pub use lambda::{Error, Invocation, serve_events, serve_http, serve_runs};
pub use queue::Queue;
pub use starting::Starting;
pub use tandem_vault::is_key_trouble;
