//! Receipts: how far an erasure is.

use std::collections::BTreeMap;

use serde::Serialize;
use tandem_domain::ReceiptId;
use tandem_store::{ErasedScope, Receipt};

use crate::{
    Ops,
    error::OpsError,
    grants::word,
    output::{ago, spinner},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptAnswer<'a> {
    receipt_id: &'a ReceiptId,
    /// Where whoever asked for the erasure can read it.
    receipt: String,
    scope: ErasedScope,
    started_at: String,
    finished_at: Option<String>,
    counts: &'a BTreeMap<String, u64>,
}

/// Shows a receipt, at once or when the erasure is done.
pub(crate) async fn show(ops: &mut Ops, id: &ReceiptId, follow: bool) -> Result<(), OpsError> {
    let receipt = if follow { followed(ops, id).await? } else { get(ops, id).await? };
    answer(ops, &receipt)
}

/// The receipt of an erasure that is done. Interrupting this leaves the erasure as it is: upkeep goes
/// on with it.
pub(crate) async fn followed(ops: &Ops, id: &ReceiptId) -> Result<Receipt, OpsError> {
    let spinner = spinner("erased so far");
    loop {
        ops.deployment.upkeep.pass_time().await?;
        let receipt = get(ops, id).await?;
        spinner.set_position(receipt.counts.values().sum());
        if receipt.finished_at.is_some() {
            spinner.finish_and_clear();
            return Ok(receipt);
        }
        tokio::time::sleep(ops.look_every).await;
    }
}

pub(crate) async fn get(ops: &Ops, id: &ReceiptId) -> Result<Receipt, OpsError> {
    let found = ops.deployment.store.find_receipt(id).await?;
    found.ok_or_else(|| OpsError::NotFound("there is no such receipt".to_owned()))
}

/// Answers with a receipt.
pub(crate) fn answer(ops: &Ops, receipt: &Receipt) -> Result<(), OpsError> {
    let now = ops.clock.now();
    let address = ops.deployment.public(&format!("/receipts/{}", receipt.receipt_id));
    let state = match receipt.finished_at {
        Some(at) => format!("finished {}", ago(at, now)),
        None => "under way".to_owned(),
    };
    let counts = receipt.counts.iter().map(|(entity, count)| format!("\n  {count} {entity}"));
    let text = format!(
        "{address}\nErasure of {}, asked for {}, {state}{}",
        word(receipt.scope),
        ago(receipt.started_at, now),
        counts.collect::<String>()
    );
    let answer = ReceiptAnswer {
        receipt_id: &receipt.receipt_id,
        receipt: address,
        scope: receipt.scope,
        started_at: receipt.started_at.to_rfc3339(),
        finished_at: receipt.finished_at.map(tandem_domain::Timestamp::to_rfc3339),
        counts: &receipt.counts,
    };
    ops.output.answer(&answer, &text)
}
