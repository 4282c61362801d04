use std::{cmp::Reverse, fmt::Write as _};

use actix_router::{Quoter, ResourceDef};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use regex::Regex;

/// What clients encode in a path: the path percent-encode set of the URL standard.
const IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// A path pattern, taken apart once.
///
/// Grammar, as in Actix: literal text, `{name}` for one segment or a part of one, `{name:regex}`, and `{name}*` or
/// `{name:.*}` at the end for the rest of the path, which may be empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pattern {
    /// What `match_pattern()` tells: the pattern as Actix would write it.
    pub(crate) actix: String,
    /// The same with literal text encoded, as it stands in a request.
    encoded: String,
    /// What the document shows: `/users/{id}`.
    pub(crate) template: String,
    /// The names of the parameters, in order.
    pub(crate) names: Vec<String>,
    /// The form for the radix tree, parameters renamed by position; `None` when only a regex can tell.
    pub(crate) radix: Option<String>,
    /// The pattern with its parameters renamed by position: two that differ in names only are the same path.
    pub(crate) key: String,
    /// The text before the first parameter.
    pub(crate) literal: String,
    /// Ends in a rest parameter.
    pub(crate) has_rest: bool,
    rank: Vec<Rank>,
}

/// How much a segment of a pattern says about the path. The first in this order says most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// Text only.
    Literal,
    /// A parameter with a regex, or with text around it: the more text, the more is said.
    Partial(Reverse<usize>),
    /// `{name}`.
    Whole,
    /// `{name}*`.
    Rest,
}

enum Piece {
    Literal(String),
    Parameter { name: String, regex: Option<String>, rest: bool },
}

/// What Actix's matcher can hold in one pattern.
const MAX_PARAMETERS: usize = 16;

impl Pattern {
    /// # Errors
    /// What is wrong with the pattern, to follow the words "the path `..`".
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err("must start with `/`, or be empty".to_owned());
        }
        let mut pattern = Self {
            actix: String::new(),
            encoded: String::new(),
            template: String::new(),
            names: Vec::new(),
            radix: Some(String::new()),
            key: String::new(),
            literal: String::new(),
            has_rest: false,
            rank: Vec::new(),
        };
        // As Actix's matcher compiles it, which would panic where this only fails.
        let mut whole = String::from("(?s-m)^");
        for piece in pieces(text)? {
            match piece {
                Piece::Literal(literal) => {
                    whole.push_str(&regex::escape(&literal));
                    pattern.push_literal(&literal);
                }
                Piece::Parameter { name, regex, rest } => {
                    if pattern.names.contains(&name) {
                        return Err(format!("has two parameters called `{name}`"));
                    }
                    if let Some(regex) = &regex {
                        let compiled = Regex::new(regex)
                            .map_err(|_| format!("has a regex that does not compile: `{regex}`"))?;
                        if compiled.capture_names().flatten().next().is_some() {
                            return Err(format!("has a regex that names a group: `{regex}`"));
                        }
                    }
                    let matcher = if rest { ".*" } else { regex.as_deref().unwrap_or("[^/]+") };
                    let _ = write!(whole, "(?P<{name}>{matcher})");
                    pattern.push_parameter(name, regex.as_deref(), rest);
                }
            }
        }
        if pattern.names.len() > MAX_PARAMETERS {
            return Err(format!("has more than {MAX_PARAMETERS} parameters"));
        }
        Regex::new(&format!("({whole})$"))
            .map_err(|_| "has regexes that do not compile together".to_owned())?;
        pattern.rank = ranks(&pattern.key);
        if pattern.rank.iter().any(|rank| matches!(rank, Rank::Partial(_))) {
            pattern.radix = None;
        }
        Ok(pattern)
    }

    fn push_literal(&mut self, literal: &str) {
        self.actix.push_str(literal);
        self.encoded.extend(utf8_percent_encode(literal, IN_PATH));
        self.template.push_str(literal);
        self.key.push_str(literal);
        if let Some(radix) = &mut self.radix {
            radix.push_str(literal);
        }
        if self.names.is_empty() {
            self.literal.push_str(literal);
        }
    }

    fn push_parameter(&mut self, name: String, regex: Option<&str>, rest: bool) {
        let position = self.names.len();
        let (actix, key, radix) = match (regex, rest) {
            (_, true) => (format!("{{{name}:.*}}"), "{*}".to_owned(), Some(format!("{{*p{position}}}"))),
            (Some(regex), false) => (format!("{{{name}:{regex}}}"), format!("{{:{regex}}}"), None),
            (None, false) => (format!("{{{name}}}"), "{}".to_owned(), Some(format!("{{p{position}}}"))),
        };
        self.actix.push_str(&actix);
        self.encoded.push_str(&actix);
        self.key.push_str(&key);
        let _ = write!(self.template, "{{{name}}}");
        self.radix = self.radix.take().zip(radix).map(|(whole, part)| whole + &part);
        self.has_rest |= rest;
        self.names.push(name);
    }

    pub(crate) fn is_static(&self) -> bool {
        self.names.is_empty()
    }

    /// Actix's own matcher for the pattern. Parsing has made sure that building it cannot panic.
    pub(crate) fn resource_def(&self) -> ResourceDef {
        ResourceDef::new(self.actix.as_str())
    }

    /// For Actix's resource map, which is asked about paths as they were sent: `match_pattern()`, `match_name()`.
    pub(crate) fn map_def(&self) -> ResourceDef {
        if self.encoded == self.actix { self.resource_def() } else { ResourceDef::new(self.forms()) }
    }

    /// For Actix's router and its resource map: the pattern as a prefix.
    pub(crate) fn prefix_def(&self) -> ResourceDef {
        if self.encoded == self.actix {
            ResourceDef::prefix(self.actix.as_str())
        } else {
            ResourceDef::prefix(self.forms())
        }
    }

    fn forms(&self) -> Vec<String> {
        vec![self.actix.clone(), self.encoded.clone()]
    }

    /// Orders patterns as the table prefers them, segment by segment.
    pub(crate) fn rank(&self) -> &[Rank] {
        &self.rank
    }
}

