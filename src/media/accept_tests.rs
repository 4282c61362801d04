use std::sync::Arc;

use proptest::prelude::*;

use super::{Choice::*, *};
use crate::media::{RenderError, Renderer};

#[derive(Debug)]
struct Own(String);

impl Renderer for Own {
    fn media_type(&self) -> &str {
        &self.0
    }

    fn render(&self, _: &dyn erased_serde::Serialize, _: &mut Vec<u8>) -> Result<(), RenderError> {
        Ok(())
    }
}

fn offers<S: ToString>(names: &[S]) -> Offers {
    let list: Vec<_> = names.iter().map(|name| Rendering::Custom(Arc::new(Own(name.to_string())))).collect();
    Offers::new(&list)
}

fn line(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(text.as_bytes()).unwrap()
}

fn choose(offers: &Offers, text: &str) -> Choice {
    offers.choose([&line(text)].into_iter())
}

#[test]
fn table() {
    let offers = offers(&["application/json", "application/msgpack", "text/csv; header=present", "text/csv"]);
    for (accept, expected) in [
        ("*/*", Index(0)),
        ("application/json", Index(0)),
        ("Application/MsgPack", Index(1)),
        ("application/*", Index(0)),
        ("text/*", Index(2)),
        ("text/csv", Index(2)),
        ("text/csv;header=present", Index(2)),
        ("text/csv; header=\"present\"", Index(2)),
        ("text/csv; header=absent", NotAcceptable),
        ("text/csv;header=present;q=0, text/csv", Index(3)),
        ("text/csv;q=0, text/csv;header=present", Index(2)),
        ("application/msgpack, */*;q=0.1", Index(1)),
        ("application/json;q=0.5, application/msgpack;q=0.501", Index(1)),
        ("application/json;q=0.5, application/msgpack;q=0.5", Index(0)),
        ("*/*, application/json;q=0", Index(1)),
        ("*/*;q=0", NotAcceptable),
        ("application/json;q=0", NotAcceptable),
        ("application/json;q=0.000", NotAcceptable),
        // Ignored: malformed weights, ranges and doubles.
        ("application/json;q=1.001", NotAcceptable),
        ("application/json;q=0.1234", NotAcceptable),
        ("application/json;q=-1", NotAcceptable),
        ("application/json;q=.5", NotAcceptable),
        ("application/json;q=", NotAcceptable),
        ("application/json;q=1;q=0.5", NotAcceptable),
        ("application/json;q=\"1\"", NotAcceptable),
        ("application/json;q=2, application/msgpack;q=0.1", Index(1)),
        ("application/json;q=1.", Index(0)),
        ("application/json;Q=1.000", Index(0)),
        ("application/json;q=1;version=1", NotAcceptable),
        ("application/json;version=1", NotAcceptable),
        ("application/json; charset=UTF-8", Index(0)),
        ("application/json; charset=utf-16", NotAcceptable),
        ("*/json", NotAcceptable),
        ("json", NotAcceptable),
        ("\u{fffd}", NotAcceptable),
        ("text/html, \u{fffd}, */*;q=0.1", Index(0)),
        ("text/html;level=\"1,application/json", NotAcceptable),
        // Nothing was asked for.
        ("", Index(0)),
        (" ", Index(0)),
        (", ,", Index(0)),
        // Only errors are sent as problem+json.
        ("application/problem+json", Index(0)),
        ("application/problem+json, application/msgpack;q=0.1", Index(1)),
        ("application/problem+json, application/json;q=0", NotAcceptable),
        ("application/problem+json, */*;q=0", Index(0)),
        ("application/problem+json;q=0", NotAcceptable),
    ] {
        assert_eq!(choose(&offers, accept), expected, "{accept}");
    }
    assert_eq!(offers.choose(std::iter::empty()), Index(0));
    assert!(offers.has_choice());
}

/// The example of RFC 9110 §12.5.1, table of "media type, quality value".
#[test]
fn the_example_of_the_rfc() {
    let accept =
        "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5";
    let ranked =
        ["text/plain;format=flowed", "text/plain", "image/jpeg", "text/plain;format=fixed", "text/html"];
    for (index, name) in ranked.iter().enumerate() {
        for less in ranked.iter().skip(index + 1) {
            assert_eq!(choose(&offers(&[less, name]), accept), Index(1), "{name} before {less}");
        }
    }
    // `text/html;level=3` has the quality of the media range `text/*`, 0.3; it ties with `text/html`.
    assert_eq!(choose(&offers(&["text/html;level=3", "text/html"]), accept), Index(0));
}

#[test]
fn all_lines_count() {
    let offers = offers(&["application/json", "text/csv"]);
    let lines = [line("application/json;q=0.2"), line("text/html"), line("text/csv;q=0.3")];
    assert_eq!(offers.choose(lines.iter()), Index(1));
    assert_eq!(offers.choose([line(""), line("")].iter()), Index(0));
    assert_eq!(offers.choose([line(""), line("text/html")].iter()), NotAcceptable);
}

#[test]
fn there_is_always_a_renderer_for_errors() {
    let offers = offers(&["text/csv", "application/json"]);
    let error = |text: &str| offers.choose_for_error([&line(text)].into_iter());
    assert_eq!(error("image/png"), 0);
    assert_eq!(error("application/json"), 1);
    assert_eq!(error("text/csv;q=0.9, application/problem+json"), 1);
    assert_eq!(error("text/csv, application/problem+json;q=0.9"), 0);
    assert_eq!(offers.choose_for_error(std::iter::empty()), 0);
}

