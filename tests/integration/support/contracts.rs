//! The vendors' contracts, read once for all tests.

use std::{fs, sync::OnceLock};

use serde_json::Value;

use super::{
    openapi::{Contract, Dialect},
    shared,
};

/// The contracts of what Tandem calls.
pub struct Contracts {
    /// Jira Cloud's REST API; its paths begin with `/rest/api/3`.
    pub jira: Contract,
    /// Microsoft Graph v1.0: the chats of Teams.
    pub teams: Contract,
    /// Microsoft Graph v1.0: subscriptions.
    pub notifications: Contract,
    /// The Bot Connector v3; its paths begin with `/v3`.
    pub bot: Contract,
    /// What Teams adds to it: how invokes are answered, and the channel data.
    pub bot_in_teams: Contract,
    /// The Atlassian Document Format, which Jira's contract leaves open.
    pub adf: jsonschema::Validator,
}

static CONTRACTS: OnceLock<Contracts> = OnceLock::new();

/// The contracts; `None` where their folder is absent.
pub fn contracts() -> Option<&'static Contracts> {
    shared("contracts")?;
    Some(CONTRACTS.get_or_init(|| Contracts {
        jira: Contract::new(json("jira-platform-v3.json"), Dialect::Plain),
        teams: Contract::new(yaml("graph-teams-v1.0.yml"), Dialect::OData),
        notifications: Contract::new(yaml("graph-change-notifications-v1.0.yml"), Dialect::OData),
        bot: Contract::new(json("bot-connector-v3.json"), Dialect::AutoRest),
        bot_in_teams: Contract::new(json("teams-v3.json"), Dialect::AutoRest),
        adf: jsonschema::draft4::new(&json("adf-v1.schema.json")).unwrap(),
    }))
}

fn text(file: &str) -> String {
    fs::read_to_string(shared("contracts").unwrap().join(file)).unwrap()
}

fn json(file: &str) -> Value {
    // Some begin with a byte order mark.
    serde_json::from_str(text(file).trim_start_matches('\u{feff}')).unwrap()
}

fn yaml(file: &str) -> Value {
    serde_saphyr::from_str(&text(file)).unwrap()
}
