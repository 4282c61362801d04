use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// A type's schema as plain data: three function pointers, so that metadata needs no generics.
#[derive(Clone, Copy)]
pub struct SchemaOf {
    name: fn() -> Cow<'static, str>,
    id: fn() -> Cow<'static, str>,
    inline: fn() -> bool,
    generate: fn(&mut SchemaGenerator) -> Schema,
}

impl SchemaOf {
    /// The schema of `T`.
    #[must_use]
    pub const fn of<T: JsonSchema + ?Sized>() -> Self {
        Self {
            name: T::schema_name,
            id: T::schema_id,
            inline: T::inline_schema,
            generate: |generator| generator.subschema_for::<T>(),
        }
    }

    /// The name that the type gives itself.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        (self.name)()
    }

    /// What tells the type from all others, its type arguments included.
    #[must_use]
    pub fn id(&self) -> Cow<'static, str> {
        (self.id)()
    }

    /// Whether the type has no component of its own and is written in place.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        (self.inline)()
    }

    /// The schema, or a reference to it in the generator's definitions.
    pub fn generate(&self, generator: &mut SchemaGenerator) -> Schema {
        (self.generate)(generator)
    }
}

impl fmt::Debug for SchemaOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SchemaOf").field(&self.id()).finish()
    }
}

impl PartialEq for SchemaOf {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for SchemaOf {}
