//! Names and types.

use crate::{
    remote::Remote,
    site::{get, origin, site},
    wire,
};

#[actix_web::test]
async fn the_name_is_the_last_part_of_the_path() {
    let remote = Remote::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello");
    for (path, disposition) in [
        ("/a/hello.txt?name=other.txt", "attachment; filename=\"hello.txt\""),
        ("/a%20b.txt", "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt"),
        ("/é.txt", "attachment; filename=\"e.txt\"; filename*=UTF-8''%C3%A9.txt"),
        ("/%E5%A0%B1.pdf", "attachment; filename=\"download.pdf\"; filename*=UTF-8''%E5%A0%B1.pdf"),
        ("/..%2F..%2Fetc%2Fpasswd", "attachment; filename=\".._.._etc_passwd\""),
        (
            "/a%0d%0aSet-Cookie:%20b=c.txt",
            "attachment; filename=\"aSet-Cookie: b=c.txt\"; filename*=UTF-8''aSet-Cookie%3A%20b%3Dc.txt",
        ),
        ("/%00%01%7f%e2%80%aea.txt", "attachment; filename=\"a.txt\""),
        ("/a%22%5C.txt", "attachment; filename=\"a\\\"_.txt\"; filename*=UTF-8''a%22_.txt"),
        ("/%FF.txt", "attachment; filename=\".txt\""),
        ("/", "attachment; filename=\"127.0.0.1\""),
        ("/folder/", "attachment; filename=\"127.0.0.1\""),
        ("", "attachment; filename=\"127.0.0.1\""),
    ] {
        let answer = get(&remote, path, &[]);
        assert_eq!(answer.text(), "Hello");
        assert_eq!(answer.header("content-disposition"), Some(disposition), "{path}");
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[actix_web::test]
async fn the_type_is_the_other_servers_or_the_names() {
    for (header, path, media_type) in [
        ("Content-Type: image/png\r\n", "/a.txt", "image/png"),
        ("Content-Type: text/html; charset=koi8-r\r\n", "/a.txt", "text/html; charset=koi8-r"),
        ("", "/a.txt", "text/plain; charset=utf-8"),
        ("", "/a", "application/octet-stream"),
        ("Content-Type: \r\n", "/a.txt", "text/plain; charset=utf-8"),
        ("Content-Type: nonsense\r\n", "/a.txt", "text/plain; charset=utf-8"),
        ("Content-Type: text/\u{e9}\r\n", "/a.txt", "text/plain; charset=utf-8"),
        ("Content-Type: text/plain\r\nContent-Type: text/html\r\n", "/a.txt", "text/plain; charset=utf-8"),
    ] {
        let remote = Remote::saying(format!("HTTP/1.1 200 OK\r\n{header}Content-Length: 5\r\n\r\nHello"));
        let answer = get(&remote, path, &[]);
        assert_eq!((answer.text(), answer.header("content-type")), ("Hello", Some(media_type)), "{header}");
    }
}

/// A page that another server gives must not run in the name of this site.
#[actix_web::test]
async fn a_page_is_not_shown() {
    let remote =
        Remote::saying("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nHello");
    let shown =
        crate::site::site_as(&origin(&[&remote]), remote.url("/a.png"), Default::default(), |download| {
            download.inline()
        });
    assert_eq!(
        wire::get(shown.addr(), "/", &[]).header("content-disposition"),
        Some("attachment; filename=\"a.png\"")
    );
}

#[actix_web::test]
async fn a_validator_is_taken_if_it_is_one() {
    for (header, etag, last_modified) in [
        ("ETag: \"v1\"\r\n", Some("\"v1\""), None),
        ("ETag: W/\"v1\"\r\n", Some("W/\"v1\""), None),
        ("ETag: v1\r\n", None, None),
        ("ETag: \"v1\r\n", None, None),
        ("ETag: \"a b\"\r\n", None, None),
        ("ETag: \"\"\r\n", Some("\"\""), None),
        ("ETag: \"a\"\r\nETag: \"b\"\r\n", None, None),
        ("Last-Modified: Tue, 02 Jan 2024 03:04:05 GMT\r\n", None, Some("Tue, 02 Jan 2024 03:04:05 GMT")),
        ("Last-Modified: yesterday\r\n", None, None),
        ("Last-Modified: Thu, 01 Jan 2099 00:00:00 GMT\r\n", None, None),
        ("Accept-Ranges: none\r\n", None, None),
    ] {
        let remote = Remote::saying(format!("HTTP/1.1 200 OK\r\n{header}Content-Length: 5\r\n\r\nHello"));
        let site = site(&origin(&[&remote]), remote.url("/a.txt"));
        let answer = wire::get(site.addr(), "/", &[]);
        assert_eq!(
            (answer.header("etag"), answer.header("last-modified")),
            (etag, last_modified),
            "{header}"
        );
        assert_eq!(answer.header("accept-ranges"), Some("none"));
    }
}
