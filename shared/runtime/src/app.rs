//! Everything a function works with, built once, for its first event.

use std::{sync::Arc, time::Instant};

use tandem_domain::{ClientSecrets, Clock, Entropy, Failure, SystemClock};
use tandem_jira::{AtlassianOAuth, JiraClient, OAuthConfig};
use tandem_microsoft::{
    connector::{Connector, ConnectorConfig},
    entra::{EntraConfig, EntraOAuth},
    graph::GraphClient,
};
use tandem_store::Store;
use tandem_tokens::KeySet;
use tandem_vault::{Issuers, Vault, VaultConfig};
use url::Url;

use crate::{
    Config, Credentials, Queue, WebhookSecrets,
    aws::Clients,
    connections::{self, Roots},
    last_carried::LastCarried,
    metrics::Metrics,
    signing::{Signing, SystemEntropy},
    webhook_seen::SeenWebhooks,
};

/// The path Atlassian sends the browser back to.
pub const ATLASSIAN_CALLBACK: &str = "/connect/atlassian/callback";
/// The path Microsoft sends the browser back to.
pub const MICROSOFT_CALLBACK: &str = "/connect/microsoft/callback";

/// What Tandem asks of a person at Microsoft (OpenID Connect and Graph, delegated permissions).
pub const MICROSOFT_SCOPES: [&str; 6] =
    ["openid", "profile", "offline_access", "Chat.Create", "Chat.ReadWrite", "ChatMessage.Send"];

/// What Tandem asks of a person at Atlassian.
pub fn atlassian_scopes() -> &'static [&'static str] {
    tandem_jira::oauth::DEFAULT_SCOPES
}

/// What the application is built from; the local stack and the tests bring their own.
#[derive(Clone)]
pub struct Parts {
    /// Addresses and names.
    pub config: Config,
    /// What calls the vendors; see [`crate::connections`].
    pub http: reqwest::Client,
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// KMS.
    pub kms: aws_sdk_kms::Client,
    /// Secrets Manager.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Where metrics go.
    pub metrics: Metrics,
    /// The bot takes activities without a token, and answers without one: for a test client on the
    /// same machine. No environment variable says so; a deployment never does.
    pub anonymous_bot: bool,
}

