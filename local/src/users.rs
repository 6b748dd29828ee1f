//! `POST /local/users`: a simulated Jira user, a simulated Microsoft user, and their link.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tandem_domain::{
    AccessToken, AccountId, CloudId, ObjectId, RefreshToken, Subject, TenantId, TokenSet,
};
use tandem_runtime::{
    session::{SESSION_COOKIE, SESSION_LASTS},
    signing::{random_token, token_hash},
};
use tandem_store::{AccountLink, Session};

use crate::{
    endpoints::{Local, LocalError},
    provision::TABLE,
    sandbox,
};

/// The Microsoft tenant of users for whom none is named.
const TENANT: &str = "7d1c5e0a-52b4-4b8e-9d0e-3f6a1c2b4d50";

/// Ids that are not given are made up; the site that is not given is the only one there is.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UserRequest {
    cloud_id: Option<String>,
    tenant_id: Option<String>,
    account_id: Option<String>,
    object_id: Option<String>,
    display_name: Option<String>,
    /// Whether they administer the site.
    admin: bool,
    /// Whether the two are linked, as if the person had signed in to both; they are unless this
    /// says otherwise.
    linked: Option<bool>,
}

/// Creates the two users and links them. Of a linked person the answer holds a session too: the
/// cookie and the CSRF token with which a script calls the API as them.
pub async fn create(
    State(local): State<Local>,
    Json(wanted): Json<UserRequest>,
) -> Result<Response, LocalError> {
    let cloud_id = match &wanted.cloud_id {
        Some(given) => CloudId::parse(given)?,
        None => the_only_site(&local)?,
    };
    let tenant_id = TenantId::parse(wanted.tenant_id.as_deref().unwrap_or(TENANT))?;
    let given_account = wanted.account_id.as_deref().map(AccountId::parse).transpose()?;
    let given_object = wanted.object_id.as_deref().map(ObjectId::parse).transpose()?;
    let name = wanted.display_name.unwrap_or_else(|| "Somebody New".to_owned());
    let account_id = local.jira.add_user(sandbox::jira::NewUser {
        account_id: given_account.map(|id| id.to_string()),
        display_name: name.clone(),
        ..Default::default()
    });
    local.jira.add_member(cloud_id.as_str(), &account_id, wanted.admin);
    local.microsoft.add_tenant(tenant_id.as_str());
    let object_id = local.microsoft.add_user(sandbox::microsoft::NewUser {
        tenant_id: tenant_id.to_string(),
        object_id: given_object.map(|id| id.to_string()),
        display_name: name,
    });
    let linked = wanted.linked.unwrap_or(true);
    let mut answer = json!({
        "cloudId": cloud_id, "accountId": account_id,
        "tenantId": tenant_id, "objectId": object_id, "linked": linked,
    });
    if linked {
        let (account, object) = (AccountId::parse(&account_id)?, ObjectId::parse(&object_id)?);
        link(&local, &cloud_id, &account, &tenant_id, &object).await?;
        answer["session"] = session(&local, cloud_id, account, tenant_id, object).await?;
    }
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// The site that is served, where there is just one.
fn the_only_site(local: &Local) -> Result<CloudId, LocalError> {
    let items = local.aws.items(TABLE).map_err(|error| LocalError::Emulation(error.to_string()))?;
    let mut sites = items.iter().filter(|item| item["entity"]["S"] == "installation");
    match (sites.next(), sites.next()) {
        (Some(site), None) => Ok(CloudId::parse(site["cloud_id"]["S"].as_str().unwrap_or(""))?),
        _ => Err(LocalError::Missing("cloudId")),
    }
}

/// A session as signing in to both sides makes one.
async fn session(
    local: &Local,
    cloud_id: CloudId,
    account_id: AccountId,
    tenant_id: TenantId,
    object_id: ObjectId,
) -> Result<Value, LocalError> {
    let app = &local.app;
    let token = random_token(app.entropy.as_ref());
    let token_hash =
        token_hash(&token).ok_or_else(|| LocalError::Emulation("no token hash".to_owned()))?;
    let ends_at = app.clock.now().plus(SESSION_LASTS);
    let session = Session { token_hash, cloud_id, account_id, tenant_id, object_id, ends_at };
    app.store.create_session(&session).await?;
    let csrf = app.signing.csrf(&token);
    Ok(json!({
        "cookie": format!("{SESSION_COOKIE}={}", token.expose("given to the script as its cookie")),
        "csrfToken": csrf.expose("given to the script with the cookie"),
    }))
}

/// Links a simulated Jira user with a simulated Microsoft user, with tokens of both, as signing in
/// to both does.
pub async fn link(
    local: &Local,
    cloud_id: &CloudId,
    account: &AccountId,
    tenant: &TenantId,
    object: &ObjectId,
) -> Result<(), LocalError> {
    let hour = std::time::Duration::from_hours(1);
    let now = local.app.clock.now();
    let tokens = |(access, refresh): (String, String)| TokenSet {
        access: AccessToken::new(access),
        refresh: RefreshToken::new(refresh),
        expires_at: now.plus(hour),
    };
    let atlassian = local.jira.issue_tokens(account.as_str(), tandem_jira::oauth::DEFAULT_SCOPES);
    let microsoft = local.microsoft.issue_tokens(
        tenant.as_str(),
        object.as_str(),
        &tandem_runtime::MICROSOFT_SCOPES,
    );
    local.app.vault.save(&Subject::Atlassian(account.clone()), &tokens(atlassian)).await?;
    let subject = Subject::Microsoft(tenant.clone(), object.clone());
    local.app.vault.save(&subject, &tokens(microsoft)).await?;
    local
        .app
        .store
        .put_link(&AccountLink {
            cloud_id: cloud_id.clone(),
            account_id: account.clone(),
            tenant_id: tenant.clone(),
            object_id: object.clone(),
            created_at: now,
            signed_in_at: now,
        })
        .await?;
    Ok(())
}
