use std::borrow::Cow;

use derive_more::{Deref, DerefMut};
use serde::de::DeserializeOwned;

use super::{
    deserialize::shape_of,
    explain::explain,
    limits::MultipartLimits,
    read::{Wanted, read},
};
use crate::{
    endpoint::{Input, OperationSpec},
    model::{Model, SchemaOf, WireField},
    problem::In,
    request::{ArgumentKind, Call, Component, Refusal, checked},
};

/// A `multipart/form-data` body as a model: text fields, lists of them, and files.
///
/// Text is read as in urlencoded forms; a field that is sent several times is a list. A list that may be left out needs `#[serde(default)]`.
/// A part without content and without a file name is what browsers send for a file input left empty: it counts as not sent.
/// [`MultipartLimits`] bound the whole; a field's own rules (`#[model(max_size = "5 MiB", accept("image/*"), max_files = 3)]`) are held to
/// while the body is read, so that nothing is kept that will be refused anyway. Fields that the model does not have are passed over, and
/// their files not kept; `#[serde(deny_unknown_fields)]` refuses them.
///
/// Refuses with 415 what is not `multipart/form-data`, with 413 what is over a limit, with 400 all else.
///
/// ```
/// use actix_charter::{model::Model, request::{Multipart, UploadedFile}};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct NewAttachment {
///     title: String,
///     #[serde(default)]
///     tags: Vec<String>,
///     files: Vec<UploadedFile>,
///     cover: Option<UploadedFile>,
/// }
///
/// # impl Model for NewAttachment { const NAME: &'static str = "NewAttachment"; }
/// async fn attach(form: Multipart<NewAttachment>) -> std::io::Result<String> {
///     let first = form.files.first().map(UploadedFile::safe_name);
///     Ok(first.unwrap_or_default())
/// }
/// ```
#[derive(Debug, Clone, Copy, Deref, DerefMut)]
pub struct Multipart<T>(pub T);

impl<T> Multipart<T> {
    /// The model.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + Model> Component for Multipart<T> {
    const KIND: ArgumentKind = ArgumentKind::Body;

    fn describe(spec: &mut OperationSpec) {
        describe(spec, SchemaOf::of::<T>(), T::WIRE);
    }

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        let payload = call.payload.take();
        let wanted = Wanted { wire: T::WIRE, shape: shape_of::<T> };
        let form = read(&call.request, payload, wanted, MultipartLimits::of(&call.request)).await?;
        let value: T = form.into_model().map_err(explain)?;
        let value = checked(value, In::Body, &call.request)?;
        Ok(Self(value))
    }
}

fn describe(spec: &mut OperationSpec, schema: SchemaOf, wire: &'static [WireField]) {
    const MEDIA_TYPES: &[Cow<'static, str>] = &[Cow::Borrowed("multipart/form-data")];
    spec.inputs.push(Input::Body {
        schema: Some(schema),
        wire,
        optional: false,
        media_types: Cow::Borrowed(MEDIA_TYPES),
    });
    spec.may_be_faulty();
    spec.may_fail(413, "The body, or a field of it, is too large.");
    spec.may_fail(415, "The body is not multipart/form-data.");
}
