//! Ending a link: what was kept for it goes.

use http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::json;
use tandem_domain::Failure;
use tandem_runtime::{
    App,
    http::{Answer, form_parameter, header_of, is_form, json as json_answer, set_cookie},
    session::{CSRF_HEADER, SESSION_COOKIE, ended_cookie, require_csrf, signed_in},
};
use tandem_store::{AccountLink, Session};

use crate::{
    grants::{self, Side},
    pages::{Disconnected, Problem, show},
    session,
};

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
    let person = session::person(app, request).await?;
    let csrf = form_parameter(request, "csrf");
    require_csrf(&person.csrf, csrf.as_deref()).map_err(|_| Problem::csrf())?;
    end(app, &person.session).await?;
    Ok(signed_out(show(&Disconnected)?))
}

fn signed_out(mut response: Response<Body>) -> Response<Body> {
    set_cookie(&mut response, &ended_cookie(SESSION_COOKIE));
    response
}

/// Ends the link of the session's two accounts. The link goes first, so that nothing is done in
/// the person's name from then on; the sessions last, so that after a failure half-way the same
/// request finishes the work.
async fn end(app: &App, session: &Session) -> Result<(), Failure> {
    let (cloud, account) = (&session.cloud_id, &session.account_id);
    let mut sides = vec![Side::Microsoft];
    match app.store.find_link_by_account(cloud, account).await? {
        // Linked anew to somebody else meanwhile: that link needs the Atlassian grant.
        Some(link)
            if link.tenant_id != session.tenant_id || link.object_id != session.object_id => {}
        linked => {
            if let Some(link) = linked {
                app.store.delete_link(&link).await?;
            }
            sides.push(Side::Atlassian);
        }
    }
    let ended = AccountLink {
        cloud_id: cloud.clone(),
        account_id: account.clone(),
        tenant_id: session.tenant_id.clone(),
        object_id: session.object_id.clone(),
        created_at: app.clock.now(),
        signed_in_at: app.clock.now(),
    };
    grants::erase_unlinked(app, &ended, &sides).await?;
    app.store.delete_sessions_of(cloud, account).await?;
    // The index of sessions may lag behind; the one at hand is known without it.
    app.store.delete_session(&session.token_hash).await?;
    Ok(())
}
