//! RFC 6455 §5 to §7: what is a message, what is a fault, how it ends.

use actix_charter::live::socket::{Close, Closed, Message, SocketSettings, Violation};
use bytes::Bytes;

use super::fixture::{Wire, close, close_code, frame, header, text};

fn open() -> Wire {
    Wire::open(SocketSettings::new())
}

#[actix_web::test]
async fn each_fault_has_its_code() {
    for (what, bytes, code) in [
        ("unmasked", b"\x81\x02hi".to_vec(), 1002),
        ("first reserved bit", frame(0xc1, b"hi"), 1002),
        ("second reserved bit", frame(0xa1, b"hi"), 1002),
        ("third reserved bit on a ping", frame(0x99, b""), 1002),
        ("unknown opcode", frame(0x83, b""), 1002),
        ("unknown control opcode", frame(0x8b, b""), 1002),
        ("fragmented ping", frame(0x09, b""), 1002),
        ("ping of 126 bytes", frame(0x89, &[0; 126]), 1002),
        ("continuation of nothing", frame(0x80, b"hi"), 1002),
        ("message within a message", [frame(0x01, b"a"), frame(0x81, b"b")].concat(), 1002),
        ("length with its highest bit", [header(0x82, u64::MAX), vec![0; 4]].concat(), 1002),
        ("text that is not UTF-8", frame(0x81, b"\xff"), 1007),
        ("text that ends within a character", frame(0x81, b"\xe2\x82"), 1007),
        ("too big", header(0x82, 64 * 1024 + 1), 1009),
    ] {
        let mut wire = open();
        let sent = wire.answer(bytes).await;
        assert_eq!(close_code(&sent), code, "{what}");
        let closed = wire.closed();
        assert!(
            matches!(closed[..], [Closed::Violation(violation)] if violation.code() == code),
            "{what}: {closed:?}"
        );
        assert!(wire.log.is_dropped.get(), "the handler is gone before the peer is");
        // The peer's answer ends it.
        wire.send(close(code));
        assert_eq!(wire.chunks().await, (vec![], true), "{what}");
    }
}

#[actix_web::test]
async fn a_broken_close_frame_is_the_peers_last() {
    for (what, bytes, code) in [
        ("half a close code", frame(0x88, b"\x03"), 1002),
        ("close code that never travels", close(1005), 1002),
        ("close code of nobody", close(2999), 1002),
        ("close code beyond", close(5000), 1002),
        ("close reason that is not UTF-8", frame(0x88, b"\x03\xe8\xff"), 1007),
    ] {
        let mut wire = open();
        wire.send(bytes);
        let (chunks, has_ended) = wire.chunks().await;
        assert_eq!((close_code(&chunks.concat()), has_ended), (code, true), "{what}");
    }
}

#[actix_web::test]
async fn faults_show_as_early_as_they_can() {
    // Not a byte more is needed to know.
    for (bytes, code) in [
        (&b"\xf1"[..], 1002),
        (b"\x83", 1002),
        (b"\x81\x02", 1002),
        (b"\x89\xfe", 1002),
        (b"\x82\xff\x00\x00\x00\x00\x40\x00\x00\x00", 1009),
        (b"\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00", 1002),
        (b"\x01\x84\x00\x00\x00\x00\xf4\x90", 1007),
    ] {
        let (last, before) = bytes.split_last().unwrap();
        let mut wire = open();
        assert!(wire.answer(before.to_vec()).await.is_empty(), "{bytes:x?}");
        assert_eq!(close_code(&wire.answer(vec![*last]).await), code, "{bytes:x?}");
    }
}

#[actix_web::test]
async fn what_was_whole_before_a_fault_is_delivered() {
    let mut wire = open();
    let sent = wire.answer([text("one"), text("two"), frame(0xf1, b"")].concat()).await;
    assert_eq!(wire.messages(), [Message::Text("one".into()), Message::Text("two".into())]);
    assert!(sent.starts_with(b"\x81\x03one\x81\x03two\x88"), "and so are the answers");
    assert_eq!(close_code(&sent), 1002);
    // After a fault nothing is a message.
    wire.send(text("three"));
    assert_eq!((wire.chunks().await, wire.messages()), ((vec![], false), vec![]));
}

#[actix_web::test]
async fn fragments_are_one_message_and_control_frames_pass_between_them() {
    let mut wire = open();
    let sent = wire
        .answer(
            [frame(0x01, b"a\xe2"), frame(0x89, b"p"), frame(0x00, b""), frame(0x80, b"\x82\xac!")].concat(),
        )
        .await;
    assert_eq!(wire.messages(), [Message::Text("a€!".into())]);
    assert_eq!(sent, [&b"\x8a\x01p\x81\x05"[..], "a€!".as_bytes()].concat());
}

