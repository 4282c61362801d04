//! The commands, done.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::value::RawValue;

use super::{
    answer::{
        Answer, Broadcasted, ChannelCount, Channels, Counts, Done, Entry, Fault, Info, NodeCounts, Nodes,
        Page, Present, Published,
    },
    glob,
    raw_json::RawJson,
    request::{
        Broadcast, Disconnect, History, ListChannels, NoWords, OfChannel, Publish, Refresh, StreamPosition,
        Subscribe, Unsubscribe,
    },
};
use crate::live::{
    Broadcaster, ChannelOptions, LiveNode, Position,
    broker::{HistoryQuery, Whom},
    hub::Census,
    protocol::{self, DisconnectCode, ErrorCode, UnsubscribeCode, is_json},
};

/// As deep as JSON may be that clients send.
const DEPTH: usize = 64;

#[derive(Debug, Clone)]
pub(super) struct Executor {
    live: LiveNode,
    broadcaster: Broadcaster,
}

/// A publication that is not bound for a channel yet.
struct What {
    data: Bytes,
    skip_history: bool,
    tags: BTreeMap<String, String>,
    idempotency_key: String,
    delta: bool,
    version: u64,
    version_epoch: String,
}

type Executed<T> = Result<T, Fault>;

macro_rules! what {
    ($command:ident) => {
        What {
            data: data($command.data.as_ref(), $command.b64data.as_deref(), "data")?
                .ok_or_else(|| Fault::bad("data: is missing"))?,
            skip_history: $command.skip_history,
            tags: $command.tags,
            idempotency_key: $command.idempotency_key,
            delta: $command.delta,
            version: $command.version,
            version_epoch: $command.version_epoch,
        }
    };
}

impl Executor {
    pub(super) fn new(live: &LiveNode) -> Self {
        Self { live: live.clone(), broadcaster: live.broadcaster() }
    }

    pub(super) async fn publish(&self, command: Publish) -> Executed<Published> {
        let what = what!(command);
        self.publish_into(command.channel, &what).await
    }

    pub(super) async fn broadcast(&self, command: Broadcast) -> Executed<Broadcasted> {
        let what = &what!(command);
        if command.channels.is_empty() {
            return Err(Fault::bad("channels: is empty"));
        }
        let all = command.channels.into_iter().map(|channel| self.publish_into(channel, what));
        let done = futures_util::future::join_all(all).await;
        Ok(Broadcasted { responses: done.into_iter().map(Answer::from).collect() })
    }

    async fn publish_into(&self, channel: String, what: &What) -> Executed<Published> {
        let options = self.options(&channel)?;
        if what.delta && !options.delta {
            return Err(Fault::unavailable("delta: the channel has none"));
        }
        let mut publish = self.broadcaster.publish_bytes(channel, what.data.clone());
        for (key, value) in &what.tags {
            publish = publish.tag(key.as_str(), value.as_str());
        }
        if !what.idempotency_key.is_empty() {
            publish = publish.idempotency_key(what.idempotency_key.as_str());
        }
        if what.version > 0 {
            publish = publish.version(what.version);
        }
        if !what.version_epoch.is_empty() {
            publish = publish.version_epoch(what.version_epoch.as_str());
        }
        if what.skip_history {
            publish = publish.skip_history();
        }
        let Position { offset, epoch } = publish.await?.position;
        Ok(Published { offset, epoch: epoch.as_str().to_owned() })
    }

    pub(super) async fn subscribe(&self, command: Subscribe) -> Executed<Done> {
        self.options(&command.channel)?;
        let whom = whom(command.user, command.client, command.session)?;
        let mut subscribe = self.broadcaster.subscribe(whom, command.channel);
        if let Some(info) = data(command.info.as_ref(), command.b64info.as_deref(), "info")? {
            subscribe = subscribe.info(&raw(&info)?);
        }
        if let Some(data) = data(command.data.as_ref(), command.b64data.as_deref(), "data")? {
            subscribe = subscribe.data(&raw(&data)?);
        }
        if let Some(since) = command.recover_since {
            subscribe = subscribe.recover_since(position(since));
        }
        if let Some(at) = moment(command.expire_at)? {
            subscribe = subscribe.expires(at);
        }
        if let Some(overrides) = command.overrides {
            if overrides.force_push_join_leave.is_some()
                || overrides.force_positioning.is_some()
                || overrides.force_recovery.is_some()
            {
                return Err(Fault::unavailable("override: only of presence and join_leave"));
            }
            if let Some(presence) = overrides.presence {
                subscribe = subscribe.presence(presence.value);
            }
            if let Some(join_leave) = overrides.join_leave {
                subscribe = subscribe.join_leave(join_leave.value);
            }
        }
        subscribe.await?;
        Ok(Done {})
    }

