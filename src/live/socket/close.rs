use std::borrow::Cow;

/// The longest reason that fits into a close frame beside its code (RFC 6455 §5.5).
const REASON: usize = 123;

/// Why a socket is closed, as the peer is told: a code and a few words.
///
/// ```
/// use actix_charter::live::socket::Close;
///
/// let close = Close::new(3008, "slow");
/// assert_eq!((close.code(), close.reason()), (3008, "slow"));
/// assert_eq!(Close::new(1000, "x".repeat(500)).reason().len(), 123);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    code: u16,
    reason: Cow<'static, str>,
}

impl Close {
    /// With this code. A reason of more than 123 bytes is cut, at a character's boundary: a close frame holds no more.
    pub fn new(code: u16, reason: impl Into<Cow<'static, str>>) -> Self {
        let mut reason = reason.into();
        if reason.len() > REASON {
            let end = floor_char_boundary(&reason, REASON);
            reason.to_mut().truncate(end);
        }
        Self { code, reason }
    }

    /// The code: 1000 to 1014 are the protocol's own, 3000 to 3999 registered, 4000 to 4999 the application's.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The reason; perhaps empty.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

fn floor_char_boundary(text: &str, most: usize) -> usize {
    (0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// May a peer send this code? 1004 to 1006 and 1015 never travel, 1016 to 2999 are reserved (RFC 6455 §7.4).
pub(super) fn may_travel(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cut_between_characters() {
        let close = Close::new(4000, "ä".repeat(100));
        assert_eq!(close.reason().len(), 122);
        assert!(close.reason().chars().all(|c| c == 'ä'));
    }
}
