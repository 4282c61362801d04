use bytes::{BufMut, Bytes, BytesMut};

use super::Close;

pub(super) mod opcode {
    pub(in super::super) const CONTINUATION: u8 = 0x0;
    pub(in super::super) const TEXT: u8 = 0x1;
    pub(in super::super) const BINARY: u8 = 0x2;
    pub(in super::super) const CLOSE: u8 = 0x8;
    pub(in super::super) const PING: u8 = 0x9;
    pub(in super::super) const PONG: u8 = 0xa;
}

/// The first reserved bit: this message is compressed (RFC 7692 §6).
pub(super) const COMPRESSED: u8 = 0x40;
const FINAL: u8 = 0x80;
/// The longest payload of a control frame.
pub(super) const CONTROL: usize = 125;

/// Makes whole WebSocket frames: made once, sent to any number of connections.
///
/// ```
/// use actix_charter::live::socket::Frame;
///
/// assert_eq!(&Frame::text(b"{}")[..], b"\x81\x02{}");
/// assert_eq!(&Frame::binary(&[7; 200])[..4], b"\x82\x7e\x00\xc8");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Frame;

impl Frame {
    /// A text message. The payload has to be UTF-8.
    pub fn text(payload: &[u8]) -> Bytes {
        frame(opcode::TEXT, payload)
    }

    /// A binary message.
    pub fn binary(payload: &[u8]) -> Bytes {
        frame(opcode::BINARY, payload)
    }

    /// A ping. Of the payload the first 125 bytes are sent.
    pub fn ping(payload: &[u8]) -> Bytes {
        frame(opcode::PING, payload.get(..CONTROL).unwrap_or(payload))
    }

    /// A pong. Of the payload the first 125 bytes are sent.
    pub fn pong(payload: &[u8]) -> Bytes {
        frame(opcode::PONG, payload.get(..CONTROL).unwrap_or(payload))
    }

    /// The close frame with this code and reason; without any if there is none.
    pub fn close(close: Option<&Close>) -> Bytes {
        let mut payload = Vec::with_capacity(CONTROL);
        if let Some(close) = close {
            payload.put_u16(close.code());
            payload.put_slice(close.reason().as_bytes());
        }
        frame(opcode::CLOSE, &payload)
    }
}

/// One unfragmented, unmasked frame. `first` is the opcode, perhaps with [`COMPRESSED`].
pub(super) fn frame(first: u8, payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(payload.len() + 10);
    frame.put_u8(FINAL | first);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..=125), _) => frame.put_u8(length),
        (_, Ok(length)) => {
            frame.put_u8(126);
            frame.put_u16(length);
        }
        _ => {
            frame.put_u8(127);
            frame.put_u64(payload.len() as u64);
        }
    }
    frame.put_slice(payload);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_short_as_they_can_be() {
        for (length, head) in [
            (0, &b"\x82\x00"[..]),
            (125, b"\x82\x7d"),
            (126, b"\x82\x7e\x00\x7e"),
            (65_535, b"\x82\x7e\xff\xff"),
            (65_536, b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
        ] {
            let frame = Frame::binary(&vec![1; length]);
            assert_eq!(&frame[..head.len()], head);
            assert_eq!(frame.len(), head.len() + length);
        }
    }

    #[test]
    fn close_frames() {
        assert_eq!(&Frame::close(None)[..], b"\x88\x00");
        assert_eq!(&Frame::close(Some(&Close::new(3008, "slow")))[..], b"\x88\x06\x0b\xc0slow");
        assert_eq!(Frame::ping(&[0; 200]).len(), 127);
    }
}
