//! The page of a site, for its administrators.

use lambda_http::{Body, Request, Response};
use tandem_pages::{
    Framing, Here, Layout, Problem,
    admin::{SignInRow, SiteState},
    person, show as show_page,
    time::moment,
};
use tandem_runtime::{App, access::require_site_admin, http::request_id};

use crate::state;

/// `GET /admin`: how the site of the session fares; its data; its erasure.
pub(crate) async fn show(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let person = person(app, request, Framing::Nowhere).await?;
    require_site_admin(app, &person, &request_id(request)?).await?;
    let state = Box::pin(state::read(app, &person.session.cloud_id)).await?;
    let rows = state.sign_ins.iter().map(|it| SignInRow {
        account_id: it.account.as_str(),
        provider: it.provider,
        reason: it.reason,
        since: it.since.map(moment),
    });
    Ok(show_page(&SiteState {
        layout: Layout::of(app, &person, Here::SiteState).await?,
        site_host: state.installation.site_host.as_str(),
        cloud_id: state.installation.cloud_id.as_str(),
        installed: moment(state.installation.created_at),
        csrf: person.csrf.expose("a hidden field of the session's own page"),
        webhook_seen: state.webhook_seen_at.map(moment),
        deliveries_since: moment(state.deliveries_since),
        deliveries: state.deliveries,
        sign_ins: rows.collect(),
        sign_ins_more: state.sign_ins_more,
        channels: state.channels,
        channels_resting: state.channels_resting,
        erasures: state.erasures,
        dead_letters: state.deployment.dead_letters,
        subscriptions: state.deployment.subscriptions,
        overdue: state.deployment.subscriptions_overdue,
        next_renewal: state.deployment.next_renewal_at.map(moment),
    })?)
}
