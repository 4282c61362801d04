use actix_web::{HttpRequest, HttpResponse, dev::Payload};
use bytes::Bytes;
use prost::Message as _;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Transports, body, query};
use crate::live::{hub::ShardEvent, protocol::Codec};

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
    pub async fn emulation(&self, request: &HttpRequest, payload: Payload) -> HttpResponse {
        if !self.settings.admits(request) {
            return HttpResponse::Forbidden().body("pages of this origin may not connect");
        }
        let body = match body::read(payload, self.settings.largest_message().saturating_mul(2)).await {
            Ok(body) => body,
            Err(status) => return HttpResponse::new(status),
        };
        let Some(EmulatedProtobuf { node, session, data }) = read(query::codec(request), body) else {
            return HttpResponse::BadRequest().finish();
        };
        if data.len() > self.settings.largest_message() {
            return HttpResponse::PayloadTooLarge().finish();
        }
        let own = self.live.node();
        if node != own.id.as_str() {
            return HttpResponse::NotFound().finish();
        }
        let Some(inbox) = own.session(&session) else { return HttpResponse::NotFound().finish() };
        let event = ShardEvent::Commands { session: session.into(), data };
        if inbox.send(event, &own.metrics) {
            HttpResponse::NoContent().finish()
        } else {
            HttpResponse::ServiceUnavailable().finish()
        }
    }
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
