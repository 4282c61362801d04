use std::{any::TypeId, borrow::Cow, fmt};

use super::Scheme;

/// What an endpoint asks of its callers.
///
/// ```
/// use actix_charter::{prelude::*, security::{ApiKey, BearerToken}};
///
/// let api = Router::new("/api").security(Requirement::of::<BearerToken<u64>>().or::<ApiKey<u64>>());
/// # let _ = api;
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub enum Requirement {
    /// Anyone may call.
    #[default]
    Public,
    /// One of these schemes must accept the request. They are asked in this order.
    AnyOf(Vec<SchemeRef>),
    /// The same, but a request without any credentials passes too. Wrong credentials are refused all the same.
    Optional(Vec<SchemeRef>),
}

impl Requirement {
    /// The scheme of this type must accept the request.
    #[must_use]
    pub fn of<S: Scheme>() -> Self {
        Self::AnyOf(vec![SchemeRef::of::<S>()])
    }

    /// Or the scheme of this type, which is asked after the others.
    #[must_use]
    pub fn or<S: Scheme>(mut self) -> Self {
        if let Self::AnyOf(schemes) | Self::Optional(schemes) = &mut self {
            schemes.push(SchemeRef::of::<S>());
        }
        self
    }

    /// The same schemes, each asked for these scopes too.
    pub(crate) fn with_scopes(mut self, scopes: &[Cow<'static, str>]) -> Self {
        if let Self::AnyOf(schemes) | Self::Optional(schemes) = &mut self {
            for scheme in schemes {
                scheme.scopes.extend(scopes.iter().cloned());
            }
        }
        self
    }
}

/// Names a scheme by its type; the value is the one that was given to a router.
///
/// ```
/// use actix_charter::security::{ApiKey, Requirement, SchemeRef};
///
/// let requirement = Requirement::AnyOf(vec![SchemeRef::of::<ApiKey<u64>>().scopes(["users:read"])]);
/// # let _ = requirement;
/// ```
#[derive(Clone)]
pub struct SchemeRef {
    pub(crate) type_id: TypeId,
    pub(crate) type_name: &'static str,
    pub(crate) scopes: Vec<Cow<'static, str>>,
}

impl SchemeRef {
    /// The scheme of this type, without scopes.
    #[must_use]
    pub fn of<S: Scheme>() -> Self {
        Self { type_id: TypeId::of::<S>(), type_name: std::any::type_name::<S>(), scopes: Vec::new() }
    }

    /// Adds scopes, all of which are needed.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<Cow<'static, str>>>) -> Self {
        self.scopes.extend(scopes.into_iter().map(Into::into));
        self
    }
}

impl fmt::Debug for SchemeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SchemeRef")
            .field("scheme", &short_type_name(self.type_name))
            .field("scopes", &self.scopes)
            .finish()
    }
}

/// A type's name as people write it: `a::b::Bearer<c::Claims>` becomes `Bearer<Claims>`.
pub(crate) fn short_type_name(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    let mut segment = 0;
    for c in name.chars() {
        if c == ':' {
            short.truncate(segment);
            continue;
        }
        short.push(c);
        if !(c.is_alphanumeric() || c == '_') {
            segment = short.len();
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_lose_their_paths() {
        assert_eq!(short_type_name("actix_charter::security::Bearer<app::auth::Claims>"), "Bearer<Claims>");
        assert_eq!(short_type_name("a::B<(u8, c::D), &e::F>"), "B<(u8, D), &F>");
        assert_eq!(short_type_name("u32"), "u32");
    }
}
