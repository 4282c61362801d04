//! Frames out of bytes that come in any pieces (RFC 6455 §5). A header is judged as soon as it is there, before a byte of its
//! payload is kept.

use bytes::{Bytes, BytesMut};

#[cfg(feature = "live-deflate")]
use super::deflate::Inflate;
use super::{
    Close, Message, Violation,
    close::may_travel,
    frame::{COMPRESSED, CONTROL, opcode},
    mask::unmask,
    utf8::{NotUtf8, Utf8Check},
};

/// What the peer sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    Message(Message),
    Ping(Bytes),
    Pong(Bytes),
    Close(Option<Close>),
}

#[derive(Debug)]
pub(super) struct Decoder {
    /// The header that is being read.
    head: [u8; 14],
    head_length: u8,
    /// The frame whose payload is being read.
    frame: Option<Payload>,
    /// The kind of the message that is not complete.
    message: Option<Kind>,
    /// What there is of that message, unmasked.
    data: BytesMut,
    /// What there is of a control frame.
    control: BytesMut,
    utf8: Utf8Check,
    empty_fragments: u32,
    max_message: usize,
    max_empty_fragments: u32,
    #[cfg(feature = "live-deflate")]
    inflate: Option<Inflate>,
}

#[derive(Debug, Clone, Copy)]
struct Payload {
    opcode: u8,
    is_final: bool,
    mask: [u8; 4],
    left: usize,
    seen: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kind {
    is_text: bool,
    is_compressed: bool,
}

impl From<NotUtf8> for Violation {
    fn from(_: NotUtf8) -> Self {
        Self::NotUtf8
    }
}

impl Decoder {
    pub(super) fn new(max_message: usize, max_empty_fragments: u32) -> Self {
        Self {
            head: [0; 14],
            head_length: 0,
            frame: None,
            message: None,
            data: BytesMut::new(),
            control: BytesMut::new(),
            utf8: Utf8Check::default(),
            empty_fragments: 0,
            max_message,
            max_empty_fragments,
            #[cfg(feature = "live-deflate")]
            inflate: None,
        }
    }

    #[cfg(feature = "live-deflate")]
    pub(super) fn inflating(mut self, inflate: Option<Inflate>) -> Self {
        self.inflate = inflate;
        self
    }

    /// Is something begun that is not complete?
    pub(super) fn is_within(&self) -> bool {
        self.head_length > 0 || self.frame.is_some() || self.message.is_some()
    }

    /// Is the frame that was read last a close frame?
    pub(super) fn is_closing(&self) -> bool {
        let [first, ..] = self.head;
        self.frame.is_none() && self.head_length == 0 && first & 0x0f == opcode::CLOSE
    }

    /// The next event out of `input`, which is advanced. `None`: all of it was taken.
    pub(super) fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Event>, Violation> {
        loop {
            let frame = match self.frame {
                Some(frame) => frame,
                None => match self.header(input)? {
                    Some(frame) => frame,
                    None => return Ok(None),
                },
            };
            let (piece, rest) = input.split_at(frame.left.min(input.len()));
            *input = rest;
            let event = self.payload(frame, piece)?;
            if event.is_some() {
                return Ok(event);
            }
            if input.is_empty() {
                return Ok(None);
            }
        }
    }

    /// Collects a header and judges each part of it as it is there.
    fn header(&mut self, input: &mut &[u8]) -> Result<Option<Payload>, Violation> {
        while let Some((&byte, rest)) = input.split_first() {
            *input = rest;
            if let Some(place) = self.head.get_mut(usize::from(self.head_length)) {
                *place = byte;
            }
            self.head_length += 1;
            let [first, second, ..] = self.head;
            if self.head_length == 1 {
                self.judge_first(first)?;
                continue;
            }
            if self.head_length == 2 {
                judge_second(first, second)?;
            }
            let extended = match second & 0x7f {
                126 => 2,
                127 => 8,
                _ => 0,
            };
            if usize::from(self.head_length) == 2 + extended {
                self.judge_length(first, self.length())?;
            }
            if usize::from(self.head_length) == 6 + extended {
                return Ok(Some(self.begin(extended)));
            }
        }
        Ok(None)
    }

    fn judge_first(&self, first: u8) -> Result<(), Violation> {
        let (is_final, reserved, opcode) = (first & 0x80 != 0, first & 0x70, first & 0x0f);
        let may_be_compressed = self.inflates() && matches!(opcode, opcode::TEXT | opcode::BINARY);
        if reserved != 0 && !(reserved == COMPRESSED && may_be_compressed) {
            return Err(Violation::Protocol("reserved bits are set"));
        }
        match opcode {
            opcode::CONTINUATION if self.message.is_none() => {
                Err(Violation::Protocol("continuation without a beginning"))
            }
            opcode::TEXT | opcode::BINARY if self.message.is_some() => {
                Err(Violation::Protocol("message within a message"))
            }
            opcode::CONTINUATION | opcode::TEXT | opcode::BINARY => Ok(()),
            opcode::CLOSE | opcode::PING | opcode::PONG if is_final => Ok(()),
            opcode::CLOSE | opcode::PING | opcode::PONG => {
                Err(Violation::Protocol("control frame in fragments"))
            }
            _ => Err(Violation::Protocol("unknown opcode")),
        }
    }

