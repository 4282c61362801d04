use serde::de::IgnoredAny;

/// Whether these bytes are one JSON value with at most `depth` objects and arrays in one another.
///
/// A client that speaks Protobuf can publish any bytes. Before they are put into what JSON clients get, they must have passed
/// this: they are embedded there as they are.
///
/// ```
/// use actix_charter::live::protocol::is_json;
///
/// assert!(is_json(br#"{"a":[1]}"#, 2));
/// assert!(!is_json(br#"{"a":[1]}"#, 1));
/// assert!(!is_json(br#"1},"id":{"#, 64));
/// ```
#[must_use]
pub fn is_json(data: &[u8], depth: usize) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    is_shallow(text, depth) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Whether no more than `depth` objects and arrays are in one another. Also tells something about what is not JSON.
pub(super) fn is_shallow(text: &str, depth: usize) -> bool {
    // Hardly anything has that many brackets at all, and counting them is much faster.
    if text.bytes().map(|byte| usize::from(matches!(byte, b'{' | b'['))).sum::<usize>() <= depth {
        return true;
    }
    let (mut open, mut bytes) = (0_usize, text.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                open += 1;
                if open > depth {
                    return false;
                }
            }
            b'}' | b']' => open = open.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => _ = bytes.next(),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    true
}
