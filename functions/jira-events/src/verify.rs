//! Who sent a webhook: the site's own webhook (a signature over the body), or one that the OAuth
//! app registered (a bearer token).

use http::header::AUTHORIZATION;
use lambda_http::Request;
use tandem_domain::CloudId;
use tandem_jira::webhook::{SIGNATURE_HEADER, bearer, signature};
use tandem_runtime::{ApiError, App, http::header_of};

/// How a webhook was proven to be Jira's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// `X-Hub-Signature` under the site's secret: binds the body and the site.
    Signature,
    /// A bearer token under the app's client secret: binds neither.
    Bearer,
}

/// Checks a webhook's proof without touching the table; anything missing, malformed or wrong is a
/// 401, and so is a site without secrets.
pub(crate) async fn verify(
    app: &App,
    cloud: &CloudId,
    request: &Request,
    body: &[u8],
) -> Result<Proof, ApiError> {
    if request.headers().contains_key(SIGNATURE_HEADER) {
        let refused = |error: signature::SignatureError| {
            ApiError::unauthorized(error.code(), error.to_string())
        };
        let given =
            signature::parse_header(header_of(request, SIGNATURE_HEADER)).map_err(refused)?;
        let secrets = app.webhook_secrets.of(cloud).await?;
        given.verify(body, &secrets).map_err(refused)?;
        return Ok(Proof::Signature);
    }
    if let Some(token) = bearer::token_of(header_of(request, AUTHORIZATION.as_str())) {
        verify_bearer(app, token)
            .await
            .map_err(|error| ApiError::unauthorized(error.code(), error.to_string()))?;
        return Ok(Proof::Bearer);
    }
    Err(ApiError::unauthorized("signature_missing", "the X-Hub-Signature header is missing"))
}

/// Checks a bearer token under the app's client secret, or the one before it.
async fn verify_bearer(app: &App, token: &str) -> Result<(), bearer::BearerError> {
    let (now, mut verified) = (app.clock.now(), Err(bearer::BearerError::NoSecret));
    for secret in app.credentials.atlassian_client().await {
        verified = bearer::verify(token, &secret, now);
        if verified != Err(bearer::BearerError::Mismatch) {
            break;
        }
    }
    verified
}
