//! Whether an activity is from the Bot Connector.

use http::header::AUTHORIZATION;
use lambda_http::Request;
use tandem_domain::Secret;
use tandem_microsoft::{
    TokenError,
    activity::{self, Activity, bot_token},
};
use tandem_runtime::{ApiError, App, http::header_of};

/// The activity of a request whose token was issued by the Bot Connector, for this bot, for the
/// service URL that the activity names, with a key endorsed for its channel. Nothing of the
/// activity is looked at before.
pub(crate) async fn activity(app: &App, request: &Request) -> Result<Activity, ApiError> {
    let read = || {
        activity::parse(request.body())
            .map_err(|error| ApiError::bad_request(error.code(), error.to_string()))
    };
    if app.anonymous_bot {
        return read();
    }
    let token = header_of(request, AUTHORIZATION.as_str())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| Secret::new(token.trim().to_owned()))
        .ok_or_else(|| ApiError::unauthorized("token_missing", "the bearer token is missing"))?;
    let activity = read()?;
    bot_token::verify(&token, &app.bot_keys, &app.config.bot_client_id, &activity, app.clock.now())
        .await
        .map_err(refused)?;
    Ok(activity)
}

fn refused(error: TokenError) -> ApiError {
    match error {
        TokenError::Endorsement => ApiError::forbidden(error.code(), error.to_string()),
        TokenError::KeysUnavailable => ApiError::unavailable(error.code(), error.to_string()),
        error => ApiError::unauthorized(error.code(), error.to_string()),
    }
}
