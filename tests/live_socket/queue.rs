//! What a peer that reads slowly, or not at all, costs.

use std::time::Duration;

use actix_charter::live::socket::{Close, Closed, Frame, Refused, SocketSettings};

use super::fixture::{Polled, Wire, close_code, pass, text};

#[actix_web::test]
async fn frames_are_gathered_into_few_chunks() {
    let mut wire = Wire::open(SocketSettings::new());
    let frame = Frame::text(&[b'x'; 200]);
    for _ in 0..1_000 {
        wire.outbox.push(frame.clone()).unwrap();
    }
    let large = Frame::binary(&vec![7; 100_000]);
    wire.outbox.push(large.clone()).unwrap();
    let (chunks, _) = wire.chunks().await;
    assert_eq!(chunks.len(), 1_000_usize.div_ceil(16 * 1024 / frame.len()) + 1);
    assert!(chunks.iter().take(13).all(|chunk| chunk.len() <= 16 * 1024));
    assert_eq!(chunks.last().unwrap().as_ptr(), large.as_ptr(), "a large frame is not copied");
    assert_eq!(chunks.concat().len(), 1_000 * frame.len() + large.len());
}

#[actix_web::test]
async fn a_full_queue_refuses() {
    let mut wire = Wire::open(SocketSettings::new().queue_bytes(1_500).queue_frames(4));
    let frame = Frame::text(&[b'x'; 300]);
    for _ in 0..3 {
        wire.outbox.push(frame.clone()).unwrap();
    }
    assert_eq!(wire.outbox.push(frame.clone()), Err(Refused::Full), "bytes");
    assert_eq!((wire.outbox.len(), wire.outbox.len_bytes()), (3, 912));
    wire.outbox.push(Frame::text(b"")).unwrap();
    assert_eq!(wire.outbox.push(Frame::text(b"")), Err(Refused::Full), "frames");
    wire.bytes().await;
    wire.outbox.push(Frame::binary(&[0; 5_000])).unwrap();
    assert_eq!(wire.outbox.push(frame), Err(Refused::Full), "a frame above the limit has to be alone");
}

#[actix_web::test]
async fn a_slow_peer_may_get_the_latest_instead_of_all() {
    let mut wire = Wire::open(SocketSettings::new().queue_frames(3));
    for n in 0..100 {
        wire.outbox.push_keyed(n % 2, Frame::text(n.to_string().as_bytes())).unwrap();
    }
    assert_eq!(wire.outbox.len(), 2);
    wire.outbox.push_lossy(Frame::text(b"old")).unwrap();
    assert_eq!(wire.outbox.push(Frame::text(b"new")), Err(Refused::Full));
    assert!(wire.outbox.drop_oldest());
    wire.outbox.push(Frame::text(b"new")).unwrap();
    assert_eq!(wire.bytes().await, b"\x81\x0299\x81\x03old\x81\x03new");
    assert!(!wire.outbox.drop_oldest());
}

#[actix_web::test]
async fn no_more_is_read_from_a_peer_that_does_not_read() {
    let mut wire = Wire::open(SocketSettings::new().read_pause(2_000));
    for _ in 0..20 {
        wire.send(text(&"x".repeat(1_000)));
    }
    assert!(matches!(wire.poll().await, Polled::Chunk(_)));
    assert_eq!(wire.messages().len(), 2);
    assert_eq!(wire.bytes().await.len(), 18 * 1_004, "and read on when it does");
}

#[actix_web::test]
async fn a_stuck_peer_is_given_up_after_the_age() {
    tokio::time::pause();
    let mut wire = Wire::open(SocketSettings::new().queue_age(Duration::from_secs(10)));
    wire.outbox.push(Frame::text(b"taken by Actix")).unwrap();
    assert!(matches!(wire.poll().await, Polled::Chunk(_)));
    // From here on Actix does not poll: its write buffer is full.
    wire.outbox.push(Frame::text(b"waits")).unwrap();
    pass(Duration::from_secs(9)).await;
    assert_eq!((wire.closed(), wire.outbox.len()), (vec![], 1));
    pass(Duration::from_secs(2)).await;
    assert_eq!(wire.closed(), [Closed::Stalled]);
    assert_eq!((wire.outbox.len_bytes(), wire.outbox.is_open()), (0, false));
    assert!(wire.log.is_dropped.get());
    assert_eq!(wire.poll().await, Polled::Ended);
}

#[actix_web::test]
async fn a_peer_that_reads_is_not_stuck() {
    tokio::time::pause();
    let mut wire = Wire::open(SocketSettings::new().queue_age(Duration::from_secs(10)));
    for _ in 0..30 {
        wire.outbox.push(Frame::text(b"tick")).unwrap();
        assert_eq!(wire.bytes().await, b"\x81\x04tick");
        pass(Duration::from_secs(3)).await;
    }
    assert!(wire.closed().is_empty());
}

#[actix_web::test]
async fn the_handlers_deadline_comes_even_when_the_peer_is_stuck() {
    tokio::time::pause();
    let mut wire = Wire::open(SocketSettings::new());
    wire.log.deadline.set(Some(tokio::time::Instant::now() + Duration::from_secs(5)));
    wire.outbox.push(Frame::text(b"x")).unwrap();
    assert!(matches!(wire.poll().await, Polled::Chunk(_)));
    pass(Duration::from_secs(6)).await;
    assert_eq!(wire.log.deadlines.borrow().len(), 1);
}

#[actix_web::test]
async fn all_can_be_closed_and_each_is_told() {
    let mut wires: Vec<_> = (0..10).map(|_| Wire::open(SocketSettings::new())).collect();
    for wire in &wires {
        wire.outbox.close(Close::new(3001, "shutdown"));
    }
    for wire in &mut wires {
        assert_eq!(close_code(&wire.bytes().await), 3001);
    }
}
