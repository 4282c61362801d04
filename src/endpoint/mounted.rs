use std::{any::Any, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{
            ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName,
            HeaderValue, SET_COOKIE, TRANSFER_ENCODING, VARY,
        },
    },
};

use super::{Contract, ContractMode, Rule, Voice, call::panic_text, contract::Breach};
use crate::{
    media::{UnsupportedMediaType, choose_parser},
    problem::Problem,
    request::{Call, Reading, Refusal},
    response::ReplyContext,
    security::Chain,
};

/// One endpoint as it was mounted: every layer's options resolved, everything ready that can be made ready.
#[derive(Debug)]
pub(crate) struct Mounted {
    pub(crate) operation_id: String,
    /// The path template, prefixes included.
    pub(crate) pattern: String,
    pub(crate) voice: Voice,
    pub(crate) reading: Arc<Reading>,
    pub(crate) chain: Option<Chain>,
    pub(crate) contract: Contract,
    pub(crate) default_status: StatusCode,
    /// Whether the body is read by a negotiated parser.
    pub(crate) negotiates_body: bool,
    /// Whether an `Accept` that nothing satisfies is refused; not when no answer is rendered anyway.
    pub(crate) negotiates_answer: bool,
    /// Whether the return type alone says what is answered.
    pub(crate) vouched: bool,
    /// Whether middlewares stand around it.
    pub(crate) wrapped: bool,
    /// Added to every successful answer.
    pub(crate) added: Vec<(HeaderName, HeaderValue)>,
}

impl Mounted {
    /// Everything between the route and the components: renderer, identity, parser. In this order, which is a promise.
    pub(crate) async fn admit(&self, call: &mut Call) -> Result<(), Refusal> {
        self.choose_renderer(call)?;
        if let Some(chain) = &self.chain {
            call.identity = chain.identify(&call.request).await?;
        }
        if self.negotiates_body { self.choose_parser(call) } else { Ok(()) }
    }

    fn choose_renderer(&self, call: &mut Call) -> Result<(), Problem> {
        let headers = call.request.headers();
        if self.negotiates_answer {
            match self.voice.choose(headers) {
                Ok(index) => call.rendering = index,
                Err(problem) => {
                    call.rendering = self.voice.choose_for_error(headers);
                    return Err(problem);
                }
            }
        } else {
            call.rendering = self.voice.choose_for_error(headers);
        }
        Ok(())
    }

