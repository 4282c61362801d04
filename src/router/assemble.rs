//! One operation, resolved as far as it can be without knowing the others.

use std::sync::Arc;

use actix_web::{
    cookie::Cookie,
    http::{
        Method, StatusCode,
        header::{HeaderName, HeaderValue, SET_COOKIE},
    },
};

use super::controller::BoundOperation;
use crate::{
    endpoint::{
        Contract, CookieSpec, Draft, Input, Mounted, MountedOperation, Options, Output, OutputContent, Voice,
        checks,
    },
    request::Reading,
    security::Chain,
};

pub(super) struct Assembled {
    pub(super) mounted: Mounted,
    pub(super) described: MountedOperation,
}

/// Resolves one operation as far as it can be without knowing the others.
pub(super) fn assemble(
    controller: &str,
    operation: &BoundOperation,
    options: &Options,
    chain: Option<Chain>,
    label: &str,
    faults: &mut Vec<String>,
) -> Option<Assembled> {
    let draft = &*operation.draft;
    let mut spec = draft.spec.clone();
    let default_status = draft
        .status
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(if spec.method == Method::POST { StatusCode::CREATED } else { StatusCode::OK });
    let vouched = !checks::is_unknown(&operation.declared);
    if !vouched && draft.declares.is_empty() {
        faults
            .push("its return type does not say what it answers; add `declares(200: User, 404)`".to_owned());
    }
    let allowed = options.allowed.unwrap_or_default();
    faults.extend(checks::declaration_faults(&operation.declared, &spec, allowed, default_status.as_u16()));
    spec.outputs.extend(draft.declares.iter().cloned());
    for output in &mut spec.outputs {
        output.status.get_or_insert(default_status.as_u16());
        if output.status.is_some_and(|status| status < 400) {
            output.headers.extend(draft.added_headers.iter().cloned());
            output.cookies.extend(draft.added_cookies.iter().cloned());
        }
    }
    let negotiates_answer =
        spec.outputs.iter().any(|output| matches!(output.content, OutputContent::Model(_)));
    if negotiates_answer {
        add_automatic(
            &mut spec.outputs,
            Output::problem(406, "Nothing that this endpoint can answer is acceptable."),
        );
    }
    for output in options.answers.iter().flatten() {
        add_automatic(&mut spec.outputs, output.clone());
    }
    for output in chain.iter().flat_map(Chain::outputs) {
        add_automatic(&mut spec.outputs, output);
    }
    let voice = Voice::new(options).map_err(|wrong| faults.push(wrong)).ok()?;
    let parsers = options.parsers.clone().unwrap_or_else(|| vec![crate::media::Parsing::Json]);
    let body = spec.inputs.iter().find_map(|input| match input {
        Input::Body { optional, media_types, .. } => Some((*optional, media_types.is_empty())),
        Input::Parameters { .. } => None,
    });
    if parsers.is_empty() && body.is_some() {
        faults.push(
            "has a body and an empty list of parsers; leave the list out, or name at least one".to_owned(),
        );
    }
    let contract =
        Contract::new(options, &spec.outputs, default_status).map_err(|wrong| faults.extend(wrong)).ok()?;
    let added = added_headers(draft, faults);
    let operation_id = match &spec.operation_id {
        Some(id) => id.to_string(),
        None if spec.name.is_empty() => words(label),
        None => format!("{}_{}", snake(controller), spec.name),
    };
    Some(Assembled {
        described: MountedOperation {
            path: String::new(),
            operation_id: operation_id.clone(),
            tags: Vec::new(),
            parsers: parsers.iter().map(|parser| parser.media_type().to_owned()).collect(),
            renderers: voice.media_types().map(str::to_owned).collect(),
            security: chain.as_ref().map(Chain::requirements).unwrap_or_default(),
            security_optional: chain.as_ref().is_some_and(|chain| chain.optional),
            error_model: Arc::clone(voice.model()),
            spec,
        },
        mounted: Mounted {
            operation_id,
            pattern: String::new(),
            voice,
            reading: Arc::new(Reading::new(options, parsers)),
            chain,
            contract,
            default_status,
            negotiates_body: matches!(body, Some((_, true))),
            negotiates_answer,
            vouched,
            wrapped: false,
            added,
        },
    })
}

/// Adds an automatic answer unless the endpoint declares that status itself.
fn add_automatic(outputs: &mut Vec<Output>, output: Output) {
    if !outputs.iter().any(|known| known.status == output.status) {
        outputs.push(output);
    }
}

fn added_headers(draft: &Draft, faults: &mut Vec<String>) -> Vec<(HeaderName, HeaderValue)> {
    let mut added = Vec::new();
    for spec in &draft.added_headers {
        let name = HeaderName::from_bytes(spec.name.as_bytes()).ok();
        let value = spec.value.as_deref().and_then(|value| HeaderValue::from_str(value).ok());
        match (name, value) {
            (Some(name), Some(value)) => added.push((name, value)),
            _ => faults.push(format!("the header {:?} has no valid name and value", spec.name)),
        }
    }
    for spec in &draft.added_cookies {
        match HeaderValue::from_str(&cookie(spec).to_string()) {
            Ok(value) => added.push((SET_COOKIE, value)),
            Err(_) => faults.push(format!("the cookie {:?} has no valid name and value", spec.name)),
        }
    }
    added
}

fn cookie(spec: &CookieSpec) -> Cookie<'static> {
    let mut cookie = Cookie::new(spec.name.clone(), spec.value.clone().unwrap_or_default());
    if let Some(path) = &spec.path {
        cookie.set_path(path.clone());
    }
    if let Some(domain) = &spec.domain {
        cookie.set_domain(domain.clone());
    }
    if spec.secure {
        cookie.set_secure(true);
    }
    if spec.http_only {
        cookie.set_http_only(true);
    }
    cookie.set_same_site(spec.same_site);
    if let Some(age) = spec.max_age {
        let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        cookie.set_max_age(actix_web::cookie::time::Duration::seconds(seconds));
    }
    cookie
}

/// `TeamBoards` and `team boards` become `team_boards`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::new();
    for (at, c) in name.chars().enumerate() {
        if c.is_uppercase() && at > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    words(&out)
}

/// Runs of anything but letters and digits become one `_`.
pub(crate) fn words(text: &str) -> String {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}
