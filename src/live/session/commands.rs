//! What a client that is connected asks for.

use std::{future::Future, panic::AssertUnwindSafe, rc::Rc, sync::Arc};

use bytes::Bytes;
use futures_util::FutureExt as _;

use super::{
    Core, Stage, expiry,
    subscribe::{Stop, Wanted, begin, is_channel_name, prepare},
};
use crate::live::{
    ClientInfo, Publication,
    broker::{BrokerError, HistoryQuery, PublicationDraft},
    hub::stream_options,
    logic::{Ask, Peer},
    protocol::{
        Command, DisconnectCode, ErrorCode, HistoryRequest, HistoryResult, PublishRequest, ReplyError,
        ReplyResult, Request, RpcRequest, SubscribeRequest, is_json,
    },
};

/// How deep JSON in Protobuf may be: as deep as in JSON, where the command is around it.
const DEPTH: usize = 64;

type Answer = Result<ReplyResult, ReplyError>;

pub(super) async fn answer(core: Rc<Core>, command: Command) {
    let (id, peer) = (command.id, core.peer().cloned());
    let Some(peer) = peer.filter(|_| core.stage.get() == Stage::Connected) else {
        return core.disconnect(&DisconnectCode::BAD_REQUEST.into());
    };
    let answer = match command.request {
        Request::Subscribe(request) => return subscribe(&core, id, &peer, *request).await,
        Request::Refresh(token) => match expiry::refresh(&core, token).await {
            Ok(answer) => answer,
            Err(code) => return core.disconnect(&code.into()),
        },
        Request::Unsubscribe(channel) => unsubscribe(&core, &channel).await,
        Request::Publish(request) => publish(&core, &peer, request).await,
        Request::Presence(channel) => presence(&core, &channel).await,
        Request::PresenceStats(channel) => presence_stats(&core, &channel).await,
        Request::History(request) => history(&core, request).await,
        Request::Rpc(request) => rpc(&core, &peer, request).await,
        Request::SubRefresh(request) => expiry::sub_refresh(&core, request).await,
        Request::Ping => Ok(ReplyResult::Ping),
        Request::Send(data) => return message(&core, peer, &data).await,
        Request::Connect(_) | Request::Pong => Err(ErrorCode::BAD_REQUEST.into()),
    };
    core.reply(id, answer);
}

/// Waits for what is the application's. When it panics, this one command fails.
pub(super) async fn guarded<T>(asked: impl Future<Output = T>) -> Result<T, ReplyError> {
    AssertUnwindSafe(asked).catch_unwind().await.map_err(|_| {
        tracing::error!(target: "actix_charter::live", "a channel's handler panicked");
        ErrorCode::INTERNAL.into()
    })
}

/// Whether it may be handed to the application: nothing, or JSON, whatever the codec is.
pub(super) fn is_data(data: &Bytes) -> bool {
    data.is_empty() || is_json(data, DEPTH)
}

pub(super) fn broker_error(error: &BrokerError) -> ReplyError {
    tracing::warn!(target: "actix_charter::live", %error, "the broker failed");
    if error.is_unsupported() {
        return ErrorCode::NOT_AVAILABLE.into();
    }
    let internal = ReplyError::from(ErrorCode::INTERNAL);
    ReplyError { temporary: error.temporary(), ..internal }
}

async fn subscribe(core: &Rc<Core>, id: u32, peer: &Rc<Peer>, request: SubscribeRequest) {
    let begun = match Wanted::of(request) {
        Ok(wanted) => prepare(core, peer, wanted).await.and_then(begin),
        Err(stop) => Err(stop),
    };
    match begun {
        Ok(begun) => {
            core.reply(id, Ok(ReplyResult::Subscribe(Box::new(begun.result))));
            for frame in begun.frames {
                core.send(frame);
            }
            core.welcome(&begun.subscription).await;
        }
        Err(Stop::Error(error)) => core.reply(id, Err(error)),
        Err(Stop::Disconnect(code)) => core.disconnect(&code.into()),
    }
}

async fn unsubscribe(core: &Rc<Core>, channel: &str) -> Answer {
    if let Some(subscription) = core.subscription(channel) {
        core.drop_subscription(&subscription);
        expiry::reckon(core);
        core.farewell(&subscription).await;
    }
    Ok(ReplyResult::Unsubscribe)
}

