//! Starting a chat from an issue.

use std::{collections::BTreeSet, time::Duration};

use http::StatusCode;
use lambda_http::Request;
use serde::{Deserialize, Serialize};
use tandem_domain::{
    AccountId, ChatId, ClaimId, Failure, IssueId, LeaseHolder, ObjectId, Purpose, TenantId,
};
use tandem_jira::client::Issue;
use tandem_microsoft::graph::Graph;
use tandem_runtime::{
    ApiError, App, field,
    http::{Answer, json, json_body},
    shown_chat, subscriptions,
};
use tandem_store::{ChatKind, ChatLink, Claim, ClaimState, Claimed, LinkState};

use crate::Caller;

/// The most people a chat is started with, beside the person who starts it.
const MAX_MEMBERS: usize = 50;
/// How long a request may take before a repetition of it takes over.
const LEASE: Duration = Duration::from_secs(40);
/// How much earlier than the request a chat may seem to be made, for clocks that differ.
const CLOCKS_DIFFER: Duration = Duration::from_mins(2);
/// The longest topic Teams takes.
const MAX_TOPIC: usize = 250;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StartRequest {
    members: Vec<String>,
    #[serde(default)]
    topic: Topic,
}

/// What the chat is called.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Topic {
    /// The issue's key and summary.
    #[default]
    Issue,
    /// The issue's key alone.
    Key,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StartResponse {
    chat_id: ChatId,
    tenant_id: TenantId,
    /// Members who have not linked their accounts, or with another Microsoft tenant.
    unlinked: Vec<AccountId>,
    /// Whether the chat shows up in the issue already.
    shown_in_issue: bool,
    /// Whether replies in the chat reach the issue already; upkeep sees to it otherwise.
    listening: bool,
}

/// The members, told apart.
struct Members {
    /// Those who take part, at Microsoft.
    linked: Vec<ObjectId>,
    unlinked: Vec<AccountId>,
}

pub(crate) async fn start(
    app: &App,
    caller: &Caller,
    issue_id: &IssueId,
    request: &Request,
) -> Answer {
    let wanted: StartRequest = json_body(request)?;
    let accounts = accounts(&wanted.members)?;
    let issue = caller.issue(app, issue_id, Purpose::StartChat).await?;
    caller.allowed(app, &issue).await?;
    let members = members(app, caller, &accounts).await?;
    if members.linked.is_empty() {
        return Err(nobody_linked(&members.unlinked));
    }
    let (claim_id, holder) = caller.claim(app, request, &["chat", issue_id.as_str()])?;
    let (claim, resumed) = match claimed(app, caller, &claim_id, &holder).await? {
        Claimed::First(claim) => (claim, false),
        Claimed::Resumed(claim) | Claimed::Done(claim) => (claim, true),
        Claimed::Busy(_) => {
            let detail = "the same request is being handled; repeat it in a moment";
            return Err(ApiError::conflict("request_in_progress", detail));
        }
    };
    let repeated = claim.state == ClaimState::Done;
    let chat_id = match claim.chat_id.clone() {
        Some(chat_id) => chat_id,
        None => create(app, caller, &issue, wanted.topic, &members, &claim, resumed).await?,
    };
    let (shown_in_issue, listening) = finish(app, caller, &issue, &chat_id, claim).await?;
    json(
        if repeated { StatusCode::OK } else { StatusCode::CREATED },
        &StartResponse {
            chat_id,
            tenant_id: caller.person.session.tenant_id.clone(),
            unlinked: members.unlinked,
            shown_in_issue,
            listening,
        },
    )
}

fn accounts(members: &[String]) -> Result<BTreeSet<AccountId>, ApiError> {
    if members.len() > MAX_MEMBERS {
        let detail = format!("members takes at most {MAX_MEMBERS} accounts");
        return Err(ApiError::bad_request("too_many_members", detail));
    }
    members
        .iter()
        .enumerate()
        .map(|(index, member)| field(&format!("members[{index}]"), member))
        .collect()
}

/// Finds who the members are at Microsoft, in one round trip. Somebody of another tenant cannot
/// be in this chat and counts as unlinked.
async fn members(
    app: &App,
    caller: &Caller,
    accounts: &BTreeSet<AccountId>,
) -> Result<Members, ApiError> {
    let session = &caller.person.session;
    let others: Vec<AccountId> =
        accounts.iter().filter(|account| **account != session.account_id).cloned().collect();
    let links = app.store.list_links_by_accounts(&session.cloud_id, &others).await?;
    let links: Vec<_> =
        links.into_iter().filter(|link| link.tenant_id == session.tenant_id).collect();
    let unlinked = others
        .into_iter()
        .filter(|account| !links.iter().any(|link| link.account_id == *account))
        .collect();
    Ok(Members { linked: links.into_iter().map(|link| link.object_id).collect(), unlinked })
}

fn nobody_linked(unlinked: &[AccountId]) -> ApiError {
    let named: Vec<&str> = unlinked.iter().map(AccountId::as_str).collect();
    ApiError::conflict(
        "nobody_linked",
        format!(
            "nobody else has linked their accounts in your Microsoft tenant: {}",
            named.join(", ")
        ),
    )
}

async fn claimed(
    app: &App,
    caller: &Caller,
    claim: &ClaimId,
    holder: &LeaseHolder,
) -> Result<Claimed, ApiError> {
    let cloud = &caller.person.session.cloud_id;
    Ok(app.store.claim(cloud, claim, holder, app.clock.now(), LEASE).await?)
}

