//! A socket without a network: bytes are put into the request's payload, chunks taken out of the response's body.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use actix_charter::live::socket::{Closed, Frame, Handshake, Message, Outbox, SocketHandler, SocketSettings};
use actix_web::{
    HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::Payload,
    error::PayloadError,
    test::TestRequest,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::{sync::mpsc, time::Instant};

pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// What the handler was called with.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) messages: RefCell<Vec<Message>>,
    pub(crate) pongs: RefCell<Vec<Vec<u8>>>,
    pub(crate) closed: RefCell<Vec<Closed>>,
    pub(crate) deadline: Cell<Option<Instant>>,
    pub(crate) deadlines: RefCell<Vec<Instant>>,
    pub(crate) is_dropped: Cell<bool>,
}

/// Echoes and notes everything; panics at "panic".
pub(crate) struct Recorder(pub(crate) Rc<Log>);

impl SocketHandler for Recorder {
    fn on_message(&mut self, message: Message, outbox: &Outbox) {
        assert_ne!(message.as_bytes(), b"panic", "as asked");
        let frame = match &message {
            Message::Text(text) => Frame::text(text),
            Message::Binary(bytes) => Frame::binary(bytes),
        };
        let _ = outbox.push(frame);
        self.0.messages.borrow_mut().push(message);
    }

    fn on_pong(&mut self, payload: &[u8], _: &Outbox) {
        self.0.pongs.borrow_mut().push(payload.to_vec());
    }

    fn deadline(&self) -> Option<Instant> {
        self.0.deadline.get()
    }

    fn on_deadline(&mut self, now: Instant, _: &Outbox) {
        self.0.deadline.set(None);
        self.0.deadlines.borrow_mut().push(now);
    }

    fn on_close(&mut self, closed: &Closed) {
        self.0.closed.borrow_mut().push(closed.clone());
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.0.is_dropped.set(true);
    }
}

pub(crate) struct Wire {
    input: Option<mpsc::UnboundedSender<Result<Bytes, PayloadError>>>,
    body: Pin<Box<BoxBody>>,
    pub(crate) outbox: Outbox,
    pub(crate) log: Rc<Log>,
}

/// What a poll of the body gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Polled {
    Chunk(Bytes),
    Waits,
    Ended,
}

pub(crate) fn request() -> TestRequest {
    TestRequest::get()
        .insert_header(("host", "example.com"))
        .insert_header(("connection", "upgrade"))
        .insert_header(("upgrade", "websocket"))
        .insert_header(("sec-websocket-version", "13"))
        .insert_header(("sec-websocket-key", KEY))
}

/// A request that came over HTTP/1.1 as a real one does: `Connection` is known.
pub(crate) fn upgrading(request: TestRequest) -> HttpRequest {
    request.to_http_request()
}

impl Wire {
    pub(crate) fn open(settings: SocketSettings) -> Self {
        Self::open_for(request(), settings).1
    }

    pub(crate) fn open_for(request: TestRequest, settings: SocketSettings) -> (HttpResponse<()>, Self) {
        let (input, mut output) = mpsc::unbounded_channel();
        let payload =
            Payload::Stream { payload: stream::poll_fn(move |cx| output.poll_recv(cx)).boxed_local() };
        let (log, mut outbox) = (Rc::new(Log::default()), None);
        let handshake = Handshake::check(&upgrading(request), &Arc::new(settings)).unwrap();
        let response = handshake.open(payload, |given| {
            outbox = Some(given.clone());
            Recorder(log.clone())
        });
        let (head, body) = response.into_parts();
        (head, Self { input: Some(input), body: Box::pin(body), outbox: outbox.unwrap(), log })
    }

    pub(crate) fn send(&self, bytes: impl Into<Bytes>) {
        self.input.as_ref().unwrap().send(Ok(bytes.into())).unwrap();
    }

    /// The peer's side of TCP ends.
    pub(crate) fn hang_up(&mut self) {
        self.input = None;
    }

    pub(crate) async fn poll(&mut self) -> Polled {
        poll_fn(|cx| {
            Poll::Ready(match self.body.as_mut().poll_next(cx) {
                Poll::Ready(Some(chunk)) => Polled::Chunk(chunk.unwrap()),
                Poll::Ready(None) => Polled::Ended,
                Poll::Pending => Polled::Waits,
            })
        })
        .await
    }

    /// All chunks there are, and whether the body ended with them. What is due is done first.
    pub(crate) async fn chunks(&mut self) -> (Vec<Bytes>, bool) {
        tokio::task::yield_now().await;
        let mut chunks = Vec::new();
        let mut rests = 0;
        loop {
            match self.poll().await {
                Polled::Chunk(chunk) => chunks.push(chunk),
                Polled::Ended => return (chunks, true),
                // A body that is about to end waits once for Actix to write.
                Polled::Waits if rests > 0 => return (chunks, false),
                Polled::Waits => rests += 1,
            }
        }
    }

    pub(crate) async fn bytes(&mut self) -> Vec<u8> {
        self.chunks().await.0.concat()
    }

    /// What is sent when these bytes come; that the socket stays open after it.
    pub(crate) async fn answer(&mut self, bytes: impl Into<Bytes>) -> Vec<u8> {
        self.send(bytes);
        let (chunks, has_ended) = self.chunks().await;
        assert!(!has_ended, "ended");
        chunks.concat()
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        std::mem::take(&mut *self.log.messages.borrow_mut())
    }

    pub(crate) fn closed(&self) -> Vec<Closed> {
        self.log.closed.borrow().clone()
    }
}

/// Passes paused time, and lets the thread's timers run.
pub(crate) async fn pass(time: Duration) {
    tokio::time::advance(time).await;
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
}

/// A client's frame: the first byte as given, a length, a mask.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut frame = header(first, payload.len() as u64);
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// The bytes of a client's header before its mask.
pub(crate) fn header(first: u8, length: u64) -> Vec<u8> {
    match length {
        0..=125 => vec![first, 0x80 | length as u8],
        126..=65_535 => [&[first, 0xfe][..], &(length as u16).to_be_bytes()].concat(),
        _ => [&[first, 0xff][..], &length.to_be_bytes()].concat(),
    }
}

pub(crate) fn text(payload: &str) -> Vec<u8> {
    frame(0x81, payload.as_bytes())
}

/// A client's close frame.
pub(crate) fn close(code: u16) -> Vec<u8> {
    frame(0x88, &code.to_be_bytes())
}

/// The code in a server's close frame, which has to be the last of these bytes.
pub(crate) fn close_code(bytes: &[u8]) -> u16 {
    let at = (0..bytes.len()).rev().find(|&at| {
        bytes[at] == 0x88
            && bytes.get(at + 1).is_some_and(|length| at + 2 + usize::from(*length) == bytes.len())
    });
    let at = at.unwrap_or_else(|| panic!("no close frame at the end of {bytes:x?}"));
    u16::from_be_bytes([bytes[at + 2], bytes[at + 3]])
}
