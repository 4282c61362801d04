//! Over TCP, with Actix's own dispatcher in between.

use std::{rc::Rc, sync::Arc, time::Duration};

use actix_charter::live::socket::{
    Close, Frame, Handshake, HandshakeError, Message, Outbox, SocketHandler, SocketSettings, write_timeout,
};
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, middleware, rt::net::TcpStream, web,
};
use std::sync::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::fixture::{KEY, close, close_code, frame, text};

/// Told by the server's thread, waited for by the test.
type Told = tokio::sync::mpsc::UnboundedSender<String>;

struct Member {
    hub: Rc<std::cell::RefCell<Vec<Outbox>>>,
    told: Told,
}

impl SocketHandler for Member {
    fn on_message(&mut self, message: Message, outbox: &Outbox) {
        match message.as_bytes() {
            b"close" => outbox.close(Close::new(3000, "asked")),
            b"drain" => {
                for member in self.hub.borrow().iter() {
                    member.close(Close::new(3001, "shutdown"));
                }
            }
            // Fills the queues of all members, each up to what it takes.
            b"flood" => {
                let frame = Frame::binary(&vec![b'x'; 60_000]);
                for member in self.hub.borrow().iter() {
                    while !member.is(outbox) && member.push(frame.clone()).is_ok() {}
                }
                let _ = outbox.push(Frame::text(b"flooded"));
            }
            text => drop(outbox.push(Frame::text(text))),
        }
    }

    fn on_close(&mut self, closed: &actix_charter::live::socket::Closed) {
        let _ = self.told.send(format!("{closed:?}"));
    }
}

async fn socket(
    request: HttpRequest,
    payload: web::Payload,
    settings: web::Data<SocketSettings>,
    hub: web::Data<Rc<std::cell::RefCell<Vec<Outbox>>>>,
    told: web::Data<Mutex<Told>>,
) -> Result<HttpResponse, HandshakeError> {
    let told = told.lock().unwrap().clone();
    let hub = Rc::clone(&hub);
    Ok(Handshake::check(&request, &settings.into_inner())?.open(payload.into_inner(), |outbox| {
        hub.borrow_mut().push(outbox.clone());
        Member { hub: hub.clone(), told }
    }))
}

struct Server {
    address: std::net::SocketAddr,
    handle: ServerHandle,
    told: tokio::sync::mpsc::UnboundedReceiver<String>,
}

/// A server that would wait an hour for a peer to close its side of TCP, or to read.
fn serve(settings: SocketSettings) -> Server {
    serve_for(settings, Duration::from_secs(3600))
}

fn serve_for(settings: SocketSettings, timeout: Duration) -> Server {
    let (sender, told) = tokio::sync::mpsc::unbounded_channel();
    let settings = web::Data::from(Arc::new(settings));
    let sender = web::Data::new(Mutex::new(sender));
    let server = HttpServer::new(move || {
        let hub = web::Data::new(Rc::new(std::cell::RefCell::new(Vec::<Outbox>::new())));
        App::new()
            .app_data(settings.clone())
            .app_data(sender.clone())
            .app_data(hub)
            // Both wrap the body, and neither is in the way.
            .wrap(middleware::Compress::default())
            .wrap(middleware::Logger::default())
            .route("/", web::get().to(socket))
    })
    .workers(1)
    .client_disconnect_timeout(Duration::from_secs(3600))
    .shutdown_timeout(3600)
    .disable_signals()
    .on_connect(write_timeout(timeout))
    .bind(("127.0.0.1", 0))
    .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Server { address, handle, told }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101 "), "{head}");
        assert!(!head.contains("content-length") && !head.contains("transfer-encoding"), "{head}");
        stream
    }
}

/// Everything up to the end of TCP.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // The time is for the failing case: TCP that stays open.
    let end = stream.read_to_end(&mut bytes);
    tokio::time::timeout(Duration::from_secs(60), end).await.expect("TCP ends").unwrap();
    bytes
}

