//! Single sign-on: the token Teams gives to the app, exchanged on behalf of the person.

use super::*;

const GRAPH: &str = "https://graph.microsoft.com/.default offline_access";

impl World {
    async fn exchange(&self, assertion: &str, changes: &[(&str, &str)]) -> Answer {
        let mut form = std::collections::HashMap::from([
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
            ("assertion", assertion),
            ("scope", GRAPH),
            ("requested_token_use", "on_behalf_of"),
        ]);
        form.extend(changes.iter().copied());
        let url = format!("{}/entra/{TENANT}/oauth2/v2.0/token", self.base);
        Answer::read(self.http.post(url).form(&form)).await
    }

    fn assertion(&self, changes: &Value) -> String {
        let mut claims = json!({
            "aud": CLIENT, "tid": TENANT, "oid": ROBIN, "scp": "access_as_user",
            "exp": NOW / 1000 + 60,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.sandbox.sign_id_token(&claims)
    }
}

fn refusal(answer: &Answer) -> (u16, &str, i64) {
    let error = answer.body["error"].as_str().unwrap_or("-");
    (answer.status, error, answer.body["error_codes"][0].as_i64().unwrap_or(0))
}

#[tokio::test]
async fn the_token_of_teams_becomes_one_for_graph() {
    let world = World::new().await;
    let answer = world.exchange(&world.sandbox.sso_token(TENANT, ROBIN), &[]).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.body["scope"], "User.Read Chat.Create Chat.ReadWrite ChatMessage.Send");
    let access = answer.body["access_token"].as_str().unwrap();
    assert_eq!(world.get(access, "/me").await.body["id"], ROBIN);
    let refresh = answer.body["refresh_token"].as_str().unwrap();
    let renewed = world
        .exchange("", &[("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", "")])
        .await;
    assert_eq!(renewed.status, 200, "{:?}", renewed.body);

    let named = world.assertion(&json!({ "aud": format!("api://tandem.example/{CLIENT}") }));
    assert_eq!(world.exchange(&named, &[("scope", "Chat.Create")]).await.status, 200);
    assert_eq!(world.sandbox.sso_token(TENANT, "nobody"), "");
}

#[tokio::test]
async fn what_cannot_be_exchanged_says_why() {
    let world = World::new().await;
    let good = world.assertion(&json!({}));
    let (head, _) = good.rsplit_once('.').unwrap();
    for (assertion, code) in [
        (format!("{head}.AAAA"), 50013),
        (world.assertion(&json!({ "aud": BOT })), 500_131),
        (world.assertion(&json!({ "exp": NOW / 1000 })), 500_133),
        (world.assertion(&json!({ "scp": "openid" })), 50013),
        (world.assertion(&json!({ "tid": "00000000-0000-4000-8000-000000000000" })), 50013),
        (world.assertion(&json!({ "oid": "nobody" })), 50034),
    ] {
        let answer = world.exchange(&assertion, &[]).await;
        assert_eq!(refusal(&answer), (400, "invalid_grant", code));
    }
    let answer = world.exchange(&good, &[("requested_token_use", "other")]).await;
    assert_eq!(refusal(&answer), (400, "invalid_request", 900_561));
    let bot = [("client_id", BOT), ("client_secret", BOT_SECRET)];
    assert_eq!(refusal(&world.exchange(&good, &bot).await), (400, "unauthorized_client", 700_016));
}

#[tokio::test]
async fn withheld_consent_and_a_second_factor_need_the_person() {
    let world = World::new().await;
    let assertion = world.sandbox.sso_token(TENANT, ROBIN);
    for (block, refused) in [
        (SignInBlock::ConsentRequired, (400, "invalid_grant", 65001)),
        (SignInBlock::MultifactorRequired, (400, "interaction_required", 50076)),
        (SignInBlock::Disabled, (400, "invalid_grant", 50057)),
    ] {
        world.sandbox.set_sign_in_block(TENANT, ROBIN, Some(block));
        let answer = world.exchange(&assertion, &[]).await;
        assert_eq!(refusal(&answer), refused);
    }
    world.sandbox.set_sign_in_block(TENANT, ROBIN, None);
    assert_eq!(world.exchange(&assertion, &[]).await.status, 200);
}
