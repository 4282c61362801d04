use actix_router::ResourceDef;
use percent_encoding::percent_decode_str;
use regex::Regex;

/// A path pattern, taken apart once.
///
/// Grammar, as in Actix: literal text, `{name}` for one segment or a part of one, `{name:regex}`, and `{name}*` or
/// `{name:.*}` at the end for the rest of the path, which may be empty.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    /// What `match_pattern()` tells: the pattern as Actix would write it.
    pub(crate) actix: String,
    /// What the document shows: `/users/{id}`.
    pub(crate) template: String,
    /// The names of the parameters, in order.
    pub(crate) names: Vec<String>,
    /// The form for the radix tree, parameters renamed by position; `None` when only a regex can tell.
    pub(crate) radix: Option<String>,
    /// Ends in a rest parameter.
    pub(crate) has_rest: bool,
}

enum Piece {
    Literal(String),
    Parameter { name: String, regex: Option<String>, rest: bool },
}

impl Pattern {
    /// # Errors
    /// What is wrong with the pattern, to follow the words "the path `..`".
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err("must start with `/`, or be empty".to_owned());
        }
        let pieces = pieces(text)?;
        let mut pattern = Self {
            actix: String::new(),
            template: String::new(),
            names: Vec::new(),
            radix: Some(String::new()),
            has_rest: false,
        };
        // A parameter that follows another one in the same segment is beyond the radix tree.
        let mut parameter_in_segment = false;
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => {
                    if literal.contains('/') {
                        parameter_in_segment = false;
                    }
                    pattern.actix.push_str(&literal);
                    pattern.template.push_str(&literal);
                    if let Some(radix) = &mut pattern.radix {
                        radix.push_str(&literal);
                    }
                }
                Piece::Parameter { name, regex, rest } => {
                    if pattern.names.contains(&name) {
                        return Err(format!("has two parameters called `{name}`"));
                    }
                    pattern.template.push_str(&format!("{{{name}}}"));
                    let position = pattern.names.len();
                    match (&regex, rest) {
                        (_, true) => {
                            let whole_segment = pattern.actix.ends_with('/');
                            pattern.actix.push_str(&format!("{{{name}:.*}}"));
                            pattern.has_rest = true;
                            match &mut pattern.radix {
                                Some(radix) if whole_segment => radix.push_str(&format!("{{*p{position}}}")),
                                radix => *radix = None,
                            }
                        }
                        (Some(regex), false) => {
                            Regex::new(regex)
                                .map_err(|_| format!("has a regex that does not compile: `{regex}`"))?;
                            pattern.actix.push_str(&format!("{{{name}:{regex}}}"));
                            pattern.radix = None;
                        }
                        (None, false) => {
                            pattern.actix.push_str(&format!("{{{name}}}"));
                            match &mut pattern.radix {
                                Some(radix) if !parameter_in_segment => {
                                    radix.push_str(&format!("{{p{position}}}"))
                                }
                                radix => *radix = None,
                            }
                        }
                    }
                    parameter_in_segment = true;
                    pattern.names.push(name);
                }
            }
        }
        Ok(pattern)
    }

    pub(crate) fn is_static(&self) -> bool {
        self.names.is_empty()
    }

    /// Actix's own matcher for the pattern. Parsing has made sure that building it cannot panic.
    pub(crate) fn resource_def(&self) -> ResourceDef {
        ResourceDef::new(self.actix.as_str())
    }

    /// Orders patterns as the table prefers them: literal text before parameters, parameters before rests.
    pub(crate) fn rank(&self) -> Vec<(u8, String)> {
        self.template
            .split('/')
            .map(|segment| match segment.find('{') {
                None => (0, segment.to_owned()),
                Some(_) if self.has_rest && self.template.ends_with(segment) => (3, String::new()),
                Some(_) if self.radix.is_none() => (1, String::new()),
                Some(_) => (2, String::new()),
            })
            .collect()
    }
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
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Err(format!("has a parameter called `{name}`; names are letters, digits and `_`"));
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

/// Actix matches decoded paths, so an encoded literal is decoded here.
fn literal(text: &str) -> Result<String, String> {
    if text.contains(['?', '#']) {
        return Err("has a `?` or `#`; a pattern is a path only".to_owned());
    }
    percent_decode_str(text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| "has an escape that is not UTF-8".to_owned())
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
            ("/f/{name}.json", "/f/{name}.json", Some("/f/{p0}.json"), vec!["name"]),
            ("/{a}-{b}", "/{a}-{b}", None, vec!["a", "b"]),
            (r"/n/{id:\d{2,3}}", "/n/{id}", None, vec!["id"]),
            ("/files/{tail}*", "/files/{tail}", Some("/files/{*p0}"), vec!["tail"]),
            ("/files/{tail:.*}", "/files/{tail}", Some("/files/{*p0}"), vec!["tail"]),
            ("/gr%C3%B6%C3%9Fe", "/größe", Some("/größe"), vec![]),
        ] {
            let pattern = Pattern::parse(text).unwrap();
            assert_eq!(pattern.template, template, "{text}");
            assert_eq!(pattern.radix.as_deref(), radix, "{text}");
            assert_eq!(pattern.names, names, "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, part) in [
            ("users", "start with"),
            ("/{id", "without its"),
            ("/id}", "without a `{`"),
            ("/{a}/{a}", "two parameters"),
            ("/{}", "names are"),
            ("/{a b}", "names are"),
            ("/{a:[}", "does not compile"),
            ("/x?y", "path only"),
            ("/{x:a}*", "one or the other"),
        ] {
            let said = Pattern::parse(text).unwrap_err();
            assert!(said.contains(part), "{text}: {said}");
        }
    }
}
