use std::{fmt, net::Ipv4Addr};

use actix_http::Request;
use actix_web::{
    body::{MessageBody, to_bytes},
    dev::{Service, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue},
    },
    test::TestRequest,
};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;

/// A request, ready to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Path and query: `/users?page=2`.
    pub target: String,
    /// The headers, in order.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body; empty for none.
    pub body: Bytes,
}

/// An answer, as it was received.
#[derive(Debug, Clone)]
pub struct Received {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// How a request gets to the application.
pub trait Transport: 'static {
    /// Sends a request and waits for the whole answer.
    ///
    /// The future's error says why there was none.
    fn send(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Received, String>>;
}

/// Calls the application's service directly. No socket, no other thread.
pub(super) struct InProcess<S>(pub(super) S);

impl<S, B> Transport for InProcess<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
{
    fn send(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Received, String>> {
        Box::pin(async move {
            let is_head = request.method == Method::HEAD;
            let mut built = TestRequest::with_uri(&request.target)
                .method(request.method)
                .peer_addr((Ipv4Addr::LOCALHOST, 49152).into())
                .insert_header((HOST, "localhost"));
            if !request.body.is_empty() {
                built = built.insert_header((CONTENT_LENGTH, request.body.len()));
            }
            for (name, value) in request.headers {
                // Only the host of our own is replaced; what the test says twice is sent twice.
                built = if name == HOST {
                    built.insert_header((name, value))
                } else {
                    built.append_header((name, value))
                };
            }
            let called = self.0.call(built.set_payload(request.body).to_request()).await;
            // A middleware's error becomes an answer in the server, too.
            let (status, headers, body) = match called {
                Ok(response) => {
                    let (head, body) = response.into_parts().1.into_parts();
                    (
                        head.status(),
                        head.headers().clone(),
                        to_bytes(body).await.map_err(|error| error.into().to_string()),
                    )
                }
                Err(error) => {
                    let (head, body) = error.error_response().into_parts();
                    (
                        head.status(),
                        head.headers().clone(),
                        to_bytes(body).await.map_err(|error| error.to_string()),
                    )
                }
            };
            let body = body.map_err(|error| format!("the body broke off: {error}"))?;
            // The server does not send it either.
            let body = if is_head { Bytes::new() } else { body };
            Ok(Received { status, headers, body })
        })
    }
}

impl<S> fmt::Debug for InProcess<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

/// Speaks HTTP to a server.
pub(super) struct Socket {
    base: String,
    client: awc::Client,
}

impl Socket {
    /// `base` is scheme and authority, such as `http://127.0.0.1:8080`.
    pub(super) fn new(base: &str) -> Self {
        // A redirect is an answer, and the test wants to see it.
        let client = awc::Client::builder().disable_redirects().no_default_headers().finish();
        Self { base: base.trim_end_matches('/').to_owned(), client }
    }
}

impl Transport for Socket {
    fn send(&self, request: Outgoing) -> LocalBoxFuture<'_, Result<Received, String>> {
        Box::pin(async move {
            let mut built = self.client.request(request.method, format!("{}{}", self.base, request.target));
            for header in request.headers {
                built = built.append_header(header);
            }
            let sent = if request.body.is_empty() { built.send() } else { built.send_body(request.body) };
            let mut response = sent.await.map_err(|error| format!("there was no answer: {error}"))?;
            let body = response.body().limit(usize::MAX).await;
            let body = body.map_err(|error| format!("the body broke off: {error}"))?;
            Ok(Received { status: response.status(), headers: response.headers().clone(), body })
        })
    }
}
