//! Into a channel, without a gap.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use bytes::Bytes;

use super::{Core, Deltas, Expiry, Running, Subscription, Terms, commands, expiry};
use crate::live::{
    ChannelOptions, ClientInfo, Position, Publication, RecoveryMode, SlowPolicy,
    broker::{HistoryQuery, LivePublication, RECOVERY_LIMIT, Recovery, recover, recover_newest},
    hub::{Outgoing, Shape, What},
    logic::{Ask, ChannelLogic, Grant, Peer},
    protocol::{
        DisconnectCode, Entry, ErrorCode, Form, ReplyError, SubscribeRequest, SubscribeResult, TagFilter,
    },
};

/// What a client, or the application for it, asks of a channel.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) channel: String,
    pub(super) token: String,
    pub(super) data: Bytes,
    /// It wants what came after this.
    pub(super) since: Option<Position>,
    /// It wants what came after the one of these that is this channel's.
    pub(super) since_any: Vec<Position>,
    pub(super) positioned: bool,
    pub(super) join_leave: bool,
    pub(super) delta: bool,
    pub(super) filter: Option<TagFilter>,
    pub(super) rejects_unrecovered: bool,
    pub(super) by_server: bool,
    /// What the server gives; then nobody is asked.
    pub(super) granted: Option<Grant>,
}

/// Why there is no subscription.
pub(super) enum Stop {
    Error(ReplyError),
    Disconnect(DisconnectCode),
}

impl From<ReplyError> for Stop {
    fn from(error: ReplyError) -> Self {
        Self::Error(error)
    }
}

impl From<ErrorCode> for Stop {
    fn from(code: ErrorCode) -> Self {
        Self::Error(code.into())
    }
}

/// The place of a subscription that is being made; given up unless it is kept.
struct Reservation {
    core: Rc<Core>,
    subscription: Rc<Subscription>,
    is_kept: bool,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.is_kept {
            self.core.give_up(&self.subscription);
        }
    }
}

/// A subscription that needs nothing more than to be begun.
pub(super) struct Ready {
    reservation: Reservation,
    options: ChannelOptions,
    wanted: Wanted,
    grant_data: Option<Bytes>,
    recovery: Option<Recovery>,
}

/// One that was begun: the reply, and what follows it.
pub(super) struct Begun {
    pub(super) result: SubscribeResult,
    pub(super) frames: Vec<Bytes>,
    pub(super) subscription: Rc<Subscription>,
}

impl Wanted {
    /// What a client's command asks for.
    pub(super) fn of(request: SubscribeRequest) -> Result<Self, Stop> {
        if request.kind != 0 {
            return Err(ErrorCode::NOT_AVAILABLE.into());
        }
        let rejects_unrecovered = request.rejects_unrecovered();
        let filter = request.filter.transpose().map_err(|_| ErrorCode::BAD_REQUEST)?;
        Ok(Self {
            channel: request.channel,
            token: request.token,
            data: request.data,
            since: request.recover.then_some(request.position),
            since_any: Vec::new(),
            positioned: request.positioned || request.recoverable,
            join_leave: request.join_leave,
            delta: request.delta == "fossil",
            filter,
            rejects_unrecovered,
            by_server: false,
            granted: None,
        })
    }
}

pub(super) fn is_channel_name(core: &Core, name: &str) -> bool {
    !name.is_empty() && name.len() <= core.node.settings.channel_name && name.is_ascii()
}

