//! A store that fails is told by a status as long as that can be; what breaks later is cut, and looks cut.

use std::{sync::Arc, time::Duration};

use actix_charter::download::storage::{ObjectStorage, OpendalStorage};
use actix_web::http::Method;

use crate::{
    fixture::{AnyStorage, HELLO, modified, serve},
    stub::{Fault, Object, Stub},
    wire::{get, send},
};

/// Long enough to answer on a busy machine, short enough to wait for.
const LIMIT: Duration = Duration::from_millis(700);

fn stub() -> Stub {
    let stub = Stub::start();
    stub.put("hello.txt", Object::new(HELLO, "text/plain", modified()));
    stub.put("large", Object::new(large(), "application/x-large", modified()));
    stub
}

fn large() -> Vec<u8> {
    (0..250_000_u32).flat_map(u32::to_le_bytes).collect()
}

fn both(stub: &Stub) -> [(&'static str, AnyStorage); 2] {
    both_within(stub, Duration::from_secs(60))
}

fn both_within(stub: &Stub, limit: Duration) -> [(&'static str, AnyStorage); 2] {
    [
        ("object_store", Arc::new(ObjectStorage::new("a", stub.s3()).time_limit(limit))),
        ("opendal", Arc::new(OpendalStorage::new("b", stub.operator()).time_limit(limit))),
    ]
}

#[actix_web::test]
async fn a_store_that_refuses_or_breaks_is_a_bad_gateway() {
    let stub = stub();
    for (by, storage) in both(&stub) {
        let server = serve(&storage);
        let at = server.addr();
        for method in [Method::HEAD, Method::GET] {
            for (status, answered) in [(403, 502), (401, 502), (500, 502), (503, 502), (404, 404)] {
                stub.fail(method.clone(), Fault::Status(status), 100);
                let answer = get(at, "/hello.txt", &[]);
                assert_eq!(answer.status, answered, "{status} to {method} by {by}");
                assert!(!answer.text().contains("Told") && answer.header("etag").is_none());
                assert_eq!(answer.header("content-disposition"), None);
            }
        }
        stub.fail(Method::HEAD, Fault::Status(403), 100);
        assert_eq!(send(at, "HEAD", "/hello.txt", &[]).status, 502);
        stub.fail(Method::GET, Fault::Status(403), 0);
        assert_eq!(get(at, "/hello.txt", &[]).text(), HELLO, "it recovers");
    }
}

#[actix_web::test]
async fn wrong_credentials_are_our_fault_and_not_the_clients() {
    let stub = stub();
    let server = serve(&(Arc::new(ObjectStorage::new("a", stub.wrong_s3())) as AnyStorage));
    assert_eq!(get(server.addr(), "/hello.txt", &[]).status, 502);
    assert_eq!(stub.refused(), ["signature"]);
}

#[actix_web::test]
async fn nobody_there_is_a_bad_gateway() {
    let gone = stub();
    let both = both(&gone);
    gone.server.stop().await;
    for (by, storage) in both {
        let server = serve(&storage);
        assert_eq!(get(server.addr(), "/hello.txt", &[]).status, 502, "{by}");
    }
}

#[actix_web::test]
async fn an_object_that_is_cut_short_never_looks_whole() {
    let stub = stub();
    for (by, storage) in both(&stub) {
        let server = serve(&storage);
        for (path, range) in [("/large", &[][..]), ("/large", &[("Range", "bytes=10-900000,990000-")])] {
            stub.fail(Method::GET, Fault::Truncate, 100);
            let answer = get(server.addr(), path, range);
            assert!(answer.status / 100 == 2 && !answer.whole, "{by} {range:?}");
            assert!(large().starts_with(&answer.body) || !range.is_empty());
        }
        stub.fail(Method::GET, Fault::Truncate, 0);
        assert!(get(server.addr(), "/large", &[]).body == large(), "the worker lives");
    }
}

#[actix_web::test]
async fn a_body_that_breaks_once_is_taken_up_where_it_broke() {
    // `object_store` does it by itself, with the entity tag in hand.
    let stub = stub();
    let [(_, storage), _] = both(&stub);
    let server = serve(&storage);
    stub.fail(Method::GET, Fault::Truncate, 1);
    let answer = get(server.addr(), "/large", &[]);
    assert!(answer.whole && answer.body == large());
    let ranges: Vec<_> = stub.seen().into_iter().filter_map(|seen| seen.range).collect();
    assert_eq!(ranges, ["bytes=0-999999", "bytes=500000-999999"]);
}

#[actix_web::test]
async fn silence_is_a_gateway_timeout_before_the_first_byte_and_a_cut_after_it() {
    let stub = stub();
    for (by, storage) in both_within(&stub, LIMIT) {
        let server = serve(&storage);
        for method in [Method::HEAD, Method::GET] {
            stub.fail(method.clone(), Fault::Silence, 100);
            assert_eq!(get(server.addr(), "/hello.txt", &[]).status, 504, "{method} by {by}");
        }
        stub.fail(Method::GET, Fault::Stall, 100);
        let answer = get(server.addr(), "/large", &[]);
        assert_eq!((answer.status, answer.whole), (200, false), "{by}");
        assert!(large().starts_with(&answer.body) && !answer.body.is_empty());
        stub.fail(Method::GET, Fault::Stall, 0);
    }
}

#[actix_web::test]
async fn an_object_that_is_replaced_is_not_mixed_with_the_one_before() {
    let stub = stub();
    for (by, storage) in both(&stub) {
        let server = serve(&storage);
        let old = Object::new(large(), "application/x-large", modified());
        let mut other = large();
        other.reverse();
        let other = Object::new(other, "application/x-large", modified());

        stub.put("large", old.clone());
        stub.seen();
        stub.fail(Method::HEAD, Fault::Replace(other.clone()), 1);
        assert_eq!(get(server.addr(), "/large", &[]).status, 502, "{by}");
        let seen = stub.seen();
        assert_eq!(seen[1].if_match, Some(old.etag()), "{by}");
        assert_eq!(seen[1].status, 412, "{by}");
        assert!(get(server.addr(), "/large", &[]).body == other.bytes);

        // Between two ranges of one answer.
        stub.put("large", old.clone());
        stub.fail(Method::GET, Fault::Replace(other), 1);
        let answer = get(server.addr(), "/large", &[("Range", "bytes=0-9,500000-")]);
        assert_eq!((answer.status, answer.whole), (206, false), "{by}");

        stub.put("large", old);
        stub.fail(Method::HEAD, Fault::Remove, 1);
        assert_eq!(get(server.addr(), "/large", &[]).status, 404, "{by}");
    }
}

#[actix_web::test]
async fn a_store_that_sends_more_than_was_asked_for() {
    let stub = stub();
    for (by, storage) in both(&stub) {
        let server = serve(&storage);
        stub.fail(Method::GET, Fault::IgnoreRange, 100);
        for range in ["bytes=3-5", "bytes=6-", "bytes=0-11", "bytes=1-12"] {
            assert_eq!(get(server.addr(), "/hello.txt", &[("Range", range)]).status, 502, "{range} by {by}");
        }
        let answer = get(server.addr(), "/large", &[("Range", "bytes=1-999999")]);
        assert!(answer.status == 502 || !answer.whole, "{by}");
        stub.fail(Method::GET, Fault::IgnoreRange, 0);
        assert_eq!(get(server.addr(), "/hello.txt", &[("Range", "bytes=3-5")]).text(), "lo,");
    }
}

#[actix_web::test]
async fn what_lies_compressed_is_labelled() {
    let stub = stub();
    let packed = Object { encoding: Some("gzip".into()), ..Object::new("packed", "text/plain", modified()) };
    stub.put("packed", packed);
    for (by, storage) in both(&stub) {
        let server = serve(&storage);
        let answer = get(server.addr(), "/packed", &[]);
        assert_eq!((answer.text(), answer.header("content-encoding")), ("packed", Some("gzip")), "{by}");
        let answer = get(server.addr(), "/packed", &[("Range", "bytes=1-2"), ("Accept-Encoding", "gzip")]);
        assert_eq!((answer.text(), answer.header("content-encoding")), ("ac", Some("gzip")), "{by}");
    }
}

#[actix_web::test]
async fn a_question_and_one_read_for_each_range() {
    let stub = stub();
    for (by, storage) in both(&stub) {
        let server = serve(&storage);
        let at = server.addr();
        stub.seen();
        assert!(get(at, "/large", &[]).whole);
        assert_eq!(stub.methods(), ["HEAD", "GET"], "{by}");
        assert!(get(at, "/large", &[("Range", "bytes=0-9,20-29,40-")]).whole);
        let ranges: Vec<_> = stub.seen().into_iter().filter_map(|seen| seen.range).collect();
        assert_eq!(ranges, ["bytes=0-9", "bytes=20-29", "bytes=40-999999"], "{by}");
        let tag = get(at, "/hello.txt", &[]).header("etag").unwrap().to_owned();
        stub.seen();
        assert_eq!(get(at, "/hello.txt", &[("If-None-Match", &tag)]).status, 304);
        assert_eq!(get(at, "/hello.txt", &[("Range", "bytes=90-")]).status, 416);
        assert_eq!(send(at, "HEAD", "/hello.txt", &[]).status, 200);
        assert_eq!(stub.methods(), ["HEAD"; 3], "{by}");
    }
}
