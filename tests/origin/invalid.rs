//! Answers that are no file.

use std::{io::Write, time::Duration};

use crate::{
    remote::{Remote, wait_for_end},
    site::{get, is_error, origin, site},
    wire,
};

#[actix_web::test]
async fn no_error_is_a_file() {
    for (line, status) in [
        ("404 Not Found", 404),
        ("410 Gone", 404),
        ("201 Created", 502),
        ("204 No Content", 502),
        ("206 Partial Content", 502),
        ("300 Multiple Choices", 502),
        ("304 Not Modified", 502),
        ("400 Bad Request", 502),
        ("401 Unauthorized", 502),
        ("403 Forbidden", 502),
        ("407 Proxy Authentication Required", 502),
        ("416 Range Not Satisfiable", 502),
        ("429 Too Many Requests", 502),
        ("500 Internal Server Error", 502),
        ("502 Bad Gateway", 502),
        ("503 Service Unavailable", 502),
        ("504 Gateway Timeout", 502),
        ("599 What", 502),
    ] {
        let length =
            if line.starts_with("204") || line.starts_with("304") { "" } else { "Content-Length: 5\r\n" };
        let answer = format!(
            "HTTP/1.1 {line}\r\n{length}Content-Type: text/html\r\nETag: \"e\"\r\nSet-Cookie: a=b\r\nConnection: close\r\n\r\nERROR"
        );
        let answer = get(&Remote::saying(answer), "/a.txt", &[]);
        is_error(&answer, status);
        assert!(!answer.text().contains("ERROR"), "{line}");
    }
}

#[actix_web::test]
async fn no_nonsense_is_a_file() {
    let ok = "HTTP/1.1 200 OK\r\n";
    let huge = format!("{ok}X-Huge: {}\r\nContent-Length: 5\r\n\r\nHello", "x".repeat(1_000_000));
    let many = format!("{ok}{}Content-Length: 5\r\n\r\nHello", "X-Many: x\r\n".repeat(500));
    for nonsense in [
        "",
        "Hello",
        "HTTP/1.1 200\r\n",
        "HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nHello",
        "HTTP/9.9 200 OK\r\nContent-Length: 5\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent Length: 5\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\n folded: 5\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nX-Null: \0\r\nContent-Length: 5\r\n\r\nHello",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        // Asked for as it is.
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nContent-Encoding: identity, br\r\nContent-Length: 5\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Encoding: zstd\r\nContent-Length: 5\r\n\r\nHello",
        // Whether this is all, nobody knows.
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nHello",
        "HTTP/1.0 200 OK\r\n\r\nHello",
        &huge,
        &many,
    ] {
        let answer = get(&Remote::saying(nonsense), "/a.txt", &[]);
        assert_eq!(answer.status, 502, "{:?}", nonsense.chars().take(80).collect::<String>());
        is_error(&answer, 502);
    }
}

#[actix_web::test]
async fn what_is_odd_but_right_is_a_file() {
    for odd in [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello",
        "HTTP/1.1 200 \r\ncontent-length:5\r\n\r\nHello",
        "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 5\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nHello\r\n0\r\nTrailer: x\r\n\r\n",
    ] {
        let answer = get(&Remote::saying(odd), "/a.txt", &[]);
        assert_eq!((answer.status, answer.text()), (200, "Hello"), "{odd}");
        assert_eq!((answer.header("link"), answer.header("trailer")), (None, None));
    }
}

