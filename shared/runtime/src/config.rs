//! Configuration from environment variables: names and addresses, never a secret.

use url::Url;

/// What a deployment sets. Every value is an address or an identifier.
#[derive(Clone, Debug)]
pub struct Config {
    /// `TANDEM_PUBLIC_URL`: where people and vendors reach the API, without a trailing slash.
    pub public_url: Url,
    /// `TANDEM_TABLE`: the DynamoDB table.
    pub table: String,
    /// `TANDEM_QUEUE_URL`: the FIFO queue of deliveries.
    pub queue_url: String,
    /// `TANDEM_DEAD_LETTER_QUEUE_URL`: where deliveries go that failed too often.
    pub dead_letter_url: String,
    /// `TANDEM_ENVELOPE_KEY_ID`: the KMS key that wraps data keys.
    pub envelope_key: String,
    /// `TANDEM_OLDER_ENVELOPE_KEY_IDS`: keys that did so before and still open, joined by commas;
    /// none unless set.
    pub older_envelope_keys: Vec<String>,
    /// `TANDEM_SECRETS_KEY_ID`: the KMS key under which Secrets Manager encrypts.
    pub secrets_key: String,
    /// `TANDEM_OLDER_SECRETS_KEY_IDS`: keys that it used before, joined by commas; none unless set.
    pub older_secrets_keys: Vec<String>,
    /// `TANDEM_SECRET_PREFIX`: the first part of every secret's name; `tandem` unless set.
    pub secret_prefix: String,
    /// `TANDEM_SECRET_READERS`: which IAM roles the policy of each grant's secret lets through, as a
    /// pattern of their ARNs.
    pub secret_readers: String,
    /// `TANDEM_ATLASSIAN_CLIENT_ID`: the OAuth 2.0 (3LO) app.
    pub atlassian_client_id: String,
    /// `TANDEM_MICROSOFT_CLIENT_ID`: the Entra app registration.
    pub microsoft_client_id: String,
    /// `TANDEM_MICROSOFT_AUTHORITY`: `organizations` unless set; or one tenant's id.
    pub microsoft_authority: String,
    /// `TANDEM_BOT_CLIENT_ID`: the bot's id ("Microsoft App ID").
    pub bot_client_id: String,
    /// `TANDEM_BOT_TENANT_ID`: the tenant the bot is registered in, or `botframework.com`.
    pub bot_tenant: String,
    /// `TANDEM_BOT_KEYS_URL`: where the Bot Connector publishes the keys it signs with;
    /// `https://login.botframework.com/v1/.well-known/keys` unless set.
    pub bot_keys: Url,
    /// `TANDEM_FORGE_APP_ID`: the ARI of the Forge app, `ari:cloud:ecosystem::app/...`; without it
    /// its events are not taken.
    pub forge_app_id: Option<String>,
    /// `TANDEM_FORGE_KEYS_URL`: where Forge publishes the keys it signs with;
    /// `https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json` unless set.
    pub forge_keys: Url,
    /// `TANDEM_ATLASSIAN_LOGIN_URL`: `https://auth.atlassian.com` unless set.
    pub atlassian_login: Url,
    /// `TANDEM_ATLASSIAN_API_URL`: `https://api.atlassian.com` unless set.
    pub atlassian_api: Url,
    /// `TANDEM_MICROSOFT_LOGIN_URL`: `https://login.microsoftonline.com` unless set.
    pub microsoft_login: Url,
    /// `TANDEM_GRAPH_URL`: `https://graph.microsoft.com/v1.0` unless set.
    pub graph: Url,
}