/// Everything a function works with.
pub struct App {
    /// Addresses and names.
    pub config: Config,
    /// The one table.
    pub store: Store,
    /// People's tokens.
    pub vault: Vault,
    /// The queue of deliveries.
    pub queue: Queue,
    /// Jira's REST API.
    pub jira: JiraClient,
    /// Atlassian's sign-in.
    pub atlassian: Arc<AtlassianOAuth>,
    /// Microsoft Graph.
    pub graph: GraphClient,
    /// Microsoft's sign-in.
    pub entra: Arc<EntraOAuth>,
    /// The keys with which Entra signs id tokens.
    pub entra_keys: KeySet,
    /// What the bot says in Teams.
    pub connector: Connector,
    /// The keys with which the Bot Connector signs.
    pub bot_keys: KeySet,
    /// The keys with which Forge signs.
    pub forge_keys: KeySet,
    /// Whether the bot takes activities without a token; see [`Parts::anonymous_bot`].
    pub anonymous_bot: bool,
    /// Derived values.
    pub signing: Signing,
    /// The app's credentials, which follow what lies in Secrets Manager.
    pub credentials: Credentials,
    /// The secrets that sign each site's webhooks.
    pub webhook_secrets: WebhookSecrets,
    /// Of which sites this process noted lately that their webhooks arrive.
    pub seen_webhooks: SeenWebhooks,
    /// What this process carried last.
    pub last_carried: LastCarried,
    /// Metrics.
    pub metrics: Metrics,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Why there is no application.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StartError {
    /// A variable is missing or does not parse.
    #[error(transparent)]
    Config(#[from] crate::ConfigError),
    /// The app's secrets could not be loaded or are unusable.
    #[error("the app's secrets: {0}")]
    Secrets(Failure),
    /// A client could not be built.
    #[error("cannot build {0}")]
    Client(&'static str),
}

impl StartError {
    /// As the failure of what needed the application.
    pub fn failure(&self) -> Failure {
        match self {
            Self::Secrets(failure) => failure.clone(),
            Self::Config(_) | Self::Client(_) => Failure::Fault { what: "start" },
        }
    }
}

impl Parts {
    /// The parts of a Lambda function, from its environment. Nothing is called yet.
    pub(crate) fn from_environment(config: Config, metrics: Metrics) -> Result<Self, StartError> {
        let variable = |name: &str| std::env::var(name).ok();
        let http = connections::client(Roots::Mozilla)?;
        let aws = Clients::new(&variable, connections::for_aws(http.clone()));
        Ok(Self {
            config,
            http,
            dynamodb: aws.dynamodb,
            kms: aws.kms,
            secrets: aws.secrets,
            sqs: aws.sqs,
            metrics,
            entropy: Arc::new(SystemEntropy),
            clock: Arc::new(SystemClock),
            anonymous_bot: false,
        })
    }
}

impl App {
    /// Builds the application from its parts. Loads the app's secrets: there is none without them.
    pub async fn build(parts: Parts) -> Result<Self, StartError> {
        let began = Instant::now();
        let Parts {
            config,
            http,
            dynamodb,
            kms,
            secrets,
            sqs,
            clock,
            entropy,
            metrics,
            anonymous_bot,
        } = parts;
        let credentials =
            Credentials::load(secrets.clone(), &config.secret_prefix, Arc::clone(&clock))
                .await
                .map_err(StartError::Secrets)?;
        let metrics = metrics.of_deployment(&config.secret_prefix);
        let sightings = metrics.sightings();
        let entra_config = entra_config(&config, credentials.for_microsoft())?;
        let keys_url =
            EntraOAuth::keys_url(&entra_config).map_err(|_| StartError::Client("Entra's keys"))?;
        let entra = EntraOAuth::new(http.clone(), entra_config, Arc::clone(&clock));
        let entra = Arc::new(entra.noting(sightings.clone()));
        let atlassian_config = atlassian_config(&config, credentials.for_atlassian())?;
        let atlassian = AtlassianOAuth::new(http.clone(), atlassian_config, Arc::clone(&clock));
        let atlassian = Arc::new(atlassian.noting(sightings.clone()));
        let connector = Connector::new(
            http.clone(),
            ConnectorConfig {
                login_base: config.microsoft_login.clone(),
                tenant: config.bot_tenant.clone(),
                client_id: config.bot_client_id.clone(),
                client_secret: credentials.for_bot(),
                anonymous: anonymous_bot,
            },
            Arc::clone(&clock),
        );
        let bot_keys = KeySet::new(http.clone(), config.bot_keys.clone(), Arc::clone(&clock));
        let forge_keys = KeySet::new(http.clone(), config.forge_keys.clone(), Arc::clone(&clock));
        let store = Store::new(dynamodb, config.table.clone());
        let vault = Vault::new(
            VaultConfig {
                kms,
                secrets: secrets.clone(),
                store: store.clone(),
                envelope_key: config.envelope_key.clone(),
                older_envelope_keys: config.older_envelope_keys.clone(),
                secrets_key: config.secrets_key.clone(),
                older_secrets_keys: config.older_secrets_keys.clone(),
                secret_prefix: config.secret_prefix.clone(),
                secret_readers: config.secret_readers.clone(),
            },
            Issuers { atlassian: atlassian.clone(), microsoft: entra.clone() },
            Arc::clone(&clock),
            Arc::clone(&entropy),
        );
        let jira = JiraClient::new(http.clone(), config.atlassian_api.clone());
        let graph = GraphClient::new(http.clone(), config.graph.clone());
        metrics.note_start_up(began.elapsed());
        Ok(Self {
            vault: vault.noting(sightings.clone()),
            queue: Queue::new(sqs, config.queue_url.clone(), config.dead_letter_url.clone()),
            jira: jira.noting(sightings.clone()),
            graph: graph.noting(sightings.clone()),
            entra_keys: KeySet::new(http, keys_url, Arc::clone(&clock)),
            connector: connector.noting(sightings),
            bot_keys,
            forge_keys,
            anonymous_bot,
            webhook_secrets: WebhookSecrets::new(
                secrets,
                &config.secret_prefix,
                Arc::clone(&clock),
            ),
            seen_webhooks: SeenWebhooks::default(),
            last_carried: LastCarried::default(),
            signing: credentials.signing(),
            credentials,
            config,
            store,
            atlassian,
            entra,
            metrics,
            clock,
            entropy,
        })
    }
}

fn callback(config: &Config, path: &str) -> Result<Url, StartError> {
    Url::parse(&config.public(path)).map_err(|_| StartError::Client("the redirect address"))
}

fn atlassian_config(
    config: &Config,
    client_secret: Arc<dyn ClientSecrets>,
) -> Result<OAuthConfig, StartError> {
    Ok(OAuthConfig {
        auth_base: config.atlassian_login.clone(),
        client_id: config.atlassian_client_id.clone(),
        client_secret,
        redirect_uri: callback(config, ATLASSIAN_CALLBACK)?,
        scopes: atlassian_scopes().iter().map(|s| (*s).to_owned()).collect(),
    })
}

fn entra_config(
    config: &Config,
    client_secret: Arc<dyn ClientSecrets>,
) -> Result<EntraConfig, StartError> {
    Ok(EntraConfig {
        login_base: config.microsoft_login.clone(),
        authority: config.microsoft_authority.clone(),
        client_id: config.microsoft_client_id.clone(),
        client_secret,
        redirect_uri: callback(config, MICROSOFT_CALLBACK)?,
        scopes: MICROSOFT_SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
    })
}
