//! Who is calling, and whether they may.
//!
//! A [`Scheme`] looks at a request and says who sent it. A router is given schemes, an endpoint names the types of those that
//! it accepts, and a handler takes what was found as [`Identity`]:
//!
//! ```ignore
//! let api = Router::new("/api").scheme(Bearer::<Claims>::hs256(&secret)?).controller(Users { store });
//!
//! #[controller(path = "/users", security = Bearer<Claims>)]
//! impl Users {
//!     #[get]
//!     async fn me(&self, who: Identity<Claims>) -> User { .. }
//! }
//! ```
//!
//! Several schemes are asked in the order in which they are named. The first that accepts the request decides who is
//! calling; the first that finds wrong credentials ends it. A 401 carries one challenge per scheme.
//!
//! | scheme | credentials |
//! |---|---|
//! | [`Basic`] | user name and password, RFC 7617 |
//! | [`Bearer`] (feature `jwt`) | a signed JSON Web Token, RFC 6750 and 7519 |
//! | [`BearerToken`] | an opaque token, RFC 6750 |
//! | [`ApiKey`] | a key in a header or a cookie; a session's identifier in a cookie, too |
//! | `SignedLink` (feature `signed-links`) | the link itself, which was signed and ends |
//!
//! Two schemes that read the same credentials, such as two for `Authorization: Bearer`, are no alternatives: the first of them
//! always decides.

mod api_key;
mod authorization;
mod basic;
#[cfg(feature = "jwt")]
mod bearer;
mod bearer_token;
mod chain;
mod cookie;
mod cross_origin;
mod declared;
mod grants;
mod identity;
#[cfg(feature = "jwt")]
mod jwks;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "jwt")]
mod jwt_key;
#[cfg(feature = "jwt")]
mod jwt_keys;
mod requirement;
mod resolve;
mod scheme;
mod secret;
mod shared_identity;
#[cfg(feature = "signed-links")]
mod signed_link;
mod taken;
mod verify;

pub use api_key::ApiKey;
pub use basic::{Basic, Credentials};
#[cfg(feature = "jwt")]
pub use bearer::Bearer;
pub use bearer_token::BearerToken;
pub(crate) use chain::{Chain, ErasedScheme};
pub use identity::Identity;
#[cfg(all(feature = "jwt", feature = "live"))]
pub(crate) use jwt::{Refused as JwtRefused, Rules as JwtRules, verified_payload};
#[cfg(feature = "jwt")]
pub use jwt_key::{JwtKey, KeyError};
#[cfg(feature = "jwt")]
pub use jwt_keys::JwtKeys;
#[cfg(feature = "live")]
pub(crate) use requirement::short_type_name;
pub use requirement::{Requirement, SchemeRef};
pub(crate) use resolve::{check_identity, check_registered, resolve};
pub use scheme::{Denial, Scheme, Verdict};
pub use secret::Secret;
#[doc(hidden)]
pub use shared_identity::SharedIdentity;
#[cfg(feature = "signed-links")]
pub use signed_link::{InvalidLink, LinkBuilder, SignedLink, SignedLinkError, SignedLinks, VerifiedLink};
pub(crate) use taken::TakenFromQuery;
pub use verify::Verified;
