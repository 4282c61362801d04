//! Where a connection may go.

use actix_charter::download::origin::Origin;

use crate::{
    remote::Remote,
    site::{is_error, site},
    wire,
};

#[actix_web::test]
async fn this_machine_is_not_connected_to_unless_told() {
    let remote = Remote::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello");
    let port = remote.address.port();
    // As an address, and as a name that stands for it.
    for host in ["127.0.0.1", "localhost"] {
        let server = format!("http://{host}:{port}");
        let origin = Origin::new().allow(server.as_str()).unwrap();
        let refused = site(&origin, server.clone());
        is_error(&wire::get(refused.addr(), "/", &[]), 502);
        let other = site(&origin.clone().allow_private("10.0.0.0/8").unwrap(), server.clone());
        is_error(&wire::get(other.addr(), "/", &[]), 502);
        assert!(remote.heads().is_empty());
        let allowed = site(&origin.allow_private("127.0.0.0/8").unwrap(), server);
        assert_eq!(wire::get(allowed.addr(), "/", &[]).text(), "Hello");
        assert_eq!(remote.heads().len(), 1);
        // The name is what the server hears, not the address that was checked.
        assert!(format!("{:?}", remote.heads()).contains(&format!("host: {host}:{port}")));
        remote.forget();
    }
}

#[actix_web::test]
async fn what_is_not_allowed_is_not_asked() {
    let remote = Remote::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello");
    let port = remote.address.port();
    let origin = crate::site::origin(&[&remote]);
    for url in [
        format!("https://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://user@127.0.0.1:{port}/"),
        format!("http://127.0.0.2:{port}/"),
        format!("http://127.0.0.1:{port}/\r\nX-Injected: 1"),
        format!("http://127.0.0.1:{port}/\n"),
        format!("ftp://127.0.0.1:{port}/"),
        format!("127.0.0.1:{port}/"),
        "file:///etc/passwd".to_owned(),
        String::new(),
    ] {
        is_error(&wire::get(site(&origin, url.clone()).addr(), "/", &[]), 502);
        assert!(remote.heads().is_empty(), "{url}");
    }
    // Nothing is allowed that was not named.
    is_error(&wire::get(site(&Origin::new(), remote.url("/")).addr(), "/", &[]), 502);
    assert!(remote.heads().is_empty());
}
