//! The table against a matcher that tries one pattern after another, by the documented rule and nothing else.

use std::cmp::Reverse;

use proptest::{
    prelude::*,
    sample::{Index, select},
};

use super::*;

/// One segment of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Text(&'static str),
    /// Text, a parameter with perhaps a regex, text.
    Part(&'static str, Option<&'static str>, &'static str),
    /// `{a}-{b}`.
    Two,
    Whole,
    Rest,
}

use Segment::{Part, Rest, Text, Two, Whole};

impl Segment {
    /// How it is written. Parameters are numbered.
    fn write(&self, out: &mut String, count: &mut usize) {
        let mut name = || {
            *count += 1;
            format!("p{count}")
        };
        let text = match self {
            Text(text) => (*text).to_owned(),
            Part(before, None, after) => format!("{before}{{{}}}{after}", name()),
            Part(before, Some(regex), after) => format!("{before}{{{}:{regex}}}{after}", name()),
            Two => format!("{{{}}}-{{{}}}", name(), name()),
            Whole => format!("{{{}}}", name()),
            Rest => format!("{{{}}}*", name()),
        };
        out.push_str(&text);
    }

    fn says(&self) -> (u8, Reverse<usize>) {
        match self {
            Text(_) => (0, Reverse(0)),
            Part(before, _, after) => (1, Reverse(before.len() + after.len())),
            Two => (1, Reverse(1)),
            Whole => (2, Reverse(0)),
            Rest => (3, Reverse(0)),
        }
    }

    /// The values of its parameters, if the whole segment fits.
    fn values(&self, segment: &str) -> Option<Vec<String>> {
        let one = |value: &str| (!value.is_empty()).then(|| vec![value.to_owned()]);
        match self {
            Text(text) => (*text == segment).then(Vec::new),
            Part(before, regex, after) => {
                let value = segment.strip_prefix(before)?.strip_suffix(after)?;
                let fits = match *regex {
                    Some("[ab]+") => value.chars().all(|c| "ab".contains(c)),
                    Some("[b.]{1,2}") => value.len() <= 2 && value.chars().all(|c| "b.".contains(c)),
                    _ => true,
                };
                one(value).filter(|_| fits)
            }
            // The first parameter takes what it can.
            Two => segment
                .match_indices('-')
                .map(|(at, _)| (&segment[..at], &segment[at + 1..]))
                .rfind(|(a, b)| !a.is_empty() && !b.is_empty())
                .map(|(a, b)| vec![a.to_owned(), b.to_owned()]),
            Whole => one(segment),
            Rest => unreachable!("a rest takes more than a segment"),
        }
    }
}

fn written(pattern: &[Segment]) -> String {
    let mut count = 0;
    pattern.iter().fold(String::new(), |mut out, segment| {
        out.push('/');
        segment.write(&mut out, &mut count);
        out
    })
}

fn naive_match(pattern: &[Segment], path: &str) -> Option<Vec<String>> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let mut values = Vec::new();
    for (at, part) in pattern.iter().enumerate() {
        if *part == Rest {
            values.push(segments.get(at..).filter(|rest| !rest.is_empty())?.join("/"));
            return Some(values);
        }
        values.extend(part.values(segments.get(at)?)?);
    }
    (segments.len() == pattern.len()).then_some(values)
}

/// Which pattern wins, and with which values.
fn naive_find(patterns: &[Vec<Segment>], path: &str) -> Option<(String, Vec<String>)> {
    let fitting = patterns.iter().filter_map(|pattern| Some((pattern, naive_match(pattern, path)?)));
    // `min_by_key` takes the first of equals: the one that was registered first.
    fitting
        .min_by_key(|(pattern, _)| pattern.iter().map(Segment::says).collect::<Vec<_>>())
        .map(|(pattern, values)| (written(pattern), values))
}

/// As the builder does it: patterns by rank, then the rests.
fn table(patterns: &[Vec<Segment>]) -> Table {
    let mut parsed: Vec<Pattern> =
        patterns.iter().map(|pattern| Pattern::parse(&written(pattern)).unwrap()).collect();
    parsed.sort_by(|a, b| a.rank().cmp(b.rank()));
    let mut table = Table::default();
    for pattern in parsed {
        table.route(pattern, 0, |name| Box::leak(name.to_owned().into_boxed_str())).unwrap();
    }
    table.finish_rests();
    table
}

