//! What goes wrong never looks whole, is never kept, and does not last.

use std::{io, time::Duration};

use actix_charter::download::{Away, Download, Unavailable, cache::DownloadCache};
use actix_web::web::Bytes;
use futures_util::{join, stream};

use crate::{
    fixture::{Client, Shelf, Spring, Tap, Taps, never, pattern},
    log::Log,
};

/// Two clients of one filling, of which five bytes were read by both.
async fn two(shelf: &Shelf, taps: &mut Taps, download: impl Fn() -> Download<Away>) -> (Client, Client, Tap) {
    let mut first = shelf.open(download());
    let (tap, ()) = join!(
        async {
            let tap = taps.next().await;
            tap.give("Hello");
            tap
        },
        first.reads("Hello")
    );
    let mut second = shelf.open(download());
    second.reads("Hello").await;
    (first, second, tap)
}

type Fault = fn(Tap);

#[actix_web::test]
async fn a_source_that_fails_aborts_all_and_is_tried_anew() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    let unknown = || spring.download("unknown");
    let known = || spring.sized("known", 10);
    let ways: [(&dyn Fn() -> Download<Away>, Fault); 5] = [
        (&unknown, Tap::fail),
        (&known, Tap::fail),
        // It ends early, or goes on too long.
        (&known, drop),
        (&known, |tap| tap.give("world!")),
        (&known, |tap| {
            tap.give("world");
            tap.give("!");
        }),
    ];
    for (number, (download, fault)) in ways.into_iter().enumerate() {
        let log = Log::start();
        let (mut first, mut second, tap) = two(&shelf, &mut taps, download).await;
        fault(tap);
        first.is_aborted().await;
        second.is_aborted().await;
        shelf.assert_empty();
        let line = log.only();
        assert!(line.starts_with("ERROR actix_charter::download: a file breaks off"), "{line}");
        assert_eq!(spring.made(), number + 1);
    }
    let again = async { assert_eq!(shelf.get(unknown()).await.text(), "Hello") };
    join!(again, async { taps.next().await.give("Hello") });
    assert_eq!(shelf.get(never("unknown")).await.text(), "Hello");
}

#[actix_web::test]
async fn a_generator_that_panics_aborts_and_is_tried_anew() {
    let shelf = Shelf::new();
    let stream_panics = || {
        let chunks = (0..100).map(|number| match number {
            50 => panic!("the generator broke"),
            _ => Ok::<_, io::Error>("x".repeat(10_000)),
        });
        stream::iter(chunks)
    };
    let answer = shelf.get(Download::generated("a", stream_panics).etag("v1")).await;
    assert!(!answer.whole && answer.body.len() < 500_000);
    shelf.assert_empty();
    // Before its first byte, it can be told.
    assert_eq!(shelf.get(never("a")).await.status().as_u16(), 500);
    shelf.assert_empty();
    let good = || stream::iter([Ok::<_, io::Error>("Hello")]);
    assert_eq!(shelf.get(Download::generated("a", good).etag("v1")).await.text(), "Hello");
    assert_eq!(shelf.get(never("a")).await.text(), "Hello");
}

fn small() -> Shelf {
    Shelf::with(|cache: DownloadCache| cache.max_file_size(8))
}

#[actix_web::test]
async fn what_proves_too_long_is_sent_all_the_same() {
    let shelf = small();
    let (spring, mut taps) = Spring::new();
    let (mut first, mut second, tap) = two(&shelf, &mut taps, || spring.download("a")).await;
    tap.give(", world!");
    // The first goes on with the source that is open, the second with one of its own.
    first.reads(", world!").await;
    let ((), own) = join!(second.reads(", world!"), async {
        let own = taps.next().await;
        for piece in ["He", "llo, wo", "rld!"] {
            own.give(piece);
        }
        own
    });
    for (client, tap) in [(&mut first, tap), (&mut second, own)] {
        tap.give(" And more.");
        client.reads(" And more.").await;
        drop(tap);
        client.ends().await;
    }
    shelf.assert_empty();
    // By now it is known, and not written down again.
    let mut third = shelf.open(spring.download("a"));
    let (tap, ()) = join!(
        async {
            let tap = taps.next().await;
            tap.give("Hel");
            tap
        },
        third.reads("Hel")
    );
    shelf.assert_empty();
    drop(tap);
    third.ends().await;
}