/// Creates the chat as the person and notes it in the claim, so that a repetition of the request
/// goes on from here. A chat that an earlier attempt made without getting to note it is found
/// again among the person's chats.
async fn create(
    app: &App,
    caller: &Caller,
    issue: &Issue,
    topic: Topic,
    members: &Members,
    claim: &Claim,
    resumed: bool,
) -> Result<ChatId, ApiError> {
    let mut everybody = vec![caller.person.session.object_id.clone()];
    everybody.extend(members.linked.iter().cloned());
    let topic = topic_text(issue, topic);
    let looked = async {
        let token = caller.microsoft(app, Purpose::StartChat).await?;
        if !resumed {
            return Ok((token, None));
        }
        let graph = app.graph.as_user(&token);
        let found = made_before(app, claim, issue, &graph, &topic, &everybody).await?;
        Ok::<_, ApiError>((token, found))
    };
    let (token, found) = match looked.await {
        Ok(looked) => looked,
        Err(error) => {
            put_off(app, claim).await?;
            return Err(error);
        }
    };
    let graph = app.graph.as_user(&token);
    let chat_id = match found {
        Some(chat_id) => chat_id,
        None => match graph.create_chat(&everybody, Some(&topic), false).await {
            Ok(chat_id) => chat_id,
            Err(failure) => return Err(not_created(app, claim, failure).await),
        },
    };
    app.store.put_claim(&Claim { chat_id: Some(chat_id.clone()), ..claim.clone() }).await?;
    Ok(chat_id)
}

/// The chat that an earlier attempt made: of the same people and topic, no older than the claim,
/// and not yet known as a chat of the issue.
async fn made_before(
    app: &App,
    claim: &Claim,
    issue: &Issue,
    graph: &Graph<'_>,
    topic: &str,
    everybody: &[ObjectId],
) -> Result<Option<ChatId>, ApiError> {
    let known = app.store.list_chats_by_issue(&claim.cloud_id, &issue.id).await?;
    let wanted: BTreeSet<&ObjectId> = everybody.iter().collect();
    let chats = graph.list_chats(claim.created_at.minus(CLOCKS_DIFFER)).await?;
    let made = chats.into_iter().find(|chat| {
        chat.topic.as_ref().is_some_and(|shown| shown.as_str() == topic)
            && chat.members.iter().collect::<BTreeSet<_>>() == wanted
            && !known.iter().any(|link| link.chat_id == chat.id)
    });
    Ok(made.map(|chat| chat.id))
}

/// Refused for sure: the claim is given back. Put off by the vendor: the next attempt need not wait
/// for the lease. Otherwise the lease runs out; and either way the next attempt looks first whether
/// the chat was made after all.
async fn not_created(app: &App, claim: &Claim, failure: Failure) -> ApiError {
    let noted = match &failure {
        Failure::Retry { after: None, .. } => Ok(()),
        Failure::Retry { after: Some(_), .. } => put_off(app, claim).await,
        _ => app.store.release_claim(claim).await.map_err(ApiError::from),
    };
    noted.err().unwrap_or_else(|| failure.into())
}

/// Ends the lease: the next attempt goes on from here.
async fn put_off(app: &App, claim: &Claim) -> Result<(), ApiError> {
    let ended = Claim { lease_until: app.clock.now(), ..claim.clone() };
    Ok(app.store.put_claim(&ended).await?)
}

fn topic_text(issue: &Issue, topic: Topic) -> String {
    match topic {
        Topic::Key => issue.key.to_string(),
        Topic::Issue => {
            let text = format!("{} {}", issue.key, issue.summary.as_str());
            // Teams refuses `:` in a chat's topic.
            text.replace(':', " ").chars().take(MAX_TOPIC).collect()
        }
    }
}

/// Links the chat with the issue, shows it there, listens to it. Only the link must succeed; the
/// rest is told, and a repetition of the request does it again.
async fn finish(
    app: &App,
    caller: &Caller,
    issue: &Issue,
    chat_id: &ChatId,
    claim: Claim,
) -> Result<(bool, bool), ApiError> {
    let session = &caller.person.session;
    let first = claim.state != ClaimState::Done;
    if first {
        let link = ChatLink {
            cloud_id: session.cloud_id.clone(),
            issue_id: issue.id.clone(),
            project_id: issue.project_id.clone(),
            tenant_id: session.tenant_id.clone(),
            chat_id: chat_id.clone(),
            chat_kind: ChatKind::Group,
            created_by: session.account_id.clone(),
            creator_object_id: session.object_id.clone(),
            state: LinkState::Active,
            created_at: app.clock.now(),
        };
        app.store.put_chat_link(&link).await?;
    }
    let shown = show_in_issue(app, caller, issue, chat_id).await;
    let listening = subscriptions::ensure(
        app,
        &session.tenant_id,
        chat_id,
        &session.object_id,
        &caller.request,
    )
    .await;
    for (step, outcome) in
        [("show_in_issue", shown.as_ref().err()), ("listen", listening.as_ref().err())]
    {
        if let Some(failure) = outcome {
            tracing::warn!(target: "tandem", step, code = failure.code(), %failure, "left undone");
        }
    }
    if first {
        let done = Claim { state: ClaimState::Done, chat_id: Some(chat_id.clone()), ..claim };
        app.store.put_claim(&done).await?;
    }
    Ok((shown.is_ok(), listening.is_ok()))
}

/// Puts the chat into the issue as a link.
async fn show_in_issue(
    app: &App,
    caller: &Caller,
    issue: &Issue,
    chat_id: &ChatId,
) -> Result<(), Failure> {
    let session = &caller.person.session;
    let subject = caller.person.atlassian();
    let token = app.vault.access_token(&subject, Purpose::StartChat, &caller.request).await?;
    let site = app.jira.site(&session.cloud_id, &token);
    shown_chat::show(&site, &issue.id, &session.tenant_id, chat_id).await
}
