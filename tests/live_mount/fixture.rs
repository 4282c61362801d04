use actix_charter::{
    live::LiveUser,
    prelude::*,
    security::{BearerToken, Secret},
};
use actix_http::ws::{Frame, ProtocolError};
use actix_web::HttpRequest;
use futures_util::{Stream, StreamExt as _};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: u32,
    pub(crate) name: &'static str,
}

pub(crate) struct Rooms;

#[channel("room:{id}", presence, join_leave)]
impl Rooms {
    /// Members listen, and are greeted.
    #[subscribe]
    async fn enter(&self, id: Path<u32>, who: Identity<Member>) -> String {
        format!("welcome to {}, {}", id.0, who.name)
    }

    /// Say something.
    #[publish]
    async fn say(&self, Body(text): Body<String>, who: Identity<Member>) -> String {
        format!("{}: {text}", who.name)
    }
}

pub(crate) struct News;

#[channel("news:{topic}")]
impl News {
    /// Everybody may listen.
    #[subscribe]
    async fn listen(&self, _topic: Path<String>) {}
}

/// Members by a token that is their id.
pub(crate) fn members() -> BearerToken<Member> {
    BearerToken::new(async |_: &HttpRequest, token: Secret| {
        let (id, name) = match token.expose() {
            "ann" => (7, "Ann"),
            "bob" => (8, "Bob"),
            _ => return None,
        };
        Some(Member { id, name })
    })
}

pub(crate) fn user(member: &Member) -> LiveUser {
    LiveUser::new(member.id.to_string()).info(&member.name).session(format!("session of {}", member.name))
}

/// The next message that is no ping.
pub(crate) async fn json_of(
    socket: &mut (impl Stream<Item = Result<Frame, ProtocolError>> + Unpin),
) -> Value {
    match socket.next().await.unwrap().unwrap() {
        Frame::Text(text) => serde_json::from_slice(&text).unwrap(),
        other => panic!("text, not {other:?}"),
    }
}

pub(crate) async fn closed(socket: &mut (impl Stream<Item = Result<Frame, ProtocolError>> + Unpin)) -> u16 {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Frame::Close(Some(reason)) => return reason.code.into(),
            Frame::Close(None) => panic!("a code"),
            _ => {}
        }
    }
}