/// Everything that has to be waited for: what the application says, the broker's subscription, then the history. What is
/// published from the second of them on waits in the subscription.
pub(super) async fn prepare(core: &Rc<Core>, peer: &Rc<Peer>, mut wanted: Wanted) -> Result<Ready, Stop> {
    let settings = &core.node.settings;
    if !is_channel_name(core, &wanted.channel) || !commands::is_data(&wanted.data) {
        return Err(ErrorCode::BAD_REQUEST.into());
    }
    if core.subscription(&wanted.channel).is_some() {
        return Err(ErrorCode::ALREADY_SUBSCRIBED.into());
    }
    if !wanted.by_server && core.subscriptions.borrow().len() >= settings.channels {
        return Err(ErrorCode::LIMIT_EXCEEDED.into());
    }
    let logic = core.node.channels.channel(&wanted.channel).ok_or(ErrorCode::UNKNOWN_CHANNEL)?;
    let subscription = Subscription::reserve(core, &wanted.channel, wanted.by_server);
    core.subscriptions.borrow_mut().push(Rc::clone(&subscription));
    let reservation = Reservation { core: Rc::clone(core), subscription, is_kept: false };
    let subscription = &reservation.subscription;

    let data = Bytes::copy_from_slice(&wanted.data);
    let (grant, expiry) = match wanted.granted.take() {
        Some(grant) => {
            // Nobody was asked, and nobody is when it expires.
            let expiry = grant
                .end(core.node.settings.now())
                .map(|at| Expiry { asked: true, ..Expiry::new(&core.node, at, false) });
            (grant, expiry)
        }
        None => asked(core, peer, &logic, subscription, (&wanted.token, data.clone())).await?,
    };
    subscription.expires.set(expiry);
    let options = grant.options.unwrap_or_else(|| logic.options().clone());
    let is_seen = options.presence || options.join_leave || grant.info.is_some();
    let info = is_seen.then(|| {
        Arc::new(ClientInfo {
            user: peer.user.clone(),
            client: peer.client.clone(),
            connection: peer.info.borrow().clone(),
            channel: grant.info,
        })
    });
    subscription.set_terms(Terms {
        logic,
        info: RefCell::new(info),
        presence: options.presence,
        presence_for_clients: options.presence_for_clients,
        history: has_history(&options),
        history_for_clients: options.history_for_clients,
        join_leave: options.join_leave,
        leave_delay: options.leave_delay,
        // Nobody asks again without an end.
        data: if expiry.is_some() { data } else { Bytes::new() },
    });

    subscription.buffer();
    core.shard.attach(subscription).await.map_err(|error| commands::broker_error(&error))?;
    if has_history(&options) && options.recovery == RecoveryMode::Stream && !wanted.since_any.is_empty() {
        wanted.since = Some(pick(core, subscription, &options, &wanted.since_any).await?);
    }
    let recovery = match position_of(&options, &wanted) {
        false => None,
        true => Some(read(core, subscription, &options, &wanted).await?),
    };
    if let Some(recovery) = &recovery
        && options.recovery == RecoveryMode::Stream
        && wanted.rejects_unrecovered
        && wanted.since.is_some()
        && !recovery.recovered
    {
        return Err(ErrorCode::UNRECOVERABLE_POSITION.into());
    }
    Ok(Ready { options, wanted, grant_data: grant.data, recovery, reservation })
}

/// What the client's token and the channel say, and when that ends.
async fn asked(
    core: &Core,
    peer: &Rc<Peer>,
    logic: &Arc<dyn ChannelLogic>,
    subscription: &Subscription,
    (token, data): (&str, Bytes),
) -> Result<(Grant, Option<Expiry>), Stop> {
    let channel = &subscription.channel;
    let shown = if token.is_empty() {
        None
    } else {
        let asked = core.node.admission.subscription(Rc::clone(peer), channel, token.to_owned());
        Some(commands::guarded(asked).await??)
    };
    let ask = Ask { channel: Arc::clone(channel), data, peer: Rc::clone(peer) };
    let mut grant = commands::guarded(Arc::clone(logic).subscribe(ask)).await??;
    let by_client = shown.as_ref().is_some_and(|shown| shown.expires.is_some());
    if let Some(shown) = shown {
        grant = Grant {
            info: shown.info.or(grant.info),
            data: grant.data.or(shown.data),
            expires: shown.expires.into_iter().chain(grant.expires).min(),
            lasts: grant.lasts,
            options: grant.options.or(shown.options),
        };
    }
    let expiry = grant.end(core.node.settings.now()).map(|at| Expiry::new(&core.node, at, by_client));
    Ok((grant, expiry))
}

fn has_history(options: &ChannelOptions) -> bool {
    options.history_size > 0 && !options.history_ttl.is_zero()
}

/// Whether it is known where the subscriber is.
fn position_of(options: &ChannelOptions, wanted: &Wanted) -> bool {
    has_history(options) && (options.recovery != RecoveryMode::None || wanted.positioned)
}

/// The position that counts in this channel's epoch; any, when none does: then nothing is recovered.
async fn pick(
    core: &Core,
    subscription: &Subscription,
    options: &ChannelOptions,
    positions: &[Position],
) -> Result<Position, Stop> {
    if let [only] = positions {
        return Ok(only.clone());
    }
    let query = HistoryQuery { meta_ttl: options.meta_ttl, ..HistoryQuery::position() };
    let asked = core.node.engine.broker.history(&subscription.channel, query);
    let now = core.node.within(asked).await.map_err(|error| commands::broker_error(&error))?.position;
    let own = positions.iter().find(|position| position.epoch == now.epoch).or(positions.first());
    Ok(own.cloned().unwrap_or_default())
}

/// Four times what may wait for a connection is recovered at once, and no more.
const RECOVERED_QUEUES: usize = 4;

