use std::io::Cursor;

use actix_charter::download::Download;
use actix_web::web::Bytes;

use crate::{
    fixture::{Files, HELLO, serve},
    wire::{Answer, get, send},
};

#[actix_web::test]
async fn ranges_are_cut_out_of_every_source_alike() {
    let files = Files::new();
    let disk = files.serve();
    let memory = serve(|_| Download::bytes(HELLO));
    for server in [&disk, &memory] {
        let at = server.addr();
        for (range, status, content_range, body) in [
            ("bytes=5-", 206, Some("bytes 5-12/13"), &HELLO[5..]),
            ("bytes=-3", 206, Some("bytes 10-12/13"), &HELLO[10..]),
            ("bytes=12-12", 206, Some("bytes 12-12/13"), "!"),
            ("bytes=-100", 206, Some("bytes 0-12/13"), HELLO),
            ("bytes=0-99999999999999999999", 206, Some("bytes 0-12/13"), HELLO),
            ("BYTES=0-1", 206, Some("bytes 0-1/13"), "He"),
            ("bytes=0-4,2-8", 206, Some("bytes 0-8/13"), &HELLO[..9]),
            ("bytes=0-4,5-8", 206, Some("bytes 0-8/13"), &HELLO[..9]),
            ("bytes=0-4,90-", 206, Some("bytes 0-4/13"), "Hello"),
            ("items=0-1", 200, None, HELLO),
            ("bytes=5-4", 200, None, HELLO),
            ("bytes=abc", 200, None, HELLO),
            ("bytes=13-", 416, Some("bytes */13"), ""),
            ("bytes=-0", 416, Some("bytes */13"), ""),
            ("bytes=50-,60-", 416, Some("bytes */13"), ""),
        ] {
            let answer = get(at, "/hello.txt", &[("Range", range)]);
            assert_eq!((answer.status, answer.header("content-range")), (status, content_range), "{range}");
            if status < 400 {
                assert_eq!(answer.text(), body, "{range}");
                assert_eq!(answer.header("accept-ranges"), Some("bytes"));
                assert!(answer.header("etag").is_some());
            } else {
                assert_eq!(answer.text(), "the file has none of the bytes that were asked for");
                assert_eq!(answer.header("content-disposition"), None);
                assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
            }
        }
        let many = format!("bytes={}", vec!["0-"; 500].join(","));
        assert_eq!(get(at, "/hello.txt", &[("Range", &many)]).status, 200);
        let head = send(at, "HEAD", "/hello.txt", &[("Range", "bytes=0-0")]);
        assert_eq!((head.status, head.header("content-length")), (200, Some("13")));
    }
}

/// Takes a multipart/byteranges body apart: type, range and bytes of each part.
fn parts(answer: &Answer) -> Vec<(String, String, Vec<u8>)> {
    assert!(answer.whole);
    let boundary =
        answer.header("content-type").unwrap().strip_prefix("multipart/byteranges; boundary=").unwrap();
    let mut rest = &answer.body[..];
    let mut parts = Vec::new();
    let open = format!("--{boundary}\r\n");
    loop {
        rest = rest.strip_prefix(open.as_bytes()).expect("a delimiter");
        let end = rest.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&rest[..end]).unwrap();
        let (kind, range) = head.split_once("\r\n").unwrap();
        let range = range.strip_prefix("Content-Range: bytes ").unwrap();
        let (first, last) = range.split_once('/').unwrap().0.split_once('-').unwrap();
        let length = last.parse::<usize>().unwrap() - first.parse::<usize>().unwrap() + 1;
        let bytes = &rest[end + 4..end + 4 + length];
        parts.push((
            kind.strip_prefix("Content-Type: ").unwrap().to_owned(),
            range.to_owned(),
            bytes.to_vec(),
        ));
        rest = rest[end + 4 + length..].strip_prefix(b"\r\n").unwrap();
        if rest == format!("--{boundary}--\r\n").as_bytes() {
            return parts;
        }
    }
}

#[actix_web::test]
async fn several_ranges_are_parts() {
    let files = Files::new();
    let large: Vec<u8> = (0..1_000_000u32).flat_map(u32::to_le_bytes).collect();
    files.write("large", &large);
    let server = files.serve();
    let answer = get(server.addr(), "/hello.txt", &[("Range", "bytes=0-0,5-6")]);
    assert_eq!((answer.status, answer.header("content-range")), (206, None));
    let kind = "text/plain; charset=utf-8".to_owned();
    assert_eq!(
        parts(&answer),
        [(kind.clone(), "0-0/13".to_owned(), b"H".to_vec()), (kind, "5-6/13".to_owned(), b", ".to_vec())]
    );
    let other = get(server.addr(), "/hello.txt", &[("Range", "bytes=0-0,5-6")]);
    assert_ne!(answer.header("content-type"), other.header("content-type"), "boundaries are not foreseen");

    let answer = get(server.addr(), "/large", &[("Range", "bytes=3000000-3300000, 7-300006, -5, 100-200")]);
    let sent = parts(&answer);
    let ranges = [3_000_000..3_300_001, 7..300_007, 3_999_995..4_000_000];
    assert_eq!(sent.len(), ranges.len());
    for ((kind, _, bytes), range) in sent.iter().zip(ranges) {
        assert_eq!(kind, "application/octet-stream");
        assert_eq!(*bytes, &large[range]);
    }
}

#[actix_web::test]
async fn an_empty_file_has_no_ranges() {
    let files = Files::new();
    files.write("empty", "");
    let server = files.serve();
    let at = server.addr();
    let answer = get(at, "/empty", &[]);
    assert_eq!((answer.status, answer.header("content-length"), answer.text()), (200, Some("0"), ""));
    let answer = get(at, "/empty", &[("Range", "bytes=0-")]);
    assert_eq!((answer.status, answer.header("content-range")), (416, Some("bytes */0")));
    let answer = get(at, "/empty", &[("Range", "bytes=-5")]);
    assert_eq!((answer.status, answer.text()), (200, ""));
}

#[actix_web::test]
async fn a_reader_is_read_from_where_it_is_asked_to() {
    let content: Vec<u8> = (0..200_000u32).flat_map(u32::to_be_bytes).collect();
    let given = Bytes::from(content.clone());
    let server = actix_test::start(move || {
        let given = given.clone();
        actix_web::App::new()
            .default_service(actix_web::web::to(move || Download::reader(Cursor::new(given.clone()))))
    });
    let at = server.addr();
    let answer = get(at, "/", &[]);
    assert_eq!((answer.status, answer.header("etag")), (200, None));
    assert!(answer.whole && answer.body == content);
    let answer = get(at, "/", &[("Range", "bytes=700000-")]);
    assert_eq!(answer.header("content-range"), Some("bytes 700000-799999/800000"));
    assert!(answer.whole && answer.body == content[700_000..]);
    let answer = get(at, "/", &[("Range", "bytes=700000-700009,3-5")]);
    let sent: Vec<_> = parts(&answer).into_iter().map(|(_, _, bytes)| bytes).collect();
    assert_eq!(sent, [&content[700_000..700_010], &content[3..6]]);
}