const TEXTS: &[&str] = &["a", "b", "ab", "a.b", "b-a"];

fn segment() -> impl Strategy<Value = Segment> {
    let regex = || select(vec![None, Some("[ab]+"), Some("[b.]{1,2}")]);
    prop_oneof![
        5 => select(TEXTS).prop_map(Text),
        1 => Just(Text("")),
        4 => Just(Whole),
        1 => Just(Two),
        2 => (select(&["", "a", "b", "ab"][..]), regex(), select(&["", ".b", "a", "b"][..]))
            .prop_map(|(before, regex, after)| match (before, regex, after) {
                ("", None, "") => Whole,
                _ => Part(before, regex, after),
            }),
    ]
}

fn pattern() -> impl Strategy<Value = Vec<Segment>> {
    (prop::collection::vec(segment(), 1..4), prop::bool::weighted(0.25)).prop_map(|(mut segments, rest)| {
        if rest {
            segments.pop();
            segments.push(Rest);
        }
        segments
    })
}

/// A path made from one of the patterns, or of anything.
fn path() -> impl Strategy<Value = (Index, Vec<&'static str>, bool)> {
    let texts = select(&["a", "b", "ab", "a.b", "b-a", "bb", "aa.b", "a-b-a", ".", "", "é"][..]);
    (any::<Index>(), prop::collection::vec(texts, 1..5), any::<bool>())
}

fn made(patterns: &[Vec<Segment>], (from, texts, free): &(Index, Vec<&'static str>, bool)) -> String {
    if *free {
        return texts.iter().fold(String::new(), |path, text| path + "/" + text);
    }
    let pattern = from.get(patterns);
    let mut texts = texts.iter().cycle();
    let mut text = || texts.next().copied().unwrap_or_default();
    pattern.iter().fold(String::new(), |path, segment| {
        path + "/"
            + &match segment {
                Text(text) => (*text).to_owned(),
                Part(before, _, after) => format!("{before}{}{after}", text()),
                Two => format!("{}-{}", text(), text()),
                Whole => text().to_owned(),
                Rest => format!("{}/{}", text(), text()),
            }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn finds_what_trying_them_all_finds(
        patterns in prop::collection::vec(pattern(), 1..9),
        paths in prop::collection::vec(path(), 1..12),
    ) {
        let table = table(&patterns);
        for path in paths.iter().map(|path| made(&patterns, path)) {
            let found = table.find(&path).map(|found| {
                let route = &table.routes[found.route];
                (route.pattern.actix.replace(":.*}", "}*"), found.values.into_vec())
            });
            prop_assert_eq!(found, naive_find(&patterns, &path), "{} in {:?}", path,
                patterns.iter().map(|pattern| written(pattern)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_order_of_registration_is_of_no_matter(
        mut patterns in prop::collection::vec(pattern(), 2..9),
        paths in prop::collection::vec(path(), 1..12),
    ) {
        // But for those that say the same everywhere.
        let mut seen = std::collections::HashSet::new();
        patterns.retain(|pattern| seen.insert(pattern.iter().map(|segment| match segment {
            Text(text) => (*text).to_owned(),
            other => format!("{:?}", other.says()),
        }).collect::<Vec<_>>()));
        let there = table(&patterns);
        let back: Vec<_> = patterns.iter().rev().cloned().collect();
        let back = table(&back);
        for path in paths.iter().map(|path| made(&patterns, path)) {
            let told = |table: &Table| table.find(&path).map(|found| table.routes[found.route].pattern.actix.clone());
            prop_assert_eq!(told(&there), told(&back), "{}", path);
        }
    }
}

#[test]
fn the_empty_path_is_the_prefix_itself() {
    let mut table = Table::default();
    for text in ["", "/", "/{x}"] {
        table.route(Pattern::parse(text).unwrap(), 0, |_| "x").unwrap();
    }
    table.finish_rests();
    let found = |path: &str| table.find(path).map(|found| table.routes[found.route].pattern.actix.clone());
    assert_eq!(found("").as_deref(), Some(""));
    assert_eq!(found("/").as_deref(), Some("/"));
    assert_eq!(found("/a").as_deref(), Some("/{x}"));
}
