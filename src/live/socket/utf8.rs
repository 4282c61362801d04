use std::str::from_utf8;

/// Checks UTF-8 as it comes, in pieces cut anywhere, and fails at the first byte that cannot be.
#[derive(Debug, Default)]
pub(super) struct Utf8Check {
    /// The beginning of a character whose end has not come.
    begun: [u8; 4],
    length: u8,
}

/// Not UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotUtf8;

impl Utf8Check {
    /// Takes the next piece.
    pub(super) fn push(&mut self, mut piece: &[u8]) -> Result<(), NotUtf8> {
        while self.length > 0 {
            let Some((&byte, rest)) = piece.split_first() else { return Ok(()) };
            piece = rest;
            let at = usize::from(self.length);
            let begun = self.begun.get_mut(..=at).ok_or(NotUtf8)?;
            if let Some(last) = begun.last_mut() {
                *last = byte;
            }
            match from_utf8(begun) {
                Ok(_) => self.length = 0,
                Err(error) if error.error_len().is_some() => return Err(NotUtf8),
                Err(_) => self.length += 1,
            }
        }
        let Err(error) = from_utf8(piece) else { return Ok(()) };
        if error.error_len().is_some() {
            return Err(NotUtf8);
        }
        let begun = piece.get(error.valid_up_to()..).unwrap_or_default();
        for (to, from) in self.begun.iter_mut().zip(begun) {
            *to = *from;
        }
        self.length = u8::try_from(begun.len()).unwrap_or_default();
        Ok(())
    }

    /// Ends the text; a character that was only begun is a fault. Ready for the next text.
    pub(super) fn finish(&mut self) -> Result<(), NotUtf8> {
        if std::mem::take(&mut self.length) == 0 { Ok(()) } else { Err(NotUtf8) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn in_pieces(bytes: &[u8], size: usize) -> Result<(), NotUtf8> {
        let mut check = Utf8Check::default();
        for piece in bytes.chunks(size.max(1)) {
            check.push(piece)?;
        }
        check.finish()
    }

    proptest! {
        #[test]
        fn agrees_with_std(text in ".{0,20}", noise in proptest::collection::vec(any::<u8>(), 0..6), size in 1_usize..6) {
            let bytes = [text.as_bytes(), &noise].concat();
            prop_assert_eq!(in_pieces(&bytes, size).is_ok(), from_utf8(&bytes).is_ok());
        }
    }

    #[test]
    fn fails_at_the_first_byte_that_cannot_be() {
        // Beyond U+10FFFF: clear with the second byte (Autobahn 6.4).
        let mut check = Utf8Check::default();
        assert_eq!(check.push(b"\xce\xba\xf4"), Ok(()));
        assert_eq!(check.push(b"\x90"), Err(NotUtf8));
        assert_eq!(Utf8Check::default().push(b"\xed\xa0"), Err(NotUtf8), "a surrogate");
    }
}
