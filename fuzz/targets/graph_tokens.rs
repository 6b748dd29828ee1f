//! Graph's deliveries and their validation tokens: a tenant is vouched for only by what Microsoft
//! signed for it, for us, for Graph's change tracking.
//!
//! An input is a delivery, claims, a header, and edits to a good token.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use tandem_domain::{Secret, TenantId, Timestamp};
use tandem_fuzz::{Signer, edited, parts, short, signer, text};
use tandem_microsoft::notifications::{
    self, client_state_matches,
    validation_tokens::{self, CHANGE_TRACKING_APP, Expected, VouchedTenants},
};

const NOW: i64 = 1_700_000_000;
const APP: &str = "tandem";
const TENANT: &str = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
const LOGIN: &str = "https://login.microsoftonline.com";

fn vouched(tokens: &[Secret]) -> Option<VouchedTenants> {
    let login_base = LOGIN.parse().unwrap();
    let expected = Expected { client_id: APP, login_base: &login_base };
    let now = Timestamp::from_secs(NOW);
    let answer = validation_tokens::verify(tokens, signer().keys(), &expected, now);
    signer().run(answer).inspect_err(|error| short(error)).ok()
}

/// A delivery that nobody signed anything for.
fn delivery(body: &[u8]) {
    let collection = match notifications::parse(body) {
        Ok(collection) => collection,
        Err(error) => return short(&error),
    };
    let tokens = &collection.validation_tokens;
    assert!(tokens.is_empty() || vouched(tokens).is_none(), "a token of nobody's passes");
    let state = Secret::new("the client state of this chat".to_owned());
    for item in collection.items {
        match item {
            Ok(item) => {
                let unvouched = item.check_vouched(&VouchedTenants::default());
                assert_eq!(unvouched.is_err(), item.encrypted_content);
                let given = item.client_state.as_ref();
                let same = given.is_some_and(|given| given.is_same(&state));
                assert_eq!(client_state_matches(&state, given), same);
                assert!(!client_state_matches(&Secret::new(String::new()), given));
            }
            Err(error) => short(&error),
        }
    }
}

/// The tenant that header and claims vouch for. What is not UTF-8 may stand in claims that nobody
/// looks at.
fn stand(header: &[u8], claims: &[u8]) -> Option<TenantId> {
    let read = |bytes| serde_json::from_str::<Value>(&text(bytes)).unwrap_or_default();
    let (header, claims) = (read(header), read(claims));
    let tenant = TenantId::parse(claims["tid"].as_str()?).ok()?;
    let caller = if claims["iss"] == format!("{LOGIN}/{tenant}/v2.0") {
        &claims["azp"]
    } else if claims["iss"] == format!("https://sts.windows.net/{tenant}/") {
        &claims["appid"]
    } else {
        return None;
    };
    let started = match &claims["nbf"] {
        Value::Null => true,
        nbf => nbf.as_i64().is_some_and(|nbf| nbf - 300 <= NOW),
    };
    let stands = header["alg"] == "RS256"
        && header["kid"] == "ours"
        && header["crit"].is_null()
        && *caller == CHANGE_TRACKING_APP
        && claims["aud"] == APP
        && claims["exp"].as_i64().is_some_and(|exp| exp.saturating_add(300) > NOW)
        && started;
    stands.then_some(tenant)
}

fn good_claims() -> Vec<u8> {
    let claims = json!({
        "iss": format!("{LOGIN}/{TENANT}/v2.0"), "tid": TENANT, "aud": APP,
        "azp": CHANGE_TRACKING_APP, "exp": NOW + 60,
    });
    claims.to_string().into_bytes()
}

fuzz_target!(|input: &[u8]| {
    let [body, claims, header, edits] = parts(input);
    delivery(body);
    if claims.starts_with(b"{") {
        let header = if header.is_empty() { Signer::HEADER } else { header };
        let token = Secret::new(signer().token(header, claims));
        if let Some(vouched) = vouched(&[token]) {
            let tenant = stand(header, claims).expect("vouches without being made for it");
            assert!(vouched.contains(&tenant));
        }
    }
    if !edits.is_empty() {
        let good = signer().token(Signer::HEADER, &good_claims());
        let changed = text(&edited(good.as_bytes(), edits));
        assert_eq!(vouched(&[Secret::new(changed.clone())]).is_some(), changed == good);
        let both = [Secret::new(good), Secret::new(changed)];
        assert!(vouched(&both).is_none() || both[0].is_same(&both[1]), "one bad token fails all");
    }
});
