//! Questions that generated code asks of types it knows only by name.
#![allow(missing_docs, reason = "generated code calls it, nobody else")]

use std::{fmt::Display, marker::PhantomData};

use super::{CheckContext, Model, PathNames, Violations, WireField};

/// Asks whether a type is a model. `Probe::<T>::WIRE` is the inherent constant when it is, else the trait's.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T: Model> Probe<T> {
    pub const WIRE: &'static [WireField] = T::WIRE;
    pub const PATH: PathNames = T::PATH;

    /// See [`Model::check`].
    pub fn check(value: &T, context: &CheckContext<'_>) -> Result<(), Violations> {
        value.check(context)
    }

    /// See [`Model::check_functions`].
    pub fn check_functions(value: &T, context: &CheckContext<'_>) -> Result<(), Violations> {
        value.check_functions(context)
    }
}

/// The answers for what is not a model.
pub trait NotAModel<T> {
    const WIRE: &'static [WireField] = &[];
    const PATH: PathNames = PathNames::Single;

    fn check(_: &T, _: &CheckContext<'_>) -> Result<(), Violations> {
        Ok(())
    }

    fn check_functions(_: &T, _: &CheckContext<'_>) -> Result<(), Violations> {
        Ok(())
    }
}

impl<T> NotAModel<T> for Probe<T> {}

/// Asks whether a map's key can be told in a pointer: `(&Key(key)).text()`.
#[derive(Debug)]
pub struct Key<'a, K>(pub &'a K);

pub trait TextKey {
    fn text(&self) -> Option<String>;
}

impl<K: Display> TextKey for Key<'_, K> {
    fn text(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

pub trait AnyKey {
    fn text(&self) -> Option<String>;
}

impl<K> AnyKey for &Key<'_, K> {
    fn text(&self) -> Option<String> {
        None
    }
}

/// What rules are given besides the value: application data, bare or in `web::Data`.
#[must_use]
pub fn check_data<'a, T: 'static>(context: &CheckContext<'a>) -> Option<&'a T> {
    let data = context
        .app_data::<T>()
        .or_else(|| context.app_data::<actix_web::web::Data<T>>().map(|data| data.get_ref()));
    if data.is_none() {
        tracing::error!(
            target: "actix_charter::model",
            data = std::any::type_name::<T>(),
            "rules need application data that is not there; register it with `app_data`"
        );
    }
    data
}
