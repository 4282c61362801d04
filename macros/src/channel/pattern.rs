//! The pattern of a channel, as far as a literal can be judged. Mounting judges the same, and conflicts.

use syn::LitStr;

use crate::faults::Faults;

/// The names of the parameters; every fault of the pattern is told.
pub(crate) fn names(pattern: &LitStr, faults: &mut Faults) -> Vec<String> {
    let text = pattern.value();
    let mut names: Vec<String> = Vec::new();
    if text.is_empty() {
        faults.at(pattern, "the names of a channel cannot be empty: `\"room:{id}\"`");
    }
    let mut rest = text.as_str();
    let mut open_ended = false;
    while !rest.is_empty() {
        let Some(inner) = rest.strip_prefix('{') else {
            let (literal, behind) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
            if literal.contains('}') {
                faults.at(pattern, "the pattern has a `}` without a `{` before it");
            } else if !literal.bytes().all(|byte| byte.is_ascii_graphic()) {
                faults.at(pattern, "the names of channels are visible ASCII, without blanks");
            }
            open_ended = false;
            rest = behind;
            continue;
        };
        if open_ended {
            faults.at(pattern, "two parameters need something between them: `{a}:{b}`");
        }
        let Some(close) = closing(inner) else {
            faults.at(pattern, "the pattern has a `{` without its `}`");
            return names;
        };
        let inside = inner.get(..close).unwrap_or_default();
        rest = inner.get(close + 1..).unwrap_or_default();
        let name = inside.split_once(':').map_or(inside, |(name, _)| name);
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            faults.at(
                pattern,
                format!("`{{{inside}}}` is no parameter: write `{{name}}`, or `{{name:regex}}`"),
            );
        } else if names.iter().any(|known| known == name) {
            faults.at(pattern, format!("the pattern has two parameters called `{name}`"));
        } else {
            names.push(name.to_owned());
        }
        open_ended = true;
        if let Some(behind) = rest.strip_prefix('*') {
            if name != inside {
                faults.at(pattern, format!("`{{{name}}}*` takes all that is left, without a regex"));
            }
            if !behind.is_empty() {
                faults.at(
                    pattern,
                    format!("nothing can stand behind `{{{name}}}*`, which takes all that is left"),
                );
                return names;
            }
            rest = behind;
        }
    }
    names
}

fn closing(inner: &str) -> Option<usize> {
    let mut depth = 1_usize;
    inner.bytes().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}
