//! A server in front that ends what broke off as if it were whole is given lengths.

use std::{io, num::NonZeroU64, time::Duration};

use actix_charter::{
    download::{Delivery, LocalFile, Relay, offload::Offload},
    prelude::*,
};
use actix_test::{TestServer, TestServerConfig};
use actix_web::{App, HttpRequest, HttpResponse, body::to_bytes, dev::Service as _, test, web};
use futures_util::{FutureExt, stream};

use crate::wire::{Answer, get, send};

/// `/{bytes}`, and where the query is `breaks`, an error after them; `panics`, a panic.
fn made(request: &HttpRequest) -> Download {
    let length: usize = request.match_info().query("length").parse().unwrap();
    let fails = request.query_string().to_owned();
    let mut chunks: Vec<usize> = vec![1000; length / 1000];
    chunks.push(length % 1000);
    chunks.push(usize::MAX);
    let chunks = chunks.into_iter().filter_map(move |length| match (length, &*fails) {
        (usize::MAX, "breaks") => Some(Err(io::Error::other("as told"))),
        (usize::MAX, "panics") => panic!("as told"),
        (usize::MAX, _) => None,
        (length, _) => Some(Ok("x".repeat(length))),
    });
    Download::stream(stream::iter(chunks)).file_name("rows.csv")
}

struct Rows;

#[controller(path = "/rows")]
impl Rows {
    #[get("/{length}")]
    async fn read(&self, request: HttpRequest, length: Path<usize>) -> Download {
        assert!(length.0 < usize::MAX);
        made(&request)
    }
}

fn serve(delivery: Delivery) -> TestServer {
    actix_test::start_with(TestServerConfig::default().workers(1), move || {
        let send = async |request: HttpRequest| made(&request);
        let own = delivery.clone();
        App::new()
            .wrap(delivery.clone())
            .service(web::scope("/off").wrap(Delivery::new()).route("/{length}", web::get().to(send)))
            .service(Router::new("/api").controller(Rows))
            .service(Router::new("/own").wrap(move || own.clone()).controller(Rows))
            .route("/{length}", web::route().to(send))
    })
}

fn is_counted(answer: &Answer, length: usize) -> bool {
    assert_eq!((answer.status, answer.body.len(), answer.whole), (200, length, true), "{answer:?}");
    assert_eq!(answer.header("accept-ranges"), Some("none"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"rows.csv\""));
    let is_counted = answer.header("content-length") == Some(&length.to_string());
    assert_ne!(is_counted, answer.header("transfer-encoding") == Some("chunked"));
    is_counted
}

#[actix_web::test]
async fn a_stream_is_sent_with_its_length_or_not_at_all() {
    for offload in [Offload::lighttpd(), Offload::caddy(), Offload::nginx().gather(1 << 20)] {
        let server = serve(offload.into());
        let at = server.addr();
        for path in ["", "/api/rows", "/own/rows"] {
            for length in [0, 1, 150_000, 1 << 20] {
                assert!(is_counted(&get(at, &format!("{path}/{length}"), &[]), length));
            }
            // Too long: as without.
            assert!(!is_counted(&get(at, &format!("{path}/{}", (1 << 20) + 1), &[]), (1 << 20) + 1));
            for fails in ["breaks", "panics"] {
                let answer = get(at, &format!("{path}/150000?{fails}"), &[]);
                assert_eq!((answer.status, answer.whole), (500, true), "{answer:?}");
                for of_a_file in ["content-disposition", "accept-ranges", "etag"] {
                    assert_eq!(answer.header(of_a_file), None, "{answer:?}");
                }
                let is_problem = answer.header("content-type") == Some("application/problem+json");
                // What is outside a router has no part in its problems.
                assert_eq!(is_problem, path.starts_with("/own"), "{answer:?}");
                let answer = get(at, &format!("{path}/2000000?{fails}"), &[]);
                assert_eq!((answer.status, answer.whole), (200, false), "{path}");
            }
        }
        // Nothing is made for HEAD.
        let answer = send(at, "HEAD", "/5?panics", &[]);
        assert_eq!((answer.status, answer.header("content-length")), (200, None));
        assert!(is_counted(&send(at, "POST", "/5", &[("Content-Length", "0")]), 5));
        assert!(!is_counted(&get(at, "/off/5", &[]), 5));
        let answer = get(at, "/off/150000?breaks", &[]);
        assert_eq!((answer.status, answer.whole), (200, false));
    }
}

#[actix_web::test]
async fn nobody_else_waits() {
    let elsewhere = || Offload::caddy().trusted_peers(["192.0.2.1"]).unwrap();
    for delivery in [
        Delivery::new(),
        Offload::nginx().into(),
        Offload::apache().into(),
        Offload::litespeed().into(),
        Offload::caddy().gather(0).into(),
        elsewhere().into(),
    ] {
        let server = serve(delivery);
        for path in ["", "/api/rows"] {
            assert!(!is_counted(&get(server.addr(), &format!("{path}/5"), &[]), 5));
            let answer = get(server.addr(), &format!("{path}/150000?breaks"), &[]);
            assert_eq!((answer.status, answer.whole), (200, false));
        }
    }
    let here = Offload::lighttpd().trusted_peers(["127.0.0.1"]).unwrap();
    let server = serve(Delivery::from(elsewhere()).offload(here));
    assert!(is_counted(&get(server.addr(), "/5", &[]), 5));
}

/// Of a relay that is a user's own.
#[actix_web::test]
async fn a_relay_says_what_is_gathered() {
    #[derive(Debug)]
    struct Forgetful;
    impl Relay for Forgetful {
        fn takes(&self, _: &HttpRequest, _: &LocalFile, _: Option<NonZeroU64>) -> bool {
            false
        }
        fn relay(
            &self,
            _: &HttpRequest,
            _: &LocalFile,
            _: Option<NonZeroU64>,
            whole: HttpResponse,
        ) -> Result<HttpResponse, HttpResponse> {
            Err(whole)
        }
        fn gathers(&self, request: &HttpRequest) -> usize {
            if request.headers().contains_key("x-more") { 100 } else { 10 }
        }
    }
    let server = serve(Delivery::new().relay(Forgetful));
    for (length, headers, counted) in [
        (10, &[][..], true),
        (11, &[], false),
        (100, &[("X-More", "")], true),
        (101, &[("X-More", "")], false),
    ] {
        assert_eq!(
            is_counted(&get(server.addr(), &format!("/{length}"), headers), length),
            counted,
            "{length}"
        );
    }
}

#[actix_web::test]
async fn a_limit_of_the_rate_is_the_clients() {
    tokio::time::pause();
    let limited =
        async || Download::stream(stream::iter([Ok::<_, io::Error>("x".repeat(1000))])).rate_limit(100);
    let app = App::new().wrap(Delivery::from(Offload::caddy())).route("/", web::get().to(limited));
    let app = test::init_service(app).await;
    // Gathered at once.
    let answer = app.call(test::TestRequest::get().to_request()).now_or_never().unwrap().unwrap();
    let before = tokio::time::Instant::now();
    assert_eq!(to_bytes(answer.into_body()).await.ok().unwrap().len(), 1000);
    assert!(before.elapsed() > Duration::from_secs(9));
}
