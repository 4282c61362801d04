use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    cookie::Cookie,
    http::{
        Method, StatusCode,
        header::{self, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    },
};

use super::{ContractMode, CookieSpec, Options, Output, OutputContent, Rule, Rules, Voice};
#[cfg(feature = "explain")]
use crate::model::SchemaOf;

/// What an endpoint may answer, ready to be compared with what it does answer.
#[derive(Debug)]
pub(crate) struct Contract {
    mode: ContractMode,
    allowed: Rules,
    answers: Box<[Answer]>,
    /// Headers that any answer may carry.
    common: Box<[HeaderName]>,
    /// Cookies that any answer may set.
    common_cookies: Box<[Cow<'static, str>]>,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    contents: Vec<OutputContent>,
    required: Vec<(HeaderName, Option<HeaderValue>)>,
    optional: Vec<HeaderName>,
    cookies: Vec<CookieSpec>,
}

/// One way in which an answer breaks its contract.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    pub(crate) rule: Rule,
    pub(crate) detail: String,
}

/// Headers that belong to the transport, to negotiation, or that are checked by rules of their own.
/// The last ones are orders that the proxy in front takes out; no client sees them.
const UNCOUNTED: [HeaderName; 24] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::CONTENT_ENCODING,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::DATE,
    header::SERVER,
    header::VARY,
    header::SET_COOKIE,
    // What a browser's page may see is the deployment's affair, and differs by the page.
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
    HeaderName::from_static("x-accel-redirect"),
    HeaderName::from_static("x-accel-limit-rate"),
    HeaderName::from_static("x-accel-buffering"),
    HeaderName::from_static("x-accel-expires"),
    HeaderName::from_static("x-accel-charset"),
    HeaderName::from_static("x-sendfile"),
    HeaderName::from_static("x-litespeed-location"),
    HeaderName::from_static("x-download-url"),
    HeaderName::from_static("x-download-authorization"),
    HeaderName::from_static("x-download-cache-control"),
    HeaderName::from_static("x-download-content-disposition"),
    HeaderName::from_static("x-download-expires"),
];

/// What the client will see of a header. An answer that makes the proxy fetch a URL carries some of them under other names.
pub(crate) fn seen<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h HeaderValue> {
    let carried = || {
        headers.get("x-download-url")?;
        headers.get(format!("x-download-{name}").to_ascii_lowercase())
    };
    headers.get(name).or_else(carried)
}

