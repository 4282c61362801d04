use std::time::Duration;

use crate::{
    endpoint::{DEFAULT_BODY_TIMEOUT, DEFAULT_PAIRS_LIMIT, Options},
    media::Parsing,
};

/// How an endpoint reads bodies: the parsers it takes and the limits it keeps.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) parsers: Vec<Parsing>,
    /// The most bytes of a body.
    pub(crate) body_limit: usize,
    /// How long a body may take to arrive.
    pub(crate) body_timeout: Duration,
    /// The most pairs in a query or form.
    pub(crate) pairs_limit: usize,
    /// What a multipart body may hold, when a layer says it.
    #[cfg(feature = "multipart")]
    pub(crate) multipart: Option<super::MultipartLimits>,
    /// The body limit, when a layer says it.
    #[cfg(feature = "multipart")]
    pub(crate) explicit_body_limit: Option<usize>,
}

impl Reading {
    pub(crate) fn new(options: &Options, parsers: Vec<Parsing>) -> Self {
        Self {
            parsers,
            body_limit: options.get_body_limit(),
            body_timeout: options.body_timeout.unwrap_or(DEFAULT_BODY_TIMEOUT),
            pairs_limit: options.pairs_limit.unwrap_or(DEFAULT_PAIRS_LIMIT),
            #[cfg(feature = "multipart")]
            multipart: options.multipart.clone(),
            #[cfg(feature = "multipart")]
            explicit_body_limit: options.body_limit,
        }
    }
}