#[actix_web::test]
async fn a_message_is_limited_over_its_fragments() {
    let mut wire = Wire::open(SocketSettings::new().max_message(100));
    let sent = wire.answer([frame(0x02, &[1; 60]), frame(0x80, &[1; 40])].concat()).await;
    assert_eq!(sent.len(), 102, "as much as may be");
    wire.messages();
    let sent = wire.answer([frame(0x02, &[1; 60]), header(0x00, 41)].concat()).await;
    assert_eq!((close_code(&sent), wire.messages()), (1009, vec![]));
}

#[actix_web::test]
async fn empty_fragments_are_bounded() {
    let mut wire = open();
    let mut flood = frame(0x01, b"");
    for _ in 0..10_000 {
        flood.extend(frame(0x00, b""));
    }
    assert_eq!(close_code(&wire.answer(flood).await), 1008);
    assert_eq!(wire.closed(), [Closed::Violation(Violation::Flood)]);
}

#[actix_web::test]
async fn a_ping_flood_ends() {
    let mut wire = open();
    let sent = wire.answer(frame(0x89, b"p").repeat(10_000)).await;
    assert_eq!(close_code(&sent), 1008);
    assert!(sent.len() <= 100 * 3 + 127, "{} bytes", sent.len());
}

#[actix_web::test]
async fn pongs_are_the_handlers_matter() {
    let mut wire = open();
    assert!(wire.answer([frame(0x8a, b"asked"), frame(0x8a, b"")].concat()).await.is_empty());
    assert_eq!(*wire.log.pongs.borrow(), [b"asked".to_vec(), vec![]]);
}

#[actix_web::test]
async fn the_peer_closes() {
    for (bytes, echo, closed) in [
        (frame(0x88, b""), &b"\x88\x00"[..], None),
        (close(1000), b"\x88\x02\x03\xe8", Some(Close::new(1000, ""))),
        (frame(0x88, b"\x0f\xa0bye"), b"\x88\x02\x0f\xa0", Some(Close::new(4000, "bye"))),
    ] {
        let mut wire = open();
        // What comes after it is no more looked at.
        wire.send([text("last"), bytes, text("late"), vec![0xff; 9]].concat());
        let (chunks, has_ended) = wire.chunks().await;
        assert!(has_ended, "without waiting for the peer's TCP");
        assert_eq!(chunks.concat(), [b"\x81\x04last", echo].concat());
        assert_eq!(wire.closed(), [Closed::ByPeer(closed)]);
        assert_eq!(wire.messages().len(), 1);
        assert_eq!(
            wire.outbox.push(Bytes::from_static(b"\x81\x00")),
            Err(actix_charter::live::socket::Refused::Closed)
        );
    }
}

#[actix_web::test]
async fn we_close() {
    let mut wire = open();
    wire.outbox.push(Bytes::from_static(b"\x81\x01x")).unwrap();
    wire.outbox.close(Close::new(3001, "shutdown"));
    wire.outbox.close(Close::new(3000, "too late"));
    let (chunks, has_ended) = wire.chunks().await;
    assert_eq!((chunks.concat(), has_ended), (b"\x81\x01x\x88\x0a\x0b\xb9shutdown".to_vec(), false));
    assert_eq!(wire.closed(), [Closed::ByUs(Close::new(3001, "shutdown"))]);
    // Messages under way are no more delivered; the answer ends it.
    wire.send([text("crossing"), frame(0x89, b"ping"), close(3001)].concat());
    assert_eq!(wire.chunks().await, (vec![], true));
    assert!(wire.messages().is_empty());
    assert_eq!(wire.closed().len(), 1, "told once");
}

#[actix_web::test]
async fn closing_now_drops_what_waits() {
    let mut wire = open();
    wire.outbox.push(Bytes::from_static(b"\x81\x01x")).unwrap();
    wire.outbox.close_now(Close::new(3008, "slow"));
    assert_eq!(wire.bytes().await, b"\x88\x06\x0b\xc0slow");
}

#[actix_web::test]
async fn the_peer_leaves_without_a_word() {
    let mut wire = open();
    wire.send(text("hi"));
    wire.hang_up();
    assert_eq!(wire.chunks().await, (vec![], true));
    assert_eq!((wire.messages().len(), wire.closed()), (1, vec![Closed::Lost]));
    assert!(!wire.outbox.is_open());
}

#[actix_web::test]
async fn a_dropped_connection_tells_its_handler() {
    let wire = open();
    let (log, outbox) = (wire.log.clone(), wire.outbox.clone());
    drop(wire);
    assert_eq!(*log.closed.borrow(), [Closed::Lost]);
    assert!(!outbox.is_open() && log.is_dropped.get());
}

#[actix_web::test]
async fn a_panic_in_the_handler_closes_this_connection() {
    let (mut broken, mut other) = (open(), open());
    let sent = broken.answer([text("fine"), text("panic"), text("never")].concat()).await;
    assert!(sent.starts_with(b"\x81\x04fine\x88"));
    assert_eq!((close_code(&sent), broken.closed()), (1011, vec![Closed::Panicked]));
    assert_eq!(broken.messages().len(), 1);
    assert_eq!(other.answer(text("hi")).await, b"\x81\x02hi");
}
