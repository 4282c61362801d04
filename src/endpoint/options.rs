use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use actix_web::HttpRequest;

use super::{ContractMode, HeaderSpec, Output, Rule, Rules};
#[cfg(feature = "multipart")]
use crate::request::MultipartLimits;
use crate::{
    media::{Parsing, Rendering},
    problem::{ErrorModel, Problem},
    security::Requirement,
};

/// How an endpoint behaves, one layer's say in it.
///
/// Four layers may speak: endpoint, controller, router (the inner before the outer), application. For each option the
/// first layer that says anything wins; "nothing said" is not "explicitly none".
///
/// ```
/// use actix_charter::endpoint::{ContractMode, Options};
/// let application = Options::new().contract(ContractMode::Log).body_limit(1024);
/// let endpoint = Options::new().body_limit(64);
/// let both = endpoint.over(&application);
/// assert_eq!(both.get_body_limit(), 64);
/// assert_eq!(both.get_contract(), ContractMode::Log);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub(crate) renderers: Option<Vec<Rendering>>,
    pub(crate) parsers: Option<Vec<Parsing>>,
    pub(crate) contract: Option<ContractMode>,
    pub(crate) allowed: Option<Rules>,
    pub(crate) body_limit: Option<usize>,
    pub(crate) body_timeout: Option<Duration>,
    pub(crate) pairs_limit: Option<usize>,
    pub(crate) error_model: Option<Arc<dyn ErrorModel>>,
    pub(crate) security: Option<Requirement>,
    pub(crate) head: Option<bool>,
    pub(crate) options: Option<bool>,
    pub(crate) headers: Option<Vec<HeaderSpec>>,
    pub(crate) cookies: Option<Vec<Cow<'static, str>>>,
    pub(crate) answers: Option<Vec<Output>>,
    #[cfg(feature = "multipart")]
    pub(crate) multipart: Option<MultipartLimits>,
    /// The hooks of this layer and, once layers are merged, of the outer ones after them.
    pub(crate) on_error: Vec<ErrorHook>,
}

/// The most bytes of a request body unless an option says otherwise: 2 MiB, as in Actix's `web::Json`.
pub const DEFAULT_BODY_LIMIT: usize = 2 * 1024 * 1024;

/// How long a body may take to arrive unless an option says otherwise.
pub const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The most pairs in a query or form unless an option says otherwise.
pub const DEFAULT_PAIRS_LIMIT: usize = 1_000;

impl Options {
    /// Says nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How answers may be written, most preferred first. Default: JSON.
    #[must_use]
    pub fn renderers(mut self, renderers: impl IntoIterator<Item = Rendering>) -> Self {
        self.renderers = Some(renderers.into_iter().collect());
        self
    }

    /// How bodies may be read, most preferred first. Default: JSON.
    #[must_use]
    pub fn parsers(mut self, parsers: impl IntoIterator<Item = Parsing>) -> Self {
        self.parsers = Some(parsers.into_iter().collect());
        self
    }

    /// What happens when an answer breaks its contract. Default: [`ContractMode::Fail`].
    #[must_use]
    pub fn contract(mut self, mode: ContractMode) -> Self {
        self.contract = Some(mode);
        self
    }

    /// Turns these rules off, and no others: an inner layer's list replaces an outer one's.
    #[must_use]
    pub fn allow(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.allowed = Some(rules.into_iter().collect());
        self
    }

    /// How much a `multipart/form-data` body may hold. Default: what Actix's `app_data` has, else [`MultipartLimits::new`]; in
    /// both cases an explicit [`body_limit`](Self::body_limit) bounds the total too.
    #[cfg(feature = "multipart")]
    #[must_use]
    pub fn multipart(mut self, limits: MultipartLimits) -> Self {
        self.multipart = Some(limits);
        self
    }

    /// The most bytes of a request body. Default: 2 MiB.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// How long a body may take to arrive completely. Default: 30 seconds.
    #[must_use]
    pub fn body_timeout(mut self, time: Duration) -> Self {
        self.body_timeout = Some(time);
        self
    }

