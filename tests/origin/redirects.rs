//! Where another server sends us.

use std::io::Write;

use crate::{
    remote::Remote,
    site::{get, is_error, origin, site},
    wire,
};

/// Sends everybody to `target`, with `status`.
fn leading(status: u16, target: &str) -> Remote {
    Remote::saying(format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"))
}

fn file() -> Remote {
    Remote::saying("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nHello")
}

#[actix_web::test]
async fn redirects_to_allowed_servers_are_followed() {
    for status in [301, 302, 303, 307, 308] {
        let file = file();
        let first = leading(status, &file.url("/elsewhere/b.txt?x#fragment"));
        let site = site(&origin(&[&first, &file]), first.url("/a.txt"));
        for method in ["GET", "HEAD"] {
            let answer = wire::send(site.addr(), method, "/", &[("Range", "bytes=0-,")]);
            assert_eq!((answer.status, answer.header("location")), (200, None));
            // The name is the one that was asked for.
            assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"a.txt\""));
        }
        let lines: Vec<_> = file.heads().iter().map(|head| head.lines().next().unwrap().to_owned()).collect();
        assert_eq!(lines, ["get /elsewhere/b.txt?x http/1.1", "head /elsewhere/b.txt?x http/1.1"]);
    }
}

#[actix_web::test]
async fn redirects_to_others_are_not() {
    let file = file();
    let port = file.address.port();
    for target in [
        file.url("/"),
        format!("//127.0.0.1:{port}/"),
        format!("http://user:password@127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http:\\\\127.0.0.1:{port}\\"),
    ] {
        let first = leading(302, &target);
        is_error(&get(&first, "/a.txt", &[]), 502);
    }
    assert!(file.heads().is_empty(), "{:?}", file.heads());
    // Allowed by name, and yet at an address that nobody may connect to.
    let metadata = "http://169.254.169.254/latest/meta-data/";
    for target in [metadata, "http://0xa9fea9fe/", "http://[::ffff:169.254.169.254]/", "http://10.0.0.1/"] {
        let first = leading(302, target);
        let origin = ["http://169.254.169.254", "http://[::ffff:169.254.169.254]", "http://10.0.0.1"]
            .into_iter()
            .try_fold(origin(&[&first]), |origin, server| origin.allow(server))
            .unwrap();
        let site = site(&origin, first.url("/a.txt"));
        is_error(&wire::get(site.addr(), "/", &[]), 502);
    }
    for target in
        ["", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "javascript:alert(1)", "http://[::1"]
    {
        let first = leading(302, target);
        let answer =
            wire::get(site(&origin(&[&first]).max_redirects(0), first.url("/a.txt")).addr(), "/", &[]);
        is_error(&answer, 502);
    }
    is_error(&get(&Remote::saying("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), "/", &[]), 502);
}

#[actix_web::test]
async fn redirects_are_counted() {
    // `/3` leads to `/2`, and so on; `/0` is a file.
    let remote = Remote::scripted(|head, stream| {
        let left: usize = head.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        match left.checked_sub(1) {
            Some(next) => {
                write!(stream, "HTTP/1.1 302 Found\r\nLocation: {next}\r\nContent-Length: 0\r\n\r\n").is_ok()
            }
            None => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello").is_ok(),
        }
    });
    assert_eq!(get(&remote, "/5", &[]).text(), "Hello");
    is_error(&get(&remote, "/6", &[]), 502);
    let at_most = |most| {
        let site = site(&origin(&[&remote]).max_redirects(most), remote.url("/1"));
        wire::get(site.addr(), "/", &[])
    };
    is_error(&at_most(0), 502);
    assert_eq!(at_most(1).text(), "Hello");
    // A circle.
    let circle = leading(302, "/again");
    is_error(&get(&circle, "/a.txt", &[]), 502);
    assert_eq!(circle.heads().len(), 6);
}
