//! Erasing a site on the word of one of its administrators.

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde::Deserialize;
use serde_json::json;
use tandem_domain::SiteHost;
use tandem_pages::{Framing, Layout, Problem, admin::SiteErasure, person, show, texts::Admin};
use tandem_runtime::{
    ApiError, App,
    access::require_site_admin,
    erasure,
    http::{Answer, form_parameter, json as json_answer, json_body, request_id},
    session::{SignedIn, end_session, require_csrf, signed_in_to_change},
};
use tandem_store::{Erasure, Found, Reach};

const TEXTS: Admin = Admin::EN;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ErasureRequest {
    /// The host of the site, as confirmation.
    site_host: String,
}

/// `DELETE /instance`: erases the site of the session. 202 with the receipt, which says when it is
/// done.
pub(crate) async fn instance(app: &App, request: &Request) -> Answer {
    let person = signed_in_to_change(app, request).await?;
    let wanted: ErasureRequest = json_body(request)?;
    require_site_admin(app, &person, &request_id(request)?).await?;
    let Some(begun) = begin(app, &person, &wanted.site_host).await? else {
        return Err(ApiError::bad_request(
            "other_site",
            "siteHost must be the host of the site that is to be erased",
        ));
    };
    let id = &begun.receipt_id;
    let answer = json!({"receiptId": id, "receipt": app.config.public(&format!("/receipts/{id}"))});
    let mut response = json_answer(StatusCode::ACCEPTED, &answer)?;
    end_session(&mut response);
    Ok(response)
}

/// `POST /admin/erasure`: the same from the page.
pub(crate) async fn by_form(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let person = person(app, request, Framing::Nowhere).await?;
    require_csrf(&person.csrf, form_parameter(request, "csrf").as_deref())?;
    require_site_admin(app, &person, &request_id(request)?).await?;
    let host = form_parameter(request, "site_host").unwrap_or_default();
    let Some(begun) = begin(app, &person, &host).await? else {
        let (title, advice) = (TEXTS.other_host, TEXTS.other_host_advice);
        return Err(Problem::new(StatusCode::BAD_REQUEST, "other_site", title, advice)
            .leading_to("/admin", TEXTS.back_to_site));
    };
    let page = SiteErasure { layout: Layout::outside(), receipt_id: begun.receipt_id.as_str() };
    let mut response = show(&page)?;
    end_session(&mut response);
    Ok(response)
}

/// Begins the erasure of the session's site when `host` is its host. From then on the site is not
/// served: its installation is gone, and with it every session. Upkeep, which may open tokens and
/// delete secrets, erases the rest within minutes.
async fn begin(app: &App, person: &SignedIn, host: &str) -> Result<Option<Erasure>, ApiError> {
    let cloud = &person.session.cloud_id;
    let typed = SiteHost::parse(&host.trim().to_ascii_lowercase()).ok();
    let installation = app.store.find_installation(cloud).await?;
    let Some(installation) = installation.filter(|it| Some(&it.site_host) == typed.as_ref()) else {
        return Ok(None);
    };
    let begun = erasure::begin(app, &Reach::Instance(cloud.clone())).await?;
    app.store.erase_found(&begun, &Found::installation(&installation)).await?;
    app.store.erase_found(&begun, &Found::session(&person.session)).await?;
    Ok(Some(begun))
}
