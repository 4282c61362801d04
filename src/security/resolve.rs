//! From the schemes that attributes name to the schemes that routers were given.

use std::{any::TypeId, borrow::Cow, sync::Arc};

use super::{
    Requirement, SchemeRef,
    chain::{Chain, ErasedScheme},
    requirement::short_type_name,
};

/// The chain that a requirement asks for; `None` when anyone may call. Several registered schemes of the type that is asked
/// for become alternatives.
///
/// # Errors
/// Everything that is wrong, a sentence each.
pub(crate) fn resolve(
    requirement: &Requirement,
    registered: &[Arc<dyn ErasedScheme>],
) -> Result<Option<Chain>, Vec<String>> {
    let (wanted, optional) = match requirement {
        Requirement::Public => return Ok(None),
        Requirement::AnyOf(wanted) => (wanted, false),
        Requirement::Optional(wanted) => (wanted, true),
    };
    let mut chain = Chain { alternatives: Vec::new(), optional };
    let mut faults = Vec::new();
    if wanted.is_empty() {
        // An empty list would refuse everyone, or no one; neither was meant.
        faults.push("no scheme is named; name one, or make the endpoint public".to_owned());
    }
    for one in wanted {
        let found = registered.iter().filter(|scheme| scheme.scheme_type() == one.type_id);
        let before = chain.alternatives.len();
        for scheme in found {
            check_scopes(one, scheme.as_ref(), &mut faults);
            chain.alternatives.push((Arc::clone(scheme), one.scopes.clone()));
        }
        if chain.alternatives.len() == before {
            let name = short_type_name(one.type_name);
            let short = name.split('<').next().unwrap_or(&name);
            faults.push(format!(
                "`{name}` is asked for but no router above was given one: add `.scheme({short}::..)`"
            ));
        }
    }
    if faults.is_empty() { Ok(Some(chain)) } else { Err(faults) }
}

/// What is wrong with the schemes of a router, whoever uses them: names that the document could not tell apart.
pub(crate) fn check_registered(registered: &[Arc<dyn ErasedScheme>]) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, scheme) in registered.iter().enumerate() {
        let name = scheme.name();
        if registered.iter().take(index).any(|earlier| earlier.name() == name) {
            faults.push(format!(
                "two security schemes are called `{name}`: give one another name with `.named(..)`"
            ));
        }
        let is_key =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if !is_key {
            faults.push(format!(
                "the security scheme's name `{name}` must be made of letters, digits, `.`, `_` and `-` to be in the document"
            ));
        }
    }
    faults
}

/// What is wrong with the type of identity that an endpoint takes: every scheme that may accept a request must find such a
/// one. `None` as a chain is an endpoint that anyone may call.
pub(crate) fn check_identity(wanted: Option<(TypeId, &'static str)>, chain: Option<&Chain>) -> Vec<String> {
    let Some((wanted, wanted_name)) = wanted else { return Vec::new() };
    let taken = short_type_name(wanted_name);
    let Some(chain) = chain else {
        return vec![format!(
            "`Identity<{taken}>` is taken, but no scheme is asked: name one with `security = ..`"
        )];
    };
    let mut faults = Vec::new();
    for (scheme, _) in &chain.alternatives {
        let (found, found_name) = scheme.identity_type();
        if found != wanted {
            let (name, found) = (scheme.name(), short_type_name(found_name));
            faults.push(format!("`Identity<{taken}>` is taken, but the scheme `{name}` finds `{found}`"));
        }
    }
    faults
}

fn check_scopes(one: &SchemeRef, scheme: &dyn ErasedScheme, faults: &mut Vec<String>) {
    let name = scheme.name();
    let known = scheme.known_scopes();
    for scope in &one.scopes {
        // RFC 6749 §3.3; anything else would end the quoted string in a challenge, or be two scopes.
        let is_token =
            !scope.is_empty() && scope.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        if !is_token {
            faults.push(format!("`{scope}` cannot be a scope: it must be printable ASCII without spaces, quotes and backslashes"));
            continue;
        }
        let Some(known) = &known else { continue };
        if known.contains(scope) {
            continue;
        }
        faults.push(match nearest(scope, known) {
            Some(nearest) => format!("`{name}` does not know the scope `{scope}`; did you mean `{nearest}`?"),
            None if known.is_empty() => {
                format!(
                    "`{name}` knows no scopes, but `{scope}` is asked for: add `.grants(..)` to the scheme"
                )
            }
            None => format!("`{name}` does not know the scope `{scope}`; it knows `{}`", known.join("`, `")),
        });
    }
}

/// The known scope that is a few letters away at most.
fn nearest<'a>(scope: &str, known: &'a [Cow<'static, str>]) -> Option<&'a str> {
    let (distance, found) =
        known.iter().map(|k| (distance(scope, k), k)).min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + scope.len() / 5).then_some(found)
}

/// The edit distance between two texts, by bytes.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, pair) in b.bytes().zip(row.windows(2)) {
            if let [diagonal, above] = pair {
                left = (diagonal + usize::from(x != y)).min(above + 1).min(left + 1);
                next.push(left);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
#[path = "tests/resolve.rs"]
mod tests;
