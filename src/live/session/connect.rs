use std::{cell::RefCell, rc::Rc};

use bytes::Bytes;

use super::{
    Core, Expiry, Hello, Refusal, Stage, commands, expiry,
    machine::seconds,
    subscribe::{Ready, Stop, Wanted, begin, prepare},
};
use crate::live::{
    logic::{Grant, Peer},
    protocol::{
        Codec, ConnectRequest, ConnectResult, Disconnect, DisconnectCode, ErrorCode, Limits, Push, PushEvent,
        RecoverRequest, ReplyResult, Request,
    },
};

/// What clients are told about the server.
pub(super) const VERSION: &str = concat!("actix-charter ", env!("CARGO_PKG_VERSION"));

/// How long the name of a client's environment may be, in bytes, as Centrifugo has it.
const NAME: usize = 16;
/// How long its version may be.
const VERSION_LENGTH: usize = 64;

/// Somebody says who they are.
pub(super) async fn connect(core: Rc<Core>, id: u32, request: ConnectRequest, pings: bool, pongs: bool) {
    if let Err(refusal) = connected(&core, id, request, pings, pongs).await {
        core.stage.set(Stage::Failed);
        if let Some(page) = core.page.get() {
            page.refusal.replace(Some(refusal.clone()));
        }
        match refusal {
            Refusal::Disconnect(why) => core.disconnect(&why),
            Refusal::Error(error) if core.wire.is_html() => {
                let words = error.to_string();
                core.disconnect(&Disconnect::new(DisconnectCode::PERMISSION_DENIED, words));
            }
            Refusal::Error(_) if core.wire.is_bare() => {
                core.disconnect(&DisconnectCode::PERMISSION_DENIED.into());
            }
            Refusal::Error(error) => core.reply(id, Err(error)),
        }
    }
}

async fn connected(
    core: &Rc<Core>,
    id: u32,
    request: ConnectRequest,
    pings: bool,
    pongs: bool,
) -> Result<(), Refusal> {
    let node = &core.node;
    let refused = |code: DisconnectCode| Refusal::Disconnect(Disconnect::from(code));
    if node.is_draining() {
        return Err(refused(DisconnectCode::SHUTDOWN));
    }
    let Some(arrival) = core.arrival.take() else { return Err(refused(DisconnectCode::BAD_REQUEST)) };
    if !commands::is_data(&request.data) {
        return Err(refused(DisconnectCode::BAD_REQUEST));
    }
    for (what, text, most) in [("name", &request.name, NAME), ("version", &request.version, VERSION_LENGTH)] {
        if text.len() > most {
            let why = format!("{what}: longer than {most} bytes");
            return Err(Refusal::Disconnect(Disconnect::new(DisconnectCode::BAD_REQUEST, why)));
        }
    }
    let ConnectRequest { token, data, subs, name, version, headers, .. } = request;
    let hello = Hello { token, data, name, version, headers };
    let admitted =
        commands::guarded(node.admission.admit(*arrival, hello)).await.map_err(Refusal::Error)??;
    let arrival = admitted.arrival;
    if !node.seat(&arrival.user) {
        return Err(refused(DisconnectCode::CONNECTION_LIMIT));
    }
    core.is_seated.set(true);
    core.expires.set(arrival.expires.map(|at| Expiry::new(node, at, admitted.by_token)));
    expiry::reckon(core);
    let peer = Rc::new(Peer {
        request: arrival.request,
        client: random_name(),
        user: arrival.user,
        identity: RefCell::new(arrival.identity),
        info: RefCell::new(arrival.info),
    });
    let _ = core.peer.set(Rc::clone(&peer));
    if let Some(session) = arrival.session {
        let _ = core.session.set(session.into());
    }
    // From here on it can be found, and told to leave.
    core.become_known().map_err(Refusal::Disconnect)?;

    let of_peer = node.channels.of_peer(&peer).into_iter().map(|channel| (channel, None));
    let granted = admitted.channels.into_iter().map(|(channel, grant)| (channel, Some(grant)));
    let mut ready = Vec::new();
    for (channel, granted) in of_peer.chain(granted) {
        ready.extend(server_subscription(core, &peer, channel, granted, &subs).await?);
    }
    ready.extend(page_subscriptions(core, &peer).await?);
    let mut result = ConnectResult {
        client: peer.client.clone(),
        version: VERSION.to_owned(),
        ttl: expiry::ttl(core.expires.get()),
        data: admitted.data.unwrap_or_default(),
        ping: if pings { seconds(node.settings.ping) } else { 0 },
        pong: pings && pongs,
        time: node.milliseconds(),
        ..ConnectResult::default()
    };
    if !core.wire.is_socket() && !core.wire.is_bare() {
        let session = random_name();
        core.shard.emulate(&session, core);
        let _ = core.emulation.set(session.as_str().into());
        result.session = session;
        result.node = node.id.as_str().to_owned();
    }

    // Nothing is waited for until all of it is queued.
    let (mut frames, mut begun, mut for_page) = (Vec::new(), Vec::new(), Vec::new());
    for ready in ready {
        match begin(ready) {
            Ok(one) => {
                if core.wire.is_html() {
                    for_page.push((Rc::clone(&one.subscription), one.result));
                } else {
                    result.subs.push((one.subscription.channel.to_string(), one.result));
                }
                frames.extend(one.frames);
                begun.push(one.subscription);
            }
            // Somebody took it back already.
            Err(Stop::Error(_)) => {}
            Err(Stop::Disconnect(code)) => return Err(refused(code)),
        }
    }
    core.stage.set(Stage::Connected);
    if core.wire.is_html() {
        core.welcome_page(&for_page);
    } else if core.wire.is_bare() {
        core.push(&Push::from(PushEvent::Connect(Box::new(result))));
    } else {
        core.reply(id, Ok(ReplyResult::Connect(Box::new(result))));
    }
    for frame in frames {
        core.send(frame);
    }
    core.tell_position();
    for subscription in begun {
        core.welcome(&subscription).await;
    }
    Ok(())
}

