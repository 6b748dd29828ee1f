//! Values that are derived instead of stored: each is an HMAC under the deployment's signing key,
//! apart by purpose, so that the table need not hold a secret to check one.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::{constant_time, digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tandem_domain::{
    AccountId, ChatId, ClaimId, CloudId, Entropy, KeyTag, LeaseHolder, Secret, TenantId, TokenHash,
};

/// One signing key.
struct Key {
    hmac: hmac::Key,
    /// Tells which key made a value, without telling anything of the key.
    tag: String,
}

impl Key {
    fn new(key: &[u8]) -> Option<Self> {
        if key.len() < 32 {
            return None;
        }
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, key);
        let tag = hex(&mac(&hmac, "tag", &[]).as_ref()[..TAG_CHARS / 2]);
        Some(Self { hmac, tag })
    }

    fn mac(&self, purpose: &str, parts: &[&str]) -> hmac::Tag {
        mac(&self.hmac, purpose, parts)
    }

    fn derive(&self, purpose: &str, parts: &[&str]) -> Secret {
        Secret::new(URL_SAFE_NO_PAD.encode(self.mac(purpose, parts)))
    }

    fn mark(&self, cloud: &CloudId, chat: &ChatId, claim: &ClaimId) -> String {
        let mac = self.mac("mark", &[cloud.as_str(), chat.as_str(), claim.as_str()]);
        format!("{MARK}{claim}-{}", URL_SAFE_NO_PAD.encode(&mac.as_ref()[..16]))
    }
}

fn mac(key: &hmac::Key, purpose: &str, parts: &[&str]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    for part in std::iter::once(&purpose).chain(parts) {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.sign()
}

/// The keys that hold: the one that signs, and the one before, whose values are still accepted.
struct Keys {
    current: Key,
    previous: Option<Key>,
}

impl Keys {
    fn each(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// The key that made a value which carries its tag; the current one when none did.
    fn tagged(&self, value: &str) -> &Key {
        let tag = value.rsplit_once('.').map_or("", |(_, tag)| tag);
        self.each().find(|key| key.tag == tag).unwrap_or(&self.current)
    }
}

/// The deployment's signing key, and the one before while it is being changed. Clones share them,
/// and [`Signing::renew`] changes them for all.
#[derive(Clone)]
pub struct Signing(Arc<RwLock<Arc<Keys>>>);

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signing([secret])")
    }
}

/// The parameter that a link of ours carries in its fragment: `tandem-<claim>-<mac>`.
const MARK: &str = "tandem-";
/// How long a key's tag is.
const TAG_CHARS: usize = 8;

/// The CSRF token of a cookie, also under the previous key.
#[derive(Clone, Debug)]
pub struct Csrf {
    current: Secret,
    previous: Option<Secret>,
}

impl Csrf {
    /// Shows the token to give out. `why` is for the reader of the code: what it is shown to.
    pub fn expose(&self, why: &'static str) -> &str {
        self.current.expose(why)
    }

    /// Whether a request carries it.
    pub fn matches(&self, given: &str) -> bool {
        let ours = "compared with the request's in constant time";
        std::iter::once(&self.current)
            .chain(&self.previous)
            .fold(false, |found, token| found | same(token.expose(ours), given))
    }
}

impl Signing {
    /// A key of at least 32 bytes; `None` when it is shorter.
    pub fn new(key: &[u8]) -> Option<Self> {
        Self::of(key, None)
    }

    /// A key, and the one before it; `None` when one is shorter than 32 bytes.
    pub fn of(key: &[u8], previous: Option<&[u8]>) -> Option<Self> {
        let previous = match previous {
            Some(previous) => Some(Key::new(previous)?),
            None => None,
        };
        let keys = Keys { current: Key::new(key)?, previous };
        Some(Self(Arc::new(RwLock::new(Arc::new(keys)))))
    }

