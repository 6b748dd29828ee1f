//! Which vendors the stack talks to: simulated ones, or the real ones with an app's credentials.

/// The app's credentials at both vendors.
#[derive(Clone)]
pub struct Credentials {
    /// The Atlassian app's client id.
    pub atlassian_id: String,
    /// The Atlassian app's client secret.
    pub atlassian_secret: String,
    /// The Entra app's client id.
    pub microsoft_id: String,
    /// The Entra app's client secret.
    pub microsoft_secret: String,
    /// The bot's id.
    pub bot_id: String,
    /// The bot's secret.
    pub bot_secret: String,
    /// The tenant the bot is registered in.
    pub bot_tenant: String,
}

/// The real vendors, from the environment of the local command.
#[derive(Clone)]
pub struct Real {
    /// The app's credentials.
    pub credentials: Credentials,
    /// Where the vendors reach this machine, when they can.
    pub public_url: Option<String>,
    /// The Jira site to serve: its id, host and webhook secret.
    pub site: Option<(String, String, String)>,
    /// `TANDEM_MICROSOFT_AUTHORITY`.
    pub authority: Option<String>,
}

/// Which vendors the stack talks to.
#[derive(Clone)]
pub enum Vendors {
    /// The ones under `/sandbox`.
    Simulated,
    /// The real ones.
    Real(Box<Real>),
}

impl Vendors {
    /// Real vendors when the environment has the credentials of both apps.
    pub fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| variable(name).filter(|value| !value.is_empty());
        let credentials = (|| {
            Some(Credentials {
                atlassian_id: get("TANDEM_ATLASSIAN_CLIENT_ID")?,
                atlassian_secret: get("TANDEM_ATLASSIAN_CLIENT_SECRET")?,
                microsoft_id: get("TANDEM_MICROSOFT_CLIENT_ID")?,
                microsoft_secret: get("TANDEM_MICROSOFT_CLIENT_SECRET")?,
                bot_id: get("TANDEM_BOT_CLIENT_ID")?,
                bot_secret: get("TANDEM_BOT_CLIENT_SECRET")?,
                bot_tenant: get("TANDEM_BOT_TENANT_ID")?,
            })
        })();
        let Some(credentials) = credentials else { return Self::Simulated };
        let site = (|| {
            Some((
                get("TANDEM_JIRA_CLOUD_ID")?,
                get("TANDEM_JIRA_SITE_HOST")?,
                get("TANDEM_JIRA_WEBHOOK_SECRET")?,
            ))
        })();
        Self::Real(Box::new(Real {
            credentials,
            public_url: get("TANDEM_PUBLIC_URL"),
            site,
            authority: get("TANDEM_MICROSOFT_AUTHORITY"),
        }))
    }

    /// The app's credentials; invented ones for the simulated vendors.
    pub fn credentials(&self) -> Credentials {
        match self {
            Self::Simulated => Credentials {
                atlassian_id: "tandem-local".to_owned(),
                atlassian_secret: "tandem-local-atlassian-secret".to_owned(),
                microsoft_id: "7a4d0e11-0000-4000-8000-7a6e64656d00".to_owned(),
                microsoft_secret: "tandem-local-microsoft-secret".to_owned(),
                bot_id: "b07a4d0e-0000-4000-8000-7a6e64656d01".to_owned(),
                bot_secret: "tandem-local-bot-secret".to_owned(),
                bot_tenant: "7d1c5e0a-52b4-4b8e-9d0e-3f6a1c2b4d50".to_owned(),
            },
            Self::Real(real) => real.credentials.clone(),
        }
    }

    /// Where the vendors reach this machine, when that was said.
    pub fn public_url(&self) -> Option<&str> {
        match self {
            Self::Simulated => None,
            Self::Real(real) => real.public_url.as_deref(),
        }
    }

    /// The value of a configuration variable that names a vendor's address; none for the default.
    pub fn address(&self, name: &str, base: &str) -> Option<String> {
        match self {
            Self::Simulated => match name {
                "TANDEM_ATLASSIAN_LOGIN_URL" => Some(format!("{base}/sandbox/atlassian/login")),
                "TANDEM_ATLASSIAN_API_URL" => Some(format!("{base}/sandbox/atlassian/api")),
                "TANDEM_MICROSOFT_LOGIN_URL" => Some(format!("{base}/sandbox/entra")),
                "TANDEM_FORGE_APP_ID" => Some(crate::sandbox::jira::FORGE_APP_ID.to_owned()),
                "TANDEM_FORGE_KEYS_URL" => {
                    Some(format!("{base}/sandbox/atlassian/forge/.well-known/jwks.json"))
                }
                "TANDEM_BOT_KEYS_URL" => Some(format!("{base}/sandbox/botframework/keys")),
                "TANDEM_GRAPH_URL" => Some(format!("{base}/sandbox/graph/v1.0")),
                _ => None,
            },
            Self::Real(real) => {
                (name == "TANDEM_MICROSOFT_AUTHORITY").then(|| real.authority.clone()).flatten()
            }
        }
    }
}
