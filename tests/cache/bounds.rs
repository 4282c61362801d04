//! What is evicted, when, and what is not.

use std::{
    fs::{self, File},
    time::{Duration, SystemTime},
};

use actix_charter::download::{Away, Download};

use crate::fixture::{Client, Shelf, Spring, Tap, Taps, never, pattern};

const BLOCK: usize = 4096;

fn file(key: &str, blocks: usize) -> Download<Away> {
    Download::bytes(pattern(blocks * BLOCK)).etag("v1").cached(key)
}

/// As `file`, and it is an error to read it from anywhere but the cache.
fn kept(key: &str, blocks: usize) -> Download<Away> {
    let broken =
        futures_util::stream::iter([Err::<actix_web::web::Bytes, _>(std::io::Error::other("not kept"))]);
    Download::stream(broken).length((blocks * BLOCK) as u64).etag("v1").cached(key)
}

async fn is_kept(shelf: &Shelf, key: &str, blocks: usize) -> bool {
    let answer = shelf.get(kept(key, blocks)).await;
    match answer.status().as_u16() {
        200 => assert!(answer.whole && answer.body == pattern(blocks * BLOCK)),
        status => assert_eq!(status, 500),
    }
    answer.status() == 200
}

#[actix_web::test]
async fn what_was_not_used_for_longest_goes_first() {
    let shelf = Shelf::with(|cache| cache.max_size(10 * BLOCK as u64).max_file_size(u64::MAX));
    for (key, blocks) in [("a", 4), ("b", 3), ("c", 3)] {
        shelf.get(file(key, blocks)).await;
    }
    assert!(is_kept(&shelf, "a", 4).await);
    shelf.assert_holds(3);
    shelf.get(file("d", 2)).await;
    shelf.assert_holds(3);
    for (key, blocks, wanted) in [("b", 3, false), ("a", 4, true), ("c", 3, true), ("d", 2, true)] {
        assert_eq!(is_kept(&shelf, key, blocks).await, wanted, "{key}");
    }
    // What alone is too large is not taken in.
    shelf.get(file("e", 11)).await;
    shelf.assert_holds(3);
    shelf.get(file("e", 10)).await;
    shelf.assert_holds(1);
}

#[actix_web::test]
async fn a_download_under_way_is_not_disturbed() {
    let shelf = Shelf::with(|cache| cache.max_size(100 * BLOCK as u64).max_file_size(u64::MAX));
    shelf.get(file("a", 100)).await;
    let begin = async |client: &mut Client| client.next().await.unwrap().unwrap().to_vec();
    let mut client = shelf.open(kept("a", 100));
    let mut read = begin(&mut client).await;
    let mut follower = shelf.open(file("b", 100));
    let mut followed = begin(&mut follower).await;
    // Both are thrown out by now.
    shelf.get(file("c", 100)).await;
    shelf.assert_holds(1);
    for (client, read) in [(&mut client, &mut read), (&mut follower, &mut followed)] {
        assert!(read.len() < 100 * BLOCK);
        while let Some(chunk) = client.next().await {
            read.extend_from_slice(&chunk.unwrap());
        }
        assert!(*read == pattern(100 * BLOCK));
    }
}

#[actix_web::test]
async fn what_is_too_old_is_made_anew() {
    tokio::time::pause();
    let shelf = Shelf::with(|cache| cache.max_age(Duration::from_secs(100)));
    shelf.get(file("a", 1)).await;
    tokio::time::advance(Duration::from_secs(99)).await;
    // Use does not make it younger.
    assert!(is_kept(&shelf, "a", 1).await);
    shelf.get(file("b", 2)).await;
    shelf.assert_holds(2);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(!is_kept(&shelf, "a", 1).await);
    assert!(is_kept(&shelf, "b", 2).await);
    // It goes with the next filling, its own or another's.
    shelf.get(file("c", 1)).await;
    shelf.assert_holds(2);
    shelf.get(file("a", 1)).await;
    assert!(is_kept(&shelf, "a", 1).await);
    shelf.assert_holds(3);
}

#[actix_web::test]
async fn the_bounds_hold_for_what_was_there_before() {
    let shelf = Shelf::new();
    let hours = |hours: u64| SystemTime::now() - Duration::from_secs(hours * 3600);
    for (key, age) in [("new", 1), ("old", 9), ("middle", 5), ("ancient", 99)] {
        shelf.get(file(key, 2)).await;
        for name in shelf.names() {
            let file = File::options().write(true).open(shelf.cache.path().join(name)).unwrap();
            if file.metadata().unwrap().modified().unwrap() > hours(0) - Duration::from_secs(600) {
                file.set_modified(hours(age)).unwrap();
            }
        }
    }
    let Shelf { directory, cache } = shelf.again().await;
    let shelf = Shelf {
        directory,
        cache: cache
            .max_size(4 * BLOCK as u64)
            .max_file_size(u64::MAX)
            .max_age(Duration::from_secs(50 * 3600)),
    };
    // At the first use.
    assert!(is_kept(&shelf, "new", 2).await);
    for (key, wanted) in [("middle", true), ("old", false), ("ancient", false)] {
        assert_eq!(is_kept(&shelf, key, 2).await, wanted, "{key}");
    }
    shelf.get(file("another", 1)).await;
    shelf.assert_holds(2);
}

#[actix_web::test]
async fn an_operator_may_delete_anything() {
    let shelf = Shelf::new();
    shelf.get(file("a", 1)).await;
    for name in shelf.names() {
        fs::remove_file(shelf.cache.path().join(name)).unwrap();
    }
    assert!(!is_kept(&shelf, "a", 1).await);
    shelf.get(file("a", 1)).await;
    assert!(is_kept(&shelf, "a", 1).await);
}

