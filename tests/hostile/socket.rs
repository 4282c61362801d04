//! Bytes on a real socket.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use actix_web::App;

pub fn server() -> actix_test::TestServer {
    let api = crate::api::api();
    actix_test::start_with(actix_test::config().workers(1), move || App::new().service(api.clone()))
}

/// A connection to a server.
pub struct Wire(pub TcpStream);

impl Wire {
    pub fn to(server: &actix_test::TestServer) -> Self {
        let socket = TcpStream::connect(server.addr()).unwrap();
        // So that a test that hangs fails instead.
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        socket.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(socket)
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).unwrap();
    }

    /// One answer: its head and its body.
    pub fn answer(&mut self) -> (String, String) {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            self.0.read_exact(&mut byte).expect("a whole head");
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let length = head
            .split_once("content-length: ")
            .and_then(|(_, rest)| rest.split("\r\n").next()?.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("a whole body");
        (head, String::from_utf8(body).unwrap())
    }

    /// That nothing comes any more.
    #[track_caller]
    pub fn is_closed(&mut self) {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest)),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
    }
}

#[actix_web::test]
async fn one_megabyte_of_one_header_value() {
    let server = server();
    let mut wire = Wire::to(&server);
    let value = crate::api::SECRET.repeat(1_000_000 / 6);
    // The server may refuse before all of it is sent.
    let _ = wire
        .0
        .write_all(format!("GET /api/headers HTTP/1.1\r\nhost: x\r\nx-text: {value}\r\n\r\n").as_bytes());
    let mut told = Vec::new();
    let _ = wire.0.read_to_end(&mut told);
    let told = String::from_utf8_lossy(&told);
    // Actix takes no head of more than 128 KiB, and says so before any router is asked.
    assert!(
        told.is_empty() || told.starts_with("HTTP/1.1 431") || told.starts_with("HTTP/1.1 400"),
        "{told}"
    );
    assert!(!told.contains(crate::api::SECRET));
    let mut wire = Wire::to(&server);
    wire.send("GET /api/headers HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(wire.answer().0.starts_with("http/1.1 200"));
}

#[actix_web::test]
async fn as_much_of_one_header_value_as_actix_takes() {
    let server = server();
    let mut wire = Wire::to(&server);
    let value = crate::api::SECRET.repeat(20_000);
    wire.send(format!("GET /api/headers HTTP/1.1\r\nhost: x\r\nx-text: {value}\r\n\r\n"));
    assert_eq!(wire.answer().1, "None Some(120000)");
    wire.send(format!("GET /api/headers HTTP/1.1\r\nhost: x\r\nx-number: {value}\r\n\r\n"));
    let (head, body) = wire.answer();
    assert!(head.starts_with("http/1.1 400"), "{head}");
    crate::api::problem(&body);
    for name in ["accept", "x-api-key", "content-type", "cookie"] {
        wire.send(format!(
            "POST /api/closed HTTP/1.1\r\nhost: x\r\n{name}: {value}\r\ncontent-length: 0\r\n\r\n"
        ));
        let (head, body) = wire.answer();
        assert!(head.starts_with("http/1.1 40"), "{head}");
        crate::api::problem(&body);
    }
}

#[actix_web::test]
async fn a_hundred_thousand_pairs_in_a_body() {
    let server = server();
    let mut wire = Wire::to(&server);
    let pairs = vec!["list=1"; 100_000].join("&");
    wire.send(format!(
        "POST /api/form HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{pairs}",
        pairs.len()
    ));
    let (head, body) = wire.answer();
    assert!(head.starts_with("http/1.1 400"), "{head}");
    assert_eq!(crate::api::problem(&body)["errors"][0]["code"], "too_many");
}

#[actix_web::test]
async fn bytes_that_are_not_ascii_in_the_request_line() {
    let server = server();
    for target in [
        &b"/api/path/\xff/1"[..],
        b"/api/path/\xc3\xbc/1",
        b"/api/query?text=\xff",
        b"/api/query?text=\xc3\xbc",
    ] {
        let mut wire = Wire::to(&server);
        wire.send([b"GET ", target, b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"].concat());
        let (head, body) = wire.answer();
        // Actix refuses some before a router is asked; none is our fault.
        assert!(head.starts_with("http/1.1 400") || head.starts_with("http/1.1 200"), "{target:?}: {head}");
        assert!(!body.contains('\u{FFFD}'), "{target:?}: {body}");
    }
}

#[actix_web::test]
async fn a_body_shorter_than_its_length() {
    let server = server();
    let mut wire = Wire::to(&server);
    wire.send("POST /api/json HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"text\":\"s3cr3t\"}");
    wire.0.shutdown(Shutdown::Write).unwrap();
    let mut told = String::new();
    let _ = wire.0.read_to_string(&mut told);
    // Nobody may be there to hear it.
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 400"), "{told}");
    assert!(!told.contains(crate::api::SECRET), "{told}");
}

#[actix_web::test]
async fn a_body_longer_than_its_length() {
    let server = server();
    let mut wire = Wire::to(&server);
    wire.send("POST /api/json HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{\"text\":\"x\"}s3cr3t\r\n\r\n");
    let (head, body) = wire.answer();
    assert!(head.starts_with("http/1.1 201"), "{head} {body}");
    // The rest is taken for another request, which is none.
    let (head, body) = wire.answer();
    assert!(head.starts_with("http/1.1 400"), "{head} {body}");
    wire.is_closed();
}

#[actix_web::test]
async fn chunks_that_are_none() {
    let server = server();
    for chunks in ["zz\r\n", "5\r\n{\"te", "-1\r\n\r\n", "ffffffffffffffffff\r\n"] {
        let mut wire = Wire::to(&server);
        wire.send(format!("POST /api/json HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{chunks}"));
        wire.0.shutdown(Shutdown::Write).unwrap();
        let mut told = String::new();
        let _ = wire.0.read_to_string(&mut told);
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 400"), "{chunks}: {told}");
    }
}
