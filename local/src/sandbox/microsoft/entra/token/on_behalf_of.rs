//! On-behalf-of: a token that Teams gave to the app for a person becomes one for Graph.
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow>

use serde_json::{Value, json};

use super::{Authority, EntraError, Form, State, grant, usable_user};
use crate::sandbox::microsoft::{
    MicrosoftSandbox, User,
    entra::{scopes, tokens},
};

/// `grant_type` of the flow.
pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Everything the app registration asks for.
const DEFAULT: &str = "https://graph.microsoft.com/.default";

/// What [`DEFAULT`] stands for.
const CONFIGURED: [&str; 4] = ["User.Read", "Chat.Create", "Chat.ReadWrite", "ChatMessage.Send"];

/// What the app offers to Teams, `scp` of the assertion.
const ACCESS_AS_USER: &str = "access_as_user";

/// Exchanges the assertion.
pub(super) fn exchange(
    sandbox: &MicrosoftSandbox,
    state: &mut State,
    now: i64,
    authority: &Authority,
    form: &Form,
) -> Result<Value, EntraError> {
    if form.need("requested_token_use")? != "on_behalf_of" {
        let text = "The requested_token_use is not supported.";
        return Err(EntraError::new("invalid_request", 900_561, text));
    }
    let asked = form.need("scope")?;
    let claims = checked(sandbox, now, form.need("assertion")?)?;
    let text = |name: &str| claims[name].as_str().unwrap_or_default();
    if !authority.covers(text("tid")) {
        let text = "The assertion is from another tenant.";
        return Err(EntraError::invalid_grant(50013, text));
    }
    let user = usable_user(state, text("tid"), text("oid")).map_err(interactive)?;
    let scopes = granted(asked)?;
    Ok(grant(sandbox, state, now, &user, &scopes, &scopes, None))
}

/// The claims of the assertion, when the app may use it.
fn checked(sandbox: &MicrosoftSandbox, now: i64, assertion: &str) -> Result<Value, EntraError> {
    let claims = sandbox.0.key.verify(assertion).ok_or_else(|| {
        EntraError::invalid_grant(50013, "Assertion failed signature validation.")
    })?;
    let client_id = &sandbox.0.options.client_id;
    let audience = claims["aud"].as_str().unwrap_or_default();
    let application = audience.strip_prefix("api://").is_some_and(|it| it.ends_with(client_id));
    if audience != client_id && !application {
        let text = "Assertion audience does not match the Client app presenting the assertion.";
        return Err(EntraError::invalid_grant(500_131, text));
    }
    if claims["exp"].as_i64().is_none_or(|end| end * 1000 <= now) {
        let text = "Assertion is not within its valid time range.";
        return Err(EntraError::invalid_grant(500_133, text));
    }
    let scopes = claims["scp"].as_str().unwrap_or_default();
    if !scopes.split(' ').any(|scope| scope == ACCESS_AS_USER) {
        let text = "The assertion is no access token for the app.";
        return Err(EntraError::invalid_grant(50013, text));
    }
    Ok(claims)
}

/// What asks for another sign-in is `interaction_required` in this flow; missing consent is not.
fn interactive(mut error: EntraError) -> EntraError {
    if error.is(50076) {
        error.error = "interaction_required";
    }
    error
}

fn granted(asked: &str) -> Result<Vec<String>, EntraError> {
    let words: Vec<&str> = asked
        .split_ascii_whitespace()
        .flat_map(|word| if word == DEFAULT { CONFIGURED.to_vec() } else { vec![word] })
        .collect();
    scopes::parse(&words.join(" "))
}

impl MicrosoftSandbox {
    /// The token Teams hands to the app for a signed-in person (single sign-on), good for an
    /// hour. Whether it can be exchanged is up to the person's consent: withhold it with
    /// [`MicrosoftSandbox::set_sign_in_block`] and
    /// [`SignInBlock::ConsentRequired`](crate::sandbox::microsoft::SignInBlock). Empty where
    /// there is no such user.
    pub fn sso_token(&self, tenant_id: &str, object_id: &str) -> String {
        let user = self.read(|state| state.user(tenant_id, object_id).cloned());
        user.map(|user| self.sign_id_token(&self.sso_claims(&user))).unwrap_or_default()
    }

    fn sso_claims(&self, user: &User) -> Value {
        let scopes = ["profile".to_owned()];
        let mut claims = tokens::id_claims(self, self.now(), user, &scopes, None);
        claims["scp"] = json!(ACCESS_AS_USER);
        // The Teams web client.
        claims["azp"] = json!("5e3ce6c0-2b1f-4285-8d4b-75ee78787346");
        claims["azpacr"] = json!("0");
        claims
    }
}
