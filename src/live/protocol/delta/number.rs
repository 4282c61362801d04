//! Numbers to the base of 64, and the checksum.

const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~";

pub(super) fn write(number: usize, out: &mut Vec<u8>) {
    for place in (0..length(number)).rev() {
        let digit = (number >> (6 * place)) & 63;
        out.extend(DIGITS.get(digit));
    }
}

/// How many digits it has.
pub(super) fn length(number: usize) -> usize {
    (number.checked_ilog2().unwrap_or_default() / 6 + 1) as usize
}

/// Takes a number from the front; without digits it is 0. `None` when it is over 32 bits.
pub(super) fn read(delta: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    while let Some((first, rest)) = delta.split_first() {
        let digit = match first {
            b'0'..=b'9' => first - b'0',
            b'A'..=b'Z' => first - b'A' + 10,
            b'_' => 36,
            b'a'..=b'z' => first - b'a' + 37,
            b'~' => 63,
            _ => break,
        };
        number = number.checked_mul(64)?.checked_add(digit.into())?;
        *delta = rest;
    }
    Some(number)
}

/// The sum of the words, the last one filled up with zeros.
pub(super) fn checksum(data: &[u8]) -> u32 {
    let words = data.chunks_exact(4);
    let mut last = [0; 4];
    for (place, byte) in last.iter_mut().zip(words.remainder()) {
        *place = *byte;
    }
    let words = words.filter_map(|word| word.try_into().ok());
    words.map(u32::from_be_bytes).fold(u32::from_be_bytes(last), u32::wrapping_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for number in [0, 1, 9, 10, 35, 36, 37, 62, 63, 64, 4095, 4096, 0xffff_ffff] {
            let mut out = Vec::new();
            write(number, &mut out);
            assert_eq!(out.len(), length(number));
            out.push(b':');
            let mut rest = &out[..];
            assert_eq!((read(&mut rest), rest), (Some(number as u32), &b":"[..]));
        }
        assert_eq!(read(&mut &b"3~~~~~"[..]), Some(u32::MAX));
        assert_eq!(read(&mut &b"400000"[..]), None);
    }
}
