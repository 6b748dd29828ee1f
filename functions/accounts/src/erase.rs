//! Erasing oneself, and the receipt that says it was done.

use std::collections::BTreeMap;

use http::StatusCode;
use lambda_http::Request;
use serde::Serialize;
use serde_json::json;
use tandem_domain::{ReceiptId, Timestamp};
use tandem_runtime::{
    ApiError, App, erasure,
    http::{Answer, json as json_answer, path_parameter},
    session::{end_session, signed_in_to_change},
};
use tandem_store::ErasedScope;

/// `DELETE /me`: erases the person on both sides. Links and sessions end at once; upkeep, which may
/// open tokens, erases the rest within minutes: the receipt says when. 202.
pub(crate) async fn me(app: &App, request: &Request) -> Answer {
    let person = signed_in_to_change(app, request).await?;
    let reach = erasure::reach_of_person(app, &person.session).await?;
    let begun = erasure::begin(app, &reach).await?;
    erasure::withdraw(app, &begun, &person.session).await?;
    let id = &begun.receipt_id;
    let answer = json!({"receiptId": id, "receipt": app.config.public(&format!("/receipts/{id}"))});
    let mut response = json_answer(StatusCode::ACCEPTED, &answer)?;
    end_session(&mut response);
    Ok(response)
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
    let unknown = || ApiError::not_found("there is no such receipt");
    let id = ReceiptId::parse(&path_parameter(request, "receiptId")?).map_err(|_| unknown())?;
    let receipt = app.store.find_receipt(&id).await?.ok_or_else(unknown)?;
    json_answer(
        StatusCode::OK,
        &ReceiptResponse {
            receipt_id: &receipt.receipt_id,
            scope: receipt.scope,
            started_at: receipt.started_at.to_rfc3339(),
            finished_at: receipt.finished_at.map(Timestamp::to_rfc3339),
            counts: &receipt.counts,
        },
    )
}
