//! Centrifugo's HTTP API, for programs that publish and are not this one: jobs, other services, scripts, in any language that has
//! a client for Centrifugo's server.
//!
//! [`LiveApi`] is a controller like any other: it is mounted, secured and in the document. Every command is a POST of JSON; the answer
//! has status 200 and either a `result` or an `error` with a code of the protocol's, as Centrifugo's has. What is no such command at
//! all (not JSON, a member of the wrong type, one that is not known) is a problem with status 400 and all that is wrong, and who has no
//! key gets a 401.
//!
//! | `POST` | does | refused |
//! |---|---|---|
//! | `/publish`, `/broadcast` | publishes into one channel, or many | 102; `b64data` that is not JSON: 107; `delta` where the channel has none: 108 |
//! | `/subscribe`, `/unsubscribe` | subscribes and unsubscribes connections of a user | 102; `override` of more than presence and joins: 108 |
//! | `/disconnect`, `/refresh` | ends connections of a user, or says when they end | |
//! | `/presence`, `/presence_stats` | who is in a channel | where the channel does not keep it: 108 |
//! | `/history`, `/history_remove` | what was published | where the channel keeps none: 108; a position of another epoch: 112 |
//! | `/channels`, `/info` | the channels and the counts of this process | a `pattern` with more than `*` and `?`: 107 |
//! | `/batch` | many commands in one request, in order or at once | |
//!
//! A user is named in every command about connections; `client` and `session` narrow it down, and with one of them the name may be
//! empty, for connections of somebody anonymous. `rpc` is not there, and neither is what Centrifugo sells.

mod answer;
mod batch;
mod caller;
mod controller;
mod execute;
mod glob;
mod raw_json;
mod request;

pub use caller::LiveCaller;
pub use controller::LiveApi;
