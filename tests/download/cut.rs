//! What is cut short never looks whole.

use std::{
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom},
};

use actix_charter::download::Download;
use actix_web::{App, web};
use futures_util::{StreamExt, stream};

use crate::{
    fixture::{Files, serve},
    wire::{get, open, parse},
};

#[actix_web::test]
async fn a_file_that_shrinks_while_it_is_sent() {
    let files = Files::new();
    let path = files.write("big", "");
    let size = 64 * 1024 * 1024;
    for range in [&[][..], &[("Range", "bytes=0-30000000,40000000-")]] {
        File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
        let server = files.serve();
        let mut answer = open(server.addr(), "GET", "/big", range);
        let mut raw = vec![0; 1000];
        answer.read_exact(&mut raw).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
        let _ = answer.read_to_end(&mut raw);
        let answer = parse("GET", &raw);
        assert!(!answer.whole && answer.body.len() < size as usize);
        // The worker lives.
        assert_eq!(get(server.addr(), "/hello.txt", &[]).status, 200);
    }
}

#[actix_web::test]
async fn a_file_that_grows_is_sent_as_long_as_it_was() {
    let files = Files::new();
    let size = 64 * 1024 * 1024;
    let path = files.write("big", "");
    let file = File::options().write(true).open(path).unwrap();
    file.set_len(size).unwrap();
    let server = files.serve();
    let mut answer = open(server.addr(), "GET", "/big", &[]);
    let mut raw = vec![0; 1000];
    answer.read_exact(&mut raw).unwrap();
    file.set_len(2 * size).unwrap();
    answer.read_to_end(&mut raw).unwrap();
    assert!(parse("GET", &raw).whole);
}

#[actix_web::test]
async fn a_stream_that_fails_or_panics() {
    let server = serve(|request| {
        let panics = request.path() == "/panics";
        Download::stream(stream::iter(0..100).map(move |number| match number {
            50 if panics => panic!("the generator broke"),
            50 => Err(io::Error::other("the source broke")),
            _ => Ok("x".repeat(10_000)),
        }))
    });
    for path in ["/fails", "/panics"] {
        let answer = get(server.addr(), path, &[]);
        assert_eq!(answer.status, 200);
        assert!(!answer.whole && answer.body.len() <= 500_000, "{path}");
    }
}

#[actix_web::test]
async fn a_stream_that_breaks_its_word() {
    let server = serve(|request| {
        let length = request.path().trim_start_matches('/').parse().unwrap();
        let chunks = ["Hello", ", ", "world!"].map(Ok::<_, io::Error>);
        Download::stream(stream::iter(chunks)).length(length)
    });
    assert_eq!(get(server.addr(), "/13", &[]).text(), "Hello, world!");
    for length in ["/14", "/12", "/6"] {
        let answer = get(server.addr(), length, &[]);
        assert!(!answer.whole, "{length}");
    }
}

/// Reads as it should, until it does something else.
struct Broken {
    inner: Cursor<Vec<u8>>,
    how: &'static str,
}

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.inner.position() < 100_000 {
            return self.inner.read(buffer);
        }
        match self.how {
            "fails" => Err(io::Error::other("the disk broke")),
            "panics" => panic!("the reader broke"),
            _ => Ok(0),
        }
    }
}

impl Seek for Broken {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self.how {
            "unseekable" => Err(io::Error::other("no seeking here")),
            _ => self.inner.seek(to),
        }
    }
}

#[actix_web::test]
async fn a_reader_that_breaks() {
    let server = actix_test::start(|| {
        let route = |how: &'static str| {
            web::get().to(move || Download::reader(Broken { inner: Cursor::new(vec![1; 1_000_000]), how }))
        };
        App::new()
            .route("/fails", route("fails"))
            .route("/panics", route("panics"))
            .route("/ends", route("ends"))
            .route("/unseekable", route("unseekable"))
    });
    for path in ["/fails", "/panics", "/ends"] {
        let answer = get(server.addr(), path, &[]);
        assert_eq!((answer.status, answer.header("content-length")), (200, Some("1000000")));
        assert!(!answer.whole, "{path}");
    }
    assert_eq!(get(server.addr(), "/unseekable", &[]).status, 500);
}
