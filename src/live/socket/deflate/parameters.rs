use std::cell::RefCell;

use bytes::{Bytes, BytesMut};
use flate2::{Compress, Compression, FlushCompress};

/// The window sizes a client may ask for, as powers of two. RFC 7692 knows 8 as well; zlib cannot do it, such offers are declined.
pub(in super::super) const WINDOWS: std::ops::RangeInclusive<u8> = 9..=15;

/// What was agreed for one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Parameters {
    /// The server's window: 9 to 15.
    pub(in super::super) window: u8,
    /// The client's window: 9 to 15.
    pub(in super::super) client_window: u8,
    /// Does the client keep its context between messages?
    pub(in super::super) client_context: bool,
    /// Shorter messages are not compressed.
    pub(in super::super) smallest: usize,
}

/// Compressed once for many: a little more than the least.
const LEVEL: Compression = Compression::new(3);

thread_local! {
    /// One compressor per window size and thread; a message leaves nothing behind in it.
    static COMPRESSORS: RefCell<[Option<Compress>; 7]> = const { RefCell::new([const { None }; 7]) };
}

/// The payload compressed for this window, without the four bytes that end every flush (RFC 7692 §7.2.1). `None` if that does not
/// make it shorter.
pub(in super::super) fn compress(payload: &[u8], window: u8) -> Option<Bytes> {
    COMPRESSORS.with(|compressors| {
        let mut compressors = compressors.try_borrow_mut().ok()?;
        let place = compressors.get_mut(usize::from(window.checked_sub(*WINDOWS.start())?))?;
        let compress = place.get_or_insert_with(|| Compress::new_with_window_bits(LEVEL, false, window));
        compress.reset();
        // Room for the worst, so that one call does: zlib-rs 0.6.8 panics when its room runs out within a block.
        let mut out = Vec::with_capacity(payload.len() + payload.len() / 7 + 64);
        compress.compress_vec(payload, &mut out, FlushCompress::Sync).ok()?;
        if usize::try_from(compress.total_in()).ok()? < payload.len() || out.len() == out.capacity() {
            return None;
        }
        let length = out.strip_suffix(&[0, 0, 0xff, 0xff])?.len();
        out.truncate(length);
        (out.len() < payload.len()).then(|| BytesMut::from(out.as_slice()).freeze())
    })
}

#[cfg(test)]
mod tests {
    use flate2::{Decompress, FlushDecompress};

    use super::*;

    /// Bytes of which one in `repeats` is new.
    fn payload(length: usize, repeats: u64) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ length as u64;
        (0..length as u64)
            .map(|at| {
                if at % repeats == 0 {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                }
                (state >> 56) as u8
            })
            .collect()
    }

    #[test]
    fn what_is_compressed_inflates_to_the_same() {
        for window in WINDOWS {
            for repeats in [1, 8, 50] {
                for length in [0, 1, 100, 5_000, 70_000] {
                    let payload = payload(length, repeats);
                    let Some(deflated) = compress(&payload, window) else {
                        assert!(repeats == 1 || length < 10_000, "{length} bytes, each {repeats} times");
                        continue;
                    };
                    assert!(deflated.len() < length);
                    let whole = [&deflated[..], &[0, 0, 0xff, 0xff]].concat();
                    let mut out = Vec::with_capacity(length + 1);
                    Decompress::new_with_window_bits(false, window)
                        .decompress_vec(&whole, &mut out, FlushDecompress::Sync)
                        .unwrap();
                    assert!(out == payload, "{length} bytes, window {window}");
                }
            }
        }
    }
}
