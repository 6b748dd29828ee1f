//! AWS's clients as a function has them: by what Lambda tells in the environment, over the connections
//! that the vendors' clients use.
//!
//! `aws_config::load_defaults` looks for more, which no function has: profile files, web identities,
//! EC2's metadata service.

use aws_config::{
    BehaviorVersion, Region, SdkConfig, ecs::EcsCredentialsProvider,
    environment::EnvironmentVariableCredentialsProvider,
    meta::credentials::CredentialsProviderChain, provider_config::ProviderConfig,
};
use aws_sdk_dynamodb::config::{SharedCredentialsProvider, SharedHttpClient};

/// The clients.
pub(crate) struct Clients {
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
}

/// A client, at the address that its variable names, where one does.
macro_rules! client {
    ($sdk:ident, $shared:expr, $variable:expr, $service:literal) => {{
        let address = $variable(concat!("AWS_ENDPOINT_URL_", $service));
        let mut config = $sdk::config::Builder::from($shared);
        config.set_endpoint_url(address.or_else(|| $variable("AWS_ENDPOINT_URL")));
        $sdk::Client::from_conf(config.build())
    }};
}

impl Clients {
    /// The clients of a function; `variable` looks a name up. Nothing is called yet.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
    pub(crate) fn new(
        variable: &dyn Fn(&str) -> Option<String>,
        connections: SharedHttpClient,
    ) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_set = |name| variable(name).map(|value| value.eq_ignore_ascii_case("true"));
        let mut shared = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(variable("AWS_REGION").map(Region::new))
            .credentials_provider(SharedCredentialsProvider::new(credentials(&connections)))
            .http_client(connections);
        shared.set_use_fips(is_set("AWS_USE_FIPS_ENDPOINT"));
        shared.set_use_dual_stack(is_set("AWS_USE_DUALSTACK_ENDPOINT"));
        let shared = &shared.build();
        Self {
            dynamodb: client!(aws_sdk_dynamodb, shared, variable, "DYNAMODB"),
            kms: client!(aws_sdk_kms, shared, variable, "KMS"),
            secrets: client!(aws_sdk_secretsmanager, shared, variable, "SECRETS_MANAGER"),
            sqs: client!(aws_sdk_sqs, shared, variable, "SQS"),
        }
    }
}

/// The function's role: from variables; or from the address that Lambda names instead where it takes
/// snapshots of functions.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
fn credentials(connections: &SharedHttpClient) -> CredentialsProviderChain {
    let here = ProviderConfig::without_region().with_http_client(connections.clone());
    let named = EcsCredentialsProvider::builder().configure(&here).build();
    CredentialsProviderChain::first_try(
        "Environment",
        EnvironmentVariableCredentialsProvider::new(),
    )
    .or_else("Container", named)
}
