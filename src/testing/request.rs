use std::{fmt, future::Future, panic::Location};

use actix_web::http::{
    Method, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderName, HeaderValue, TryIntoHeaderPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Serialize;

use super::{MultipartForm, Outgoing, TestClient, TestResponse, client::pair};

/// A request that is being put together. [`send`](Self::send) sends it.
///
/// # Panics
/// All methods, at the line of the test, when what they are given cannot be sent.
#[must_use = "nothing happens before `send`"]
pub struct RequestBuilder {
    client: TestClient,
    checked: bool,
    request: Outgoing,
    cookies: Vec<String>,
}

impl RequestBuilder {
    pub(super) fn new(client: TestClient, method: Method, target: &str) -> Self {
        let headers = client.headers.clone();
        let request = Outgoing { method, target: target.to_owned(), headers, body: Bytes::new() };
        Self { client, checked: true, request, cookies: Vec::new() }
    }

    /// Adds the fields of `query` to the query string. Lists become repeated names.
    #[track_caller]
    pub fn query(mut self, query: &(impl Serialize + ?Sized)) -> Self {
        match serde_html_form::to_string(query) {
            Ok(text) if text.is_empty() => {}
            Ok(text) => {
                self.request.target.push(if self.request.target.contains('?') { '&' } else { '?' });
                self.request.target.push_str(&text);
            }
            Err(error) => panic!("this cannot be sent as a query: {error}"),
        }
        self
    }

    /// Adds a header. One that is there already is kept beside it, unless it came from the client.
    #[track_caller]
    pub fn header(mut self, header: impl TryIntoHeaderPair) -> Self {
        let (name, value) = pair(header);
        self.add(name, value);
        self
    }

    /// Leaves out a header that the client sends with every request.
    pub fn without(mut self, name: &str) -> Self {
        self.request.headers.retain(|(other, _)| !other.as_str().eq_ignore_ascii_case(name));
        self
    }

    /// Sends `Accept`.
    #[track_caller]
    pub fn accept(self, media_types: &str) -> Self {
        self.header((ACCEPT, media_types))
    }

    /// Sends `Authorization: Bearer`.
    #[track_caller]
    pub fn bearer(self, token: &str) -> Self {
        self.header((AUTHORIZATION, format!("Bearer {token}")))
    }

    /// Sends `Authorization: Basic`.
    #[track_caller]
    pub fn basic(self, username: &str, password: &str) -> Self {
        self.header((AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))))
    }

    /// Sends a cookie, as it stands.
    pub fn cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.push(format!("{name}={value}"));
        self
    }

    /// Sends this body, with this `Content-Type`.
    #[track_caller]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.request.headers.retain(|(name, _)| name != CONTENT_TYPE);
        self.request.body = body.into();
        self.header((CONTENT_TYPE, content_type))
    }

    /// Sends this value as `application/json`.
    #[track_caller]
    pub fn json(self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.body("application/json", body),
            Err(error) => panic!("this cannot be sent as JSON: {error}"),
        }
    }

    /// Sends this value as `application/x-www-form-urlencoded`.
    #[track_caller]
    pub fn form(self, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_html_form::to_string(value) {
            Ok(body) => self.body("application/x-www-form-urlencoded", body),
            Err(error) => panic!("this cannot be sent as a form: {error}"),
        }
    }

    /// Sends this value as `application/msgpack`.
    #[cfg(feature = "msgpack")]
    #[track_caller]
    pub fn msgpack(self, value: &(impl Serialize + ?Sized)) -> Self {
        match rmp_serde::to_vec_named(value) {
            Ok(body) => self.body("application/msgpack", body),
            Err(error) => panic!("this cannot be sent as MessagePack: {error}"),
        }
    }

    /// Sends this form as `multipart/form-data`.
    #[track_caller]
    pub fn multipart(self, form: MultipartForm) -> Self {
        let (content_type, body) = form.finish();
        self.body(&content_type, body)
    }

    /// Does not hold the answer to the client's contract. For requests that no contract speaks of.
    pub fn unchecked(mut self) -> Self {
        self.checked = false;
        self
    }

    /// Sends the request, waits for the whole answer, and holds it to the client's contracts.
    ///
    /// # Panics
    /// The future, at this line of the test, when there is no answer or it breaks a contract.
    #[track_caller]
    pub fn send(mut self) -> impl Future<Output = TestResponse> {
        let caller = Location::caller();
        if !self.cookies.is_empty() {
            let (name, value) = pair((COOKIE, self.cookies.join("; ")));
            self.request.headers.push((name, value));
        }
        let Outgoing { method, target, .. } = &self.request;
        if !target.starts_with('/') || target.parse::<Uri>().is_err() {
            panic!("`{target}` is no path with a query; encode what is not ASCII");
        }
        let (method, target) = (method.clone(), target.clone());
        async move {
            let received = match self.client.transport.send(self.request).await {
                Ok(received) => received,
                Err(error) => panic!("{error}\n  {method} {target}, sent at {caller}"),
            };
            let response = TestResponse::new(method, target, received);
            if self.checked {
                let exchange = response.exchange();
                let check = |contract: &std::rc::Rc<dyn super::Contract>| contract.check(&exchange).err();
                let broken: Vec<String> = self.client.contracts.iter().filter_map(check).flatten().collect();
                if !broken.is_empty() {
                    let list = broken.join("\n  - ");
                    panic!("the answer breaks its contract:\n  - {list}\n{response}\nsent at {caller}");
                }
            }
            response
        }
    }

    /// The first value for a name replaces what came from the client.
    fn add(&mut self, name: HeaderName, value: HeaderValue) {
        let inherited = &self.client.headers;
        self.request.headers.retain(|present| present.0 != name || !inherited.contains(present));
        self.request.headers.push((name, value));
    }
}

impl fmt::Debug for RequestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuilder")
            .field("method", &self.request.method)
            .field("target", &self.request.target)
            .finish_non_exhaustive()
    }
}