async fn read(
    core: &Core,
    subscription: &Subscription,
    options: &ChannelOptions,
    wanted: &Wanted,
) -> Result<Recovery, Stop> {
    let mut query = match (options.recovery, &wanted.since) {
        (RecoveryMode::Stream, Some(since)) => HistoryQuery::recovery(since.clone(), RECOVERY_LIMIT),
        (RecoveryMode::Cache, _) => HistoryQuery::newest(),
        _ => HistoryQuery::position(),
    };
    query.meta_ttl = options.meta_ttl;
    let asked = core.node.engine.broker.history(&subscription.channel, query);
    let history = core.node.within(asked).await.map_err(|error| commands::broker_error(&error))?;
    // Somebody who was too slow misses about as much as may wait, so there has to be room for more than that; but not for any
    // number of bytes, which would be no longer the connection's own cost.
    let bytes: usize = history.publications.iter().map(|publication| publication.data.len()).sum();
    if bytes > core.outbox.most_bytes().saturating_mul(RECOVERED_QUEUES) {
        return Ok(Recovery::none(history.position));
    }
    Ok(match (options.recovery, &wanted.since) {
        (RecoveryMode::Stream, Some(since)) => recover(since, history, RECOVERY_LIMIT),
        (RecoveryMode::Cache, since) => recover_newest(&since.clone().unwrap_or_default(), history),
        _ => Recovery::none(history.position),
    })
}

/// Begins the subscription. Nothing is waited for: between what was read and what comes there is no gap.
pub(super) fn begin(ready: Ready) -> Result<Begun, Stop> {
    let Ready { mut reservation, options, wanted, grant_data, recovery } = ready;
    let (core, subscription) = (&reservation.core, Rc::clone(&reservation.subscription));
    let buffer = subscription.take_buffer()?;
    let is_positioned = recovery.is_some();
    let is_recoverable = is_positioned && options.recovery != RecoveryMode::None;
    let delta = wanted.delta
        && options.delta
        && is_positioned
        && wanted.filter.is_none()
        && options.slow == SlowPolicy::Disconnect
        && !core.wire.is_bare();
    let live: Vec<LivePublication> = buffer
        .iter()
        .filter_map(|outgoing| match &outgoing.what {
            What::Publication(live) => Some(live.clone()),
            What::Join(_) | What::Leave(_) => None,
        })
        .collect();
    let recovery = recovery.unwrap_or_default();
    let (recovered, told) = (recovery.recovered, recovery.position.clone());
    let gap = Stop::Disconnect(DisconnectCode::INSUFFICIENT_STATE);
    let merged = recovery.merge(live).map_err(|_| gap)?;

    let mut deltas = if delta { Deltas::On } else { Deltas::Off };
    let publications = merged.publications.iter().filter(|publication| {
        let tags = publication.tags.as_deref().unwrap_or_default();
        wanted.filter.as_ref().is_none_or(|filter| filter.matches(tags))
    });
    let mut result = SubscribeResult {
        ttl: expiry::ttl(subscription.expires.get()),
        recoverable: is_recoverable,
        positioned: is_positioned,
        position: told,
        recovered,
        was_recovering: wanted.since.is_some(),
        data: grant_data.unwrap_or_default(),
        delta,
        ..SubscribeResult::default()
    };
    let mut frames = Vec::new();
    if recovered {
        result.publications = entries(publications, delta);
        if delta && let Some(last) = result.publications.last() {
            deltas = Deltas::After(last.publication.offset);
        }
    } else {
        let mut before: Option<&Publication> = None;
        for publication in publications {
            frames.extend(frame(core, &buffer, publication, delta, before));
            before = Some(publication);
        }
        if delta && let Some(last) = before {
            deltas = Deltas::After(last.offset);
        }
    }
    subscription.run(Running {
        position: is_positioned.then_some(merged.position),
        filter: wanted.filter.map(Box::new),
        delta: deltas,
        slow: options.slow,
        join_leave: options.join_leave
            && (wanted.join_leave || wanted.by_server || core.wire.is_bare())
            && !core.wire.is_html(),
    });
    expiry::reckon(core);
    reservation.is_kept = true;
    Ok(Begun { result, frames, subscription })
}

/// The publications of a reply.
fn entries<'a>(publications: impl Iterator<Item = &'a Arc<Publication>>, delta: bool) -> Vec<Entry> {
    let mut before: Option<&Publication> = None;
    let mut entries = Vec::new();
    for publication in publications {
        let form = match before {
            _ if !delta => Form::Plain,
            Some(before) => Form::between(&before.data, &publication.data),
            None => Form::Whole,
        };
        entries.push(Entry { publication: (**publication).clone(), form });
        before = Some(publication);
    }
    entries
}

/// A publication that came while the subscription was made: as all others get it, if that can be.
fn frame(
    core: &Core,
    buffer: &[Arc<Outgoing>],
    publication: &Arc<Publication>,
    delta: bool,
    before: Option<&Publication>,
) -> Option<Bytes> {
    let metrics = &core.node.metrics;
    let shared = buffer.iter().find(|outgoing| match &outgoing.what {
        What::Publication(live) => Arc::ptr_eq(&live.publication, publication),
        What::Join(_) | What::Leave(_) => false,
    });
    let shape = match (delta, before) {
        (false, _) => Shape::Plain,
        (true, None) => Shape::Whole,
        (true, Some(_)) => Shape::Delta,
    };
    Some(shared?.frame(core.wire, shape, &core.outbox, metrics).clone())
}