async fn read(stream: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

#[actix_web::test]
async fn tcp_ends_with_the_close_handshake() {
    let server = serve(SocketSettings::new());
    // The peer closes.
    let mut stream = server.connect().await;
    stream.write_all(&[text("hi"), close(1000)].concat()).await.unwrap();
    assert_eq!(rest(&mut stream).await, b"\x81\x02hi\x88\x02\x03\xe8");
    // We close; the peer answers.
    let mut stream = server.connect().await;
    stream.write_all(&text("close")).await.unwrap();
    assert_eq!(read(&mut stream, 9).await, b"\x88\x07\x0b\xb8asked");
    stream.write_all(&close(3000)).await.unwrap();
    assert!(rest(&mut stream).await.is_empty());
    // The peer breaks the protocol and answers our close.
    let mut stream = server.connect().await;
    stream.write_all(b"\xf1\x80\0\0\0\0").await.unwrap();
    let mut sent = vec![0; 127];
    let length = stream.read(&mut sent).await.unwrap();
    assert_eq!(close_code(&sent[..length]), 1002);
    stream.write_all(&close(1002)).await.unwrap();
    assert!(rest(&mut stream).await.is_empty());
}

#[actix_web::test]
async fn a_peer_that_never_answers_our_close_is_dropped() {
    let server = serve(SocketSettings::new().close_timeout(Duration::from_millis(20)));
    let mut stream = server.connect().await;
    stream.write_all(&text("close")).await.unwrap();
    assert_eq!(close_code(&rest(&mut stream).await), 3000);
}

#[actix_web::test]
async fn a_half_closed_connection_ends() {
    let mut server = serve(SocketSettings::new());
    let mut stream = server.connect().await;
    stream.write_all(&text("hi")).await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(rest(&mut stream).await.len() <= 4);
    assert_eq!(server.told.recv().await.unwrap(), "Lost");
}

#[actix_web::test]
async fn a_huge_frame_is_refused_by_its_header() {
    let server = serve(SocketSettings::new());
    let mut stream = server.connect().await;
    stream.write_all(b"\x82\xff\x00\x00\x00\x00\x40\x00\x00\x00").await.unwrap();
    let mut sent = vec![0; 127];
    let length = stream.read(&mut sent).await.unwrap();
    assert_eq!(close_code(&sent[..length]), 1009);
}

#[actix_web::test]
async fn a_peer_that_does_not_read_costs_its_budget_and_nobody_else() {
    let settings = SocketSettings::new().queue_bytes(300_000).queue_age(Duration::from_millis(50));
    let mut server = serve(settings);
    let stuck = server.connect().await;
    let mut other = server.connect().await;
    // Until the stuck one is given up, the other is answered as ever.
    let told = loop {
        other.write_all(&text("flood")).await.unwrap();
        assert_eq!(read(&mut other, 9).await, b"\x81\x07flooded");
        if let Ok(told) = server.told.try_recv() {
            break told;
        }
    };
    assert_eq!(told, "Stalled");
    other.write_all(&text("still here")).await.unwrap();
    assert_eq!(read(&mut other, 12).await, b"\x81\x0astill here");
    drop(stuck);
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn tcp_of_a_peer_that_does_not_read_ends() {
    let settings = SocketSettings::new().queue_age(Duration::from_secs(3600));
    let mut server = serve_for(settings, Duration::from_millis(300));
    let stuck = server.connect().await;
    let mut other = server.connect().await;
    let told = loop {
        other.write_all(&text("flood")).await.unwrap();
        assert_eq!(read(&mut other, 9).await, b"\x81\x07flooded");
        if let Ok(told) = server.told.try_recv() {
            break told;
        }
    };
    assert_eq!(told, "Lost", "the system dropped it, not the queue's age");
    drop(stuck);
}

#[actix_web::test]
async fn all_can_be_drained_before_the_server_stops() {
    let server = serve(SocketSettings::new());
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(server.connect().await);
    }
    streams[0].write_all(&text("drain")).await.unwrap();
    for stream in &mut streams {
        assert_eq!(read(stream, 12).await, b"\x88\x0a\x0b\xb9shutdown");
        stream.write_all(&frame(0x88, &3001_u16.to_be_bytes())).await.unwrap();
        assert!(rest(stream).await.is_empty());
    }
    // Graceful: it would wait an hour for an open connection.
    server.handle.stop(true).await;
}
