//! The token endpoint's request and answers. None of them can be printed.

use serde::{Deserialize, Serialize};
use tandem_domain::{AccessToken, RefreshToken};

/// The body of a token request; Atlassian takes JSON.
#[derive(Clone, Copy, Serialize)]
pub(super) struct TokenRequest<'a> {
    pub(super) grant_type: &'static str,
    pub(super) client_id: &'a str,
    pub(super) client_secret: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) redirect_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<&'a str>,
}

/// Tokens. The refresh token is there when `offline_access` was granted.
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: AccessToken,
    pub(super) refresh_token: Option<RefreshToken>,
    /// Seconds.
    pub(super) expires_in: u64,
}

/// No tokens.
#[derive(Deserialize)]
pub(super) struct TokenRefusal {
    pub(super) error: String,
    #[serde(default)]
    pub(super) error_description: String,
}
