//! Rows of a database: what their columns say is what the client is told.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use actix_charter::download::{
    Delivery, Download, Root,
    offload::Offload,
    storage::{FileRow, ObjectStorage, RowContent},
};
use actix_test::TestServer;
use actix_web::{http::Method, web::Bytes};

use crate::{
    fixture::{AnyStorage, HELLO, modified, serve_made},
    stub::{Fault, Object, Stub},
    wire::{get, send},
};

#[derive(Clone)]
struct Row {
    content: RowContent,
    file_name: Option<&'static str>,
    media_type: Option<&'static str>,
    size: Option<u64>,
    modified: Option<SystemTime>,
    etag: Option<&'static str>,
}

impl Row {
    fn new(content: RowContent) -> Self {
        Self { content, file_name: None, media_type: None, size: None, modified: None, etag: None }
    }

    fn key(key: &str) -> Self {
        Self::new(RowContent::Key(key.to_owned()))
    }

    /// Whose columns all say something.
    fn full(content: RowContent) -> Self {
        Self {
            file_name: Some("Übersicht.csv"),
            media_type: Some("text/x-row"),
            size: Some(13),
            modified: Some(modified() - std::time::Duration::from_secs(1)),
            etag: Some("v7"),
            ..Self::new(content)
        }
    }
}

impl FileRow for Row {
    fn content(&self) -> RowContent {
        self.content.clone()
    }

    fn file_name(&self) -> Option<Cow<'_, str>> {
        self.file_name.map(Into::into)
    }

    fn media_type(&self) -> Option<Cow<'_, str>> {
        self.media_type.map(Into::into)
    }

    fn size(&self) -> Option<u64> {
        self.size
    }

    fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    fn etag(&self) -> Option<Cow<'_, str>> {
        self.etag.map(Into::into)
    }
}

fn serve(row: &Row, storage: &AnyStorage, delivery: Delivery) -> TestServer {
    let (row, storage) = (row.clone(), Arc::clone(storage));
    serve_made(delivery, move |_| Download::row(&row, &storage))
}

fn s3() -> (Stub, AnyStorage) {
    let stub = Stub::start();
    stub.put("k/1.bin", Object::new(HELLO, "text/x-stored", modified()));
    let storage = Arc::new(ObjectStorage::signing("s3", stub.s3()));
    (stub, storage)
}

fn directory() -> (tempfile::TempDir, AnyStorage) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("k")).unwrap();
    std::fs::write(directory.path().join("k/1.bin"), HELLO).unwrap();
    let root = Root::new(directory.path()).unwrap();
    (directory, Arc::new(root))
}

#[actix_web::test]
async fn columns_count_wherever_the_bytes_lie() {
    let (_stub, s3) = s3();
    let (_directory, local) = directory();
    for (row, storage) in [
        (Row::full(RowContent::Key("k/1.bin".into())), &s3),
        (Row::full(RowContent::Key("k/1.bin".into())), &local),
        (Row { size: None, ..Row::full(RowContent::Key("k/1.bin".into())) }, &s3),
        (Row::full(RowContent::Bytes(Bytes::from(HELLO))), &s3),
    ] {
        let server = serve(&row, storage, Delivery::new());
        let at = server.addr();
        for answer in [get(at, "/", &[]), send(at, "HEAD", "/", &[])] {
            assert_eq!(
                (answer.status, answer.header("content-length")),
                (200, Some("13")),
                "{:?} {:?} {answer:?}",
                row.content,
                row.size
            );
            assert_eq!(answer.header("content-type"), Some("text/x-row"));
            assert_eq!(answer.header("etag"), Some("\"v7\""));
            assert_eq!(answer.header("last-modified"), Some("Tue, 02 Jan 2024 03:04:04 GMT"));
            let disposition = answer.header("content-disposition").unwrap();
            assert!(disposition.ends_with("filename*=UTF-8''%C3%9Cbersicht.csv"), "{disposition}");
        }
        assert_eq!(get(at, "/", &[]).text(), HELLO);
        let part = get(at, "/", &[("Range", "bytes=-6"), ("If-Range", "\"v7\"")]);
        assert_eq!((part.status, part.text()), (206, "world!"));
        assert!(get(at, "/", &[("Range", "bytes=0-1,5-6")]).whole);
        assert_eq!(get(at, "/", &[("If-None-Match", "\"v7\"")]).status, 304);
        assert_eq!(get(at, "/", &[("If-Match", "\"v6\"")]).status, 412);
        assert_eq!(get(at, "/", &[("Range", "bytes=13-")]).header("content-range"), Some("bytes */13"));
    }
}

