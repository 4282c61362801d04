use std::rc::Rc;

use bytes::Bytes;

use super::{
    Core, Expiry, Hello, Refusal, Stage, commands, expiry,
    machine::seconds,
    subscribe::{Ready, Stop, Wanted, begin, prepare},
};
use crate::live::{
    logic::Peer,
    protocol::{
        Codec, ConnectRequest, ConnectResult, Disconnect, DisconnectCode, Limits, Push, PushEvent,
        RecoverRequest, ReplyResult, Request,
    },
};

/// What clients are told about the server.
pub(super) const VERSION: &str = concat!("actix-charter ", env!("CARGO_PKG_VERSION"));

/// Somebody says who they are.
pub(super) async fn connect(core: Rc<Core>, id: u32, request: ConnectRequest, pings: bool, pongs: bool) {
    if let Err(refusal) = connected(&core, id, request, pings, pongs).await {
        core.stage.set(Stage::Failed);
        match refusal {
            Refusal::Disconnect(why) => core.disconnect(&why),
            Refusal::Error(error) if core.wire.is_bare() => {
                let _ = error;
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
        identity: arrival.identity,
        info: arrival.info,
    });
    let _ = core.peer.set(Rc::clone(&peer));
    if let Some(session) = arrival.session {
        let _ = core.session.set(session.into());
    }
    // From here on it can be found, and told to leave.
    core.shard.know(core);

    let mut channels = node.channels.of_peer(&peer);
    channels.extend(admitted.channels);
    let mut ready = Vec::new();
    for channel in channels {
        ready.extend(server_subscription(core, &peer, channel, &subs).await?);
    }
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
    let (mut frames, mut begun) = (Vec::new(), Vec::new());
    for ready in ready {
        match begin(ready) {
            Ok(one) => {
                result.subs.push((one.subscription.channel.to_string(), one.result));
                frames.extend(one.frames);
                begun.push(one.subscription);
            }
            Err(Stop::Error(error)) => return Err(Refusal::Error(error)),
            Err(Stop::Disconnect(code)) => return Err(refused(code)),
        }
    }
    core.stage.set(Stage::Connected);
    if core.wire.is_bare() {
        core.push(&Push::from(PushEvent::Connect(Box::new(result))));
    } else {
        core.reply(id, Ok(ReplyResult::Connect(Box::new(result))));
    }
    for frame in frames {
        core.send(frame);
    }
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
    subs: &std::collections::BTreeMap<String, RecoverRequest>,
) -> Result<Option<Ready>, Refusal> {
    let recover = subs.get(&channel).filter(|sub| sub.recover);
    let since = recover.map(|sub| sub.position.clone());
    let wanted = Wanted { channel, since, by_server: true, ..Wanted::default() };
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
