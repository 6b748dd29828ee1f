//! What the template creates in AWS, created in the emulations: table, keys, queues, the app's
//! secret.

use std::{collections::HashMap, fs, io, path::Path, sync::Arc};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::{
    config::{Credentials, SharedCredentialsProvider},
    types::QueueAttributeName,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tandem_domain::Entropy;
use tandem_runtime::{
    StartError, app_secret_name,
    connections::{self, Roots},
};
use tandem_store::Store;

use crate::{
    aws::Aws,
    caller::{CallObserver, Observed},
};

/// The table's name.
pub const TABLE: &str = "tandem";
/// The first part of every secret's name.
pub const SECRET_PREFIX: &str = "tandem";
/// The name of the queue of dead letters.
pub const DEAD_LETTERS: &str = "tandem-deliveries-dead.fifo";
/// Whom the policies of grants' secrets let through, as in the template. The emulation keeps the
/// policies and, knowing no callers, goes by none.
pub const SECRET_READERS: &str = "arn:aws:iam::000000000000:role/tandem/tandem/*";
/// After how many attempts a message goes to the dead-letter queue.
const MAX_RECEIVES: u32 = 16;
/// How long a message is hidden while it is handled, in seconds.
const VISIBILITY: u32 = 120;

/// Clients of the emulations.
#[derive(Clone)]
pub struct Clients {
    /// What calls the vendors, and carries the calls of the others: as in a function.
    pub http: reqwest::Client,
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// KMS.
    pub kms: aws_sdk_kms::Client,
    /// Secrets Manager.
    pub secrets: aws_sdk_secretsmanager::Client,
    /// SQS.
    pub sqs: aws_sdk_sqs::Client,
}

/// What was created, and under which names; kept between runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    /// The key that wraps data keys.
    pub envelope_key: String,
    /// The key of the secret store.
    pub secrets_key: String,
}

impl Clients {
    /// Clients of `aws`; DynamoDB at `dynamodb` instead, where given. `calls` sees what functions do
    /// with them.
    pub fn of(
        aws: &Aws,
        dynamodb: Option<&str>,
        calls: Option<&CallObserver>,
        roots: Roots,
    ) -> Result<Self, StartError> {
        let http = connections::client(roots)?;
        let connections = connections::for_aws(http.clone());
        let credentials = Credentials::new("local", "local", None, None, "local");
        let config = |endpoint: &str| {
            SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("us-east-1"))
                .credentials_provider(SharedCredentialsProvider::new(credentials.clone()))
                .http_client(connections.clone())
                .endpoint_url(endpoint)
                .build()
        };
        let clients = Self {
            http,
            dynamodb: aws_sdk_dynamodb::Client::new(&config(
                dynamodb.unwrap_or_else(|| aws.dynamodb_endpoint()),
            )),
            kms: aws_sdk_kms::Client::new(&config(aws.kms_endpoint())),
            secrets: aws_sdk_secretsmanager::Client::new(&config(aws.secrets_manager_endpoint())),
            sqs: aws_sdk_sqs::Client::new(&config(aws.sqs_endpoint())),
        };
        Ok(match calls {
            Some(calls) => clients.observed(&Observed(Arc::clone(calls))),
            None => clients,
        })
    }

    fn observed(&self, by: &Observed) -> Self {
        macro_rules! observed {
            ($krate:ident, $client:expr) => {
                $krate::Client::from_conf(
                    $client.config().to_builder().interceptor(by.clone()).build(),
                )
            };
        }
        Self {
            http: self.http.clone(),
            dynamodb: observed!(aws_sdk_dynamodb, self.dynamodb),
            kms: observed!(aws_sdk_kms, self.kms),
            secrets: observed!(aws_sdk_secretsmanager, self.secrets),
            sqs: observed!(aws_sdk_sqs, self.sqs),
        }
    }
}

/// The app's client secrets.
pub struct ClientSecrets<'a> {
    /// At Atlassian.
    pub atlassian: &'a str,
    /// At Microsoft.
    pub microsoft: &'a str,
    /// The bot's.
    pub bot: &'a str,
}

/// Where the queues are.
#[derive(Clone, Debug)]
pub struct Queues {
    /// The queue of deliveries.
    pub url: String,
    /// The one of dead letters.
    pub dead_letter_url: String,
}

