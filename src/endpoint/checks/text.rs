/// A sentence that is put together while the program is compiled.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl Text {
    /// What does not fit is left out.
    const LONGEST: usize = 512;

    /// Nothing said yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; Self::LONGEST], length: 0 }
    }

    /// With `text` at its end.
    #[must_use]
    pub const fn and(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.length + text.len() <= Self::LONGEST {
            let mut at = 0;
            while at < text.len() {
                self.bytes[self.length] = text[at];
                self.length += 1;
                at += 1;
            }
        }
        self
    }

    /// With a number at its end.
    #[must_use]
    pub const fn number(self, number: usize) -> Self {
        const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let text = if number >= 10 { self.number(number / 10) } else { self };
        text.and(DIGITS[number % 10])
    }

    /// With names at its end: `` `a`, `b` and `c` ``.
    #[must_use]
    pub const fn list(mut self, names: &[&str]) -> Self {
        let mut at = 0;
        while at < names.len() {
            if at > 0 {
                self = self.and(if at + 1 == names.len() { " and " } else { ", " });
            }
            self = self.and("`").and(names[at]).and("`");
            at += 1;
        }
        self
    }

    /// The sentence.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::new()
    }
}
