use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE},
    },
};

/// Why links cannot be signed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, derive_more::Display, derive_more::Error)]
#[non_exhaustive]
pub enum SignedLinkError {
    /// The key can be guessed.
    #[display("a key for signed links has at least 32 bytes")]
    ShortKey,
    /// The key's id stands in every link.
    #[display("the id of a key is made of 1 to 32 letters, digits, `-` and `_`")]
    KeyId,
    /// Two keys have one id.
    #[display("two keys have the same id")]
    KeyIdTwice,
    /// Not a path, or one that a client would change before it asks for it.
    #[display("the path of a link starts with `/`, and has no `.` or `..` between slashes")]
    Path,
    /// `expires`, `signature` and `subject` are the link's own.
    #[display("`expires`, `signature` and `subject` are the link's own parameters")]
    Reserved,
    /// A link without an end.
    #[display("a link needs an end: say `valid_for` or `expires_at`")]
    NoExpiry,
    /// An end that is over, or too far away.
    #[display("the link would end before it begins, or hold for longer than the maximum")]
    Expiry,
    /// Links are [bound](super::SignedLinks::bound_to), and this one is for nobody.
    #[display("these links are bound to a subject: say whose this one is")]
    NoSubject,
}

/// The request's link is not good: it has none, was altered, was signed for something else, or is over. Which of them is in the log.
///
/// In a plain Actix handler it is a 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, derive_more::Display, derive_more::Error)]
#[display("the link is not valid")]
#[non_exhaustive]
pub struct InvalidLink;

impl ResponseError for InvalidLink {
    fn status_code(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::Unauthorized()
            // RFC 9110 §15.5.2 asks for one; nobody registered a scheme for this.
            .insert_header((WWW_AUTHENTICATE, super::scheme::challenge_for("api")))
            .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")))
            .body(self.to_string())
    }
}

/// What is wrong with a request's link. For the log: the client is told that something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, derive_more::Display)]
pub(super) enum Refused {
    #[display("it has no signature")]
    Missing,
    #[display("a parameter of the link stands twice")]
    Doubled,
    #[display("its path is not encoded as paths are")]
    Path,
    #[display("its signature has no key and tag")]
    Shape,
    #[display("its key is not known")]
    Key,
    #[display("its expiry is missing, or no number of seconds")]
    NoExpiry,
    #[display("its subject is not text")]
    Subject,
    #[display("its signature is wrong: method, path, query, subject, expiry or key were altered")]
    Signature,
    #[display("it has expired")]
    Expired,
    #[display("it holds for longer than any link may")]
    TooLong,
    #[display("it is bound to somebody else, or to nobody")]
    NotTheirs,
}
