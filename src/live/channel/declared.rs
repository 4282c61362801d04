//! The channels as they were mounted.

use std::{collections::HashMap, rc::Rc, sync::Arc};

use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, ready};

use super::{
    ChannelLayer, command::Command, message::OnMessage, pattern::ChannelPattern, personal::PersonalLogic,
    table::Table,
};
use crate::{
    live::{
        Ask, ChannelLogic, ChannelOptions, Channels, Draft, Grant, Peer,
        protocol::{ErrorCode, ReplyError},
    },
    request::PathValues,
};

/// All channels of an application.
pub(crate) struct DeclaredChannels {
    pub(super) table: Table<Kind>,
    pub(super) personal: Vec<Arc<PersonalLogic>>,
    /// Takes what clients send outside of any channel.
    pub(super) on_message: Option<Arc<dyn OnMessage>>,
    /// What operations ask of the identity behind the connection.
    pub(super) identities: Vec<WantedIdentity>,
}

/// An operation takes an identity; the scheme of the connection must find such a one.
#[derive(Debug, Clone)]
pub(crate) struct WantedIdentity {
    /// The operation, for a sentence.
    pub(crate) label: String,
    /// As [`OperationSpec::identity`](crate::endpoint::OperationSpec::identity).
    pub(crate) identity: (std::any::TypeId, &'static str),
    /// Whether nobody will do, too.
    pub(crate) optional: bool,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Declared(Arc<DeclaredChannel>),
    Personal(Arc<PersonalLogic>),
}

/// One kind of channel with its handlers.
pub(crate) struct DeclaredChannel {
    pub(super) pattern: ChannelPattern,
    pub(super) options: ChannelOptions,
    /// All layers together, below what a subscription says.
    pub(super) layer: ChannelLayer,
    pub(super) subscribe: Option<Arc<Command>>,
    pub(super) publish: Option<Arc<Command>>,
    pub(super) calls: HashMap<Box<str>, Arc<Command>>,
}

impl DeclaredChannels {
    /// What the scheme of the connection must find.
    pub(crate) fn identities(&self) -> &[WantedIdentity] {
        &self.identities
    }

    fn call(&self, method: &str) -> Result<(Arc<Command>, PathValues), ErrorCode> {
        let (channel, name) = method.rsplit_once('/').ok_or(ErrorCode::METHOD_NOT_FOUND)?;
        let kind = self.table.find(channel).ok_or(ErrorCode::UNKNOWN_CHANNEL)?;
        let Kind::Declared(declared) = kind else { return Err(ErrorCode::METHOD_NOT_FOUND) };
        let command = declared.calls.get(name).ok_or(ErrorCode::METHOD_NOT_FOUND)?;
        let path = declared.path(channel.into()).ok_or(ErrorCode::UNKNOWN_CHANNEL)?;
        Ok((Arc::clone(command), path))
    }
}

impl Channels for DeclaredChannels {
    fn channel(&self, name: &str) -> Option<Arc<dyn ChannelLogic>> {
        Some(match self.table.find(name)? {
            Kind::Declared(channel) => Arc::clone(channel) as Arc<dyn ChannelLogic>,
            Kind::Personal(personal) => Arc::clone(personal) as Arc<dyn ChannelLogic>,
        })
    }

    fn of_peer(&self, peer: &Peer) -> Vec<String> {
        self.personal.iter().filter_map(|personal| personal.of(&peer.user)).collect()
    }

    fn personal(&self, user: &str) -> Option<String> {
        self.personal.first().and_then(|personal| personal.of(user))
    }

    fn rpc(
        &self,
        method: &str,
        data: Bytes,
        peer: Rc<Peer>,
    ) -> LocalBoxFuture<'static, Result<Bytes, ReplyError>> {
        match self.call(method) {
            Err(code) => Box::pin(ready(Err(code.into()))),
            Ok((command, path)) => {
                let answer = command.call(peer, path, data);
                Box::pin(async move { Ok(answer.await?.data.unwrap_or_default()) })
            }
        }
    }

    fn message(&self, data: Bytes, peer: Rc<Peer>) -> LocalBoxFuture<'static, ()> {
        match &self.on_message {
            Some(on_message) => on_message.message(&data, &peer),
            None => Box::pin(ready(())),
        }
    }
}

impl DeclaredChannel {
    fn path(&self, channel: Arc<str>) -> Option<PathValues> {
        let places = self.pattern.places(&channel)?;
        Some(PathValues { text: channel, names: Arc::clone(self.pattern.names()), places })
    }

    fn grant(&self, layer: Option<&ChannelLayer>) -> Result<Option<ChannelOptions>, ReplyError> {
        let resolved = layer.map(|layer| layer.over(&self.layer).resolve()).transpose();
        resolved.map_err(|faults| {
            let (channel, wrong) = (self.pattern.text(), faults.join("; "));
            tracing::error!(target: "actix_charter::live", channel, "the options of a subscription: {wrong}");
            ErrorCode::INTERNAL.into()
        })
    }
}

impl ChannelLogic for DeclaredChannel {
    fn options(&self) -> &ChannelOptions {
        &self.options
    }

    fn subscribe(self: Arc<Self>, ask: Ask) -> LocalBoxFuture<'static, Result<Grant, ReplyError>> {
        let (Some(command), Some(path)) = (&self.subscribe, self.path(ask.channel)) else {
            return Box::pin(ready(Err(ErrorCode::UNKNOWN_CHANNEL.into())));
        };
        let answer = Arc::clone(command).call(ask.peer, path, ask.data);
        Box::pin(async move {
            let answered = answer.await?;
            let granted = answered.granted;
            let options = self.grant(granted.layer.as_ref())?;
            Ok(Grant {
                info: granted.info,
                data: answered.data,
                expires: granted.expires,
                lasts: granted.lasts,
                options,
            })
        })
    }

    fn publish(self: Arc<Self>, ask: Ask) -> LocalBoxFuture<'static, Result<Draft, ReplyError>> {
        let Some(command) = &self.publish else {
            return Box::pin(ready(Err(ErrorCode::PERMISSION_DENIED.into())));
        };
        let Some(path) = self.path(ask.channel) else {
            return Box::pin(ready(Err(ErrorCode::UNKNOWN_CHANNEL.into())));
        };
        let answer = Arc::clone(command).call(ask.peer, path, ask.data);
        Box::pin(async move {
            let answered = answer.await?;
            let tags = answered.words.tags();
            Ok(Draft { data: answered.data.unwrap_or_default(), tags, key: answered.words.key })
        })
    }
}
