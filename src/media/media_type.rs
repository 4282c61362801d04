//! Reads media types and media ranges from header bytes (RFC 9110 §5.6, §8.3.1), in one pass and without copying.

/// A media type or media range as it stands in a header: well-formed, not yet interpreted.
#[derive(Debug, Clone)]
pub(super) struct MediaType<'a> {
    pub(super) kind: &'a [u8],
    pub(super) subtype: &'a [u8],
    parameters: Parameters<'a>,
}

impl<'a> MediaType<'a> {
    /// `None` when the whole of `text` is not one well-formed media type, parameters included.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let text = trim(text);
        let (kind, rest) = take_token(text)?;
        let (subtype, rest) = take_token(rest.strip_prefix(b"/")?)?;
        let parameters = Parameters(rest);
        parameters.clone().all(|parameter| parameter.is_some()).then_some(Self { kind, subtype, parameters })
    }

    /// The parameters, in the order they were sent.
    pub(super) fn parameters(&self) -> impl Iterator<Item = Parameter<'a>> + use<'a> {
        self.parameters.clone().flatten()
    }
}

/// One `name=value`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: Value<'a>,
}

/// A parameter's value; `text` and `"text"` are the same (RFC 9110 §8.3.1).
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Token(&'a [u8]),
    /// What stands between the quotes, backslashes still in it.
    Quoted(&'a [u8]),
}

impl Value<'_> {
    /// The bytes that are meant.
    pub(super) fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        let (raw, quoted) = match self {
            Self::Token(raw) => (*raw, false),
            Self::Quoted(raw) => (*raw, true),
        };
        let mut escaped = false;
        raw.iter().copied().filter(move |byte| {
            escaped = quoted && *byte == b'\\' && !escaped;
            !escaped
        })
    }

    pub(super) fn is(&self, wanted: &[u8]) -> bool {
        self.bytes().eq(wanted.iter().copied())
    }

    pub(super) fn is_ignoring_case(&self, wanted: &[u8]) -> bool {
        self.bytes().map(|b| b.to_ascii_lowercase()).eq(wanted.iter().map(u8::to_ascii_lowercase))
    }
}

/// What follows the subtype. Yields `None` once for a malformed rest, then ends.
#[derive(Debug, Clone)]
struct Parameters<'a>(&'a [u8]);

impl<'a> Parameters<'a> {
    /// One parameter and what follows it. `text` stands behind the semicolon.
    fn take(text: &'a [u8]) -> Option<(Parameter<'a>, &'a [u8])> {
        let (name, rest) = take_token(text)?;
        let rest = rest.strip_prefix(b"=")?;
        let (value, rest) = match rest.strip_prefix(b"\"") {
            Some(inner) => {
                let end = closing_quote(inner)?;
                (Value::Quoted(inner.get(..end)?), inner.get(end + 1..)?)
            }
            None => {
                let (token, rest) = take_token(rest)?;
                (Value::Token(token), rest)
            }
        };
        Some((Parameter { name, value }, rest))
    }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Option<Parameter<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut rest = trim_start(self.0);
        // `;;` and a trailing `;` are allowed: parameters may be empty.
        let mut separated = false;
        while let Some(after) = rest.strip_prefix(b";") {
            separated = true;
            rest = trim_start(after);
        }
        if rest.is_empty() {
            self.0 = rest;
            return None;
        }
        match separated.then(|| Self::take(rest)).flatten() {
            Some((parameter, rest)) => {
                self.0 = rest;
                Some(Some(parameter))
            }
            None => {
                self.0 = &[];
                Some(None)
            }
        }
    }
}

/// The elements of a comma-separated list; commas in quotes do not separate.
pub(super) fn elements(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut quoted, mut escaped) = (false, false);
        let end = text.iter().position(|byte| {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b',' if !quoted => return true,
                _ => {}
            }
            false
        });
        let element = match end.and_then(|end| text.split_at_checked(end)) {
            Some((element, after)) => {
                rest = after.strip_prefix(b",");
                element
            }
            None => {
                rest = None;
                text
            }
        };
        Some(trim(element))
    })
    .filter(|element| !element.is_empty())
}

/// Where the quoted string ends that begins with `text`.
fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|byte| match byte {
        _ if escaped => {
            escaped = false;
            false
        }
        b'\\' => {
            escaped = true;
            false
        }
        byte => *byte == b'"',
    })
}

fn take_token(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| !is_token(*byte)).unwrap_or(text.len());
    if end == 0 { None } else { text.split_at_checked(end) }
}

const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

fn trim_start(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    text
}

fn trim(text: &[u8]) -> &[u8] {
    let mut text = trim_start(text);
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::str_to_string,
    reason = "tests fail this way"
)]
mod tests {
    use super::*;

    #[test]
    fn reads_parameters() {
        let read = MediaType::parse(b" text/html ; level=1;q=\"0\\.5\"; ;x=a ").unwrap();
        assert_eq!((read.kind, read.subtype), (&b"text"[..], &b"html"[..]));
        let all: Vec<_> =
            read.parameters().map(|p| (p.name.to_vec(), p.value.bytes().collect::<Vec<_>>())).collect();
        assert_eq!(
            all,
            [
                (b"level".to_vec(), b"1".to_vec()),
                (b"q".to_vec(), b"0.5".to_vec()),
                (b"x".to_vec(), b"a".to_vec())
            ]
        );
    }

    #[test]
    fn refuses_what_is_malformed() {
        for text in [
            "",
            "text",
            "/",
            "text/",
            "/html",
            "text/html x",
            "text/html;a",
            "text/html;a=",
            "text/html;=b",
            "text/html;a=\"b",
            "text/html;a=\"b\"c",
            "text /html",
            "text/html;a =b",
            "te\u{e9}xt/html",
            "text/html;a=b c",
        ] {
            assert!(MediaType::parse(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn splits_lists() {
        let all: Vec<_> = elements(b" a , ,b;c=\"d,\\\",e\",\t,f").map(<[u8]>::to_vec).collect();
        assert_eq!(all, [b"a".to_vec(), b"b;c=\"d,\\\",e\"".to_vec(), b"f".to_vec()]);
        assert_eq!(elements(b" , ,").count(), 0);
    }
}
