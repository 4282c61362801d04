use std::cell::RefCell;

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};

use super::Parameters;
use crate::live::socket::Violation;

thread_local! {
    /// For connections that keep no context: one a thread.
    static SHARED: RefCell<Option<Decompress>> = const { RefCell::new(None) };
}

/// The end of every flush, which the sender leaves out (RFC 7692 §7.2.2).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// One connection's inflating side.
#[derive(Debug)]
pub(in super::super) struct Inflate {
    /// Present if the client keeps its context.
    own: Option<Box<Decompress>>,
}

impl Inflate {
    pub(in super::super) fn new(parameters: Parameters) -> Self {
        let own = parameters
            .client_context
            .then(|| Box::new(Decompress::new_with_window_bits(false, parameters.client_window)));
        Self { own }
    }

    /// A message inflated, if it comes to at most `most` bytes.
    pub(in super::super) fn message(&mut self, data: &[u8], most: usize) -> Result<Bytes, Violation> {
        if let Some(own) = &mut self.own {
            return inflate(own, data, most);
        }
        SHARED.with(|shared| {
            let mut shared = shared.try_borrow_mut().map_err(|_| Violation::NotDeflate)?;
            let shared = shared.get_or_insert_with(|| Decompress::new(false));
            shared.reset(false);
            inflate(shared, data, most)
        })
    }
}

fn inflate(inflate: &mut Decompress, data: &[u8], most: usize) -> Result<Bytes, Violation> {
    let mut out = Vec::with_capacity(data.len().saturating_mul(3).clamp(64, most.max(64)));
    for mut piece in [data, TAIL.as_slice()] {
        loop {
            let (before_in, before_out) = (inflate.total_in(), out.len());
            let status = inflate
                .decompress_vec(piece, &mut out, FlushDecompress::Sync)
                .map_err(|_| Violation::NotDeflate)?;
            if out.len() > most {
                return Err(Violation::TooBig);
            }
            let taken = usize::try_from(inflate.total_in() - before_in).unwrap_or(usize::MAX);
            piece = piece.get(taken..).unwrap_or_default();
            let is_full = out.len() == out.capacity();
            match status {
                // A final block: legal, the next message begins anew (RFC 7692 §7.2.3.4).
                Status::StreamEnd => {
                    inflate.reset(false);
                    return Ok(out.into());
                }
                _ if is_full => out.reserve(out.len().clamp(64, most.saturating_sub(out.len()).max(64))),
                _ if piece.is_empty() => break,
                _ if taken == 0 && out.len() == before_out => return Err(Violation::NotDeflate),
                _ => {}
            }
        }
    }
    Ok(out.into())
}
