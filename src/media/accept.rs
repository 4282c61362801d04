//! Chooses a renderer from `Accept` (RFC 9110 §12.4.2, §12.5.1).

use actix_web::http::header::HeaderValue;

use super::{
    codec::Rendering,
    media_type::{MediaType, Value, elements},
};

/// What `Accept` comes down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The renderer at this index.
    Index(usize),
    /// The client takes none of them: 406.
    NotAcceptable,
}

/// The media types that an endpoint can answer in, read once, the most preferred first.
///
/// How a header is read, where the RFC leaves room:
/// - No header, an empty one, and one of nothing but commas are the same: anything goes.
/// - A range that is malformed, has a malformed `q` or more than one `q`, is ignored. When nothing else is left, nothing is acceptable.
/// - `q` may stand anywhere among the parameters; all others belong to the range, and an offer matches only if it has them.
/// - `charset=utf-8` asks for what every text answer is anyway; it only counts against an offer that names a charset itself.
/// - Ranges of the same specificity that differ in weight: the heavier counts.
/// - `application/problem+json` leads to JSON only where nothing was asked for that suits better, because only errors are sent as such.
#[derive(Debug, Clone)]
pub(crate) struct Offers {
    list: Box<[Offer]>,
}

#[derive(Debug, Clone)]
struct Offer {
    /// The media type in lower case, as the fast path compares it.
    text: Box<[u8]>,
    kind: Box<[u8]>,
    subtype: Box<[u8]>,
    parameters: Vec<(Vec<u8>, Vec<u8>)>,
    is_json: bool,
    /// The choice when `Accept` is exactly `text`; an earlier offer with more parameters may match it too.
    exact: Choice,
}

/// How well the best range so far fits one offer.
#[derive(Debug, Clone, Copy, Default)]
struct Fit {
    /// Wildcards, then the number of parameters; `None` when no range matched.
    specificity: Option<(u8, u16)>,
    weight: u16,
}

impl Fit {
    fn consider(&mut self, specificity: (u8, u16), weight: u16) {
        let new = Some(specificity);
        if new > self.specificity || (new == self.specificity && weight > self.weight) {
            *self = Self { specificity: new, weight };
        }
    }
}

impl Offers {
    /// Reads the media types. One that is malformed is still offered to clients that take anything.
    pub(crate) fn new(renderings: &[Rendering]) -> Self {
        let list = renderings.iter().map(|rendering| Offer::new(rendering.media_type())).collect();
        let mut offers = Self { list };
        let exact: Vec<Choice> =
            offers.list.iter().map(|offer| offers.weigh([&*offer.text].into_iter(), false)).collect();
        for (offer, exact) in offers.list.iter_mut().zip(exact) {
            offer.exact = exact;
        }
        offers
    }

    /// Whether the answer depends on `Accept`, so that it needs `Vary: Accept`.
    pub(crate) fn has_choice(&self) -> bool {
        self.list.len() > 1
    }

    /// The renderer for an answer. `accept` yields every `Accept` line of the request.
    pub(crate) fn choose<'a>(&self, mut accept: impl Iterator<Item = &'a HeaderValue>) -> Choice {
        let Some(first) = accept.next() else { return self.first() };
        match accept.next() {
            None => self.choose_line(first.as_bytes()),
            Some(second) => {
                self.weigh([first, second].into_iter().chain(accept).map(HeaderValue::as_bytes), false)
            }
        }
    }

    /// The renderer for an error: there is always one, the first when the client takes none.
    ///
    /// Here `application/problem+json` is as good as `application/json`.
    pub(crate) fn choose_for_error<'a>(&self, accept: impl Iterator<Item = &'a HeaderValue>) -> usize {
        match self.weigh(accept.map(HeaderValue::as_bytes), true) {
            Choice::Index(index) => index,
            Choice::NotAcceptable => 0,
        }
    }

    /// What nearly every request comes to: one line, with `*/*` or exactly one of the offers in it.
    fn choose_line(&self, line: &[u8]) -> Choice {
        if line == b"*/*" {
            return self.first();
        }
        match self.list.iter().find(|offer| offer.text.eq_ignore_ascii_case(line)) {
            Some(offer) => offer.exact,
            None => self.weigh(std::iter::once(line), false),
        }
    }

    fn first(&self) -> Choice {
        if self.list.is_empty() { Choice::NotAcceptable } else { Choice::Index(0) }
    }

    /// The rules in full: one pass over the header, in time linear to its length.
    fn weigh<'a>(&self, lines: impl Iterator<Item = &'a [u8]>, for_error: bool) -> Choice {
        let mut fits = vec![Fit::default(); self.list.len()];
        let mut problem = Fit::default();
        let mut asked = false;
        for element in lines.flat_map(elements) {
            asked = true;
            let Some((range, weight)) =
                MediaType::parse(element).and_then(|range| weight(&range).map(|weight| (range, weight)))
            else {
                continue;
            };
            for (offer, fit) in self.list.iter().zip(&mut fits) {
                if let Some(specificity) = offer.specificity(&range) {
                    fit.consider(specificity, weight);
                }
            }
            if range.kind.eq_ignore_ascii_case(b"application")
                && range.subtype.eq_ignore_ascii_case(b"problem+json")
            {
                problem.consider((2, 0), weight);
            }
        }
        if !asked {
            return self.first();
        }
        if for_error && problem.weight > 0 {
            for (_, fit) in self.list.iter().zip(&mut fits).filter(|(offer, _)| offer.is_json) {
                fit.weight = fit.weight.max(problem.weight);
            }
        }
        // `max_by_key` takes the last of equals; the first is preferred.
        let best = fits.iter().enumerate().rev().max_by_key(|(_, fit)| fit.weight);
        match best {
            Some((index, fit)) if fit.weight > 0 => Choice::Index(index),
            _ if problem.weight > 0 => {
                let untouched =
                    |(offer, fit): (&Offer, &Fit)| offer.is_json && fit.specificity.is_none_or(|s| s.0 < 2);
                self.list.iter().zip(&fits).position(untouched).map_or(Choice::NotAcceptable, Choice::Index)
            }
            _ => Choice::NotAcceptable,
        }
    }
}

