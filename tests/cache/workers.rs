//! Several threads, and real connections.

use std::{
    collections::HashSet,
    io,
    io::Read,
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, ThreadId},
};

use actix_charter::download::{Away, Delivery, Download};
use actix_rt::Arbiter;
use actix_test::{TestServer, TestServerConfig};
use actix_web::{App, HttpRequest, web};
use futures_util::stream;
use tokio::sync::Barrier;

use crate::{
    fixture::{Client, Shelf, Spring, answer, never, pattern},
    wire::{Answer, get, open, parse},
};

/// A server of two workers, and the threads on which requests were answered.
fn serve(
    delivery: Delivery,
    together: usize,
    make: impl Fn() -> Download<Away> + Clone + Send + 'static,
) -> (TestServer, Arc<Mutex<HashSet<ThreadId>>>) {
    let threads = Arc::new(Mutex::new(HashSet::new()));
    let seen = Arc::clone(&threads);
    let barrier = Arc::new(Barrier::new(together));
    let server = actix_test::start_with(TestServerConfig::default().workers(2), move || {
        let (make, seen, barrier) = (make.clone(), Arc::clone(&seen), Arc::clone(&barrier));
        let handler = move |request: HttpRequest| {
            seen.lock().unwrap().insert(thread::current().id());
            let (download, barrier) = (make(), Arc::clone(&barrier));
            async move {
                barrier.wait().await;
                download.fetched(&request).await
            }
        };
        App::new().wrap(delivery.clone()).default_service(web::to(handler))
    });
    (server, threads)
}

#[actix_web::test]
async fn simultaneous_misses_on_two_workers_generate_once() {
    for round in 0..2 {
        let shelf = Shelf::new();
        let made = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&made);
        let (server, threads) = serve(shelf.delivery(), 8, move || {
            let counter = Arc::clone(&counter);
            let generate = move || {
                counter.fetch_add(1, Ordering::SeqCst);
                let bytes = pattern(900_000);
                stream::iter(
                    (0..90).map(move |at| Ok::<_, io::Error>(bytes.slice(at * 10_000..(at + 1) * 10_000))),
                )
            };
            Download::generated("a", generate).etag("v1")
        });
        let address = server.addr();
        let clients: Vec<_> = (0..8).map(|_| thread::spawn(move || get(address, "/", &[]))).collect();
        for client in clients {
            let answer = client.join().unwrap();
            assert!(answer.whole && answer.body == pattern(900_000));
        }
        assert_eq!((made.load(Ordering::SeqCst), threads.lock().unwrap().len()), (1, 2), "{round}");
        shelf.assert_holds(1);
    }
}

/// Reads until so much of the body has come.
fn read_on(socket: &mut TcpStream, raw: &mut Vec<u8>, body: usize) -> Answer {
    loop {
        if raw.windows(4).any(|window| window == b"\r\n\r\n") {
            let answer = parse("GET", raw);
            if answer.body.len() >= body {
                return answer;
            }
        }
        let mut buffer = [0; 1000];
        let length = socket.read(&mut buffer).unwrap();
        assert!(length > 0, "the connection ended");
        raw.extend_from_slice(&buffer[..length]);
    }
}

#[actix_web::test]
async fn another_worker_follows_and_is_aborted_with_the_first() {
    for whole in [true, false] {
        let shelf = Shelf::new();
        let (spring, mut taps) = Spring::new();
        let made = spring.clone();
        let (server, threads) = serve(shelf.delivery(), 1, move || spring.download("a"));
        let mut sockets: Vec<_> =
            (0..4).map(|_| (open(server.addr(), "GET", "/", &[]), Vec::new())).collect();
        let tap = taps.next().await;
        tap.give("Hello");
        for (socket, raw) in &mut sockets {
            let answer = read_on(socket, raw, 5);
            assert_eq!((answer.status, &answer.body[..], answer.whole), (200, &b"Hello"[..], false));
        }
        if whole {
            drop(tap);
        } else {
            tap.fail();
        }
        for (socket, raw) in &mut sockets {
            let _ = socket.read_to_end(raw);
            let answer = parse("GET", raw);
            assert_eq!((&answer.body[..], answer.whole), (&b"Hello"[..], whole));
        }
        assert_eq!((made.made(), threads.lock().unwrap().len()), (1, 2));
        shelf.assert_holds(usize::from(whole));
    }
}

#[actix_web::test]
async fn a_worker_that_is_shut_down_takes_its_fillings_along() {
    let shelf = Shelf::new();
    let (spring, mut taps) = Spring::new();
    let arbiter = Arbiter::new();
    let (delivery, its) = (shelf.delivery(), spring.clone());
    arbiter.spawn_fn(move || {
        actix_rt::spawn(async move {
            let mut client = Client::of(answer(delivery, Default::default(), its.sized("a", 10)));
            while client.next().await.is_some() {}
        });
    });
    let tap = taps.next().await;
    tap.give("Hello");
    let mut follower = shelf.open(spring.sized("a", 10));
    follower.reads("Hello").await;
    arbiter.stop();
    arbiter.join().unwrap();
    follower.is_aborted().await;
    shelf.assert_empty();
    // Another worker begins anew.
    let again = async { assert_eq!(shelf.get(spring.sized("a", 10)).await.text(), "HelloHello") };
    futures_util::join!(again, async { taps.next().await.give("HelloHello") });
    assert_eq!(shelf.get(never("a")).await.text(), "HelloHello");
}
