//! The cases of a download, with a remote server that does its part, and with one that knows no ranges.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use actix_charter::download::{Download, origin::Origin};
use actix_test::TestServer;
use actix_web::{App, HttpRequest, HttpResponse, http::header, web};

use crate::{
    remote::Remote,
    site::{LOOPBACK, is_error, site, site_as},
    wire::send,
};

const HELLO: &str = "Hello, world!";
const MODIFIED: &str = "Tue, 02 Jan 2024 03:04:05 GMT";
const EARLIER: &str = "Tue, 02 Jan 2024 03:04:04 GMT";

type Seen = Arc<Mutex<Vec<(String, Option<String>, Option<String>)>>>;

/// Sends `content` as this crate does: with ranges and `If-Range`. What it was asked (method, `Range`, `If-Range`) is kept.
fn good(content: &'static str) -> (TestServer, Origin, Seen) {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let server = actix_test::start(move || {
        let kept = Arc::clone(&kept);
        App::new().default_service(web::to(move |request: HttpRequest| {
            let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            let asked = (request.method().to_string(), header(header::RANGE), header(header::IF_RANGE));
            kept.lock().unwrap().push(asked);
            let modified = UNIX_EPOCH + Duration::from_secs(1_704_164_645);
            let download =
                Download::bytes(content).etag("v1").last_modified(modified).media_type("text/html");
            async move { download }
        }))
    });
    let address = format!("http://{}", server.addr());
    let origin = Origin::new().allow(address.as_str()).unwrap().allow_private(LOOPBACK).unwrap();
    (server, origin, seen)
}

fn url(server: &TestServer) -> String {
    format!("http://{}/files/hello.txt?v=1", server.addr())
}

#[actix_web::test]
async fn all_of_it() {
    let (remote, origin, seen) = good(HELLO);
    let site = site(&origin, url(&remote));
    for method in ["GET", "HEAD"] {
        // A `Range` is for GET only.
        let headers = if method == "HEAD" { &[("Range", "bytes=0-1")][..] } else { &[] };
        let answer = send(site.addr(), method, "/", headers);
        assert_eq!(answer.status, 200);
        for (name, value) in [
            ("content-length", "13"),
            ("accept-ranges", "bytes"),
            ("etag", "\"v1\""),
            ("last-modified", MODIFIED),
            ("content-type", "text/html"),
            ("content-disposition", "attachment; filename=\"hello.txt\""),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{method}");
        }
        assert_eq!(answer.text(), if method == "HEAD" { "" } else { HELLO });
    }
    let asked: Vec<_> = std::mem::take(&mut *seen.lock().unwrap());
    assert_eq!(asked, [("GET".to_owned(), None, None), ("HEAD".to_owned(), None, None)]);
}

#[actix_web::test]
async fn ranges() {
    let (remote, origin, seen) = good(HELLO);
    let site = site(&origin, url(&remote));
    for (range, part, body) in [
        ("bytes=5-", "bytes 5-12/13", ", world!"),
        ("bytes=-3", "bytes 10-12/13", "ld!"),
        ("bytes=12-12", "bytes 12-12/13", "!"),
        ("bytes=-100", "bytes 0-12/13", HELLO),
        ("bytes=7-99999999999999999999", "bytes 7-12/13", "world!"),
        ("BYTES=0-1", "bytes 0-1/13", "He"),
    ] {
        let answer = send(site.addr(), "GET", "/", &[("Range", range)]);
        assert_eq!((answer.status, answer.text()), (206, body), "{range}");
        let length = body.len().to_string();
        for (name, value) in [
            ("content-range", part),
            ("content-length", length.as_str()),
            ("accept-ranges", "bytes"),
            ("etag", "\"v1\""),
            ("content-disposition", "attachment; filename=\"hello.txt\""),
        ] {
            assert_eq!(answer.header(name), Some(value), "{range}");
        }
        let asked = seen.lock().unwrap().pop().unwrap();
        assert_eq!(asked.1.as_deref(), Some(range));
        assert!(seen.lock().unwrap().is_empty(), "it was asked for once");
    }
    // Not passed on: what is no single range in bytes.
    for range in ["items=0-1", "bytes=0-0,5-6", "bytes=50-,60-", "bytes=5-4", "bytes=abc", "bytes=-"] {
        let answer = send(site.addr(), "GET", "/", &[("Range", range)]);
        assert_eq!((answer.status, answer.text()), (200, HELLO), "{range}");
        assert_eq!(seen.lock().unwrap().pop().unwrap().1, None, "{range}");
    }
    let twice = send(site.addr(), "GET", "/", &[("Range", "bytes=0-1"), ("Range", "bytes=2-3")]);
    assert_eq!((twice.status, twice.text()), (200, HELLO));
    for range in ["bytes=13-", "bytes=-0", "bytes=99-100"] {
        let answer = send(site.addr(), "GET", "/", &[("Range", range)]);
        is_error(&answer, 416);
        assert_eq!(answer.header("content-range"), Some("bytes */13"));
    }
    // Another method than GET and HEAD is asked for all of it.
    let answer = send(site.addr(), "POST", "/", &[("Range", "bytes=0-1"), ("Content-Length", "0")]);
    assert_eq!((answer.status, answer.text()), (200, HELLO));
    assert_eq!(seen.lock().unwrap().last().unwrap(), &("GET".to_owned(), None, None));
}

