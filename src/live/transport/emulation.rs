use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use bytes::Bytes;
use prost::Message as _;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Transports, query};
use crate::{
    live::{
        broker::{ControlMessage, NodeId, Target},
        hub::{Node, ShardEvent},
        protocol::Codec,
    },
    problem::Problem,
};

/// Commands for a session whose connection is another one.
#[derive(Deserialize)]
struct Emulated<'a> {
    #[serde(default)]
    session: String,
    #[serde(default)]
    node: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// The same in Protobuf.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct EmulatedProtobuf {
    #[prost(string, tag = "1")]
    node: String,
    #[prost(string, tag = "2")]
    session: String,
    #[prost(bytes = "bytes", tag = "3")]
    data: Bytes,
}

impl Transports {
    /// Takes the commands of sessions that listen by [`http_stream`](Self::http_stream) or [`events`](Self::events).
    ///
    /// # Errors
    ///
    /// When they cannot be read, there is no such session here, or no such node.
    pub async fn emulation(&self, request: &HttpRequest, body: Bytes) -> Result<HttpResponse, Problem> {
        self.check_origin(request)?;
        let emulated = read(query::codec(request), body).ok_or_else(|| {
            Problem::new(StatusCode::BAD_REQUEST).code("unreadable").detail("the commands cannot be read")
        })?;
        let EmulatedProtobuf { node, session, data } = emulated;
        if data.len() > self.settings.largest_message() {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE).code("too_large"));
        }
        let own = self.live.node();
        if node != own.id.as_str() {
            return pass_on(own, &node, session, data).await;
        }
        let inbox = own.session(&session).ok_or_else(nobody)?;
        let event = ShardEvent::Commands { session: session.into(), data };
        if inbox.send(event, &own.metrics) { Ok(HttpResponse::NoContent().finish()) } else { Err(busy()) }
    }
}

/// Brings commands to the node that has the connection: whichever of them a proxy chose, it works. Whether the session is still
/// there, nobody waits to hear.
async fn pass_on(own: &Node, node: &str, session: String, data: Bytes) -> Result<HttpResponse, Problem> {
    let to = Target::Node(NodeId::from(node));
    let sent = own.engine.control.send(to, ControlMessage::Commands { session, data });
    match own.within(sent).await {
        Ok(()) => Ok(HttpResponse::NoContent().finish()),
        Err(error) if error.is_unknown_node() => Err(nobody()),
        Err(error) => {
            tracing::warn!(target: "actix_charter::live", %error, "commands did not get to another node");
            Err(busy())
        }
    }
}

fn busy() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE).code("busy")
}

fn nobody() -> Problem {
    Problem::new(StatusCode::NOT_FOUND).code("unknown_session").detail("there is no such session")
}

fn read(codec: Codec, body: Bytes) -> Option<EmulatedProtobuf> {
    if codec == Codec::Protobuf {
        return EmulatedProtobuf::decode(body).ok();
    }
    let Emulated { session, node, data } = serde_json::from_slice(&body).ok()?;
    // The clients send the frame as a string.
    let data = match serde_json::from_str::<String>(data.get()) {
        Ok(text) => text.into(),
        Err(_) => Bytes::copy_from_slice(data.get().as_bytes()),
    };
    Some(EmulatedProtobuf { node, session, data })
}
