//! What happens while a file is made for the first time.

use actix_charter::download::Download;
use actix_web::test::TestRequest;

use crate::fixture::{Client, Shelf, Spring, answer, never};

#[actix_web::test]
async fn clients_follow_the_growing_file_and_it_is_made_once() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    let mut first = shelf.open(spring.download("a"));
    let (tap, ()) = futures_util::join!(
        async {
            let tap = taps.next().await;
            tap.give("one ");
            tap
        },
        first.reads("one ")
    );
    // Later ones begin at the start, and are sent at once what is there.
    let mut later = (0..20).map(|_| shelf.open(spring.download("a"))).collect::<Vec<_>>();
    for client in &mut later {
        client.reads("one ").await;
    }
    tap.give("two ");
    first.reads("two ").await;
    tap.give("three");
    drop(tap);
    for client in later.iter_mut().take(10) {
        client.reads("two three").await;
        client.ends().await;
    }
    first.reads("three").await;
    first.ends().await;
    // Whoever has not read yet can still do so, and newcomers are sent the kept file.
    assert_eq!(shelf.get(never("a")).await.text(), "one two three");
    for client in later.iter_mut().skip(10) {
        client.reads("two three").await;
        client.ends().await;
    }
    assert_eq!(spring.made(), 1);
    shelf.assert_holds(1);
}

#[actix_web::test]
async fn nobody_sees_the_end_before_the_file_is_in_its_place() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    for (key, download) in [("unknown", spring.download("unknown")), ("known", spring.sized("known", 5))] {
        let mut client = shelf.open(download);
        let ((), ()) = futures_util::join!(
            async {
                let tap = taps.next().await;
                tap.give("Hel");
                tap.give("lo");
            },
            client.reads("Hello")
        );
        // Its last bytes are read, its end is not: it is kept all the same.
        assert_eq!(shelf.get(never(key)).await.text(), "Hello");
    }
    shelf.assert_holds(2);
}

#[actix_web::test]
async fn a_client_that_does_not_read_slows_nobody() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    let mut stuck = shelf.open(spring.download("a"));
    let tap = futures_util::join!(taps.next(), async {
        // One poll begins the filling; the client reads nothing more.
        assert!(futures_util::poll!(std::pin::pin!(stuck.next())).is_pending());
    })
    .0;
    let mut other = shelf.open(spring.download("a"));
    for number in 0..100 {
        let line = format!("{number:0>50000}").repeat(2);
        tap.give(line.clone());
        other.reads(&line).await;
    }
    drop(tap);
    other.ends().await;
    let mut read = 0;
    while let Some(chunk) = stuck.next().await {
        read += chunk.unwrap().len();
    }
    assert_eq!((read, spring.made()), (10_000_000, 1));
}

async fn begun(shelf: &Shelf, download: Download<actix_charter::download::Away>) -> Client {
    let mut client = shelf.open(download);
    assert!(futures_util::poll!(std::pin::pin!(client.next())).is_pending());
    client
}

#[actix_web::test]
async fn of_known_length_it_goes_on_when_the_clients_have_left() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    let client = begun(&shelf, spring.sized("a", 5)).await;
    let tap = taps.next().await;
    drop(client);
    tap.give("Hello");
    drop(tap);
    assert_eq!(shelf.get(spring.sized("a", 5)).await.text(), "Hello");
    assert_eq!(spring.made(), 1);
    assert_eq!(shelf.get(never("a")).await.text(), "Hello");
}

#[actix_web::test]
async fn of_unknown_length_it_stops_when_the_last_has_left() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    let first = begun(&shelf, spring.download("a")).await;
    let mut second = begun(&shelf, spring.download("a")).await;
    let tap = taps.next().await;
    drop(first);
    tap.give("Hello");
    second.reads("Hello").await;
    drop(second);
    tap.closed().await;
    shelf.assert_empty();
    let mut third = begun(&shelf, spring.download("a")).await;
    taps.next().await.give("Hello again");
    third.reads("Hello again").await;
    third.ends().await;
    assert_eq!(spring.made(), 2);
    shelf.assert_holds(1);
}