#[actix_web::test]
async fn conditions_are_judged_here() {
    let (remote, origin, _) = good(HELLO);
    let site = site(&origin, url(&remote));
    let range = ("Range", "bytes=0-4");
    for (headers, status) in [
        (&[("If-None-Match", "\"v1\"")][..], 304),
        (&[("If-None-Match", "W/\"v1\"")], 304),
        (&[("If-None-Match", "\"a,b\", \"v1\"")], 304),
        (&[("If-None-Match", "*")], 304),
        (&[("If-None-Match", "\"v0\"")], 200),
        (&[("If-Modified-Since", MODIFIED)], 304),
        (&[("If-Modified-Since", EARLIER)], 200),
        (&[("If-Match", "\"v0\"")], 412),
        (&[("If-Match", "W/\"v1\"")], 412),
        (&[("If-Match", "*")], 200),
        (&[("If-Unmodified-Since", EARLIER)], 412),
        (&[range, ("If-None-Match", "\"v1\"")], 304),
        (&[range, ("If-Match", "\"v0\"")], 412),
        (&[range, ("If-Match", "\"v1\"")], 206),
        (&[range, ("If-Range", "\"v1\"")], 206),
        (&[range, ("If-Range", MODIFIED)], 206),
        (&[range, ("If-Range", "\"v0\"")], 200),
        (&[range, ("If-Range", "W/\"v1\"")], 200),
        (&[range, ("If-Range", EARLIER)], 200),
        (&[("If-Range", "\"v1\"")], 200),
        // Beyond the end, but that is not what it comes to.
        (&[("Range", "bytes=13-"), ("If-None-Match", "\"v1\"")], 304),
        (&[("Range", "bytes=13-"), ("If-Match", "\"v0\"")], 412),
        (&[("Range", "bytes=13-"), ("If-Range", "\"v0\"")], 200),
    ] {
        let answer = send(site.addr(), "GET", "/", headers);
        assert_eq!(answer.status, status, "{headers:?}");
        match status {
            200 => assert_eq!(answer.text(), HELLO),
            206 => assert_eq!(answer.text(), "Hello"),
            304 => {
                assert_eq!(answer.header("etag"), Some("\"v1\""));
                assert!(answer.body.is_empty());
                assert_eq!(answer.header("content-disposition"), None);
            }
            _ => is_error(&answer, status),
        }
    }
}

#[actix_web::test]
async fn an_empty_file() {
    let (remote, origin, _) = good("");
    let site = site(&origin, url(&remote));
    let answer = send(site.addr(), "GET", "/", &[]);
    assert_eq!((answer.status, answer.header("content-length"), answer.text()), (200, Some("0"), ""));
    let answer = send(site.addr(), "GET", "/", &[("Range", "bytes=0-")]);
    is_error(&answer, 416);
    assert_eq!(answer.header("content-range"), Some("bytes */0"));
    let answer = send(site.addr(), "GET", "/", &[("Range", "bytes=-5")]);
    assert_eq!((answer.status, answer.text()), (200, ""));
}