    /// The declared length; what is not yet there counts as zero.
    fn length(&self) -> u64 {
        let [_, second, a, b, c, d, e, f, g, h, ..] = self.head;
        match second & 0x7f {
            126 => u64::from(u16::from_be_bytes([a, b])),
            127 => u64::from_be_bytes([a, b, c, d, e, f, g, h]),
            short => u64::from(short),
        }
    }

    fn judge_length(&mut self, first: u8, length: u64) -> Result<(), Violation> {
        if length >> 63 != 0 {
            return Err(Violation::Protocol("length has its highest bit set"));
        }
        if is_control(first & 0x0f) {
            return Ok(());
        }
        let room = self.max_message.saturating_sub(self.data.len());
        if usize::try_from(length).map_or(true, |length| length > room) {
            return Err(Violation::TooBig);
        }
        let is_fragment = first & 0x0f == opcode::CONTINUATION || first & 0x80 == 0;
        if length == 0 && is_fragment {
            self.empty_fragments += 1;
            if self.empty_fragments > self.max_empty_fragments {
                return Err(Violation::Flood);
            }
        }
        Ok(())
    }

    fn begin(&mut self, extended: usize) -> Payload {
        let [first, ..] = self.head;
        let mut mask = [0; 4];
        for (to, from) in mask.iter_mut().zip(self.head.iter().skip(2 + extended)) {
            *to = *from;
        }
        let opcode = first & 0x0f;
        if matches!(opcode, opcode::TEXT | opcode::BINARY) {
            self.message =
                Some(Kind { is_text: opcode == opcode::TEXT, is_compressed: first & COMPRESSED != 0 });
        }
        let left = usize::try_from(self.length()).unwrap_or(usize::MAX);
        self.head_length = 0;
        let frame = Payload { opcode, is_final: first & 0x80 != 0, mask, left, seen: 0 };
        self.frame = Some(frame);
        frame
    }

    /// Takes a piece of a frame's payload. Memory grows with what came, not with what was declared.
    fn payload(&mut self, mut frame: Payload, piece: &[u8]) -> Result<Option<Event>, Violation> {
        let buffer = if is_control(frame.opcode) { &mut self.control } else { &mut self.data };
        let begin = buffer.len();
        buffer.extend_from_slice(piece);
        let fresh = buffer.get_mut(begin..).unwrap_or_default();
        unmask(fresh, frame.mask, frame.seen);
        if !is_control(frame.opcode) && self.message.is_some_and(|kind| kind.is_text && !kind.is_compressed) {
            self.utf8.push(fresh)?;
        }
        frame.left -= piece.len();
        frame.seen += piece.len();
        if frame.left > 0 {
            self.frame = Some(frame);
            return Ok(None);
        }
        self.frame = None;
        match frame.opcode {
            opcode::PING => Ok(Some(Event::Ping(std::mem::take(&mut self.control).freeze()))),
            opcode::PONG => Ok(Some(Event::Pong(std::mem::take(&mut self.control).freeze()))),
            opcode::CLOSE => close(&std::mem::take(&mut self.control)).map(|close| Some(Event::Close(close))),
            _ if frame.is_final => self.complete().map(|message| Some(Event::Message(message))),
            _ => Ok(None),
        }
    }

    fn complete(&mut self) -> Result<Message, Violation> {
        // Taken whole, so that nothing is kept between messages.
        let data = std::mem::take(&mut self.data);
        self.empty_fragments = 0;
        let kind = self.message.take().unwrap_or(Kind { is_text: false, is_compressed: false });
        let data = if kind.is_compressed {
            let data = self.inflated(&data)?;
            if kind.is_text {
                self.utf8.push(&data)?;
            }
            data
        } else {
            data.freeze()
        };
        if kind.is_text {
            self.utf8.finish()?;
            return Ok(Message::Text(data));
        }
        Ok(Message::Binary(data))
    }

    #[cfg(feature = "live-deflate")]
    fn inflates(&self) -> bool {
        self.inflate.is_some()
    }

    #[cfg(feature = "live-deflate")]
    fn inflated(&mut self, data: &[u8]) -> Result<Bytes, Violation> {
        match &mut self.inflate {
            Some(inflate) => inflate.message(data, self.max_message),
            None => Err(Violation::Protocol("reserved bits are set")),
        }
    }

    #[cfg(not(feature = "live-deflate"))]
    fn inflates(&self) -> bool {
        false
    }

    #[cfg(not(feature = "live-deflate"))]
    fn inflated(&mut self, _: &[u8]) -> Result<Bytes, Violation> {
        Err(Violation::Protocol("reserved bits are set"))
    }
}

fn is_control(opcode: u8) -> bool {
    opcode & 0x8 != 0
}

fn judge_second(first: u8, second: u8) -> Result<(), Violation> {
    if second & 0x80 == 0 {
        return Err(Violation::Protocol("frame is not masked"));
    }
    if is_control(first & 0x0f) && usize::from(second & 0x7f) > CONTROL {
        return Err(Violation::Protocol("control frame is too long"));
    }
    Ok(())
}

/// A close frame's payload: nothing, or a code that may travel and a reason in UTF-8.
fn close(payload: &[u8]) -> Result<Option<Close>, Violation> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(None) } else { Err(Violation::Protocol("half a close code")) };
    };
    let code = u16::from_be_bytes(*code);
    if !may_travel(code) {
        return Err(Violation::Protocol("close code is not allowed"));
    }
    let reason = std::str::from_utf8(reason).map_err(|_| Violation::NotUtf8)?;
    Ok(Some(Close::new(code, reason.to_owned())))
}
