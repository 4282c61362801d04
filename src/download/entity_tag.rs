use actix_web::http::header::HeaderValue;
use bytes::Bytes;

/// An entity tag (RFC 9110 §8.8.3): what tells one state of a representation from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntityTag {
    weak: bool,
    /// As it is written: cheap to copy.
    written: HeaderValue,
}

impl EntityTag {
    /// A strong tag. `None` when the text holds what no tag can: quotes, spaces, control characters, non-ASCII.
    pub(crate) fn strong(opaque: impl AsRef<str>) -> Option<Self> {
        let opaque = opaque.as_ref();
        let is_tag = opaque.bytes().all(|byte| byte == 0x21 || (0x23..=0x7E).contains(&byte));
        if is_tag { Self::put_down(false, &[opaque.as_bytes()]) } else { None }
    }

    /// A strong tag with its quotes, whose text is known to be one's.
    pub(crate) fn quoted(written: Vec<u8>) -> Option<Self> {
        let written = HeaderValue::from_maybe_shared(Bytes::from(written)).ok()?;
        Some(Self { weak: false, written })
    }

    fn put_down(weak: bool, opaque: &[&[u8]]) -> Option<Self> {
        let mark = if weak { &b"W/\""[..] } else { b"\"" };
        let mut value =
            Vec::with_capacity(mark.len() + opaque.iter().map(|part| part.len()).sum::<usize>() + 1);
        value.extend_from_slice(mark);
        for part in opaque {
            value.extend_from_slice(part);
        }
        value.push(b'"');
        Some(Self { weak, written: HeaderValue::from_maybe_shared(Bytes::from(value)).ok()? })
    }

    /// Without the mark and the quotes.
    fn opaque(&self) -> &[u8] {
        let start = if self.weak { 3 } else { 1 };
        let written = self.written.as_bytes();
        written.get(start..written.len().saturating_sub(1)).unwrap_or_default()
    }

    /// The tag as written in a header, `"abc"` or `W/"abc"`, or the bare text of a strong one.
    pub(crate) fn written(text: &str) -> Option<Self> {
        let (weak, quoted) = match text.strip_prefix("W/") {
            Some(rest) if rest.starts_with('"') => (true, rest),
            _ => (false, text),
        };
        match quoted.strip_prefix('"') {
            None => Self::strong(quoted),
            Some(rest) => {
                Self::strong(rest.strip_suffix('"')?).map(|tag| if weak { tag.weakened() } else { tag })
            }
        }
    }

    pub(crate) fn weakened(self) -> Self {
        Self::put_down(true, &[self.opaque()]).unwrap_or(self)
    }

    #[cfg(feature = "download-cache")]
    pub(crate) const fn is_weak(&self) -> bool {
        self.weak
    }

    /// The tag of another representation of the same thing.
    pub(crate) fn variant(self, suffix: &str) -> Self {
        Self::put_down(self.weak, &[self.opaque(), b"-", suffix.as_bytes()]).unwrap_or(self)
    }

    /// The value of `ETag`.
    pub(crate) fn to_value(&self) -> HeaderValue {
        self.written.clone()
    }
}

/// A tag as a client sent it, not copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SentTag<'a> {
    weak: bool,
    opaque: &'a [u8],
}

impl<'a> SentTag<'a> {
    /// Reads one tag from the start of `rest`; the second is what follows it.
    fn read(rest: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (weak, quoted) = match rest.strip_prefix(b"W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let inner = quoted.strip_prefix(b"\"")?;
        let end = inner.iter().position(|&byte| byte == b'"')?;
        let (opaque, rest) = inner.split_at_checked(end)?;
        Some((Self { weak, opaque }, rest.strip_prefix(b"\"")?))
    }

    /// A value that is one tag and nothing else.
    pub(crate) fn single(value: &'a [u8]) -> Option<Self> {
        let (tag, rest) = Self::read(value.trim_ascii())?;
        rest.is_empty().then_some(tag)
    }

    /// "Both are not weak and their opaque-tags match" (RFC 9110 §8.8.3.2).
    pub(crate) fn is_strongly(&self, tag: &EntityTag) -> bool {
        !self.weak && !tag.weak && self.opaque == tag.opaque()
    }

    pub(crate) fn is_weakly(&self, tag: &EntityTag) -> bool {
        self.opaque == tag.opaque()
    }
}

/// Whether a list of tags, or `*`, holds one that `fits`. What cannot be read holds none.
pub(crate) fn any_tag(value: &[u8], mut fits: impl FnMut(SentTag<'_>) -> bool) -> bool {
    let mut rest = value;
    loop {
        rest = rest.trim_ascii_start();
        while let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
        }
        let Some((tag, after)) = SentTag::read(rest) else { return false };
        if fits(tag) {
            return true;
        }
        rest = after.trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_with_commas_inside_quotes() {
        let tag = EntityTag::strong("a,b").unwrap();
        let weakly = |value: &str| any_tag(value.as_bytes(), |sent| sent.is_weakly(&tag));
        for value in ["\"a,b\"", "W/\"a,b\"", "\"x\" , \"a,b\"", ",, \"x\",W/\"a,b\" ,", "\"\",\"a,b\""] {
            assert!(weakly(value), "{value}");
        }
        for value in ["", "*", "a,b", "\"a", "b\"", "\"x\" \"a,b\"", "w/\"a,b\"", "\"x\";\"a,b\""] {
            assert!(!weakly(value), "{value}");
        }
        assert!(any_tag(b"\"a,b\"", |sent| sent.is_strongly(&tag)));
        assert!(!any_tag(b"W/\"a,b\"", |sent| sent.is_strongly(&tag)));
        assert!(!any_tag(b"\"a,b\"", |sent| sent.is_strongly(&tag.clone().weakened())));
    }

    #[test]
    fn a_tag_is_taken_bare_or_written() {
        let value = |text| EntityTag::written(text).map(|tag| tag.to_value());
        assert_eq!(value("v1").unwrap(), "\"v1\"");
        assert_eq!(value("\"v1\"").unwrap(), "\"v1\"");
        assert_eq!(value("W/\"v1\"").unwrap(), "W/\"v1\"");
        for wrong in ["a\"b", "a b", "a\r\nb", "\"open", "é"] {
            assert_eq!(value(wrong), None, "{wrong}");
        }
    }
}
