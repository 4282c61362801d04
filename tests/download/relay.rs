//! Somebody else sends the file.

use std::num::NonZeroU64;

use actix_charter::download::{Delivery, Download, LocalFile, Relay, offload::Offload};
use actix_web::{
    App, HttpRequest, HttpResponse, Responder, http::header::HeaderName, test::TestRequest, web,
};

use crate::{
    fixture::{Files, HELLO},
    wire::{get, send},
};

/// Takes all files that are not called `mine`.
#[derive(Debug)]
struct Proxy;

impl Relay for Proxy {
    fn takes(&self, _: &HttpRequest, file: &LocalFile, _: Option<NonZeroU64>) -> bool {
        !file.path().ends_with("mine.txt")
    }

    fn relay(
        &self,
        request: &HttpRequest,
        file: &LocalFile,
        rate_limit: Option<NonZeroU64>,
        mut whole: HttpResponse,
    ) -> Result<HttpResponse, HttpResponse> {
        if !self.takes(request, file, rate_limit) {
            return Err(whole);
        }
        let name = file.path().file_name().unwrap().to_str().unwrap().parse().unwrap();
        whole.headers_mut().insert(HeaderName::from_static("x-accel-redirect"), name);
        Ok(whole)
    }
}

#[actix_web::test]
async fn the_whole_file_is_handed_over() {
    let files = Files::new();
    files.write("mine.txt", "mine");
    files.write("hello.txt.gz", "GZIPPED");
    let root = files.root.clone();
    let server = actix_test::start(move || {
        let root = root.clone();
        App::new().app_data(Delivery::new().relay(Proxy)).route(
            "/{name}",
            web::route().to(move |name: web::Path<String>| {
                let download = Download::path(&root, name.into_inner()).precompressed();
                async move { download }
            }),
        )
    });
    let at = server.addr();
    let accept = ("Accept-Encoding", "gzip");
    for (method, headers) in
        [("GET", &[][..]), ("GET", &[("Range", "bytes=0-1"), accept]), ("HEAD", &[accept])]
    {
        let answer = send(at, method, "/hello.txt", headers);
        assert_eq!((answer.status, answer.header("x-accel-redirect")), (200, Some("hello.txt")));
        assert_eq!((answer.header("content-length"), answer.body.len()), (Some("0"), 0));
        assert_eq!(answer.header("accept-ranges"), None);
        assert_eq!(answer.header("content-encoding"), None);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(answer.header("etag").is_some());
    }
    let tag = get(at, "/hello.txt", &[]).header("etag").unwrap().to_owned();
    for (headers, status) in [([("If-None-Match", tag.as_str())], 304), ([("If-Match", "\"x\"")], 412)] {
        let answer = get(at, "/hello.txt", &headers);
        assert_eq!((answer.status, answer.header("x-accel-redirect")), (status, None));
    }
    let answer = get(at, "/missing", &[]);
    assert_eq!((answer.status, answer.header("x-accel-redirect")), (404, None));
    let answer = send(at, "POST", "/hello.txt", &[("Content-Length", "0")]);
    assert_eq!((answer.text(), answer.header("x-accel-redirect")), (HELLO, None));
    let answer = get(at, "/mine.txt", &[("Range", "bytes=0-1")]);
    assert_eq!((answer.status, answer.text(), answer.header("x-accel-redirect")), (206, "mi", None));
}

/// Declines every file, and leaves an order in the answer.
#[derive(Debug)]
struct Meddler;

impl Relay for Meddler {
    fn takes(&self, _: &HttpRequest, _: &LocalFile, _: Option<NonZeroU64>) -> bool {
        false
    }

    fn relay(
        &self,
        _: &HttpRequest,
        _: &LocalFile,
        _: Option<NonZeroU64>,
        mut whole: HttpResponse,
    ) -> Result<HttpResponse, HttpResponse> {
        for name in ["x-sendfile", "x-accel-limit-rate", "accept-ranges"] {
            whole.headers_mut().insert(HeaderName::from_static(name), "none".parse().unwrap());
        }
        Err(whole)
    }
}

#[actix_web::test]
async fn what_one_that_declined_left_is_taken_out() {
    let files = Files::new();
    let offload = |min| Offload::nginx().map(files.path(), "/files/").unwrap().min_size(min);
    for (min, redirect, ranges) in [(0, Some("/files~own/hello.txt"), None), (1000, None, Some("bytes"))] {
        let delivery = Delivery::new().relay(Meddler).offload(offload(min));
        let request = TestRequest::get().app_data(delivery).to_http_request();
        let answer = Download::path(&files.root, "hello.txt").respond_to(&request);
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
        assert_eq!((header("x-accel-redirect"), header("accept-ranges")), (redirect, ranges));
        assert_eq!((header("x-sendfile"), header("x-accel-limit-rate")), (None, None));
    }
}

#[actix_web::test]
async fn no_request_header_has_influence() {
    let files = Files::new();
    let server = files.serve();
    let headers = [
        ("X-Accel-Redirect", "/etc/passwd"),
        ("X-Sendfile-Type", "X-Accel-Redirect"),
        ("X-Accel-Mapping", "/=/"),
        ("X-Sendfile", "/etc/passwd"),
    ];
    let answer = get(server.addr(), "/hello.txt", &headers);
    assert_eq!(answer.text(), HELLO);
    assert!(answer.headers.iter().all(|(name, _)| !name.contains("accel") && !name.contains("sendfile")));
}
