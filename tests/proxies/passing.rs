//! What is no file reaches the application as the client meant it: paths, hosts, signed links, WebSockets.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use actix_test::{TestServer, TestServerConfig};
use actix_web::{
    App, HttpRequest, HttpResponse,
    http::{StatusCode, header::HOST},
    web,
};

use crate::{Front, Kind, Site, client::get};

macro_rules! everywhere {
    ($($(#[$attribute:meta])* $test:ident)*) => {
        mod nginx { $($(#[$attribute])* #[actix_web::test] async fn $test() { super::$test(crate::Kind::Nginx); })* }
        mod apache { $($(#[$attribute])* #[actix_web::test] async fn $test() { super::$test(crate::Kind::Apache); })* }
        mod lighttpd { $($(#[$attribute])* #[actix_web::test] async fn $test() { super::$test(crate::Kind::Lighttpd); })* }
        mod caddy { $($(#[$attribute])* #[actix_web::test] async fn $test() { super::$test(crate::Kind::Caddy); })* }
    };
}

everywhere! {
    paths_arrive_as_they_were_sent
    the_host_has_its_port
    a_websocket_is_opened
    nothing_else_is_upgraded_to
    #[cfg(feature = "signed-links")]
    a_signed_link_holds
}

struct Behind {
    front: Front,
    _application: TestServer,
}

/// A server before an application that says what it was asked.
fn behind(kind: Kind) -> Behind {
    let site = Site::start(Vec::new(), |_, root| kind.offload(root));
    let application = actix_test::start_with(TestServerConfig::default().workers(1), || {
        let app = App::new().route("/websocket", web::get().to(websocket));
        #[cfg(feature = "signed-links")]
        let app = app.route("/signed/{rest:.*}", web::get().to(signed));
        app.default_service(web::to(asked))
    });
    let fragment = site.offload.config_fragment(&application.addr().to_string()).unwrap();
    Behind { front: Front::before(kind, site, &fragment), _application: application }
}

fn text<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn asked(request: HttpRequest) -> String {
    let [host, upgrade] = [HOST.as_str(), "upgrade"].map(|name| text(&request, name));
    format!("{} host={host} upgrade={upgrade};", request.uri())
}

/// Sends back what comes. The frames are a matter between client and application.
async fn websocket(request: HttpRequest, payload: web::Payload) -> HttpResponse {
    if !text(&request, "upgrade").eq_ignore_ascii_case("websocket") {
        return HttpResponse::UpgradeRequired().finish();
    }
    HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS)
        .upgrade("websocket")
        // Of the key that RFC 6455 §1.3 has as its example.
        .insert_header(("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        .streaming(payload)
}

fn paths_arrive_as_they_were_sent(kind: Kind) {
    let behind = behind(kind);
    for path in
        ["/files/a%2Fb", "/files/a%20b%3Fc%23d%25e", "/files/%C3%A9?q=a%2Fb%26c&r=%20", "/files/a%2F..%2Fb"]
    {
        let answer = get(behind.front.address, path);
        let body = String::from_utf8_lossy(&answer.body);
        assert_eq!((answer.status, body.split(' ').next()), (200, Some(path)), "{answer:?}");
    }
}

fn the_host_has_its_port(kind: Kind) {
    let behind = behind(kind);
    let port = behind.front.address.port();
    for host in ["localhost", &format!("localhost:{port}")] {
        let (head, body) = raw(
            behind.front.address,
            &format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        );
        assert!(body.contains(&format!("host={host} ")), "{head}{body}");
    }
}

fn raw(address: SocketAddr, request: &str) -> (String, String) {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    let head = head(&mut stream);
    // The connection may stay open, and the length may be told or not.
    let body = until(&mut stream, ";");
    (head, body)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

fn head(stream: &mut TcpStream) -> String {
    until(stream, "\r\n\r\n")
}

fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        let mut byte = [0];
        let said = || String::from_utf8_lossy(&read).into_owned();
        stream.read_exact(&mut byte).unwrap_or_else(|error| panic!("{error}: {}", said()));
        read.push(byte[0]);
    }
    String::from_utf8_lossy(&read).into_owned()
}

fn a_websocket_is_opened(kind: Kind) {
    let behind = behind(kind);
    let mut stream = connect(behind.front.address);
    stream
        .write_all(
            b"GET /websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        )
        .unwrap();
    let head = head(&mut stream).to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    assert!(head.contains("\r\nupgrade: websocket\r\n"), "{head}");
    assert!(head.contains("\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{head}");
    // One after the other: nothing waits for more.
    for said in ["Hello", "world"] {
        stream.write_all(said.as_bytes()).unwrap();
        let mut back = [0; 5];
        stream.read_exact(&mut back).unwrap();
        assert_eq!(&back, said.as_bytes());
    }
}

/// Who speaks another protocol with the application gets past all that the server watches over.
fn nothing_else_is_upgraded_to(kind: Kind) {
    let behind = behind(kind);
    let (head, body) = raw(
        behind.front.address,
        "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
    );
    // lighttpd speaks HTTP/2 itself, and HTTP/1 with the application.
    let spoken = if kind == Kind::Lighttpd { "HTTP/1.1 101 " } else { "HTTP/1.1 200 " };
    assert!(head.starts_with(spoken), "{head}");
    assert!(body.contains("/a host=localhost upgrade=;"), "{head}{body}");
}

#[cfg(feature = "signed-links")]
fn links() -> actix_charter::security::SignedLinks {
    actix_charter::security::SignedLinks::new("k1", [7; 32]).unwrap()
}

#[cfg(feature = "signed-links")]
async fn signed(request: HttpRequest) -> HttpResponse {
    match links().verify(&request) {
        Ok(_) => HttpResponse::Ok().body("good"),
        Err(_) => HttpResponse::Unauthorized().body(request.uri().to_string()),
    }
}

#[cfg(feature = "signed-links")]
fn a_signed_link_holds(kind: Kind) {
    let behind = behind(kind);
    for segments in
        [&["signed", "report.txt"][..], &["signed", "a/b", "é ?&#%41+~"], &["signed", "a//../b\\c"]]
    {
        let link = links()
            .link_of(actix_web::http::Method::GET, segments.iter().copied())
            .query("as", "a/b c&d")
            .valid_for(Duration::from_secs(3600))
            .sign()
            .unwrap();
        let answer = get(behind.front.address, &link);
        assert_eq!((answer.status, &answer.body[..]), (200, &b"good"[..]), "{link}: {answer:?}");
        let other = link.replace("as=a", "as=b");
        assert_eq!(get(behind.front.address, &other).status, 401, "{other}");
    }
}
