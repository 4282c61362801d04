/// The parameters in the query that a scheme took the caller's credentials from, put into the request's extensions: they are no
/// values of the endpoint, unless its model names them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TakenFromQuery(pub(crate) &'static [&'static str]);
