//! The Connector's members, teams and channels.
//! <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context>

use axum::{
    Json,
    extract::{Path, Query, State as Sandbox},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    error::ConnectorError,
    identity,
    model::Team,
    service::{Bot, found},
};
use crate::sandbox::microsoft::{MicrosoftSandbox, User};

/// How many members a page has where the request does not say.
const PAGE: usize = 200;

/// The part of a member list that is asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Page {
    page_size: Option<usize>,
    continuation_token: Option<String>,
}

/// The members of a conversation, where the bot may see them.
fn roster(sandbox: &MicrosoftSandbox, conversation: &str) -> Result<Vec<Value>, ConnectorError> {
    let options = &sandbox.0.options;
    sandbox.read(|state| {
        let conversation = found(state, options, conversation)?;
        state.check_roster(&conversation)?;
        let people = state.people_of(&conversation).into_iter();
        Ok(people.map(|user| account(&options.bot_client_id, user)).collect())
    })
}

/// A member as Teams describes them to a bot.
fn account(bot_id: &str, user: &User) -> Value {
    let mut account = identity::user(bot_id, user);
    let (given, family) = user.display_name.split_once(' ').unwrap_or((&user.display_name, ""));
    account["givenName"] = json!(given);
    account["surname"] = json!(family);
    account["email"] = json!(user.user_principal_name);
    account["userPrincipalName"] = json!(user.user_principal_name);
    account["tenantId"] = json!(user.tenant_id);
    account["userRole"] = json!("user");
    account
}

/// `GET /v3/conversations/{id}/members`.
pub(super) async fn members(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    _bot: Bot,
    Path(conversation): Path<String>,
) -> Result<Json<Value>, ConnectorError> {
    Ok(Json(json!(roster(&sandbox, &conversation)?)))
}

/// `GET /v3/conversations/{id}/pagedmembers`.
pub(super) async fn paged_members(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    _bot: Bot,
    Path(conversation): Path<String>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, ConnectorError> {
    let members = roster(&sandbox, &conversation)?;
    let first = match page.continuation_token {
        None => 0,
        Some(token) => token
            .parse()
            .map_err(|_| ConnectorError::bad_syntax("The continuation token is not valid."))?,
    };
    let size = page.page_size.unwrap_or(PAGE).clamp(1, 500);
    let shown: Vec<&Value> = members.iter().skip(first).take(size).collect();
    let mut answer = json!({ "members": shown });
    if first + size < members.len() {
        answer["continuationToken"] = json!((first + size).to_string());
    }
    Ok(Json(answer))
}

/// `GET /v3/conversations/{id}/members/{memberId}`, by the bot's id of them or by object id.
pub(super) async fn member(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    _bot: Bot,
    Path((conversation, member)): Path<(String, String)>,
) -> Result<Json<Value>, ConnectorError> {
    roster(&sandbox, &conversation)?
        .into_iter()
        .find(|known| known["id"] == member.as_str() || known["aadObjectId"] == member.as_str())
        .map(Json)
        .ok_or_else(ConnectorError::no_member)
}

/// A team the bot is installed in.
fn known_team(sandbox: &MicrosoftSandbox, id: &str) -> Result<Team, ConnectorError> {
    sandbox.read(|state| {
        let team = state.team(id).ok_or_else(ConnectorError::no_conversation)?;
        state.check_roster(&found(state, &sandbox.0.options, id)?)?;
        Ok(team.clone())
    })
}

/// `GET /v3/teams/{id}`.
pub(super) async fn team(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    _bot: Bot,
    Path(id): Path<String>,
) -> Result<Json<Value>, ConnectorError> {
    let team = known_team(&sandbox, &id)?;
    Ok(Json(json!({ "id": team.id, "name": team.name, "aadGroupId": team.aad_group_id })))
}

/// `GET /v3/teams/{id}/conversations`: its channels; General has no name there.
pub(super) async fn channels(
    Sandbox(sandbox): Sandbox<MicrosoftSandbox>,
    _bot: Bot,
    Path(id): Path<String>,
) -> Result<Json<Value>, ConnectorError> {
    let team = known_team(&sandbox, &id)?;
    let channels: Vec<Value> = team
        .channels
        .iter()
        .map(|channel| {
            let mut value = json!({ "id": channel.id });
            if channel.id != team.id {
                value["name"] = json!(channel.name);
            }
            value
        })
        .collect();
    Ok(Json(json!({ "conversations": channels })))
}