    pub(super) async fn unsubscribe(&self, command: Unsubscribe) -> Executed<Done> {
        self.options(&command.channel)?;
        let whom = whom(command.user, command.client, command.session)?;
        self.broadcaster.unsubscribe(whom, command.channel, UnsubscribeCode::SERVER).await?;
        Ok(Done {})
    }

    pub(super) async fn disconnect(&self, command: Disconnect) -> Executed<Done> {
        let whom = whom(command.user, command.client, command.session)?;
        let why = match command.disconnect {
            None => DisconnectCode::FORCE_NO_RECONNECT.into(),
            Some(words) => {
                let code = u16::try_from(words.code).ok().and_then(DisconnectCode::known);
                let code = code.ok_or_else(|| Fault::bad("disconnect: no code that the server may send"))?;
                if words.reason.len() > protocol::Disconnect::MAX_REASON {
                    return Err(Fault::bad("disconnect: the reason is longer than 123 bytes"));
                }
                match words.reason.is_empty() {
                    true => code.into(),
                    false => protocol::Disconnect::new(code, words.reason),
                }
            }
        };
        self.broadcaster.disconnect_except(whom, command.whitelist, why).await?;
        Ok(Done {})
    }

    pub(super) async fn refresh(&self, command: Refresh) -> Executed<Done> {
        let mut refresh = self.broadcaster.refresh(whom(command.user, command.client, command.session)?);
        refresh = match (command.expired, moment(command.expire_at)?) {
            (true, _) => refresh.expired(),
            (false, Some(at)) => refresh.expires(at),
            (false, None) => refresh.never_expires(),
        };
        if let Some(info) = command.info {
            refresh = refresh.info(&info);
        }
        refresh.await?;
        Ok(Done {})
    }

    pub(super) async fn presence(&self, command: OfChannel) -> Executed<Present> {
        self.with_presence(&command.channel)?;
        let there = self.broadcaster.presence(command.channel).await?;
        let presence = there.iter().map(|info| (info.client.clone(), Info::from(&**info))).collect();
        Ok(Present { presence })
    }

    pub(super) async fn presence_stats(&self, command: OfChannel) -> Executed<Counts> {
        self.with_presence(&command.channel)?;
        let stats = self.broadcaster.presence_stats(command.channel).await?;
        Ok(Counts { num_clients: stats.clients, num_users: stats.users })
    }

    fn with_presence(&self, channel: &str) -> Executed<()> {
        if self.options(channel)?.presence {
            return Ok(());
        }
        Err(Fault::unavailable("the channel does not keep who is there"))
    }

    pub(super) async fn history(&self, command: History) -> Executed<Page> {
        let options = self.with_history(&command.channel)?;
        let since = command.since.map(position);
        let query = HistoryQuery {
            // A negative number asks for all there are.
            limit: usize::try_from(command.limit).ok(),
            since: since.clone(),
            reverse: command.reverse,
            meta_ttl: options.meta_ttl,
        };
        let history = self.broadcaster.history(command.channel, query).await?;
        let Position { offset, epoch } = history.position;
        if since.is_some_and(|since| !since.epoch.is_empty() && since.epoch != epoch) {
            return Err(ErrorCode::UNRECOVERABLE_POSITION.into());
        }
        let publications =
            history.publications.iter().map(|publication| Entry::from(&**publication)).collect();
        Ok(Page { publications, offset, epoch: epoch.as_str().to_owned() })
    }

