//! Nobody is waited for without end. Time is paused.

use std::time::Duration;

use actix_charter::live::socket::{Close, Closed, KeepAlive, SocketSettings, Violation};
use tokio::time::Instant;

use super::fixture::{Polled, Wire, close_code, frame, pass, text};

const SECOND: Duration = Duration::from_secs(1);

#[actix_web::test]
async fn one_byte_a_second_is_no_message() {
    tokio::time::pause();
    let mut wire = Wire::open(SocketSettings::new().message_timeout(SECOND * 20));
    wire.answer(text("whole")).await;
    pass(SECOND * 60).await;
    for byte in text("a message that takes its time").iter().take(20) {
        assert!(wire.answer(vec![*byte]).await.is_empty());
        pass(SECOND).await;
    }
    pass(SECOND).await;
    assert_eq!(close_code(&wire.bytes().await), 1008);
    assert_eq!(wire.closed(), [Closed::Violation(Violation::TooSlow)]);
}

#[actix_web::test]
async fn fragments_that_never_end_are_one_slow_message() {
    tokio::time::pause();
    let mut wire = Wire::open(SocketSettings::new().message_timeout(SECOND * 20));
    wire.answer(frame(0x01, b"a")).await;
    for _ in 0..19 {
        pass(SECOND).await;
        assert!(wire.answer(frame(0x00, b"b")).await.is_empty());
    }
    pass(SECOND * 2).await;
    assert_eq!(close_code(&wire.bytes().await), 1008);
}

#[actix_web::test]
async fn a_silent_peer_is_pinged_then_closed() {
    tokio::time::pause();
    let mut wire = Wire::open(SocketSettings::new().keep_alive(KeepAlive::new(SECOND * 25, SECOND * 8)));
    assert!(wire.bytes().await.is_empty());
    pass(SECOND * 12).await;
    assert!(wire.bytes().await.is_empty(), "the first ping comes in the second half");
    pass(SECOND * 14).await;
    assert_eq!(wire.bytes().await, b"\x89\x00");
    // Anything answers it.
    wire.answer(text("here")).await;
    pass(SECOND * 9).await;
    assert!(wire.bytes().await.is_empty());
    pass(SECOND * 26).await;
    assert_eq!(wire.bytes().await, b"\x89\x00");
    pass(SECOND * 9).await;
    assert_eq!(close_code(&wire.bytes().await), 3012);
    assert_eq!(wire.closed(), [Closed::ByUs(Close::new(3012, "no pong"))]);
    // Half-open TCP: no answer to the close either.
    pass(SECOND * 3).await;
    assert_eq!(wire.poll().await, Polled::Ended);
}

#[actix_web::test]
async fn silence_alone_may_end_it() {
    tokio::time::pause();
    let mut wire = Wire::open(SocketSettings::new().idle_timeout(SECOND * 60));
    wire.answer(text("hi")).await;
    pass(SECOND * 50).await;
    wire.answer(frame(0x8a, b"")).await;
    pass(SECOND * 50).await;
    assert!(wire.bytes().await.is_empty());
    pass(SECOND * 11).await;
    assert_eq!(close_code(&wire.bytes().await), 1001);
}

#[actix_web::test]
async fn an_answer_to_our_close_is_waited_for_and_no_longer() {
    tokio::time::pause();
    for stream in [true, false] {
        let mut wire = Wire::open(SocketSettings::new().close_timeout(SECOND * 2));
        wire.outbox.close(Close::new(3000, ""));
        assert!(!wire.bytes().await.is_empty());
        pass(SECOND).await;
        if stream {
            wire.send(text("still talking"));
        }
        assert_eq!(wire.chunks().await, (vec![], false));
        pass(SECOND * 2).await;
        assert_eq!(wire.poll().await, Polled::Ended);
    }
}

#[actix_web::test]
async fn the_handlers_deadline_may_move() {
    tokio::time::pause();
    let mut wire = Wire::open(SocketSettings::new());
    let begin = Instant::now();
    wire.log.deadline.set(Some(begin + SECOND * 10));
    wire.outbox.wake();
    wire.bytes().await;
    pass(SECOND * 5).await;
    wire.log.deadline.set(Some(begin + SECOND * 20));
    pass(SECOND * 10).await;
    assert!(wire.log.deadlines.borrow().is_empty(), "it was moved");
    pass(SECOND * 6).await;
    assert_eq!(wire.log.deadlines.borrow().len(), 1);
    wire.log.deadline.set(Some(begin + SECOND * 22));
    wire.outbox.wake();
    wire.bytes().await;
    pass(SECOND * 2).await;
    assert_eq!(wire.log.deadlines.borrow().len(), 2);
    assert!(wire.closed().is_empty());
}

#[actix_web::test]
async fn after_a_fault_the_peer_is_heard_out() {
    tokio::time::pause();
    let mut wire = Wire::open(SocketSettings::new().close_timeout(SECOND * 2));
    assert_eq!(close_code(&wire.answer(b"\xf1".to_vec()).await), 1002);
    // What it had under way comes in, and goes nowhere.
    for _ in 0..5 {
        pass(SECOND / 5).await;
        assert!(wire.answer(vec![7; 1_000]).await.is_empty());
    }
    pass(SECOND / 3).await;
    assert_eq!(wire.poll().await, Polled::Ended);
}
