use std::cell::Cell;

use actix_charter::{
    live::{Channel, ChannelCharter, LiveOperation},
    prelude::*,
};
use proptest::prelude::*;
use regex::Regex;

use crate::fixture::{nobody, probe};

thread_local! {
    /// What the next charter is for: `Channel::charter` takes nothing.
    static PATTERN: Cell<&'static str> = const { Cell::new("") };
}

struct Named(&'static str);

impl Named {
    async fn enter(&self) -> String {
        self.0.to_owned()
    }
}

impl Channel for Named {
    fn charter() -> ChannelCharter<Self> {
        ChannelCharter::new(PATTERN.get()).operation(LiveOperation::subscribe().handle(Self::enter))
    }
}

fn live(patterns: &[&'static str]) -> Live {
    patterns.iter().fold(Live::new(), |live, pattern| {
        PATTERN.set(pattern);
        live.channel(Named(pattern))
    })
}

/// What the pattern says, as a regex; and how it ranks, as a text that sorts.
fn naive(pattern: &str) -> (Regex, String) {
    let (mut regex, mut rank) = ("^".to_owned(), String::new());
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        if c != '{' {
            regex.push_str(&regex::escape(&c.to_string()));
            rank.push('a');
            rest = &rest[1..];
            continue;
        }
        rest = &rest[rest.find('}').unwrap() + 1..];
        if let Some(behind) = rest.strip_prefix('*') {
            regex.push_str(".+");
            rank.push('c');
            rest = behind;
        } else {
            let stop = rest.chars().next().map(|c| regex::escape(&c.to_string())).unwrap_or_default();
            regex.push_str(&format!("[^:/{stop}]+"));
            rank.push('b');
        }
    }
    rank.push('d');
    (Regex::new(&format!("{regex}$")).unwrap(), rank)
}

const PATTERNS: &[&str] = &[
    "a",
    "a:b",
    "a:{x}",
    "a:{x}:b",
    "a:{x}:{y}",
    "a:{x}*",
    "a.{x}",
    "a.{x}.b",
    "{x}",
    "{x}:a",
    "{x}-{y}",
    "b-{x}",
    "a:b-{x}",
    "a:{x}-b",
    "a/{x}",
    "a/{x}/{y}*",
    "{x}/b",
    "b:{x}.{y}:a",
    "{x}:{y}",
    "{x}:{y}*",
    "aa:{x}",
    "b:{x}",
];

proptest! {
    #[test]
    fn finds_what_a_naive_matcher_finds(
        chosen in prop::sample::subsequence(PATTERNS, 1..=8),
        name in "[ab:./-]{0,7}",
    ) {
        let live = live(&chosen);
        prop_assume!(live.check().is_ok());
        let mut fitting: Vec<_> = chosen
            .iter()
            .map(|pattern| (naive(pattern), *pattern))
            .filter(|((regex, _), _)| regex.is_match(&name))
            .map(|((_, rank), pattern)| (rank, pattern))
            .collect();
        fitting.sort_unstable();
        let probe = probe(live);
        let found = actix_web::rt::System::new().block_on(probe.subscribe(&name, "", &nobody()));
        let found = found.map(|grant| grant.unwrap().data.unwrap());
        let expected = fitting.first().map(|(_, pattern)| format!("{pattern:?}"));
        prop_assert_eq!(found, expected);
    }

    /// Two of one rank that one name fits are told at mounting.
    #[test]
    fn conflicts_are_found(a in 0..PATTERNS.len(), b in 0..PATTERNS.len(), names in prop::collection::vec("[ab:./-]{1,6}", 50)) {
        let (first, second) = (naive(PATTERNS[a]), naive(PATTERNS[b]));
        let both = names.iter().any(|name| first.0.is_match(name) && second.0.is_match(name));
        if first.1 == second.1 && both {
            prop_assert!(live(&[PATTERNS[a], PATTERNS[b]]).check().is_err());
        }
        if first.1 != second.1 {
            prop_assert!(live(&[PATTERNS[a], PATTERNS[b]]).check().is_ok());
        }
    }
}

#[actix_web::test]
async fn names_are_visible_ascii_and_255_long() {
    let probe = probe(live(&["{x}*"]));
    let long = "a".repeat(255);
    for (name, known) in
        [("", false), ("ä", false), ("a b", false), ("a\n", false), ("#$a", true), (&long, true)]
    {
        assert_eq!(probe.options(name).is_some(), known, "{name}");
    }
    assert!(probe.options(&format!("{long}a")).is_none());
}

#[test]
fn regexes_hold_for_the_whole_value() {
    let probe = probe(live(&["n:{id:[0-9]+|x{2}}", "n:{name}"]));
    let found = |name: &str| {
        let grant = actix_web::rt::System::new().block_on(probe.subscribe(name, "", &nobody()));
        grant.unwrap().unwrap().data.unwrap()
    };
    assert_eq!(found("n:17"), r#""n:{id:[0-9]+|x{2}}""#);
    assert_eq!(found("n:xx"), r#""n:{id:[0-9]+|x{2}}""#);
    assert_eq!(found("n:17a"), r#""n:{name}""#);
}