    pub(super) async fn history_remove(&self, command: OfChannel) -> Executed<Done> {
        self.with_history(&command.channel)?;
        self.broadcaster.remove_history(command.channel).await?;
        Ok(Done {})
    }

    fn with_history(&self, channel: &str) -> Executed<ChannelOptions> {
        let options = self.options(channel)?;
        if options.history_size > 0 && !options.history_ttl.is_zero() {
            return Ok(options);
        }
        Err(Fault::unavailable("the channel keeps no history"))
    }

    pub(super) async fn channels(&self, command: ListChannels) -> Executed<Channels> {
        if !glob::is_plain(&command.pattern) {
            return Err(Fault::bad("pattern: only * and ? mean something"));
        }
        let census = self.census().await?;
        let wanted = census
            .channels
            .into_iter()
            .filter(|(name, _)| command.pattern.is_empty() || glob::matches(&command.pattern, name));
        let channels =
            wanted.map(|(name, num_clients)| (name.to_string(), ChannelCount { num_clients })).collect();
        Ok(Channels { channels })
    }

    pub(super) async fn info(&self, _: NoWords) -> Executed<Nodes> {
        let node = self.live.node();
        let census = self.census().await?;
        let counts = NodeCounts {
            uid: node.id.as_str().to_owned(),
            name: node.id.as_str().chars().take(8).collect(),
            version: concat!("actix-charter ", env!("CARGO_PKG_VERSION")).to_owned(),
            num_clients: census.clients,
            num_users: census.users.len(),
            num_subs: census.channels.values().sum(),
            num_channels: census.channels.len(),
            uptime: node.started.elapsed().as_secs(),
        };
        Ok(Nodes { nodes: vec![counts] })
    }

    async fn census(&self) -> Executed<Census> {
        let census = self.live.node().census().await;
        census.map_err(|error| crate::live::BroadcastError::from(error).into())
    }

    /// What holds in a channel; its name is one that clients could have, too.
    fn options(&self, channel: &str) -> Executed<ChannelOptions> {
        let node = self.live.node();
        if channel.is_empty() || channel.len() > node.settings.channel_name || !channel.is_ascii() {
            return Err(Fault::bad("channel: no name of a channel"));
        }
        let logic = node.channels.channel(channel).ok_or(ErrorCode::UNKNOWN_CHANNEL)?;
        Ok(logic.options().clone())
    }
}

/// An empty name is everybody anonymous, which nobody means.
fn whom(user: String, client: String, session: String) -> Executed<Whom> {
    if user.is_empty() && client.is_empty() && session.is_empty() {
        return Err(Fault::bad("user: is empty"));
    }
    let told = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(Whom { user: Some(user), client: told(client), session: told(session) })
}

/// JSON that is written in one of two ways.
fn data(json: Option<&RawJson>, base64: Option<&str>, name: &str) -> Executed<Option<Bytes>> {
    match (json, base64) {
        (Some(_), Some(_)) => Err(Fault::bad(format!("{name}: is there twice, as b64{name}, too"))),
        (Some(json), None) => Ok(Some(json.bytes())),
        (None, Some(base64)) => {
            let bytes =
                STANDARD.decode(base64).map_err(|_| Fault::bad(format!("b64{name}: is not base64")))?;
            // Clients that speak JSON are in every channel, and could not read anything else.
            if !is_json(&bytes, DEPTH) {
                return Err(Fault::bad(format!("b64{name}: is not JSON")));
            }
            Ok(Some(bytes.into()))
        }
        (None, None) => Ok(None),
    }
}

fn raw(json: &Bytes) -> Executed<Box<RawValue>> {
    serde_json::from_slice(json).map_err(|_| ErrorCode::BAD_REQUEST.into())
}

fn position(StreamPosition { offset, epoch }: StreamPosition) -> Position {
    Position { offset, epoch: epoch.as_str().into() }
}

/// Seconds since 1970; 0 is none.
fn moment(seconds: i64) -> Executed<Option<SystemTime>> {
    if seconds == 0 {
        return Ok(None);
    }
    let since = u64::try_from(seconds).ok().map(Duration::from_secs);
    let at = since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since));
    at.map(Some).ok_or_else(|| Fault::bad("expire_at: no moment there is"))
}
