//! Into a channel because the server wants it.

use std::rc::Rc;

use super::{
    Core, Stage, expiry,
    subscribe::{Stop, Wanted, begin, prepare},
};
use crate::live::{
    broker::SubscribeOrder,
    hub::Node,
    logic::Grant,
    protocol::{ErrorCode, PushEvent, SubscribePush},
};

/// Subscribes a connection that is there. Nobody is asked; that it cannot be done is logged.
pub(super) async fn subscribe(core: Rc<Core>, channel: String, order: SubscribeOrder) {
    let Some(peer) = core.peer().cloned().filter(|_| core.stage.get() == Stage::Connected) else { return };
    let wanted = Wanted {
        since: order.since.clone(),
        by_server: true,
        granted: Some(grant(&core.node, &channel, order)),
        channel,
        ..Wanted::default()
    };
    match prepare(&core, &peer, wanted).await.and_then(begin) {
        Ok(begun) => {
            let (result, subscription) = (begun.result, begun.subscription);
            let push = SubscribePush {
                recoverable: result.recoverable,
                positioned: result.positioned,
                position: result.position,
                data: result.data,
            };
            core.push_event(&subscription.channel, PushEvent::Subscribe(push));
            // What it missed is between that position and what comes.
            for entry in result.publications {
                core.push_event(&subscription.channel, PushEvent::Publication(entry));
            }
            for frame in begun.frames {
                core.send(frame);
            }
            core.welcome(&subscription).await;
        }
        Err(Stop::Error(error)) if error.code == ErrorCode::ALREADY_SUBSCRIBED => {
            tracing::debug!(target: "actix_charter::live", "somebody is to be subscribed who is already");
        }
        Err(Stop::Error(error)) => {
            tracing::error!(target: "actix_charter::live", %error, "the server could not subscribe a connection");
        }
        Err(Stop::Disconnect(code)) => core.disconnect(&code.into()),
    }
}

fn grant(node: &Node, channel: &str, order: SubscribeOrder) -> Grant {
    let options = match (order.presence, order.join_leave) {
        (None, None) => None,
        (presence, join_leave) => node.channels.channel(channel).map(|logic| {
            let mut options = logic.options().clone();
            options.presence = presence.unwrap_or(options.presence);
            options.join_leave = join_leave.unwrap_or(options.join_leave);
            options
        }),
    };
    let expires = order.expire_at.and_then(expiry::time);
    Grant { info: order.info, data: order.data, expires, lasts: None, options }
}
