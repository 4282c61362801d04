use std::sync::Arc;
#[cfg(feature = "live-deflate")]
use std::sync::OnceLock;

use bytes::Bytes;

use super::Frame;
#[cfg(feature = "live-deflate")]
use super::{
    deflate::{Parameters, WINDOWS, compress},
    frame::{COMPRESSED, frame, opcode},
};

/// A message for many connections, compressed and not: each form is made once, when the first connection needs it, and shared.
///
/// Where nothing is compressed, a frame of [`Frame`] costs less.
#[derive(Debug, Clone)]
pub struct Prepared(Arc<Forms>);

#[derive(Debug)]
struct Forms {
    plain: Bytes,
    #[cfg(feature = "live-deflate")]
    payload: usize,
    #[cfg(feature = "live-deflate")]
    deflated: [OnceLock<Bytes>; 7],
}

impl Prepared {
    /// A text message. The payload has to be UTF-8.
    pub fn text(payload: &[u8]) -> Self {
        Self::of(Frame::text(payload), payload)
    }

    /// A binary message.
    pub fn binary(payload: &[u8]) -> Self {
        Self::of(Frame::binary(payload), payload)
    }

    #[cfg(feature = "live-deflate")]
    fn of(plain: Bytes, payload: &[u8]) -> Self {
        Self(Arc::new(Forms { payload: payload.len(), plain, deflated: Default::default() }))
    }

    #[cfg(not(feature = "live-deflate"))]
    fn of(plain: Bytes, _: &[u8]) -> Self {
        Self(Arc::new(Forms { plain }))
    }

    /// The frame for connections without compression.
    pub fn plain(&self) -> &Bytes {
        &self.0.plain
    }

    /// The frame for a connection with these parameters.
    #[cfg(feature = "live-deflate")]
    pub(super) fn deflated(&self, parameters: Parameters) -> &Bytes {
        let forms = &*self.0;
        let place = parameters.window.checked_sub(*WINDOWS.start()).map(usize::from);
        let Some(cell) = place.and_then(|place| forms.deflated.get(place)) else { return &forms.plain };
        if forms.payload < parameters.smallest {
            return &forms.plain;
        }
        cell.get_or_init(|| {
            let head = forms.plain.len() - forms.payload;
            let payload = forms.plain.get(head..).unwrap_or_default();
            let opcode = forms.plain.first().map_or(opcode::BINARY, |first| first & 0x0f);
            match compress(payload, parameters.window) {
                Some(deflated) => frame(opcode | COMPRESSED, &deflated),
                None => forms.plain.clone(),
            }
        })
    }
}
