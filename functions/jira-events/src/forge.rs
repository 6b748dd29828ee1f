//! What Atlassian Forge tells of the app: uninstalled from a site, everything of the site is erased.
//! Nothing has to be looked up, and nothing could be: Atlassian itself vouches for app and site.

use http::{StatusCode, header::AUTHORIZATION};
use lambda_http::Request;
use serde_json::json;
use tandem_domain::{CloudId, Secret};
use tandem_jira::forge::{self, LifecycleEvent, invocation_token};
use tandem_runtime::{
    ApiError, App, erasure,
    http::{Answer, header_of},
};
use tandem_store::Reach;
use tandem_tokens::TokenError;

use crate::ignored;

/// Handles one event. It is written down what is to be erased; upkeep erases it within minutes.
/// 404 where no Forge app is configured.
pub(crate) async fn handle(app: &App, request: &Request) -> Answer {
    let Some(app_id) = &app.config.forge_app_id else {
        return Err(ApiError::not_found("there is no such route"));
    };
    let cloud = verify(app, app_id, request).await?;
    let event = forge::parse(request.body())
        .map_err(|error| ApiError::bad_request("event_malformed", error.to_string()))?;
    if event == LifecycleEvent::Other {
        return ignored("not_an_event_of_ours");
    }
    if app.store.find_installation(&cloud).await?.is_none() {
        return ignored("site_not_served");
    }
    erasure::begin(app, &Reach::Instance(cloud)).await?;
    tandem_runtime::http::json(StatusCode::OK, &json!({"outcome": "erasing"}))
}

/// The site that the call's token is of.
async fn verify(app: &App, app_id: &str, request: &Request) -> Result<CloudId, ApiError> {
    let token = header_of(request, AUTHORIZATION.as_str())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| Secret::new(token.trim().to_owned()))
        .ok_or_else(|| ApiError::unauthorized("token_missing", "the bearer token is missing"))?;
    invocation_token::verify(&token, &app.forge_keys, app_id, app.clock.now()).await.map_err(
        |error| match error {
            TokenError::KeysUnavailable => {
                ApiError::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), error.to_string())
            }
            error => ApiError::unauthorized(error.code(), error.to_string()),
        },
    )
}
