//! What is stored about the person who asks: as JSON to take away, and as a page.

use http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use serde::Serialize;
use tandem_domain::Failure;
use tandem_pages::{
    Framing, Here, Layout, Problem,
    my_data::{Group, MyDataPage, declarations},
    person, show as show_page,
};
use tandem_runtime::{
    ApiError, App, erasure,
    http::{Answer, json, query_parameter},
    session::{SignedIn, signed_in},
};
use tandem_store::{ExportCursor, Exported, Reach, StoreError, inventory::Declaration};
use url::form_urlencoded::byte_serialize;

use crate::ledger;

/// From how many items on an answer ends: well within the 6 MB that Lambda's may have, since an
/// item is a kilobyte at most. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const ENOUGH: usize = 1000;

#[derive(Serialize)]
struct DataResponse<'a> {
    items: &'a [Exported],
    /// The inventory's declarations of the entities among the items.
    inventory: Vec<&'static Declaration>,
    /// Given back as `from`; `null` at the end.
    next: Option<String>,
}

/// `GET /me/data`: everything that is stored about the session's person, from both sides, as a file.
pub(crate) async fn show(app: &App, request: &Request) -> Answer {
    let person = signed_in(app, request).await?;
    let (items, next) = collect(app, &person, from(request)?.as_ref()).await?;
    let next = next.map(|next| next.to_text());
    let inventory = declarations(&items);
    let mut response = json(StatusCode::OK, &DataResponse { items: &items, inventory, next })?;
    let file = HeaderValue::from_static("attachment; filename=\"tandem-my-data.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    Ok(response)
}

/// `GET /my/data`: the same to read, the last uses of the person's tokens, and the way to erase it.
pub(crate) async fn page(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let person = person(app, request, Framing::Nowhere).await?;
    let from = from(request)?;
    let (items, next) = collect(app, &person, from.as_ref()).await?;
    let leading_to = |path: &str, cursor: &ExportCursor| {
        let from: String = byte_serialize(cursor.to_text().as_bytes()).collect();
        format!("{path}?from={from}")
    };
    let page = MyDataPage {
        layout: Layout::of(app, &person, Here::MyData).await?,
        groups: Group::of(&items),
        download: from.as_ref().map_or("/me/data".to_owned(), |at| leading_to("/me/data", at)),
        next: next.as_ref().map(|next| leading_to("/my/data", next)),
        is_first: from.is_none(),
        uses: ledger::last_uses(app, &person).await?,
        csrf: person.csrf.expose("a hidden field of the session's own page"),
    };
    Ok(show_page(&page)?)
}

fn from(request: &Request) -> Result<Option<ExportCursor>, ApiError> {
    query_parameter(request, "from")
        .map(|text| ExportCursor::parse(&text).ok_or(ApiError::invalid_field("from", "cursor")))
        .transpose()
}

/// Items of the person, and where the next of them begin, if there are more.
async fn collect(
    app: &App,
    person: &SignedIn,
    from: Option<&ExportCursor>,
) -> Result<(Vec<Exported>, Option<ExportCursor>), ApiError> {
    let Reach::User(jira, microsoft) = erasure::reach_of_person(app, &person.session).await? else {
        return Err(Failure::Fault { what: "reach_of_person" }.into());
    };
    let (mut items, mut next) =
        app.store.list_of_person(&jira, &microsoft, from).await.map_err(|error| match error {
            StoreError::ForeignCursor => ApiError::invalid_field("from", "cursor"),
            other => other.into(),
        })?;
    while let Some(at) = next.take_if(|_| items.len() < ENOUGH) {
        let (more, after) = app.store.list_of_person(&jira, &microsoft, Some(&at)).await?;
        items.extend(more);
        next = after;
    }
    Ok((items, next))
}
