//! The deployment that is worked on: names and addresses from the environment, or from a local stack.

use std::collections::HashMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use serde_json::Value;
use tandem_store::Store;

use crate::{Variable, error::OpsError, upkeep::Upkeep};

/// A deployment, in AWS or on this machine.
pub(crate) struct Deployment {
    /// The table.
    pub(crate) store: Store,
    /// SQS.
    pub(crate) sqs: aws_sdk_sqs::Client,
    /// What erases.
    pub(crate) upkeep: Upkeep,
    names: Names,
}

/// The values of the variables that name a deployment.
type Names = HashMap<&'static str, String>;

const TABLE: &str = "TANDEM_TABLE";
const QUEUE: &str = "TANDEM_QUEUE_URL";
const DEAD_LETTERS: &str = "TANDEM_DEAD_LETTER_QUEUE_URL";
const PUBLIC_URL: &str = "TANDEM_PUBLIC_URL";
const UPKEEP: &str = "TANDEM_UPKEEP_FUNCTION";

impl Deployment {
    /// The local stack at `local`, or what the variables of the environment name.
    pub(crate) async fn find(local: Option<&str>, variable: &Variable) -> Result<Self, OpsError> {
        let Some(address) = local else {
            let (names, upkeep) = (names(variable)?, Upkeep::Function(variable(UPKEEP)));
            let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
            return Ok(Self::of(names, upkeep, &aws, &aws));
        };
        let local = Local::at(address)?;
        let told = local.environment().await?;
        // What is set here counts first, as for every other tool.
        let known =
            |name: &str| variable(name).or_else(|| Some(told.get(name)?.as_str()?.to_owned()));
        let dynamodb = emulated(known("AWS_ENDPOINT_URL_DYNAMODB"));
        let sqs = emulated(known("AWS_ENDPOINT_URL_SQS"));
        Ok(Self::of(names(&known)?, Upkeep::Local(local), &dynamodb, &sqs))
    }

    fn of(names: Names, upkeep: Upkeep, dynamodb: &SdkConfig, sqs: &SdkConfig) -> Self {
        let table = names.get(TABLE).cloned().unwrap_or_default();
        let store = Store::new(aws_sdk_dynamodb::Client::new(dynamodb), table);
        Self { store, sqs: aws_sdk_sqs::Client::new(sqs), upkeep, names }
    }

    /// The queue of deliveries.
    pub(crate) fn queue_url(&self) -> &str {
        self.name(QUEUE)
    }

    /// Where dead letters lie.
    pub(crate) fn dead_letter_url(&self) -> &str {
        self.name(DEAD_LETTERS)
    }

    /// Where people reach a page.
    pub(crate) fn public(&self, path: &str) -> String {
        format!("{}{path}", self.name(PUBLIC_URL).trim_end_matches('/'))
    }

    fn name(&self, name: &'static str) -> &str {
        self.names.get(name).map_or("", String::as_str)
    }
}

fn names(variable: &dyn Fn(&str) -> Option<String>) -> Result<Names, OpsError> {
    let mut names = HashMap::new();
    for name in [TABLE, QUEUE, DEAD_LETTERS, PUBLIC_URL] {
        let value = variable(name).filter(|value| !value.is_empty());
        names.insert(name, value.ok_or(OpsError::NotSet(name))?);
    }
    Ok(names)
}

fn emulated(endpoint: Option<String>) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "local");
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials));
    config.set_endpoint_url(endpoint);
    config.build()
}

/// A local stack.
pub(crate) struct Local {
    address: String,
    http: reqwest::Client,
}

impl Local {
    fn at(address: &str) -> Result<Self, OpsError> {
        let address = address.trim_end_matches('/').to_owned();
        let client = reqwest::Client::builder().no_proxy().build();
        let http = client.map_err(|_| OpsError::NoLocalStack(address.clone()))?;
        Ok(Self { address, http })
    }

    /// What the stack says of itself.
    async fn environment(&self) -> Result<Value, OpsError> {
        self.answer(self.http.get(format!("{}/local/environment", self.address))).await
    }

    /// Has upkeep run with an event; its report.
    pub(crate) async fn upkeep(&self, event: &Value) -> Result<Value, OpsError> {
        self.answer(self.http.post(format!("{}/local/upkeep", self.address)).json(event)).await
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value, OpsError> {
        let none = |_| OpsError::NoLocalStack(self.address.clone());
        let answer = request.send().await.and_then(reqwest::Response::error_for_status);
        answer.map_err(none)?.json().await.map_err(none)
    }
}
