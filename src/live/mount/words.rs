//! What the ways to the live channels read of a request, for the document. The transports read it themselves, and more kindly.
#![allow(dead_code, reason = "the fields are only told of")]

use std::{borrow::Cow, marker::PhantomData};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Model,
    endpoint::{Input, OperationSpec},
    model::SchemaOf,
    problem::In,
    request::{ArgumentKind, Call, Component, RawBody, Refusal},
};

/// Values that are told of, and not read here.
pub(super) struct Words<T>(PhantomData<T>);

/// Where they stand.
pub(super) trait Place: crate::model::Model {
    const IN: In;
}

impl<T: Place + 'static> Component for Words<T> {
    const KIND: ArgumentKind = ArgumentKind::Other;

    fn describe(spec: &mut OperationSpec) {
        let (location, schema) = (T::IN, SchemaOf::of::<T>());
        spec.inputs.push(Input::Parameters { location, schema, wire: T::WIRE, optional: false });
    }

    async fn extract(_: &mut Call) -> Result<Self, Refusal> {
        Ok(Self(PhantomData))
    }
}

/// A handshake.
#[derive(Deserialize, JsonSchema, Model)]
#[schemars(rename = "LiveHandshake")]
pub(super) struct Upgrade {
    /// What the connection becomes.
    #[serde(rename = "Upgrade")]
    #[schemars(regex(pattern = "^websocket$"))]
    upgrade: String,
    /// Has `Upgrade` among its words.
    #[serde(rename = "Connection")]
    #[schemars(regex(pattern = "^Upgrade$"))]
    connection: String,
    /// 16 random bytes in base64.
    #[serde(rename = "Sec-WebSocket-Key")]
    #[schemars(regex(pattern = "^[A-Za-z0-9+/]{21}[AQgw]==$"))]
    key: String,
    /// The version of the protocol.
    #[serde(rename = "Sec-WebSocket-Version")]
    #[schemars(regex(pattern = "^13$"))]
    version: String,
}

impl Place for Upgrade {
    const IN: In = In::Header;
}

/// How a socket is spoken to.
#[derive(Deserialize, JsonSchema, Model)]
#[schemars(rename = "LiveSocket")]
pub(super) struct Socket {
    /// `protobuf`, or JSON without it.
    format: Option<String>,
    /// Whether pings are WebSocket's own: `true`.
    cf_ws_frame_ping_pong: Option<String>,
}

impl Place for Socket {
    const IN: In = In::Query;
}

/// What a client says to connect.
#[derive(Deserialize, JsonSchema, Model)]
#[schemars(rename = "LiveConnect")]
pub(super) struct Connect {
    /// The connect command as JSON: `{"id": 1, "connect": {}}`.
    cf_connect: String,
}

impl Place for Connect {
    const IN: In = In::Query;
}

/// What a client that only listens says to connect.
#[derive(Deserialize, JsonSchema, Model)]
#[schemars(rename = "LiveListen")]
pub(super) struct Listen {
    /// What it says as JSON: `{}`.
    cf_connect: Option<String>,
}

impl Place for Listen {
    const IN: In = In::Query;
}

/// What a page wants to hear.
#[derive(Deserialize, JsonSchema, Model)]
#[schemars(rename = "LivePage")]
pub(super) struct PageWords {
    /// The channels.
    channel: Option<Vec<String>>,
    /// The id of the last event that it had.
    since: Option<String>,
}

impl Place for PageWords {
    const IN: In = In::Query;
}

/// Commands for a session that listens by another way.
#[derive(Deserialize, JsonSchema, Model)]
#[schemars(rename = "LiveCommands")]
struct Emulated {
    /// The session, as the reply to the connect command told it.
    session: String,
    /// The node, as that reply told it.
    node: String,
    /// The commands: JSON, one a line.
    data: String,
}

/// They may be in Protobuf, too.
pub(super) struct Commands(pub(super) RawBody);

impl Component for Commands {
    const KIND: ArgumentKind = ArgumentKind::Body;

    fn describe(spec: &mut OperationSpec) {
        RawBody::describe(spec);
        spec.inputs.retain(|input| !matches!(input, Input::Body { .. }));
        spec.inputs.push(Input::Body {
            schema: Some(SchemaOf::of::<Emulated>()),
            wire: Emulated::WIRE,
            optional: false,
            media_types: Cow::Borrowed(&[Cow::Borrowed("application/json")]),
        });
    }

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        RawBody::extract(call).await.map(Self)
    }
}
