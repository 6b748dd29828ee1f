//! What only the local stack answers, for its page, scripts and tests: `/` and `/local/...`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_domain::{CloudId, Failure, InvalidId, SiteHost};
use tandem_runtime::{App, webhook_secret_name};

use crate::{
    aws::Aws,
    clock::ForwardClock,
    gateway::LatestEvents,
    page,
    provision::{Clients, SECRET_PREFIX, TABLE},
    sandbox::{jira::JiraSandbox, microsoft::MicrosoftSandbox},
};

/// What the endpoints work with.
#[derive(Clone)]
pub struct Local {
    /// What the functions work with.
    pub app: Arc<App>,
    /// The emulated AWS.
    pub aws: Arc<Aws>,
    /// Its clients.
    pub clients: Clients,
    /// The simulated Atlassian.
    pub jira: JiraSandbox,
    /// The simulated Microsoft.
    pub microsoft: MicrosoftSandbox,
    /// The key of the secret store.
    pub secrets_key: String,
    /// The clock of all of them.
    pub(crate) clock: Arc<ForwardClock>,
    /// What the API was sent last.
    pub latest: LatestEvents,
}

/// The endpoints; people are made, time is moved and events are shown only where the vendors are
/// simulated.
pub fn router(local: Local, simulated: bool) -> Router {
    let in_simulation = if simulated {
        Router::new()
            .route("/local/users", post(crate::users::create))
            .route("/local/time", post(time))
            .route("/local/events", get(events))
    } else {
        Router::new()
    };
    in_simulation
        .route("/local/installations", post(installations))
        .route("/local/inventory", get(inventory))
        .route("/local/items", get(items))
        .route("/local/secrets", get(secrets))
        .route("/local/queue", get(queue))
        .route("/local/upkeep", post(upkeep))
        .route("/local/environment", get(environment))
        .merge(page::router())
        .with_state(local)
}

