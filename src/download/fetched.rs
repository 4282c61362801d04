use actix_web::{HttpRequest, HttpResponse, Responder};

use super::{Download, DownloadError};
use crate::{
    endpoint::{HeaderSpec, Output, OutputContent},
    problem::Problem,
    response::{Content, Declared, Replies, ReplyContext},
};

/// A [`Download`] that lay elsewhere, [fetched](Download::fetched): sent by us, by the proxy, or by the place where it lies.
#[derive(Debug)]
pub struct Fetched(pub(crate) Result<HttpResponse, DownloadError>);

impl Replies for Fetched {
    const DECLARED: Declared = Declared::Both(
        &<Download as Replies>::DECLARED,
        &Declared::All(&[
            Declared::One(307, Content::Empty),
            Declared::One(502, Content::Problem),
            Declared::One(504, Content::Problem),
        ]),
    );

    fn describe(outputs: &mut Vec<Output>) {
        Download::describe(outputs);
        let mut elsewhere = Output::new(Some(307), OutputContent::Empty);
        elsewhere.description = Some("The file is to be had there, for a while.".into());
        let mut location = HeaderSpec::required("Location");
        location.description = Some("A link that holds for a while.".into());
        let mut cache_control = HeaderSpec::required("Cache-Control");
        cache_control.value = Some("no-store".into());
        elsewhere.headers = vec![location, cache_control];
        outputs.extend([
            elsewhere,
            Output::problem(502, "The place where the file lies does not give it."),
            Output::problem(504, "The place where the file lies does not answer in time."),
        ]);
    }

    fn reply(self, _: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        self.0.map_err(Problem::from)
    }
}

impl Responder for Fetched {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0.unwrap_or_else(HttpResponse::from_error)
    }
}
