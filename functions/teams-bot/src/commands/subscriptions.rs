//! `subscriptions`: what the conversation is told of.

use std::collections::BTreeMap;

use tandem_domain::{AccountId, CloudId, ConversationKind, Failure, ProjectId, Purpose};
use tandem_jira::client::ProjectDetails;
use tandem_microsoft::cards::{self, Card, SubscriptionView};
use tandem_runtime::card_data::CardSubject;
use tandem_store::{ChannelSubscription, LinkState};

use super::{
    filter::{Names, describe},
    issue::InJira,
    texts,
};
use crate::{stopped::Stopped, turn::Turn};

pub(super) async fn show(turn: &Turn<'_>) -> Result<Card, Stopped> {
    if turn.activity.conversation.kind == ConversationKind::Personal {
        return Err(Stopped::Cannot(texts::UNSUBSCRIBE_PERSONAL));
    }
    turn.me().await?;
    card(turn, &of_conversation(turn).await?).await
}

/// The subscriptions of the conversation in the order of their numbers.
pub(super) async fn of_conversation(turn: &Turn<'_>) -> Result<Vec<ChannelSubscription>, Stopped> {
    let channel = turn.activity.conversation.id.channel();
    let mut list = turn.app.store.list_projects_by_channel(&turn.tenant, &channel).await?;
    list.sort_by(|a, b| (a.created_at, &a.follow_id).cmp(&(b.created_at, &b.follow_id)));
    Ok(list)
}

/// The card that lists them, with the names that the person may read.
pub(super) async fn card(turn: &Turn<'_>, list: &[ChannelSubscription]) -> Result<Card, Stopped> {
    let mut sites: BTreeMap<&CloudId, Option<SiteNames<'_>>> = BTreeMap::new();
    for item in list {
        if !sites.contains_key(&item.cloud_id) {
            sites.insert(&item.cloud_id, SiteNames::of(turn, &item.cloud_id).await?);
        }
        if let Some(Some(site)) = sites.get_mut(&item.cloud_id) {
            site.look_up(item).await?;
        }
    }
    let shown: Vec<(String, String)> = list
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let site = sites.get(&item.cloud_id).and_then(Option::as_ref);
            let project = site.and_then(|site| site.projects.get(&item.project_id)?.as_ref());
            let (project, filter) = match (site, project) {
                (Some(site), Some(project)) => (title(project), site.words(item, project)),
                _ => (texts::HIDDEN_PROJECT.to_owned(), String::new()),
            };
            (format!("{} · {project}", index + 1), with_state(filter, item.state))
        })
        .collect();
    let views: Vec<SubscriptionView<'_>> = list
        .iter()
        .zip(&shown)
        .map(|(item, (project, filters))| {
            let subject = CardSubject::Follow(item.cloud_id.clone(), item.follow_id.clone());
            let data = subject.sign(&turn.app.signing, turn.shown_in(), turn.app.clock.now());
            SubscriptionView { project, filters, unsubscribe: Some(data) }
        })
        .collect();
    Ok(cards::subscriptions(&views))
}

fn title(project: &ProjectDetails) -> String {
    format!("{}: {}", project.project.key.as_str(), project.project.name.as_str())
}

fn with_state(filter: String, state: LinkState) -> String {
    let state = match state {
        LinkState::NeedsSignIn => texts::PAUSED,
        LinkState::Refused => texts::REFUSED,
        LinkState::Active | LinkState::IssueDeleted => return filter,
    };
    if filter.is_empty() { state.to_owned() } else { format!("{filter} ({state})") }
}

/// What ids of a Jira site are called, read as the person.
struct SiteNames<'a> {
    jira: InJira<'a>,
    /// `None` for what the person may not see.
    projects: BTreeMap<ProjectId, Option<ProjectDetails>>,
    names: Names,
}

impl<'a> SiteNames<'a> {
    /// `None` for somebody who is not linked with that site.
    async fn of(turn: &'a Turn<'a>, cloud: &CloudId) -> Result<Option<Self>, Stopped> {
        let me = match turn.me_on(cloud).await {
            Ok(me) => me,
            Err(Stopped::NotLinked) => return Ok(None),
            Err(stopped) => return Err(stopped),
        };
        let jira = InJira::of(turn, me, Purpose::ShowIssue).await?;
        Ok(Some(Self { jira, projects: BTreeMap::new(), names: Names::default() }))
    }

    /// Reads what a subscription names and was not read yet.
    async fn look_up(&mut self, item: &ChannelSubscription) -> Result<(), Stopped> {
        if !self.projects.contains_key(&item.project_id) {
            let found = seen(self.jira.site().get_project(item.project_id.as_str()).await)?;
            self.projects.insert(item.project_id.clone(), found);
        }
        if matches!(self.projects.get(&item.project_id), Some(None)) {
            return Ok(());
        }
        if !item.filter.priorities.is_empty() && self.names.priorities.is_empty() {
            self.names.take_priorities(self.jira.site().list_priorities().await?);
        }
        for account in &item.filter.assignees {
            if !self.names.people.iter().any(|(known, _)| known == account) {
                let name = self.name_of(account).await?;
                self.names.people.extend(name.map(|name| (account.clone(), name)));
            }
        }
        Ok(())
    }

    async fn name_of(&self, account: &AccountId) -> Result<Option<String>, Stopped> {
        let user = seen(self.jira.site().get_user(account).await)?;
        Ok(user.map(|user| user.display_name.as_str().to_owned()))
    }

    /// The filter of a subscription in words.
    fn words(&self, item: &ChannelSubscription, project: &ProjectDetails) -> String {
        let names = Names {
            types: Names::of_types(&project.issue_types).types,
            priorities: self.names.priorities.clone(),
            people: self.names.people.clone(),
        };
        describe(&item.filter, &names)
    }
}

/// What was read; `None` for what the person may not see.
fn seen<T>(read: Result<T, Failure>) -> Result<Option<T>, Stopped> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Absent { .. } | Failure::Forbidden { .. }) => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}
