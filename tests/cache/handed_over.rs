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
            let file = match told.strip_prefix("/cached~own/") {
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
    let path = shelf.cache.path().join(name.strip_prefix("/cached~own/").unwrap());
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

/// What has no length until it is made.
mod without_length {
    use std::io;

    use actix_charter::download::{Away, Delivery, Download, offload::Offload};
    use actix_web::{http::Method, test::TestRequest};
    use futures_util::stream;

    use crate::fixture::{Shelf, Spring, Taken, answer, pattern, taken};

    fn made(size: usize, breaks: bool) -> Download<Away> {
        let mut rows: Vec<_> = pattern(size).chunks(1000).map(|row| Ok(row.to_vec())).collect();
        rows.extend(breaks.then(|| Err(io::Error::other("as told"))));
        Download::generated("rows", || stream::iter(rows)).etag("v1")
    }

    async fn get(delivery: &Delivery, download: Download<Away>) -> Taken {
        taken(answer(delivery.clone(), TestRequest::get(), download).await).await
    }

    fn behind_lighttpd(shelf: &Shelf) -> Delivery {
        shelf.delivery().offload(Offload::lighttpd().root(shelf.cache.path()).unwrap())
    }

    #[actix_web::test]
    async fn it_is_filled_first_and_then_handed_over() {
        let shelf = Shelf::new();
        let delivery = behind_lighttpd(&shelf);
        let head = || TestRequest::with_uri("/").method(Method::HEAD);
        let asked = taken(answer(delivery.clone(), head(), made(3_000_000, false)).await).await;
        assert_eq!((asked.status().as_u16(), asked.header("x-sendfile")), (200, None));
        shelf.assert_empty();
        for _ in 0..2 {
            let answer = get(&delivery, made(3_000_000, false)).await;
            assert_eq!((answer.status().as_u16(), answer.body.len()), (200, 0));
            assert_eq!(std::fs::read(answer.header("x-sendfile").unwrap()).unwrap(), pattern(3_000_000));
        }
        shelf.assert_holds(1);
        // Too small to be handed over, and whole all the same.
        let small = Download::generated("small", || stream::iter([Ok::<_, io::Error>("row")])).etag("v1");
        let request = TestRequest::get().insert_header(("range", "bytes=1-"));
        let answer = taken(answer(delivery, request, small).await).await;
        assert_eq!((answer.status().as_u16(), answer.text()), (206, "ow"));
    }

    #[actix_web::test]
    async fn what_breaks_is_an_error_and_tried_anew() {
        let shelf = Shelf::new();
        let delivery = behind_lighttpd(&shelf);
        for size in [0, 1, 300_000] {
            let answer = get(&delivery, made(size, true)).await;
            assert_eq!(answer.status().as_u16(), 500);
            assert_eq!(answer.header("content-disposition"), None);
            shelf.assert_empty();
        }
        assert!(get(&delivery, made(300_000, false)).await.header("x-sendfile").is_some());
    }

    /// Whom the cache has no room for is sent what can be gathered with its length, and the rest as it comes.
    #[actix_web::test]
    async fn what_the_cache_cannot_take_is_gathered() {
        for (gathered, size, status, whole) in
            [(200_000, 100_000, 500, true), (200_000, 300_000, 200, false), (0, 300_000, 200, false)]
        {
            let shelf = Shelf::with(|cache| cache.max_file_size(50_000));
            let offload = Offload::lighttpd().root(shelf.cache.path()).unwrap().gather(gathered);
            let delivery = shelf.delivery().offload(offload);
            let answer = get(&delivery, made(size, true)).await;
            assert_eq!((answer.status().as_u16(), answer.whole), (status, whole), "{size}");
            let answer = get(&delivery, made(size, false)).await;
            assert!(answer.whole && answer.body == pattern(size), "{size}");
            shelf.assert_empty();
        }
    }

    /// One who waits for all of it, and one who is sent it as it comes.
    #[actix_web::test]
    async fn one_filling_is_for_all() {
        let shelf = Shelf::new();
        let (spring, mut taps) = Spring::new();
        let waits = answer(behind_lighttpd(&shelf), TestRequest::get(), spring.download("rows"));
        let waits = actix_web::rt::spawn(waits);
        let tap = taps.next().await;
        let mut follows = shelf.open(spring.download("rows"));
        tap.give(pattern(10_000));
        assert_eq!(follows.next().await.unwrap().unwrap(), pattern(10_000));
        assert!(!waits.is_finished());
        drop(tap);
        follows.ends().await;
        assert!(waits.await.unwrap().headers().contains_key("x-sendfile"));
        assert_eq!(spring.made(), 1);
        taps.none();
        shelf.assert_holds(1);
    }

    #[actix_web::test]
    async fn who_leaves_while_they_wait_leaves_nothing() {
        let shelf = Shelf::new();
        let (spring, mut taps) = Spring::new();
        let waits = answer(behind_lighttpd(&shelf), TestRequest::get(), spring.download("rows"));
        let waits = actix_web::rt::spawn(waits);
        let tap = taps.next().await;
        tap.give("row");
        waits.abort();
        tap.closed().await;
        assert!(waits.await.is_err());
        shelf.assert_empty();
    }
}
