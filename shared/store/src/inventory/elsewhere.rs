//! What Tandem keeps outside the table, and what it leaves at the vendors.

use serde::Serialize;

/// Something that lies outside the table.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Elsewhere {
    /// Where it lies.
    pub place: &'static str,
    /// What it is or identifies.
    pub what: &'static str,
    /// What it is kept for.
    pub why: &'static str,
    /// How long it is kept.
    pub kept: &'static str,
    /// With what it is erased.
    pub erased_with: &'static str,
}

/// All of it.
pub const ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        place: "Secrets Manager, a secret for each grant",
        what: "a person's tokens at one vendor, sealed; named by a random id",
        why: "acting as the person",
        kept: "as long as its grant",
        erased_with: "its grant, and before it: without a recovery window",
    },
    Elsewhere {
        place: "Secrets Manager, a secret for each site",
        what: "the secret of the site's webhooks; named by the site's id",
        why: "knowing Jira's webhooks",
        kept: "until the site is erased",
        erased_with: "the Jira site",
    },
    Elsewhere {
        place: "Secrets Manager, the app's secret",
        what: "the client secrets of the apps and the bot, and the signing key; of nobody",
        why: "being known to the vendors",
        kept: "as long as the deployment",
        erased_with: "nothing: it is of no person, site or tenant",
    },
    Elsewhere {
        place: "the queue, and the queue of dead letters",
        what: "ids of what happened: site, issue, comment, chat, message, people",
        why: "carrying it to the other side",
        kept: "14 days at most, and until it is done",
        erased_with: "time, by itself",
    },
    Elsewhere {
        place: "logs",
        what: "ids, codes and times of requests, deliveries and failures",
        why: "finding out what went wrong",
        kept: "90 days, or as the operator sets LogRetentionDays",
        erased_with: "time, by itself",
    },
    Elsewhere {
        place: "metrics",
        what: "counts and times; of nobody",
        why: "dashboard and alarms",
        kept: "15 months, by CloudWatch",
        erased_with: "time, by itself",
    },
    Elsewhere {
        place: "the trail, a bucket of its own",
        what: "calls to AWS: roles, addresses, random ids of grants",
        why: "seeing who touched a token",
        kept: "400 days, or as the operator sets TrailRetentionDays",
        erased_with: "time, by itself",
    },
    Elsewhere {
        place: "the table's backup (point-in-time recovery)",
        what: "what the table held",
        why: "undoing a mistake of an operator",
        kept: "35 days, by DynamoDB",
        erased_with: "time, by itself",
    },
    Elsewhere {
        place: "the person's browser, in cookies",
        what: "random tokens: of the session, and of a sign-in under way",
        why: "knowing the browser",
        kept: "8 hours; 10 minutes",
        erased_with: "the link of the accounts; time, by itself",
    },
    Elsewhere {
        place: "Jira, remote links of issues",
        what: "the chat of an issue",
        why: "leading from the issue to the chat",
        kept: "as long as the issue",
        erased_with: "the issue; anybody who may edit it can take it away",
    },
    Elsewhere {
        place: "Jira, the property tandem.message of comments",
        what: "the ids of chat and message that a comment came from",
        why: "stopping echoes",
        kept: "as long as the comment",
        erased_with: "the comment",
    },
    Elsewhere {
        place: "Teams, the last line of messages",
        what: "a link to the comment or issue that a message came from",
        why: "leading from the message to the issue, and stopping echoes",
        kept: "as long as the message",
        erased_with: "the message",
    },
];
