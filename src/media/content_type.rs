//! Chooses a parser from `Content-Type` (RFC 9110 §8.3).

use actix_web::http::header::HeaderValue;
use mime::Mime;

use super::{codec::Parsing, media_type::MediaType};

/// Why no parser was chosen. The answer is 415 for all but perhaps [`Absent`](Self::Absent).
#[derive(Debug, Clone, Copy, PartialEq, Eq, derive_more::Display)]
pub(crate) enum UnsupportedMediaType {
    /// The request has no `Content-Type`; the caller decides what that means.
    #[display("the request has no Content-Type")]
    Absent,
    /// Not a media type.
    #[display("the Content-Type is malformed")]
    Malformed,
    /// No parser takes it.
    #[display("this media type is not supported")]
    Unknown,
    /// The parser takes UTF-8 only.
    #[display("only the charset utf-8 is supported")]
    Charset,
}

/// The first parser that takes bodies of this type.
///
/// A `charset` must be `utf-8` (or its subset `us-ascii`) wherever text is read: JSON, forms and `text/*`. Elsewhere it is not looked at.
///
/// # Errors
/// See [`UnsupportedMediaType`].
pub(crate) fn choose_parser(
    parsings: &[Parsing],
    content_type: Option<&HeaderValue>,
) -> Result<usize, UnsupportedMediaType> {
    let text = content_type.ok_or(UnsupportedMediaType::Absent)?.as_bytes();
    // An application's own parser may take JSON too; it comes first only if it stands first.
    if matches!(parsings.first(), Some(Parsing::Json)) && text.eq_ignore_ascii_case(b"application/json") {
        return Ok(0);
    }
    let read = MediaType::parse(text).ok_or(UnsupportedMediaType::Malformed)?;
    let index = match parsings.first() {
        Some(Parsing::Json) if is_json(&read) => 0,
        _ => {
            let essence = essence(&read).ok_or(UnsupportedMediaType::Malformed)?;
            parsings
                .iter()
                .position(|parsing| parsing.takes(&essence))
                .ok_or(UnsupportedMediaType::Unknown)?
        }
    };
    let reads_text = match parsings.get(index) {
        Some(Parsing::Json | Parsing::Form) => true,
        Some(Parsing::Custom(_)) => read.kind.eq_ignore_ascii_case(b"text"),
        _ => false,
    };
    if reads_text && !is_utf8(&read) { Err(UnsupportedMediaType::Charset) } else { Ok(index) }
}

fn is_json(read: &MediaType<'_>) -> bool {
    read.kind.eq_ignore_ascii_case(b"application") && read.subtype.eq_ignore_ascii_case(b"json")
}

fn is_utf8(read: &MediaType<'_>) -> bool {
    read.parameters().filter(|parameter| parameter.name.eq_ignore_ascii_case(b"charset")).all(|parameter| {
        ["utf-8", "utf8", "us-ascii"].iter().any(|name| parameter.value.is_ignoring_case(name.as_bytes()))
    })
}

/// The media type without its parameters, which a `Mime` reads more narrowly than HTTP does.
fn essence(read: &MediaType<'_>) -> Option<Mime> {
    let essence = [read.kind, b"/", read.subtype].concat();
    std::str::from_utf8(&essence).ok()?.parse().ok()
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
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::{UnsupportedMediaType::*, *};
    use crate::media::{ParseError, Parser, Target};

    #[derive(Debug)]
    struct Own(&'static str);

    impl Parser for Own {
        fn media_type(&self) -> &str {
            self.0
        }

        fn parse(&self, _: &[u8], _: &mut Target<'_>) -> Result<(), ParseError> {
            Ok(())
        }
    }

    fn choose(parsings: &[Parsing], text: &str) -> Result<usize, UnsupportedMediaType> {
        choose_parser(parsings, Some(&HeaderValue::from_bytes(text.as_bytes()).unwrap()))
    }

    #[test]
    fn table() {
        let own = |name| Parsing::Custom(Arc::new(Own(name)));
        let all = [Parsing::Json, Parsing::Form, own("text/*"), own("application/x-own")];
        for (text, expected) in [
            ("application/json", Ok(0)),
            ("APPLICATION/Json", Ok(0)),
            ("application/json;charset=utf-8", Ok(0)),
            ("application/json ; Charset=\"UTF-8\"", Ok(0)),
            ("application/json; odata=verbose", Ok(0)),
            ("application/json;", Ok(0)),
            ("application/merge-patch+json", Ok(0)),
            ("application/merge-patch+json; charset=latin1", Err(Charset)),
            ("application/json;charset=utf-16", Err(Charset)),
            ("application/json;charset=utf-8;charset=utf-16", Err(Charset)),
            ("application/jsonx", Err(Unknown)),
            ("application/json, text/plain", Err(Malformed)),
            ("application/x-www-form-urlencoded", Ok(1)),
            ("application/x-www-form-urlencoded; charset=iso-8859-1", Err(Charset)),
            ("text/csv", Ok(2)),
            ("text/csv; charset=us-ascii", Ok(2)),
            ("text/csv; charset=koi8-r", Err(Charset)),
            ("application/x-own; charset=koi8-r", Ok(3)),
            ("image/png", Err(Unknown)),
            ("json", Err(Malformed)),
            ("", Err(Malformed)),
            ("application/json;charset", Err(Malformed)),
            ("application/json \u{e9}", Err(Malformed)),
        ] {
            assert_eq!(choose(&all, text), expected, "{text}");
        }
        assert_eq!(choose_parser(&all, None), Err(Absent));
        assert_eq!(choose(&[], "application/json"), Err(Unknown));
    }

    #[test]
    fn an_own_parser_that_stands_first_is_asked_first() {
        let own = Parsing::Custom(Arc::new(Own("application/*")));
        assert_eq!(choose(&[Parsing::Form, own.clone(), Parsing::Json], "application/json"), Ok(1));
        assert_eq!(choose(&[Parsing::Json, own], "application/json"), Ok(0));
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer_that_ignores_case(bytes in prop::collection::vec(prop_oneof![
            4 => prop::sample::select(b"aJ/;=\"\\ ,*+-q.".to_vec()), 1 => 32_u8..=255,
        ], 0..60)) {
            let value = |bytes: &[u8]| HeaderValue::from_bytes(bytes).ok();
            let parsings = [Parsing::Form, Parsing::Json, Parsing::Custom(Arc::new(Own("a/*")))];
            if let (Some(one), Some(other)) = (value(&bytes), value(&bytes.to_ascii_uppercase())) {
                prop_assert_eq!(choose_parser(&parsings, Some(&one)), choose_parser(&parsings, Some(&other)));
            }
        }
    }
}
