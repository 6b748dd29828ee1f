//! The command line.

use clap::{Args, Parser, Subcommand};
use tandem_domain::{AccountId, CloudId, ReceiptId, SiteHost, TenantId};

use crate::cost::CostArguments;

/// What an operator of Tandem does by hand.
///
/// Works with the AWS credentials of the environment on the deployment that `TANDEM_TABLE`,
/// `TANDEM_QUEUE_URL`, `TANDEM_DEAD_LETTER_QUEUE_URL`, `TANDEM_PUBLIC_URL` and `TANDEM_UPKEEP_FUNCTION`
/// name: the stack's output `OpsEnvironment` holds them. No command opens a token.
#[derive(Debug, Parser)]
#[command(name = "tandem-ops", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Work on the local stack at this address: http://localhost:3000
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) local: Option<String>,
    /// Answer with one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Deliveries that failed sixteen times
    #[command(subcommand)]
    DeadLetters(DeadLettersCommand),
    /// What people let Tandem do in their name
    #[command(subcommand)]
    Grants(GrantsCommand),
    /// Erase everything of somebody, and follow the receipt until nothing is left
    Erase {
        #[command(subcommand)]
        what: Erased,
        /// Do not ask
        #[arg(long, global = true)]
        yes: bool,
        /// Do not follow the receipt
        #[arg(long, global = true)]
        no_wait: bool,
    },
    /// How far an erasure is
    Receipt {
        /// The receipt's id
        id: ReceiptId,
        /// Follow it until nothing is left
        #[arg(long)]
        follow: bool,
    },
    /// Estimate what a month costs, with the arithmetic
    Cost(CostArguments),
}

/// What is to be done with dead letters.
#[derive(Debug, Subcommand)]
pub(crate) enum DeadLettersCommand {
    /// List them; none is taken away
    List,
    /// Say why each of them failed, as far as the table tells, and what to do
    Explain {
        /// Which; all of them unless given
        ids: Vec<String>,
    },
    /// Send them back to be delivered
    Replay {
        #[command(flatten)]
        which: Which,
    },
    /// Delete them for good
    Drop {
        #[command(flatten)]
        which: Which,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Which dead letters.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// Their ids
    pub(crate) ids: Vec<String>,
    /// All of them
    #[arg(long)]
    pub(crate) all: bool,
}

impl Which {
    /// Whether a dead letter is one of them.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.all || self.ids.iter().any(|wanted| wanted == id)
    }
}

/// What is asked about grants.
#[derive(Debug, Subcommand)]
pub(crate) enum GrantsCommand {
    /// List the grants that are of no use until their owners sign in again
    NeedingSignIn {
        /// Only of people who are linked on this Jira site
        #[arg(long, value_name = "CLOUD_ID")]
        site: Option<CloudId>,
        /// How many are looked at, the longest ended first
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i32).range(1..=10_000))]
        most: i32,
    },
}

/// What is erased.
#[derive(Debug, Subcommand)]
pub(crate) enum Erased {
    /// A Jira site
    Instance {
        /// Its cloud id or its host
        #[arg(value_name = "CLOUD_ID|HOST", value_parser = site)]
        site: Site,
    },
    /// A Microsoft tenant
    Tenant {
        /// Its id
        tenant_id: TenantId,
    },
    /// A person, on both sides and on every Jira site that their Microsoft user is linked with
    Person {
        /// A Jira site they are, or were, on
        cloud_id: CloudId,
        /// Their Atlassian account
        account_id: AccountId,
    },
}

/// A Jira site, however it is named.
#[derive(Clone, Debug)]
pub(crate) enum Site {
    Id(CloudId),
    Host(SiteHost),
}

fn site(text: &str) -> Result<Site, String> {
    let id = CloudId::parse(text).map(Site::Id);
    id.or_else(|_| SiteHost::parse(text).map(Site::Host))
        .map_err(|_| "neither a cloud id nor a host".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_is_not_said_clearly_is_not_done() {
        let cloud = "11223344-a1b2-4b33-8444-def123456789";
        let cases: [(&[&str], bool); 10] = [
            (&["dead-letters", "replay"], false),
            (&["dead-letters", "replay", "--all", "some-id"], false),
            (&["dead-letters", "replay", "--all"], true),
            (&["dead-letters", "drop", "some-id", "--json"], true),
            (&["erase", "instance", "not a host"], false),
            (&["erase", "instance", "tests.atlassian.net"], true),
            (&["erase", "instance", cloud, "--yes"], true),
            (&["erase", "tenant", "contoso"], false),
            (&["grants", "needing-sign-in", "--most", "0"], false),
            (&["receipt", "0"], false),
        ];
        for (words, right) in cases {
            let words = std::iter::once(&"tandem-ops").chain(words);
            let parsed = Arguments::try_parse_from(words.clone());
            assert_eq!(parsed.is_ok(), right, "{:?}", words.collect::<Vec<_>>());
        }
    }
}