/// A channel the client is in without asking. One that does not want it is left out.
async fn server_subscription(
    core: &Rc<Core>,
    peer: &Rc<Peer>,
    channel: String,
    granted: Option<Grant>,
    subs: &std::collections::BTreeMap<String, RecoverRequest>,
) -> Result<Option<Ready>, Refusal> {
    let recover = subs.get(&channel).filter(|sub| sub.recover);
    let since = recover.map(|sub| sub.position.clone());
    let since_any = core.page.get().map(|page| page.since.clone()).unwrap_or_default();
    let wanted = Wanted { channel, since, since_any, by_server: true, granted, ..Wanted::default() };
    match prepare(core, peer, wanted).await {
        Ok(ready) => Ok(Some(ready)),
        Err(Stop::Error(error)) if error.temporary => Err(Refusal::Error(error)),
        Err(Stop::Error(error)) => {
            tracing::warn!(target: "actix_charter::live", %error, "a subscription of the server's was refused");
            Ok(None)
        }
        Err(Stop::Disconnect(code)) => Err(Refusal::Disconnect(code.into())),
    }
}

/// The channels that a page named, which it was not put into before. If one of them does not want it, it is not let in.
async fn page_subscriptions(core: &Rc<Core>, peer: &Rc<Peer>) -> Result<Vec<Ready>, Refusal> {
    let Some(page) = core.page.get() else { return Ok(Vec::new()) };
    if page.channels.len() > core.node.settings.channels {
        return Err(Refusal::Error(ErrorCode::LIMIT_EXCEEDED.into()));
    }
    let mut ready = Vec::new();
    for channel in &page.channels {
        if core.subscription(channel).is_some() {
            continue;
        }
        let since_any = page.since.clone();
        let wanted = Wanted { channel: channel.clone(), since_any, by_server: true, ..Wanted::default() };
        ready.push(prepare(core, peer, wanted).await.map_err(|stop| match stop {
            Stop::Error(error) => Refusal::Error(error),
            Stop::Disconnect(code) => Refusal::Disconnect(code.into()),
        })?);
    }
    Ok(ready)
}

/// What a client that only listens says to connect, as JSON.
pub(crate) fn said(json: &str) -> Option<ConnectRequest> {
    let frame = Bytes::from(format!(r#"{{"id":1,"connect":{json}}}"#));
    let command = Codec::Json.decode_frame(&frame, &Limits::default()).ok()?.into_iter().next()?;
    match command.request {
        Request::Connect(request) => Some(*request),
        _ => None,
    }
}

fn random_name() -> String {
    format!("{:032x}", rand::random::<u128>())
}
