//! The connections of a function: one client for both vendors and for AWS, so that there is one set of
//! root certificates, one TLS configuration and one pool.
//!
//! The root certificates are Mozilla's, compiled in: nothing is read or parsed for them, they change
//! with a reviewed `Cargo.lock` and a deployment, and no variable or file of the place where a function
//! runs adds one. `Cargo.lock` is to be kept up for it: a root that Mozilla drops is trusted until then.

use std::{sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

use crate::StartError;

/// How long an answer may take, a vendor's or AWS's.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take until there is a connection: as in AWS's SDK.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);

/// Whom the connections trust to say who is at their other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roots {
    /// Mozilla's list, as it was when this was built.
    Mozilla,
    /// What the machine trusts: for a developer's, where a proxy may stand in between.
    Machine,
}

/// A client. Redirects are not followed: no API that is called answers with one, and a token must not
/// travel to another host.
///
/// # Errors
/// [`StartError::Client`] when there is no TLS to be had.
pub fn client(roots: Roots) -> Result<reqwest::Client, StartError> {
    let unusable = |_| StartError::Client("the HTTP client");
    let builder = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("tandem/", env!("CARGO_PKG_VERSION")));
    let builder = match roots {
        Roots::Machine => builder,
        Roots::Mozilla => {
            let provider = Arc::new(aws_lc_rs::default_provider());
            let tls = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|_| StartError::Client("TLS"))?
                .with_root_certificates(RootCertStore {
                    roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
                })
                .with_no_client_auth();
            builder.tls_backend_preconfigured(tls)
        }
    };
    builder.build().map_err(unusable)
}

/// The same client, for AWS's SDK.
pub fn for_aws(client: reqwest::Client) -> SharedHttpClient {
    SharedHttpClient::new(Shared(client))
}

#[derive(Clone, Debug)]
struct Shared(reqwest::Client);

impl HttpClient for Shared {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Shared {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let answer = client.execute(sendable(request)?).await.map_err(failed)?;
            let mut found = http::Response::new(());
            *found.status_mut() = answer.status();
            *found.headers_mut() = answer.headers().clone();
            let body = answer.bytes().await.map_err(failed)?;
            HttpResponse::try_from(found.map(|()| SdkBody::from(body)))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// What the SDK wants sent. Its bodies are whole: nothing that is called here takes a stream.
fn sendable(request: HttpRequest) -> Result<reqwest::Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let whole = body.bytes().ok_or_else(|| ConnectorError::user("the body is a stream".into()))?;
    let whole = bytes::Bytes::copy_from_slice(whole);
    reqwest::Request::try_from(http::Request::from_parts(parts, whole))
        .map_err(|error| ConnectorError::user(error.into()))
}

/// As the SDK's own client tells it: by this the SDK decides whether to try again.
fn failed(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    fn request(to: std::net::SocketAddr) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from("{\"A\":1}"));
        request.set_method("POST").unwrap();
        request.set_uri(format!("http://{to}/")).unwrap();
        request.headers_mut().insert("x-amz-target", "Service.Do");
        request
    }

    async fn call(request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        Shared(client(Roots::Mozilla).unwrap()).call(request).await
    }

    #[tokio::test]
    async fn what_the_sdk_sends_and_what_aws_answers_pass_unchanged() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let to = listener.local_addr().unwrap();
        let served = tokio::spawn(async move {
            let (mut peer, _) = listener.accept().await.unwrap();
            let mut got = vec![0; 4096];
            let mut length = 0;
            while !got[..length].ends_with(b"{\"A\":1}") {
                length += peer.read(&mut got[length..]).await.unwrap();
            }
            let answer = "HTTP/1.1 400 Bad Request\r\nx-amzn-errortype: Refused\r\ncontent-length: 4\r\n\r\nfour";
            peer.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(got[..length].to_vec()).unwrap()
        });
        let answer = call(request(to)).await.unwrap();
        assert_eq!(answer.status().as_u16(), 400);
        assert_eq!(answer.headers().get("x-amzn-errortype"), Some("Refused"));
        assert_eq!(answer.body().bytes(), Some(b"four".as_slice()));
        let sent = served.await.unwrap();
        assert!(sent.starts_with("POST / HTTP/1.1\r\n"), "{sent}");
        assert!(sent.contains("x-amz-target: Service.Do\r\n"), "{sent}");
    }

    #[tokio::test]
    async fn what_cannot_be_reached_is_told_so_that_the_sdk_tries_again() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let nobody = listener.local_addr().unwrap();
        drop(listener);
        let error = call(request(nobody)).await.unwrap_err();
        assert!(error.is_io(), "{error:?}");
    }
}
