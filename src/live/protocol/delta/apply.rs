use std::fmt;

use super::number;

/// Why a delta cannot be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadDelta {
    /// It is not in the format.
    Malformed,
    /// It makes more than is allowed, or more than it says.
    TooLong,
    /// It copies what is not there.
    OutOfRange,
    /// It was made for something else.
    WrongChecksum,
}

impl fmt::Display for BadDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the delta is malformed",
            Self::TooLong => "the delta makes more than is allowed",
            Self::OutOfRange => "the delta copies what is not there",
            Self::WrongChecksum => "the delta was made for something else",
        })
    }
}

impl std::error::Error for BadDelta {}

/// What the [delta](super::create) makes of `old`, when that is at most `limit` bytes.
///
/// # Errors
///
/// See [`BadDelta`].
pub fn apply(old: &[u8], delta: &[u8], limit: usize) -> Result<Vec<u8>, BadDelta> {
    let mut rest = delta;
    let length = number(&mut rest)?;
    expect(&mut rest, b'\n')?;
    if length > limit {
        return Err(BadDelta::TooLong);
    }
    // What is copied can be far more than the delta, but no more than the limit.
    let mut new = Vec::with_capacity(length);
    loop {
        let count = number(&mut rest)?;
        let (operator, after) = rest.split_first().ok_or(BadDelta::Malformed)?;
        rest = after;
        let part = match operator {
            b'@' => {
                let start = number(&mut rest)?;
                expect(&mut rest, b',')?;
                let end = start.checked_add(count).ok_or(BadDelta::OutOfRange)?;
                old.get(start..end).ok_or(BadDelta::OutOfRange)?
            }
            b':' => {
                let (literal, after) = rest.split_at_checked(count).ok_or(BadDelta::Malformed)?;
                rest = after;
                literal
            }
            b';' if new.len() != length || !rest.is_empty() => return Err(BadDelta::Malformed),
            b';' if number::checksum(&new) as usize != count => return Err(BadDelta::WrongChecksum),
            b';' => return Ok(new),
            _ => return Err(BadDelta::Malformed),
        };
        if part.len() > length - new.len() {
            return Err(BadDelta::TooLong);
        }
        new.extend_from_slice(part);
    }
}

fn number(rest: &mut &[u8]) -> Result<usize, BadDelta> {
    number::read(rest).map(|number| number as usize).ok_or(BadDelta::Malformed)
}

fn expect(rest: &mut &[u8], byte: u8) -> Result<(), BadDelta> {
    *rest = rest.strip_prefix(&[byte]).ok_or(BadDelta::Malformed)?;
    Ok(())
}
