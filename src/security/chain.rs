use std::{any::TypeId, borrow::Cow, fmt, sync::Arc};

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{HeaderValue, WWW_AUTHENTICATE},
    },
};
use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use super::{Denial, Scheme, SharedIdentity, Verdict};
use crate::{
    endpoint::{HeaderSpec, Output},
    problem::Problem,
};

/// A scheme whose type is forgotten.
pub(crate) trait ErasedScheme: fmt::Debug + Send + Sync {
    fn name(&self) -> Cow<'static, str>;
    fn document(&self) -> Value;
    fn challenge(&self) -> Option<HeaderValue>;
    fn known_scopes(&self) -> Option<Vec<Cow<'static, str>>>;
    fn denials(&self) -> Vec<(StatusCode, &'static str)>;
    fn scheme_type(&self) -> TypeId;
    /// The type of identity that it finds, and that type's name.
    fn identity_type(&self) -> (TypeId, &'static str);
    fn identify<'a>(
        &'a self,
        request: &'a HttpRequest,
        scopes: &'a [Cow<'static, str>],
    ) -> LocalBoxFuture<'a, Verdict<Box<dyn SharedIdentity>>>;
}

impl<S: Scheme> ErasedScheme for S {
    fn name(&self) -> Cow<'static, str> {
        Scheme::name(self)
    }

    fn document(&self) -> Value {
        Scheme::document(self)
    }

    fn challenge(&self) -> Option<HeaderValue> {
        Scheme::challenge(self)
    }

    fn known_scopes(&self) -> Option<Vec<Cow<'static, str>>> {
        Scheme::known_scopes(self)
    }

    fn denials(&self) -> Vec<(StatusCode, &'static str)> {
        Scheme::denials(self)
    }

    fn scheme_type(&self) -> TypeId {
        TypeId::of::<S>()
    }

    fn identity_type(&self) -> (TypeId, &'static str) {
        (TypeId::of::<S::Identity>(), std::any::type_name::<S::Identity>())
    }

    fn identify<'a>(
        &'a self,
        request: &'a HttpRequest,
        scopes: &'a [Cow<'static, str>],
    ) -> LocalBoxFuture<'a, Verdict<Box<dyn SharedIdentity>>> {
        Box::pin(async move {
            match Scheme::identify(self, request, scopes).await {
                Verdict::Accept(identity) => Verdict::Accept(Box::new(identity) as Box<dyn SharedIdentity>),
                Verdict::Next => Verdict::Next,
                Verdict::Stop(denial) => Verdict::Stop(denial),
            }
        })
    }
}

/// A scheme with the scopes that are asked of it.
pub(crate) type Alternative = (Arc<dyn ErasedScheme>, Vec<Cow<'static, str>>);

/// The schemes that one operation accepts, in the order in which they are asked.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub(crate) alternatives: Vec<Alternative>,
    /// Whether a request without credentials passes.
    pub(crate) optional: bool,
}

impl Chain {
    /// Finds out who is calling; `None` is someone without credentials, where that is allowed.
    ///
    /// # Errors
    /// The 400, 401, 403 or 503 to answer with.
    pub(crate) async fn identify(
        &self,
        request: &HttpRequest,
    ) -> Result<Option<Box<dyn SharedIdentity>>, Problem> {
        for (scheme, scopes) in &self.alternatives {
            match scheme.identify(request, scopes).await {
                Verdict::Accept(identity) => return Ok(Some(identity)),
                Verdict::Next => {}
                Verdict::Stop(denial) => return Err(self.denied(scheme.as_ref(), denial)),
            }
        }
        if self.optional {
            return Ok(None);
        }
        let problem = Problem::new(StatusCode::UNAUTHORIZED).code("unauthenticated");
        Err(challenged(problem.detail("this endpoint asks for credentials"), self.challenges()))
    }

    /// The requirements for the document: each alternative's name and scopes. Where the chain is
    /// [optional](Self::optional), the document adds the empty requirement.
    pub(crate) fn requirements(&self) -> Vec<(String, Vec<String>)> {
        let text = |scopes: &[Cow<'static, str>]| scopes.iter().map(|scope| scope.to_string()).collect();
        self.alternatives.iter().map(|(scheme, scopes)| (scheme.name().into_owned(), text(scopes))).collect()
    }

    /// The answers that the chain can cause.
    pub(crate) fn outputs(&self) -> Vec<Output> {
        let mut unauthenticated = Output::problem(401, "The credentials are missing or wrong.");
        if !self.challenges().is_empty() {
            let mut header = HeaderSpec::required("WWW-Authenticate");
            header.description = Some("Which credentials are accepted (RFC 9110).".into());
            unauthenticated.headers.push(header);
        }
        let mut outputs = vec![unauthenticated];
        if self.alternatives.iter().any(|(_, scopes)| !scopes.is_empty()) {
            outputs.push(Output::problem(403, "The credentials do not grant what this endpoint asks for."));
        }
        for (status, description) in self.alternatives.iter().flat_map(|(scheme, _)| scheme.denials()) {
            let status = status.as_u16();
            if !outputs.iter().any(|output| output.status == Some(status)) {
                let mut output = Output::problem(status, "");
                output.description = Some(sentence(description).into());
                outputs.push(output);
            }
        }
        outputs
    }

    /// Every scheme's challenge, without doubles.
    fn challenges(&self) -> Vec<HeaderValue> {
        let mut challenges = Vec::new();
        for challenge in self.alternatives.iter().filter_map(|(scheme, _)| scheme.challenge()) {
            if !challenges.contains(&challenge) {
                challenges.push(challenge);
            }
        }
        challenges
    }

    fn denied(&self, scheme: &dyn ErasedScheme, denial: Denial) -> Problem {
        let challenges = match denial.challenge.or_else(|| {
            // A 401 has a challenge (RFC 9110 §15.5.2); other answers only where the scheme made one for them.
            (denial.status == StatusCode::UNAUTHORIZED).then(|| scheme.challenge()).flatten()
        }) {
            Some(challenge) => vec![challenge],
            None if denial.status == StatusCode::UNAUTHORIZED => self.challenges(),
            None => Vec::new(),
        };
        challenged(Problem::new(denial.status).code(denial.code).detail(denial.detail), challenges)
    }
}

fn challenged(problem: Problem, challenges: Vec<HeaderValue>) -> Problem {
    challenges.into_iter().fold(problem, |problem, value| problem.header(WWW_AUTHENTICATE, value))
}

/// `the key is wrong` becomes `The key is wrong.`
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}

#[cfg(test)]
#[path = "tests/chain.rs"]
mod tests;
