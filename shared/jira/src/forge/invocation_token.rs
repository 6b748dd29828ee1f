//! The Forge Invocation Token: a JWT that Atlassian signs (RS256) for one call to an app's remote.
//!
//! <https://developer.atlassian.com/platform/forge/remote/essentials/#the-forge-invocation-token--fit->

use serde::Deserialize;
use tandem_domain::{CloudId, Secret, Timestamp};
use tandem_tokens::{KeySet, Lifetime, TokenError, signed_claims};
use url::Url;

/// Who issues these tokens.
pub const ISSUER: &str = "forge/invocation-token";

/// What the token says.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    app: WireApp,
    #[serde(flatten)]
    lifetime: Lifetime,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireApp {
    id: String,
    api_base_url: String,
}

/// Checks a token: signature (`keys` are Forge's), issuer, audience and app (`app_id` is the app's
/// ARI), lifetime. Answers the site that the call is of.
///
/// # Errors
/// Which of the checks failed.
pub async fn verify(
    token: &Secret,
    keys: &KeySet,
    app_id: &str,
    now: Timestamp,
) -> Result<CloudId, TokenError> {
    let token = token.expose("its signature and claims are checked");
    let (claims, _) = signed_claims::<Claims>(token, keys).await?;
    if claims.iss != ISSUER {
        return Err(TokenError::Issuer);
    }
    if claims.aud != app_id || claims.app.id != app_id {
        return Err(TokenError::Audience);
    }
    claims.lifetime.check(now)?;
    site_of(&claims.app.api_base_url).ok_or(TokenError::Site)
}

/// The site in `https://api.atlassian.com/ex/jira/<cloud id>`.
fn site_of(api_base: &str) -> Option<CloudId> {
    let url = Url::parse(api_base).ok()?;
    let segments: Vec<&str> = url.path_segments()?.collect();
    let at = segments.windows(2).position(|window| window == ["ex", "jira"])?;
    CloudId::parse(segments.get(at + 2)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_that_of_the_api_base() {
        let cloud = "11223344-a1b2-4b33-8444-def123456789";
        for (base, found) in [
            (format!("https://api.atlassian.com/ex/jira/{cloud}"), true),
            (format!("http://localhost/sandbox/atlassian/api/ex/jira/{cloud}/"), true),
            (format!("https://api.atlassian.com/ex/confluence/{cloud}"), false),
            (format!("https://api.atlassian.com/{cloud}"), false),
            ("https://api.atlassian.com/ex/jira/".to_owned(), false),
            ("https://api.atlassian.com/ex/jira/not-a-site".to_owned(), false),
            (cloud.to_owned(), false),
        ] {
            let site = site_of(&base);
            assert_eq!(site.is_some_and(|site| site.as_str() == cloud), found, "{base}");
        }
    }
}
