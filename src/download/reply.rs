use actix_web::{HttpRequest, HttpResponse, Responder};

use super::{Download, DownloadError};
use crate::{
    endpoint::{HeaderSpec, Output, OutputContent},
    problem::Problem,
    response::{Content, Declared, Replies, ReplyContext},
};

const DECLARED: Declared = Declared::All(&[
    Declared::One(200, Content::Any),
    Declared::One(206, Content::Any),
    Declared::One(304, Content::Empty),
    Declared::One(404, Content::Problem),
    Declared::One(412, Content::Problem),
    Declared::One(416, Content::Problem),
]);

impl Replies for Download {
    const DECLARED: Declared = DECLARED;

    fn describe(outputs: &mut Vec<Output>) {
        let bytes = || OutputContent::Media("*/*".into(), None);
        let mut whole = Output::new(Some(200), bytes());
        whole.description = Some("The file.".into());
        whole.headers = vec![
            // Whoever sends the file in our place says it, too.
            header("Accept-Ranges", "`bytes` when parts of the file can be asked for.", false),
            disposition(),
            nosniff(),
        ];
        whole.headers.extend(validators());
        whole.headers.push(policy());
        let mut part = Output::new(Some(206), bytes());
        part.description = Some("The parts of the file that `Range` asks for.".into());
        part.headers = vec![
            header("Accept-Ranges", "`bytes`.", true),
            header("Content-Range", "Which part this is; absent when there are several.", false),
            disposition(),
            nosniff(),
        ];
        part.headers.extend(validators());
        part.headers.push(policy());
        let mut not_modified = Output::new(Some(304), OutputContent::Empty);
        not_modified.description = Some("The client's copy is still right.".into());
        not_modified.headers = validators().into();
        let mut not_satisfiable = Output::problem(416, "The file has none of the bytes that were asked for.");
        not_satisfiable.headers.push(header("Content-Range", "`bytes */` and the length of the file.", true));
        outputs.extend([
            whole,
            part,
            not_modified,
            Output::problem(404, "There is no such file."),
            Output::problem(412, "The file is not in the state that the request is about."),
            not_satisfiable,
        ]);
    }

    fn reply(self, context: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        self.answer(context.request()).map_err(Problem::from)
    }
}

impl Responder for Download {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.answer(request).unwrap_or_else(HttpResponse::from_error)
    }
}

/// For handlers that open a file themselves: `root.open(name).map_err(DownloadError::from)?`.
impl Replies for DownloadError {
    const DECLARED: Declared = Declared::All(&[
        Declared::One(404, Content::Problem),
        Declared::One(412, Content::Problem),
        Declared::One(416, Content::Problem),
    ]);

    fn describe(outputs: &mut Vec<Output>) {
        let mut all = Vec::new();
        Download::describe(&mut all);
        outputs.extend(all.into_iter().filter(|output| output.status.is_some_and(|status| status >= 400)));
    }

    fn reply(self, _: &ReplyContext<'_>) -> Result<HttpResponse, Problem> {
        Err(self.into())
    }
}

fn header(name: &'static str, description: &'static str, required: bool) -> HeaderSpec {
    let mut spec = if required { HeaderSpec::required(name) } else { HeaderSpec::optional(name) };
    spec.description = Some(description.into());
    spec
}

fn disposition() -> HeaderSpec {
    header("Content-Disposition", "Whether to keep or to show the file, and its name.", true)
}

fn nosniff() -> HeaderSpec {
    let mut spec = HeaderSpec::required("X-Content-Type-Options");
    spec.value = Some("nosniff".into());
    spec
}

fn policy() -> HeaderSpec {
    header("Content-Security-Policy", "What a file that is shown may do.", false)
}

/// What a cache keeps and asks with.
fn validators() -> [HeaderSpec; 4] {
    [
        header("Cache-Control", "How long the file may be kept.", false),
        header("ETag", "Tells this state of the file from others.", false),
        header("Expires", "When to ask again.", false),
        header("Last-Modified", "When the file was last changed.", false),
    ]
}