    /// The most pairs in a query or form. Default: 1,000.
    #[must_use]
    pub fn pairs_limit(mut self, pairs: usize) -> Self {
        self.pairs_limit = Some(pairs);
        self
    }

    /// How problems look. Default: RFC 9457.
    #[must_use]
    pub fn error_model(mut self, model: impl ErrorModel) -> Self {
        self.error_model = Some(Arc::new(model));
        self
    }

    /// Who may call. Default: anyone.
    #[must_use]
    pub fn security(mut self, requirement: Requirement) -> Self {
        self.security = Some(requirement);
        self
    }

    /// Whether GET endpoints answer HEAD too. Default: yes.
    #[must_use]
    pub fn head(mut self, on: bool) -> Self {
        self.head = Some(on);
        self
    }

    /// Whether OPTIONS is answered with `Allow`. Default: yes.
    #[must_use]
    pub fn options(mut self, on: bool) -> Self {
        self.options = Some(on);
        self
    }

    /// Headers that answers may carry besides those that each endpoint declares; what a middleware adds, for one.
    #[must_use]
    pub fn headers(mut self, headers: impl IntoIterator<Item = HeaderSpec>) -> Self {
        self.headers = Some(headers.into_iter().collect());
        self
    }

    /// Cookies that answers may set besides those that each endpoint declares, by name; what a session middleware sets.
    #[must_use]
    pub fn cookies(mut self, names: impl IntoIterator<Item = impl Into<Cow<'static, str>>>) -> Self {
        self.cookies = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Answers that any endpoint may give besides its own, such as the 429 of a middleware. They are in the document too.
    ///
    /// ```
    /// use actix_charter::endpoint::{Options, Output};
    /// let limited = Options::new().answers([Output::problem(429, "Too many requests.")]);
    /// # let _ = limited;
    /// ```
    #[must_use]
    pub fn answers(mut self, answers: impl IntoIterator<Item = Output>) -> Self {
        self.answers = Some(answers.into_iter().collect());
        self
    }

    /// Looks at every problem before it is sent, and may replace it. Inner layers' hooks see it first; each sees what
    /// the one before made of it.
    #[must_use]
    pub fn on_error(
        mut self,
        hook: impl Fn(Problem, &HttpRequest) -> Problem + Send + Sync + 'static,
    ) -> Self {
        self.on_error.push(ErrorHook(Arc::new(hook)));
        self
    }

    /// Both layers together, `self` being the inner one.
    #[must_use]
    pub fn over(&self, outer: &Self) -> Self {
        macro_rules! first {
            ($($field:ident),+) => { Self {
                $($field: self.$field.clone().or_else(|| outer.$field.clone()),)+
                #[cfg(feature = "multipart")]
                multipart: self.multipart.clone().or_else(|| outer.multipart.clone()),
                on_error: self.on_error.iter().chain(&outer.on_error).cloned().collect(),
            } };
        }
        first!(
            renderers,
            parsers,
            contract,
            allowed,
            body_limit,
            body_timeout,
            pairs_limit,
            error_model,
            security,
            head,
            options,
            headers,
            cookies,
            answers
        )
    }

    /// The body limit in force, in bytes.
    #[must_use]
    pub fn get_body_limit(&self) -> usize {
        self.body_limit.unwrap_or(DEFAULT_BODY_LIMIT)
    }

    /// The contract mode in force.
    #[must_use]
    pub fn get_contract(&self) -> ContractMode {
        self.contract.unwrap_or_default()
    }
}

/// A hook that may replace a problem before it is sent.
#[derive(Clone)]
#[allow(clippy::type_complexity, reason = "it is written once")]
pub(crate) struct ErrorHook(pub(crate) Arc<dyn Fn(Problem, &HttpRequest) -> Problem + Send + Sync>);

impl fmt::Debug for ErrorHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErrorHook")
    }
}
