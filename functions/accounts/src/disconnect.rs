//! Ending a link: what was kept for it goes.

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::json;
use tandem_domain::Failure;
use tandem_pages::{Framing, Layout, Problem, connect::Disconnected, person, show};
use tandem_runtime::{
    App,
    disconnect::{self, Pair},
    http::{Answer, form_parameter, header_of, is_form, json as json_answer},
    session::{CSRF_HEADER, end_session, require_csrf, signed_in},
};
use tandem_store::Session;

/// `POST /disconnect`: a program sends the CSRF token in its header and is answered JSON; the form
/// of the page sends it as the field `csrf` and is answered a page.
pub(crate) async fn disconnect(app: &App, request: &Request) -> Answer {
    let csrf = header_of(request, CSRF_HEADER);
    if csrf.is_none() && is_form(request) {
        return by_page(app, request).await.or_else(Problem::into_answer);
    }
    let person = signed_in(app, request).await?;
    require_csrf(&person.csrf, csrf)?;
    end(app, &person.session).await?;
    Ok(signed_out(json_answer(StatusCode::OK, &json!({"disconnected": true}))?))
}

async fn by_page(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let person = person(app, request, Framing::Nowhere).await?;
    let csrf = form_parameter(request, "csrf");
    require_csrf(&person.csrf, csrf.as_deref()).map_err(|_| Problem::csrf())?;
    end(app, &person.session).await?;
    Ok(signed_out(show(&Disconnected { layout: Layout::outside() })?))
}

fn signed_out(mut response: Response<Body>) -> Response<Body> {
    end_session(&mut response);
    response
}

/// Ends the link of the session's two accounts, and its sessions.
async fn end(app: &App, session: &Session) -> Result<(), Failure> {
    let pair = Pair {
        cloud_id: &session.cloud_id,
        account_id: &session.account_id,
        tenant_id: &session.tenant_id,
        object_id: &session.object_id,
    };
    disconnect::end(app, pair).await?;
    // The index of sessions may lag behind; the one at hand is known without it.
    app.store.delete_session(&session.token_hash).await?;
    Ok(())
}