#[actix_web::test]
async fn ranges_are_served_as_the_file_grows_when_its_length_is_known() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    let range = |range: &'static str| TestRequest::get().insert_header(("range", range));
    let part = |asked| answer(shelf.delivery(), range(asked), spring.sized("a", 13));
    let mut late = Client::of(part("bytes=7-11"));
    assert!(futures_util::poll!(std::pin::pin!(late.next())).is_pending());
    let tap = taps.next().await;
    tap.give("Hello");
    // What is there is sent, whatever becomes of the rest.
    let mut early = Client::of(part("bytes=1-3"));
    early.reads("ell").await;
    let head = early.head.as_ref().unwrap();
    assert_eq!(head.status(), 206);
    assert_eq!(head.headers().get("content-range").unwrap(), "bytes 1-3/13");
    early.ends().await;
    assert!(futures_util::poll!(std::pin::pin!(late.next())).is_pending());
    tap.give(", world!");
    late.reads("world").await;
    late.ends().await;
    assert_eq!(spring.made(), 1);
}

#[actix_web::test]
async fn of_unknown_length_the_whole_is_sent_and_ranges_from_then_on() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    for (status, ranges, text) in [(200, "none", "Hello"), (206, "bytes", "ell")] {
        let asked = TestRequest::get().insert_header(("range", "bytes=1-3"));
        let taken = async {
            let answer = shelf.send(asked, spring.download("a")).await;
            assert_eq!((answer.status().as_u16(), answer.header("accept-ranges")), (status, Some(ranges)));
            assert_eq!(answer.text(), text);
        };
        if status == 200 {
            futures_util::join!(taken, async { taps.next().await.give("Hello") });
        } else {
            taken.await;
        }
    }
    assert_eq!(spring.made(), 1);
}

#[actix_web::test]
async fn what_needs_no_bytes_starts_nothing() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    let download = || spring.sized("a", 13).file_name("a.csv");
    let head = shelf.send(TestRequest::with_uri("/").method(actix_web::http::Method::HEAD), download()).await;
    assert_eq!((head.status().as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-disposition"), Some("attachment; filename=\"a.csv\""));
    for (name, value, status) in
        [("if-none-match", "\"v1\"", 304), ("if-match", "\"v2\"", 412), ("range", "bytes=13-", 416)]
    {
        let answer = shelf.send(TestRequest::get().insert_header((name, value)), download()).await;
        assert_eq!(answer.status().as_u16(), status);
    }
    taps.none();
    shelf.assert_empty();
}

#[actix_web::test]
async fn nobody_follows_a_filling_of_another_length() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    let mut first = shelf.open(spring.sized("a", 13));
    let (tap, ()) = futures_util::join!(
        async {
            let tap = taps.next().await;
            tap.give("Hello");
            tap
        },
        first.reads("Hello")
    );
    // The handler breaks its word; what was begun must not look like all of this one.
    for text in ["Wor", "another state of it"] {
        let mut other = begun(&shelf, spring.sized("a", text.len() as u64)).await;
        let own = taps.next().await;
        own.give(text);
        drop(own);
        other.reads(text).await;
        other.ends().await;
    }
    // Who knows no length can follow.
    let mut follower = shelf.open(spring.download("a"));
    follower.reads("Hello").await;
    tap.give(", world!");
    drop(tap);
    for client in [&mut first, &mut follower] {
        client.reads(", world!").await;
        client.ends().await;
    }
    shelf.assert_holds(1);
}

/// A stream that waits after what it promised may have more to say.
#[actix_web::test]
async fn the_last_byte_is_told_when_the_source_has_ended() {
    for surplus in [false, true] {
        let shelf = Shelf::new();
        let (spring, mut taps) = Spring::new();
        let mut client = begun(&shelf, spring.sized("a", 5)).await;
        let tap = taps.next().await;
        tap.give("Hello");
        client.reads("Hell").await;
        assert!(futures_util::poll!(std::pin::pin!(client.next())).is_pending());
        if surplus {
            tap.give("!");
            client.is_aborted().await;
            shelf.assert_empty();
        } else {
            drop(tap);
            client.reads("o").await;
            client.ends().await;
            shelf.assert_holds(1);
        }
    }
}