    /// Takes over the keys of `newer`, for every clone.
    pub fn renew(&self, newer: &Self) {
        let keys = newer.keys();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Which key signs now: a short word that tells nothing of the key.
    pub fn tag(&self) -> Option<KeyTag> {
        KeyTag::parse(&self.keys().current.tag).ok()
    }

    /// Whether values of the previous key are accepted, too.
    pub fn is_being_changed(&self) -> bool {
        self.keys().previous.is_some()
    }

    /// The `clientState` of a chat's notifications (Graph allows 128 characters; this has 43).
    pub fn client_state(&self, tenant: &TenantId, chat: &ChatId) -> Secret {
        self.keys().current.derive("client-state", &[tenant.as_str(), chat.as_str()])
    }

    /// Every `clientState` that a chat's notifications may carry: one for each key that holds.
    pub fn client_states(&self, tenant: &TenantId, chat: &ChatId) -> Vec<Secret> {
        let parts = [tenant.as_str(), chat.as_str()];
        self.keys().each().map(|key| key.derive("client-state", &parts)).collect()
    }

    /// A MAC over `parts` under a purpose of its own, for [`crate::card_data`].
    pub(crate) fn sign(&self, purpose: &str, parts: &[&str]) -> String {
        crate::card_data::encoded(self.keys().current.mac(purpose, parts).as_ref())
    }

    /// The MACs over `parts` of every key that holds.
    pub(crate) fn signatures(&self, purpose: &str, parts: &[&str]) -> Vec<String> {
        let keys = self.keys();
        keys.each().map(|key| crate::card_data::encoded(key.mac(purpose, parts).as_ref())).collect()
    }

    /// A new random `state` of a sign-in. It carries the tag of the key, so that what is derived
    /// from it is the same when the browser is back, though the key be changed meanwhile.
    pub fn state(&self, entropy: &dyn Entropy) -> Secret {
        let random = random_token(entropy);
        let random = random.expose("becomes part of the state");
        Secret::new(format!("{random}.{}", self.keys().current.tag))
    }

    /// The PKCE verifier of a sign-in (RFC 7636: 43 characters of the URL-safe alphabet).
    pub fn pkce_verifier(&self, state: &Secret) -> Secret {
        let state = state.expose("derives the PKCE verifier from it");
        self.keys().tagged(state).derive("pkce-verifier", &[state])
    }

    /// The OpenID Connect nonce of a sign-in.
    pub fn nonce(&self, state: &Secret) -> Secret {
        let state = state.expose("derives the nonce from it");
        self.keys().tagged(state).derive("nonce", &[state])
    }

    /// The CSRF token that belongs to a session's or sign-in's cookie.
    pub fn csrf(&self, cookie: &Secret) -> Csrf {
        let cookie = cookie.expose("derives the CSRF token from it");
        let keys = self.keys();
        Csrf {
            current: keys.current.derive("csrf", &[cookie]),
            previous: keys.previous.as_ref().map(|key| key.derive("csrf", &[cookie])),
        }
    }

    /// The fragment that marks a message as written by Tandem for this piece of work in this chat.
    pub fn mark(&self, cloud: &CloudId, chat: &ChatId, claim: &ClaimId) -> String {
        self.keys().current.mark(cloud, chat, claim)
    }

    /// The piece of work that a link's fragment marks, when the mark is ours for this chat.
    pub fn marked(&self, cloud: &CloudId, chat: &ChatId, link: &str) -> Option<ClaimId> {
        let (_, fragment) = link.rsplit_once('#')?;
        let claim = ClaimId::parse(fragment.strip_prefix(MARK)?.get(..64)?).ok()?;
        let ours = self.keys().each().any(|key| same(&key.mark(cloud, chat, &claim), fragment));
        ours.then_some(claim)
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

pub(crate) fn hex(bytes: &[u8]) -> String {
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

/// What telling one person of an event is claimed under, by whatever way the event reaches them.
pub fn person_claim(event: &ClaimId, account: &AccountId) -> Option<ClaimId> {
    claim_of(&["person", event.as_str(), account.as_str()])
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

    #[test]
    fn what_the_previous_key_made_is_accepted_until_it_is_dropped() {
        let (old, new) = ([7; 32], [8; 32]);
        let signing = Signing::new(&old).unwrap();
        let (cloud, chat, _, claim) = ids();
        let tenant = TenantId::parse(cloud.as_str()).unwrap();
        let cookie = Secret::new("cookie".into());
        let link = format!("https://x.example#{}", signing.mark(&cloud, &chat, &claim));
        let client_state = signing.client_state(&tenant, &chat);
        let csrf = signing.csrf(&cookie);
        let state = signing.state(&SystemEntropy);
        let (verifier, nonce) = (signing.pkce_verifier(&state), signing.nonce(&state));
        let held = signing.clone();
        let accepted = || {
            let states = signing.client_states(&tenant, &chat);
            [
                signing.marked(&cloud, &chat, &link) == Some(claim.clone()),
                states.iter().any(|state| state.is_same(&client_state)),
                signing.csrf(&cookie).matches(csrf.expose("compared")),
                signing.pkce_verifier(&state).is_same(&verifier),
                signing.nonce(&state).is_same(&nonce),
            ]
        };
        assert_eq!(accepted(), [true; 5]);
        let tag = signing.tag();
        held.renew(&Signing::of(&new, Some(&old)).unwrap());
        assert_eq!((accepted(), signing.is_being_changed()), ([true; 5], true));
        assert_ne!(signing.tag(), tag);
        assert!(!signing.client_state(&tenant, &chat).is_same(&client_state), "the new one signs");
        held.renew(&Signing::new(&new).unwrap());
        assert_eq!((accepted(), signing.is_being_changed()), ([false; 5], false));
    }
}
