use super::fields::Fields;
use crate::live::{
    ClientInfo, Position, Publication,
    protocol::{
        ConnectResult, Disconnect, Entry, Form, HistoryResult, Push, PushEvent, RefreshResult, Reply,
        ReplyError, ReplyResult, SubscribePush, SubscribeResult, Unsubscribe,
    },
};

pub(super) fn reply(fields: &mut impl Fields, reply: &Reply) {
    fields.uint("id", 1, reply.id.into());
    match &reply.result {
        Ok(result) => self::result(fields, result),
        Err(error) => fields.message("error", 2, 0, |fields| self::error(fields, error)),
    }
}

fn result<F: Fields>(fields: &mut F, result: &ReplyResult) {
    let nothing = |_: &mut F| {};
    match result {
        ReplyResult::Connect(result) => fields.message("connect", 5, 0, |fields| connect(fields, result)),
        ReplyResult::Subscribe(result) => {
            fields.message("subscribe", 6, 0, |fields| subscribe(fields, result));
        }
        ReplyResult::Unsubscribe => fields.message("unsubscribe", 7, 0, nothing),
        ReplyResult::Publish => fields.message("publish", 8, 0, nothing),
        ReplyResult::Presence(clients) => fields.message("presence", 9, 0, |fields| {
            let clients = clients.iter().map(|client| (client.client.as_str(), &**client));
            fields.map("presence", 1, clients, client);
        }),
        ReplyResult::PresenceStats { clients, users } => fields.message("presence_stats", 10, 0, |fields| {
            fields.uint_always("num_clients", 1, (*clients).into());
            fields.uint_always("num_users", 2, (*users).into());
        }),
        ReplyResult::History(result) => fields.message("history", 11, 0, |fields| history(fields, result)),
        ReplyResult::Ping => fields.message("ping", 12, 0, nothing),
        ReplyResult::Rpc(data) => fields.message("rpc", 13, 0, |fields| fields.data("data", 1, data)),
        ReplyResult::Refresh(result) => fields.message("refresh", 14, 0, |fields| refresh(fields, result)),
        ReplyResult::SubRefresh(ttl) => {
            fields.message("sub_refresh", 15, 0, |fields| expiry(fields, 1, *ttl));
        }
    }
}

fn error(fields: &mut impl Fields, error: &ReplyError) {
    fields.uint_always("code", 1, error.code.get().into());
    fields.text_always("message", 2, &error.message);
    fields.flag("temporary", 3, error.temporary);
}

/// `ttl` is the field after `expires`, everywhere.
fn expiry(fields: &mut impl Fields, tag: u32, ttl: Option<u32>) {
    fields.flag("expires", tag, ttl.is_some());
    if let Some(ttl) = ttl {
        fields.uint_always("ttl", tag + 1, ttl.into());
    }
}

fn connect(fields: &mut impl Fields, result: &ConnectResult) {
    fields.text_always("client", 1, &result.client);
    fields.text_always("version", 2, &result.version);
    expiry(fields, 3, result.ttl);
    fields.data("data", 5, &result.data);
    subscriptions(fields, 6, result);
    fields.uint("ping", 7, result.ping.into());
    fields.flag("pong", 8, result.pong);
    session(fields, result);
}

/// As a push, its fields are numbered otherwise.
fn connect_push(fields: &mut impl Fields, result: &ConnectResult) {
    fields.text_always("client", 1, &result.client);
    fields.text_always("version", 2, &result.version);
    fields.data("data", 3, &result.data);
    subscriptions(fields, 4, result);
    expiry(fields, 5, result.ttl);
    fields.uint("ping", 7, result.ping.into());
    fields.flag("pong", 8, result.pong);
    session(fields, result);
}

fn subscriptions(fields: &mut impl Fields, tag: u32, result: &ConnectResult) {
    if !result.subs.is_empty() {
        fields.map(
            "subs",
            tag,
            result.subs.iter().map(|(channel, result)| (channel.as_str(), result)),
            subscribe,
        );
    }
}

fn session(fields: &mut impl Fields, result: &ConnectResult) {
    fields.text("session", 9, &result.session);
    fields.text("node", 10, &result.node);
    fields.int("time", 11, result.time);
}

fn subscribe<F: Fields>(fields: &mut F, result: &SubscribeResult) {
    expiry(fields, 1, result.ttl);
    fields.flag("recoverable", 3, result.recoverable);
    fields.text("epoch", 6, result.position.epoch.as_str());
    if !result.publications.is_empty() {
        fields.list("publications", 7, result.publications.iter(), entry);
    }
    fields.flag("recovered", 8, result.recovered);
    fields.uint("offset", 9, result.position.offset);
    fields.flag("positioned", 10, result.positioned);
    fields.data("data", 11, &result.data);
    fields.flag("was_recovering", 12, result.was_recovering);
    fields.flag("delta", 13, result.delta);
    fields.int("id", 14, result.id);
}

fn history<F: Fields>(fields: &mut F, result: &HistoryResult) {
    fields.list("publications", 1, result.publications.iter(), |fields: &mut F, item| {
        publication(fields, item, &Form::Plain);
    });
    let Position { offset, epoch } = &result.position;
    fields.text_always("epoch", 2, epoch.as_str());
    fields.uint_always("offset", 3, *offset);
}