/// The rank of each segment of a pattern's key.
fn ranks(key: &str) -> Vec<Rank> {
    let mut ranks = Vec::new();
    let mut depth = 0_usize;
    let (mut text, mut parameters, mut plain, mut rest) = (0_usize, 0_usize, true, false);
    for c in key.chars().chain(['/']) {
        match c {
            '{' => {
                parameters += usize::from(depth == 0);
                depth += 1;
            }
            '}' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => {
                ranks.push(match (parameters, text) {
                    (0, _) => Rank::Literal,
                    (1, 0) if rest => Rank::Rest,
                    (1, 0) if plain => Rank::Whole,
                    _ => Rank::Partial(Reverse(text)),
                });
                (text, parameters, plain, rest) = (0, 0, true, false);
            }
            '*' if depth == 1 && plain => rest = true,
            _ if depth > 0 => plain = false,
            _ => text += 1,
        }
    }
    ranks
}

fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(open) = rest.find(['{', '}']) else {
            pieces.push(Piece::Literal(literal(rest)?));
            break;
        };
        let (before, from) = rest.split_at(open);
        if from.starts_with('}') {
            return Err("has a `}` without a `{`".to_owned());
        }
        if !before.is_empty() {
            pieces.push(Piece::Literal(literal(before)?));
        }
        let close = closing(from).ok_or("has a `{` without its `}`")?;
        let inner = from.get(1..close).unwrap_or_default();
        rest = from.get(close + 1..).unwrap_or_default();
        let (name, regex) = match inner.split_once(':') {
            Some((name, regex)) => (name, Some(regex.to_owned())),
            None => (inner, None),
        };
        if !is_name(name) {
            return Err(format!(
                "has a parameter called `{name}`; names are letters, digits and `_`, and do not start with a digit"
            ));
        }
        let starred = rest == "*";
        if starred {
            rest = "";
        }
        let is_rest = (starred && regex.is_none()) || (regex.as_deref() == Some(".*") && rest.is_empty());
        if starred && !is_rest {
            return Err("has a `*` after a parameter with a regex; use one or the other".to_owned());
        }
        pieces.push(Piece::Parameter { name: name.to_owned(), regex, rest: is_rest });
    }
    Ok(pieces)
}

fn is_name(name: &str) -> bool {
    let mut all = name.chars();
    all.next().is_some_and(|c| c.is_alphabetic() || c == '_') && all.all(|c| c.is_alphanumeric() || c == '_')
}