#[actix_web::test]
async fn a_part_must_be_the_one_that_was_asked_for() {
    for (stated, length, status) in [
        ("Content-Range: bytes 0-4/13\r\n", 5, 206),
        // A server may give less.
        ("Content-Range: bytes 0-3/13\r\n", 4, 206),
        ("Content-Range: bytes 1-4/13\r\n", 4, 206),
        ("", 5, 502),
        ("Content-Range: bytes 0-5/13\r\n", 6, 502),
        ("Content-Range: bytes 5-9/13\r\n", 5, 502),
        ("Content-Range: bytes 0-4/13\r\n", 6, 502),
        ("Content-Range: bytes 0-4/13\r\n", 4, 502),
        ("Content-Range: bytes 0-4/4\r\n", 5, 502),
        ("Content-Range: bytes 4-0/13\r\n", 5, 502),
        ("Content-Range: bytes 0-4/13\r\nContent-Range: bytes 0-4/14\r\n", 5, 502),
        ("Content-Range: items 0-4/13\r\n", 5, 502),
        ("Content-Range: bytes */13\r\n", 5, 502),
        ("Content-Range: bytes 0-4/13\r\nContent-Encoding: gzip\r\n", 5, 502),
        ("Content-Type: multipart/byteranges; boundary=x\r\n", 5, 502),
        ("Content-Range: bytes 0-18446744073709551615/18446744073709551615\r\n", 5, 502),
        // How long the whole is, the client must be told: it is asked for once more, and gets an error here.
        ("Content-Range: bytes 0-4/*\r\n", 5, 502),
    ] {
        let body = "x".repeat(length);
        let remote = Remote::saying(format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Length: {length}\r\n{stated}\r\n{body}"
        ));
        let answer = get(&remote, "/a.txt", &[("Range", "bytes=0-4")]);
        if status == 206 {
            assert_eq!((answer.status, answer.text()), (206, body.as_str()), "{stated}");
        } else {
            is_error(&answer, status);
        }
    }
    // 416 for bytes that are there; 416 that does not say of how many.
    for lie in ["bytes */13", "bytes */*", "bytes 0-4/13", "13"] {
        let remote = Remote::scripted(move |head, stream| {
            let answer = if head.to_ascii_lowercase().contains("\r\nrange:") {
                format!("HTTP/1.1 416 No\r\nContent-Range: {lie}\r\nContent-Length: 0\r\n\r\n")
            } else {
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello".to_owned()
            };
            stream.write_all(answer.as_bytes()).is_ok()
        });
        let answer = get(&remote, "/a.txt", &[("Range", "bytes=0-4")]);
        assert_eq!((answer.status, answer.text()), (200, "Hello"), "{lie}");
    }
}

#[actix_web::test]
async fn an_end_that_only_the_connection_tells_is_taken_on_request() {
    let remote = Remote::saying("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nHello");
    let site = site(&origin(&[&remote]).end_at_close(), remote.url("/a.txt"));
    let answer = wire::get(site.addr(), "/", &[]);
    assert_eq!((answer.status, answer.text()), (200, "Hello"));
}

#[actix_web::test]
async fn nobody_there_is_a_502() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let origin = actix_charter::download::origin::Origin::new();
    let origin = origin.allow(address.as_str()).unwrap().allow_private("127.0.0.1").unwrap();
    let site = site(&origin, address);
    is_error(&wire::get(site.addr(), "/", &[]), 502);
}

#[actix_web::test]
async fn no_answer_in_time_is_a_504() {
    // Nothing at all; half of a head.
    for begun in ["", "HTTP/1.1 200 OK\r\nContent-Le"] {
        let remote = Remote::scripted(move |_, stream| {
            stream.write_all(begun.as_bytes()).unwrap();
            wait_for_end(stream);
            false
        });
        let origin = origin(&[&remote]).first_byte_timeout(Duration::from_millis(50));
        let site = site(&origin, remote.url("/a.txt"));
        is_error(&wire::get(site.addr(), "/", &[]), 504);
    }
}

#[actix_web::test]
async fn a_file_that_is_too_long_is_a_502() {
    for (answer, range) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!", "bytes=0-,"),
        (
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/13\r\nContent-Length: 5\r\n\r\nHello",
            "bytes=0-4",
        ),
    ] {
        let remote = Remote::saying(answer);
        let at_most = |bytes| {
            let site = site(&origin(&[&remote]).max_size(bytes), remote.url("/a.txt"));
            wire::get(site.addr(), "/", &[("Range", range)])
        };
        is_error(&at_most(12), 502);
        assert!(at_most(13).text().starts_with("Hello"));
    }
}
