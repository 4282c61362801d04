//! What goes out. Each message is described once, in `messages.rs`, by the names and numbers of its fields; `json.rs` and
//! `protobuf.rs` write fields.

mod fields;
mod json;
mod messages;
mod protobuf;

use bytes::Bytes;

use self::{fields::Fields, json::JsonFields, protobuf::ProtobufFields};
use super::{Codec, Form, Push, Reply};
use crate::live::{ClientInfo, Publication};

/// Adds one message to the frame `out`.
fn message(
    codec: Codec,
    out: &mut Vec<u8>,
    hint: usize,
    json: impl FnOnce(&mut JsonFields<'_>),
    protobuf: impl FnOnce(&mut ProtobufFields<'_>),
) {
    codec.part(out);
    match codec {
        Codec::Json => JsonFields::object(out, json),
        Codec::Protobuf => ProtobufFields::delimited(out, hint, protobuf),
    }
}

/// The same description, for both codecs.
macro_rules! write_message {
    ($codec:expr, $out:expr, $hint:expr, |$fields:ident| $body:expr) => {
        message($codec, $out, $hint, |$fields| $body, |$fields| $body)
    };
}

pub(super) fn reply(codec: Codec, reply: &Reply, out: &mut Vec<u8>) {
    write_message!(codec, out, 0, |fields| messages::reply(fields, reply));
}

pub(super) fn push(codec: Codec, push: &Push, out: &mut Vec<u8>) {
    write_message!(codec, out, 0, |fields| fields
        .message("push", 4, 0, |fields| messages::push(fields, push)));
}

pub(super) fn bare_push(codec: Codec, push: &Push, out: &mut Vec<u8>) {
    write_message!(codec, out, 0, |fields| messages::push(fields, push));
}

/// A push with a publication, as a frame of its own: encode it once, give it to all.
///
/// ```
/// use actix_charter::live::{Publication, protocol::{Codec, encode_publication}};
/// use bytes::Bytes;
///
/// let news = Publication { offset: 3, data: Bytes::from_static(br#"{"up":true}"#), ..Publication::default() };
/// let frame = encode_publication("news", &news, Codec::Json);
/// assert_eq!(frame, r#"{"push":{"channel":"news","pub":{"data":{"up":true},"offset":3}}}"#);
/// ```
#[must_use]
pub fn encode_publication(channel: &str, publication: &Publication, codec: Codec) -> Bytes {
    encode_entry(channel, 0, publication, &Form::Plain, codec)
}

/// [`encode_publication`], for subscribers that get deltas, or name the channel by a number: with `id` other than 0, the
/// channel's name is left out.
#[must_use]
pub fn encode_entry(channel: &str, id: i64, publication: &Publication, form: &Form, codec: Codec) -> Bytes {
    let data = messages::data_size(publication, form);
    let rest = channel.len() + messages::rest_size(publication);
    // Quotes that are escaped need more; then it grows once.
    let mut out = Vec::with_capacity(data + rest + 96);
    let hint = data + rest + 16;
    write_message!(codec, &mut out, hint, |fields| fields.message("push", 4, hint, |fields| {
        messages::target(fields, channel, id);
        fields.message("pub", 4, hint, |fields| messages::publication(fields, publication, form));
    }));
    out.into()
}

/// A push about somebody who came, as a frame of its own.
#[must_use]
pub fn encode_join(channel: &str, who: &ClientInfo, codec: Codec) -> Bytes {
    presence_change(channel, who, codec, "join", 5)
}

/// A push about somebody who went, as a frame of its own.
#[must_use]
pub fn encode_leave(channel: &str, who: &ClientInfo, codec: Codec) -> Bytes {
    presence_change(channel, who, codec, "leave", 6)
}

fn presence_change(channel: &str, who: &ClientInfo, codec: Codec, name: &'static str, tag: u32) -> Bytes {
    let size = channel.len() + messages::client_size(who);
    let mut out = Vec::with_capacity(size + 96);
    write_message!(codec, &mut out, size, |fields| fields.message("push", 4, size, |fields| {
        messages::target(fields, channel, 0);
        messages::client_event(fields, name, tag, who);
    }));
    out.into()
}
