//! What can be known before a request comes: as constants that do not compile, and again at mounting for what was
//! declared by hand.
#![allow(clippy::indexing_slicing, reason = "`get` is not const; every index is held below the length")]

mod text;

pub use text::Text;

use super::{Input, OperationSpec, Rule, Rules};
use crate::{
    model::{PathNames, TypeName},
    request::ArgumentKind,
    response::{Content, Declared},
};

/// Whether a request with this method has a body that means anything (RFC 9110 §9.3).
#[must_use]
pub const fn method_takes_body(method: &str) -> bool {
    !(same(method, "GET")
        || same(method, "HEAD")
        || same(method, "DELETE")
        || same(method, "CONNECT")
        || same(method, "TRACE"))
}

/// Whether the argument reads the body.
#[must_use]
pub const fn is_body(kind: ArgumentKind) -> bool {
    matches!(kind, ArgumentKind::Body)
}

/// Whether one of these arguments reads the body.
#[must_use]
pub const fn any_body(kinds: &[ArgumentKind]) -> bool {
    let mut at = 0;
    while at < kinds.len() {
        if is_body(kinds[at]) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether the argument takes the caller's identity.
#[must_use]
pub const fn is_identity(kind: ArgumentKind) -> bool {
    matches!(kind, ArgumentKind::Identity)
}

/// Whether one of these arguments takes the caller's identity.
#[must_use]
pub const fn any_identity(kinds: &[ArgumentKind]) -> bool {
    let mut at = 0;
    while at < kinds.len() {
        if is_identity(kinds[at]) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether what the argument reads from the path is what the path has.
#[must_use]
pub const fn path_fits(names: &[&str], kind: ArgumentKind) -> bool {
    match kind {
        ArgumentKind::Path(PathNames::Single) => names.len() == 1,
        ArgumentKind::Path(PathNames::Count(count)) => names.len() == count,
        ArgumentKind::Path(PathNames::Names { required, optional }) => named_fit(names, required, optional),
        _ => true,
    }
}

/// Says what the path has and what the argument reads.
#[must_use]
pub const fn path_fault(path: &str, names: &[&str], kind: ArgumentKind) -> Text {
    pattern_fault(Text::new().and("the path `").and(path).and("` has "), names, kind)
}

/// The same of a channel's name.
#[must_use]
pub const fn channel_fault(pattern: &str, names: &[&str], kind: ArgumentKind) -> Text {
    pattern_fault(Text::new().and("the channel `").and(pattern).and("` has "), names, kind)
}

const fn pattern_fault(text: Text, names: &[&str], kind: ArgumentKind) -> Text {
    let text = match names.len() {
        0 => text.and("no parameters"),
        1 => text.and("the parameter ").list(names),
        _ => text.and("the parameters ").list(names),
    };
    let text = text.and(", this type reads ");
    match kind {
        ArgumentKind::Path(PathNames::Single) => text.and("exactly one"),
        ArgumentKind::Path(PathNames::Count(1)) => text.and("one, in a tuple"),
        ArgumentKind::Path(PathNames::Count(count)) => text.number(count).and(", in a tuple"),
        ArgumentKind::Path(PathNames::Names { required, optional }) => {
            let text = if required.is_empty() { text.and("none") } else { text.list(required) };
            if optional.is_empty() { text } else { text.and(", and may read ").list(optional) }
        }
        _ => text,
    }
}

/// Says that the status has no body.
#[must_use]
pub const fn bodiless_fault(status: u16) -> Text {
    Text::new()
        .and("an answer with status ")
        .number(status as usize)
        .and(" has no body (RFC 9110 §6.4.1): return `NoContent`, `NotModified` or their like")
}

/// Says that one status has two contents.
#[must_use]
pub const fn ambiguous_fault(status: u16) -> Text {
    Text::new()
        .and("status ")
        .number(status as usize)
        .and(" is declared with two different contents: give one of them another status, or return one type for both")
}

const fn named_fit(names: &[&str], required: &[&str], optional: &[&str]) -> bool {
    let mut at = 0;
    while at < required.len() {
        if !contains(names, required[at]) {
            return false;
        }
        at += 1;
    }
    let mut at = 0;
    while at < names.len() {
        if !contains(required, names[at]) && !contains(optional, names[at]) {
            return false;
        }
        at += 1;
    }
    true
}

/// The first status that is declared with a body although it cannot have one, or 0.
#[must_use]
pub const fn body_on_bodiless(declared: &Declared, default_status: u16) -> u16 {
    match declared {
        Declared::Unknown => 0,
        Declared::One(status, content) => {
            let status = if *status == 0 { default_status } else { *status };
            if is_bodiless(status) && !matches!(content, Content::Empty) { status } else { 0 }
        }
        Declared::All(all) => {
            let mut at = 0;
            while at < all.len() {
                let found = body_on_bodiless(&all[at], default_status);
                if found != 0 {
                    return found;
                }
                at += 1;
            }
            0
        }
        Declared::Both(a, b) => {
            let found = body_on_bodiless(a, default_status);
            if found != 0 { found } else { body_on_bodiless(b, default_status) }
        }
    }
}

/// Whether a status is declared that is none: not from 100 to 599. 0 stands for the default.
#[must_use]
pub const fn out_of_range(declared: &Declared) -> bool {
    match declared {
        Declared::Unknown => false,
        Declared::One(status, _) => !matches!(status, 0 | 100..=599),
        Declared::All(all) => {
            let mut at = 0;
            while at < all.len() {
                if out_of_range(&all[at]) {
                    return true;
                }
                at += 1;
            }
            false
        }
        Declared::Both(a, b) => out_of_range(a) || out_of_range(b),
    }
}

/// 1xx, 204, 205 and 304 have no body (RFC 9110 §6.4.1, §15.3.6).
#[must_use]
pub const fn is_bodiless(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 205 | 304)
}

/// The first status that is declared with two different contents, or 0.
#[must_use]
pub const fn ambiguous_status(part: &Declared, whole: &Declared, default_status: u16) -> u16 {
    match part {
        Declared::Unknown => 0,
        Declared::One(status, content) => {
            let status = if *status == 0 { default_status } else { *status };
            if disagrees(whole, status, content, default_status) { status } else { 0 }
        }
        Declared::All(all) => {
            let mut at = 0;
            while at < all.len() {
                let found = ambiguous_status(&all[at], whole, default_status);
                if found != 0 {
                    return found;
                }
                at += 1;
            }
            0
        }
        Declared::Both(a, b) => {
            let found = ambiguous_status(a, whole, default_status);
            if found != 0 { found } else { ambiguous_status(b, whole, default_status) }
        }
    }
}

const fn disagrees(declared: &Declared, status: u16, content: &Content, default_status: u16) -> bool {
    match declared {
        Declared::Unknown => false,
        Declared::One(other, other_content) => {
            let other = if *other == 0 { default_status } else { *other };
            other == status && !same_content(content, other_content)
        }
        Declared::All(all) => {
            let mut at = 0;
            while at < all.len() {
                if disagrees(&all[at], status, content, default_status) {
                    return true;
                }
                at += 1;
            }
            false
        }
        Declared::Both(a, b) => {
            disagrees(a, status, content, default_status) || disagrees(b, status, content, default_status)
        }
    }
}

const fn same_content(a: &Content, b: &Content) -> bool {
    match (a, b) {
        (Content::Empty, Content::Empty)
        | (Content::Problem, Content::Problem)
        | (Content::Any, Content::Any) => true,
        (Content::Model(a), Content::Model(b)) => a.same(b),
        _ => false,
    }
}

/// Whether one of the answers that are no errors is nothing at all.
#[must_use]
pub const fn gives_nothing(declared: &Declared) -> bool {
    match declared {
        Declared::Unknown => false,
        Declared::One(status, content) => {
            *status < 400
                && match content {
                    Content::Empty => true,
                    Content::Model(name) => name.same(&TypeName::of::<()>()),
                    Content::Problem | Content::Any => false,
                }
        }
        Declared::All(all) => {
            let mut at = 0;
            while at < all.len() {
                if gives_nothing(&all[at]) {
                    return true;
                }
                at += 1;
            }
            false
        }
        Declared::Both(a, b) => gives_nothing(a) || gives_nothing(b),
    }
}

/// Whether nothing tells what is answered.
#[must_use]
pub const fn is_unknown(declared: &Declared) -> bool {
    match declared {
        Declared::Unknown => true,
        Declared::One(..) => false,
        Declared::All(all) => {
            let mut at = 0;
            while at < all.len() {
                if is_unknown(&all[at]) {
                    return true;
                }
                at += 1;
            }
            false
        }
        Declared::Both(a, b) => is_unknown(a) || is_unknown(b),
    }
}

const fn contains(list: &[&str], wanted: &str) -> bool {
    let mut at = 0;
    while at < list.len() {
        if same(list[at], wanted) {
            return true;
        }
        at += 1;
    }
    false
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The same checks at mounting, for operations that were declared by hand.
pub(crate) fn declaration_faults(
    declared: &Declared,
    spec: &OperationSpec,
    allowed: Rules,
    default_status: u16,
) -> Vec<String> {
    let mut faults = Vec::new();
    let method = spec.method.as_str();
    let bodies = spec.inputs.iter().filter(|input| matches!(input, Input::Body { .. })).count();
    if bodies > 1 {
        faults.push("two arguments read the request body; it can be read once".to_owned());
    }
    if bodies > 0 && !method_takes_body(method) && !allowed.has(Rule::EmptyRequestBody) {
        faults
            .push(format!("{method} requests have no body; read the query, or `allow(empty_request_body)`"));
    }
    if out_of_range(declared) {
        faults.push("a status is a number from 100 to 599".to_owned());
    }
    let status = body_on_bodiless(declared, default_status);
    if status != 0 && !allowed.has(Rule::EmptyResponseBody) {
        faults.push(format!("{status} is declared with a body, and cannot have one"));
    }
    let status = ambiguous_status(declared, declared, default_status);
    if status != 0 && !allowed.has(Rule::StatusContent) {
        faults.push(format!("{status} is declared twice with different content"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TypeName;

    const USER: Declared = Declared::One(0, Content::Model(TypeName::plain("User")));
    const BOARD: Declared = Declared::One(200, Content::Model(TypeName::plain("Board")));
    const NO_CONTENT: Declared = Declared::One(204, Content::Model(TypeName::plain("User")));
    const PROBLEM: Declared = Declared::One(404, Content::Problem);

    #[test]
    fn finds_what_cannot_be() {
        assert_eq!(body_on_bodiless(&Declared::Both(&USER, &NO_CONTENT), 200), 204);
        assert_eq!(body_on_bodiless(&Declared::Both(&USER, &PROBLEM), 200), 0);
        assert_eq!(body_on_bodiless(&USER, 204), 204);
        let twice = Declared::All(&[USER, PROBLEM, BOARD]);
        assert_eq!(ambiguous_status(&twice, &twice, 200), 200);
        assert_eq!(ambiguous_status(&twice, &twice, 201), 0);
    }

    #[test]
    fn compares_path_names() {
        let names = |required, optional| ArgumentKind::Path(PathNames::Names { required, optional });
        assert!(path_fits(&["id"], ArgumentKind::Path(PathNames::Single)));
        assert!(!path_fits(&["a", "b"], ArgumentKind::Path(PathNames::Single)));
        assert!(path_fits(&["a", "b"], ArgumentKind::Path(PathNames::Count(2))));
        assert!(path_fits(&["id"], names(&["id"], &[])));
        assert!(path_fits(&["id"], names(&["id"], &["lang"])));
        assert!(!path_fits(&["user"], names(&["id"], &[])));
        assert!(!path_fits(&["id", "user"], names(&["id"], &[])));
    }

    #[test]
    fn says_what_the_path_has_and_what_is_read() {
        let fault = path_fault("/a/{x}/{y}", &["x", "y"], ArgumentKind::Path(PathNames::Count(3)));
        assert_eq!(
            fault.as_str(),
            "the path `/a/{x}/{y}` has the parameters `x` and `y`, this type reads 3, in a tuple"
        );
        let names = PathNames::Names { required: &["id"], optional: &["lang"] };
        let fault = path_fault("/a", &[], ArgumentKind::Path(names));
        assert_eq!(
            fault.as_str(),
            "the path `/a` has no parameters, this type reads `id`, and may read `lang`"
        );
    }

    #[test]
    fn a_list_is_another_content_than_its_items() {
        use crate::response::{OneOf, Replies};
        const LIST_OR_ITEM: Declared = <OneOf<(Vec<String>, String)> as Replies>::DECLARED;
        const TWICE: Declared = <OneOf<(Vec<String>, Vec<String>)> as Replies>::DECLARED;
        assert_eq!(ambiguous_status(&LIST_OR_ITEM, &LIST_OR_ITEM, 200), 200);
        assert_eq!(ambiguous_status(&TWICE, &TWICE, 200), 0);
    }
}
