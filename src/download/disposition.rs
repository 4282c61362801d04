use std::fmt::Write;

use actix_web::http::header::HeaderValue;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::name;

/// Whether the client should keep the file or show it (RFC 6266 §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Disposition {
    #[default]
    Attachment,
    Inline,
}

/// `attr-char` of RFC 8187 §3.2.1 stays as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

impl Disposition {
    /// The value of `Content-Disposition`: the name in ASCII for everyone, and exactly, in the form of RFC 8187, when
    /// it is more than letters, digits and the like.
    pub(crate) fn value(self, file_name: Option<&str>) -> HeaderValue {
        let kind = match self {
            Self::Attachment => "attachment",
            Self::Inline => "inline",
        };
        if let Some(file_name) = file_name.filter(|file_name| name::is_plain(file_name)) {
            return quoted(kind, file_name);
        }
        let Some(file_name) = file_name.and_then(name::cleaned) else {
            return HeaderValue::from_static(kind);
        };
        let mut value = String::with_capacity(kind.len() + 16 + 4 * file_name.len());
        value.push_str(kind);
        value.push_str("; filename=\"");
        for char in name::ascii(&file_name).chars() {
            if matches!(char, '"' | '\\') {
                value.push('\\');
            }
            value.push(char);
        }
        value.push('"');
        if !name::is_plain(&file_name) {
            let _ = write!(value, "; filename*=UTF-8''{}", utf8_percent_encode(&file_name, ENCODED));
        }
        // All of it is visible ASCII.
        HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static(kind))
    }
}

/// What most names are: nothing in it needs another form.
fn quoted(kind: &'static str, file_name: &str) -> HeaderValue {
    let parts = [kind, "; filename=\"", file_name, "\""];
    let value = Bytes::from(parts.concat().into_bytes());
    HeaderValue::from_maybe_shared(value).unwrap_or_else(|_| HeaderValue::from_static(kind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attachment(file_name: &str) -> String {
        Disposition::Attachment.value(Some(file_name)).to_str().unwrap().to_owned()
    }

    #[test]
    fn writes_both_forms() {
        assert_eq!(attachment("hello.txt"), "attachment; filename=\"hello.txt\"");
        assert_eq!(attachment("a b.txt"), "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt");
        assert_eq!(attachment("é.txt"), "attachment; filename=\"e.txt\"; filename*=UTF-8''%C3%A9.txt");
        assert_eq!(
            attachment("報告.pdf"),
            "attachment; filename=\"download.pdf\"; filename*=UTF-8''%E5%A0%B1%E5%91%8A.pdf"
        );
        assert_eq!(attachment("a\"b.txt"), "attachment; filename=\"a\\\"b.txt\"; filename*=UTF-8''a%22b.txt");
        assert_eq!(attachment("\0"), "attachment");
        assert_eq!(Disposition::Inline.value(None), "inline");
        assert_eq!(Disposition::Inline.value(Some("x.png")), "inline; filename=\"x.png\"");
    }

    /// A reader of RFC 6266 that shares nothing with the writer: type, `filename`, `filename*`.
    fn read(value: &str) -> (String, Option<String>, Option<String>) {
        let bytes = value.as_bytes();
        let kind_end = value.find(';').unwrap_or(value.len());
        let (mut plain, mut extended) = (None, None);
        let mut at = kind_end;
        while at < bytes.len() {
            assert_eq!(&value[at..at + 2], "; ");
            let equals = at + value[at..].find('=').unwrap();
            let key = &value[at + 2..equals];
            at = equals + 1;
            if bytes[at] == b'"' {
                let mut text = String::new();
                at += 1;
                while bytes[at] != b'"' {
                    if bytes[at] == b'\\' {
                        at += 1;
                    }
                    assert!((0x20..0x7F).contains(&bytes[at]), "not in qdtext");
                    text.push(bytes[at] as char);
                    at += 1;
                }
                at += 1;
                assert_eq!(key, "filename");
                assert!(plain.replace(text).is_none());
            } else {
                let end = value[at..].find(';').map_or(value.len(), |end| at + end);
                let (charset, rest) = value[at..end].split_once('\'').unwrap();
                let (language, encoded) = rest.split_once('\'').unwrap();
                assert_eq!((key, charset, language), ("filename*", "UTF-8", ""));
                let mut decoded = Vec::new();
                let mut bytes = encoded.bytes();
                while let Some(byte) = bytes.next() {
                    if byte == b'%' {
                        let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                        decoded.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
                    } else {
                        assert!(byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte));
                        decoded.push(byte);
                    }
                }
                assert!(extended.replace(String::from_utf8(decoded).unwrap()).is_none());
                at = end;
            }
        }
        (value[..kind_end].to_owned(), plain, extended)
    }

    proptest! {
        #[test]
        fn every_name_comes_back(file_name in any::<String>()) {
            let (kind, plain, extended) = read(&attachment(&file_name));
            prop_assert_eq!(kind, "attachment");
            prop_assert_eq!(extended.or_else(|| plain.clone()), name::cleaned(&file_name));
            if let Some(plain) = plain {
                prop_assert!(!plain.trim().is_empty() && !plain.contains(['%', '/']), "{plain}");
            }
        }

        #[test]
        fn ordinary_names_come_back_unchanged(file_name in "[a-zA-Z0-9é報][a-zA-Z0-9é報 ;,=%'\"*]{0,40}\\.[a-z]{1,4}") {
            let (_, plain, extended) = read(&attachment(&file_name));
            prop_assert_eq!(extended.or(plain), Some(file_name));
        }
    }
}
