//! The RSA key that signs id tokens, and its public half as a JSON Web Key.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use aws_lc_rs::{
    digest,
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

/// Whose tokens a key signs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Issuer {
    /// Id tokens.
    Entra,
    /// The tokens with which Teams calls the bot.
    BotFramework,
    /// The tokens with which Forge calls a remote.
    Forge,
}

/// An RSA key of 2048 bits with its key id. Clones are the same key.
#[derive(Clone)]
pub(crate) struct SigningKey {
    pair: Arc<KeyPair>,
    kid: String,
}

impl SigningKey {
    /// The key of this process for one issuer. Making one takes a while, and a process of tests starts
    /// hundreds of stacks: they share it.
    pub(crate) fn of_process(issuer: Issuer) -> io::Result<Self> {
        static KEYS: [OnceLock<SigningKey>; 3] = [const { OnceLock::new() }; 3];
        let key = &KEYS[issuer as usize];
        if let Some(made) = key.get() {
            return Ok(made.clone());
        }
        let made = Self::generate()?;
        Ok(key.get_or_init(|| made).clone())
    }

    /// A fresh key.
    fn generate() -> io::Result<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(io::Error::other)?;
        Ok(Self::with_kid(pair))
    }

    /// The key that [`SigningKey::to_base64`] wrote.
    pub(super) fn from_base64(text: &str) -> io::Result<Self> {
        let der = STANDARD.decode(text).map_err(io::Error::other)?;
        Ok(Self::with_kid(KeyPair::from_pkcs8(&der).map_err(io::Error::other)?))
    }

    /// The private key as base64 of PKCS #8, for the data file.
    pub(super) fn to_base64(&self) -> io::Result<String> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(io::Error::other)?;
        Ok(STANDARD.encode(der.as_ref()))
    }

    fn with_kid(pair: KeyPair) -> Self {
        let thumb = digest::digest(&digest::SHA256, pair.public_key().as_ref());
        let kid = URL_SAFE_NO_PAD.encode(&thumb.as_ref()[..20]);
        Self { pair: Arc::new(pair), kid }
    }

    /// The public key as Entra publishes it (RFC 7517), for `issuer`.
    pub(crate) fn jwk(&self, issuer: &str) -> Value {
        let (n, e) = modulus_and_exponent(self.pair.public_key().as_ref()).unwrap_or_default();
        json!({
            "kty": "RSA", "use": "sig", "kid": self.kid, "x5t": self.kid,
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e), "issuer": issuer,
        })
    }

    /// A compact JSON Web Signature (RS256) over `claims`.
    pub(crate) fn sign(&self, claims: &Value) -> io::Result<String> {
        let header = json!({ "typ": "JWT", "alg": "RS256", "kid": self.kid });
        let input = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature)
            .map_err(io::Error::other)?;
        Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a token that [`SigningKey::sign`] made with this key; nothing else about
    /// them is checked.
    pub(super) fn verify(&self, token: &str) -> Option<Value> {
        let (input, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key().as_ref())
            .verify(input.as_bytes(), &signature)
            .ok()?;
        let (_, claims) = input.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

/// The two integers of an RSAPublicKey (RFC 8017, appendix A.1.1), without leading zeros.
fn modulus_and_exponent(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = der_value(der, 0x30)?;
    let (modulus, rest) = der_value(sequence, 0x02)?;
    let (exponent, _) = der_value(rest, 0x02)?;
    Some((without_zeros(modulus), without_zeros(exponent)))
}

/// The value of the DER element `tag` at the start of `input`, and what follows it.
fn der_value(input: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = input.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        (digits.iter().fold(0, |sum, digit| (sum << 8) | usize::from(*digit)), rest)
    };
    (found == tag).then(|| rest.split_at_checked(length)).flatten()
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_written_and_read_again_is_the_same_key() {
        let key = SigningKey::generate().unwrap();
        let again = SigningKey::from_base64(&key.to_base64().unwrap()).unwrap();
        assert_eq!(key.jwk("i"), again.jwk("i"));
        let jwk = key.jwk("i");
        assert_eq!(URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap().len(), 256);
        assert_eq!(jwk["e"], "AQAB");
    }

    #[test]
    fn only_what_the_key_signed_is_believed() {
        let key = SigningKey::of_process(Issuer::Entra).unwrap();
        let claims = json!({ "oid": "somebody" });
        let token = key.sign(&claims).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let (head, _) = input.split_once('.').unwrap();
        let other = URL_SAFE_NO_PAD.encode(json!({ "oid": "another" }).to_string());
        for (token, believed) in [
            (token.clone(), Some(claims.clone())),
            (format!("{head}.{other}.{signature}"), None),
            (SigningKey::of_process(Issuer::BotFramework).unwrap().sign(&claims).unwrap(), None),
            (format!("{input}."), None),
            ("x".to_owned(), None),
        ] {
            assert_eq!(key.verify(&token), believed);
        }
    }
}
