use std::borrow::Cow;

use bytes::Bytes;
use derive_more::{Deref, DerefMut};
use serde::de::DeserializeOwned;

use super::{
    ArgumentKind, Call, Component, Refusal, checked,
    explain::{explain_custom, explain_json, explain_pairs},
    flat::{Pairs, read_pairs},
    json::Schematic,
    read::read_body,
};
use crate::{
    endpoint::{Input, OperationSpec},
    media::{Parsing, Target},
    model::{Model, SchemaOf},
    problem::{Fault, Faults, In},
};

/// The request body, read by the parser that `Content-Type` asks for, and checked.
///
/// Refused with 415 for a media type that the endpoint does not take, 413 past its limit, 408 when the body does not
/// arrive in time, and 400 with all faults when it does not fit. `Option<Body<T>>` takes requests without a body too.
///
/// ```
/// use actix_charter::prelude::*;
/// # use serde::{Deserialize, Serialize};
/// # use schemars::JsonSchema;
/// #[derive(Deserialize, Serialize, JsonSchema, Model)]
/// struct Note {
///     text: String,
/// }
///
/// struct Notes;
///
/// #[controller(path = "/notes")]
/// impl Notes {
///     #[post]
///     async fn create(&self, note: Body<Note>) -> Note {
///         note.0
///     }
/// }
/// # Router::new("/api").controller(Notes).check().unwrap();
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deref, DerefMut)]
pub struct Body<T>(pub T);

impl<T> Body<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + Model> Component for Body<T> {
    const KIND: ArgumentKind = ArgumentKind::Body;

    fn describe(spec: &mut OperationSpec) {
        describe(spec, SchemaOf::of::<T>(), T::WIRE, false);
    }

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        match read::<T>(call).await? {
            Some(value) => Ok(Self(value)),
            None => Err(Refusal::Faults(Fault::new(In::Body, "", "required", "a body is required").into())),
        }
    }
}

impl<T: DeserializeOwned + Model> Component for Option<Body<T>> {
    const KIND: ArgumentKind = ArgumentKind::Body;

    fn describe(spec: &mut OperationSpec) {
        describe(spec, SchemaOf::of::<T>(), T::WIRE, true);
    }

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        Ok(read::<T>(call).await?.map(Body))
    }
}

fn describe(
    spec: &mut OperationSpec,
    schema: SchemaOf,
    wire: &'static [crate::model::WireField],
    optional: bool,
) {
    spec.inputs.push(Input::Body { schema: Some(schema), wire, optional, media_types: Cow::Borrowed(&[]) });
    spec.may_be_faulty();
    spec.may_fail(408, "The body did not arrive in time.");
    spec.may_fail(413, "The body is larger than this endpoint takes.");
    spec.may_fail(415, "The body's media type is not one that this endpoint takes.");
}

/// How deep a MessagePack body may be nested.
#[cfg(feature = "msgpack")]
const MSGPACK_DEPTH: usize = 128;

/// The body, or `None` when there is none.
async fn read<T: DeserializeOwned + Model>(call: &mut Call) -> Result<Option<T>, Refusal> {
    if !call.has_body {
        return Ok(None);
    }
    #[cfg(feature = "multipart")]
    if matches!(call.reading.parsers.get(call.parser), Some(Parsing::Multipart)) {
        return Ok(Some(super::Multipart::<T>::extract(call).await?.0));
    }
    let bytes = read_body(call).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let value = parse::<T>(call, &bytes)?;
    checked(value, In::Body, &call.request).map(Some)
}

fn parse<T: DeserializeOwned + Model>(call: &Call, bytes: &Bytes) -> Result<T, Faults> {
    match call.reading.parsers.get(call.parser) {
        #[cfg(feature = "msgpack")]
        Some(Parsing::MsgPack) => {
            let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
            // As deep as serde_json goes; rmp-serde's own thousand levels do not fit on a small stack.
            reader.set_max_depth(MSGPACK_DEPTH);
            let value = T::deserialize(&mut reader);
            value.map_err(|_| super::explain::explain_msgpack::<T>(bytes))
        }
        Some(Parsing::Form) => {
            let pairs = Pairs::from_urlencoded(In::Body, bytes, call.reading.pairs_limit)?;
            read_pairs(&pairs)
                .map_err(|error| explain_pairs(In::Body, SchemaOf::of::<T>(), &pairs, T::WIRE, error))
        }
        Some(Parsing::Custom(parser)) => {
            let mut value = None;
            let parsed = parser.parse(
                bytes,
                &mut Target::new(&mut |deserializer| {
                    value = Some(erased_serde::deserialize::<T>(deserializer)?);
                    Ok(())
                }),
            );
            match (parsed, value) {
                (Ok(()), Some(value)) => Ok(value),
                _ => Err(explain_custom::<T>(&**parser, bytes)),
            }
        }
        _ => json(bytes).map_err(|_| explain_json::<T>(bytes)),
    }
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = T::deserialize(Schematic(&mut deserializer))?;
    deserializer.end()?;
    Ok(value)
}
