use actix_charter::{
    __private::probe::{Probe, ProbePeer},
    live::protocol::ReplyError,
    prelude::*,
};
use actix_web::{test::TestRequest, web};

/// Who is behind a connection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Caller {
    pub(crate) name: String,
}

/// Application data.
#[derive(Debug)]
pub(crate) struct Motto(pub(crate) &'static str);

#[allow(clippy::needless_pass_by_value, reason = "it is built where it is given")]
pub(crate) fn probe(live: Live) -> Probe {
    Probe::new(&live).unwrap()
}

/// Somebody anonymous.
pub(crate) fn nobody() -> ProbePeer {
    ProbePeer::new(
        TestRequest::get().uri("/live").app_data(web::Data::new(Motto("be kind"))).to_http_request(),
        "",
    )
}

pub(crate) fn user(name: &str) -> ProbePeer {
    let request =
        TestRequest::get().uri("/live").app_data(web::Data::new(Motto("be kind"))).to_http_request();
    ProbePeer::new(request, name).identity(Caller { name: name.to_owned() })
}

/// Code and words of an error.
pub(crate) fn told<T: std::fmt::Debug>(result: Result<T, ReplyError>) -> (u32, String, bool) {
    let error = result.unwrap_err();
    (error.code.get(), error.message.into_owned(), error.temporary)
}
