//! Functions that run in a process of their own: requests of the API are passed on to it.

use std::io;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

/// Where the functions are.
#[derive(Clone)]
pub(crate) struct Elsewhere {
    url: String,
    http: reqwest::Client,
}

impl Elsewhere {
    /// Functions behind an address.
    pub(crate) fn at(url: String) -> io::Result<Self> {
        let http = reqwest::Client::builder().no_proxy();
        let http = http.redirect(reqwest::redirect::Policy::none());
        Ok(Self { url, http: http.build().map_err(io::Error::other)? })
    }

    /// Passes a request on and its answer back; 502 where there is none.
    pub(crate) async fn serve(
        &self,
        method: Method,
        uri: Uri,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::TRANSFER_ENCODING);
        let request = self.http.request(method, format!("{}{uri}", self.url));
        let Ok(answer) = request.headers(headers).body(body).send().await else {
            return StatusCode::BAD_GATEWAY.into_response();
        };
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::TRANSFER_ENCODING);
        let Ok(body) = answer.bytes().await else {
            return StatusCode::BAD_GATEWAY.into_response();
        };
        (status, headers, Body::from(body)).into_response()
    }
}
