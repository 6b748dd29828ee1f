//! The list of what is to be done first, and what of it is done for the site of who reads it.

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use tandem_domain::{CloudId, Failure, RequestId};
use tandem_jira::client::{Permission, PermissionContext};
use tandem_pages::{
    Here, Layout, Problem,
    setup::{Addresses, Mark, Marks, SetupPage},
    show as show_page,
    time::moment,
};
use tandem_runtime::{
    ATLASSIAN_CALLBACK, App, MICROSOFT_CALLBACK, MICROSOFT_SCOPES,
    access::permissions_of,
    atlassian_scopes,
    http::request_id,
    session::{SignedIn, signed_in},
};
use tandem_store::StoreError;

/// `GET /setup`: open to everybody. Of a site it says something only to its own people.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let person = match signed_in(app, request).await {
        Ok(person) => Some(person),
        Err(refused) if refused.status == StatusCode::UNAUTHORIZED => None,
        Err(other) => return Err(other.into()),
    };
    let (layout, marks) = match &person {
        None => (Layout::outside(), None),
        Some(person) => (
            Layout::of(app, person, Here::Elsewhere).await?,
            Some(Box::pin(marks(app, person, &request_id(request)?)).await?),
        ),
    };
    let addresses = Addresses {
        public: &app.config.public(""),
        atlassian_callback: &app.config.public(ATLASSIAN_CALLBACK),
        microsoft_callback: &app.config.public(MICROSOFT_CALLBACK),
        atlassian_scopes: atlassian_scopes(),
        microsoft_scopes: &MICROSOFT_SCOPES,
        secret_prefix: &app.config.secret_prefix,
    };
    Ok(show_page(&SetupPage::new(layout, &addresses, marks.as_ref()))?)
}

/// What is done, looked at now.
async fn marks(app: &App, person: &SignedIn, request: &RequestId) -> Result<Marks, StoreError> {
    let session = &person.session;
    let cloud: &CloudId = &session.cloud_id;
    let store = &app.store;
    let (installation, webhook, link, bot, chat, admin) = tokio::join!(
        store.find_installation(cloud),
        store.find_webhook_seen(cloud),
        store.find_link_by_account(cloud, &session.account_id),
        store.find_personal_conversation(&session.tenant_id, &session.object_id),
        store.has_chat(cloud),
        administers(app, person, request),
    );
    let since = |at| Mark::Done(Some(moment(at)));
    let linked = link?.filter(|link| link.object_id == session.object_id);
    Ok(Marks {
        cloud_id: cloud.to_string(),
        installed: installation?.map_or(Mark::Open, |found| since(found.created_at)),
        webhook: webhook?.map_or(Mark::Open, |found| since(found.seen_at)),
        linked: linked.map_or(Mark::Open, |link| since(link.created_at)),
        admin: admin.map_or(Mark::Unasked, Mark::from),
        bot: bot?.is_some().into(),
        chat: chat?.into(),
    })
}

/// Whether Jira gives the person the permission to administer the site.
async fn administers(app: &App, person: &SignedIn, request: &RequestId) -> Result<bool, Failure> {
    let asked = [Permission::Administer];
    let held = permissions_of(app, person, request, &asked, PermissionContext::Site).await?;
    Ok(held.has(Permission::Administer))
}
