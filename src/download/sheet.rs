use std::borrow::Cow;

use actix_web::{
    HttpResponse,
    body::BoxBody,
    http::{
        StatusCode,
        header::{ETAG, HeaderName, HeaderValue, LAST_MODIFIED},
    },
};

use super::{condition::Validators, entity_tag::EntityTag, kept::Called, offload::Survey, seconds};

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

    /// That there are these, or none.
    #[expect(clippy::ptr_arg, reason = "what is borrowed is the file's own")]
    pub(crate) fn put_validators(&mut self, called: &Called<'_>, validators: &Cow<'_, Validators>) {
        self.survey.has_validators = true;
        match (called, validators) {
            // As the file has them.
            (Called::Kept(kept, _), Cow::Borrowed(validators)) => self.put_all(kept.stamps(validators)),
            _ => {
                self.put_if(ETAG, validators.etag.as_ref().map(EntityTag::to_value));
                self.put_if(LAST_MODIFIED, validators.last_modified.and_then(seconds::date));
            }
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

impl Lines {
    /// The answer that has these headers, and nothing else.
    pub(crate) fn answer(&self) -> HttpResponse {
        let mut sheet = Sheet::new(StatusCode::OK);
        sheet.put_all(self);
        sheet.response
    }
}

impl FromIterator<(HeaderName, HeaderValue)> for Lines {
    fn from_iter<T: IntoIterator<Item = (HeaderName, HeaderValue)>>(lines: T) -> Self {
        let lines: Vec<_> = lines.into_iter().collect();
        let mut survey = Survey::default();
        lines.iter().for_each(|(name, value)| survey.note(name, value));
        Self { lines, survey }
    }
}
