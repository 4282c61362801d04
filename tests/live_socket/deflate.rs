//! permessage-deflate (RFC 7692).

use actix_charter::live::socket::{Closed, Deflate, Frame, Message, Prepared, SocketSettings, Violation};
use actix_web::http::header::SEC_WEBSOCKET_EXTENSIONS;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

use super::fixture::{Wire, close_code, frame, request};

fn open(offer: &str, deflate: Deflate) -> (Option<String>, Wire) {
    let request = request().insert_header((SEC_WEBSOCKET_EXTENSIONS, offer));
    let (head, wire) = Wire::open_for(request, SocketSettings::new().deflate(deflate));
    let answer = head.headers().get(SEC_WEBSOCKET_EXTENSIONS);
    (answer.map(|value| value.to_str().unwrap().to_owned()), wire)
}

fn deflated(compress: &mut Compress, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 100);
    compress.compress_vec(payload, &mut out, FlushCompress::Sync).unwrap();
    assert!(out.ends_with(&[0, 0, 0xff, 0xff]));
    out.truncate(out.len() - 4);
    out
}

/// The payload of a server's compressed frame under 64 KiB.
fn inflated(frame: &[u8], window: u8) -> Vec<u8> {
    assert_eq!(frame[0] & 0xf0, 0xc0, "final and compressed");
    let payload = if frame[1] == 126 { &frame[4..] } else { &frame[2..] };
    let mut out = Vec::with_capacity(100_000);
    let whole = [payload, &[0, 0, 0xff, 0xff]].concat();
    Decompress::new_with_window_bits(false, window)
        .decompress_vec(&whole, &mut out, FlushDecompress::Sync)
        .unwrap();
    out
}

fn compressor() -> Compress {
    Compress::new(Compression::best(), false)
}

#[actix_web::test]
async fn off_unless_wanted_by_both() {
    let request = request().insert_header((SEC_WEBSOCKET_EXTENSIONS, "permessage-deflate"));
    let (head, mut wire) = Wire::open_for(request, SocketSettings::new());
    assert!(head.headers().get(SEC_WEBSOCKET_EXTENSIONS).is_none());
    assert_eq!(close_code(&wire.answer(frame(0xc1, b"x")).await), 1002);
    assert_eq!(open("permessage-foo", Deflate::new()).0, None);
    assert_eq!(
        open("permessage-deflate; client_max_window_bits", Deflate::new()).0.unwrap(),
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    );
}

#[actix_web::test]
async fn messages_come_inflated_with_and_without_a_context() {
    for keeps_context in [false, true] {
        let (answer, mut wire) = open("permessage-deflate", Deflate::new().client_context(keeps_context));
        assert_eq!(answer.unwrap().contains("client_no_context_takeover"), !keeps_context);
        let mut compress = compressor();
        let payload = "the same text again and again ".repeat(20);
        for _ in 0..3 {
            if !keeps_context {
                compress.reset();
            }
            let data = deflated(&mut compress, payload.as_bytes());
            let (head, tail) = data.split_at(data.len() / 2);
            wire.answer([frame(0x41, head), frame(0x80, tail)].concat()).await;
            assert_eq!(wire.messages(), [Message::Text(payload.clone().into())]);
        }
        // Compression is per message.
        wire.answer(frame(0x81, b"plain")).await;
        assert_eq!(wire.messages(), [Message::Text("plain".into())]);
    }
}

#[actix_web::test]
async fn bad_data() {
    let not_text = deflated(&mut compressor(), b"\xff\xfe");
    let bomb = deflated(&mut compressor(), &vec![0; 10_000_000]);
    assert!(bomb.len() < 64 * 1024);
    for (what, bytes, violation) in [
        ("noise", frame(0xc2, b"\xff\xff\xff\xff"), Violation::NotDeflate),
        ("text that is not UTF-8", frame(0xc1, &not_text), Violation::NotUtf8),
        ("a bomb", frame(0xc2, &bomb), Violation::TooBig),
    ] {
        for keeps_context in [false, true] {
            let (_, mut wire) = open("permessage-deflate", Deflate::new().client_context(keeps_context));
            assert_eq!(close_code(&wire.answer(bytes.clone()).await), violation.code(), "{what}");
            assert_eq!(wire.closed(), [Closed::Violation(violation)], "{what}");
        }
    }
    for bytes in [frame(0xc9, b""), [frame(0x01, b""), frame(0xc0, b"")].concat()] {
        let (_, mut wire) = open("permessage-deflate", Deflate::new());
        assert_eq!(close_code(&wire.answer(bytes).await), 1002, "the bit belongs to a message's first frame");
    }
}

#[actix_web::test]
async fn a_broadcast_is_compressed_once_for_each_window() {
    let payload = "compressible ".repeat(200);
    let message = Prepared::text(payload.as_bytes());
    let mut sent = Vec::new();
    for offer in
        ["permessage-deflate", "permessage-deflate; server_max_window_bits=9", "permessage-deflate", "none"]
    {
        let (_, mut wire) = open(offer, Deflate::new());
        wire.outbox.push_prepared(&message).unwrap();
        let (chunks, _) = wire.chunks().await;
        assert_eq!(chunks.len(), 1);
        sent.extend(chunks);
    }
    assert_eq!(inflated(&sent[0], 15), payload.as_bytes());
    assert_eq!(inflated(&sent[1], 9), payload.as_bytes());
    assert_eq!(sent[0].as_ptr(), sent[2].as_ptr(), "the same bytes");
    assert_eq!(sent[3], Frame::text(payload.as_bytes()));
    assert!(sent[0].len() < payload.len() / 10);
}

#[actix_web::test]
async fn what_is_small_or_gains_nothing_goes_as_it_is() {
    let (_, mut wire) = open("permessage-deflate", Deflate::new().smallest(100));
    let noise: Vec<u8> = (0..200_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for payload in [&[b'x'; 99][..], &noise] {
        wire.outbox.push_prepared(&Prepared::binary(payload)).unwrap();
        assert_eq!(wire.bytes().await, Frame::binary(payload));
    }
    wire.outbox.push_prepared(&Prepared::binary(&[b'x'; 100])).unwrap();
    assert_eq!(inflated(&wire.bytes().await, 15), [b'x'; 100]);
}
