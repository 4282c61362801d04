//! The second request is the proxy's.

use std::{path::PathBuf, time::Duration};

use actix_charter::download::{Delivery, Download, offload::Offload};
use actix_web::{http::Method, test::TestRequest};

use crate::fixture::{Shelf, Taken, answer, never, pattern, taken};

fn behind_nginx(shelf: &Shelf) -> Delivery {
    shelf.delivery().offload(Offload::nginx().map(shelf.cache.path(), "/cached/").unwrap())
}

fn behind_apache(shelf: &Shelf) -> Delivery {
    shelf.delivery().offload(Offload::apache().root(shelf.cache.root().path()).unwrap())
}

async fn send(delivery: &Delivery, request: TestRequest, key: &str, size: usize) -> Taken {
    let download = Download::bytes(pattern(size)).etag("v1").cached(key).file_name("a.bin");
    taken(answer(delivery.clone(), request, download).await).await
}

#[actix_web::test]
async fn the_first_is_streamed_and_the_second_handed_over() {
    let shelf = Shelf::new();
    for (server, header) in
        [(behind_nginx(&shelf), "x-accel-redirect"), (behind_apache(&shelf), "x-sendfile")]
    {
        let head = || TestRequest::with_uri("/").method(Method::HEAD);
        let first = send(&server, TestRequest::get(), header, 9000).await;
        assert!(first.whole && first.body == pattern(9000));
        assert_eq!(first.header(header), None);
        for request in [TestRequest::get(), head(), TestRequest::get().insert_header(("range", "bytes=0-1"))]
        {
            let second = send(&server, request, header, 9000).await;
            assert_eq!((second.status().as_u16(), second.body.len()), (200, 0));
            assert_eq!(second.header("content-disposition"), Some("attachment; filename=\"a.bin\""));
            assert_eq!((second.header("etag"), second.header("last-modified")), (Some("\"v1\""), None));
            let told = second.header(header).unwrap();
            let file = match told.strip_prefix("/cached/") {
                Some(name) => shelf.cache.path().join(name),
                None => PathBuf::from(told),
            };
            assert_eq!(std::fs::read(file).unwrap(), pattern(9000));
        }
        let same =
            send(&server, TestRequest::get().insert_header(("if-none-match", "\"v1\"")), header, 9000).await;
        assert_eq!((same.status().as_u16(), same.header(header)), (304, None));
        // What a proxy is not worth, or must not answer.
        let post = TestRequest::with_uri("/").method(Method::POST);
        let posted = send(&server, post, header, 9000).await;
        assert!(posted.body == pattern(9000) && posted.header(header).is_none());
        for _ in 0..2 {
            let small = send(&server, TestRequest::get(), "small", 5000).await;
            assert!(small.body == pattern(5000) && small.header(header).is_none());
        }
    }
}

#[actix_web::test]
async fn what_was_handed_over_stays_until_the_proxy_has_opened_it() {
    tokio::time::pause();
    let shelf = Shelf::with(|cache| cache.max_size(20_000).max_file_size(10_000));
    let server = behind_nginx(&shelf);
    let get = async |key: &str| {
        send(&server, TestRequest::get(), key, 9000).await.header("x-accel-redirect").map(str::to_owned)
    };
    assert_eq!(get("a").await, None);
    let name = get("a").await.unwrap();
    let path = shelf.cache.path().join(name.strip_prefix("/cached/").unwrap());
    tokio::time::advance(Duration::from_secs(29)).await;
    // There is room for one; the newer one goes.
    assert_eq!(get("b").await, None);
    assert!(path.exists());
    assert_eq!(get("b").await, None);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(get("b").await, None);
    assert!(!path.exists());
    assert!(get("b").await.is_some());
    shelf.assert_holds(1);
}

#[actix_web::test]
async fn what_we_send_ourselves_does_not_stay() {
    tokio::time::pause();
    let shelf = Shelf::with(|cache| cache.max_size(20_000).max_file_size(10_000));
    let server = shelf.delivery();
    for key in ["a", "a", "b"] {
        assert!(send(&server, TestRequest::get(), key, 9000).await.body == pattern(9000));
    }
    shelf.assert_holds(1);
    let kept = never("b");
    assert!(shelf.get(kept).await.body == pattern(9000));
}