/// An error of these endpoints.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// A field that is not an identifier.
    #[error("{0}")]
    Invalid(#[from] InvalidId),
    /// Something behind them failed.
    #[error("{0}")]
    Failed(#[from] Failure),
    /// The table failed.
    #[error("{0}")]
    Store(#[from] tandem_store::StoreError),
    /// An emulation failed.
    #[error("{0}")]
    Emulation(String),
    /// A field is missing and cannot be guessed.
    #[error("{0} is missing")]
    Missing(&'static str),
}

impl IntoResponse for LocalError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Invalid(_) | Self::Missing(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({"code": "local", "detail": self.to_string()}))).into_response()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InstallationRequest {
    cloud_id: String,
    site_host: String,
    webhook_secret: String,
}

async fn installations(
    State(local): State<Local>,
    Json(wanted): Json<InstallationRequest>,
) -> Result<Response, LocalError> {
    let cloud_id = CloudId::parse(&wanted.cloud_id)?;
    let site_host = SiteHost::parse(&wanted.site_host)?;
    local.jira.add_site(cloud_id.as_str(), site_host.as_str(), &wanted.webhook_secret);
    install(
        &local.app,
        &local.clients,
        &local.secrets_key,
        cloud_id,
        site_host,
        &wanted.webhook_secret,
    )
    .await?;
    let answer = json!({"cloudId": wanted.cloud_id, "siteHost": wanted.site_host});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Serves a Jira site: its installation in the table, its webhook secret in the secret store.
pub async fn install(
    app: &App,
    clients: &Clients,
    secrets_key: &str,
    cloud_id: CloudId,
    site_host: SiteHost,
    webhook_secret: &str,
) -> Result<(), LocalError> {
    let name = webhook_secret_name(SECRET_PREFIX, &cloud_id);
    let value = json!({"secrets": [webhook_secret]}).to_string();
    let created = clients
        .secrets
        .create_secret()
        .name(&name)
        .kms_key_id(secrets_key)
        .secret_string(&value)
        .send()
        .await;
    if created.is_err() {
        clients
            .secrets
            .put_secret_value()
            .secret_id(&name)
            .secret_string(&value)
            .send()
            .await
            .map_err(|error| LocalError::Emulation(error.to_string()))?;
    }
    tandem_upkeep::install(app, cloud_id, site_host).await?;
    Ok(())
}

/// What may lie in the table, as it is declared, and the settings there are.
async fn inventory() -> Json<Value> {
    Json(json!({
        "entities": tandem_store::inventory::INVENTORY,
        "common": tandem_store::COMMON,
        "settings": tandem_domain::settings::CATALOGUE,
    }))
}

async fn items(State(local): State<Local>) -> Result<Json<Value>, LocalError> {
    let items = local.aws.items(TABLE).map_err(|error| LocalError::Emulation(error.to_string()))?;
    Ok(Json(json!(items)))
}

async fn secrets(State(local): State<Local>) -> Json<Value> {
    Json(json!(local.aws.secrets()))
}

async fn environment(State(local): State<Local>) -> Json<Value> {
    Json(json!(local.environment()))
}

impl Local {
    /// The environment in which a function's own binary runs against this stack, for
    /// `sam local invoke --env-vars` and the like: addresses and names, no secret.
    pub fn environment(&self) -> BTreeMap<&'static str, String> {
        let (config, aws) = (&self.app.config, &self.aws);
        BTreeMap::from([
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_ENDPOINT_URL_DYNAMODB", aws.dynamodb_endpoint().to_owned()),
            ("AWS_ENDPOINT_URL_KMS", aws.kms_endpoint().to_owned()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", aws.secrets_manager_endpoint().to_owned()),
            ("AWS_ENDPOINT_URL_SQS", aws.sqs_endpoint().to_owned()),
            ("TANDEM_PUBLIC_URL", config.public_url.as_str().trim_end_matches('/').to_owned()),
            ("TANDEM_TABLE", config.table.clone()),
            ("TANDEM_QUEUE_URL", config.queue_url.clone()),
            ("TANDEM_DEAD_LETTER_QUEUE_URL", config.dead_letter_url.clone()),
            ("TANDEM_ENVELOPE_KEY_ID", config.envelope_key.clone()),
            ("TANDEM_SECRETS_KEY_ID", config.secrets_key.clone()),
            ("TANDEM_SECRET_PREFIX", config.secret_prefix.clone()),
            ("TANDEM_SECRET_READERS", config.secret_readers.clone()),
            ("TANDEM_ATLASSIAN_CLIENT_ID", config.atlassian_client_id.clone()),
            ("TANDEM_MICROSOFT_CLIENT_ID", config.microsoft_client_id.clone()),
            ("TANDEM_BOT_CLIENT_ID", config.bot_client_id.clone()),
            ("TANDEM_BOT_TENANT_ID", config.bot_tenant.clone()),
            ("TANDEM_BOT_KEYS_URL", config.bot_keys.to_string()),
            ("TANDEM_MICROSOFT_AUTHORITY", config.microsoft_authority.clone()),
            ("TANDEM_ATLASSIAN_LOGIN_URL", config.atlassian_login.to_string()),
            ("TANDEM_ATLASSIAN_API_URL", config.atlassian_api.to_string()),
            ("TANDEM_MICROSOFT_LOGIN_URL", config.microsoft_login.to_string()),
            ("TANDEM_GRAPH_URL", config.graph.to_string()),
        ])
    }
}

/// The latest event of each route, as its function got it.
async fn events(State(local): State<Local>) -> Json<Value> {
    Json(json!(local.latest.by_route()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimeRequest {
    forward_seconds: u32,
}

/// Moves the time of the whole stack forward; answers what it is then.
async fn time(State(local): State<Local>, Json(wanted): Json<TimeRequest>) -> Json<Value> {
    local.clock.forward(Duration::from_secs(wanted.forward_seconds.into()));
    Json(json!({"now": local.app.clock.now().to_rfc3339()}))
}

/// Runs upkeep with the event that it is invoked with on Lambda: `{}` for the schedule, or an
/// operator's command.
async fn upkeep(
    State(local): State<Local>,
    Json(event): Json<tandem_upkeep::UpkeepEvent>,
) -> Result<Response, LocalError> {
    let report = crate::caller::upkeep(local.app, event)
        .await
        .map_err(|error| LocalError::Emulation(error.to_string()))?;
    Ok(Json(report).into_response())
}

/// The deliveries that wait, are in flight, and are dead, whole.
async fn queue(State(local): State<Local>) -> Json<Value> {
    let (mut waiting, mut in_flight, mut dead) = (Vec::new(), Vec::new(), Vec::new());
    for queue in local.aws.queues() {
        for message in queue.messages {
            let of = if !queue.dead_letters_of.is_empty() {
                &mut dead
            } else if message.state == crate::aws::MessageState::InFlight {
                &mut in_flight
            } else {
                &mut waiting
            };
            of.push(message);
        }
    }
    Json(json!({"waiting": waiting, "inFlight": in_flight, "dead": dead}))
}
