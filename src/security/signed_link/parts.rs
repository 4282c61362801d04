use std::borrow::Cow;

use actix_web::http::Method;
use hmac::Mac;
use percent_encoding::percent_decode;

/// So that no signature for anything else, under the same key, is one for a link.
const PURPOSE: &[u8] = b"actix-charter signed link 1";

type Bytes<'a> = Cow<'a, [u8]>;

/// What a signature is over.
///
/// Everything is written with its length before it, and lists with their count, so that two different links never
/// give the same bytes.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) key_id: &'a str,
    pub(super) method: &'a Method,
    /// What stands between the slashes, decoded. A `%2F` within a segment is not the slash that ends one.
    pub(super) segments: Vec<Bytes<'a>>,
    pub(super) expires: u64,
    pub(super) subject: Option<&'a str>,
    /// The covered parameters of the query, decoded.
    pub(super) query: Vec<(Bytes<'a>, Bytes<'a>)>,
}

impl Parts<'_> {
    /// Sorts the query: by name, while the values of one name keep their order, which may mean something.
    pub(super) fn settle(&mut self) {
        self.query.sort_by(|(one, _), (other, _)| one.cmp(other));
    }

    pub(super) fn feed(&self, mac: &mut impl Mac) {
        // Who may GET may HEAD (RFC 9110 §9.3.2).
        let method = if *self.method == Method::HEAD { &Method::GET } else { self.method };
        write(mac, PURPOSE);
        write(mac, self.key_id.as_bytes());
        write(mac, method.as_str().as_bytes());
        count(mac, self.segments.len());
        for segment in &self.segments {
            write(mac, segment);
        }
        mac.update(&self.expires.to_be_bytes());
        count(mac, usize::from(self.subject.is_some()));
        write(mac, self.subject.unwrap_or_default().as_bytes());
        count(mac, self.query.len());
        for (name, value) in &self.query {
            write(mac, name);
            write(mac, value);
        }
    }
}

fn write(mac: &mut impl Mac, bytes: &[u8]) {
    count(mac, bytes.len());
    mac.update(bytes);
}

fn count(mac: &mut impl Mac, count: usize) {
    mac.update(&(count as u64).to_be_bytes());
}

/// What stands between the slashes of a request's path, decoded once.
///
/// `None` when a `%` is not followed by two hexadecimal digits. Actix decodes a path in two steps, all but `%25`, `%2F` and `%2B`
/// before it looks for the route and these three after; of `%%32%46` the first step makes `%2F`, and the second `/`.
pub(super) fn segments(path: &str) -> Option<Vec<Bytes<'_>>> {
    let path = path.strip_prefix('/')?;
    path.split('/').map(|segment| is_encoded(segment).then(|| decode(segment.as_bytes()))).collect()
}

fn is_encoded(segment: &str) -> bool {
    segment.split('%').skip(1).all(|rest| {
        let mut digits = rest.bytes();
        [digits.next(), digits.next()]
            .iter()
            .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit()))
    })
}

/// The parameters of a query, as forms are read: `+` is a space.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (Bytes<'_>, Bytes<'_>)> {
    let pieces = query.split('&').filter(|piece| !piece.is_empty());
    pieces.map(|piece| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        (form(name), form(value))
    })
}

fn form(text: &str) -> Bytes<'_> {
    if text.contains('+') {
        return Cow::Owned(decode(text.replace('+', " ").as_bytes()).into_owned());
    }
    decode(text.as_bytes())
}

fn decode(text: &[u8]) -> Bytes<'_> {
    percent_decode(text).into()
}
