//! A key is what it is.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    fixture::{kinds, serve},
    wire::{get, send},
};

const UNUSUAL: [&str; 12] = [
    "a b.txt",
    "é/報告.pdf",
    "a#b",
    "a?b=c",
    "100%.txt",
    "%41",
    "%2e%2e",
    "a+b&c=d;e",
    "quote\"and'",
    "back\\slash",
    "(a)!*~",
    "..a/...",
];

#[actix_web::test]
async fn unusual_keys_are_exact() {
    // Each has its own content, so that none is taken for another.
    let files: Vec<_> = UNUSUAL.iter().map(|key| (*key, key.as_bytes(), "text/plain")).collect();
    for kind in kinds(&files).await {
        // A root refuses what other systems would trip over; its own tests tell.
        if kind.name == "root" {
            continue;
        }
        let server = serve(&kind.storage);
        for key in UNUSUAL {
            let path = format!("/{}", utf8_percent_encode(key, NON_ALPHANUMERIC));
            let answer = get(server.addr(), &path, &[]);
            assert_eq!((answer.status, answer.text()), (200, key), "{}", kind.name);
            let answer = get(server.addr(), &path, &[("Range", "bytes=1-")]);
            assert_eq!((answer.status, &answer.body[..]), (206, &key.as_bytes()[1..]), "{}", kind.name);
        }
        assert_eq!(get(server.addr(), "/A", &[]).status, 404, "%41 is not A in {}", kind.name);
    }
}

#[actix_web::test]
async fn no_key_leads_elsewhere() {
    for kind in kinds(&[("a/hello.txt", b"hello", "text/plain"), ("top", b"top", "text/plain")]).await {
        let server = serve(&kind.storage);
        assert_eq!(get(server.addr(), "/top", &[]).text(), "top");
        let long = format!("/{}", "x".repeat(3000));
        for path in [
            "/missing",
            "/a/missing",
            "/a",
            "/a/",
            "/a/hello.txt/",
            "/a/hello.txt/b",
            "//top",
            "/%2ftop",
            "/a//hello.txt",
            "/a%2f%2e%2e%2ftop",
            "/a/..%2ftop",
            "/.%2ftop",
            "/..%2ftop",
            "/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "/%2fetc%2fpasswd",
            "/top%00",
            "/top%0a",
            "/%20top",
            "/top%20",
            "/%",
            "/",
            &long,
        ] {
            let answer = get(server.addr(), path, &[]);
            // Actix itself refuses what it cannot decode.
            assert!(matches!(answer.status, 404 | 400), "{} gives {path}: {}", kind.name, answer.status);
            if answer.status == 404 {
                assert_eq!(answer.text(), "there is no such file");
            }
            assert_eq!(send(server.addr(), "HEAD", path, &[]).status, answer.status, "{} {path}", kind.name);
        }
    }
}
