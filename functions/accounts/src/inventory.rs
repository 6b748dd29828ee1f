//! What can be stored at all, for anybody to read.

use http::StatusCode;
use lambda_http::Request;
use serde::Serialize;
use tandem_pages::{Layout, inventory::Inventory, show as show_page};
use tandem_runtime::http::{Answer, json, prefers_page};
use tandem_store::{
    Attribute, COMMON,
    inventory::{Declaration, ELSEWHERE, Elsewhere, INVENTORY},
};

#[derive(Serialize)]
struct InventoryResponse {
    entities: &'static [Declaration],
    /// What the table itself needs, in items of each entity.
    common: &'static [Attribute],
    /// What lies outside the table.
    elsewhere: &'static [Elsewhere],
}

/// `GET /inventory`: without login; nothing of it is about anybody.
pub(crate) fn show(request: &Request) -> Answer {
    if prefers_page(request) {
        return show_page(&Inventory { layout: Layout::outside() });
    }
    let inventory = InventoryResponse { entities: INVENTORY, common: COMMON, elsewhere: ELSEWHERE };
    json(StatusCode::OK, &inventory)
}
