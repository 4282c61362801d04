use crate::{
    fixture::{EARLIER, Files, HELLO, LATER, MODIFIED},
    wire::{get, send},
};

#[actix_web::test]
async fn conditions_are_judged_before_ranges() {
    let files = Files::new();
    let server = files.serve_as(|download| download.cache_control("max-age=60"));
    let at = server.addr();
    let tag = get(at, "/hello.txt", &[]).header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "strong");
    let weak = format!("W/{tag}");
    let list = format!("\"a,b\" , {weak}");
    let range = ("Range", "bytes=0-4");

    for (headers, status) in [
        (&[("If-None-Match", tag.as_str())][..], 304),
        (&[("If-None-Match", &weak)], 304),
        (&[("If-None-Match", &list)], 304),
        (&[("If-None-Match", "*")], 304),
        (&[("If-None-Match", "\"x\"")], 200),
        (&[("If-None-Match", "\"x\""), ("If-Modified-Since", LATER)], 200),
        (&[("If-Modified-Since", MODIFIED)], 304),
        (&[("If-Modified-Since", LATER)], 304),
        (&[("If-Modified-Since", "Tuesday, 02-Jan-24 03:04:05 GMT")], 304),
        (&[("If-Modified-Since", "Tue Jan  2 03:04:05 2024")], 304),
        (&[("If-Modified-Since", EARLIER)], 200),
        (&[("If-Modified-Since", "garbage")], 200),
        (&[("If-Match", &tag)], 200),
        (&[("If-Match", "*")], 200),
        (&[("If-Match", "\"x\"")], 412),
        (&[("If-Match", &weak)], 412),
        (&[("If-Match", "\"x\""), ("If-None-Match", &tag)], 412),
        (&[("If-Unmodified-Since", EARLIER)], 412),
        (&[("If-Unmodified-Since", MODIFIED)], 200),
        (&[("If-Match", &tag), ("If-Unmodified-Since", EARLIER)], 200),
        (&[range, ("If-None-Match", &tag)], 304),
        (&[range, ("If-Match", "\"x\"")], 412),
        (&[range, ("If-Range", &tag)], 206),
        (&[range, ("If-Range", &weak)], 200),
        (&[range, ("If-Range", "\"x\"")], 200),
        (&[range, ("If-Range", MODIFIED)], 206),
        (&[range, ("If-Range", LATER)], 200),
        (&[("Range", "bytes=90-"), ("If-Range", "\"x\"")], 200),
        (&[("Range", "bytes=90-"), ("If-Range", &tag)], 416),
        (&[("If-Range", &tag)], 200),
    ] {
        let answer = get(at, "/hello.txt", headers);
        assert_eq!(answer.status, status, "{headers:?}");
        match status {
            200 => assert_eq!(answer.text(), HELLO),
            206 => assert_eq!(answer.text(), "Hello"),
            304 => {
                assert_eq!(answer.body, b"");
                assert_eq!(answer.header("etag"), Some(tag.as_str()));
                assert_eq!(answer.header("cache-control"), Some("max-age=60"));
                for absent in [
                    "content-type",
                    "content-length",
                    "content-disposition",
                    "last-modified",
                    "accept-ranges",
                ] {
                    assert_eq!(answer.header(absent), None, "{absent}");
                }
            }
            _ => {
                for absent in
                    ["content-disposition", "etag", "last-modified", "cache-control", "accept-ranges"]
                {
                    assert_eq!(answer.header(absent), None, "{absent}");
                }
            }
        }
        let head = send(at, "HEAD", "/hello.txt", headers);
        assert_eq!(head.body, b"");
        assert_eq!(head.status, if matches!(status, 206 | 416) { 200 } else { status }, "HEAD {headers:?}");
    }
}

#[actix_web::test]
async fn validators_are_those_that_were_given() {
    let files = Files::new();
    let server = files.serve_as(|download| download.etag("v7"));
    let answer = get(server.addr(), "/hello.txt", &[("If-None-Match", "\"v7\"")]);
    assert_eq!((answer.status, answer.header("etag")), (304, Some("\"v7\"")));

    let server = files.serve_as(|download| download.without_etag());
    let answer = get(server.addr(), "/hello.txt", &[("If-Modified-Since", MODIFIED)]);
    assert_eq!((answer.status, answer.header("etag")), (304, None));
    assert_eq!(answer.header("last-modified"), Some(MODIFIED), "guides the cache, where there is no tag");
}

#[actix_web::test]
async fn a_post_is_answered_whatever_its_conditions() {
    let files = Files::new();
    let server = files.serve();
    let headers = [("If-None-Match", "*"), ("Range", "bytes=0-1"), ("Content-Length", "0")];
    let answer = send(server.addr(), "POST", "/hello.txt", &headers);
    assert_eq!((answer.status, answer.text()), (200, HELLO));
}

#[actix_web::test]
async fn a_changed_file_has_another_tag() {
    let files = Files::new();
    let server = files.serve();
    let tag = |answer: crate::wire::Answer| answer.header("etag").unwrap().to_owned();
    let first = tag(get(server.addr(), "/hello.txt", &[]));
    files.write("hello.txt", "Hello, moon!!");
    // The same size, the same second, one nanosecond later.
    let time = crate::fixture::modified() + std::time::Duration::from_nanos(1);
    std::fs::File::options()
        .write(true)
        .open(files.path().join("hello.txt"))
        .unwrap()
        .set_modified(time)
        .unwrap();
    assert_ne!(first, tag(get(server.addr(), "/hello.txt", &[])));
}

#[actix_web::test]
async fn a_date_to_come_is_not_told() {
    let files = Files::new();
    let path = files.write("tomorrow.txt", "x");
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(86_400)).unwrap();
    let answer = get(files.serve().addr(), "/tomorrow.txt", &[("If-Modified-Since", MODIFIED)]);
    assert_eq!((answer.status, answer.header("last-modified")), (200, None));
    assert!(answer.header("etag").is_some());
}
