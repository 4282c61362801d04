use std::{fmt, rc::Rc};

use actix_http::Request;
use actix_web::{
    App,
    body::MessageBody,
    dev::{HttpServiceFactory, Service, ServiceResponse},
    http::{
        Method,
        header::{HeaderName, HeaderValue, TryIntoHeaderPair},
    },
    test::init_service,
    web::ServiceConfig,
};

use super::{
    Contract, DocumentContract, RequestBuilder, Transport,
    transport::{InProcess, Socket},
};

/// Sends requests to an application. Cheap to clone.
#[derive(Clone)]
pub struct TestClient {
    pub(super) transport: Rc<dyn Transport>,
    pub(super) contracts: Vec<Rc<dyn Contract>>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl TestClient {
    /// A client of one router, or of anything else that `App::service` takes, in this process.
    ///
    /// Every answer of a [`Router`](crate::router::Router) is held to its document, as
    /// [`DocumentContract`] says; [`unchecked`](RequestBuilder::unchecked) requests are not.
    ///
    /// ```
    /// use actix_charter::testing::TestClient;
    /// use actix_web::{HttpResponse, web};
    ///
    /// # #[actix_web::main] async fn main() {
    /// let scope = web::scope("/api").route("/ping", web::get().to(HttpResponse::NoContent));
    /// let client = TestClient::new(scope).await;
    /// client.get("/api/ping").send().await.assert_status(204).assert_no_body();
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the router cannot be mounted, or its operations cannot stand in one document.
    pub async fn new(router: impl HttpServiceFactory + 'static) -> Self {
        let contract = DocumentContract::of_service(&router);
        let client = Self::service(init_service(App::new().service(router)).await);
        match contract {
            None => client,
            Some(Ok(contract)) => client.contract(contract),
            Some(Err(errors)) => panic!("{errors}"),
        }
    }

    /// A client of an application that is configured by a function, in this process.
    pub async fn configured(configure: impl FnOnce(&mut ServiceConfig)) -> Self {
        Self::service(init_service(App::new().configure(configure)).await)
    }

    /// A client of any application, its middleware included: hand in what
    /// [`init_service`](actix_web::test::init_service) gives.
    pub fn service<S, B>(service: S) -> Self
    where
        S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
        B: MessageBody + 'static,
    {
        Self::over(InProcess(service))
    }

    /// A client of the server at `base`, such as `http://127.0.0.1:8080`, over HTTP/1.1. Redirects are not followed.
    #[must_use]
    pub fn at(base: &str) -> Self {
        Self::over(Socket::new(base))
    }

    /// A client that sends in a way of your own.
    pub fn over(transport: impl Transport) -> Self {
        Self { transport: Rc::new(transport), contracts: Vec::new(), headers: Vec::new() }
    }

    /// Holds every answer to this contract, too. An answer that breaks it fails the test.
    #[must_use]
    pub fn contract(mut self, contract: impl Contract + 'static) -> Self {
        self.contracts.push(Rc::new(contract));
        self
    }

    /// Sends this header with every request.
    ///
    /// # Panics
    /// When it is no header.
    #[must_use]
    #[track_caller]
    pub fn header(mut self, header: impl TryIntoHeaderPair) -> Self {
        self.headers.push(pair(header));
        self
    }

    /// Sends `Authorization: Bearer` with every request.
    ///
    /// # Panics
    /// When the token cannot stand in a header.
    #[must_use]
    #[track_caller]
    pub fn bearer(self, token: &str) -> Self {
        self.header(("authorization", format!("Bearer {token}")))
    }

    /// A request with any method.
    pub fn request(&self, method: Method, target: &str) -> RequestBuilder {
        RequestBuilder::new(self.clone(), method, target)
    }

    /// A GET request; `target` is path and query.
    pub fn get(&self, target: &str) -> RequestBuilder {
        self.request(Method::GET, target)
    }

    /// A HEAD request.
    pub fn head(&self, target: &str) -> RequestBuilder {
        self.request(Method::HEAD, target)
    }

    /// A POST request.
    pub fn post(&self, target: &str) -> RequestBuilder {
        self.request(Method::POST, target)
    }

    /// A PUT request.
    pub fn put(&self, target: &str) -> RequestBuilder {
        self.request(Method::PUT, target)
    }

    /// A PATCH request.
    pub fn patch(&self, target: &str) -> RequestBuilder {
        self.request(Method::PATCH, target)
    }

    /// A DELETE request.
    pub fn delete(&self, target: &str) -> RequestBuilder {
        self.request(Method::DELETE, target)
    }

    /// An OPTIONS request.
    pub fn options(&self, target: &str) -> RequestBuilder {
        self.request(Method::OPTIONS, target)
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may hold credentials.
        f.debug_struct("TestClient").field("contracts", &self.contracts.len()).finish_non_exhaustive()
    }
}

#[track_caller]
pub(super) fn pair(header: impl TryIntoHeaderPair) -> (HeaderName, HeaderValue) {
    match header.try_into_pair() {
        Ok(pair) => pair,
        Err(_) => panic!("this cannot be sent as a header"),
    }
}
