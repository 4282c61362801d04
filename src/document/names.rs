//! The names of schemas: from the type and its type arguments, never from the order in which types are met.

use std::collections::BTreeMap;

/// The ids that schemars gives to types without a path.
const PRIMITIVES: [&str; 25] = [
    "boolean",
    "string",
    "char",
    "null",
    "AnyValue",
    "float",
    "double",
    "int8",
    "int16",
    "int32",
    "int64",
    "int128",
    "int",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uint128",
    "uint",
    "ipv4",
    "ipv6",
    "ip",
    "uuid",
    "date-time",
    "date",
];

/// Names a type by its id, such as `app::Page<app::User>`: `Page_User`.
///
/// `assigned` is what the generator called it, a number behind it when the name was taken; `known` are all ids of the
/// document with their assigned names.
pub(super) fn short_name(id: &str, assigned: &str, known: &BTreeMap<String, String>) -> String {
    let (head, arguments) = split(id);
    let last = last_segment(head);
    if !is_numbered(assigned, last) {
        // The type names itself: `#[schemars(rename = "PageOf{T}")]`, or an implementation by hand.
        return valid(base_of(assigned, known));
    }
    let mut name = last.to_owned();
    for argument in arguments.and_then(|arguments| tokens(arguments, known)).unwrap_or_default() {
        name.push('_');
        name.push_str(&argument);
    }
    valid(&name)
}

/// The whole id, for when two short names are the same.
pub(super) fn long_name(id: &str) -> String {
    valid(&id.replace("::", "."))
}

/// Replaces what may not be in a component's key (`^[a-zA-Z0-9._-]+$`).
pub(super) fn valid(name: &str) -> String {
    let (mut out, mut gap) = (String::with_capacity(name.len()), false);
    for c in name.chars() {
        if !is_valid(c) {
            gap = true;
            continue;
        }
        if gap && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        out.push(c);
        gap = false;
    }
    if out.is_empty() { "Schema".to_owned() } else { out }
}

/// Whether a component's key may have that character in it.
pub(super) fn is_valid(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// `app::Page<app::User>` is `app::Page` and `app::User`.
fn split(id: &str) -> (&str, Option<&str>) {
    match id.strip_suffix('>').and_then(|id| id.split_once('<')) {
        Some((head, arguments)) => (head, Some(arguments)),
        None => (id, None),
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// Whether `assigned` is `base`, or `base` with the number that schemars appends (2 or more).
fn is_numbered(assigned: &str, base: &str) -> bool {
    !base.is_empty()
        && assigned.strip_prefix(base).is_some_and(|number| {
            number.is_empty() || number.parse::<u32>().is_ok_and(|n| n > 1 && !number.starts_with(['0', '+']))
        })
}

/// Takes the number away again when the name without it is another type's.
fn base_of<'a>(assigned: &'a str, known: &BTreeMap<String, String>) -> &'a str {
    let base = assigned.trim_end_matches(|c: char| c.is_ascii_digit());
    if base != assigned && is_numbered(assigned, base) && known.values().any(|name| name == base) {
        base
    } else {
        assigned
    }
}

/// The names of type arguments. schemars writes their ids one after another with nothing between, so known ids are
/// looked for first.
fn tokens(text: &str, known: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let text = text.trim_start_matches([',', ' ', ';']);
    let Some(first) = text.chars().next() else { return Some(Vec::new()) };
    let then = |name: String, rest: &str| -> Option<Vec<String>> {
        let mut all = vec![name];
        all.extend(tokens(rest, known)?);
        Some(all)
    };

    for (open, close, word) in [('[', ']', "Array_of"), ('(', ')', "Tuple_of")] {
        if first == open {
            let (inner, rest) = balanced(text, open, close)?;
            return then(format!("{word}_{}", tokens(inner, known)?.join("_")), rest);
        }
    }

    let ids = known.iter().map(|(id, assigned)| (id.as_str(), Some(assigned)));
    let mut whole: Vec<_> = ids
        .chain(PRIMITIVES.iter().map(|id| (*id, None)))
        .filter_map(|(id, assigned)| Some((id, assigned, text.strip_prefix(id)?)))
        .filter(|(_, _, rest)| !rest.starts_with(['_', ':', '<']))
        .collect();
    whole.sort_by_key(|(id, ..)| std::cmp::Reverse(id.len()));
    for (id, assigned, rest) in whole {
        let name = assigned.map_or_else(|| id.to_owned(), |assigned| short_name(id, assigned, known));
        if let Some(all) = then(name, rest) {
            return Some(all);
        }
    }

    let end = text.find(['<', ',', ' ', ';', '[', '(', '>']).unwrap_or(text.len());
    let (path, rest) = text.split_at_checked(end)?;
    if path.is_empty() {
        return None;
    }
    let name = last_segment(path).to_owned();
    if rest.starts_with('<') {
        let (inner, rest) = balanced(rest, '<', '>')?;
        return then(format!("{name}_{}", tokens(inner, known)?.join("_")), rest);
    }
    then(name, rest)
}

/// What stands inside the bracket that `text` begins with, and what stands after it.
fn balanced(text: &str, open: char, close: char) -> Option<(&str, &str)> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some((text.get(open.len_utf8()..at)?, text.get(at + close.len_utf8()..)?));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: &str, assigned: &str, others: &[&str]) -> String {
        let mut known: BTreeMap<String, String> =
            others.iter().map(|id| ((*id).to_owned(), last_segment(split(id).0).to_owned())).collect();
        known.insert(id.to_owned(), assigned.to_owned());
        short_name(id, assigned, &known)
    }

    #[test]
    fn type_arguments_are_in_the_name() {
        let all = ["app::User", "app::Board", "app::Page<app::User>", "app::Page<app::Board>"];
        assert_eq!(name("app::User", "User", &all), "User");
        assert_eq!(name("app::Page<app::User>", "Page", &all), "Page_User");
        assert_eq!(name("app::Page<app::Board>", "Page2", &all), "Page_Board");
        assert_eq!(name("app::Page<[app::User]>", "Page", &all), "Page_Array_of_User");
        assert_eq!(name("app::Page<Option<app::User>>", "Page3", &all), "Page_Option_User");
        assert_eq!(name("app::Cache<app::Page<app::User>>", "Cache", &all), "Cache_Page_User");
        assert_eq!(name("app::Page<Map<uint32>>", "Page", &all), "Page_Map_uint32");
    }

    #[test]
    fn arguments_that_schemars_runs_together_are_told_apart() {
        let all = ["app::User", "app::Board"];
        assert_eq!(name("app::Pair<app::Userapp::Board>", "Pair", &all), "Pair_User_Board");
        assert_eq!(name("app::Pair<stringuint32>", "Pair", &all), "Pair_string_uint32");
        assert_eq!(name("app::Pair<8app::User>", "Pair", &["8", "app::User"]), "Pair_8_User");
        assert_eq!(name("app::Of<string_tools::Text>", "Of", &all), "Of_Text");
    }

    #[test]
    fn a_name_of_the_type_s_own_is_kept() {
        assert_eq!(name("app::PageOf{T}<app::User>", "PageOfUser", &["app::User"]), "PageOfUser");
        assert_eq!(name("actix_charter::Problem", "Problem", &[]), "Problem");
        assert_eq!(name("app::V2", "V2", &["app::V"]), "V2");
        assert_eq!(name("by hand", "Half a name/ü", &[]), "Half_a_name");
        assert_eq!(name("app::__Half__", "__Half__", &[]), "__Half__");
    }
}
