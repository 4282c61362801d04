//! Over a real socket, with several workers.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread::ThreadId,
};

use actix_charter::prelude::*;
use actix_web::App;

struct Counter {
    calls: Arc<AtomicUsize>,
}

#[controller(path = "/count")]
impl Counter {
    #[get]
    fn count(&self) -> Text {
        Text(format!("call {}", self.calls.fetch_add(1, Ordering::Relaxed)))
    }

    #[get("/nothing")]
    fn nothing(&self) -> NoContent {
        NoContent
    }
}

fn talk(addr: SocketAddr, request: &str) -> String {
    let mut socket = TcpStream::connect(addr).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut told = String::new();
    socket.read_to_string(&mut told).unwrap();
    told.to_ascii_lowercase()
}

#[actix_web::test]
async fn one_router_is_shared_by_all_workers() {
    let calls = Arc::new(AtomicUsize::new(0));
    let made: Arc<Mutex<Vec<ThreadId>>> = Arc::default();
    let threads = Arc::clone(&made);
    let api = Router::new("/api")
        .wrap(move || {
            threads.lock().unwrap().push(std::thread::current().id());
            actix_web::middleware::Logger::default()
        })
        .controller(Counter { calls: Arc::clone(&calls) });
    let server =
        actix_test::start_with(actix_test::config().workers(2), move || App::new().service(api.clone()));
    for _ in 0..6 {
        let told = talk(server.addr(), "GET /api/count HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert!(told.starts_with("http/1.1 200"), "{told}");
    }
    assert_eq!(calls.load(Ordering::Relaxed), 6);
    let made = made.lock().unwrap();
    assert_eq!(made.len(), 2, "once a worker");
    assert_ne!(made[0], made[1]);
}

#[actix_web::test]
async fn head_tells_the_length_and_sends_nothing() {
    let api = Router::new("/api").controller(Counter { calls: Arc::default() });
    let server = actix_test::start(move || App::new().service(api.clone()));
    // Two on one connection: were there a body, the second answer would not start where it does.
    let told = talk(
        server.addr(),
        "HEAD /api/count HTTP/1.1\r\nhost: x\r\n\r\nGET /api/count HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    let (head, get) = told.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("http/1.1 200") && head.contains("content-length: 6"), "{head}");
    assert!(get.starts_with("http/1.1 200") && get.ends_with("call 1"), "{get}");
}

#[actix_web::test]
async fn an_empty_answer_has_neither_type_nor_length() {
    let api = Router::new("/api").controller(Counter { calls: Arc::default() });
    let server = actix_test::start(move || App::new().service(api.clone()));
    let told = talk(server.addr(), "GET /api/count/nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(told.starts_with("http/1.1 204"), "{told}");
    assert!(!told.contains("content-type") && !told.contains("content-length"), "{told}");
}