/// Creates what is not there yet.
pub async fn provision(
    clients: &Clients,
    data_dir: Option<&Path>,
    entropy: &dyn Entropy,
    app: &ClientSecrets<'_>,
) -> io::Result<(Deployment, Queues)> {
    Store::new(clients.dynamodb.clone(), TABLE).create_table().await.map_err(io::Error::other)?;
    let file = data_dir.map(|dir| dir.join("deployment.json"));
    let deployment = match &file {
        Some(file) if file.exists() => serde_json::from_slice(&fs::read(file)?)?,
        _ => {
            let deployment = Deployment {
                envelope_key: create_key(clients).await?,
                secrets_key: create_key(clients).await?,
            };
            if let Some(file) = &file {
                fs::write(file, serde_json::to_vec_pretty(&deployment)?)?;
            }
            deployment
        }
    };
    create_app_secret(clients, &deployment, entropy, app).await?;
    let queues = create_queues(clients).await?;
    Ok((deployment, queues))
}

async fn create_key(clients: &Clients) -> io::Result<String> {
    let created = clients.kms.create_key().send().await.map_err(io::Error::other)?;
    let key = created.key_metadata.ok_or_else(|| io::Error::other("KMS told no key"))?;
    Ok(key.key_id)
}

/// Creates the app's secret; where it is there already, only its client secrets are renewed, since
/// what the signing key derived must stay true.
async fn create_app_secret(
    clients: &Clients,
    deployment: &Deployment,
    entropy: &dyn Entropy,
    app: &ClientSecrets<'_>,
) -> io::Result<()> {
    let name = app_secret_name(SECRET_PREFIX);
    let value = |signing_key: &str| {
        json!({
            "atlassian_client_secret": app.atlassian,
            "microsoft_client_secret": app.microsoft,
            "bot_client_secret": app.bot,
            "signing_key": signing_key,
        })
        .to_string()
    };
    let secrets = &clients.secrets;
    let known = secrets.get_secret_value().secret_id(&name).send().await;
    let known = known.ok().and_then(|known| known.secret_string);
    let Some(known) = known else {
        let mut signing_key = [0u8; 32];
        entropy.fill(&mut signing_key);
        secrets
            .create_secret()
            .name(name)
            .kms_key_id(&deployment.secrets_key)
            .secret_string(value(&STANDARD.encode(signing_key)))
            .send()
            .await
            .map_err(io::Error::other)?;
        return Ok(());
    };
    let parsed: serde_json::Value = serde_json::from_str(&known)?;
    let renewed = value(parsed["signing_key"].as_str().unwrap_or_default());
    if renewed != known {
        let put = secrets.put_secret_value().secret_id(name).secret_string(renewed);
        put.send().await.map_err(io::Error::other)?;
    }
    Ok(())
}

async fn create_queues(clients: &Clients) -> io::Result<Queues> {
    let fifo = HashMap::from([(QueueAttributeName::FifoQueue, "true".to_owned())]);
    let dead = create_queue(clients, DEAD_LETTERS, fifo.clone()).await?;
    let arn = clients
        .sqs
        .get_queue_attributes()
        .queue_url(&dead)
        .attribute_names(QueueAttributeName::QueueArn)
        .send()
        .await
        .map_err(io::Error::other)?
        .attributes
        .and_then(|attributes| attributes.get(&QueueAttributeName::QueueArn).cloned())
        .ok_or_else(|| io::Error::other("SQS told no queue ARN"))?;
    let mut attributes = fifo;
    attributes.insert(QueueAttributeName::VisibilityTimeout, VISIBILITY.to_string());
    attributes.insert(
        QueueAttributeName::RedrivePolicy,
        json!({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVES}).to_string(),
    );
    let url = create_queue(clients, "tandem-deliveries.fifo", attributes).await?;
    Ok(Queues { url, dead_letter_url: dead })
}

async fn create_queue(
    clients: &Clients,
    name: &str,
    attributes: HashMap<QueueAttributeName, String>,
) -> io::Result<String> {
    let created = clients
        .sqs
        .create_queue()
        .queue_name(name)
        .set_attributes(Some(attributes))
        .send()
        .await
        .map_err(io::Error::other)?;
    created.queue_url.ok_or_else(|| io::Error::other("SQS told no queue address"))
}
