//! In front of the simulated vendors: passes everything on, and notes each call when it is asked to.

use std::time::Instant;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, Uri, header},
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, task::JoinHandle};
use url::Url;

use crate::{
    seen::{Call, Seen},
    support,
};

/// The proxy; dropping it stops it.
pub struct Vendors {
    port: u16,
    task: JoinHandle<()>,
}

impl Drop for Vendors {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Vendors {
    /// In front of what answers at `upstream`.
    pub async fn before(upstream: String, seen: Seen) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let http = support::client();
        let router = Router::new().fallback(
            move |method: Method, uri: Uri, mut headers: HeaderMap, body: Bytes| {
                let (http, seen, upstream) = (http.clone(), seen.clone(), upstream.clone());
                async move {
                    let began = Instant::now();
                    headers.remove(header::HOST);
                    let sent = http.request(method.clone(), format!("{upstream}{uri}"));
                    let answer = sent.headers(headers).body(body).send().await.unwrap();
                    let (status, mut headers) = (answer.status(), answer.headers().clone());
                    headers.remove(header::TRANSFER_ENCODING);
                    let body = answer.bytes().await.unwrap();
                    let vendor =
                        if uri.path().contains("/atlassian/") { "Jira" } else { "Microsoft" };
                    seen.add(Call {
                        service: vendor.to_owned(),
                        operation: method.to_string(),
                        began,
                        ended: Instant::now(),
                        units: 0.0,
                    });
                    let answered: Response = (status, headers, body).into_response();
                    answered
                }
            },
        );
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, task }
    }

    /// The same address here.
    pub fn instead_of(&self, address: &Url) -> Url {
        let mut here = address.clone();
        here.set_port(Some(self.port)).unwrap();
        here
    }
}