#[actix_web::test]
async fn without_a_promise_of_the_same_bytes_a_follower_is_aborted() {
    let shelf = small();
    let (spring, mut taps) = Spring::new();
    let (mut first, mut second, tap) =
        two(&shelf, &mut taps, || spring.download("a").etag("W/\"about\"")).await;
    // This one has read nothing: whatever its own source gives is one answer.
    let mut third = shelf.open(spring.download("a").etag("W/\"about\""));
    tap.give(", world!");
    first.reads(", world!").await;
    second.is_aborted().await;
    let ((), own) = join!(third.reads("Hello"), async {
        let own = taps.next().await;
        own.give("Hello");
        own
    });
    drop((tap, own));
    first.ends().await;
    third.ends().await;
    shelf.assert_empty();
}

#[actix_web::test]
async fn what_is_known_to_be_too_long_is_not_begun() {
    let shelf = small();
    for _ in 0..2 {
        let answer = shelf.get(Download::bytes(pattern(9)).cached("a")).await;
        assert!(answer.whole && answer.body == pattern(9));
        shelf.assert_empty();
    }
    shelf.get(Download::bytes(pattern(8)).cached("a")).await;
    shelf.assert_holds(1);
}

#[actix_web::test]
async fn a_directory_that_is_gone_is_done_without_and_the_log_says_so() {
    let shelf = Shelf::new();
    std::fs::remove_dir_all(shelf.cache.path()).unwrap();
    for _ in 0..2 {
        assert_eq!(shelf.get(Download::text("Hello").cached("a")).await.text(), "Hello");
        let words = || stream::iter(["Hello", ", ", "world!"].map(Ok::<_, io::Error>));
        assert_eq!(shelf.get(Download::generated("b", words).etag("v1")).await.text(), "Hello, world!");
        let lines = shelf.logged();
        assert_eq!(lines.len(), 2, "{lines:#?}");
        for line in lines {
            let start = "WARN actix_charter::download: a file cannot be cached, and is sent without error=";
            assert!(line.starts_with(start), "{line}");
        }
    }
}

/// It may be removed at any time, but not made shorter without anybody noticing.
#[actix_web::test]
async fn a_file_that_is_cut_short_while_it_is_sent() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    let (mut first, mut second, tap) = two(&shelf, &mut taps, || spring.download("a")).await;
    tap.give(", world!");
    first.reads(", world!").await;
    let [unfinished] = &shelf.names()[..] else { panic!("one file") };
    std::fs::File::options()
        .write(true)
        .open(shelf.cache.path().join(unfinished))
        .unwrap()
        .set_len(3)
        .unwrap();
    second.is_aborted().await;
    drop(tap);
    // The end: what is there is not what was written, and is not kept.
    first.ends().await;
    shelf.assert_empty();
}

#[actix_web::test]
async fn what_fails_before_the_first_byte_has_a_status() {
    let shelf = Shelf::new();
    for (error, status) in [
        (io::Error::other("at once"), 500),
        (io::Error::other(Unavailable::Missing), 404),
        (io::Error::other(Unavailable::Upstream), 502),
        (io::Error::other(Unavailable::Timeout), 504),
    ] {
        let fails = || stream::iter([Err::<Bytes, _>(error)]);
        let answer = shelf.get(Download::generated("a", fails).etag("v1")).await;
        assert_eq!(answer.status().as_u16(), status);
        shelf.assert_empty();
    }
}

#[actix_web::test]
async fn a_source_that_stalls_is_given_up_and_tried_anew() {
    tokio::time::pause();
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    for (kept, (key, length)) in [("known", Some(10)), ("unknown", None)].into_iter().enumerate() {
        let download = || match length {
            Some(length) => spring.sized(key, length),
            None => spring.download(key),
        };
        let (mut first, mut second, tap) = two(&shelf, &mut taps, download).await;
        // Its time begins anew with each piece.
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(119)).await;
            tap.give(" ");
            first.reads(" ").await;
        }
        second.reads("   ").await;
        tokio::time::advance(Duration::from_secs(121)).await;
        for client in [&mut first, &mut second] {
            let aborted = client.is_aborted();
            tokio::time::timeout(Duration::from_secs(3600), aborted).await.expect("they wait for ever");
        }
        shelf.assert_holds(kept);
        // Before the first byte it has a status.
        let answer = async { shelf.get(download()).await.status().as_u16() };
        let (status, tap) = join!(answer, taps.next());
        assert_eq!(status, 504);
        drop(tap);
        let again = async { assert_eq!(shelf.get(download()).await.text(), "HelloHello") };
        join!(again, async { taps.next().await.give("HelloHello") });
    }
}