impl Contract {
    /// # Errors
    /// Sentences for the mount report about names and values that no header can carry.
    pub(crate) fn new(
        options: &Options,
        outputs: &[Output],
        default_status: StatusCode,
    ) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut name = |name: &str| {
            HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| {
                    faults.push(format!(
                        "declares the header {name:?}, which is not a header name (RFC 9110 §5.1)"
                    ));
                })
                .ok()
        };
        let mut answers: Vec<Answer> = Vec::new();
        for output in outputs {
            let status = output.status.unwrap_or(default_status.as_u16());
            let mut required = Vec::new();
            let mut optional = Vec::new();
            for spec in &output.headers {
                let Some(name) = name(&spec.name) else { continue };
                match spec.required {
                    true => required
                        .push((name, spec.value.as_deref().and_then(|v| HeaderValue::from_str(v).ok()))),
                    false => optional.push(name),
                }
            }
            match answers.iter_mut().find(|answer| answer.status == status) {
                None => answers.push(Answer {
                    status,
                    contents: vec![output.content.clone()],
                    required,
                    optional,
                    cookies: output.cookies.clone(),
                }),
                Some(answer) => answer.merge(output, required, optional),
            }
        }
        let common = options.headers.iter().flatten().filter_map(|spec| name(&spec.name)).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        answers.sort_by_key(|answer| answer.status);
        Ok(Self {
            mode: options.get_contract(),
            allowed: options.allowed.unwrap_or_default(),
            answers: answers.into(),
            common,
            common_cookies: options.cookies.clone().unwrap_or_default().into(),
        })
    }

    pub(crate) fn mode(&self) -> ContractMode {
        self.mode
    }

    /// All that the typed replies can still get wrong: a reply written by hand may answer with an undeclared status.
    pub(crate) fn knows(&self, status: StatusCode) -> bool {
        self.allowed.has(Rule::Status) || self.answer(status).is_some()
    }

    fn answer(&self, status: StatusCode) -> Option<&Answer> {
        self.answers.iter().find(|answer| answer.status == status.as_u16())
    }

    /// Everything that is wrong with an answer which no type vouches for.
    pub(crate) fn breaches(
        &self,
        request: &HttpRequest,
        response: &HttpResponse,
        voice: &Voice,
    ) -> Vec<Breach> {
        let mut breaches = Vec::new();
        let mut breach = |rule: Rule, detail: String| {
            if !self.allowed.has(rule) {
                breaches.push(Breach { rule, detail });
            }
        };
        let Some(answer) = self.answer(response.status()) else {
            let declared =
                self.answers.iter().map(|answer| answer.status.to_string()).collect::<Vec<_>>().join(", ");
            breach(Rule::Status, format!("answered {}, declared are {declared}", response.status().as_u16()));
            return breaches;
        };
        answer.check_content_type(response, voice, &mut breach);
        answer.check_headers(response, &self.common, &mut breach);
        answer.check_cookies(response, &self.common_cookies, &mut breach);
        if request.method() != Method::HEAD {
            answer.check_emptiness(response, &mut breach);
        }
        breaches
    }

    /// Whether a problem is the one thing declared for an answer that is an error and says nothing.
    pub(crate) fn lacks_problem(&self, response: &HttpResponse) -> bool {
        let says_nothing = matches!(response.body().size(), BodySize::None | BodySize::Sized(0))
            && !response.headers().contains_key(CONTENT_TYPE);
        says_nothing
            && self
                .answer(response.status())
                .is_some_and(|answer| answer.contents == [OutputContent::Problem])
    }

    /// The model that this answer's body must fit, if the rule is on and there is exactly one.
    #[cfg(feature = "explain")]
    pub(crate) fn body_model(&self, status: StatusCode) -> Option<SchemaOf> {
        if self.allowed.has(Rule::BodyModel) {
            return None;
        }
        match self.answer(status)?.contents.as_slice() {
            [OutputContent::Model(schema) | OutputContent::Media(_, Some(schema))] => Some(*schema),
            _ => None,
        }
    }
}

