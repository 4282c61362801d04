//! The path of an endpoint, as far as a literal can be judged.

use proc_macro2::Span;
use syn::LitStr;

use crate::faults::Faults;

/// The names of the parameters in a path; every fault of the path is told.
pub(crate) fn names(path: &LitStr, faults: &mut Faults) -> Vec<String> {
    let text = path.value();
    let mut names: Vec<String> = Vec::new();
    if !text.is_empty() && !text.starts_with('/') {
        faults.at(path, format!("a path starts with `/`: `\"/{text}\"`"));
    }
    if text.contains(['?', '#']) {
        faults.at(path, "a path has no `?` and no `#`; the query is read with `Query<T>`");
    }
    let mut rest = text.as_str();
    while let Some(open) = rest.find(['{', '}']) {
        let from = rest.get(open..).unwrap_or_default();
        if from.starts_with('}') {
            faults.at(path, "the path has a `}` without a `{` before it");
            break;
        }
        let Some(close) = closing(from) else {
            faults.at(path, "the path has a `{` without its `}`");
            break;
        };
        let inner = from.get(1..close).unwrap_or_default();
        rest = from.get(close + 1..).unwrap_or_default();
        let name = inner.split_once(':').map_or(inner, |(name, _)| name);
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            faults.at(path, format!("`{{{inner}}}` is no parameter: write `{{name}}`, or `{{name:regex}}`"));
        } else if names.iter().any(|known| known == name) {
            faults.at(path, format!("the path has two parameters called `{name}`"));
        } else {
            names.push(name.to_owned());
        }
    }
    names
}

fn closing(from: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in from.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The path as a radix tree would see it, to find doubled ones: parameter names do not count.
pub(crate) fn shape(path: &str) -> String {
    let mut shape = String::new();
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        let from = rest.get(open..).unwrap_or_default();
        shape.push_str(rest.get(..open).unwrap_or_default());
        let Some(close) = closing(from) else { break };
        let inner = from.get(1..close).unwrap_or_default();
        shape.push('{');
        shape.push_str(inner.split_once(':').map_or("", |(_, regex)| regex));
        shape.push('}');
        rest = from.get(close + 1..).unwrap_or_default();
    }
    shape.push_str(rest);
    shape
}

pub(crate) fn empty() -> LitStr {
    LitStr::new("", Span::call_site())
}