#[actix_web::test]
async fn a_file_that_was_cut_short_is_made_anew() {
    let shelf = Shelf::new();
    for length in [0, 1, BLOCK as u64 - 1, BLOCK as u64 + 1] {
        shelf.get(file("a", 1)).await;
        let [name] = &shelf.names()[..] else { panic!("one file") };
        File::options().write(true).open(shelf.cache.path().join(name)).unwrap().set_len(length).unwrap();
        assert!(!is_kept(&shelf, "a", 1).await, "{length}");
    }
    shelf.get(file("a", 1)).await;
    assert!(is_kept(&shelf, "a", 1).await);
    shelf.assert_holds(1);
}

#[actix_web::test]
async fn fillings_whose_clients_have_left_are_bounded_together() {
    let shelf = Shelf::with(|cache| cache.max_size(100 * BLOCK as u64));
    let (spring, mut taps) = Spring::new();
    let begin = async |key: String, taps: &mut Taps| {
        let mut client = shelf.open(spring.sized(&key, 20 * BLOCK as u64));
        assert!(futures_util::poll!(std::pin::pin!(client.next())).is_pending());
        (client, taps.next().await)
    };
    let mut filling = Vec::new();
    for number in 0..10 {
        let (client, tap) = begin(number.to_string(), &mut taps).await;
        drop(client);
        filling.push(tap);
    }
    filling.retain(Tap::is_read);
    assert_eq!(filling.len(), 5, "as many as the bound holds");
    // Whoever comes beyond is sent it all the same, without the cache.
    let (mut client, tap) = begin("alone".to_owned(), &mut taps).await;
    tap.give(pattern(20 * BLOCK));
    drop(tap);
    let mut read = Vec::new();
    while let Some(chunk) = client.next().await {
        read.extend_from_slice(&chunk.unwrap());
    }
    assert!(read == pattern(20 * BLOCK));
    // What ends, well or not, leaves room.
    for (number, tap) in filling.into_iter().enumerate() {
        if number % 2 == 0 {
            tap.give(pattern(20 * BLOCK));
            drop(tap);
            assert!(shelf.get(never(&number.to_string())).await.body == pattern(20 * BLOCK));
        } else {
            let mut client = shelf.open(spring.sized(&number.to_string(), 20 * BLOCK as u64));
            assert!(futures_util::poll!(std::pin::pin!(client.next())).is_pending());
            tap.fail();
            // Nothing was read: it has a status, and a body that says so.
            client.next().await;
            assert_eq!(client.head.unwrap().status(), 500);
        }
    }
    for number in 20..25 {
        let (client, tap) = begin(number.to_string(), &mut taps).await;
        drop(client);
        assert!(tap.is_read(), "{number}");
        tap.give(pattern(20 * BLOCK));
        drop(tap);
        assert!(shelf.get(never(&number.to_string())).await.body == pattern(20 * BLOCK));
    }
}

#[actix_web::test]
async fn fillings_of_unknown_length_are_bounded_together() {
    let bounds = |cache: actix_charter::download::cache::DownloadCache| cache.max_size(100 * BLOCK as u64);
    let shelf = Shelf::with(|cache| bounds(cache).max_file_size(60 * BLOCK as u64));
    let (spring, mut taps) = Spring::new();
    let mut under_way = Vec::new();
    for key in ["a", "b"] {
        let mut client = shelf.open(spring.download(key));
        assert!(futures_util::poll!(std::pin::pin!(client.next())).is_pending());
        let tap = taps.next().await;
        tap.give(pattern(60 * BLOCK));
        let mut read = Vec::new();
        while read.len() < 60 * BLOCK {
            read.extend_from_slice(&client.next().await.unwrap().unwrap());
        }
        assert!(read == pattern(60 * BLOCK));
        under_way.push((client, tap));
    }
    assert_eq!(shelf.names().len(), 1, "there is room for one of them");
    for (mut client, tap) in under_way {
        drop(tap);
        client.ends().await;
    }
    shelf.assert_holds(1);
    // It was not too long: now that there is room, it is kept.
    let again = async { assert!(shelf.get(spring.download("b")).await.body == pattern(60 * BLOCK)) };
    futures_util::join!(again, async { taps.next().await.give(pattern(60 * BLOCK)) });
    assert!(shelf.get(never("b")).await.body == pattern(60 * BLOCK));
}

#[actix_web::test]
async fn one_file_does_not_take_the_place_of_all_unless_it_may() {
    let shelf = Shelf::with(|cache| cache.max_size(100 * BLOCK as u64));
    shelf.get(file("large", 26)).await;
    shelf.assert_empty();
    shelf.get(file("a", 25)).await;
    shelf.assert_holds(1);
}

#[actix_web::test]
async fn what_is_too_old_or_too_much_goes_when_others_are_only_read() {
    tokio::time::pause();
    let shelf = Shelf::with(|cache| cache.max_age(Duration::from_secs(100)));
    shelf.get(file("a", 1)).await;
    tokio::time::advance(Duration::from_secs(90)).await;
    shelf.get(file("b", 1)).await;
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(is_kept(&shelf, "b", 1).await);
    // Removed by whoever was free to do so, who holds the cache until then.
    let shelf = shelf.again().await;
    shelf.assert_holds(1);
    assert!(is_kept(&shelf, "b", 1).await);
}