#[test]
fn one_offer_is_no_choice() {
    let one = Offers::new(&[Rendering::Json]);
    assert!(!one.has_choice());
    assert_eq!(choose(&one, "text/html,application/xhtml+xml,*/*;q=0.8"), Index(0));
    assert_eq!(choose(&Offers::new(&[]), "*/*"), NotAcceptable);
}

/// Each piece repeated to a megabyte; a quadratic step would take hours, so the test would not come back.
#[test]
fn a_megabyte_is_read_in_one_pass() {
    let offers = offers(&["application/json", "text/csv;a=b"]);
    for piece in
        [",", ";", "\"", "\\\"", "text/csv;a=b,", "a/b;q=0.1,", ";a=b", "text/csv;a=\"", "a/", " ", "*/*;"]
    {
        for start in ["", "text/csv", "text/csv;a=\""] {
            let text = format!("{start}{}", piece.repeat(1_048_576 / piece.len()));
            // A few pieces and many mean the same.
            let expected = choose(&offers, &text[..start.len() + piece.len() * 8]);
            assert_eq!(choose(&offers, &text), expected, "{start} {piece}");
        }
    }
}

#[derive(Debug, Clone)]
struct Range {
    kind: &'static str,
    subtype: &'static str,
    parameters: Vec<(&'static str, &'static str)>,
    weight: Option<u16>,
}

fn range() -> impl Strategy<Value = Range> {
    let names = prop::sample::select(vec![
        ("*", "*"),
        ("a", "*"),
        ("b", "*"),
        ("a", "x"),
        ("a", "y"),
        ("b", "x"),
        ("c", "z"),
    ]);
    let parameter = prop::sample::select(vec![("v", "1"), ("v", "2"), ("w", "1")]);
    (names, prop::collection::vec(parameter, 0..3), prop::option::of(0_u16..=1000))
        .prop_map(|((kind, subtype), parameters, weight)| Range { kind, subtype, parameters, weight })
}

fn offered() -> impl Strategy<Value = Vec<Range>> {
    let names = prop::sample::select(vec![("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]);
    let parameters = prop::sample::select(vec![
        vec![],
        vec![("v", "1")],
        vec![("v", "2")],
        vec![("w", "1")],
        vec![("v", "1"), ("w", "1")],
    ]);
    let one = (names, parameters).prop_map(|((kind, subtype), parameters)| Range {
        kind,
        subtype,
        parameters,
        weight: None,
    });
    prop::collection::vec(one, 1..5)
}

fn written(range: &Range, style: u8) -> String {
    let space = if style & 1 == 0 { "" } else { " \t" };
    let mut parts: Vec<String> = range
        .parameters
        .iter()
        .map(
            |(name, value)| {
                if style & 2 == 0 { format!("{name}={value}") } else { format!("{name}=\"\\{value}\"") }
            },
        )
        .collect();
    if let Some(weight) = range.weight {
        let text = if weight == 1000 { "q=1".to_owned() } else { format!("q=0.{weight:03}") };
        parts.insert(if style & 4 == 0 { parts.len() } else { 0 }, text);
    }
    let mut text = format!("{}/{}", range.kind, range.subtype);
    for part in parts {
        text.push_str(&format!("{space};{space}{part}"));
    }
    if style & 8 == 0 { text } else { text.to_uppercase() }
}

/// The rules, word by word.
fn model(offers: &[Range], ranges: &[Range]) -> Choice {
    let quality = |offer: &Range| {
        let matching = ranges.iter().filter(|range| {
            (range.kind == "*" || range.kind == offer.kind)
                && (range.subtype == "*" || range.subtype == offer.subtype)
                && range.parameters.iter().all(|parameter| offer.parameters.contains(parameter))
        });
        let specificity = |range: &Range| {
            let stars = usize::from(range.kind == "*") + usize::from(range.subtype == "*");
            (2 - stars, range.parameters.len())
        };
        let all: Vec<_> = matching.map(|range| (specificity(range), range.weight.unwrap_or(1000))).collect();
        all.into_iter().max().map_or(0, |(_, weight)| weight)
    };
    let best = offers.iter().map(quality).max().unwrap_or(0);
    if best == 0 && !ranges.is_empty() {
        return NotAcceptable;
    }
    offers.iter().position(|offer| ranges.is_empty() || quality(offer) == best).map_or(NotAcceptable, Index)
}

proptest! {
    #[test]
    fn agrees_with_the_model(
        list in offered(),
        ranges in prop::collection::vec((range(), 0_u8..16), 0..6),
        lines in 1_usize..4,
    ) {
        let names: Vec<_> = list.iter().map(|offer| written(offer, 0)).collect();
        let written: Vec<_> = ranges.iter().map(|(range, style)| written(range, *style)).collect();
        let headers: Vec<_> = written.chunks(lines).map(|chunk| line(&chunk.join(","))).collect();
        let ranges: Vec<_> = ranges.into_iter().map(|(range, _)| range).collect();
        prop_assert_eq!(offers(&names).choose(headers.iter()), model(&list, &ranges));
    }

    #[test]
    fn any_bytes_leave_an_offer_or_none(bytes in prop::collection::vec(prop_oneof![
        4 => prop::sample::select(b"aq/;=\"\\ ,*01.".to_vec()), 1 => 32_u8..=255,
    ], 0..80)) {
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            let offers = offers(&["a/a", "q/q;a=0"]);
            if let Index(index) = offers.choose([&value].into_iter()) {
                prop_assert!(index < 2);
            }
            prop_assert!(offers.choose_for_error([&value].into_iter()) < 2);
        }
    }
}
