use std::{
    future::{Ready, ready},
    time::SystemTime,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, error::ErrorInternalServerError, web::Data};

use super::SignedLinks;

/// What a good link says: the identity that [`SignedLink`](super::SignedLink) finds, and an extractor of a plain Actix handler, which
/// takes its [`SignedLinks`] from the application's data.
///
/// ```
/// use std::time::Duration;
/// use actix_charter::security::{SignedLinks, VerifiedLink};
/// use actix_web::{App, http::Method, test, web};
///
/// async fn read(name: web::Path<String>, _link: VerifiedLink) -> String {
///     name.into_inner()
/// }
///
/// # #[actix_web::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let links = SignedLinks::new("k1", [7; 32])?;
/// let files = web::scope("/files").route("/{name}", web::get().to(read));
/// let app = test::init_service(App::new().app_data(links.clone()).service(files)).await;
///
/// let link = links.link(Method::GET, "/files/a b.txt").valid_for(Duration::from_secs(60)).sign()?;
/// let answer = test::call_service(&app, test::TestRequest::with_uri(&link).to_request()).await;
/// assert_eq!(answer.status(), 200);
/// let answer = test::call_service(&app, test::TestRequest::with_uri("/files/a").to_request()).await;
/// assert_eq!(answer.status(), 401);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLink {
    key_id: String,
    subject: Option<String>,
    expires: SystemTime,
}

impl VerifiedLink {
    pub(super) fn new(key_id: String, subject: Option<String>, expires: SystemTime) -> Self {
        Self { key_id, subject, expires }
    }

    /// Whom the link was made for, if that was said.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// When the link is over.
    #[must_use]
    pub const fn expires(&self) -> SystemTime {
        self.expires
    }

    /// The id of the key that signed it.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

impl FromRequest for VerifiedLink {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let bare = request.app_data::<SignedLinks>();
        let links = bare.or_else(|| request.app_data::<Data<SignedLinks>>().map(|links| &***links));
        ready(match links {
            Some(links) => links.verify(request).map_err(Into::into),
            None => {
                tracing::error!(target: "actix_charter::security", "a handler takes a signed link, but the application has no `SignedLinks` in its data");
                Err(ErrorInternalServerError("the request cannot be answered"))
            }
        })
    }
}
