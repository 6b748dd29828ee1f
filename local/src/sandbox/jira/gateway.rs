//! `https://api.atlassian.com`: the sites of a token, personal data reporting, and Jira behind
//! `/ex/jira/{cloudId}`.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{AppendHeaders, IntoResponse, Response},
    routing,
};
use serde_json::{Value, json};
use tandem_domain::Timestamp;

use super::{
    JiraSandbox,
    answer::{Answer, Outcome, Refusal},
    body::Fields,
    call::Call,
    rest,
};

/// The account id Atlassian documents for trying out a closed account.
const TEST_CLOSED: &str = "5be24ba3f91c106033269289";
/// The scopes that belong to the account and not to a site.
const OF_NO_SITE: &[&str] = &["offline_access", "report:personal-data"];
/// How many accounts one report holds at most.
const LARGEST_REPORT: usize = 90;

/// The gateway.
pub(crate) fn router() -> Router<JiraSandbox> {
    Router::new()
        .route("/oauth/token/accessible-resources", routing::get(accessible_resources))
        .route("/app/report-accounts/", routing::post(report_accounts))
        .nest("/ex/jira/{cloudId}/rest/api/3", rest::router())
}

/// The sites that the token reaches, with the scopes it has there.
async fn accessible_resources(call: Call) -> Outcome {
    call.needs(&[], &[])?;
    let session = &call.session;
    let scopes: Vec<&String> =
        session.scopes.iter().filter(|scope| !OF_NO_SITE.contains(&scope.as_str())).collect();
    let sites: Vec<Value> = call.sandbox.read(|cloud| {
        cloud
            .sites
            .values()
            .filter(|site| session.reaches(cloud, &site.cloud_id))
            .map(|site| {
                json!({
                    "id": site.cloud_id,
                    "url": format!("https://{}", site.host),
                    "name": site.host.split('.').next(),
                    "scopes": scopes,
                    "avatarUrl": format!("https://{}/avatars/240/site.png", site.host),
                })
            })
            .collect()
    });
    Ok(Answer::ok(json!(sites)))
}

/// Says which of the accounts that an app stores were closed or changed.
async fn report_accounts(call: Call) -> Result<Response, Refusal> {
    call.needs(&["report:personal-data"], &[])?;
    let body = call.json()?;
    let accounts = Fields::of(&body, &["accounts"])?.list("accounts")?;
    if accounts.is_empty() || accounts.len() > LARGEST_REPORT {
        return Err(Refusal::bad_request("'accounts' must hold 1 to 90 accounts."));
    }
    let mut changed = Vec::new();
    for account in accounts {
        let fields = Fields::of(account, &["accountId", "updatedAt"])?;
        let id = fields.required_text("accountId")?;
        let since = Timestamp::parse(fields.required_text("updatedAt")?)
            .ok_or_else(|| Refusal::field("updatedAt", "'updatedAt' must be an ISO 8601 time."))?;
        let status = call.sandbox.read(|cloud| match cloud.users.get(id) {
            _ if id == TEST_CLOSED => Some("closed"),
            Some(user) if user.closed => Some("closed"),
            Some(user) if user.updated > since.as_millis() => Some("updated"),
            _ => None,
        });
        if let Some(status) = status {
            changed.push(json!({"accountId": id, "status": status}));
        }
    }
    let answer = if changed.is_empty() {
        Answer::empty(StatusCode::NO_CONTENT)
    } else {
        Answer::ok(json!({"accounts": changed}))
    };
    let cycle = call.sandbox.read(|cloud| cloud.report_cycle.clone());
    let cycle = HeaderValue::try_from(cycle.as_deref().unwrap_or("P7D"))
        .map_err(|_| Refusal::bad_request("The reporting cycle is not a header's value."))?;
    let cycle = (HeaderName::from_static("cycle-period"), cycle);
    Ok((AppendHeaders([cycle]), answer).into_response())
}
