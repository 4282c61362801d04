use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    ops::Range,
};

use bytes::Bytes;

use super::sized_body::Segment;

/// The `Content-Range` of a part (RFC 9110 §14.4).
pub(crate) fn content_range(part: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1))
}

/// A `multipart/byteranges` body (RFC 9110 §14.6): its boundary, and its pieces.
pub(crate) fn multipart(parts: Vec<Range<u64>>, size: u64, media_type: &str) -> (String, VecDeque<Segment>) {
    let boundary = boundary();
    let mut segments = VecDeque::with_capacity(parts.len() * 2 + 1);
    let mut line_break = "";
    for part in parts {
        let head = format!(
            "{line_break}--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: {}\r\n\r\n",
            content_range(&part, size)
        );
        segments.push_back(Segment::Text(Bytes::from(head)));
        segments.push_back(Segment::Span(part));
        line_break = "\r\n";
    }
    segments.push_back(Segment::Text(Bytes::from(format!("\r\n--{boundary}--\r\n"))));
    (boundary, segments)
}

/// 128 bits that nobody who can write into the file can foresee: keyed SipHash, with keys from the system.
fn boundary() -> String {
    let half = || RandomState::new().hash_one(());
    format!("{:016x}{:016x}", half(), half())
}
