use bytes::{Buf, Bytes};

use super::{BadFrame, Limits, json, protobuf};
use crate::live::protocol::{Codec, Command, Request};

/// The commands of a frame, see [`Codec::commands`].
#[derive(Debug)]
pub struct Commands {
    codec: Codec,
    rest: Bytes,
    limits: Limits,
    read: usize,
    over: bool,
}

impl Commands {
    pub(in crate::live::protocol) fn new(codec: Codec, frame: Bytes, limits: Limits) -> Self {
        Self { codec, rest: frame, limits, read: 0, over: false }
    }

    fn read(&mut self) -> Result<Command, BadFrame> {
        if self.read >= self.limits.commands {
            return Err(BadFrame::TooManyCommands);
        }
        self.read += 1;
        let (id, request) = match self.codec {
            Codec::Json => json::command(&self.line(), &self.limits)?,
            Codec::Protobuf => protobuf::command(self.message()?, &self.limits)?,
        };
        let request = match (request, id) {
            (Some(request @ Request::Send(_)), _) => request,
            (Some(_), 0) => return Err(BadFrame::NoId),
            (Some(request), _) => request,
            (None, 0) => Request::Pong,
            (None, _) => return Err(BadFrame::NoRequest),
        };
        Ok(Command { id, request })
    }

    /// The next line, without its end.
    fn line(&mut self) -> Bytes {
        match self.rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                let line = self.rest.split_to(end);
                self.rest.advance(1);
                line
            }
            None => std::mem::take(&mut self.rest),
        }
    }

    /// The next message, without its length.
    fn message(&mut self) -> Result<Bytes, BadFrame> {
        let length = prost::decode_length_delimiter(&mut self.rest).map_err(|_| BadFrame::Malformed)?;
        if length > self.rest.len() {
            return Err(BadFrame::Truncated);
        }
        Ok(self.rest.split_to(length))
    }
}

impl Iterator for Commands {
    type Item = Result<Command, BadFrame>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let command = match (self.rest.is_empty(), self.read) {
            (true, 0) => Err(BadFrame::Empty),
            (true, _) => {
                self.over = true;
                return None;
            }
            (false, _) => self.read(),
        };
        self.over = command.is_err();
        Some(command)
    }
}
