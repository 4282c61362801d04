use std::{fmt, future::Future, sync::Arc};
#[cfg(feature = "live")]
use std::{ops::Range, rc::Rc};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::Reading;
#[cfg(feature = "live")]
use crate::live::Peer;
use crate::{
    endpoint::OperationSpec,
    model::PathNames,
    problem::{Faults, Problem},
    security::SharedIdentity,
};

/// A part of a request that an endpoint takes as an argument, and that declares itself.
///
/// Implement it for a component of your own. What is already an Actix [`FromRequest`] extractor needs nothing: it can
/// stand beside our components, undocumented.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a component of a request",
    label = "not a component",
    note = "components are `Body<T>`, `Query<T>`, `Path<T>`, `Headers<T>`, `Cookies<T>`, `Multipart<T>` and `Identity<T>`, with a `T` \
            that is `Deserialize + Model`",
    note = "any Actix extractor works too, such as `web::Data<T>` or `HttpRequest`"
)]
pub trait Component: Sized + 'static {
    /// What the checks at compile time look at.
    const KIND: ArgumentKind;

    /// Adds what the component reads, and the answers that it can cause.
    fn describe(spec: &mut OperationSpec);

    /// Reads the component.
    ///
    /// # Errors
    /// Faults, which are gathered over all components, or a problem that ends the request at once.
    fn extract(call: &mut Call) -> impl Future<Output = Result<Self, Refusal>>;
}

/// What kind of argument it is.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum ArgumentKind {
    /// Reads the request body.
    Body,
    /// Reads path parameters.
    Path(PathNames),
    /// Takes the identity that the security scheme found; it is there once.
    Identity,
    /// Reads anything else.
    Other,
}

/// Why a component could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// The request is wrong; told together with the faults of all other components in one 400.
    Faults(Faults),
    /// This answer, at once.
    Problem(Problem),
    /// An Actix extractor's own error.
    Actix(actix_web::Error),
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self::Faults(faults)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<actix_web::Error> for Refusal {
    fn from(error: actix_web::Error) -> Self {
        Self::Actix(error)
    }
}

/// One request on its way to a handler.
pub struct Call {
    pub(crate) request: HttpRequest,
    pub(crate) payload: Payload,
    pub(crate) reading: Arc<Reading>,
    /// Which parser reads the body; an index into `reading`.
    pub(crate) parser: usize,
    /// Whether there is a body to be read at all.
    pub(crate) has_body: bool,
    /// Which renderer writes the answer; an index into the endpoint's voice.
    pub(crate) rendering: usize,
    /// Whom the security chain found.
    pub(crate) identity: Option<Box<dyn SharedIdentity>>,
    /// The values of the path where it is not the request's own: those of a channel's name.
    #[cfg(feature = "live")]
    pub(crate) path: Option<PathValues>,
    /// The connection that sent it, when it is a channel's command.
    #[cfg(feature = "live")]
    pub(crate) peer: Option<Rc<Peer>>,
}

/// The values of a path that is not the request's own, with the names that its pattern gives them.
#[cfg(feature = "live")]
#[derive(Debug, Clone)]
pub(crate) struct PathValues {
    pub(crate) text: Arc<str>,
    pub(crate) names: Arc<[Box<str>]>,
    /// Where in `text` each value stands; as many as there are names.
    pub(crate) places: Box<[Range<usize>]>,
}

#[cfg(feature = "live")]
impl PathValues {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let values = self.places.iter().map(|place| self.text.get(place.clone()).unwrap_or_default());
        self.names.iter().map(AsRef::as_ref).zip(values)
    }
}

impl Call {
    pub(crate) fn new(request: HttpRequest, payload: Payload, reading: Arc<Reading>) -> Self {
        Self {
            request,
            payload,
            reading,
            parser: 0,
            has_body: true,
            rendering: 0,
            identity: None,
            #[cfg(feature = "live")]
            path: None,
            #[cfg(feature = "live")]
            peer: None,
        }
    }

    /// A call of an endpoint that says nothing of its own.
    #[cfg(test)]
    pub(crate) fn for_tests(request: HttpRequest, payload: Payload) -> Self {
        let options = crate::endpoint::Options::new();
        Self::new(request, payload, Arc::new(Reading::new(&options, vec![crate::media::Parsing::Json])))
    }

    /// The request.
    #[must_use]
    pub const fn request(&self) -> &HttpRequest {
        &self.request
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("request", &self.request).finish_non_exhaustive()
    }
}

/// Anything that an endpoint may take as an argument: a [`Component`] or an Actix extractor. `Via` tells which, and is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of an endpoint",
    label = "neither a component nor an Actix extractor",
    note = "components are `Body<T>`, `Query<T>`, `Path<T>`, `Headers<T>`, `Cookies<T>`, `Multipart<T>` and `Identity<T>`, with a `T` \
            that is `Deserialize + Model`",
    note = "any Actix extractor works too, such as `web::Data<T>` or `HttpRequest`"
)]
pub trait Argument<Via>: Sized + 'static {
    /// What the checks at compile time look at.
    const KIND: ArgumentKind;

    /// Adds what the argument reads, and the answers that it can cause.
    fn describe(spec: &mut OperationSpec);

    /// Reads the argument.
    ///
    /// # Errors
    /// See [`Refusal`].
    fn extract(call: &mut Call) -> impl Future<Output = Result<Self, Refusal>>;
}

/// The argument is one of our components.
#[derive(Debug)]
pub struct ViaComponent(());

/// The argument is an Actix extractor.
#[derive(Debug)]
pub struct ViaActix(());

impl<T: Component> Argument<ViaComponent> for T {
    const KIND: ArgumentKind = T::KIND;

    fn describe(spec: &mut OperationSpec) {
        T::describe(spec);
    }

    fn extract(call: &mut Call) -> impl Future<Output = Result<Self, Refusal>> {
        T::extract(call)
    }
}

#[diagnostic::do_not_recommend]
impl<T: FromRequest + 'static> Argument<ViaActix> for T {
    const KIND: ArgumentKind = ArgumentKind::Other;

    fn describe(_: &mut OperationSpec) {}

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        T::from_request(&call.request, &mut call.payload).await.map_err(|error| Refusal::Actix(error.into()))
    }
}
