//! Scopes as they are asked for and granted.

use super::EntraError;

/// What names Graph's delegated permissions when they are written in full.
const GRAPH: &str = "https://graph.microsoft.com/";

/// Scopes of OpenID Connect, which belong to no resource.
const OPEN_ID: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The scopes of a request, without Graph's prefix and without repetitions. Scopes of another
/// resource, and what cannot be a scope, are refused.
pub(super) fn parse(text: &str) -> Result<Vec<String>, EntraError> {
    let mut scopes: Vec<String> = Vec::new();
    for written in text.split_ascii_whitespace() {
        let scope = written.strip_prefix(GRAPH).unwrap_or(written);
        if !OPEN_ID.contains(&scope) && !is_permission(scope) {
            return Err(EntraError::new(
                "invalid_scope",
                70011,
                format!(
                    "The provided value for the input parameter 'scope' is not valid. The scope \
                     {written} is not valid."
                ),
            ));
        }
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    if scopes.is_empty() { Err(EntraError::missing("scope")) } else { Ok(scopes) }
}

/// `Chat.ReadWrite`: words of letters, joined by dots.
fn is_permission(scope: &str) -> bool {
    scope.contains('.')
        && scope.split('.').all(|word| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        })
}

/// The scopes as the token endpoint lists them: `offline_access` is never among them.
pub(super) fn listed(scopes: &[String]) -> String {
    let listed: Vec<&str> =
        scopes.iter().map(String::as_str).filter(|scope| *scope != "offline_access").collect();
    listed.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_asked_for_in_short_or_in_full() {
        for (asked, granted) in [
            ("openid profile", Some("openid profile")),
            ("https://graph.microsoft.com/Chat.Create Chat.Create", Some("Chat.Create")),
            ("User.Read offline_access", Some("User.Read")),
            ("https://foo.microsoft.com/mail.read", None),
            ("everything", None),
            ("Chat.", None),
            ("  ", None),
        ] {
            assert_eq!(parse(asked).ok().map(|scopes| listed(&scopes)).as_deref(), granted);
        }
    }
}
