//! What a client asks for comes out right, whichever storage it is.

use actix_charter::download::Delivery;
use actix_web::http::Method;

use crate::{
    fixture::{HELLO, kinds, serve, serve_as},
    wire::{get, send},
};

const FILES: &[(&str, &[u8], &str)] =
    &[("hello.txt", HELLO.as_bytes(), "text/plain"), ("a/empty", b"", "application/x-nothing")];

#[actix_web::test]
async fn ranges() {
    for kind in kinds(FILES).await {
        let server = serve(&kind.storage);
        let at = server.addr();
        for (range, status, content_range, body) in [
            ("bytes=0-", 206, Some("bytes 0-12/13"), HELLO),
            ("bytes=5-", 206, Some("bytes 5-12/13"), &HELLO[5..]),
            ("bytes=-3", 206, Some("bytes 10-12/13"), &HELLO[10..]),
            ("bytes=12-12", 206, Some("bytes 12-12/13"), "!"),
            ("bytes=-100", 206, Some("bytes 0-12/13"), HELLO),
            ("bytes=0-99999999999999999999", 206, Some("bytes 0-12/13"), HELLO),
            ("BYTES=0-1", 206, Some("bytes 0-1/13"), "He"),
            ("bytes=0-4,2-8", 206, Some("bytes 0-8/13"), &HELLO[..9]),
            ("bytes=0-4,90-", 206, Some("bytes 0-4/13"), "Hello"),
            ("items=0-1", 200, None, HELLO),
            ("bytes=5-4", 200, None, HELLO),
            ("bytes=13-", 416, Some("bytes */13"), ""),
            ("bytes=-0", 416, Some("bytes */13"), ""),
            ("bytes=50-,60-", 416, Some("bytes */13"), ""),
        ] {
            let answer = get(at, "/hello.txt", &[("Range", range)]);
            let said = (answer.status, answer.header("content-range"));
            assert_eq!(said, (status, content_range), "{range} of {}", kind.name);
            assert_eq!(answer.header("content-disposition").is_some(), status < 400);
            if status < 400 {
                assert_eq!(answer.text(), body, "{range} of {}", kind.name);
                assert_eq!(answer.header("accept-ranges"), Some("bytes"));
                assert_eq!(answer.header("etag").is_some(), kind.tags, "{}", kind.name);
            }
        }
        let head = send(at, "HEAD", "/hello.txt", &[("Range", "bytes=0-0")]);
        assert_eq!((head.status, head.header("content-length")), (200, Some("13")), "{}", kind.name);
    }
}

#[actix_web::test]
async fn several_ranges_are_parts() {
    let large: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    for kind in kinds(&[("large", &large, "application/x-large")]).await {
        let server = serve(&kind.storage);
        let answer = get(server.addr(), "/large", &[("Range", "bytes=900000-1100000, 7-300006, -5")]);
        assert!(answer.whole, "{}", kind.name);
        assert_eq!((answer.status, answer.header("content-range")), (206, None));
        let boundary = answer.header("content-type").unwrap();
        let boundary = boundary.strip_prefix("multipart/byteranges; boundary=").unwrap();
        let media_type = if kind.types { "application/x-large" } else { "application/octet-stream" };
        let mut wanted = Vec::new();
        for part in [900_000..1_100_001, 7..300_007, 1_199_995..1_200_000] {
            let (start, end) = (part.start, part.end - 1);
            let head = format!(
                "--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: bytes {start}-{end}/1200000\r\n\r\n"
            );
            wanted.extend_from_slice(head.as_bytes());
            wanted.extend_from_slice(&large[part]);
            wanted.extend_from_slice(b"\r\n");
        }
        wanted.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        assert!(answer.body == wanted, "{}", kind.name);

        assert!(get(server.addr(), "/large", &[]).body == large, "{}", kind.name);
    }
}

#[actix_web::test]
async fn an_empty_object_has_no_ranges() {
    for kind in kinds(FILES).await {
        let server = serve(&kind.storage);
        let at = server.addr();
        let answer = get(at, "/a/empty", &[]);
        assert_eq!((answer.status, answer.header("content-length"), answer.text()), (200, Some("0"), ""));
        let answer = get(at, "/a/empty", &[("Range", "bytes=0-")]);
        assert_eq!((answer.status, answer.header("content-range")), (416, Some("bytes */0")));
        let answer = get(at, "/a/empty", &[("Range", "bytes=-5")]);
        assert_eq!((answer.status, answer.text()), (200, ""), "{}", kind.name);
    }
}

#[actix_web::test]
async fn what_is_said_about_a_file() {
    for kind in kinds(FILES).await {
        let server = serve(&kind.storage);
        let at = server.addr();
        let answer = get(at, "/hello.txt", &[]);
        let media_type = if kind.types { "text/plain" } else { "text/plain; charset=utf-8" };
        assert_eq!(answer.header("content-type"), Some(media_type), "{}", kind.name);
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"hello.txt\""));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let head = send(at, Method::HEAD.as_str(), "/hello.txt", &[]);
        let without_date = |headers: &[(String, String)]| -> Vec<_> {
            headers.iter().filter(|(name, _)| name != "date").cloned().collect()
        };
        assert_eq!(without_date(&head.headers), without_date(&answer.headers), "{}", kind.name);

        let server = serve_as(&kind.storage, Delivery::new(), |download| {
            download.inline().file_name("é.html").media_type("text/html").cache_control("no-cache")
        });
        let answer = get(server.addr(), "/hello.txt", &[]);
        assert_eq!(answer.header("content-type"), Some("text/html"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        // HTML that somebody stored is not shown in the name of the site.
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename="));
    }
}
