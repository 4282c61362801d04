//! What ends at a time, and how it goes on.

use std::{
    rc::Rc,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::{Core, Expiry, Refusal, Subscription, commands, machine::seconds};
use crate::live::{
    hub::Node,
    logic::Ask,
    protocol::{
        DisconnectCode, ErrorCode, Push, PushEvent, RefreshResult, ReplyError, ReplyResult,
        SubRefreshRequest, Unsubscribe, UnsubscribeCode,
    },
};

/// What is to be done because its time has come.
#[derive(Default)]
pub(super) struct Due {
    /// The connection ends.
    pub(super) is_over: bool,
    /// The application is asked about the connection.
    pub(super) recheck: bool,
    /// These subscriptions end.
    pub(super) over: Vec<Rc<Subscription>>,
    /// The application is asked about these.
    pub(super) reask: Vec<Rc<Subscription>>,
}

impl Expiry {
    pub(super) fn new(node: &Node, at: SystemTime, by_client: bool) -> Self {
        Self { at: node.instant(at), by_client, asked: false }
    }

    /// When something is to be done about it.
    fn due(&self, grace: Duration) -> Instant {
        if self.by_client || self.asked { self.at + grace } else { self.at }
    }
}

/// In how many seconds a client has to refresh, when it is the one to do so.
pub(super) fn ttl(expiry: Option<Expiry>) -> Option<u32> {
    let expiry = expiry.filter(|expiry| expiry.by_client)?;
    Some(seconds(expiry.at.saturating_duration_since(Instant::now())))
}

/// Finds when the next thing is due.
pub(super) fn reckon(core: &Core) {
    let grace = core.node.settings.grace;
    let subscriptions = core.subscriptions.borrow();
    let all = subscriptions.iter().filter(|subscription| subscription.is_running());
    let all = all.filter_map(|subscription| subscription.expires.get()).chain(core.expires.get());
    core.next_due.set(all.map(|expiry| expiry.due(grace)).min());
}

pub(super) fn due(core: &Core, now: Instant) -> Due {
    let grace = core.node.settings.grace;
    let mut due = Due::default();
    let is_due = |expiry: &Expiry| expiry.due(grace) <= now;
    if let Some(expiry) = core.expires.get().filter(is_due) {
        due.is_over = expiry.by_client || expiry.asked;
        due.recheck = !due.is_over;
        core.expires.set(Some(Expiry { asked: true, ..expiry }));
    }
    for subscription in &*core.subscriptions.borrow() {
        if let Some(expiry) = subscription.expires.get().filter(is_due)
            && subscription.is_running()
        {
            if expiry.by_client || expiry.asked {
                due.over.push(Rc::clone(subscription));
            } else {
                subscription.expires.set(Some(Expiry { asked: true, ..expiry }));
                due.reask.push(Rc::clone(subscription));
            }
        }
    }
    reckon(core);
    due
}

/// The application says whether the connection goes on.
pub(super) async fn recheck(core: Rc<Core>) {
    let Some(peer) = core.peer().cloned() else { return };
    let asked = core.node.admission.refresh(peer, String::new());
    match commands::guarded(asked).await {
        Ok(Ok(until)) => {
            core.expires.set(until.map(|at| Expiry::new(&core.node, at, false)));
            reckon(&core);
        }
        Ok(Err(Refusal::Disconnect(why))) => core.disconnect(&why),
        Ok(Err(Refusal::Error(_))) | Err(_) => core.disconnect(&DisconnectCode::EXPIRED.into()),
    }
}

/// The channel says whether a subscription goes on.
pub(super) async fn reask(core: Rc<Core>, subscription: Rc<Subscription>) {
    let (Some(peer), Some(terms)) = (core.peer().cloned(), subscription.terms()) else { return };
    let ask = Ask { channel: subscription.channel.clone(), data: terms.data.clone(), peer };
    let asked = terms.logic.clone().subscribe(ask);
    let answer = commands::guarded(asked).await;
    if !subscription.is_running() {
        return;
    }
    if let Ok(Ok(grant)) = answer {
        let until = grant.end(core.node.settings.now());
        subscription.expires.set(until.map(|at| Expiry::new(&core.node, at, false)));
        reckon(&core);
        return;
    }
    if subscription.by_server {
        return core.disconnect(&DisconnectCode::SUBSCRIPTION_EXPIRED.into());
    }
    core.drop_subscription(&subscription);
    let why = Unsubscribe::from(UnsubscribeCode::EXPIRED);
    core.push_event(&subscription.channel, PushEvent::Unsubscribe(why));
    core.farewell(&subscription).await;
}

/// Somebody else says when the connection ends; `None` is when it did before, and 0 never.
pub(super) fn refreshed(core: &Core, expired: bool, expire_at: Option<i64>) {
    if expired {
        return core.disconnect(&DisconnectCode::EXPIRED.into());
    }
    if let Some(at) = expire_at {
        let by_client = core.expires.get().is_some_and(|expiry| expiry.by_client);
        core.expires.set(time(at).map(|at| Expiry::new(&core.node, at, by_client)));
        reckon(core);
    }
    core.push(&Push::from(PushEvent::Refresh(ttl(core.expires.get()))));
}

/// A moment in seconds since 1970; none when it is 0, or no moment there is.
pub(super) fn time(seconds: i64) -> Option<SystemTime> {
    let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// A client shows a new token for its connection.
pub(super) async fn refresh(
    core: &Rc<Core>,
    token: String,
) -> Result<Result<ReplyResult, ReplyError>, DisconnectCode> {
    if token.is_empty() {
        return Ok(Err(ErrorCode::BAD_REQUEST.into()));
    }
    let Some(peer) = core.peer().cloned() else { return Err(DisconnectCode::BAD_REQUEST) };
    let client = peer.client.clone();
    let until = match commands::guarded(core.node.admission.refresh(peer, token)).await {
        Ok(Ok(until)) => until,
        Ok(Err(Refusal::Error(error))) | Err(error) => return Ok(Err(error)),
        Ok(Err(Refusal::Disconnect(why))) => return Err(why.code()),
    };
    let expiry = until.map(|at| Expiry::new(&core.node, at, true));
    core.expires.set(expiry);
    reckon(core);
    let result = RefreshResult { client, version: super::connect::VERSION.to_owned(), ttl: ttl(expiry) };
    Ok(Ok(ReplyResult::Refresh(result)))
}

/// A client shows a new token for a subscription.
pub(super) async fn sub_refresh(
    core: &Rc<Core>,
    request: SubRefreshRequest,
) -> Result<ReplyResult, ReplyError> {
    if request.token.is_empty() {
        return Err(ErrorCode::BAD_REQUEST.into());
    }
    let Some(peer) = core.peer().cloned() else { return Err(ErrorCode::UNAUTHORIZED.into()) };
    let subscription = core.running(&request.channel).ok_or(ErrorCode::PERMISSION_DENIED)?;
    let terms = subscription.terms().ok_or(ErrorCode::PERMISSION_DENIED)?;
    let asked = core.node.admission.subscription(Rc::clone(&peer), &request.channel, request.token);
    let shown = commands::guarded(asked).await??;
    // The channel has its say, too, as it had when they subscribed; the earlier end holds.
    let ask = Ask { channel: Arc::clone(&subscription.channel), data: terms.data.clone(), peer };
    let granted = commands::guarded(Arc::clone(&terms.logic).subscribe(ask)).await??;
    let now = core.node.settings.now();
    let until = shown.end(now).into_iter().chain(granted.end(now)).min();
    let expiry = until.map(|at| Expiry::new(&core.node, at, true));
    subscription.expires.set(expiry);
    reckon(core);
    Ok(ReplyResult::SubRefresh(ttl(expiry)))
}
