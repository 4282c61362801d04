use super::Model;

/// A type as the compiler can compare it: its name and its type arguments. `Vec<User>` is not `User`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeName {
    name: &'static str,
    arguments: &'static [Self],
}

impl TypeName {
    /// The name of `T`.
    ///
    /// ```
    /// use actix_charter::model::TypeName;
    /// assert!(TypeName::of::<Vec<String>>().same(&TypeName::of::<Vec<String>>()));
    /// assert!(!TypeName::of::<Vec<String>>().same(&TypeName::of::<String>()));
    /// ```
    #[must_use]
    pub const fn of<T: Model>() -> Self {
        Self { name: T::NAME, arguments: T::ARGUMENTS }
    }

    /// A type without arguments.
    #[cfg(test)]
    pub(crate) const fn plain(name: &'static str) -> Self {
        Self { name, arguments: &[] }
    }

    /// Whether both name the same type; `==` for constants.
    #[must_use]
    #[allow(
        clippy::indexing_slicing,
        reason = "constants know neither iterators nor `get`; the lengths are compared"
    )]
    pub const fn same(&self, other: &Self) -> bool {
        let (a, b) = (self.name.as_bytes(), other.name.as_bytes());
        if a.len() != b.len() || self.arguments.len() != other.arguments.len() {
            return false;
        }
        let mut at = 0;
        while at < a.len() {
            if a[at] != b[at] {
                return false;
            }
            at += 1;
        }
        let mut at = 0;
        while at < self.arguments.len() {
            if !self.arguments[at].same(&other.arguments[at]) {
                return false;
            }
            at += 1;
        }
        true
    }
}
