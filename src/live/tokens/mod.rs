//! JSON Web Tokens for connections and subscriptions, for clients that are not known by a session or a bearer token of the
//! application's own. Their claims are those of Centrifugo, so its documentation and the libraries that make such tokens fit.
//!
//! | claim of a connection | |
//! |---|---|
//! | `sub` | the user's id; empty or left out for somebody anonymous |
//! | `exp`, `nbf`, `iss`, `aud` | as in RFC 7519; without `exp` it does not expire |
//! | `expire_at` | when the connection ends, instead of `exp`; 0 is never |
//! | `info` | what others see of the connection, in presence and joins |
//! | `meta` | for the application alone |
//! | `channels` | the channels that the connection is subscribed to by the server |
//! | `subs` | the same with `info`, `data` and `override` for each: `{"news": {"info": {}}}` |
//!
//! A subscription's token has `sub`, which must be the connection's user, `channel`, which must be the channel, the claims about
//! time and issuer, `info`, and `override`: `{"presence": {"value": true}, "join_leave": .., "force_recovery": ..}`.

mod claims;
mod fault;
mod grant;
mod verify;

pub use fault::TokenFault;
pub use grant::{ConnectionToken, Overrides, Renewal, SubscriptionToken};
pub use verify::LiveTokens;
