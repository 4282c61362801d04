use std::borrow::Cow;

use actix_web::dev::Payload;
use bytes::Bytes;
use derive_more::Deref;

use super::{ArgumentKind, Call, Component, Refusal, read::read_body};
use crate::{
    endpoint::{Input, OperationSpec},
    model::SchemaOf,
    problem::{Fault, In},
};

/// The whole body as bytes, of any media type, within the endpoint's limit.
#[derive(Debug, Clone, PartialEq, Eq, Deref)]
pub struct RawBody(pub Bytes);

/// The whole body as UTF-8 text, within the endpoint's limit.
#[derive(Debug, Clone, PartialEq, Eq, Deref)]
pub struct TextBody(pub String);

/// The body as it comes, piece by piece. No limit is kept and no timer runs: that is the handler's to do.
pub struct BodyStream(pub Payload);

impl std::fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BodyStream")
    }
}

const ANYTHING: &[Cow<'static, str>] = &[Cow::Borrowed("*/*")];
const TEXT: &[Cow<'static, str>] = &[Cow::Borrowed("text/plain")];

impl Component for RawBody {
    const KIND: ArgumentKind = ArgumentKind::Body;

    fn describe(spec: &mut OperationSpec) {
        describe(spec, None, ANYTHING);
    }

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        Ok(Self(read_body(call).await?))
    }
}

impl Component for TextBody {
    const KIND: ArgumentKind = ArgumentKind::Body;

    fn describe(spec: &mut OperationSpec) {
        describe(spec, Some(SchemaOf::of::<String>()), TEXT);
    }

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        let bytes = read_body(call).await?;
        match String::from_utf8(bytes.into()) {
            Ok(text) => Ok(Self(text)),
            Err(_) => Err(Refusal::Faults(Fault::new(In::Body, "", "invalid", "must be valid UTF-8").into())),
        }
    }
}

impl Component for BodyStream {
    const KIND: ArgumentKind = ArgumentKind::Body;

    fn describe(spec: &mut OperationSpec) {
        spec.inputs.push(Input::Body {
            schema: None,
            wire: &[],
            optional: true,
            media_types: Cow::Borrowed(ANYTHING),
        });
    }

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        Ok(Self(call.payload.take()))
    }
}

fn describe(spec: &mut OperationSpec, schema: Option<SchemaOf>, media_types: &'static [Cow<'static, str>]) {
    spec.inputs.push(Input::Body {
        schema,
        wire: &[],
        optional: true,
        media_types: Cow::Borrowed(media_types),
    });
    spec.may_be_faulty();
    spec.may_fail(408, "The body did not arrive in time.");
    spec.may_fail(413, "The body is larger than this endpoint takes.");
}
