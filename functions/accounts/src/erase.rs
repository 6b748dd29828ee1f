//! Erasing oneself, and the receipt that says it was done.

use std::collections::BTreeMap;

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use serde_json::json;
use tandem_domain::{Failure, ReceiptId, Timestamp};
use tandem_pages::{
    Framing, Layout, Problem, person, receipt::ReceiptPage, show as show_page, texts::MyData,
    time::moment,
};
use tandem_runtime::{
    ApiError, App, erasure,
    http::{Answer, form_parameter, json as json_answer, path_parameter, prefers_page, redirect},
    session::{SignedIn, end_session, require_csrf, signed_in_to_change},
};
use tandem_store::{ErasedScope, Receipt};

const TEXTS: MyData = MyData::EN;

/// `DELETE /me`: erases the person on both sides. Links and sessions end at once; upkeep, which may
/// open tokens, erases the rest within minutes: the receipt says when. 202.
pub(crate) async fn me(app: &App, request: &Request) -> Answer {
    let person = signed_in_to_change(app, request).await?;
    let id = begin(app, &person).await?;
    let answer = json!({"receiptId": id, "receipt": app.config.public(&path_of(&id))});
    let mut response = json_answer(StatusCode::ACCEPTED, &answer)?;
    end_session(&mut response);
    Ok(response)
}

/// `POST /my/erasure`: the same from the form of the page, with the field `confirmed`; leads to the
/// receipt's page.
pub(crate) async fn by_page(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let person = person(app, request, Framing::Nowhere).await?;
    let csrf = form_parameter(request, "csrf");
    require_csrf(&person.csrf, csrf.as_deref()).map_err(|_| Problem::csrf())?;
    if form_parameter(request, "confirmed").as_deref() != Some("yes") {
        let (title, advice) = (TEXTS.not_confirmed, TEXTS.not_confirmed_advice);
        return Err(Problem::new(StatusCode::BAD_REQUEST, "not_confirmed", title, advice)
            .leading_to("/my/data", TEXTS.title));
    }
    let id = begin(app, &person).await?;
    let mut response = redirect(&path_of(&id))?;
    end_session(&mut response);
    Ok(response)
}

async fn begin(app: &App, person: &SignedIn) -> Result<ReceiptId, Failure> {
    let reach = erasure::reach_of_person(app, &person.session).await?;
    let begun = erasure::begin(app, &reach).await?;
    erasure::withdraw(app, &begun, &person.session).await?;
    Ok(begun.receipt_id)
}

fn path_of(id: &ReceiptId) -> String {
    format!("/receipts/{id}")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptResponse<'a> {
    receipt_id: &'a ReceiptId,
    scope: ErasedScope,
    /// RFC 3339.
    started_at: String,
    /// RFC 3339; `null` while the erasure is under way.
    finished_at: Option<String>,
    /// How many items of each entity were erased.
    counts: &'a BTreeMap<String, u64>,
}

/// `GET /receipts/{receiptId}`: for whoever knows the id; no session, since that is erased too.
pub(crate) async fn receipt(app: &App, request: &Request) -> Answer {
    match find_receipt(app, request).await {
        Ok(receipt) if prefers_page(request) => {
            show_page(&page(&receipt, &path_of(&receipt.receipt_id)))
        }
        Ok(receipt) => json_answer(StatusCode::OK, &response(&receipt)),
        Err(error) if prefers_page(request) => Problem::from(error).into_answer(),
        Err(error) => Err(error),
    }
}

async fn find_receipt(app: &App, request: &Request) -> Result<Receipt, ApiError> {
    let unknown = || ApiError::not_found("there is no such receipt");
    let id = ReceiptId::parse(&path_parameter(request, "receiptId")?).map_err(|_| unknown())?;
    app.store.find_receipt(&id).await?.ok_or_else(unknown)
}

fn response(receipt: &Receipt) -> ReceiptResponse<'_> {
    ReceiptResponse {
        receipt_id: &receipt.receipt_id,
        scope: receipt.scope,
        started_at: receipt.started_at.to_rfc3339(),
        finished_at: receipt.finished_at.map(Timestamp::to_rfc3339),
        counts: &receipt.counts,
    }
}

fn page<'a>(receipt: &'a Receipt, href: &'a str) -> ReceiptPage<'a> {
    ReceiptPage {
        layout: Layout::outside(),
        receipt_id: receipt.receipt_id.as_str(),
        href,
        scope: receipt.scope,
        started: moment(receipt.started_at),
        finished: receipt.finished_at.map(moment),
        counts: &receipt.counts,
    }
}
