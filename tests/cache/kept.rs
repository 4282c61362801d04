//! What is kept, under which name, and how it is told.

use std::{
    io::{self, Cursor, Read, Seek},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_charter::download::{Away, Download};
use actix_web::{test::TestRequest, web::Bytes};
use futures_util::stream;

use crate::{
    fixture::{Shelf, Spring, names, never, pattern},
    log::Log,
};

fn modified() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_704_164_645)
}

/// A reader that knows its length, and may not be read.
struct Unread;

impl Read for Unread {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("it was read again"))
    }
}

impl Seek for Unread {
    fn seek(&mut self, _: io::SeekFrom) -> io::Result<u64> {
        Ok(13)
    }
}

#[actix_web::test]
async fn every_kind_of_source_is_kept() {
    let shelf = Shelf::new();
    let text = "Hello, world!";
    let words = || stream::iter(["Hello", "", ", ", "world!"].map(Ok::<_, io::Error>));
    let unpolled = || stream::poll_fn(|_| -> std::task::Poll<Option<io::Result<Bytes>>> { panic!("polled") });
    let pairs: Vec<(Download<Away>, Download<Away>)> = vec![
        (Download::text(text).cached("text"), Download::text(text).cached("text")),
        (
            Download::stream(words()).cached("stream").last_modified(modified()),
            Download::stream(unpolled()).last_modified(modified()).cached("stream"),
        ),
        (
            Download::stream(words()).length(13).cached("sized").etag("W/\"1\""),
            Download::stream(unpolled()).length(13).cached("sized").etag("W/\"1\""),
        ),
        (
            Download::reader(Cursor::new(text)).await.cached("reader").etag("1"),
            Download::reader(Unread).await.cached("reader").etag("1"),
        ),
        (Download::generated("generated", words).etag("v1"), never("generated")),
    ];
    for (number, (first, second)) in pairs.into_iter().enumerate() {
        assert_eq!(shelf.get(first).await.text(), text, "{number}");
        assert_eq!(shelf.get(second).await.text(), text, "{number}");
    }
    shelf.assert_holds(5);
}

#[actix_web::test]
async fn what_has_no_bytes_is_not_worth_a_file() {
    let shelf = Shelf::new();
    for _ in 0..2 {
        assert_eq!(shelf.get(Download::text("").cached("a")).await.text(), "");
        let nothing = stream::empty::<io::Result<Bytes>>();
        assert_eq!(shelf.get(Download::stream(nothing).etag("v1").cached("b")).await.text(), "");
    }
    shelf.assert_holds(1);
}

#[actix_web::test]
async fn what_is_not_as_long_as_the_source_says_is_made_anew() {
    let shelf = Shelf::new();
    for text in ["Hello, world!", "Hello", "Hello", "World", ""] {
        // The handler breaks its word: these are not one state of one file.
        let answer = shelf.get(Download::text(text).etag("v1").cached("a")).await;
        assert_eq!(answer.text(), if text == "World" { "Hello" } else { text });
        if !text.is_empty() {
            shelf.assert_holds(1);
        }
    }
}

