use std::{
    convert::Infallible,
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_charter::download::Download;
use actix_web::web::Bytes;
use futures_util::stream;

use crate::{
    fixture::{Files, HELLO, MODIFIED, serve},
    wire::{get, open, parse, send},
};

#[actix_web::test]
async fn a_file_is_sent_with_all_that_is_known_of_it() {
    let files = Files::new();
    let server = files.serve();
    let answer = get(server.addr(), "/hello.txt", &[]);
    assert_eq!((answer.status, answer.text()), (200, HELLO));
    for (name, value) in [
        ("content-length", "13"),
        ("content-type", "text/plain; charset=utf-8"),
        ("content-disposition", "attachment; filename=\"hello.txt\""),
        ("accept-ranges", "bytes"),
        ("last-modified", MODIFIED),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(answer.header("vary"), None);

    let head = send(server.addr(), "HEAD", "/hello.txt", &[]);
    assert_eq!(head.body, b"");
    let but_date = |answer: &crate::wire::Answer| {
        let mut headers = answer.headers.clone();
        headers.retain(|(name, _)| name != "date");
        headers
    };
    assert_eq!(but_date(&head), but_date(&answer));
}

#[actix_web::test]
async fn sizes_around_every_bound_arrive_whole() {
    let files = Files::new();
    let server = files.serve();
    for size in [0, 1, 8_192, 8_193, 65_536, 122_879, 122_880, 122_881, 245_761, 3_000_001] {
        let content: Vec<u8> = (0..size).map(|i: usize| (i * 31 % 251) as u8).collect();
        files.write("sized", &content);
        let answer = get(server.addr(), "/sized", &[]);
        assert!(answer.whole && answer.body == content, "{size}");
    }
}

#[actix_web::test]
async fn a_stream_has_no_length_and_no_ranges() {
    let server = serve(|_| {
        // Empty chunks are not the end.
        let chunks = ["Hello", "", ", ", "", "world!"].map(|chunk| Ok::<_, Infallible>(Bytes::from(chunk)));
        Download::stream(stream::iter(chunks)).file_name("hello.txt")
    });
    let answer = get(server.addr(), "/", &[("Range", "bytes=0-1")]);
    assert_eq!((answer.status, answer.text()), (200, HELLO));
    assert_eq!(answer.header("content-length"), None);
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    assert_eq!(answer.header("accept-ranges"), Some("none"));
    assert_eq!(answer.header("etag"), None);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[actix_web::test]
async fn a_stream_may_tell_its_length_and_validators() {
    let server = serve(|_| {
        let chunks = [Ok::<_, Infallible>(HELLO)];
        Download::stream(stream::iter(chunks)).length(13).etag("v1")
    });
    let answer = get(server.addr(), "/", &[("Range", "bytes=0-1")]);
    assert_eq!((answer.status, answer.text(), answer.header("content-length")), (200, HELLO, Some("13")));
    assert_eq!(get(server.addr(), "/", &[("If-None-Match", "\"v1\"")]).status, 304);
}

#[actix_web::test]
async fn head_starts_no_stream() {
    let started = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&started);
    let server = serve(move |_| {
        let started = Arc::clone(&started);
        Download::stream(stream::poll_fn(move |_| {
            started.store(true, Ordering::SeqCst);
            std::task::Poll::Ready(None::<Result<Bytes, Infallible>>)
        }))
    });
    let head = send(server.addr(), "HEAD", "/", &[]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert!(!seen.load(Ordering::SeqCst));
    assert_eq!(get(server.addr(), "/", &[]).text(), "");
    assert!(seen.load(Ordering::SeqCst));
}

#[actix_web::test]
async fn the_opened_file_is_sent_though_another_takes_its_place() {
    let files = Files::new();
    let old = vec![b'o'; 64 * 1024 * 1024];
    files.write("big", &old);
    let server = files.serve();
    let mut answer = open(server.addr(), "GET", "/big", &[]);
    let mut raw = vec![0; 1000];
    answer.read_exact(&mut raw).unwrap();
    files.write("new", vec![b'n'; old.len()]);
    std::fs::rename(files.path().join("new"), files.path().join("big")).unwrap();
    answer.read_to_end(&mut raw).unwrap();
    let answer = parse("GET", &raw);
    assert!(answer.whole && answer.body == old);
}

#[actix_web::test]
async fn what_cannot_be_sent_is_our_fault() {
    let server = serve(|_| Download::bytes("x").media_type("text/plain\r\nX-Evil: 1"));
    assert_eq!(get(server.addr(), "/", &[]).status, 500);
    let server = serve(|_| Download::bytes("x").etag("a\"b"));
    assert_eq!(get(server.addr(), "/", &[]).status, 500);
}

#[actix_web::test]
async fn compression_middlewares_are_kept_off_resumable_answers() {
    let files = Files::new();
    let server = files.serve();
    let encoding = |headers: &[(&str, &str)]| {
        let answer = get(server.addr(), "/hello.txt", headers);
        (answer.status, answer.header("content-encoding").map(str::to_owned))
    };
    let gzip = ("Accept-Encoding", "gzip, br");
    assert_eq!(encoding(&[gzip]), (200, Some("identity".to_owned())));
    assert_eq!(encoding(&[("Accept-Encoding", "identity")]), (200, None));
    assert_eq!(encoding(&[gzip, ("Range", "bytes=0-1")]), (206, None));

    let server = files.serve_as(|download| download.compressible());
    let answer = get(server.addr(), "/hello.txt", &[gzip, ("Range", "bytes=0-1")]);
    assert_eq!((answer.status, answer.header("content-encoding")), (200, None));
    assert_eq!(answer.header("accept-ranges"), Some("none"));
    assert!(answer.header("etag").unwrap().starts_with("W/"));
}

#[actix_web::test]
async fn the_middleware_of_actix_compresses_only_what_it_may() {
    let files = Files::new();
    let text = "All work and no play makes Jack a dull boy. ".repeat(1000);
    files.write("text.txt", &text);
    let root = files.root.clone();
    let server = actix_test::start(move || {
        let root = root.clone();
        actix_web::App::new().wrap(actix_web::middleware::Compress::default()).route(
            "/{how}",
            actix_web::web::get().to(move |how: actix_web::web::Path<String>| {
                let download = Download::path(&root, "text.txt");
                let download = if *how == "compressible" { download.compressible() } else { download };
                async move { download }
            }),
        )
    });
    let gzip = ("Accept-Encoding", "gzip");
    let answer = get(server.addr(), "/plain", &[gzip]);
    assert_eq!(answer.text(), text);
    // So a download that broke off is resumed with bytes of the same kind.
    let tag = answer.header("etag").unwrap();
    let rest = get(server.addr(), "/plain", &[gzip, ("Range", "bytes=40000-"), ("If-Range", tag)]);
    assert_eq!((rest.status, rest.text()), (206, &text[40_000..]));

    let answer = get(server.addr(), "/compressible", &[gzip, ("Range", "bytes=40000-")]);
    assert_eq!((answer.status, answer.header("content-encoding")), (200, Some("gzip")));
    assert!(answer.whole && answer.body.len() < text.len() / 10);
    assert!(answer.header("etag").unwrap().starts_with("W/"));
}

#[actix_web::test]
async fn opening_may_be_left_to_the_pool() {
    let files = Files::new();
    let root = files.root.clone();
    let server = actix_test::start(move || {
        let root = root.clone();
        actix_web::App::new().route(
            "/{name}",
            actix_web::web::get().to(move |name: actix_web::web::Path<String>| {
                Download::path(&root, name.into_inner()).opened()
            }),
        )
    });
    let answer = get(server.addr(), "/hello.txt", &[]);
    assert_eq!(answer.text(), HELLO);
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"hello.txt\""));
    assert_eq!(get(server.addr(), "/nothing", &[]).status, 404);
}

#[actix_web::test]
async fn a_slow_download_arrives_whole() {
    let files = Files::new();
    let content = vec![7; 300_000];
    files.write("slow", &content);
    // So fast that nobody waits; the pace itself is tested with paused time.
    let server = files.serve_as(|download| download.rate_limit(1_000_000_000));
    let answer = get(server.addr(), "/slow", &[]);
    assert!(answer.whole && answer.body == content);
}

#[actix_web::test]
async fn answers_follow_one_another_on_one_connection() {
    let files = Files::new();
    let server = files.serve();
    let mut connection = TcpStream::connect(server.addr()).unwrap();
    let request = |method: &str, more: &str| format!("{method} /hello.txt HTTP/1.1\r\nHost: x\r\n{more}\r\n");
    let all = [
        request("HEAD", ""),
        request("GET", "If-None-Match: *\r\n"),
        request("GET", "Range: bytes=0-0,5-6\r\n"),
        request("GET", "Range: bytes=90-\r\n"),
        request("GET", "Range: bytes=0-4\r\n"),
        request("GET", "Connection: close\r\n"),
    ];
    connection.write_all(all.concat().as_bytes()).unwrap();
    let mut raw = Vec::new();
    connection.read_to_end(&mut raw).unwrap();
    let mut rest = &raw[..];
    for (status, has_body) in [(200, false), (304, false), (206, true), (416, true), (206, true), (200, true)]
    {
        let end = rest.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let head = parse("HEAD", &rest[..end]);
        assert_eq!(head.status, status);
        let length = if has_body { head.header("content-length").unwrap().parse().unwrap() } else { 0 };
        rest = &rest[end + length..];
    }
    assert!(rest.is_empty());
}

#[actix_web::test]
async fn http_1_0_takes_a_stream_until_the_end() {
    let server = serve(|_| Download::stream(stream::iter(["Hello", "", "!"].map(Ok::<_, Infallible>))));
    let mut connection = TcpStream::connect(server.addr()).unwrap();
    connection.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut raw = Vec::new();
    connection.read_to_end(&mut raw).unwrap();
    assert!(raw.ends_with(b"\r\n\r\nHello!"), "{}", String::from_utf8_lossy(&raw));
}
