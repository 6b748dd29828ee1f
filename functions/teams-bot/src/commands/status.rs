//! `status`: how the person's connection and the conversation stand.

use tandem_domain::{ChatId, ConversationKind};
use tandem_microsoft::cards::{self, Card};

use super::{
    accounts::{host, signed_in, subjects},
    texts,
};
use crate::{stopped::Stopped, turn::Turn};

pub(super) async fn show(turn: &Turn<'_>) -> Result<Card, Stopped> {
    let mut entries = accounts(turn).await?;
    entries.extend(conversation(turn).await?);
    let shown: Vec<(&str, &str)> =
        entries.iter().map(|(label, value)| (label.as_str(), value.as_str())).collect();
    Ok(cards::status(&shown))
}

/// Each Jira site the person is linked on, and their grants.
async fn accounts(turn: &Turn<'_>) -> Result<Vec<(String, String)>, Stopped> {
    let links = turn.links().await?;
    let state = |signed_in| if signed_in { texts::ACTIVE } else { texts::SIGN_IN_AGAIN }.to_owned();
    let mut entries = Vec::new();
    for link in &links {
        let [jira, _] = subjects(link);
        let site = format!("{} ({})", texts::JIRA, host(turn, &link.cloud_id).await?);
        entries.push((site, state(signed_in(turn, &jira).await?)));
    }
    match links.first() {
        Some(link) => {
            let [_, microsoft] = subjects(link);
            let microsoft = signed_in(turn, &microsoft).await?;
            entries.push((texts::MICROSOFT.to_owned(), state(microsoft)));
        }
        None => {
            entries.push((texts::ACCOUNTS.to_owned(), texts::NOT_CONNECTED_STATUS.to_owned()));
        }
    }
    Ok(entries)
}

/// What the conversation is linked with and told of.
async fn conversation(turn: &Turn<'_>) -> Result<Vec<(String, String)>, Stopped> {
    let (store, tenant) = (&turn.app.store, &turn.tenant);
    let channel = turn.activity.conversation.id.channel();
    let (label, count) = match turn.activity.conversation.kind {
        ConversationKind::Personal => return Ok(Vec::new()),
        ConversationKind::GroupChat => {
            let links = match ChatId::parse(channel.as_str()) {
                Ok(chat) => store.list_issues_by_chat(tenant, &chat).await?.len(),
                Err(_) => 0,
            };
            (texts::LINKED_ISSUES, links)
        }
        ConversationKind::Channel => {
            (texts::THREADS, store.list_threads_by_channel(tenant, &channel).await?.len())
        }
    };
    let followed = store.list_projects_by_channel(tenant, &channel).await?.len();
    Ok(vec![
        (label.to_owned(), count.to_string()),
        (texts::SUBSCRIPTIONS_HERE.to_owned(), followed.to_string()),
    ])
}
