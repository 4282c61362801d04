//! The messages on the wire: the client protocol of Centrifugo, version 2, as JSON and as Protobuf.
//!
//! Nothing here does I/O. A frame that a client sent becomes [`Command`]s; a [`Reply`] or a [`Push`] is written into the
//! frame that goes out. What goes to many connections is encoded once per codec by [`encode_publication`],
//! [`encode_join`] and [`encode_leave`], and each connection only joins those bytes to what it sends.
//!
//! ```
//! use actix_charter::live::protocol::{Codec, Limits, Reply, ReplyResult, Request};
//! use bytes::Bytes;
//!
//! let frame = Bytes::from_static(br#"{"id":7,"rpc":{"method":"sum","data":[1,2]}}"#);
//! let commands = Codec::Json.decode_frame(&frame, &Limits::default())?;
//! let Request::Rpc(call) = &commands[0].request else { panic!("an rpc") };
//! assert_eq!((call.method.as_str(), &call.data[..]), ("sum", &b"[1,2]"[..]));
//!
//! let mut out = Vec::new();
//! Codec::Json.write_reply(&Reply::ok(7, ReplyResult::Rpc(Bytes::from_static(b"3"))), &mut out);
//! Codec::Json.write_ping(&mut out);
//! assert_eq!(out, b"{\"id\":7,\"rpc\":{\"data\":3}}\n{}");
//! # Ok::<(), actix_charter::live::protocol::BadFrame>(())
//! ```

mod codec;
mod command;
mod decode;
pub mod delta;
mod disconnect_code;
mod encode;
mod entry;
mod error_code;
mod filter;
mod push;
mod reply;
mod unsubscribe_code;

pub use codec::Codec;
pub use command::{
    Command, ConnectRequest, HistoryRequest, PublishRequest, RecoverRequest, Request, RpcRequest,
    SubRefreshRequest, SubscribeRequest,
};
pub use decode::{BadFrame, Commands, Limits, is_json};
pub use disconnect_code::{Disconnect, DisconnectCode};
pub use encode::{encode_entry, encode_join, encode_leave, encode_publication};
pub use entry::{Entry, Form};
pub use error_code::{ErrorCode, ReplyError};
pub use filter::{BadFilter, Comparison, TagFilter};
pub use push::{Push, PushEvent, SubscribePush};
pub use reply::{ConnectResult, HistoryResult, RefreshResult, Reply, ReplyResult, SubscribeResult};
pub use unsubscribe_code::{Unsubscribe, UnsubscribeCode};
