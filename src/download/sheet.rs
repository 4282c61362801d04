use actix_web::{
    HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
};

use super::offload::Survey;

/// The head of an answer while it is written, each header once.
pub(crate) struct Sheet {
    pub(crate) response: HttpResponse,
    /// Of all that was written: so nobody need read it again.
    pub(crate) survey: Survey,
}

impl Sheet {
    pub(crate) fn new(status: StatusCode) -> Self {
        Self { response: HttpResponse::with_body(status, BoxBody::new(())), survey: Survey::default() }
    }

    pub(crate) fn put(&mut self, name: HeaderName, value: HeaderValue) {
        self.survey.note(&name, &value);
        // To insert costs more: what was there would be given back.
        self.response.headers_mut().append(name, value);
    }

    /// Nearly all that may be said is not.
    #[inline(always)]
    pub(crate) fn put_if(&mut self, name: HeaderName, value: Option<HeaderValue>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    pub(crate) fn put_all(&mut self, lines: &Lines) {
        self.survey.add(&lines.survey);
        let headers = self.response.headers_mut();
        for (name, value) in &lines.lines {
            headers.append(name.clone(), value.clone());
        }
    }

    /// Whether it is all of the answer: the client's copy is still right.
    pub(crate) fn is_complete(&self) -> bool {
        self.response.status() == StatusCode::NOT_MODIFIED
    }
}

/// Headers that many answers have.
#[derive(Debug)]
pub(crate) struct Lines {
    lines: Vec<(HeaderName, HeaderValue)>,
    survey: Survey,
}

impl FromIterator<(HeaderName, HeaderValue)> for Lines {
    fn from_iter<T: IntoIterator<Item = (HeaderName, HeaderValue)>>(lines: T) -> Self {
        let lines: Vec<_> = lines.into_iter().collect();
        let mut survey = Survey::default();
        lines.iter().for_each(|(name, value)| survey.note(name, value));
        Self { lines, survey }
    }
}
