//! What the crate's own tests share: a vendor on loopback, a signing key, the fixtures.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, LazyLock, Mutex},
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tandem_domain::ManualClock;
use url::Url;

use crate::entra::KeySet;

/// The folder of shared fixtures and contracts; `None` (and a line) where there is none.
pub(crate) fn shared() -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let folder = std::env::var_os("TANDEM_SHARED").map_or_else(|| default.into(), PathBuf::from);
    if folder.join("fixtures").is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no fixtures");
    None
}

/// One fixture's bytes.
pub(crate) fn fixture(name: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(shared()?.join("fixtures").join(name)).unwrap())
}

/// All JSON files below a folder of fixtures, in order.
pub(crate) fn fixtures_below(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let Some(shared) = shared() else { return Vec::new() };
    let (mut found, mut folders) = (Vec::new(), vec![shared.join("fixtures").join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "json") {
                let bytes = std::fs::read(&path).unwrap();
                found.push((path, bytes));
            }
        }
    }
    found.sort();
    found
}

/// The fields of a form body.
pub(crate) fn form(body: &[u8]) -> HashMap<String, String> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

/// An RSA key that signs tokens.
pub(crate) struct TestKey {
    kid: String,
    pair: KeyPair,
}

impl TestKey {
    pub(crate) fn generate(kid: &str) -> Self {
        Self { kid: kid.to_owned(), pair: KeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    /// One key for many tests, named `shared`.
    pub(crate) fn shared() -> &'static Self {
        static KEY: LazyLock<TestKey> = LazyLock::new(|| TestKey::generate("shared"));
        &KEY
    }

    /// The public half, as published.
    pub(crate) fn jwk(&self) -> Value {
        // An RSAPublicKey of 2048 bits (RFC 8017, A.1.1): two integers at places that never vary.
        let der = self.pair.public_key().as_ref();
        let (modulus, exponent) = (&der[9..265], &der[267..]);
        json!({
            "kty": "RSA", "use": "sig", "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
        })
    }

    /// A token over these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with_header(&json!({"alg": "RS256", "kid": self.kid, "typ": "JWT"}), claims)
    }

    /// A token with this header; signed by RS256 whatever it says.
    pub(crate) fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature).unwrap();
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A key set publishing these keys, and the vendor that must outlive it.
pub(crate) async fn keys_of(jwks: &[Value]) -> (KeySet, FakeVendor) {
    let vendor = FakeVendor::start().await;
    vendor.answer("GET", "/keys", 200, json!({"keys": jwks}));
    let clock = Arc::new(ManualClock::default());
    (KeySet::new(reqwest::Client::new(), vendor.url("/keys"), clock), vendor)
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) method: String,
    /// Path and query, still encoded.
    pub(crate) target: String,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Arrived {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Script {
    answers: HashMap<(String, String), (StatusCode, Option<u64>, Value)>,
    arrived: Vec<Arrived>,
}

/// A vendor on loopback that answers as told and remembers what it was asked; anything else is
/// a 404.
pub(crate) struct FakeVendor {
    base: Url,
    script: Arc<Mutex<Script>>,
}

impl FakeVendor {
    pub(crate) async fn start() -> Self {
        let script = Arc::<Mutex<Script>>::default();
        let app = Router::new().fallback(serve).with_state(script.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base, script }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.base.join(path).unwrap()
    }

    /// From now on, answers this method and path (encoded, without query) so.
    pub(crate) fn answer(&self, method: &str, path: &str, status: u16, body: Value) {
        self.answer_after(method, path, status, None, body);
    }

    /// As [`FakeVendor::answer`], with a `Retry-After` in seconds.
    pub(crate) fn answer_after(
        &self,
        method: &str,
        path: &str,
        status: u16,
        retry_after: Option<u64>,
        body: Value,
    ) {
        let answer = (StatusCode::from_u16(status).unwrap(), retry_after, body);
        let place = (method.to_owned(), path.to_owned());
        self.script.lock().unwrap().answers.insert(place, answer);
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<Arrived> {
        self.script.lock().unwrap().arrived.clone()
    }
}

async fn serve(State(script): State<Arc<Mutex<Script>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let arrived = Arrived {
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().unwrap().to_string(),
        headers: parts.headers,
        body,
    };
    let place = (arrived.method.clone(), parts.uri.path().to_owned());
    let mut script = script.lock().unwrap();
    script.arrived.push(arrived);
    let Some((status, retry_after, body)) = script.answers.get(&place).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let mut response = (status, text).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert("retry-after", seconds.into());
    }
    response
}
