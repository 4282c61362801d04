//! The numbers that clients act upon.

use actix_charter::live::protocol::{Disconnect, DisconnectCode, ErrorCode, ReplyError, UnsubscribeCode};

#[test]
fn the_errors_have_their_numbers() {
    let all = [
        (ErrorCode::INTERNAL, 100),
        (ErrorCode::UNAUTHORIZED, 101),
        (ErrorCode::UNKNOWN_CHANNEL, 102),
        (ErrorCode::PERMISSION_DENIED, 103),
        (ErrorCode::METHOD_NOT_FOUND, 104),
        (ErrorCode::ALREADY_SUBSCRIBED, 105),
        (ErrorCode::LIMIT_EXCEEDED, 106),
        (ErrorCode::BAD_REQUEST, 107),
        (ErrorCode::NOT_AVAILABLE, 108),
        (ErrorCode::TOKEN_EXPIRED, 109),
        (ErrorCode::EXPIRED, 110),
        (ErrorCode::TOO_MANY_REQUESTS, 111),
        (ErrorCode::UNRECOVERABLE_POSITION, 112),
        (ErrorCode::CONCURRENT_PAGINATION, 113),
    ];
    for (code, number) in all {
        assert_eq!(code.get(), number);
        assert_eq!(ReplyError::from(code).temporary, matches!(number, 100 | 111 | 113), "{number}");
        assert_ne!(code.message(), "error", "{number}");
    }
    let own: Vec<_> = [399, 400, 1999, 2000].map(|code| ErrorCode::own(code).map(ErrorCode::get)).into();
    assert_eq!(own, [None, Some(400), Some(1999), None]);
    let full = ReplyError::new(ErrorCode::own(400).unwrap(), "full");
    assert!(!full.temporary);
    assert!(full.temporary().temporary);
}

#[test]
fn unsubscribed_clients_come_back_from_2500_on() {
    assert!(!UnsubscribeCode::SERVER.resubscribes());
    for code in
        [UnsubscribeCode::INSUFFICIENT_STATE, UnsubscribeCode::EXPIRED, UnsubscribeCode::STATE_INVALIDATED]
    {
        assert!(code.resubscribes());
    }
    let own = [2000, 2099, 2100, 2499, 2500, 2599, 2600, 2999, 3000];
    let own = own.map(|code| UnsubscribeCode::own(code).map(UnsubscribeCode::resubscribes));
    assert_eq!(own, [None, None, Some(false), Some(false), None, None, Some(true), Some(true), None]);
}

#[test]
fn disconnected_clients_come_back_unless_told_to_stay_away() {
    let back = [
        DisconnectCode::CONNECTION_CLOSED,
        DisconnectCode::SHUTDOWN,
        DisconnectCode::SERVER_ERROR,
        DisconnectCode::EXPIRED,
        DisconnectCode::SUBSCRIPTION_EXPIRED,
        DisconnectCode::SLOW,
        DisconnectCode::WRITE_ERROR,
        DisconnectCode::INSUFFICIENT_STATE,
        DisconnectCode::FORCE_RECONNECT,
        DisconnectCode::NO_PONG,
        DisconnectCode::TOO_MANY_REQUESTS,
        DisconnectCode::STATE_INVALIDATED,
    ];
    assert_eq!(
        back.map(DisconnectCode::get),
        [3000, 3001, 3004, 3005, 3006, 3008, 3009, 3010, 3011, 3012, 3013, 3014]
    );
    assert!(back.into_iter().all(DisconnectCode::reconnects));
    let away = [
        DisconnectCode::INVALID_TOKEN,
        DisconnectCode::BAD_REQUEST,
        DisconnectCode::STALE,
        DisconnectCode::FORCE_NO_RECONNECT,
        DisconnectCode::CONNECTION_LIMIT,
        DisconnectCode::CHANNEL_LIMIT,
        DisconnectCode::INAPPROPRIATE_PROTOCOL,
        DisconnectCode::PERMISSION_DENIED,
        DisconnectCode::NOT_AVAILABLE,
        DisconnectCode::TOO_MANY_ERRORS,
    ];
    assert_eq!(away.map(DisconnectCode::get), [3500, 3501, 3502, 3503, 3504, 3505, 3506, 3507, 3508, 3509]);
    assert!(!away.into_iter().any(DisconnectCode::reconnects));
    let own = [3999, 4000, 4499, 4500, 4999, 5000]
        .map(|code| DisconnectCode::own(code).map(DisconnectCode::reconnects));
    assert_eq!(own, [None, Some(true), Some(true), Some(false), Some(false), None]);
    for code in back.into_iter().chain(away) {
        assert_ne!(code.reason(), "disconnected");
    }
}

#[test]
fn a_reason_fits_into_a_close_frame() {
    let reason = |text: &str| Disconnect::new(DisconnectCode::SLOW, text.to_owned()).reason().to_owned();
    assert_eq!(reason(&"a".repeat(123)), "a".repeat(123));
    assert_eq!(reason(&"a".repeat(124)), "a".repeat(123));
    assert_eq!(reason(&"ä".repeat(62)), "ä".repeat(61), "no character is cut in two");
}