/// Where the parameter that starts here ends; a regex may hold braces of its own.
fn closing(from: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in from.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Actix decodes a path before it matches it, all but `%2F`, `%25` and `%2B`. Literal text is brought to the same form.
fn literal(text: &str) -> Result<String, String> {
    thread_local! {
        static AS_ACTIX: Quoter = Quoter::new(b"", b"%/+");
    }
    if text.contains(['?', '#']) {
        return Err("has a `?` or `#`; a pattern is a path only".to_owned());
    }
    if text.ends_with('*') {
        return Err("has a `*` without a parameter; write `{rest}*`".to_owned());
    }
    let decoded = AS_ACTIX.with(|quoter| quoter.requote(text.as_bytes()));
    let decoded = match decoded {
        Some(bytes) => String::from_utf8(bytes).map_err(|_| "has an escape that is not UTF-8".to_owned())?,
        None => text.to_owned(),
    };
    if decoded.contains(['{', '}']) {
        return Err("has an encoded brace, which a pattern cannot hold; use a parameter".to_owned());
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_patterns_apart() {
        for (text, template, radix, names) in [
            ("", "", Some(""), vec![]),
            ("/", "/", Some("/"), vec![]),
            ("/users/{id}", "/users/{id}", Some("/users/{p0}"), vec!["id"]),
            ("/a/{x}/b/{y}", "/a/{x}/b/{y}", Some("/a/{p0}/b/{p1}"), vec!["x", "y"]),
            ("/f/{name}.json", "/f/{name}.json", None, vec!["name"]),
            ("/{a}-{b}", "/{a}-{b}", None, vec!["a", "b"]),
            (r"/n/{id:\d{2,3}}", "/n/{id}", None, vec!["id"]),
            ("/files/{tail}*", "/files/{tail}", Some("/files/{*p0}"), vec!["tail"]),
            ("/files/{tail:.*}", "/files/{tail}", Some("/files/{*p0}"), vec!["tail"]),
            ("/files{tail}*", "/files{tail}", None, vec!["tail"]),
            ("/gr%C3%B6%C3%9Fe", "/größe", Some("/größe"), vec![]),
            ("/a%2Fb%25", "/a%2Fb%25", Some("/a%2Fb%25"), vec![]),
        ] {
            let pattern = Pattern::parse(text).unwrap();
            assert_eq!(pattern.template, template, "{text}");
            assert_eq!(pattern.radix.as_deref(), radix, "{text}");
            assert_eq!(pattern.names, names, "{text}");
            let _ = pattern.resource_def();
        }
    }

    #[test]
    fn ranks_segments() {
        use Rank::{Literal, Partial, Rest, Whole};
        for (text, rank) in [
            ("/a/{x}", vec![Literal, Literal, Whole]),
            (r"/{x:\d{2}}/{y}.js", vec![Literal, Partial(Reverse(0)), Partial(Reverse(3))]),
            ("/{x:a/b}/{y}-{z}", vec![Literal, Partial(Reverse(0)), Partial(Reverse(1))]),
            ("/{x}/{y}*", vec![Literal, Whole, Rest]),
            ("/{x:[a*]+}", vec![Literal, Partial(Reverse(0))]),
            ("/a{y}*", vec![Literal, Partial(Reverse(1))]),
            ("/a/", vec![Literal, Literal, Literal]),
        ] {
            assert_eq!(Pattern::parse(text).unwrap().rank(), rank, "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let many: String = (0..17).map(|at| format!("/{{p{at}}}")).collect();
        for (text, part) in [
            ("users", "start with"),
            ("/{id", "without its"),
            ("/id}", "without a `{`"),
            ("/{a}/{a}", "two parameters"),
            ("/{}", "names are"),
            ("/{a b}", "names are"),
            ("/{1st}", "start with a digit"),
            ("/{a:[}", "does not compile"),
            ("/{a:(?P<b>x)}/{c}", "names a group"),
            ("/{a:(?x)#}", "compile together"),
            ("/x?y", "path only"),
            ("/x*", "without a parameter"),
            ("/{x:a}*", "one or the other"),
            ("/%7Bx%7D", "encoded brace"),
            ("/%FF", "not UTF-8"),
            (many.as_str(), "more than 16"),
        ] {
            let said = Pattern::parse(text).unwrap_err();
            assert!(said.contains(part), "{text}: {said}");
        }
    }
}
