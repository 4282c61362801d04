//! Where pairs come from.

use std::borrow::Cow;

use actix_web::http::header::{COOKIE, HeaderMap};
use percent_encoding::percent_decode;

use super::{Pairs, pairs::Gathering};
use crate::{
    model::WireField,
    problem::{Faults, In},
};

impl<'a> Pairs<'a> {
    /// Reads a query string or a body of `application/x-www-form-urlencoded`.
    ///
    /// A `%` that two hexadecimal digits do not follow stands for itself, as in the URL standard. Text that is not UTF-8
    /// once it is decoded is a fault, never replaced.
    ///
    /// # Errors
    /// Faults for too many pairs, and for names and values that are not UTF-8.
    pub(crate) fn from_urlencoded(location: In, text: &'a [u8], limit: usize) -> Result<Self, Faults> {
        let expected =
            if text.is_empty() { 0 } else { 1 + text.iter().filter(|&&byte| byte == b'&').count() };
        let mut gathering = Gathering::new(location, expected, limit);
        for pair in text.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
            if !gathering.count() {
                break;
            }
            let (name, value) = split_at_byte(pair, b'=').unwrap_or((pair, b""));
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => gathering.push(name, value),
                (name, _) => gathering.not_utf8(name.as_deref()),
            }
        }
        gathering.finish()
    }

    /// Takes path parameters in the order of the path, as the router matched them: still percent-encoded.
    ///
    /// # Errors
    /// Faults for values that are not UTF-8 once they are decoded.
    pub(crate) fn from_params(
        mut params: impl Iterator<Item = (&'a str, &'a str)>,
        count: usize,
    ) -> Result<Self, Faults> {
        // Actix has decoded nearly all that there was.
        let is_plain = |value: &str| !value.contains('%');
        let first = params.next();
        if let (Some((name, value)), 1) = (first, count)
            && is_plain(value)
        {
            return Ok(Self::one(name, value).positional());
        }
        let mut gathering = Gathering::new(In::Path, count, usize::MAX);
        for (name, value) in first.into_iter().chain(params) {
            if is_plain(value) {
                gathering.push(Cow::Borrowed(name), Cow::Borrowed(value));
                continue;
            }
            match percent_text(value.as_bytes()) {
                Some(value) => gathering.push(Cow::Borrowed(name), value),
                None => gathering.not_utf8(Some(name)),
            }
        }
        gathering.finish().map(Self::positional)
    }

    /// Takes the named values of a path that is not a URL's, as they are.
    ///
    /// # Errors
    /// Never; it reads like the others.
    #[cfg(feature = "live")]
    pub(crate) fn from_values(values: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, Faults> {
        let mut gathering = Gathering::new(In::Path, values.size_hint().0, usize::MAX);
        for (name, value) in values {
            gathering.push(Cow::Borrowed(name), Cow::Borrowed(value));
        }
        gathering.finish().map(Self::positional)
    }

    /// Takes request headers; each line of a repeated header is a value of its own.
    ///
    /// A header of the model gets the model's spelling, all others are in lower case. A header that is not UTF-8 is a
    /// fault only when the model asks for it.
    ///
    /// # Errors
    /// Faults for too many headers, and for wanted ones that are not UTF-8.
    pub(crate) fn from_headers(
        headers: &'a HeaderMap,
        wire: &'static [WireField],
        limit: usize,
    ) -> Result<Self, Faults> {
        let mut gathering = Gathering::new(In::Header, headers.len(), limit);
        for (name, value) in headers {
            if !gathering.count() {
                break;
            }
            let wanted = WireField::find(wire, &|wire| wire.eq_ignore_ascii_case(name.as_str()));
            let name = wanted.map_or(name.as_str(), |field| field.wire);
            match std::str::from_utf8(value.as_bytes()) {
                Ok(value) => gathering.push(Cow::Borrowed(name), Cow::Borrowed(value)),
                Err(_) if wanted.is_some() => gathering.not_utf8(Some(name)),
                Err(_) => {}
            }
        }
        gathering.finish()
    }

    /// Takes the cookies of the request (RFC 6265 §4.2.1), of all `Cookie` headers: HTTP/2 may split them.
    ///
    /// Names keep their case, quotes around a value are taken off, nothing is percent-decoded. A cookie that is not UTF-8
    /// is a fault only when the model asks for it.
    ///
    /// # Errors
    /// Faults for too many cookies, and for wanted ones that are not UTF-8.
    pub(crate) fn from_cookies(
        headers: &'a HeaderMap,
        wire: &'static [WireField],
        limit: usize,
    ) -> Result<Self, Faults> {
        let mut gathering = Gathering::new(In::Cookie, 8, limit);
        let crumbs = headers.get_all(COOKIE).flat_map(|line| line.as_bytes().split(|&byte| byte == b';'));
        for crumb in crumbs {
            // What has no `=` is no cookie.
            let Some((name, value)) = split_at_byte(crumb, b'=') else { continue };
            if !gathering.count() {
                break;
            }
            let Ok(name) = std::str::from_utf8(name.trim_ascii()) else { continue };
            let value = value.trim_ascii();
            let value =
                value.strip_prefix(b"\"").and_then(|inner| inner.strip_suffix(b"\"")).unwrap_or(value);
            match std::str::from_utf8(value) {
                Ok(value) => gathering.push(Cow::Borrowed(name), Cow::Borrowed(value)),
                Err(_) if WireField::find(wire, &|wire| wire == name).is_some() => {
                    gathering.not_utf8(Some(name));
                }
                Err(_) => {}
            }
        }
        gathering.finish().map(Self::first_counts)
    }

    /// Takes text values that were read elsewhere, such as the text fields of a multipart form.
    ///
    /// # Errors
    /// A fault for too many pairs.
    #[cfg(any(test, feature = "multipart"))]
    pub(crate) fn from_text(
        location: In,
        text: impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)>,
        limit: usize,
    ) -> Result<Self, Faults> {
        let mut gathering = Gathering::new(location, text.size_hint().0, limit);
        for (name, value) in text {
            if !gathering.count() {
                break;
            }
            gathering.push(name, value);
        }
        gathering.finish()
    }
}

fn split_at_byte(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = bytes.iter().position(|&byte| byte == at)?;
    Some((bytes.get(..place)?, bytes.get(place + 1..)?))
}

/// Form decoding: `+` is a blank, then percent decoding. `None` when it is not UTF-8.
fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if !bytes.contains(&b'+') {
        return percent_text(bytes);
    }
    let spaced: Vec<u8> = bytes.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_text(&spaced).map(|text| Cow::Owned(text.into_owned()))
}

fn percent_text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match percent_decode(bytes).into() {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}
