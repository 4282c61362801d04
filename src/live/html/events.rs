//! Server-sent events (WHATWG HTML, 9.2), for pages.

use std::{borrow::Cow, fmt::Write as _};

use super::{event_id, fragment::EVENT};
use crate::live::{Position, Publication};

/// The HTML of a publication; what is no string is its JSON.
pub(crate) fn html_of(data: &[u8]) -> Cow<'_, str> {
    match serde_json::from_slice::<String>(data) {
        Ok(html) => Cow::Owned(html),
        Err(_) => String::from_utf8_lossy(data),
    }
}

/// An event with a publication. Its id, if its channel has positions, is the last line.
pub(crate) fn publication(publication: &Publication, at: Option<Position>) -> String {
    let html = html_of(&publication.data);
    let tags = publication.tags.as_deref().unwrap_or_default();
    let name = tags.iter().find(|(name, _)| **name == *EVENT).map(|(_, value)| &**value);
    let mut out = String::with_capacity(html.len() + 64);
    lines(&mut out, name, &html);
    if let Some(at) = at.filter(|at| at.offset > 0 && !at.epoch.is_empty()) {
        let _ = writeln!(out, "id: {}", event_id(&[at]));
    }
    out.push('\n');
    out
}

pub(crate) fn event(name: &str, data: &str) -> String {
    let mut out = String::new();
    lines(&mut out, Some(name), data);
    out.push('\n');
    out
}

/// Tells where the page is, and nothing else: no event is dispatched for it.
pub(crate) fn with_id(positions: &[Position]) -> String {
    if positions.is_empty() { String::new() } else { format!("id: {}\n\n", event_id(positions)) }
}

/// How long the browser waits before it comes back, in milliseconds.
pub(crate) fn retry(after: u32) -> String {
    format!("retry: {after}\n\n")
}

/// Keeps the connection alive.
pub(crate) const fn comment() -> &'static str {
    ":\n\n"
}

/// Every line of the data is a line; a lone carriage return ends one, too.
fn lines(out: &mut String, name: Option<&str>, data: &str) {
    // A line break in a name would be a field of its own.
    if let Some(name) = name.filter(|name| !name.is_empty() && !name.contains(['\r', '\n'])) {
        let _ = writeln!(out, "event: {name}");
    }
    let mut rest = data;
    loop {
        let (line, next) = match rest.find(['\r', '\n']) {
            None => (rest, None),
            Some(at) => {
                let (line, end) = rest.split_at(at);
                let next = end.strip_prefix("\r\n").or_else(|| end.get(1..));
                (line, next)
            }
        };
        let _ = writeln!(out, "data: {line}");
        match next {
            Some(next) => rest = next,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(data: &'static [u8], event: Option<&str>) -> Publication {
        let tags = event.map(|name| vec![(EVENT.into(), name.into())].into());
        Publication { offset: 3, data: data.into(), tags, ..Publication::default() }
    }

    #[test]
    fn each_line_is_a_line_whatever_ends_it() {
        let html = br#""<p>\n  a\r\nb\rc\n\nd\u2028e\n""#;
        assert_eq!(
            publication(&published(html, Some("card")), None),
            "event: card\ndata: <p>\ndata:   a\ndata: b\ndata: c\ndata: \ndata: d\u{2028}e\ndata: \n\n"
        );
        assert_eq!(publication(&published(b"\"\"", None), None), "data: \n\n");
    }

    #[test]
    fn a_name_cannot_become_a_field() {
        for name in ["a\nid: 7", "a\rdata: x", ""] {
            assert_eq!(publication(&published(b"1", Some(name)), None), "data: 1\n\n", "{name:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_json() {
        let at = Position { offset: 3, epoch: "e".into() };
        assert_eq!(
            publication(&published(br#"{"a":"<b>"}"#, None), Some(at)),
            "data: {\"a\":\"<b>\"}\nid: e:3\n\n"
        );
        let nowhere = Position { offset: 0, epoch: "e".into() };
        assert_eq!(publication(&published(b"1", None), Some(nowhere)), "data: 1\n\n");
    }
}
