use std::{borrow::Cow, fmt, sync::Arc};

use actix_web::{guard::Guard, http::Method};
use serde_json::Value;

use super::{
    CookieSpec, Handler, HeaderSpec, OperationSpec, Options, Output, Wrap,
    call::{Bind, Bound},
};
use crate::response::Declared;

/// One operation of a controller `C`, told by hand; the attribute macros write the same.
///
/// ```
/// use actix_charter::prelude::*;
///
/// struct Pings;
///
/// impl Pings {
///     async fn ping(&self) -> NoContent {
///         NoContent
///     }
/// }
///
/// impl Controller for Pings {
///     fn charter() -> Charter<Self> {
///         Charter::new("Pings").operation(Operation::get("/ping").summary("Are you there?").handle(Pings::ping))
///     }
/// }
/// ```
pub struct Operation<C> {
    pub(crate) draft: Draft,
    pub(crate) bind: Box<dyn FnOnce(Arc<C>) -> Arc<dyn Bind>>,
    pub(crate) declared: Declared,
}

/// An operation that still lacks its handler. Each method says one more thing of it.
///
/// ```
/// use actix_charter::{endpoint::Output, prelude::*};
/// use actix_web::HttpResponse;
///
/// struct Reports;
///
/// impl Controller for Reports {
///     fn charter() -> Charter<Self> {
///         let csv = Operation::get("/report")
///             .name("csv")
///             .operation_id("reportAsCsv")
///             .summary("The report as a table")
///             .description("One line a day.")
///             .tag("reports")
///             .deprecated()
///             .options(Options::new().body_limit(0))
///             .declares(Output::problem(404, "There is no report yet."))
///             .handle(async |_: &Self| HttpResponse::NotFound().finish());
///         Charter::new("Reports").operation(csv)
///     }
/// }
///
/// let operations = Router::new("/api").controller(Reports).operations().unwrap();
/// let report = &operations[0];
/// assert_eq!((report.path.as_str(), report.operation_id.as_str()), ("/api/report", "reportAsCsv"));
/// assert_eq!(report.spec.summary.as_deref(), Some("The report as a table"));
/// assert!(report.spec.deprecated);
/// assert_eq!(report.spec.outputs[0].status, Some(404));
/// ```
#[must_use = "an operation needs a handler: call `.handle(..)`"]
#[derive(Debug)]
pub struct Draft {
    pub(crate) spec: OperationSpec,
    pub(crate) options: Options,
    pub(crate) guards: Vec<GuardFactory>,
    pub(crate) wraps: Vec<Wrap>,
    /// Answers declared beside the return type.
    pub(crate) declares: Vec<Output>,
    /// Headers added to every successful answer.
    pub(crate) added_headers: Vec<HeaderSpec>,
    /// Cookies added to every successful answer.
    pub(crate) added_cookies: Vec<CookieSpec>,
    /// Another status than the method's default for a bare model.
    pub(crate) status: Option<u16>,
    pub(crate) scopes: Option<Vec<Cow<'static, str>>>,
}

/// Makes a guard for each worker.
#[derive(Clone)]
pub(crate) struct GuardFactory(pub(crate) Arc<dyn Fn() -> Box<dyn Guard> + Send + Sync>);

impl fmt::Debug for GuardFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardFactory")
    }
}

impl<C> fmt::Debug for Operation<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation").field("spec", &self.draft.spec).finish_non_exhaustive()
    }
}

macro_rules! by_method {
    ($($name:ident $method:ident),+) => {$(
        #[doc = concat!("An operation for ", stringify!($method), ".")]
        pub fn $name(path: impl Into<Cow<'static, str>>) -> Draft {
            Self::method(Method::$method, path)
        }
    )+};
}

impl Operation<()> {
    by_method!(get GET, post POST, put PUT, patch PATCH, delete DELETE, head HEAD, options OPTIONS);

    /// An operation for any method, such as `QUERY` or `PURGE`.
    pub fn method(method: Method, path: impl Into<Cow<'static, str>>) -> Draft {
        Draft {
            spec: OperationSpec::new(method, path.into()),
            options: Options::new(),
            guards: Vec::new(),
            wraps: Vec::new(),
            declares: Vec::new(),
            added_headers: Vec::new(),
            added_cookies: Vec::new(),
            status: None,
            scopes: None,
        }
    }
}

impl Draft {
    /// The name: the default of `operationId`, and what `url_for` calls the path.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.spec.name = name.into();
        self
    }

    /// An `operationId` of your own.
    pub fn operation_id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.spec.operation_id = Some(id.into());
        self
    }

    /// One line on what it does.
    pub fn summary(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.spec.summary = Some(text.into());
        self
    }

    /// More on what it does, in CommonMark.
    pub fn description(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.spec.description = Some(text.into());
        self
    }

    /// One more tag.
    pub fn tag(mut self, tag: impl Into<Cow<'static, str>>) -> Self {
        self.spec.tags.push(tag.into());
        self
    }

    /// Clients should stop using it.
    pub fn deprecated(mut self) -> Self {
        self.spec.deprecated = true;
        self
    }

    /// Serves it without a word in the document.
    pub fn hidden(mut self) -> Self {
        self.spec.hidden = true;
        self
    }

    /// The status of a bare model, from 200 to 399, instead of 201 for POST and 200 for all others.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// An answer that the return type does not tell of; `HttpResponse` needs at least one.
    pub fn declares(mut self, output: Output) -> Self {
        self.declares.push(output);
        self
    }

    /// A header that is added to every successful answer; [`HeaderSpec::value`] must be given.
    pub fn header(mut self, header: HeaderSpec) -> Self {
        self.added_headers.push(header);
        self
    }

    /// A cookie that is added to every successful answer; [`CookieSpec::value`] is empty unless given.
    pub fn cookie(mut self, cookie: CookieSpec) -> Self {
        self.added_cookies.push(cookie);
        self
    }

    /// The scopes that the caller must have been granted.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<Cow<'static, str>>>) -> Self {
        self.scopes = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// The endpoint's own layer of options, the innermost; what was given before is forgotten.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Takes the request only when the guard agrees; tells endpoints of one method and path apart.
    pub fn guard<G: Guard + 'static>(mut self, guard: impl Fn() -> G + Send + Sync + 'static) -> Self {
        self.guards.push(GuardFactory(Arc::new(move || Box::new(guard()))));
        self
    }

    /// Puts a middleware around the endpoint; the one named last is the outermost.
    pub fn wrap(mut self, wrap: Wrap) -> Self {
        self.wraps.push(wrap);
        self
    }

    /// An example of the request body.
    pub fn request_example(mut self, example: Value) -> Self {
        self.spec.request_example = Some(example);
        self
    }

    /// An example of the successful answer's body.
    pub fn response_example(mut self, example: Value) -> Self {
        self.spec.response_example = Some(example);
        self
    }

    /// Completes the operation with the function that handles it.
    pub fn handle<C, F, Args, Via, R>(mut self, handler: F) -> Operation<C>
    where
        C: Send + Sync + 'static,
        F: Handler<C, Args, Via, R>,
        Args: 'static,
        Via: 'static,
        R: crate::response::Replies + 'static,
    {
        F::describe(&mut self.spec);
        Operation {
            draft: self,
            bind: Box::new(move |controller| Arc::new(Bound::<C, F, Args, Via, R>::new(controller, handler))),
            declared: F::DECLARED,
        }
    }
}
