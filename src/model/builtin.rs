//! Models of the standard library's types.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use super::{CheckContext, Model, PathNames, TypeName, Violations, WireField};
use crate::problem::{MAX_FAULTS, push_pointer};

macro_rules! scalar {
    ($($ty:ty),+ $(,)?) => {$(
        impl Model for $ty {
            const NAME: &'static str = stringify!($ty);
            const PATH: PathNames = PathNames::Single;
        }
    )+};
}

scalar!(
    bool,
    char,
    String,
    &'static str,
    Cow<'static, str>,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64
);

#[cfg(feature = "uuid")]
scalar!(uuid::Uuid);

impl Model for serde_json::Value {
    const NAME: &'static str = "serde_json::Value";
}

impl Model for () {
    const NAME: &'static str = "()";
    const PATH: PathNames = PathNames::Count(0);
}

impl<T: Model> Model for Box<T> {
    const NAME: &'static str = T::NAME;
    const ARGUMENTS: &'static [TypeName] = T::ARGUMENTS;
    const WIRE: &'static [WireField] = T::WIRE;
    const PATH: PathNames = T::PATH;

    fn check(&self, context: &CheckContext<'_>) -> Result<(), Violations> {
        T::check(self, context)
    }
}

impl<T: Model> Model for Vec<T> {
    const NAME: &'static str = "Vec";
    const ARGUMENTS: &'static [TypeName] = &[TypeName::of::<T>()];
    const WIRE: &'static [WireField] = T::WIRE;

    fn check(&self, context: &CheckContext<'_>) -> Result<(), Violations> {
        let mut all = Violations::new();
        for (index, item) in self.iter().enumerate() {
            if let Err(wrong) = item.check(context) {
                all.append_under(&format!("/{index}"), wrong);
                if all.iter().len() > MAX_FAULTS {
                    break;
                }
            }
        }
        all.into_result()
    }
}

macro_rules! map {
    ($($map:ident),+) => {$(
        impl<T: Model> Model for $map<String, T> {
            const NAME: &'static str = "map";
            const ARGUMENTS: &'static [TypeName] = &[TypeName::of::<T>()];
            const WIRE: &'static [WireField] = T::WIRE;

            fn check(&self, context: &CheckContext<'_>) -> Result<(), Violations> {
                let mut all = Violations::new();
                for (key, item) in self {
                    if let Err(wrong) = item.check(context) {
                        let mut prefix = String::new();
                        push_pointer(&mut prefix, key);
                        all.append_under(&prefix, wrong);
                        if all.iter().len() > MAX_FAULTS {
                            break;
                        }
                    }
                }
                all.into_result()
            }
        }
    )+};
}

map!(BTreeMap, HashMap);

macro_rules! tuple {
    ($($count:literal: $($name:ident)+;)+) => {$(
        impl<$($name: Model),+> Model for ($($name,)+) {
            const NAME: &'static str = "tuple";
            const ARGUMENTS: &'static [TypeName] = &[$(TypeName::of::<$name>()),+];
            const PATH: PathNames = PathNames::Count($count);
        }
    )+};
}

tuple! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
}