#[actix_web::test]
async fn the_answer_is_the_handlers_the_bytes_are_the_caches() {
    let shelf = Shelf::new();
    let words = || stream::iter(["Hello", ", ", "world!"].map(Ok::<_, io::Error>));
    shelf.get(Download::generated("a", words).etag("v1").file_name("a.txt")).await;
    let again = || never("a").file_name("b.csv").last_modified(modified()).cache_control("no-cache");
    let whole = shelf.get(again()).await;
    assert_eq!((whole.status().as_u16(), whole.text()), (200, "Hello, world!"));
    for (name, value) in [
        ("etag", "\"v1\""),
        ("last-modified", "Tue, 02 Jan 2024 03:04:05 GMT"),
        ("content-type", "text/csv; charset=utf-8"),
        ("content-disposition", "attachment; filename=\"b.csv\""),
        ("cache-control", "no-cache"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(whole.header(name), Some(value));
    }
    let text = shelf.get(never("a")).await;
    assert_eq!(text.header("last-modified"), None, "the time of the cache's file is nobody's business");
    let bytes = Download::text("Hello").cached("bytes");
    assert_eq!(
        shelf.get(bytes).await.header("etag"),
        shelf.get(Download::text("Hello").cached("x")).await.header("etag")
    );
    for (headers, status, body) in [
        (&[("if-none-match", "\"v1\"")][..], 304, ""),
        (&[("if-match", "\"v2\"")], 412, "the file is not in the state that the request is about"),
        (&[("range", "bytes=7-11"), ("if-range", "\"v1\"")], 206, "world"),
        (&[("range", "bytes=7-11"), ("if-range", "\"v2\"")], 200, "Hello, world!"),
        (&[("range", "bytes=-1")], 206, "!"),
    ] {
        let request =
            headers.iter().fold(TestRequest::get(), |request, header| request.insert_header(*header));
        let answer = shelf.send(request, again()).await;
        assert_eq!((answer.status().as_u16(), answer.text()), (status, body), "{headers:?}");
    }
}

#[actix_web::test]
async fn another_state_is_another_file() {
    let shelf = Shelf::new();
    let number = std::rc::Rc::new(std::cell::Cell::new(0));
    let make = |key: &str| {
        let number = number.clone();
        Download::generated(key, move || {
            number.set(number.get() + 1);
            stream::iter([Ok::<_, io::Error>(number.get().to_string())])
        })
    };
    for (download, text) in [
        (make("a").etag("v1"), "1"),
        (make("a").etag("v1"), "1"),
        (make("a").etag("v2"), "2"),
        (make("b").etag("v1"), "3"),
        (make("a").etag("W/\"v1\""), "4"),
        (make("a").last_modified(modified()), "5"),
        (make("a").last_modified(modified() + Duration::from_secs(1)), "6"),
        (make("a").last_modified(modified()), "5"),
        (make("a").etag("v1").last_modified(modified()), "1"),
        (make("A").etag("v1"), "7"),
        (make("a").etag("V1"), "8"),
    ] {
        assert_eq!(shelf.get(download).await.text(), text);
    }
    shelf.assert_holds(8);
}

#[actix_web::test]
async fn what_has_no_validator_is_sent_and_the_log_says_why() {
    let shelf = Shelf::new();
    let words = || stream::iter(["Hello", ", ", "world!"].map(Ok::<_, io::Error>));
    let log = Log::start();
    let downloads = [
        Download::generated("a", words),
        Download::stream(words()).cached("a"),
        Download::reader(Cursor::new("Hello, world!")).await.cached("a"),
        Download::text("Hello, world!").without_etag().cached("a"),
        // It may change again within the second.
        Download::generated("a", words).last_modified(SystemTime::now()),
    ];
    for download in downloads {
        assert_eq!(shelf.get(download).await.text(), "Hello, world!");
        let line = log.only();
        assert!(line.starts_with("WARN actix_charter::download: a file is not cached"), "{line}");
    }
    shelf.assert_empty();
}

#[actix_web::test]
async fn without_a_cache_it_is_only_sent() {
    let (spring, mut taps) = Spring::new();
    for _ in 0..2 {
        let taken = async {
            let answer =
                crate::fixture::answer(Default::default(), TestRequest::get(), spring.download("a")).await;
            assert_eq!(crate::fixture::taken(answer).await.text(), "Hello");
        };
        futures_util::join!(taken, async { taps.next().await.give("Hello") });
    }
    assert_eq!(spring.made(), 2);
}

#[actix_web::test]
async fn no_key_leads_out_or_looks_like_another() {
    let shelf = Shelf::new();
    let long = "x".repeat(100_000);
    let keys = [
        "",
        ".",
        "..",
        "/",
        "../../../etc/passwd",
        "/etc/passwd",
        ".lock",
        ".fill-1",
        "a",
        "A",
        "a\0",
        "a\0b",
        "a/b",
        "a\\b",
        "a\nb",
        "é",
        "e\u{301}",
        "CON",
        "a.",
        "a ",
        "%2e%2e%2f",
        "\u{202e}",
        &long,
    ];
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(
            shelf.get(Download::text(number.to_string()).etag("v1").cached(*key)).await.text(),
            number.to_string()
        );
    }
    for (number, key) in keys.iter().enumerate() {
        let length = number.to_string().len() as u64;
        let download =
            Download::stream(stream::pending::<io::Result<Bytes>>()).length(length).etag("v1").cached(*key);
        assert_eq!(shelf.get(download).await.text(), number.to_string(), "{key:?}");
    }
    shelf.assert_holds(keys.len());
    assert!(shelf.names().iter().all(|name| name.bytes().all(|byte| b"0123456789abcdef-".contains(&byte))));
    assert_eq!(names(shelf.cache.path().parent().unwrap()), ["cache"]);
}

#[actix_web::test]
async fn large_files_are_the_same_first_and_later() {
    let shelf = Shelf::new();
    let bytes = pattern(5_000_000);
    for _ in 0..2 {
        let answer = shelf.get(Download::bytes(bytes.clone()).cached("a")).await;
        assert!(answer.whole && answer.body == bytes);
        assert_eq!(answer.header("accept-ranges"), Some("bytes"));
    }
    let pieces: Vec<_> =
        bytes.chunks(777).map(|piece| Ok::<_, io::Error>(Bytes::copy_from_slice(piece))).collect();
    let answer = shelf.get(Download::stream(stream::iter(pieces)).cached("b").etag("1")).await;
    assert!(answer.whole && answer.body == bytes);
    shelf.assert_holds(2);
}

#[actix_web::test]
async fn files_of_this_machine_are_not_copied() {
    let shelf = Shelf::new();
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a.txt"), "Hello").unwrap();
    let root = actix_charter::download::Root::new(directory.path()).unwrap();
    let answer = shelf.get(Download::path(&root, "a.txt").cached("a")).await;
    assert_eq!((answer.text(), answer.header("content-type")), ("Hello", Some("text/plain; charset=utf-8")));
    assert_eq!(shelf.get(Download::stored(&root, "a.txt")).await.text(), "Hello");
    assert_eq!(shelf.get(Download::path(&root, "b.txt").cached("b")).await.status().as_u16(), 404);
    shelf.assert_empty();
}