impl Answer {
    /// The same status declared once more: what only one of the two requires is optional.
    fn merge(
        &mut self,
        output: &Output,
        required: Vec<(HeaderName, Option<HeaderValue>)>,
        optional: Vec<HeaderName>,
    ) {
        if !self.contents.contains(&output.content) {
            self.contents.push(output.content.clone());
        }
        let (both, mine): (Vec<_>, Vec<_>) =
            self.required.drain(..).partition(|(name, _)| required.iter().any(|(other, _)| other == name));
        self.required = both;
        self.optional.extend(mine.into_iter().map(|(name, _)| name));
        self.optional.extend(optional);
        let missing = required
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| !self.required.iter().any(|(r, _)| r == name));
        self.optional.extend(missing.collect::<Vec<_>>());
        for cookie in &mut self.cookies {
            cookie.required &= output.cookies.iter().any(|other| other.name == cookie.name && other.required);
        }
        for cookie in &output.cookies {
            if !self.cookies.iter().any(|mine| mine.name == cookie.name) {
                let mut cookie = cookie.clone();
                cookie.required = false;
                self.cookies.push(cookie);
            }
        }
    }

    fn check_content_type(
        &self,
        response: &HttpResponse,
        voice: &Voice,
        breach: &mut impl FnMut(Rule, String),
    ) {
        let sent = response.headers().get(CONTENT_TYPE);
        let fits = self.contents.iter().any(|content| match (content, sent) {
            (OutputContent::Any, _) | (OutputContent::Empty, None) => true,
            (OutputContent::Model(_), Some(sent)) => voice.is_content_type(sent),
            (OutputContent::Problem, Some(sent)) => voice.is_problem_type(sent),
            (OutputContent::Media(media_type, _), Some(sent)) => same_media_type(media_type, sent),
            _ => false,
        });
        if !fits {
            let sent = sent.map_or("no content type".to_owned(), |sent| format!("{sent:?}"));
            let declared = self.contents.iter().map(|content| match content {
                OutputContent::Empty => "none".to_owned(),
                OutputContent::Model(_) => voice.media_types().collect::<Vec<_>>().join(" or "),
                OutputContent::Problem => "a problem".to_owned(),
                OutputContent::Media(media_type, _) => media_type.to_string(),
                OutputContent::Any => "anything".to_owned(),
            });
            let declared = declared.collect::<Vec<_>>().join(", ");
            breach(
                Rule::ContentType,
                format!("{} was sent with {sent}, declared is {declared}", self.status),
            );
        }
    }

    fn check_headers(
        &self,
        response: &HttpResponse,
        common: &[HeaderName],
        breach: &mut impl FnMut(Rule, String),
    ) {
        for (name, value) in &self.required {
            match seen(response.headers(), name.as_str()) {
                None => breach(Rule::RequiredHeader, format!("{} lacks the header {name}", self.status)),
                Some(sent) if value.as_ref().is_some_and(|value| value != sent) => {
                    breach(
                        Rule::RequiredHeader,
                        format!("{} has another value of {name} than the declared one", self.status),
                    );
                }
                Some(_) => {}
            }
        }
        for name in response.headers().keys() {
            let known = UNCOUNTED.contains(name)
                || common.contains(name)
                || self.optional.contains(name)
                || self.required.iter().any(|(required, _)| required == name);
            if !known {
                breach(
                    Rule::UndeclaredHeader,
                    format!("{} carries the undeclared header {name}", self.status),
                );
            }
        }
    }

    fn check_cookies(
        &self,
        response: &HttpResponse,
        common: &[Cow<'static, str>],
        breach: &mut impl FnMut(Rule, String),
    ) {
        let sent: Vec<Cookie<'_>> = response.cookies().collect();
        for spec in &self.cookies {
            match sent.iter().find(|cookie| cookie.name() == spec.name) {
                None if spec.required => {
                    breach(Rule::Cookies, format!("{} does not set the cookie {}", self.status, spec.name));
                }
                None => {}
                Some(cookie) => {
                    if let Some(attribute) = differing_attribute(spec, cookie) {
                        let text =
                            format!("the cookie {} differs from its declaration in {attribute}", spec.name);
                        breach(Rule::Cookies, text);
                    }
                }
            }
        }
        for cookie in &sent {
            let known = self.cookies.iter().any(|spec| spec.name == cookie.name())
                || common.iter().any(|name| name == cookie.name());
            if !known {
                breach(
                    Rule::Cookies,
                    format!("{} sets the undeclared cookie {}", self.status, cookie.name()),
                );
            }
        }
    }

    fn check_emptiness(&self, response: &HttpResponse, breach: &mut impl FnMut(Rule, String)) {
        let empty = matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
        if !empty && self.contents.iter().all(|content| *content == OutputContent::Empty) {
            breach(Rule::EmptyBody, format!("{} is declared empty and has a body", self.status));
        }
    }
}

/// The first attribute in which a cookie is not what was declared. A cookie that is being removed may expire at once.
fn differing_attribute(spec: &CookieSpec, cookie: &Cookie<'_>) -> Option<&'static str> {
    let removed = cookie.max_age().is_some_and(|age| age.is_zero());
    let max_age = spec.max_age.map(|age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX));
    [
        ("Path", cookie.path() == spec.path.as_deref()),
        ("Domain", cookie.domain() == spec.domain.as_deref()),
        ("Secure", cookie.secure().unwrap_or(false) == spec.secure),
        ("HttpOnly", cookie.http_only().unwrap_or(false) == spec.http_only),
        ("SameSite", cookie.same_site() == spec.same_site),
        (
            "Max-Age",
            removed || max_age.is_none() || cookie.max_age().map(|age| age.whole_seconds()) == max_age,
        ),
    ]
    .into_iter()
    .find_map(|(name, same)| (!same).then_some(name))
}

fn same_media_type(declared: &str, sent: &HeaderValue) -> bool {
    let essence = sent.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    match declared.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => essence
            .split(|byte| *byte == b'/')
            .next()
            .is_some_and(|k| k.eq_ignore_ascii_case(kind.as_bytes())),
        None => {
            let declared = declared.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case(declared.as_bytes())
        }
    }
}
