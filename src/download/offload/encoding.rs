use actix_web::http::header::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// What RFC 3986 §2.3 leaves alone, and the slash: no server reads anything into these.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a server reads the file's name in the header, and so which names it can be told.
///
/// ```
/// use actix_charter::download::offload::Encoding;
/// assert_eq!(Encoding::Percent.encode("/a b?.txt".as_bytes()).unwrap(), "/a%20b%3F.txt");
/// assert_eq!(Encoding::Raw.encode("/a b?.txt".as_bytes()).unwrap(), "/a b?.txt");
/// assert_eq!(Encoding::Raw.encode(b"/two\nlines"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Percent-encoded; every name can be told. nginx, LiteSpeed.
    Percent,
    /// Percent-encoded, but UTF-8 without control characters only. lighttpd.
    PercentText,
    /// The bytes as they are: no control characters, no space at the end. Apache.
    Raw,
    /// As [`Raw`](Self::Raw), and what stands after `?` would be a query. Caddy.
    RawUri,
}

impl Encoding {
    /// The header's value; `None` if this name cannot be told.
    #[must_use]
    pub fn encode(self, path: &[u8]) -> Option<HeaderValue> {
        match self {
            Self::Percent => percent(path),
            Self::PercentText if std::str::from_utf8(path).is_ok_and(is_printable) => percent(path),
            Self::Raw if survives_as_it_is(path) => HeaderValue::from_bytes(path).ok(),
            Self::RawUri if survives_as_it_is(path) && !path.contains(&b'?') => {
                HeaderValue::from_bytes(path).ok()
            }
            Self::PercentText | Self::Raw | Self::RawUri => None,
        }
    }
}

fn percent(path: &[u8]) -> Option<HeaderValue> {
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~');
    if path.iter().copied().all(stays) {
        return HeaderValue::from_bytes(path).ok();
    }
    // No file name holds NUL, and every server refuses it.
    if path.contains(&0) {
        return None;
    }
    HeaderValue::try_from(percent_encode(path, PATH).to_string()).ok()
}

fn is_printable(path: &str) -> bool {
    !path.bytes().any(|byte| byte.is_ascii_control())
}

/// Whether a header value holds the bytes, and every HTTP parser gives the same ones back.
fn survives_as_it_is(path: &[u8]) -> bool {
    !path.iter().any(u8::is_ascii_control) && path.first() != Some(&b' ') && path.last() != Some(&b' ')
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode;
    use proptest::prelude::*;

    use super::*;

    const ALL: [Encoding; 4] = [Encoding::Percent, Encoding::PercentText, Encoding::Raw, Encoding::RawUri];

    fn encoded(encoding: Encoding, path: &str) -> Option<String> {
        encoding.encode(path.as_bytes()).map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap())
    }

    #[test]
    fn what_a_uri_gives_a_meaning_is_encoded() {
        let names = [
            ("/a b", "/a%20b"),
            ("/é", "/%C3%A9"),
            ("/100%", "/100%25"),
            ("/%41", "/%2541"),
            ("/a?b", "/a%3Fb"),
            ("/a#b", "/a%23b"),
            ("/a;b", "/a%3Bb"),
            ("/\"", "/%22"),
            ("/a\nb", "/a%0Ab"),
            ("/a\\b", "/a%5Cb"),
            ("/a+b", "/a%2Bb"),
            ("/-._~", "/-._~"),
        ];
        for (name, wire) in names {
            assert_eq!(encoded(Encoding::Percent, name).as_deref(), Some(wire));
        }
    }

    #[test]
    fn each_server_has_names_it_cannot_be_told() {
        let carried = |path: &[u8]| ALL.map(|encoding| encoding.encode(path).is_some());
        assert_eq!(carried(b"/plain"), [true; 4]);
        assert_eq!(carried(b"/a?b"), [true, true, true, false]);
        assert_eq!(carried(b"/end "), [true, true, false, false]);
        assert_eq!(carried(b"/a\nb"), [true, false, false, false]);
        assert_eq!(carried(b"/a\r\nSet-Cookie: a=b"), [true, false, false, false]);
        assert_eq!(carried(b"/tab\tbed"), [true, false, false, false]);
        assert_eq!(carried(b"/\x7f"), [true, false, false, false]);
        assert_eq!(carried(b"/latin \xe9"), [true, false, true, true]);
        assert_eq!(carried(b"/\0"), [false; 4]);
    }

    proptest! {
        #[test]
        fn encoded_names_are_harmless_and_decode_to_themselves(path in prop::collection::vec(1_u8.., 0..40)) {
            let value = Encoding::Percent.encode(&path).unwrap();
            prop_assert!(value.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~%".contains(byte)));
            prop_assert_eq!(percent_decode(value.as_bytes()).collect::<Vec<u8>>(), path);
        }

        #[test]
        fn raw_names_are_the_bytes_or_nothing(path in prop::collection::vec(any::<u8>(), 0..6)) {
            for encoding in [Encoding::Raw, Encoding::RawUri] {
                if let Some(value) = encoding.encode(&path) {
                    prop_assert_eq!(value.as_bytes(), &path[..]);
                    prop_assert!(!path.iter().any(|byte| *byte < 0x20 || *byte == 0x7f));
                    prop_assert!(path.trim_ascii() == &path[..]);
                }
            }
        }
    }
}