/// A variable that is missing or does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}")]
pub struct ConfigError {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Config {
    /// Reads the configuration; `variable` looks a name up.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let required = |name: &'static str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .ok_or(ConfigError { name, problem: "is not set" })
        };
        let optional = |name: &'static str, default: &str| {
            variable(name).filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
        };
        let address = |name: &'static str, text: &str| {
            let url = Url::parse(text.trim_end_matches('/'))
                .map_err(|_| ConfigError { name, problem: "is not a URL" })?;
            let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
            if url.scheme() == "https" || (local && url.scheme() == "http") {
                Ok(url)
            } else {
                Err(ConfigError { name, problem: "is neither https nor on this machine" })
            }
        };
        let list = |name: &'static str| {
            let parts = optional(name, "");
            let parts = parts.split(',').map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        let endpoint = |name: &'static str, default: &str| address(name, &optional(name, default));
        Ok(Self {
            public_url: address("TANDEM_PUBLIC_URL", &required("TANDEM_PUBLIC_URL")?)?,
            table: required("TANDEM_TABLE")?,
            queue_url: required("TANDEM_QUEUE_URL")?,
            dead_letter_url: required("TANDEM_DEAD_LETTER_QUEUE_URL")?,
            envelope_key: required("TANDEM_ENVELOPE_KEY_ID")?,
            older_envelope_keys: list("TANDEM_OLDER_ENVELOPE_KEY_IDS"),
            secrets_key: required("TANDEM_SECRETS_KEY_ID")?,
            older_secrets_keys: list("TANDEM_OLDER_SECRETS_KEY_IDS"),
            secret_prefix: optional("TANDEM_SECRET_PREFIX", "tandem"),
            secret_readers: required("TANDEM_SECRET_READERS")?,
            atlassian_client_id: required("TANDEM_ATLASSIAN_CLIENT_ID")?,
            microsoft_client_id: required("TANDEM_MICROSOFT_CLIENT_ID")?,
            microsoft_authority: optional("TANDEM_MICROSOFT_AUTHORITY", "organizations"),
            bot_client_id: required("TANDEM_BOT_CLIENT_ID")?,
            bot_tenant: required("TANDEM_BOT_TENANT_ID")?,
            bot_keys: endpoint(
                "TANDEM_BOT_KEYS_URL",
                "https://login.botframework.com/v1/.well-known/keys",
            )?,
            forge_app_id: Some(optional("TANDEM_FORGE_APP_ID", "")).filter(|id| !id.is_empty()),
            forge_keys: endpoint(
                "TANDEM_FORGE_KEYS_URL",
                "https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json",
            )?,
            atlassian_login: endpoint("TANDEM_ATLASSIAN_LOGIN_URL", "https://auth.atlassian.com")?,
            atlassian_api: endpoint("TANDEM_ATLASSIAN_API_URL", "https://api.atlassian.com")?,
            microsoft_login: endpoint(
                "TANDEM_MICROSOFT_LOGIN_URL",
                "https://login.microsoftonline.com",
            )?,
            graph: endpoint("TANDEM_GRAPH_URL", "https://graph.microsoft.com/v1.0")?,
        })
    }

    /// The public address of a path of ours, which begins with `/`.
    pub fn public(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(change: (&str, &str)) -> Result<Config, ConfigError> {
        let set = [
            ("TANDEM_PUBLIC_URL", "https://tandem.example.com/"),
            ("TANDEM_TABLE", "tandem"),
            ("TANDEM_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/1/deliveries.fifo"),
            ("TANDEM_DEAD_LETTER_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/1/dead.fifo"),
            ("TANDEM_ENVELOPE_KEY_ID", "key-1"),
            ("TANDEM_SECRETS_KEY_ID", "key-2"),
            ("TANDEM_SECRET_READERS", "arn:aws:iam::1:role/tandem/tandem/*"),
            ("TANDEM_ATLASSIAN_CLIENT_ID", "a"),
            ("TANDEM_MICROSOFT_CLIENT_ID", "m"),
            ("TANDEM_BOT_CLIENT_ID", "b"),
            ("TANDEM_BOT_TENANT_ID", "t"),
        ];
        Config::read(&|name| {
            let found = if name == change.0 {
                Some(change.1)
            } else {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
            };
            found.map(str::to_owned)
        })
    }

    #[test]
    fn what_is_not_set_or_not_safe_is_refused_by_name() {
        let good = read(("", "")).unwrap();
        assert_eq!(good.public("/connect"), "https://tandem.example.com/connect");
        assert_eq!(good.graph.as_str(), "https://graph.microsoft.com/v1.0");
        assert!(good.older_envelope_keys.is_empty());
        let older = read(("TANDEM_OLDER_ENVELOPE_KEY_IDS", "key-0, ,key-00,")).unwrap();
        assert_eq!(older.older_envelope_keys, ["key-0", "key-00"]);
        for (name, value, problem) in [
            ("TANDEM_TABLE", "", "is not set"),
            ("TANDEM_PUBLIC_URL", "tandem", "is not a URL"),
            (
                "TANDEM_GRAPH_URL",
                "http://graph.example.com",
                "is neither https nor on this machine",
            ),
        ] {
            let error = read((name, value)).err().unwrap();
            assert_eq!((error.name, error.problem), (name, problem));
        }
    }
}