#[actix_web::test]
async fn what_is_said_here_counts_more() {
    let (remote, origin, seen) = good(HELLO);
    let site = site_as(&origin, url(&remote), Default::default(), |download| {
        download
            .etag("ours")
            .media_type("text/plain")
            .file_name("greeting.txt")
            .cache_control("no-cache")
            .inline()
    });
    let answer = send(site.addr(), "GET", "/", &[("Range", "bytes=0-4")]);
    assert_eq!((answer.status, answer.text()), (206, "Hello"));
    for (name, value) in [
        ("etag", "\"ours\""),
        ("content-type", "text/plain"),
        ("content-disposition", "inline; filename=\"greeting.txt\""),
        ("cache-control", "no-cache"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    assert_eq!(send(site.addr(), "GET", "/", &[("If-None-Match", "\"ours\"")]).status, 304);
    assert_eq!(send(site.addr(), "GET", "/", &[("If-None-Match", "\"v1\"")]).status, 200);
    // The other server does not know our tag, and gives all; that is what it may do.
    seen.lock().unwrap().clear();
    let answer = send(site.addr(), "GET", "/", &[("Range", "bytes=0-4"), ("If-Range", "\"ours\"")]);
    assert_eq!((answer.status, answer.text()), (200, HELLO));
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_server_without_ranges() {
    let remote = actix_test::start(|| {
        App::new().default_service(web::to(|| async {
            HttpResponse::Ok().insert_header(("etag", "\"v1\"")).body(HELLO)
        }))
    });
    let address = format!("http://{}", remote.addr());
    let origin = Origin::new().allow(address.as_str()).unwrap().allow_private(LOOPBACK).unwrap();
    let site = site(&origin, address);
    for headers in
        [&[][..], &[("Range", "bytes=0-4")], &[("Range", "bytes=99-")], &[("Accept-Encoding", "gzip")]]
    {
        let answer = send(site.addr(), "GET", "/", headers);
        assert_eq!((answer.status, answer.text()), (200, HELLO), "{headers:?}");
        assert_eq!(answer.header("content-length"), Some("13"));
        assert_eq!(answer.header("accept-ranges"), Some("none"));
        assert_eq!(answer.header("etag"), Some("\"v1\""));
    }
}

#[actix_web::test]
async fn a_length_that_nobody_knows() {
    let remote = Remote::saying(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n8\r\n, world!\r\n0\r\n\r\n",
    );
    let site = site(&crate::site::origin(&[&remote]), remote.url("/stream"));
    for headers in [&[][..], &[("Range", "bytes=0-4")]] {
        let answer = send(site.addr(), "GET", "/", headers);
        assert_eq!((answer.status, answer.text()), (200, HELLO));
        assert_eq!(answer.header("content-length"), None);
        assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
        assert_eq!(answer.header("accept-ranges"), Some("none"));
    }
}

/// nginx with a proxied backend, tower-http: there are servers that do not look at `If-Range`.
#[actix_web::test]
async fn a_server_that_ignores_if_range_is_not_believed() {
    let remote = Remote::scripted(|head, stream| {
        use std::io::Write;
        let answer = if head.to_ascii_lowercase().contains("\r\nrange:") {
            "HTTP/1.1 206 Partial Content\r\nETag: \"new\"\r\nContent-Range: bytes 5-12/13\r\nContent-Length: 8\r\n\r\n-NEWER-!"
        } else {
            "HTTP/1.1 200 OK\r\nETag: \"new\"\r\nContent-Length: 13\r\n\r\nHELLO-NEWER-!"
        };
        stream.write_all(answer.as_bytes()).is_ok()
    });
    let site = site(&crate::site::origin(&[&remote]), remote.url("/"));
    let ask = |tag| send(site.addr(), "GET", "/", &[("Range", "bytes=5-"), ("If-Range", tag)]);
    let answer = ask("\"old\"");
    assert_eq!((answer.status, answer.text()), (200, "HELLO-NEWER-!"));
    let answer = ask("\"new\"");
    assert_eq!((answer.status, answer.text()), (206, "-NEWER-!"));
}

/// A link that is signed for GET is no link for HEAD.
#[actix_web::test]
async fn head_where_only_get_will_do() {
    let remote = Remote::scripted(|head, stream| {
        use std::io::Write;
        let answer = if head.starts_with("HEAD") {
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\n"
        } else {
            "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!"
        };
        stream.write_all(answer.as_bytes()).is_ok()
    });
    let answer = crate::site::send(&remote, "HEAD", "/a.txt?signature=1", &[]);
    assert_eq!((answer.status, answer.header("content-length"), answer.text()), (200, Some("13"), ""));
}
