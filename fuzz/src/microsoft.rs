//! A key that signs as Microsoft does, published on loopback.

use std::{
    future::Future,
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, LazyLock},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tandem_domain::ManualClock;
use tandem_microsoft::entra::KeySet;
use tokio::runtime::{Builder, Runtime};

use crate::jwt;

/// The key, and the key set that holds its public half alone.
pub struct Signer {
    pair: KeyPair,
    keys: KeySet,
    runtime: Runtime,
}

/// The one of this process. The key is another one in each: no input holds a signature of it.
pub fn signer() -> &'static Signer {
    static SIGNER: LazyLock<Signer> = LazyLock::new(Signer::start);
    &SIGNER
}

impl Signer {
    /// The header of the tokens that the vendor makes.
    pub const HEADER: &[u8] = br#"{"alg":"RS256","kid":"ours","typ":"JWT"}"#;

    fn start() -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/keys", listener.local_addr().unwrap());
        let body = json!({ "keys": [jwk(&pair)] }).to_string();
        std::thread::spawn(move || answer(&listener, &body));
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let clock = Arc::new(ManualClock::default());
        let keys = KeySet::new(reqwest::Client::new(), address.parse().unwrap(), clock);
        // Fetched once, and kept: the clock stands still.
        runtime.block_on(keys.find("ours")).unwrap();
        Self { pair, keys, runtime }
    }

    /// The vendor's published keys.
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// A token that the vendor signed, whatever it says.
    pub fn token(&self, header: &[u8], claims: &[u8]) -> String {
        jwt(header, claims, |input| {
            let mut signature = vec![0; self.pair.public_modulus_len()];
            let random = SystemRandom::new();
            self.pair.sign(&RSA_PKCS1_SHA256, &random, input, &mut signature).unwrap();
            signature
        })
    }

    /// Waits for what does not wait for anything outside any more.
    pub fn run<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }
}

/// The public half, as published.
fn jwk(pair: &KeyPair) -> Value {
    // An RSAPublicKey of 2048 bits (RFC 8017, A.1.1): two integers at places that never vary.
    let der = pair.public_key().as_ref();
    json!({
        "kty": "RSA", "use": "sig", "kid": "ours", "endorsements": ["msteams"],
        "n": URL_SAFE_NO_PAD.encode(&der[9..265]), "e": URL_SAFE_NO_PAD.encode(&der[267..]),
    })
}

/// Answers every request with the keys.
fn answer(listener: &TcpListener, body: &str) {
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
        let length = body.len();
        let _ = write!(stream, "{head}\r\nContent-Length: {length}\r\n\r\n{body}");
    }
}
