//! What is left of a body that nobody read: the next request on the connection is answered right, or there is none.

use std::io::{Read, Write};

use crate::socket::{Wire, server};

const GET: &str = "GET /api/query?number=7 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// Requests that are answered before their body is read.
const EARLY: [(&str, &str, &str); 6] = [
    ("/api/closed", "content-type: application/json", "401"),
    ("/api/json", "content-type: image/png", "415"),
    ("/api/json", "content-type: application/json\r\naccept: image/png", "406"),
    ("/api/none", "content-type: application/json", "404"),
    ("/api/query", "content-type: application/json", "405"),
    ("/api/deaf", "content-type: application/json", "204"),
];

#[actix_web::test]
async fn small_and_of_known_length() {
    let server = server();
    for (path, headers, status) in EARLY {
        let mut wire = Wire::to(&server);
        wire.send(format!("POST {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\ncontent-length: 24\r\n\r\nGET /api/none HTTP/1.1\r\n{GET}"));
        next_is_right_or_none(&mut wire, status);
    }
}

#[actix_web::test]
async fn small_and_chunked() {
    let server = server();
    for (path, headers, status) in EARLY {
        let mut wire = Wire::to(&server);
        wire.send(format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\ntransfer-encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n{GET}"
        ));
        next_is_right_or_none(&mut wire, status);
    }
}

#[track_caller]
fn next_is_right_or_none(wire: &mut Wire, status: &str) {
    let (head, body) = wire.answer();
    assert!(head.starts_with(&format!("http/1.1 {status}")), "{head}{body}");
    if head.contains("connection: close") {
        // Actix may answer what it has read already, but must not take a body for a request.
        let mut rest = String::new();
        let _ = wire.0.read_to_string(&mut rest);
        assert!(
            rest.is_empty() || (rest.starts_with("HTTP/1.1 200") && rest.contains("\"number\":7")),
            "{rest}"
        );
        assert!(rest.matches("HTTP/1.1 ").count() < 2, "{rest}");
    } else {
        let (head, body) = wire.answer();
        assert!(head.starts_with("http/1.1 200") && body.contains("\"number\":7"), "{head}{body}");
    }
}

#[actix_web::test]
async fn a_body_that_was_read_leaves_the_connection_usable() {
    let server = server();
    let mut wire = Wire::to(&server);
    for framed in [
        "content-length: 12\r\n\r\n{\"text\":\"x\"}".to_owned(),
        "transfer-encoding: chunked\r\n\r\n5\r\n{\"tex\r\n7\r\nt\":\"x\"}\r\n0\r\n\r\n".to_owned(),
    ] {
        for path in ["/api/json", "/api/raw", "/api/stream"] {
            wire.send(format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{framed}"
            ));
            let (head, body) = wire.answer();
            assert!(head.starts_with("http/1.1 201") && !head.contains("connection: close"), "{head}{body}");
        }
    }
    wire.send(GET);
    assert!(wire.answer().0.starts_with("http/1.1 200"));
}

/// More than sockets buffer.
const ENDLESS: usize = 256 << 20;

#[actix_web::test]
async fn an_endless_chunked_body_is_not_drained_for_ever() {
    let server = server();
    let mut requests = EARLY.to_vec();
    requests.push(("/api/json", "content-type: application/json", "413"));
    requests.push(("/api/multipart", "content-type: multipart/form-data; boundary=b", "413"));
    for (path, headers, status) in requests {
        let mut wire = Wire::to(&server);
        wire.send(format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\ntransfer-encoding: chunked\r\n\r\n"
        ));
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
        wire.send(&chunk);
        // The server need not take this: the connection may be gone by then.
        for _ in 0..16 {
            if wire.0.write_all(chunk.as_bytes()).is_err() {
                break;
            }
        }
        let (head, body) = wire.answer();
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{path}: {head}{body}");
        assert!(head.contains("connection: close"), "{path}: {head}");
        // Were it drained, this would go on until the disk of the client is empty.
        let mut more = 0_usize;
        while more < ENDLESS && wire.0.write_all(chunk.as_bytes()).is_ok() {
            more += chunk.len();
        }
        assert!(more < ENDLESS, "{path}: took {more} bytes more");
    }
}
