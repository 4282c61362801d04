//! Query, path, headers and cookies: named text values, each read into one model.

use actix_web::{HttpMessage, HttpRequest};
use derive_more::{Deref, DerefMut};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::{
    ArgumentKind, Call, Component, Refusal, checked,
    explain::explain_pairs,
    flat::{Pairs, read_pairs},
};
use crate::{
    endpoint::{Input, OperationSpec},
    model::{Model, PathNames, SchemaOf, WireField},
    problem::{Fault, Faults, In},
    security::TakenFromQuery,
};

macro_rules! parameters {
    ($($(#[$doc:meta])* $name:ident $location:ident $kind:expr, $pairs:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deref, DerefMut)]
        pub struct $name<T>(pub T);

        impl<T> $name<T> {
            /// The value.
            pub fn into_inner(self) -> T {
                self.0
            }
        }

        impl<T: DeserializeOwned + Model> Component for $name<T> {
            const KIND: ArgumentKind = $kind;

            fn describe(spec: &mut OperationSpec) {
                describe(spec, In::$location, SchemaOf::of::<T>(), T::WIRE, false);
            }

            async fn extract(call: &mut Call) -> Result<Self, Refusal> {
                let pairs = $pairs::<T>(call)?;
                read::<T>(In::$location, &pairs, &call.request).map(Self)
            }
        }
    )+};
}

parameters! {
    /// The query string, read into one model.
    ///
    /// Repeated keys fill a list; a single value takes the last. `#[model(commas)]` splits one value at commas,
    /// `#[model(null)]` takes the literal text `null` for null. Refused with 400 when it does not fit; tells all faults.
    /// `Option<Query<T>>` is `None` when none of the model's names is there.
    ///
    /// ```
    /// use actix_charter::prelude::*;
    /// # use serde::Deserialize;
    /// # use schemars::JsonSchema;
    /// #[derive(Deserialize, JsonSchema, Model)]
    /// struct Search {
    ///     text: String,
    ///     #[serde(default)]
    ///     label: Vec<String>,
    /// }
    /// # struct S;
    /// # #[controller] impl S {
    /// #[get("/search")]
    /// async fn search(&self, search: Query<Search>) -> Vec<String> {
    ///     search.0.label
    /// }
    /// # }
    /// # Router::new("").controller(S).check().unwrap();
    /// ```
    Query Query ArgumentKind::Other, query;
    /// The path's parameters, read into a single value, a tuple, or a model by name.
    ///
    /// The names are compared with the path's at compile time. Refused with 400 when a value does not fit. Below a prefix
    /// with parameters, `Router::new("/{tenant}")`, a single value and a tuple are the endpoint's own parameters; a model may
    /// name the prefix's too, with `allow(path_names)`, as the compiler does not see where a controller is mounted.
    ///
    /// ```
    /// use actix_charter::prelude::*;
    /// # struct S;
    /// # #[controller] impl S {
    /// #[get("/boards/{board}/cards/{card}")]
    /// async fn card(&self, Path((board, card)): Path<(u32, u32)>) -> Vec<u32> {
    ///     vec![board, card]
    /// }
    /// # }
    /// # Router::new("").controller(S).check().unwrap();
    /// ```
    Path Path ArgumentKind::Path(T::PATH), path;
    /// Request headers, read into one model; names are compared without regard to case.
    ///
    /// `#[serde(rename = "X-Request-Id")]` names a header. A repeated header fills a list; `#[model(commas)]` splits one at
    /// commas. Refused with 400 when they do not fit.
    Headers Header ArgumentKind::Other, headers;
    /// Cookies, read into one model; names are compared exactly. Refused with 400 when they do not fit.
    Cookies Cookie ArgumentKind::Other, cookies;
}

macro_rules! optional {
    ($($name:ident $location:ident $pairs:ident;)+) => {$(
        impl<T: DeserializeOwned + Model> Component for Option<$name<T>> {
            const KIND: ArgumentKind = ArgumentKind::Other;

            fn describe(spec: &mut OperationSpec) {
                describe(spec, In::$location, SchemaOf::of::<T>(), T::WIRE, true);
            }

            async fn extract(call: &mut Call) -> Result<Self, Refusal> {
                let pairs = $pairs::<T>(call)?;
                // A map knows no names: any will do.
                let any = pairs.heads().filter_map(|at| pairs.name(at)).any(|name| {
                    T::WIRE.is_empty() || WireField::find(T::WIRE, &|wire| wire == name).is_some()
                });
                if !any {
                    return Ok(None);
                }
                read::<T>(In::$location, &pairs, &call.request).map($name).map(Some)
            }
        }
    )+};
}

optional! {
    Query Query query;
    Headers Header headers;
    Cookies Cookie cookies;
}

fn describe(
    spec: &mut OperationSpec,
    location: In,
    schema: SchemaOf,
    wire: &'static [WireField],
    optional: bool,
) {
    spec.inputs.push(Input::Parameters { location, schema, wire, optional });
    spec.may_be_faulty();
}

fn read<T: DeserializeOwned + Model>(
    location: In,
    pairs: &Pairs<'_>,
    request: &HttpRequest,
) -> Result<T, Refusal> {
    let value = read_pairs::<T>(pairs)
        .map_err(|error| explain_pairs(location, SchemaOf::of::<T>(), pairs, T::WIRE, error))?;
    checked(value, location, request)
}

fn query<T: Model>(call: &Call) -> Result<Pairs<'_>, Faults> {
    let limit = call.reading.pairs_limit;
    let pairs = Pairs::from_urlencoded(In::Query, call.request.query_string().as_bytes(), limit)?;
    // A model that takes nothing that it does not know knows nothing of what the caller was identified by.
    Ok(match call.request.extensions().get::<TakenFromQuery>() {
        Some(TakenFromQuery(names)) => pairs.without(|name| {
            names.contains(&name) && WireField::find(T::WIRE, &|wire| wire == name).is_none()
        }),
        None => pairs,
    })
}

fn path<T: Model>(call: &Call) -> Result<Pairs<'_>, Faults> {
    #[cfg(feature = "live")]
    if let Some(values) = &call.path {
        return Pairs::from_values(values.iter());
    }
    let request = &call.request;
    let matched = request.match_info();
    // Actix decodes the path before it is matched, and puts U+FFFD where it is not UTF-8.
    let replaced = |value: &str| {
        value.contains('\u{FFFD}') && percent_decode_str(request.uri().path()).decode_utf8().is_err()
    };
    if let Some((name, _)) = matched.iter().find(|(_, value)| replaced(value)) {
        let mut pointer = String::new();
        crate::problem::push_pointer(&mut pointer, name);
        return Err(Fault::new(In::Path, pointer, "invalid", "must be valid UTF-8").into());
    }
    // What is read by position are the endpoint's own parameters; those of the prefixes around it stand before them.
    let all = matched.segment_count();
    let outer = match T::PATH {
        PathNames::Single => all.saturating_sub(1),
        PathNames::Count(own) => all.saturating_sub(own),
        PathNames::Any | PathNames::Names { .. } => 0,
    };
    Pairs::from_params(matched.iter().skip(outer), all - outer)
}

fn headers<T: Model>(call: &Call) -> Result<Pairs<'_>, Faults> {
    Pairs::from_headers(call.request.headers(), T::WIRE, call.reading.pairs_limit)
}

fn cookies<T: Model>(call: &Call) -> Result<Pairs<'_>, Faults> {
    Pairs::from_cookies(call.request.headers(), T::WIRE, call.reading.pairs_limit)
}