async fn publish(core: &Rc<Core>, peer: &Rc<Peer>, request: PublishRequest) -> Answer {
    if request.kind != 0 {
        return Err(ErrorCode::NOT_AVAILABLE.into());
    }
    if !is_channel_name(core, &request.channel) || !is_json(&request.data, DEPTH) {
        return Err(ErrorCode::BAD_REQUEST.into());
    }
    let subscription = core.running(&request.channel);
    let logic = core.node.channels.channel(&request.channel).ok_or(ErrorCode::UNKNOWN_CHANNEL)?;
    let channel: Arc<str> = match &subscription {
        Some(subscription) => Arc::clone(&subscription.channel),
        None => request.channel.as_str().into(),
    };
    let ask = Ask { channel, data: Bytes::copy_from_slice(&request.data), peer: Rc::clone(peer) };
    let options = stream_options(logic.options());
    let draft = guarded(logic.publish(ask)).await??;
    let known = subscription.as_ref().and_then(|subscription| subscription.terms()?.info());
    let info = match known {
        Some(info) => info,
        None => Arc::new(ClientInfo {
            user: peer.user.clone(),
            client: peer.client.clone(),
            connection: peer.info.borrow().clone(),
            channel: None,
        }),
    };
    let draft = PublicationDraft {
        data: draft.data,
        info: Some(info),
        tags: draft.tags,
        key: draft.key.map(Into::into),
        time: core.node.milliseconds(),
        ..PublicationDraft::default()
    };
    core.node.dispatch.ready(&request.channel).await;
    let published = core.node.engine.broker.publish(&request.channel, draft, &options);
    core.node.within(published).await.map_err(|error| broker_error(&error))?;
    Ok(ReplyResult::Publish)
}

/// Whether somebody may ask who is in a channel: who is there, if the channel lets them.
fn may_see_presence(core: &Core, channel: &str) -> Result<(), ReplyError> {
    if let Some(subscription) = core.running(channel)
        && let Some(terms) = subscription.terms()
    {
        return match terms {
            terms if !terms.presence => Err(ErrorCode::NOT_AVAILABLE.into()),
            terms if !terms.presence_for_clients => Err(ErrorCode::PERMISSION_DENIED.into()),
            _ => Ok(()),
        };
    }
    let logic = core.node.channels.channel(channel).ok_or(ErrorCode::UNKNOWN_CHANNEL)?;
    let code = if logic.options().presence { ErrorCode::PERMISSION_DENIED } else { ErrorCode::NOT_AVAILABLE };
    Err(code.into())
}

async fn presence(core: &Core, channel: &str) -> Answer {
    may_see_presence(core, channel)?;
    let asked = core.node.engine.presence.get(channel);
    let there = core.node.within(asked).await.map_err(|error| broker_error(&error))?;
    Ok(ReplyResult::Presence(there))
}

async fn presence_stats(core: &Core, channel: &str) -> Answer {
    may_see_presence(core, channel)?;
    let asked = core.node.engine.presence.stats(channel);
    let stats = core.node.within(asked).await.map_err(|error| broker_error(&error))?;
    let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(ReplyResult::PresenceStats { clients: count(stats.clients), users: count(stats.users) })
}

async fn history(core: &Core, request: HistoryRequest) -> Answer {
    let Some(subscription) = core.running(&request.channel) else {
        core.node.channels.channel(&request.channel).ok_or(ErrorCode::UNKNOWN_CHANNEL)?;
        return Err(ErrorCode::PERMISSION_DENIED.into());
    };
    match subscription.terms() {
        Some(terms) if !terms.history => return Err(ErrorCode::NOT_AVAILABLE.into()),
        Some(terms) if terms.history_for_clients => {}
        _ => return Err(ErrorCode::PERMISSION_DENIED.into()),
    }
    let most = core.node.settings.page;
    // A negative number asks for all there are.
    let limit = usize::try_from(request.limit).map_or(most, |limit| limit.min(most));
    let query = HistoryQuery {
        limit: Some(limit),
        since: request.since.clone(),
        reverse: request.reverse,
        ..HistoryQuery::all()
    };
    let asked = core.node.engine.broker.history(&request.channel, query);
    let history = core.node.within(asked).await.map_err(|error| broker_error(&error))?;
    if let Some(since) = &request.since
        && !since.epoch.is_empty()
        && since.epoch != history.position.epoch
    {
        return Err(ErrorCode::UNRECOVERABLE_POSITION.into());
    }
    // As many as may wait for a connection, and one at least; the client goes on from the last.
    let mut room = core.outbox.most_bytes();
    let fits = |(at, publication): &(usize, &Arc<Publication>)| {
        let left = room.checked_sub(publication.data.len());
        room = left.unwrap_or_default();
        *at == 0 || left.is_some()
    };
    let publications = history.publications.iter().enumerate().take_while(fits);
    let publications = publications.map(|(_, publication)| (**publication).clone()).collect();
    Ok(ReplyResult::History(HistoryResult { publications, position: history.position }))
}

/// A message without a reply. Nobody could be told of an error but by the connection's end.
async fn message(core: &Core, peer: Rc<Peer>, data: &Bytes) {
    if !is_data(data) {
        return core.disconnect(&DisconnectCode::BAD_REQUEST.into());
    }
    // A handler that panics is logged, and is all that fails.
    let _ = guarded(core.node.channels.message(Bytes::copy_from_slice(data), peer)).await;
}

async fn rpc(core: &Core, peer: &Rc<Peer>, request: RpcRequest) -> Answer {
    if !is_data(&request.data) {
        return Err(ErrorCode::BAD_REQUEST.into());
    }
    let data = Bytes::copy_from_slice(&request.data);
    let called = core.node.channels.rpc(&request.method, data, Rc::clone(peer));
    Ok(ReplyResult::Rpc(guarded(called).await??))
}
