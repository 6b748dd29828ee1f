//! A call to the REST API: who makes it, on which site, with what.

use std::collections::HashMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde_json::Value;

use super::{JiraSandbox, actor::Actor, answer::Refusal, login::Session};

/// A call with a valid access token. Made before any handler runs, so that a call without one is
/// refused whatever else is wrong with it.
pub(crate) struct Call {
    pub(crate) sandbox: JiraSandbox,
    pub(crate) session: Session,
    path: HashMap<String, String>,
    query: Vec<(String, String)>,
    json: bool,
    body: Bytes,
}

impl FromRequest<JiraSandbox> for Call {
    type Rejection = Refusal;

    async fn from_request(request: Request, sandbox: &JiraSandbox) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let session = bearer(&parts.headers)
            .and_then(|token| sandbox.session(token))
            .ok_or_else(|| Refusal::gateway(StatusCode::UNAUTHORIZED, "Unauthorized"))?;
        let Path(path) = Path::<HashMap<String, String>>::from_request_parts(&mut parts, sandbox)
            .await
            .map_err(|_| Refusal::bad_request("The path is not valid."))?;
        if let Some(cloud_id) = path.get("cloudId")
            && !sandbox.read(|cloud| session.reaches(cloud, cloud_id))
        {
            return Err(Refusal::gateway(StatusCode::NOT_FOUND, "Not Found"));
        }
        let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or("").as_bytes())
            .into_owned()
            .collect();
        let json = is_json(&parts.headers);
        let body = Bytes::from_request(Request::from_parts(parts, body), sandbox)
            .await
            .map_err(|_| Refusal::bad_request("The request body cannot be read."))?;
        Ok(Self { sandbox: sandbox.clone(), session, path, query, json, body })
    }
}

impl Call {
    /// Refuses a call whose token lacks a scope, or whose query has a parameter that the
    /// operation does not have.
    pub(crate) fn needs(&self, scopes: &[&str], query: &[&str]) -> Result<(), Refusal> {
        if !scopes.iter().all(|scope| self.session.scopes.iter().any(|has| has == scope)) {
            return Err(Refusal::gateway(
                StatusCode::UNAUTHORIZED,
                "Unauthorized; scope does not match",
            ));
        }
        match self.query.iter().find(|(name, _)| !query.contains(&name.as_str())) {
            Some((name, _)) => Err(Refusal::bad_request(&format!(
                "The query parameter '{name}' is not known to this operation."
            ))),
            None => Ok(()),
        }
    }

    /// A reading operation of Jira's; see [`Self::needs`].
    pub(crate) fn reads(&self, query: &[&str]) -> Result<(), Refusal> {
        self.needs(&["read:jira-work"], query)
    }

    /// A writing operation of Jira's; see [`Self::needs`].
    pub(crate) fn writes(&self, query: &[&str]) -> Result<(), Refusal> {
        self.needs(&["write:jira-work"], query)
    }

    /// A parameter of the path.
    pub(crate) fn path(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query that holds a list: repeated, or with commas.
    pub(crate) fn query_list(&self, name: &str) -> Option<Vec<String>> {
        let mut values = self.query.iter().filter(|(key, _)| key == name).peekable();
        values.peek()?;
        Some(
            values
                .flat_map(|(_, value)| value.split(','))
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
                .collect(),
        )
    }

    /// A number of the query, or `default`.
    pub(crate) fn query_number(&self, name: &str, default: usize) -> Result<usize, Refusal> {
        self.query(name).map_or(Ok(default), |text| {
            text.parse().map_err(|_| {
                Refusal::bad_request(&format!("The query parameter '{name}' must be a number."))
            })
        })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        if !self.json {
            return Err(Refusal::message(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The Content-Type must be application/json.",
            ));
        }
        serde_json::from_slice(&self.body).map_err(|_| {
            Refusal::bad_request(
                "There was an error parsing JSON. Check that your request body is valid.",
            )
        })
    }

    /// The body as JSON, or nothing when there is none.
    pub(crate) fn optional_json(&self) -> Result<Option<Value>, Refusal> {
        if self.body.is_empty() { Ok(None) } else { self.json().map(Some) }
    }

    /// Looks at the site as the caller.
    pub(crate) fn look<T>(
        &self,
        look: impl FnOnce(&Actor<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.sandbox.look(self.path("cloudId"), &self.session.account, look)
    }

    /// Changes the site as the caller.
    pub(crate) fn act<T>(
        &self,
        deed: impl FnOnce(&mut Actor<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.sandbox.act(self.path("cloudId"), &self.session.account, deed)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Whether the request says that its body is JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json"))
}
