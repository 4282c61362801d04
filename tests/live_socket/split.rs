//! However a stream of frames is cut, the same messages come out of it.

use actix_charter::live::socket::{Message, SocketSettings};
use proptest::prelude::*;

use super::fixture::{Wire, frame};

/// Frames as a client may send them, and what they mean.
fn stream() -> impl Strategy<Value = (Vec<u8>, Vec<Message>, Vec<Vec<u8>>)> {
    let message = (
        any::<bool>(),
        prop_oneof![".{0,40}", "[a-z]{120,130}"],
        prop::collection::vec(0_usize..60, 0..4),
        any::<bool>(),
    );
    prop::collection::vec(message, 0..8).prop_map(|messages| {
        let (mut bytes, mut expected, mut pongs) = (Vec::new(), Vec::new(), Vec::new());
        for (is_text, payload, cuts, has_pong) in messages {
            let payload = payload.into_bytes();
            let mut rest = &payload[..];
            let mut opcode = if is_text { 1 } else { 2 };
            for cut in cuts {
                let (piece, tail) = rest.split_at(cut.min(rest.len()));
                bytes.extend(frame(opcode, piece));
                (rest, opcode) = (tail, 0);
                if has_pong {
                    bytes.extend(frame(0x8a, piece));
                    pongs.push(piece.to_vec());
                }
            }
            bytes.extend(frame(0x80 | opcode, rest));
            expected.push(if is_text {
                Message::Text(payload.into())
            } else {
                Message::Binary(payload.into())
            });
        }
        (bytes, expected, pongs)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_split_gives_the_same_messages((bytes, expected, pongs) in stream(), sizes in prop::collection::vec(1_usize..50, 1..20)) {
        actix_web::rt::System::new().block_on(async {
            let mut wire = Wire::open(SocketSettings::new());
            let (mut rest, mut sizes) = (&bytes[..], sizes.iter().cycle());
            while !rest.is_empty() {
                let (piece, tail) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
                wire.answer(piece.to_vec()).await;
                rest = tail;
            }
            assert_eq!(wire.messages(), expected);
            assert_eq!(*wire.log.pongs.borrow(), pongs);
        });
    }

    #[test]
    fn noise_never_breaks_anything(noise in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..40) {
        actix_web::rt::System::new().block_on(async {
            let mut wire = Wire::open(SocketSettings::new());
            for piece in noise.chunks(size) {
                wire.send(piece.to_vec());
            }
            wire.hang_up();
            let mut has_ended = false;
            while !has_ended {
                has_ended = wire.chunks().await.1;
            }
            assert_eq!(wire.closed().len(), 1);
        });
    }
}
