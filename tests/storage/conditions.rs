use crate::{
    fixture::{HELLO, kinds, serve},
    wire::{get, send},
};

#[actix_web::test]
async fn conditions_are_judged_by_what_the_storage_says() {
    for kind in kinds(&[("hello.txt", HELLO.as_bytes(), "text/plain")]).await {
        let server = serve(&kind.storage);
        let at = server.addr();
        let answer = get(at, "/hello.txt", &[]);
        assert_eq!(answer.header("last-modified").is_some(), kind.times, "{}", kind.name);
        let since = answer.header("last-modified").unwrap_or_default().to_owned();
        let range = ("Range", "bytes=0-4");
        let before = "Mon, 01 Jan 2024 00:00:00 GMT";
        let mut cases = vec![
            (vec![("If-None-Match", "*")], 304),
            (vec![("If-Match", "\"x\"")], 412),
            (vec![range, ("If-Range", before)], 200),
            (vec![("Range", "bytes=90-"), ("If-Range", "\"x\"")], 200),
        ];
        if kind.times {
            cases.extend([
                (vec![("If-Modified-Since", since.as_str())], 304),
                (vec![("If-Modified-Since", before)], 200),
                (vec![("If-Unmodified-Since", before)], 412),
                (vec![("If-Unmodified-Since", since.as_str())], 200),
            ]);
        }
        let tag = answer.header("etag").unwrap_or("\"none\"").to_owned();
        let (weak, list) = (format!("W/{tag}"), format!("\"a,b\" , {tag}"));
        if kind.tags {
            cases.extend([
                (vec![("If-None-Match", tag.as_str())], 304),
                (vec![("If-None-Match", &weak)], 304),
                (vec![("If-None-Match", &list)], 304),
                (vec![("If-None-Match", "\"x\"")], 200),
                (vec![("If-Match", &tag)], 200),
                (vec![("If-Match", &weak)], 412),
                (vec![range, ("If-None-Match", &tag)], 304),
                (vec![range, ("If-Range", &tag)], 206),
                (vec![range, ("If-Range", &weak)], 200),
                (vec![("Range", "bytes=90-"), ("If-Range", &tag)], 416),
            ]);
        }
        for (headers, status) in cases {
            let answer = get(at, "/hello.txt", &headers);
            assert_eq!(answer.status, status, "{headers:?} of {}", kind.name);
            match status {
                200 => assert_eq!(answer.text(), HELLO),
                206 => assert_eq!(answer.text(), "Hello"),
                304 => assert_eq!((answer.body.len(), answer.header("content-disposition")), (0, None)),
                _ => assert_eq!((answer.header("content-disposition"), answer.header("etag")), (None, None)),
            }
            let head = send(at, "HEAD", "/hello.txt", &headers);
            assert_eq!(head.status, if matches!(status, 206 | 416) { 200 } else { status }, "{headers:?}");
        }
    }
}
