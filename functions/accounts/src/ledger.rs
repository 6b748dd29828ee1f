//! A person's own ledger: each use of their tokens.

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use tandem_domain::{Provider, Purpose, RequestId, Subject};
use tandem_pages::{
    Framing, Here, Layout, Problem,
    ledger::{MyLedger, Side, Use},
    person, show as show_page,
    time::moment,
};
use tandem_runtime::{
    ApiError, App,
    http::{Answer, json, query_parameter},
    session::{SignedIn, signed_in},
};
use tandem_store::{LedgerCursor, LedgerEntry};
use url::form_urlencoded::byte_serialize;

/// How many lines of a grant one answer has.
const PAGE: i32 = 100;
/// How many of them the page of all that is stored shows.
const LAST: i32 = 5;

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
    match wanted(&person, request)? {
        Wanted::Both => {
            let both = BothResponse {
                atlassian: response(lines(app, &person.atlassian(), None).await?),
                microsoft: response(lines(app, &person.microsoft(), None).await?),
            };
            json(StatusCode::OK, &both)
        }
        Wanted::One(subject, from) => {
            json(StatusCode::OK, &response(lines(app, &subject, from.as_ref()).await?))
        }
    }
}

/// `GET /my/ledger`: the same as a page.
pub(crate) async fn page(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let person = person(app, request, Framing::Nowhere).await?;
    let sides = match wanted(&person, request)? {
        Wanted::Both => vec![
            side(&person.atlassian(), lines(app, &person.atlassian(), None).await?),
            side(&person.microsoft(), lines(app, &person.microsoft(), None).await?),
        ],
        Wanted::One(subject, from) => {
            vec![side(&subject, lines(app, &subject, from.as_ref()).await?)]
        }
    };
    let layout = Layout::of(app, &person, Here::MyData).await?;
    Ok(show_page(&MyLedger { layout, sides })?)
}

/// The last uses on each side, for the page of all that is stored.
pub(crate) async fn last_uses(app: &App, person: &SignedIn) -> Result<Vec<Side>, ApiError> {
    let mut sides = Vec::new();
    for subject in [person.atlassian(), person.microsoft()] {
        let (lines, _) = some_lines(app, &subject, LAST, None).await?;
        sides.push(side(&subject, (lines, None)));
    }
    Ok(sides)
}

/// What of the ledger is asked for.
enum Wanted {
    Both,
    One(Subject, Option<LedgerCursor>),
}

fn wanted(person: &SignedIn, request: &Request) -> Result<Wanted, ApiError> {
    let from = query_parameter(request, "from");
    let Some(wanted) = query_parameter(request, "provider") else {
        if from.is_some() {
            return Err(ApiError::bad_request("missing_provider", "from goes with provider"));
        }
        return Ok(Wanted::Both);
    };
    let subject = [person.atlassian(), person.microsoft()]
        .into_iter()
        .find(|subject| subject.provider().as_str() == wanted)
        .ok_or_else(|| ApiError::invalid_field("provider", "provider"))?;
    let from = from
        .map(|text| LedgerCursor::parse(&text).ok_or(ApiError::invalid_field("from", "cursor")))
        .transpose()?;
    Ok(Wanted::One(subject, from))
}

/// Lines of a ledger, the newest first, and where older ones begin.
type Lines = (Vec<LedgerEntry>, Option<LedgerCursor>);

async fn lines(
    app: &App,
    subject: &Subject,
    from: Option<&LedgerCursor>,
) -> Result<Lines, ApiError> {
    some_lines(app, subject, PAGE, from).await
}

async fn some_lines(
    app: &App,
    subject: &Subject,
    limit: i32,
    from: Option<&LedgerCursor>,
) -> Result<Lines, ApiError> {
    let Some(grant) = app.store.find_grant(subject).await? else { return Ok((Vec::new(), None)) };
    Ok(app.store.list_ledger_by_grant(&grant.grant_id, limit, from).await?)
}

fn response((lines, next): Lines) -> LedgerResponse {
    let lines = lines.into_iter().map(|line| LineResponse {
        purpose: line.purpose,
        request_id: line.request_id,
        secrets_request_id: line.secrets_request_id,
        at: line.at.to_rfc3339(),
    });
    LedgerResponse { lines: lines.collect(), next: next.map(|cursor| cursor.as_str().to_owned()) }
}

fn side(subject: &Subject, (lines, next): Lines) -> Side {
    let uses = lines.into_iter().map(|line| Use {
        at: moment(line.at),
        purpose: line.purpose.as_str(),
        request: line.request_id.to_string(),
    });
    let provider = subject.provider();
    let older = next.map(|cursor| {
        let from: String = byte_serialize(cursor.as_str().as_bytes()).collect();
        format!("/my/ledger?provider={}&from={from}", provider.as_str())
    });
    match provider {
        Provider::Atlassian => Side::atlassian(uses.collect(), older),
        Provider::Microsoft => Side::microsoft(uses.collect(), older),
    }
}
