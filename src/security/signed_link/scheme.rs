use std::{borrow::Cow, fmt};

use actix_web::{HttpMessage, HttpRequest, http::header::HeaderValue};
use serde_json::{Value, json};

use super::{
    SignedLinks, VerifiedLink,
    links::{EXPIRES, SIGNATURE, SUBJECT},
};
use crate::security::{
    Denial, Scheme, TakenFromQuery, Verdict,
    authorization::challenge,
    declared::{Declared, declared_by},
    grants::insufficient_scope,
};

/// A link that was signed by [`SignedLinks`], as a security scheme: `security = SignedLink`.
///
/// ```
/// use std::time::Duration;
/// use actix_charter::{prelude::*, security::{SignedLink, SignedLinks, VerifiedLink}};
/// use actix_web::{App, http::Method, test};
///
/// struct Reports;
///
/// #[controller(path = "/reports")]
/// impl Reports {
///     #[get("/{name}", security = SignedLink)]
///     async fn read(&self, Path(name): Path<String>, link: Identity<VerifiedLink>) -> String {
///         format!("{name} for {}", link.subject().unwrap_or("anyone"))
///     }
/// }
///
/// # #[actix_web::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let links = SignedLinks::new("k1", [7; 32])?;
/// let api = Router::new("/api").scheme(SignedLink::new(links.clone())).controller(Reports);
/// let app = test::init_service(App::new().service(api)).await;
///
/// let link = links.link(Method::GET, "/api/reports/2026").subject("ann").valid_for(Duration::from_secs(60)).sign()?;
/// let answer = test::call_and_read_body(&app, test::TestRequest::with_uri(&link).to_request()).await;
/// assert_eq!(answer, "\"2026 for ann\"");
/// # Ok(())
/// # }
/// ```
///
/// What the link itself put into the query, `expires`, `signature` and `subject`, is not seen by a
/// [`Query`](crate::request::Query) whose model does not name it: `deny_unknown_fields` does not refuse it.
///
/// Every bad link is the same 401, whatever is wrong with it; the log says more. A request without `signature` has no credentials for this
/// scheme, and the next one is asked.
pub struct SignedLink {
    links: SignedLinks,
    declared: Declared<VerifiedLink>,
}

impl SignedLink {
    /// Links that these keys signed.
    #[must_use]
    pub fn new(links: SignedLinks) -> Self {
        Self { links, declared: Declared::new("SignedLink") }
    }
}

declared_by! {
    SignedLink for VerifiedLink, "SignedLink",
    /// Says whether a link has a scope. Without it an endpoint that asks for scopes is refused at mounting.
}

impl From<SignedLinks> for SignedLink {
    fn from(links: SignedLinks) -> Self {
        Self::new(links)
    }
}

impl Scheme for SignedLink {
    type Identity = VerifiedLink;

    fn name(&self) -> Cow<'static, str> {
        self.declared.name.clone()
    }

    fn document(&self) -> Value {
        json!({
            "type": "apiKey",
            "in": "query",
            "name": "signature",
            "description": "A link that the service made and signed: follow it as it is. Beside `signature` it has `expires`, the second \
                since 1970 at which it is over, and it may have `subject`, whom it is for. Method, path and query are signed too.",
        })
    }

    fn challenge(&self) -> Option<HeaderValue> {
        Some(challenge_for(&self.declared.realm))
    }

    fn known_scopes(&self) -> Option<Vec<Cow<'static, str>>> {
        self.declared.grants.known()
    }

    async fn identify(&self, request: &HttpRequest, scopes: &[Cow<'static, str>]) -> Verdict<VerifiedLink> {
        if !SignedLinks::is_claimed(request) {
            return Verdict::Next;
        }
        match self.links.verify(request) {
            Ok(link) if self.declared.grants.has_all(&link, scopes) => {
                request.extensions_mut().insert(TakenFromQuery(&[EXPIRES, SIGNATURE, SUBJECT]));
                Verdict::Accept(link)
            }
            Ok(_) => Verdict::Stop(insufficient_scope()),
            Err(invalid) => Verdict::Stop(Denial::unauthorized("invalid_link", invalid.to_string())),
        }
    }
}

impl fmt::Debug for SignedLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedLink")
            .field("name", &self.declared.name)
            .field("links", &self.links)
            .finish_non_exhaustive()
    }
}

pub(super) fn challenge_for(realm: &str) -> HeaderValue {
    challenge("SignedLink", &[("realm", realm)])
}
