//! What the one side says is not for the other.

use std::io::Write;

use actix_charter::download::origin::Remote as Allowed;

use crate::{
    remote::Remote,
    site::{LOOPBACK, get, origin, site},
    wire,
};

#[actix_web::test]
async fn the_other_server_learns_nothing_of_the_client() {
    let remote = Remote::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello");
    let headers = [
        ("Cookie", "session=1"),
        ("Authorization", "Bearer client"),
        ("Proxy-Authorization", "Basic client"),
        ("X-Forwarded-For", "203.0.113.9"),
        ("X-Forwarded-Host", "client"),
        ("Forwarded", "for=203.0.113.9"),
        ("X-Real-IP", "203.0.113.9"),
        ("Referer", "https://client.example/"),
        ("Origin", "https://client.example"),
        ("User-Agent", "client"),
        ("Accept-Language", "tlh"),
        ("Accept-Encoding", "gzip, br"),
        ("X-Api-Key", "client"),
        ("X-Download-Url", "http://client.example/"),
        ("If-None-Match", "\"client\""),
        ("Via", "1.1 client"),
    ];
    let answer = get(&remote, "/a%2Fb%20c/%C3%A9?d=%2F&e", &headers);
    assert_eq!((answer.status, answer.text()), (200, "Hello"));
    let address = remote.address;
    assert_eq!(
        remote.heads(),
        [format!(
            "get /a%2fb%20c/%c3%a9?d=%2f&e http/1.1\r\naccept-encoding: identity\r\naccept: */*\r\nhost: {address}\r\n\r\n"
        )]
    );
}

#[actix_web::test]
async fn the_client_learns_nothing_of_the_other_server() {
    let remote = Remote::saying(
        "HTTP/1.1 200 OK\r\nSet-Cookie: theirs=1\r\nSet-Cookie: theirs=2\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n\
         Keep-Alive: timeout=5\r\nContent-Disposition: inline; filename=\"theirs.html\"\r\nCache-Control: public, max-age=9\r\n\
         Expires: Thu, 01 Jan 2099 00:00:00 GMT\r\nX-Accel-Redirect: /protected/secret\r\nX-Accel-Limit-Rate: 1\r\n\
         X-Sendfile: /etc/passwd\r\nX-Download-Url: http://evil/\r\nServer: theirs/1.0\r\nX-Powered-By: theirs\r\n\
         Access-Control-Allow-Origin: *\r\nContent-Security-Policy: default-src *\r\nStrict-Transport-Security: max-age=0\r\n\
         Link: <x>; rel=preload\r\nRefresh: 0; url=http://evil/\r\nLocation: http://evil/\r\nWWW-Authenticate: Basic\r\n\
         Vary: *\r\nTrailer: X-Trailer\r\nAlt-Svc: h3=\":443\"\r\nContent-Language: tlh\r\nETag: \"v1\"\r\n\
         Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nHello",
    );
    let answer = get(&remote, "/a.txt", &[]);
    assert_eq!(answer.text(), "Hello");
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .filter(|line| !line.starts_with("date:"))
        .collect();
    headers.sort_unstable();
    assert_eq!(
        headers,
        [
            "accept-ranges: none",
            "connection: close",
            "content-disposition: attachment; filename=\"a.txt\"",
            "content-length: 5",
            "content-type: text/plain",
            "etag: \"v1\"",
            "x-content-type-options: nosniff",
        ]
    );
}

#[actix_web::test]
async fn credentials_go_to_their_server() {
    let remote = Remote::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello");
    let allowed =
        Allowed::new(&remote.url("")).unwrap().bearer("s3cr3t").unwrap().header("X-Key", "k3y").unwrap();
    let origin = origin(&[]).allow(allowed).unwrap().allow_private(LOOPBACK).unwrap();
    let site = site(&origin, remote.url("/a.txt"));
    for headers in
        [&[][..], &[("Authorization", "Bearer client"), ("X-Key", "client"), ("Range", "bytes=0-1")]]
    {
        assert_eq!(wire::get(site.addr(), "/", headers).status, 200);
        let head = remote.heads().pop().unwrap();
        assert!(
            head.contains("\r\nauthorization: bearer s3cr3t\r\n") && head.contains("\r\nx-key: k3y\r\n"),
            "{head}"
        );
        assert!(!head.contains("client"), "{head}");
    }
    assert!(!format!("{origin:?}").contains("s3cr3t") && !format!("{origin:?}").contains("k3y"));
}

#[actix_web::test]
async fn credentials_stay_with_their_server() {
    let hello = |stream: &mut std::net::TcpStream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello").is_ok()
    };
    // `/away` leads to the second server, whose `/back` leads to the first one again.
    let second: std::sync::Arc<std::sync::OnceLock<String>> = std::sync::Arc::default();
    let to = std::sync::Arc::clone(&second);
    let first = Remote::scripted(move |head, stream| {
        let target = match head.split(' ').nth(1).unwrap() {
            "/away" => format!("{}/file", to.get().unwrap()),
            "/there-and-back" => format!("{}/back", to.get().unwrap()),
            "/within" => "/file".to_owned(),
            _ => return hello(stream),
        };
        write!(stream, "HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n").is_ok()
    });
    let back = first.url("/file");
    let other = Remote::scripted(move |head, stream| {
        if head.starts_with("GET /back") {
            return write!(stream, "HTTP/1.1 302 Found\r\nLocation: {back}\r\nContent-Length: 0\r\n\r\n")
                .is_ok();
        }
        hello(stream)
    });
    second.set(other.url("")).unwrap();
    let origin = origin(&[])
        .allow(Allowed::new(&first.url("")).unwrap().bearer("first").unwrap())
        .unwrap()
        .allow(Allowed::new(&other.url("")).unwrap().bearer("second").unwrap())
        .unwrap();
    let fetch = |url: String| {
        let site = site(&origin, url);
        assert_eq!(wire::get(site.addr(), "/", &[]).text(), "Hello");
    };
    let sent = |remote: &Remote| -> Vec<bool> {
        remote.heads().iter().map(|head| head.contains("authorization")).collect()
    };
    fetch(first.url("/within"));
    assert_eq!((sent(&first), sent(&other)), (vec![true, true], vec![]));
    fetch(first.url("/away"));
    assert_eq!((sent(&first), sent(&other)), (vec![true, true, true], vec![false]));
    // Whoever sends us somewhere must not lend our credentials for it.
    fetch(first.url("/there-and-back"));
    assert_eq!((sent(&first), sent(&other)), (vec![true, true, true, true, false], vec![false, false]));
    fetch(other.url("/file"));
    assert_eq!(sent(&other), [false, false, true]);
}

#[test]
fn what_the_environment_says_of_proxies_is_not_heard() {
    // In a process of its own: the environment is everybody's.
    const CHILD: &str = "ORIGIN_TESTS_WITH_PROXIES";
    if std::env::var_os(CHILD).is_some() {
        return actix_web::rt::System::new().block_on(async {
            let remote = Remote::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello");
            assert_eq!(get(&remote, "/a.txt", &[]).text(), "Hello");
        });
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "leaks::what_the_environment_says_of_proxies_is_not_heard"]).env(CHILD, "1");
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"] {
        child.env(name, "http://127.0.0.1:1");
    }
    let output = child.env_remove("no_proxy").env_remove("NO_PROXY").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
