//! Taking a site's data away: everything that lies under it, as it is stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, StatusCode, header};
use lambda_http::Request;
use serde::Serialize;
use tandem_runtime::{
    ApiError, App,
    access::require_site_admin,
    http::{Answer, json, query_parameter, request_id},
    session::signed_in,
};
use tandem_store::{StoredItem, StoredPlace};

/// How many items one answer has at most.
pub const MOST_ITEMS: usize = 2_000;

/// After how many bytes of items an answer ends. Lambda answers with 6 MB at most, and one more page
/// of the index may follow.
const MOST_BYTES: usize = 3 * 1024 * 1024;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExportResponse<'a> {
    cloud_id: &'a str,
    /// RFC 3339.
    exported_at: String,
    items: &'a [StoredItem],
    /// Given back as `from` for the next part; `null` at the end.
    next: Option<String>,
}

/// `GET /instance/data`: what lies under the site of the session, for its administrators. In parts:
/// `from` is the `next` of the part before.
pub(crate) async fn instance(app: &App, request: &Request) -> Answer {
    let person = signed_in(app, request).await?;
    let from = query_parameter(request, "from").map(|text| parse(&text)).transpose()?;
    require_site_admin(app, &person, &request_id(request)?).await?;
    let cloud = &person.session.cloud_id;
    let (mut items, mut bytes, mut place) = (Vec::new(), 0, from);
    loop {
        let (page, next) = app.store.list_stored_by_site(cloud, place.as_ref()).await?;
        for item in page {
            bytes += serde_json::to_vec(&item).map_err(|_| ApiError::internal("export"))?.len();
            items.push(item);
        }
        place = next;
        if place.is_none() || items.len() >= MOST_ITEMS || bytes >= MOST_BYTES {
            break;
        }
    }
    let next = place.as_ref().map(|place| URL_SAFE_NO_PAD.encode(place.to_text()));
    let part = ExportResponse {
        cloud_id: cloud.as_str(),
        exported_at: app.clock.now().to_rfc3339(),
        items: &items,
        next,
    };
    let mut response = json(StatusCode::OK, &part)?;
    let name = HeaderValue::from_str(&format!("attachment; filename=\"tandem-{cloud}.json\""))
        .map_err(|_| ApiError::internal("file_name"))?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

fn parse(text: &str) -> Result<StoredPlace, ApiError> {
    let place = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    place
        .and_then(|text| StoredPlace::parse(&text))
        .ok_or_else(|| ApiError::invalid_field("from", "place in the export"))
}
