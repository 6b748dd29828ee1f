//! One call to Graph: address, person, answer, and what a refusal means.

use std::fmt;

use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use tandem_domain::{AccessToken, Failure, ObjectId, Provider, Sightings, SignInReason, Vendor};
use url::{Url, form_urlencoded::byte_serialize};

use super::wire::{WireError, WireId};
use crate::http::{note_throttling, polite, retry_after, trimmed};

/// A client of Microsoft Graph; made once, shared.
#[derive(Clone)]
pub struct GraphClient {
    http: reqwest::Client,
    base: Url,
    sightings: Sightings,
}

impl GraphClient {
    /// A client of the Graph at `base`: `https://graph.microsoft.com/v1.0`.
    pub fn new(http: reqwest::Client, base: Url) -> Self {
        Self { http, base, sightings: Sightings::default() }
    }

    /// The same, noting in `sightings` what is worth counting.
    #[must_use]
    pub fn noting(self, sightings: Sightings) -> Self {
        Self { sightings, ..self }
    }

    /// Graph as the person who granted `token`.
    pub fn as_user<'a>(&'a self, token: &'a AccessToken) -> Graph<'a> {
        Graph { client: self, token }
    }
}

impl fmt::Debug for GraphClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphClient").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// Graph as one person.
#[derive(Clone, Copy, Debug)]
pub struct Graph<'a> {
    client: &'a GraphClient,
    token: &'a AccessToken,
}

impl Graph<'_> {
    /// The person's id. `GET /me`, of which nothing but the id is asked for.
    pub async fn me(&self) -> Result<ObjectId, Failure> {
        let user: WireId<ObjectId> = self.get("me?$select=id", "graph_user").await?;
        Ok(user.id)
    }

    /// The address of the Graph, without a slash at its end.
    pub(super) fn base(&self) -> &str {
        trimmed(&self.client.base)
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        what: &'static str,
    ) -> Result<T, Failure> {
        read(&self.call(Method::GET, path, None::<&()>, what).await?, what)
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        what: &'static str,
    ) -> Result<T, Failure> {
        read(&self.call(Method::POST, path, Some(body), what).await?, what)
    }

    /// An action: `POST` without a body, answered without one.
    pub(super) async fn act(&self, path: &str, what: &'static str) -> Result<(), Failure> {
        self.call(Method::POST, path, None::<&()>, what).await.map(drop)
    }

    pub(super) async fn patch(
        &self,
        path: &str,
        body: &impl Serialize,
        what: &'static str,
    ) -> Result<Vec<u8>, Failure> {
        self.call(Method::PATCH, path, Some(body), what).await
    }

    pub(super) async fn delete(&self, path: &str, what: &'static str) -> Result<(), Failure> {
        self.call(Method::DELETE, path, None::<&()>, what).await.map(drop)
    }

    /// Sends one request; `path` is below the base, encoded, with its query. `what` names the
    /// object in a failure.
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
        what: &'static str,
    ) -> Result<Vec<u8>, Failure> {
        let url = Url::parse(&format!("{}/{path}", self.base()));
        let url = url.map_err(|_| Failure::Fault { what: "graph_address" })?;
        let token = self.token.expose("sent to Microsoft Graph");
        let request = polite(self.client.http.request(method, url)).bearer_auth(token);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.map_err(|error| unreachable_or_fault(&error))?;
        let (status, after) = (answer.status(), retry_after(answer.headers()));
        note_throttling(status, Vendor::Graph, &self.client.sightings);
        let body = answer.bytes().await.map_err(|error| unreachable_or_fault(&error))?;
        if status.is_success() {
            return Ok(body.to_vec());
        }
        let error = serde_json::from_slice(&body).unwrap_or_default();
        Err(refusal(status, after, &error, what))
    }
}

/// An identifier as one segment of a path: `19:x@thread.v2` becomes `19%3Ax%40thread.v2`.
pub(super) fn segment(id: &str) -> String {
    byte_serialize(id.as_bytes()).collect()
}

/// Reads an answer's body.
pub(super) fn read<T: DeserializeOwned>(body: &[u8], what: &'static str) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|_| Failure::Fault { what })
}

/// A call that got no answer.
fn unreachable_or_fault(error: &reqwest::Error) -> Failure {
    if error.is_builder() {
        return Failure::Fault { what: "graph_request" };
    }
    Failure::Retry { what: "graph_unreachable", after: None }
}

/// What an answer other than 2xx means. Codes:
/// <https://learn.microsoft.com/graph/errors#http-status-codes>.
fn refusal(
    status: StatusCode,
    after: Option<std::time::Duration>,
    error: &WireError,
    what: &'static str,
) -> Failure {
    let sign_in = |reason| Failure::SignInNeeded { provider: Provider::Microsoft, reason };
    match status {
        StatusCode::TOO_MANY_REQUESTS => Failure::Retry { what: "graph_throttled", after },
        StatusCode::REQUEST_TIMEOUT => Failure::Retry { what: "graph_unavailable", after },
        _ if status.is_server_error() => Failure::Retry { what: "graph_unavailable", after },
        StatusCode::UNAUTHORIZED => sign_in(SignInReason::Revoked),
        StatusCode::FORBIDDEN if error.tells_of_missing_consent() => {
            sign_in(SignInReason::ConsentMissing)
        }
        StatusCode::FORBIDDEN => Failure::Forbidden { what },
        StatusCode::NOT_FOUND | StatusCode::GONE => Failure::Absent { what },
        _ => Failure::Fault { what },
    }
}