    fn choose_parser(&self, call: &mut Call) -> Result<(), Refusal> {
        let headers = call.request.headers();
        if is_coded(headers) {
            // RFC 9110 §15.5.16 asks to say which codings are taken.
            return Err(Refusal::Problem(
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
                    .code("unsupported-content-coding")
                    .detail("the body must not have a Content-Encoding")
                    .header(ACCEPT_ENCODING, HeaderValue::from_static("identity")),
            ));
        }
        match choose_parser(&self.reading.parsers, headers.get(CONTENT_TYPE)) {
            Ok(parser) => {
                call.parser = parser;
                Ok(())
            }
            Err(UnsupportedMediaType::Absent) if !announces_body(&call.request) => {
                call.has_body = false;
                Ok(())
            }
            Err(_) => {
                let taken =
                    self.reading.parsers.iter().map(|p| p.media_type()).collect::<Vec<_>>().join(", ");
                Err(Refusal::Problem(
                    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE)
                        .code("unsupported-media-type")
                        .detail(format!("the body must be {taken}")),
                ))
            }
        }
    }

    pub(crate) fn reply_context<'a>(&'a self, call: &'a Call) -> ReplyContext<'a> {
        let spoken = self.voice.spoken(call.rendering);
        ReplyContext {
            request: &call.request,
            rendering: &spoken.rendering,
            content_type: &spoken.content_type,
            default_status: self.default_status,
        }
    }

    /// Turns whatever came out of a call into the answer.
    pub(crate) fn finish(
        &self,
        call: &Call,
        outcome: Result<Result<Result<HttpResponse, Problem>, Refusal>, Box<dyn Any + Send>>,
    ) -> HttpResponse {
        match outcome {
            Ok(Ok(Ok(response))) => self.succeed(call, response),
            Ok(Ok(Err(problem))) => self.fail(&call.request, call.rendering, self.hold_problem(problem)),
            Ok(Err(refusal)) => self.fail(&call.request, call.rendering, refusal.into_problem()),
            Err(panic) => {
                let text = panic_text(&*panic);
                tracing::error!(
                    target: "actix_charter::endpoint",
                    operation = %self.operation_id, pattern = %self.pattern, panic = %text,
                    "the handler panicked"
                );
                self.voice.problem(&call.request, call.rendering, Problem::internal())
            }
        }
    }

    /// Holds a problem that no type vouches for to the contract: its status must be declared, unless it is our own fault.
    pub(crate) fn hold_problem(&self, problem: Problem) -> Problem {
        let status = problem.status();
        if self.contract.mode() == ContractMode::Off
            || status.is_server_error()
            || self.contract.knows(status)
        {
            return problem;
        }
        let detail = format!("answered {}, which is not declared", status.as_u16());
        match self.report(&[Breach { rule: Rule::Status, detail }]) {
            ContractMode::Fail => Problem::internal(),
            ContractMode::Log | ContractMode::Off => problem,
        }
    }

    /// The problem as an answer, and a line in the log.
    pub(crate) fn fail(&self, request: &HttpRequest, rendering: usize, problem: Problem) -> HttpResponse {
        let status = problem.status().as_u16();
        if problem.status().is_server_error() {
            tracing::error!(
                target: "actix_charter::endpoint",
                operation = %self.operation_id, pattern = %self.pattern, status, "{problem}"
            );
        } else {
            tracing::debug!(
                target: "actix_charter::endpoint",
                operation = %self.operation_id, pattern = %self.pattern, status, "{problem}"
            );
        }
        self.voice.problem(request, rendering, problem)
    }

    fn succeed(&self, call: &Call, mut response: HttpResponse) -> HttpResponse {
        if self.voice.has_choice() {
            response.headers_mut().append(VARY, HeaderValue::from_static("accept"));
        }
        if !self.added.is_empty() && response.status().as_u16() < 400 {
            for (name, value) in &self.added {
                if *name == SET_COOKIE {
                    response.headers_mut().append(name.clone(), value.clone());
                } else {
                    response.headers_mut().insert(name.clone(), value.clone());
                }
            }
        }
        if self.contract.mode() == ContractMode::Off
            || (self.vouched && self.contract.knows(response.status()))
        {
            if self.wrapped {
                response.extensions_mut().insert(Held(Vec::new()));
            }
            return response;
        }
        self.hold(&call.request, call.rendering, response)
    }

    /// Holds what came out of the middlewares around the endpoint to the contract.
    pub(crate) fn hold_outside(&self, request: &HttpRequest, response: HttpResponse) -> HttpResponse {
        self.hold(request, self.voice.choose_for_error(request.headers()), response)
    }

    /// Holds an answer that no type vouches for to the contract.
    pub(crate) fn hold(
        &self,
        request: &HttpRequest,
        rendering: usize,
        response: HttpResponse,
    ) -> HttpResponse {
        let mode = self.contract.mode();
        if mode == ContractMode::Off {
            return response;
        }
        let mut response = if self.contract.lacks_problem(&response) {
            self.speak(request, rendering, &response)
        } else {
            response
        };
        let mut breaches = self.contract.breaches(request, &response, &self.voice);
        let held = response.extensions_mut().remove::<Held>();
        let mut response = match held {
            None => self.hold_body(request, response, &mut breaches),
            Some(Held(told)) => {
                breaches.retain(|breach| !told.contains(breach));
                response
            }
        };
        if !breaches.is_empty() && self.report(&breaches) == ContractMode::Fail {
            return self.voice.problem(request, rendering, Problem::internal());
        }
        if self.wrapped {
            response.extensions_mut().insert(Held(breaches));
        }
        response
    }

    /// `HttpResponse::NotFound().finish()` and its like, in the error model that is in force; the headers stay.
    fn speak(&self, request: &HttpRequest, rendering: usize, response: &HttpResponse) -> HttpResponse {
        let mut spoken = self.voice.problem(request, rendering, Problem::new(response.status()));
        for (name, value) in response.headers() {
            let doubled = name == CONTENT_LENGTH || (name == VARY && self.voice.has_choice());
            if !doubled {
                spoken.headers_mut().append(name.clone(), value.clone());
            }
        }
        spoken
    }

    #[cfg(not(feature = "explain"))]
    fn hold_body(&self, _: &HttpRequest, response: HttpResponse, _: &mut Vec<Breach>) -> HttpResponse {
        response
    }

    /// Compares a body that lies in memory with its model; what is streamed passes.
    #[cfg(feature = "explain")]
    fn hold_body(
        &self,
        request: &HttpRequest,
        response: HttpResponse,
        breaches: &mut Vec<Breach>,
    ) -> HttpResponse {
        use actix_web::{
            body::{BoxBody, MessageBody},
            http::Method,
        };

        let json = response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|sent| sent.as_bytes().starts_with(b"application/json"));
        let Some(schema) = self.contract.body_model(response.status()).filter(|_| json) else {
            return response;
        };
        let coded = response.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
        if request.method() == Method::HEAD || coded {
            return response;
        }
        let (response, body) = response.into_parts();
        match body.try_into_bytes() {
            Err(body) => response.set_body(body),
            Ok(bytes) => {
                let faults = crate::request::explain::explain_answer(schema, &bytes);
                breaches.extend(faults.iter().map(|fault| Breach {
                    rule: Rule::BodyModel,
                    detail: format!("the body at {:?}: {}", fault.pointer, fault.detail),
                }));
                response.set_body(BoxBody::new(bytes))
            }
        }
    }

    fn report(&self, breaches: &[Breach]) -> ContractMode {
        for breach in breaches {
            tracing::error!(
                target: "actix_charter::contract",
                operation = %self.operation_id, pattern = %self.pattern, rule = %breach.rule,
                "contract broken: {}", breach.detail
            );
        }
        self.contract.mode()
    }
}

/// Marks an answer that was held to the contract before it went out to the middlewares, and what was told about it: its
/// body is not parsed a second time, and nothing is told twice.
struct Held(Vec<Breach>);

/// Whether the body has a coding, such as gzip, that would have to be undone first.
fn is_coded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).any(|codings| {
        let codings = codings.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        codings.into_iter().any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
    })
}

/// Whether the request says that a body follows (RFC 9112 §6.3).
pub(crate) fn announces_body(request: &HttpRequest) -> bool {
    let headers = request.headers();
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}
