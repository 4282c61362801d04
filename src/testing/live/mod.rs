//! Live channels in tests: clients without a network, on time that stands still until the test lets it go on.
//!
//! ```
//! use std::time::Duration;
//! use actix_charter::{prelude::*, testing::live::LiveKit};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use validator::Validate;
//!
//! #[derive(Deserialize, Serialize, JsonSchema, Validate, Model)]
//! struct Said {
//!     #[validate(length(min = 1))]
//!     text: String,
//! }
//!
//! struct Rooms;
//!
//! #[channel("room:{id}", history(size = 100, ttl = "1h"), recover, presence)]
//! impl Rooms {
//!     #[subscribe]
//!     async fn enter(&self, id: Path<u32>) -> Option<()> {
//!         (id.0 < 100).then_some(())
//!     }
//!
//!     #[publish]
//!     async fn say(&self, Body(said): Body<Said>) -> Said {
//!         said
//!     }
//!
//!     #[rpc]
//!     async fn double(&self, number: Body<u32>) -> u32 {
//!         number.0 * 2
//!     }
//! }
//!
//! # use serde_json::{Value, json};
//! // In a test: #[actix_web::test]
//! async fn people_hear_what_is_said() {
//!     let live = LiveKit::start(Live::new().channel(Rooms)).await;
//!     let (ann, bob) = (live.connect_as("ann").await, live.connect_as("bob").await);
//!     ann.subscribe("room:7").await;
//!     bob.subscribe("room:7").await;
//!
//!     ann.publish("room:7", &json!({"text": "hi"})).await;
//!     assert_eq!(bob.expect::<Said>("room:7").await.text, "hi");
//!     bob.expect_nothing().await;
//!
//!     // Who was away gets what they missed.
//!     bob.disconnect();
//!     ann.publish("room:7", &json!({"text": "are you there?"})).await;
//!     live.skip(Duration::from_secs(25)).await;
//!     assert!(bob.reconnect().await.recovered());
//!     assert_eq!(bob.expect::<Said>("room:7").await.text, "are you there?");
//!
//!     // What is refused says why.
//!     let problem = ann.try_publish("room:7", &json!({"text": ""})).await.unwrap_err();
//!     assert_eq!(problem.code(), 107);
//!     assert!(problem.has_fault("/text", "at least 1 character"));
//!     assert_eq!(ann.try_subscribe("room:100").await.unwrap_err().code(), 102);
//!
//!     assert_eq!(ann.call::<u32>("room:7", "double", &21).await, 42);
//!     assert_eq!(ann.presence("room:7").await.users(), ["ann", "bob"]);
//!     assert_eq!(live.metrics().connections, 2);
//! }
//! # actix_web::rt::System::new().block_on(people_hear_what_is_said());
//! ```
//!
//! # The test
//!
//! `#[actix_web::test]`, and nothing else: [`LiveKit::start`] stops the time of the test's runtime by itself. What is in there is
//! what a server has, without sockets: the channels as they are declared, the hub, the broker, and sessions that speak the protocol
//! of the clients.
//!
//! # Time
//!
//! All time of the test's runtime stands still: pings, deadlines, the age of histories, expiries of tokens, and `tokio::time` in the
//! application. [`LiveKit::skip`] lets it go on, from one timer to the next, and clients answer pings meanwhile. What the
//! application does with files, databases and threads goes on: a command waits for its reply, and `expect` for what comes, as long
//! as [`patience`](LiveKitBuilder::patience) says. A handler that waits for a timer waits until somebody skips:
//! [`LiveKit::let_time_pass`].
//!
//! What is counted by time counts on: a client that sends more than the 512 commands that
//! [`LiveSettings::commands`](crate::live::LiveSettings::commands) allows at once, without a skip between them, is told 111.
//!
//! The time of day goes with it for everything in this crate; [`LiveKit::now`] tells it, for tokens that the test makes. An
//! application that asks `SystemTime::now()` gets the real one.

#![allow(clippy::indexing_slicing, reason = "a member that a JSON value does not have is null")]

mod asked;
mod client;
mod clock;
mod connecting;
mod event;
mod expectations;
mod inbox;
mod kit;
mod member;
mod patience;
mod problem;
mod subscribed;

pub use asked::Asked;
pub use client::LiveClient;
pub use connecting::Connecting;
pub use event::{LiveClosed, LiveEvent};
pub use kit::{LiveKit, LiveKitBuilder};
pub use member::{LiveMember, LiveMembers};
pub use problem::{LiveFault, LiveProblem};
pub use subscribed::{Reconnected, Subscribe, Subscribed};
