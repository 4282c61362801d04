use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, VARY},
    },
};
use bytes::Bytes;

use super::{Options, options::ErrorHook};
use crate::{
    media::{Choice, Offers, Rendering},
    problem::{ErrorModel, Problem, ProblemDetails},
};

/// How a level of the router speaks: the renderers it offers, the error model, the hooks. The one error renderer.
#[derive(Debug)]
pub(crate) struct Voice {
    renderings: Box<[Spoken]>,
    offers: Offers,
    model: Arc<dyn ErrorModel>,
    hooks: Vec<ErrorHook>,
}

/// A rendering with its media types ready to be sent.
#[derive(Debug)]
pub(crate) struct Spoken {
    pub(crate) rendering: Rendering,
    pub(crate) content_type: HeaderValue,
    /// The content type of a problem in this rendering.
    pub(crate) problem_type: HeaderValue,
}

impl Voice {
    /// The voice that these options, all layers merged, amount to.
    ///
    /// # Errors
    /// A sentence for the mount report when there is no renderer, or one has a media type that no header can carry.
    pub(crate) fn new(options: &Options) -> Result<Self, String> {
        let renderings = options.renderers.clone().unwrap_or_else(|| vec![Rendering::Json]);
        if renderings.is_empty() {
            return Err("has an empty list of renderers; leave it out, or name at least one".to_owned());
        }
        let model: Arc<dyn ErrorModel> =
            options.error_model.clone().unwrap_or_else(|| Arc::new(ProblemDetails));
        let value = |media_type: &str| {
            HeaderValue::from_str(media_type).map_err(|_| {
                format!("has a renderer whose media type {media_type:?} cannot stand in a header")
            })
        };
        let offers = Offers::new(&renderings);
        let renderings = renderings
            .into_iter()
            .map(|rendering| {
                let content_type = value(rendering.media_type())?;
                let problem_type = match rendering {
                    Rendering::Json => value(model.json_media_type())?,
                    _ => content_type.clone(),
                };
                Ok(Spoken { rendering, content_type, problem_type })
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { renderings, offers, model, hooks: options.on_error.clone() })
    }

    /// The index of the rendering that the request's `Accept` asks for, or the 406.
    pub(crate) fn choose(&self, headers: &HeaderMap) -> Result<usize, Problem> {
        match self.offers.choose(headers.get_all(ACCEPT)) {
            Choice::Index(index) => Ok(index),
            Choice::NotAcceptable => {
                let offered = self.media_types().collect::<Vec<_>>().join(", ");
                Err(Problem::new(StatusCode::NOT_ACCEPTABLE)
                    .code("not-acceptable")
                    .detail(format!("this endpoint answers with {offered}")))
            }
        }
    }

    /// The rendering for an error; there is always one, even after a 406.
    pub(crate) fn choose_for_error(&self, headers: &HeaderMap) -> usize {
        // Not even looked for where there is nothing to choose.
        if self.has_choice() { self.offers.choose_for_error(headers.get_all(ACCEPT)) } else { 0 }
    }

    pub(crate) fn spoken(&self, index: usize) -> &Spoken {
        #[allow(clippy::indexing_slicing, reason = "`new` refuses an empty list")]
        self.renderings.get(index).unwrap_or(&self.renderings[0])
    }

    pub(crate) fn model(&self) -> &Arc<dyn ErrorModel> {
        &self.model
    }

    pub(crate) fn media_types(&self) -> impl Iterator<Item = &str> {
        self.renderings.iter().map(|spoken| spoken.rendering.media_type())
    }

    /// Whether `Vary: Accept` belongs on the answers.
    pub(crate) fn has_choice(&self) -> bool {
        self.offers.has_choice()
    }

    /// Whether this content type is one that a problem of this voice is sent in.
    pub(crate) fn is_problem_type(&self, content_type: &HeaderValue) -> bool {
        self.renderings
            .iter()
            .any(|spoken| essence(&spoken.problem_type).eq_ignore_ascii_case(essence(content_type)))
    }

    /// Whether this content type is one that models of this voice are sent in.
    pub(crate) fn is_content_type(&self, content_type: &HeaderValue) -> bool {
        self.renderings
            .iter()
            .any(|spoken| essence(&spoken.content_type).eq_ignore_ascii_case(essence(content_type)))
    }

    /// Every error leaves here: hooks, model, renderer, headers.
    pub(crate) fn problem(&self, request: &HttpRequest, index: usize, problem: Problem) -> HttpResponse {
        // Hooks and models are the application's code; a panic in one must not cost the client its answer.
        let told = catch_unwind(AssertUnwindSafe(|| {
            let problem = self.hooks.iter().fold(problem, |problem, hook| (hook.0)(problem, request));
            let body = self.model.body(&problem, request);
            (problem, body)
        }));
        let (problem, body) = told.unwrap_or_else(|_| {
            tracing::error!(target: "actix_charter::response", "an error hook or error model panicked");
            let problem = Problem::internal();
            let body = ProblemDetails.body(&problem, request);
            (problem, body)
        });
        let spoken = self.spoken(index);
        let mut bytes = Vec::with_capacity(256);
        let mut response = match spoken.rendering.render(&body, &mut bytes) {
            Ok(()) => {
                let mut response =
                    HttpResponse::with_body(problem.status(), BoxBody::new(Bytes::from(bytes)));
                response.headers_mut().insert(CONTENT_TYPE, spoken.problem_type.clone());
                response
            }
            Err(error) => {
                tracing::error!(target: "actix_charter::response", %error, "the problem cannot be rendered");
                HttpResponse::new(problem.status())
            }
        };
        for (name, value) in problem.headers() {
            response.headers_mut().append(name.clone(), value.clone());
        }
        if self.has_choice() {
            response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
        }
        response.extensions_mut().insert(MadeHere);
        response
    }
}

/// Marks an answer that the one error renderer made; the contract need not look at it again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MadeHere;

/// A media type without its parameters.
fn essence(content_type: &HeaderValue) -> &[u8] {
    content_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
}
