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
        let compress =
            place.get_or_insert_with(|| Compress::new_with_window_bits(Compression::fast(), false, window));
        compress.reset();
        let mut out = Vec::with_capacity(payload.len() / 2 + 64);
        loop {
            let taken = usize::try_from(compress.total_in()).ok()?;
            let rest = payload.get(taken..)?;
            compress.compress_vec(rest, &mut out, FlushCompress::Sync).ok()?;
            let is_all_taken = usize::try_from(compress.total_in()).ok()? == payload.len();
            // Room left over says that the flush is complete.
            if is_all_taken && out.len() < out.capacity() {
                break;
            }
            if out.len() > payload.len() {
                return None;
            }
            out.reserve(out.len().max(64));
        }
        let length = out.strip_suffix(&[0, 0, 0xff, 0xff])?.len();
        out.truncate(length);
        (out.len() < payload.len()).then(|| BytesMut::from(out.as_slice()).freeze())
    })
}
