use actix_web::http::{Method, StatusCode, header::HeaderMap};

/// One request with its answer, as a [`Contract`] sees it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Exchange<'a> {
    /// The method of the request.
    pub method: &'a Method,
    /// The path of the request, without its query.
    pub path: &'a str,
    /// The status of the answer.
    pub status: StatusCode,
    /// The headers of the answer.
    pub headers: &'a HeaderMap,
    /// The body of the answer.
    pub body: &'a [u8],
}

/// What every answer is held to. Give one to a client with [`TestClient::contract`](super::TestClient::contract).
///
/// ```
/// use actix_charter::testing::{Contract, Exchange};
///
/// /// No answer may be cached.
/// struct NoStore;
///
/// impl Contract for NoStore {
///     fn check(&self, exchange: &Exchange<'_>) -> Result<(), Vec<String>> {
///         match exchange.headers.get("cache-control") {
///             Some(value) if value == "no-store" => Ok(()),
///             _ => Err(vec!["the answer may be cached".to_owned()]),
///         }
///     }
/// }
/// ```
pub trait Contract {
    /// Checks one answer.
    ///
    /// # Errors
    /// Everything that is wrong with it, a sentence each.
    fn check(&self, exchange: &Exchange<'_>) -> Result<(), Vec<String>>;
}
