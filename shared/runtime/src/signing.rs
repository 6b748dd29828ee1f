//! Values that are derived instead of stored: each is an HMAC under the deployment's signing key,
//! apart by purpose, so that the table need not hold a secret to check one.

use aws_lc_rs::{constant_time, digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tandem_domain::{ChatId, ClaimId, CloudId, Entropy, LeaseHolder, Secret, TenantId, TokenHash};

/// The deployment's signing key.
pub struct Signing(hmac::Key);

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signing([secret])")
    }
}

/// The parameter that a link of ours carries in its fragment: `tandem-<claim>-<mac>`.
const MARK: &str = "tandem-";

impl Signing {
    /// A key of at least 32 bytes; `None` when it is shorter.
    pub fn new(key: &[u8]) -> Option<Self> {
        (key.len() >= 32).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, key)))
    }

    fn mac(&self, purpose: &str, parts: &[&str]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.0);
        for part in std::iter::once(&purpose).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.sign()
    }

    fn derive(&self, purpose: &str, parts: &[&str]) -> Secret {
        Secret::new(URL_SAFE_NO_PAD.encode(self.mac(purpose, parts)))
    }

    /// The `clientState` of a chat's notifications (Graph allows 128 characters; this has 43).
    pub fn client_state(&self, tenant: &TenantId, chat: &ChatId) -> Secret {
        self.derive("client-state", &[tenant.as_str(), chat.as_str()])
    }

    /// The PKCE verifier of a sign-in (RFC 7636: 43 characters of the URL-safe alphabet).
    pub fn pkce_verifier(&self, state: &Secret) -> Secret {
        self.derive("pkce-verifier", &[state.expose("derives the PKCE verifier from it")])
    }

    /// The OpenID Connect nonce of a sign-in.
    pub fn nonce(&self, state: &Secret) -> Secret {
        self.derive("nonce", &[state.expose("derives the nonce from it")])
    }

    /// The CSRF token that belongs to a session's or sign-in's cookie.
    pub fn csrf(&self, cookie: &Secret) -> Secret {
        self.derive("csrf", &[cookie.expose("derives the CSRF token from it")])
    }

    /// The fragment that marks a message as written by Tandem for this piece of work in this chat.
    pub fn mark(&self, cloud: &CloudId, chat: &ChatId, claim: &ClaimId) -> String {
        let mac = self.mac("mark", &[cloud.as_str(), chat.as_str(), claim.as_str()]);
        format!("{MARK}{claim}-{}", URL_SAFE_NO_PAD.encode(&mac.as_ref()[..16]))
    }

    /// The piece of work that a link's fragment marks, when the mark is ours for this chat.
    pub fn marked(&self, cloud: &CloudId, chat: &ChatId, link: &str) -> Option<ClaimId> {
        let (_, fragment) = link.rsplit_once('#')?;
        let claim = ClaimId::parse(fragment.strip_prefix(MARK)?.get(..64)?).ok()?;
        same(&self.mark(cloud, chat, &claim), fragment).then_some(claim)
    }
}

/// Whether two texts are the same, in a time that does not tell where they differ.
pub fn same(ours: &str, given: &str) -> bool {
    constant_time::verify_slices_are_equal(ours.as_bytes(), given.as_bytes()).is_ok()
}

/// The SHA-256 of parts that cannot run together, in hexadecimal.
fn hash(parts: &[&str]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    hex(context.finish().as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        text
    })
}

/// What a piece of work is claimed under: the same parts give the same claim.
pub fn claim_of(parts: &[&str]) -> Option<ClaimId> {
    ClaimId::parse(&hash(parts)).ok()
}

/// The hash under which a browser's secret is found.
pub fn token_hash(token: &Secret) -> Option<TokenHash> {
    TokenHash::parse(&hash(&["token", token.expose("hashes it to look it up")])).ok()
}

/// A new random secret of 256 bits in the URL-safe alphabet.
pub fn random_token(entropy: &dyn Entropy) -> Secret {
    let mut bytes = zeroize::Zeroizing::new([0u8; 32]);
    entropy.fill(bytes.as_mut_slice());
    Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

/// A new random name for who holds a lease.
pub fn lease_holder(entropy: &dyn Entropy) -> Option<LeaseHolder> {
    let mut bytes = [0u8; 16];
    entropy.fill(&mut bytes);
    LeaseHolder::parse(&hex(&bytes)).ok()
}

/// The system's random generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        if aws_lc_rs::rand::fill(buffer).is_err() {
            // Without randomness no secret may be made.
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> (CloudId, ChatId, ChatId, ClaimId) {
        (
            CloudId::parse("11223344-a1b2-3b33-c444-def123456789").unwrap(),
            ChatId::parse("19:91571ee8ad174aefaccd2e4605d87a24@thread.v2").unwrap(),
            ChatId::parse("19:91571ee8ad174aefaccd2e4605d87a25@thread.v2").unwrap(),
            claim_of(&["an event"]).unwrap(),
        )
    }

    #[test]
    fn a_mark_is_known_again_in_its_chat_only() {
        let signing = Signing::new(&[7; 32]).unwrap();
        let (cloud, chat, other, claim) = ids();
        let link =
            format!("https://x.atlassian.net/browse/A-1#{}", signing.mark(&cloud, &chat, &claim));
        assert_eq!(signing.marked(&cloud, &chat, &link), Some(claim));
        assert_eq!(signing.marked(&cloud, &other, &link), None);
        assert_eq!(Signing::new(&[8; 32]).unwrap().marked(&cloud, &chat, &link), None);
        for broken in ["", "#tandem-", &link[..link.len() - 1], "https://x#tandem-\u{e9}"] {
            assert_eq!(signing.marked(&cloud, &chat, broken), None, "{broken}");
        }
    }

    #[test]
    fn values_of_different_purposes_and_parts_differ() {
        let signing = Signing::new(&[7; 32]).unwrap();
        let state = Secret::new("state".into());
        let shown = |secret: Secret| secret.expose("the test compares it").to_owned();
        assert_ne!(shown(signing.nonce(&state)), shown(signing.pkce_verifier(&state)));
        assert_eq!(shown(signing.pkce_verifier(&state)).len(), 43);
        assert_ne!(claim_of(&["ab", "c"]), claim_of(&["a", "bc"]));
        assert!(Signing::new(&[7; 31]).is_none());
    }
}
