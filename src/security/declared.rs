use std::borrow::Cow;

use super::grants::Grants;

/// What the builder of every scheme is told, whatever the scheme verifies.
#[derive(Debug)]
pub(crate) struct Declared<I> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) realm: Cow<'static, str>,
    pub(crate) grants: Grants<I>,
}

impl<I> Declared<I> {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), realm: Cow::Borrowed("api"), grants: Grants::new() }
    }
}

/// The methods of a builder that are about its field `declared`: `realm`, `named`, `grants`, `known_scopes`. The documentation
/// is the one of `grants`.
macro_rules! declared_by {
    ($scheme:ident<$identity:ident>, $name:literal, $(#[$grants:meta])+) => {
        impl<$identity> $scheme<$identity> {
            $crate::security::declared::declared_by! { @methods $identity, $name, $(#[$grants])+ }
        }
    };
    ($scheme:ident for $identity:ident, $name:literal, $(#[$grants:meta])+) => {
        impl $scheme {
            $crate::security::declared::declared_by! { @methods $identity, $name, $(#[$grants])+ }
        }
    };
    (@methods $identity:ident, $name:literal, $(#[$grants:meta])+) => {
        /// Replaces the realm in the challenge. Default: `api`.
        #[must_use]
        pub fn realm(mut self, realm: impl Into<::std::borrow::Cow<'static, str>>) -> Self {
            self.declared.realm = realm.into();
            self
        }

        #[doc = concat!("Replaces the name in the document. Default: `", $name, "`.")]
        #[must_use]
        pub fn named(mut self, name: impl Into<::std::borrow::Cow<'static, str>>) -> Self {
            self.declared.name = name.into();
            self
        }

        $(#[$grants])+
        #[must_use]
        pub fn grants(mut self, check: impl Fn(&$identity, &str) -> bool + Send + Sync + 'static) -> Self {
            self.declared.grants.set_check(check);
            self
        }

        /// Lists all scopes there are, so that spelling mistakes are found at mounting.
        #[must_use]
        pub fn known_scopes(
            mut self,
            scopes: impl IntoIterator<Item = impl Into<::std::borrow::Cow<'static, str>>>,
        ) -> Self {
            self.declared.grants.set_known(scopes);
            self
        }
    };
}
pub(crate) use declared_by;
