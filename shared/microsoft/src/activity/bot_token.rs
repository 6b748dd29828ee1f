//! The token with which the Bot Connector authenticates an activity.
//!
//! <https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#connector-to-bot>

use serde::Deserialize;
use tandem_domain::{Secret, Timestamp};

use super::Activity;
use crate::{
    entra::{KeySet, is_endorsed_for},
    jwt::{Lifetime, TokenError, signed_claims},
};

/// Who issues these tokens.
pub const ISSUER: &str = "https://api.botframework.com";

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    #[serde(default, alias = "serviceUrl")]
    serviceurl: String,
    #[serde(flatten)]
    lifetime: Lifetime,
}

/// Checks the bearer token that came with `activity`: signature (`keys` are the Bot Connector's),
/// issuer, audience (`app_id` is the bot's), lifetime, that it was issued for the service URL the
/// activity names, and that its key is endorsed for the activity's channel.
pub async fn verify(
    token: &Secret,
    keys: &KeySet,
    app_id: &str,
    activity: &Activity,
    now: Timestamp,
) -> Result<(), TokenError> {
    let token = token.expose("its signature and claims are checked");
    let (claims, key) = signed_claims::<Claims>(token, keys).await?;
    if claims.iss != ISSUER {
        return Err(TokenError::Issuer);
    }
    if claims.aud != app_id {
        return Err(TokenError::Audience);
    }
    claims.lifetime.check(now)?;
    if !activity.service_url.is(&claims.serviceurl) {
        return Err(TokenError::ServiceUrl);
    }
    if !is_endorsed_for(&key, activity.channel.as_str()) {
        return Err(TokenError::Endorsement);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        activity::parse,
        testing::{TestKey, keys_of},
    };

    const NOW: i64 = 1_700_000_000;

    fn activity(service_url: &str, channel: &str) -> Activity {
        let activity = json!({
            "type": "message", "channelId": channel, "serviceUrl": service_url,
            "conversation": {"id": "a:1"},
        });
        parse(activity.to_string().as_bytes()).unwrap()
    }

    fn claims() -> Value {
        json!({
            "iss": ISSUER, "aud": "the-bot", "exp": NOW + 3600, "nbf": NOW,
            "serviceurl": "https://smba.trafficmanager.net/amer/",
        })
    }

    async fn check(
        token: String,
        endorsements: Value,
        activity: &Activity,
    ) -> Result<(), TokenError> {
        let mut jwk = TestKey::shared().jwk();
        jwk["endorsements"] = endorsements;
        let (keys, _vendor) = keys_of(&[jwk]).await;
        let now = Timestamp::from_secs(NOW);
        verify(&Secret::new(token), &keys, "the-bot", activity, now).await
    }

    #[tokio::test]
    async fn each_claim_is_checked() {
        let teams = activity("https://smba.trafficmanager.net/amer/", "msteams");
        for (claim, value, refused) in [
            ("sub", json!("x"), None),
            ("iss", json!("https://sts.windows.net/x/"), Some(TokenError::Issuer)),
            ("aud", json!("another"), Some(TokenError::Audience)),
            ("exp", json!(NOW - 299), None),
            ("exp", json!(NOW - 300), Some(TokenError::Expired)),
            ("nbf", json!(NOW + 301), Some(TokenError::NotYetValid)),
            ("serviceurl", json!("https://smba.trafficmanager.net/amer"), None),
            (
                "serviceurl",
                json!("https://smba.trafficmanager.net/emea/"),
                Some(TokenError::ServiceUrl),
            ),
            ("serviceurl", json!(""), Some(TokenError::ServiceUrl)),
        ] {
            let mut claims = claims();
            claims[claim] = value.clone();
            let read = check(TestKey::shared().sign(&claims), json!(["msteams"]), &teams).await;
            assert_eq!(read.err(), refused, "{claim} = {value}");
        }
        let mut without = claims();
        without.as_object_mut().unwrap().remove("serviceurl");
        let read = check(TestKey::shared().sign(&without), json!(["msteams"]), &teams).await;
        assert_eq!(read, Err(TokenError::ServiceUrl));
        let forged = TestKey::generate("shared").sign(&claims());
        let read = check(forged, json!(["msteams"]), &teams).await;
        assert_eq!(read, Err(TokenError::Signature));
    }

    #[tokio::test]
    async fn the_key_must_be_endorsed_for_the_channel() {
        let token = TestKey::shared().sign(&claims());
        for (endorsements, channel, refused) in [
            (json!(["webchat", "msteams"]), "msteams", None),
            (json!(["webchat"]), "msteams", Some(TokenError::Endorsement)),
            (json!([]), "msteams", Some(TokenError::Endorsement)),
            (json!(["msteams"]), "webchat", Some(TokenError::Endorsement)),
        ] {
            let activity = activity("https://smba.trafficmanager.net/amer", channel);
            let read = check(token.clone(), endorsements.clone(), &activity).await;
            assert_eq!(read.err(), refused, "{endorsements} {channel}");
        }
    }
}
