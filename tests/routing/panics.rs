//! A panic is our own fault: a 500 in the API's format, and the worker goes on.

use std::io::{Read, Write};

use actix_charter::prelude::*;
use actix_web::{
    App, FromRequest, HttpRequest,
    dev::{Payload, Service},
};

use crate::{
    answer::{ask, get},
    app,
};

struct Shaky;

/// An extractor that panics.
struct Bad;

impl FromRequest for Bad {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        panic!("a secret of the extractor")
    }
}

#[controller(path = "/shaky")]
impl Shaky {
    #[get("/handler")]
    async fn handler(&self) -> NoContent {
        panic!("a secret of the handler")
    }

    #[get("/sync")]
    fn sync(&self) -> NoContent {
        panic!("a secret of {}", "the handler")
    }

    #[get("/extractor")]
    fn extractor(&self, _bad: Bad) -> NoContent {
        NoContent
    }

    #[get("/fine")]
    fn fine(&self) -> Text {
        Text("fine".into())
    }
}

fn api() -> Router {
    Router::new("/api").controller(Shaky).nest(
        Router::new("/mw")
            .wrap(|| {
                actix_web::middleware::from_fn(
                    async |request: actix_web::dev::ServiceRequest, next: actix_web::middleware::Next<_>| {
                        assert!(request.path() != "/api/mw/shaky/fine", "a secret of the middleware");
                        next.call(request).await.map(actix_web::dev::ServiceResponse::map_into_boxed_body)
                    },
                )
            })
            .hidden()
            .controller(Shaky),
    )
}

#[actix_web::test]
async fn is_a_500_that_says_nothing() {
    let app = app!(api());
    for path in [
        "/api/shaky/handler",
        "/api/shaky/sync",
        "/api/shaky/extractor",
        "/api/mw/shaky/handler",
        "/api/mw/shaky/fine",
    ] {
        let problem = ask(&app, get(path)).await.problem(500, "internal");
        assert!(!problem.to_string().contains("secret"), "{path}: {problem}");
    }
    ask(&app, get("/api/shaky/fine")).await.is(200, "fine");
}

#[actix_web::test]
async fn and_the_application_around_it_sees_an_answer() {
    let app = actix_web::test::init_service(
        App::new()
            .wrap_fn(|request, service| {
                let answer = service.call(request);
                async move { answer.await.inspect(|answer| assert_eq!(answer.status(), 500)) }
            })
            .service(api()),
    )
    .await;
    ask(&app, get("/api/shaky/handler")).await.problem(500, "internal");
}

#[actix_web::test]
async fn the_connection_stays_usable() {
    let server = actix_test::start_with(actix_test::config().workers(1), || App::new().service(api()));
    let mut socket = std::net::TcpStream::connect(server.addr()).unwrap();
    let paths = ["handler", "extractor", "fine", "handler", "fine"];
    for (at, path) in paths.iter().enumerate() {
        let last = if at + 1 == paths.len() { "connection: close\r\n" } else { "" };
        write!(socket, "GET /api/shaky/{path} HTTP/1.1\r\nhost: x\r\n{last}\r\n").unwrap();
    }
    let mut told = String::new();
    socket.read_to_string(&mut told).unwrap();
    let statuses: Vec<_> = told
        .match_indices("HTTP/1.1 ")
        .map(|(at, start)| &told[at + start.len()..at + start.len() + 3])
        .collect();
    assert_eq!(statuses, ["500", "500", "200", "500", "200"], "{told}");
}
