/// Applies a client's mask (RFC 6455 §5.3); `turn` is how much of the payload came before.
pub(super) fn unmask(payload: &mut [u8], mask: [u8; 4], turn: usize) {
    let mut mask = mask;
    mask.rotate_left(turn % 4);
    let [a, b, c, d] = mask;
    let word = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for chunk in words {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip([a, b, c, d, a, b, c]) {
        *byte ^= mask;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_split_gives_the_same() {
        let mask = [0x6d, 0xb6, 0xb2, 0x80];
        let payload: Vec<u8> = (0..97).collect();
        let naive: Vec<u8> = payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]).collect();
        for split in 0..payload.len() {
            let mut whole = payload.clone();
            let (head, tail) = whole.split_at_mut(split);
            unmask(head, mask, 0);
            unmask(tail, mask, split);
            assert_eq!(whole, naive, "split at {split}");
        }
    }
}
