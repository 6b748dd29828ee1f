//! A person's own ledger: each use of their tokens.

use http::StatusCode;
use lambda_http::Request;
use serde::Serialize;
use tandem_domain::{Purpose, RequestId, Subject};
use tandem_runtime::{
    ApiError, App,
    http::{Answer, json, query_parameter},
    session::signed_in,
};
use tandem_store::LedgerCursor;

/// How many lines of a grant one answer has.
const PAGE: i32 = 100;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LineResponse {
    purpose: Purpose,
    request_id: RequestId,
    /// Of the call that read the secret, as CloudTrail has it; `null` where the token was in memory.
    secrets_request_id: Option<RequestId>,
    /// RFC 3339.
    at: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct LedgerResponse {
    /// The newest first.
    lines: Vec<LineResponse>,
    /// Given back as `from`, together with `provider`; `null` at the end.
    next: Option<String>,
}

#[derive(Serialize)]
struct BothResponse {
    atlassian: LedgerResponse,
    microsoft: LedgerResponse,
}

/// `GET /me/ledger`: of the session's two grants and nobody else's. With `provider` and `from`, the
/// next page of one.
pub(crate) async fn show(app: &App, request: &Request) -> Answer {
    let person = signed_in(app, request).await?;
    let subjects = [person.atlassian(), person.microsoft()];
    let from = query_parameter(request, "from");
    let wanted = query_parameter(request, "provider");
    let Some(wanted) = wanted else {
        if from.is_some() {
            return Err(ApiError::bad_request("missing_provider", "from goes with provider"));
        }
        let [atlassian, microsoft] = &subjects;
        let both = BothResponse {
            atlassian: page(app, atlassian, None).await?,
            microsoft: page(app, microsoft, None).await?,
        };
        return json(StatusCode::OK, &both);
    };
    let subject = subjects
        .iter()
        .find(|subject| subject.provider().as_str() == wanted)
        .ok_or_else(|| ApiError::invalid_field("provider", "provider"))?;
    let from = from
        .map(|text| LedgerCursor::parse(&text).ok_or(ApiError::invalid_field("from", "cursor")))
        .transpose()?;
    json(StatusCode::OK, &page(app, subject, from.as_ref()).await?)
}

async fn page(
    app: &App,
    subject: &Subject,
    from: Option<&LedgerCursor>,
) -> Result<LedgerResponse, ApiError> {
    let Some(grant) = app.store.find_grant(subject).await? else {
        return Ok(LedgerResponse::default());
    };
    let (lines, next) = app.store.list_ledger_by_grant(&grant.grant_id, PAGE, from).await?;
    let lines = lines.into_iter().map(|line| LineResponse {
        purpose: line.purpose,
        request_id: line.request_id,
        secrets_request_id: line.secrets_request_id,
        at: line.at.to_rfc3339(),
    });
    Ok(LedgerResponse {
        lines: lines.collect(),
        next: next.map(|cursor| cursor.as_str().to_owned()),
    })
}