#[actix_web::test]
async fn what_the_row_does_not_tell_the_storage_does() {
    let (_stub, s3) = s3();
    let server = serve(&Row::key("k/1.bin"), &s3, Delivery::new());
    let answer = get(server.addr(), "/", &[]);
    assert_eq!(answer.text(), HELLO);
    assert_eq!(answer.header("content-type"), Some("text/x-stored"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"1.bin\""));
    assert_eq!(answer.header("last-modified"), Some("Tue, 02 Jan 2024 03:04:05 GMT"));
    let object = Object::new(HELLO, "", modified());
    assert_eq!(answer.header("etag"), Some(object.etag().as_str()));

    let bytes = Row::new(RowContent::Bytes(Bytes::from(HELLO)));
    let server = serve(&bytes, &s3, Delivery::new());
    let answer = get(server.addr(), "/", &[]);
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    assert!(answer.header("etag").is_some(), "of the digest");
    assert_eq!(answer.header("content-disposition"), Some("attachment"));
}

#[actix_web::test]
async fn what_cannot_be_sent_is_passed_over() {
    let (_stub, s3) = s3();
    let row = Row {
        file_name: Some("../../a\r\nX-Evil: 1.txt"),
        media_type: Some("text/html\r\nX-Evil: 1"),
        etag: Some("a\"b\r\n"),
        ..Row::full(RowContent::Key("k/1.bin".into()))
    };
    let server = serve(&row, &s3, Delivery::new());
    let answer = get(server.addr(), "/", &[]);
    assert_eq!((answer.text(), answer.header("x-evil")), (HELLO, None));
    assert_eq!(answer.header("content-type"), Some("text/x-stored"));
    assert_eq!(answer.header("etag"), Some(Object::new(HELLO, "", modified()).etag().as_str()));
}

#[actix_web::test]
async fn the_handler_has_the_last_word() {
    let (_stub, s3) = s3();
    let server = serve_made(Delivery::new(), move |_| {
        let row = Row::full(RowContent::Key("k/1.bin".into()));
        Download::row(&row, &s3).file_name("b.txt").media_type("text/x-b").etag("v8").inline()
    });
    let answer = get(server.addr(), "/", &[]);
    assert_eq!(answer.header("content-disposition"), Some("inline; filename=\"b.txt\""));
    assert_eq!((answer.header("content-type"), answer.header("etag")), (Some("text/x-b"), Some("\"v8\"")));
}