fn refresh(fields: &mut impl Fields, result: &RefreshResult) {
    fields.text("client", 1, &result.client);
    fields.text("version", 2, &result.version);
    expiry(fields, 3, result.ttl);
}

pub(super) fn push<F: Fields>(fields: &mut F, push: &Push) {
    target(fields, &push.channel, push.id);
    match &push.event {
        PushEvent::Publication(entry) => fields.message("pub", 4, 0, |fields| self::entry(fields, entry)),
        PushEvent::Join(who) => client_event(fields, "join", 5, who),
        PushEvent::Leave(who) => client_event(fields, "leave", 6, who),
        PushEvent::Unsubscribe(why) => fields.message("unsubscribe", 7, 0, |fields| unsubscribe(fields, why)),
        PushEvent::Message(data) => {
            fields.message("message", 8, 0, |fields| fields.data_always("data", 1, data));
        }
        PushEvent::Subscribe(what) => {
            fields.message("subscribe", 9, 0, |fields| subscribe_push(fields, what));
        }
        PushEvent::Connect(result) => fields.message("connect", 10, 0, |fields| connect_push(fields, result)),
        PushEvent::Disconnect(why) => fields.message("disconnect", 11, 0, |fields| disconnect(fields, why)),
        PushEvent::Refresh(ttl) => fields.message("refresh", 12, 0, |fields| expiry(fields, 1, *ttl)),
    }
}

/// A channel by its number, or by its name.
pub(super) fn target(fields: &mut impl Fields, channel: &str, id: i64) {
    if id == 0 {
        fields.text("channel", 2, channel);
    } else {
        fields.int("id", 1, id);
    }
}

pub(super) fn client_event(fields: &mut impl Fields, name: &'static str, tag: u32, who: &ClientInfo) {
    let size = client_size(who);
    fields.message(name, tag, size, |fields| fields.message("info", 1, size, |fields| client(fields, who)));
}

fn unsubscribe(fields: &mut impl Fields, why: &Unsubscribe) {
    fields.uint_always("code", 2, why.code.get().into());
    fields.text_always("reason", 3, &why.reason);
}

fn subscribe_push(fields: &mut impl Fields, what: &SubscribePush) {
    fields.flag("recoverable", 1, what.recoverable);
    fields.text("epoch", 4, what.position.epoch.as_str());
    fields.uint("offset", 5, what.position.offset);
    fields.flag("positioned", 6, what.positioned);
    fields.data("data", 7, &what.data);
}

fn disconnect(fields: &mut impl Fields, why: &Disconnect) {
    fields.uint_always("code", 1, why.code().get().into());
    fields.text_always("reason", 2, why.reason());
    fields.flag("reconnect", 3, why.code().reconnects());
}

fn entry(fields: &mut impl Fields, entry: &Entry) {
    publication(fields, &entry.publication, &entry.form);
}

pub(super) fn publication<F: Fields>(fields: &mut F, publication: &Publication, form: &Form) {
    match form {
        Form::Plain => fields.data_always("data", 4, &publication.data),
        Form::Whole => fields.quoted("data", 4, &publication.data),
        Form::Delta(delta) => fields.quoted("data", 4, delta),
    }
    if let Some(info) = &publication.info {
        fields.message("info", 5, client_size(info), |fields| client(fields, info));
    }
    fields.uint("offset", 6, publication.offset);
    if let Some(tags) = publication.tags.as_deref().filter(|tags| !tags.is_empty()) {
        fields.text_map("tags", 7, tags.iter().map(|(key, value)| (&**key, &**value)));
    }
    fields.flag("delta", 8, matches!(form, Form::Delta(_)));
    fields.int("time", 9, publication.time);
    fields.uint("version", 16, publication.version);
}

fn client(fields: &mut impl Fields, who: &ClientInfo) {
    fields.text_always("user", 1, &who.user);
    fields.text_always("client", 2, &who.client);
    fields.data("conn_info", 3, who.connection.as_deref().unwrap_or_default());
    fields.data("chan_info", 4, who.channel.as_deref().unwrap_or_default());
}

/// About how many bytes they take.
pub(super) fn client_size(who: &ClientInfo) -> usize {
    let data = |data: &Option<bytes::Bytes>| data.as_ref().map_or(0, |data| data.len() + 12);
    who.user.len() + who.client.len() + data(&who.connection) + data(&who.channel) + 4
}

/// How many bytes the data takes.
pub(super) fn data_size(publication: &Publication, form: &Form) -> usize {
    match form {
        Form::Plain | Form::Whole => publication.data.len(),
        Form::Delta(delta) => delta.len(),
    }
}

/// About how many bytes the rest of it takes.
pub(super) fn rest_size(publication: &Publication) -> usize {
    let info = publication.info.as_deref().map_or(0, |info| client_size(info) + 32);
    let tags =
        publication.tags.iter().flat_map(|tags| tags.iter()).map(|(key, value)| key.len() + value.len() + 6);
    info + tags.sum::<usize>()
}
