//! In front of both simulated vendors: records every request, and makes calls fail on demand.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    pieces::Pieces,
    weather::{Asked, Sky, Trouble},
};

/// The largest body a vendor takes here, in bytes.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// A request that a vendor got.
#[derive(Clone)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path below `/sandbox`, such as `/graph/v1.0/chats`.
    pub path: String,
    /// The query, encoded.
    pub query: String,
    /// The content type, or nothing.
    pub content_type: String,
    /// The bearer token it was made with, or nothing.
    pub bearer: String,
    /// The body.
    pub body: Bytes,
    /// The status of the answer.
    pub status: u16,
}

impl Recorded {
    /// The body as JSON, where it is.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// When a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The vendor never sees the request.
    Before,
    /// The vendor does what it was asked, and the answer is lost.
    After,
}

/// A fault to come.
#[derive(Clone)]
pub struct Fault {
    /// Of which requests: the method.
    pub method: Method,
    /// Of which requests: the path begins with this.
    pub path: String,
    /// Of which requests: the path ends with this.
    pub path_end: String,
    /// Before or after the vendor acts.
    pub strike: Strike,
    /// What is answered.
    pub status: StatusCode,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
    /// How many requests it strikes.
    pub times: u32,
}

impl Fault {
    fn trouble(self, body: Bytes) -> Trouble {
        let Self { strike, status, retry_after, .. } = self;
        Trouble::Refused { strike, status, retry_after, body }
    }
}

/// What becomes of the body of an answer that is JSON: called with the request's path.
pub type Rewrite = Arc<dyn Fn(&str, Bytes) -> Bytes + Send + Sync>;

/// The gate.
#[derive(Clone, Default)]
pub struct Gate {
    inside: Arc<Mutex<Inside>>,
    /// What goes wrong by chance.
    pub sky: Sky,
}

#[derive(Default)]
struct Inside {
    recorded: Vec<Recorded>,
    faults: Vec<(Fault, Bytes)>,
    rewrite: Option<Rewrite>,
}

/// The most requests that are kept; older ones are forgotten.
const KEPT: usize = 20_000;

impl Gate {
    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every request so far that Tandem made of a vendor.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.inside().recorded.clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.inside().recorded.clear();
    }

    /// Makes requests to come fail.
    pub fn fail(&self, fault: Fault) {
        self.fail_with(fault, "{}");
    }

    /// Makes requests to come fail, and says why in the answer's body.
    pub fn fail_with(&self, fault: Fault, body: impl Into<Bytes>) {
        self.inside().faults.push((fault, body.into()));
    }

    /// Forgets the faults that have not struck.
    pub fn mend(&self) {
        self.inside().faults.clear();
    }

    /// Changes the JSON of every answer from now on, as a vendor does that adds fields; not of
    /// faults.
    pub fn rewrite(&self, rewrite: Rewrite) {
        self.inside().rewrite = Some(rewrite);
    }

    fn strike(&self, method: &Method, path: &str) -> Option<(Fault, Bytes)> {
        let mut inside = self.inside();
        let (fault, body) = inside.faults.iter_mut().find(|(fault, _)| {
            fault.times > 0
                && fault.method == *method
                && path.starts_with(&fault.path)
                && path.ends_with(&fault.path_end)
        })?;
        fault.times -= 1;
        Some((fault.clone(), body.clone()))
    }

    fn record(&self, recorded: Recorded) {
        let mut inside = self.inside();
        if inside.recorded.len() >= KEPT {
            inside.recorded.drain(..KEPT / 2);
        }
        inside.recorded.push(recorded);
    }
}

/// Passes a request on to the vendor. What people do by hand (`/people/...`) is not recorded.
pub async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().trim_start_matches("/sandbox").to_owned();
    if path.starts_with("/people/") {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut recorded = Recorded {
        method: parts.method.to_string(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        content_type: content_type(&parts.headers),
        bearer: bearer(&parts.headers),
        body: body.clone(),
        status: 0,
        path: path.clone(),
    };
    let fault = gate.strike(&parts.method, &path);
    let trouble = match fault {
        Some((fault, body)) => Some(fault.trouble(body)),
        None => gate.sky.trouble(&Asked { method: &parts.method, path: &path, body: &body }),
    };
    let request = Request::from_parts(parts, Body::from(body));
    let response = match trouble {
        None => {
            let rewrite = gate.inside().rewrite.clone();
            let response = next.run(request).await;
            match rewrite {
                Some(rewrite) => rewritten(response, &path, &rewrite).await,
                None => response,
            }
        }
        Some(trouble) => troubled(trouble, request, next).await,
    };
    recorded.status = response.status().as_u16();
    gate.record(recorded);
    response
}

fn content_type(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.unwrap_or("").to_owned()
}

fn bearer(headers: &HeaderMap) -> String {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or("").to_owned()
}

/// The answer with its JSON changed; any other answer as it is.
async fn rewritten(response: Response, path: &str, rewrite: &Rewrite) -> Response {
    if !content_type(response.headers()).contains("json") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(rewrite(path, body)))
}

/// What comes of a request that something goes wrong with.
async fn troubled(trouble: Trouble, request: Request, next: Next) -> Response {
    match trouble {
        Trouble::Refused { strike, status, retry_after, body } => {
            if strike == Strike::After {
                next.run(request).await;
            }
            let mut response = (status, body).into_response();
            if let Some(secs) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
            }
            response
        }
        Trouble::Reset(strike) => {
            if strike == Strike::After {
                next.run(request).await;
            }
            Response::new(Body::new(Pieces::reset()))
        }
        Trouble::HalfAnswer => in_pieces(next.run(request).await, Pieces::half).await,
        Trouble::Slow(over) => {
            in_pieces(next.run(request).await, |body| Pieces::slow(body, over)).await
        }
    }
}

/// The answer, its body sent otherwise; its length is told as ever.
async fn in_pieces(response: Response, pieces: impl FnOnce(&Bytes) -> Pieces) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(parts, Body::new(pieces(&body)))
}