#[actix_web::test]
async fn a_row_that_tells_enough_spares_the_question() {
    let (stub, s3) = s3();
    let server = serve(&Row::full(RowContent::Key("k/1.bin".into())), &s3, Delivery::new());
    let at = server.addr();
    for (headers, status, asked) in [
        (&[][..], 200, &["GET"][..]),
        (&[("Range", "bytes=0-4")], 206, &["GET"]),
        (&[("If-None-Match", "\"v7\"")], 304, &[]),
        (&[("If-Match", "\"x\"")], 412, &[]),
        (&[("Range", "bytes=13-")], 416, &[]),
        // The parts must be of one object, whose own entity tag holds them together.
        (&[("Range", "bytes=0-1,5-6")], 206, &["HEAD", "GET", "GET"]),
    ] {
        let answer = get(at, "/", headers);
        assert_eq!((answer.status, answer.whole), (status, true), "{headers:?}");
        assert_eq!(stub.methods(), asked, "{headers:?}");
    }
    assert_eq!(send(at, "HEAD", "/", &[]).status, 200);
    assert_eq!(stub.methods(), ["HEAD"]);

    let row = Row { etag: None, ..Row::full(RowContent::Key("k/1.bin".into())) };
    let server = serve(&row, &s3, Delivery::new());
    assert_eq!(get(server.addr(), "/", &[]).text(), HELLO);
    assert_eq!(stub.methods(), ["HEAD", "GET"]);

    let server = serve(&Row::full(RowContent::Key("k/1.bin".into())), &s3, Delivery::new().redirect());
    let answer = get(server.addr(), "/", &[]);
    assert_eq!(answer.status, 307);
    assert!(answer.header("location").unwrap().contains("response-content-type=text%2Fx-row"));
    assert_eq!(stub.methods(), [""; 0]);
}

#[actix_web::test]
async fn a_row_that_is_wrong_is_never_a_broken_200() {
    let (stub, s3) = s3();
    for (row, status) in [
        (Row::full(RowContent::Key("k/missing".into())), 404),
        (Row::full(RowContent::Key("../k/1.bin".into())), 404),
        (Row { size: Some(12), ..Row::full(RowContent::Key("k/1.bin".into())) }, 502),
        (Row { size: Some(14), ..Row::full(RowContent::Key("k/1.bin".into())) }, 502),
    ] {
        let server = serve(&row, &s3, Delivery::new());
        for headers in [&[][..], &[("Range", "bytes=0-1")], &[("Range", "bytes=0-1,5-6")]] {
            let answer = get(server.addr(), "/", headers);
            assert_eq!(answer.status, status, "{headers:?}");
        }
        assert_eq!(send(server.addr(), "HEAD", "/", &[]).status, status);
    }
    let server = serve(&Row::full(RowContent::Key("k/1.bin".into())), &s3, Delivery::new());
    stub.fail(Method::GET, Fault::Status(403), 100);
    assert_eq!(get(server.addr(), "/", &[]).status, 502);
    stub.fail(Method::GET, Fault::Truncate, 0);
    let packed = Object { encoding: Some("gzip".into()), ..Object::new(HELLO, "text/plain", modified()) };
    stub.put("k/1.bin", packed);
    assert_eq!(get(server.addr(), "/", &[]).status, 502, "its coding would not be told");
    assert_eq!(send(server.addr(), "HEAD", "/", &[]).status, 502);
}

#[actix_web::test]
async fn an_empty_key_is_no_file() {
    let (stub, s3) = s3();
    let (_directory, local) = directory();
    for storage in [&s3, &local] {
        for delivery in [Delivery::new(), Delivery::new().redirect()] {
            let server = serve(&Row::full(RowContent::Key(String::new())), storage, delivery);
            assert_eq!(get(server.addr(), "/", &[]).status, 404);
        }
    }
    assert_eq!(stub.methods(), [""; 0]);
}

#[actix_web::test]
async fn a_local_row_is_offloaded_with_its_columns() {
    let (files, local) = directory();
    let offload = Offload::nginx().min_size(0).map(files.path(), "/protected/").unwrap();
    let server =
        serve(&Row::full(RowContent::Key("k/1.bin".into())), &local, Delivery::new().offload(offload));
    let answer = get(server.addr(), "/", &[]);
    assert_eq!(answer.header("x-accel-redirect"), Some("/protected~own/k/1.bin"));
    assert_eq!((answer.header("etag"), answer.header("last-modified").is_some()), (Some("\"v7\""), true));
    assert_eq!(answer.header("content-type"), Some("text/x-row"));
    assert!(answer.header("content-disposition").unwrap().contains("%C3%9Cbersicht.csv"));
    assert_eq!(get(server.addr(), "/", &[("If-None-Match", "\"v7\"")]).status, 304);
}