impl Offer {
    fn new(media_type: &str) -> Self {
        let lower = |bytes: &[u8]| bytes.to_ascii_lowercase().into_boxed_slice();
        let read = MediaType::parse(media_type.as_bytes());
        let (kind, subtype) = read.as_ref().map_or((&b""[..], &b""[..]), |read| (read.kind, read.subtype));
        let parameters = read
            .iter()
            .flat_map(|read| read.parameters())
            .map(|parameter| (parameter.name.to_vec(), parameter.value.bytes().collect()))
            .collect();
        Self {
            text: lower(media_type.as_bytes()),
            kind: lower(kind),
            subtype: lower(subtype),
            parameters,
            is_json: kind.eq_ignore_ascii_case(b"application") && subtype.eq_ignore_ascii_case(b"json"),
            exact: Choice::NotAcceptable,
        }
    }

    /// How closely the range describes the offer; `None` when it does not match.
    fn specificity(&self, range: &MediaType<'_>) -> Option<(u8, u16)> {
        let level = match (range.kind, range.subtype) {
            (b"*", b"*") => 0,
            (kind, b"*") if kind.eq_ignore_ascii_case(&self.kind) => 1,
            (kind, subtype)
                if kind.eq_ignore_ascii_case(&self.kind) && subtype.eq_ignore_ascii_case(&self.subtype) =>
            {
                2
            }
            _ => return None,
        };
        let mut matched = 0_u16;
        for parameter in range.parameters().filter(|parameter| !is_weight(parameter.name)) {
            match self.parameter(parameter.name) {
                Some(own) if is_charset(parameter.name) => {
                    if !parameter.value.is_ignoring_case(own) {
                        return None;
                    }
                }
                Some(own) => {
                    if !parameter.value.is(own) {
                        return None;
                    }
                }
                None if is_charset(parameter.name) && parameter.value.is_ignoring_case(b"utf-8") => continue,
                None => return None,
            }
            matched = matched.saturating_add(1);
        }
        Some((level, matched))
    }

    fn parameter(&self, name: &[u8]) -> Option<&[u8]> {
        self.parameters
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }
}

fn is_weight(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"q")
}

fn is_charset(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"charset")
}

/// The weight of a range in thousandths, 1000 when it has none; `None` when it is malformed or doubled.
fn weight(range: &MediaType<'_>) -> Option<u16> {
    let mut all = range.parameters().filter(|parameter| is_weight(parameter.name));
    let weight = match all.next().map(|parameter| parameter.value) {
        None => 1000,
        Some(Value::Token(text)) => thousandths(text)?,
        Some(Value::Quoted(_)) => return None,
    };
    all.next().is_none().then_some(weight)
}

/// `qvalue` of RFC 9110 §12.4.2.
fn thousandths(text: &[u8]) -> Option<u16> {
    let (whole, fraction) = match text {
        [whole] => (whole, &[][..]),
        [whole, b'.', fraction @ ..] if fraction.len() <= 3 => (whole, fraction),
        _ => return None,
    };
    let mut parsed = match whole {
        b'0' => 0,
        b'1' => 1,
        _ => return None,
    };
    for at in 0..3 {
        let digit = *fraction.get(at).unwrap_or(&b'0');
        if !digit.is_ascii_digit() {
            return None;
        }
        parsed = parsed * 10 + u16::from(digit - b'0');
    }
    (parsed <= 1000).then_some(parsed)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::str_to_string,
    reason = "tests fail this way"
)]
#[path = "accept_tests.rs"]
mod tests;
