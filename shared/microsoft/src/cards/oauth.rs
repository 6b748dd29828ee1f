//! The card with which Teams signs somebody in by itself (single sign-on): the client gets a token for
//! this app and hands it to the bot (`signin/tokenExchange`). Where it cannot, or the bot refuses the
//! token, the client shows the button.
//!
//! <https://learn.microsoft.com/microsoftteams/platform/bots/how-to/authentication/bot-sso-code>

use serde_json::{Value, json};
use url::Url;

use super::texts;

/// The content type of the card.
pub const OAUTH_CARD: &str = "application/vnd.microsoft.card.oauth";

/// What the card asks a token for.
#[derive(Clone, Copy, Debug)]
pub struct TokenResource<'a> {
    /// Names this request: the client sends no token twice for one id.
    pub id: &'a str,
    /// The app as an API, as in the manifest's `webApplicationInfo.resource`: `api://host/client id`.
    pub uri: &'a str,
}

/// The attachment that has Teams mend a sign-in at Microsoft; `url` is where the button leads.
pub fn sign_in_by_itself(url: &Url, resource: TokenResource<'_>) -> Value {
    json!({
        "contentType": OAUTH_CARD,
        "content": {
            "text": format!("{}. {}", texts::SIGN_IN_AGAIN, texts::SIGN_IN_AGAIN_TEXT),
            "connectionName": "tandem",
            "tokenExchangeResource": {"id": resource.id, "uri": resource.uri},
            "buttons": [
                {"type": "signin", "title": texts::SIGN_IN_AGAIN_BUTTON, "value": url.as_str()},
            ],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_names_the_app_and_keeps_the_button() {
        let url = Url::parse("https://tandem.example.com/connect").unwrap();
        let resource = TokenResource { id: "1", uri: "api://tandem.example.com/the-app" };
        let card = sign_in_by_itself(&url, resource);
        assert_eq!(card["contentType"], OAUTH_CARD);
        let asked = &card["content"]["tokenExchangeResource"];
        assert_eq!(*asked, json!({"id": "1", "uri": "api://tandem.example.com/the-app"}));
        assert_eq!(card["content"]["buttons"][0]["value"], url.as_str());
        assert_eq!(card["content"]["buttons"][0]["type"], "signin");
    }
}
