//! Asks declared channels as sessions do. For the tests of this crate.
#![allow(missing_docs, reason = "nobody else calls it")]
#![doc(hidden)]

use std::{cell::RefCell, rc::Rc, sync::Arc, time::SystemTime};

use actix_web::HttpRequest;
use bytes::Bytes;

use super::{DeclaredChannels, Live};
use crate::{
    live::{Ask, ChannelLogic, ChannelOptions, Channels, Peer, SharedIdentity, protocol::ReplyError},
    router::MountErrors,
};

/// The channels as a session sees them.
#[derive(Clone)]
pub struct Probe(Arc<DeclaredChannels>);

/// A connection that is none.
#[derive(Clone)]
pub struct ProbePeer(Rc<Peer>);

/// Whether and how one may listen.
#[derive(Debug)]
pub struct ProbeGrant {
    pub data: Option<String>,
    pub info: Option<String>,
    pub expires: Option<SystemTime>,
    pub options: Option<ChannelOptions>,
}

/// What is broadcast.
#[derive(Debug, PartialEq, Eq)]
pub struct ProbeDraft {
    pub data: String,
    pub tags: Vec<(String, String)>,
    pub key: Option<String>,
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}

impl std::fmt::Debug for ProbePeer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ProbePeer").field(&self.0.user).finish()
    }
}

impl ProbePeer {
    pub fn new(request: HttpRequest, user: &str) -> Self {
        let client = format!("client-of-{user}");
        Self(Rc::new(Peer {
            request,
            client,
            user: user.to_owned(),
            identity: None.into(),
            info: RefCell::default(),
        }))
    }

    #[must_use]
    pub fn identity<I: Clone + 'static>(self, identity: I) -> Self {
        let Peer { request, client, user, info, .. } = &*self.0;
        Self(Rc::new(Peer {
            request: request.clone(),
            client: client.clone(),
            user: user.clone(),
            identity: Some(Rc::new(identity) as Rc<dyn SharedIdentity>).into(),
            info: info.clone(),
        }))
    }
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Probe {
    /// # Errors
    /// What is wrong with the declarations.
    pub fn new(live: &Live) -> Result<Self, MountErrors> {
        Ok(Self(Arc::new(live.declare()?)))
    }

    #[must_use]
    pub fn options(&self, channel: &str) -> Option<ChannelOptions> {
        self.0.channel(channel).map(|logic| logic.options().clone())
    }

    #[must_use]
    pub fn of_peer(&self, peer: &ProbePeer) -> Vec<String> {
        self.0.of_peer(&peer.0)
    }

    /// What operations ask of the identity, a sentence each.
    #[must_use]
    pub fn identities(&self) -> Vec<(String, &'static str, bool)> {
        let wanted = self.0.identities().iter();
        wanted.map(|wanted| (wanted.label.clone(), wanted.identity.1, wanted.optional)).collect()
    }

    fn ask(&self, channel: &str, data: &str, peer: &ProbePeer) -> Option<(Arc<dyn ChannelLogic>, Ask)> {
        let data = Bytes::copy_from_slice(data.as_bytes());
        Some((self.0.channel(channel)?, Ask { channel: channel.into(), data, peer: Rc::clone(&peer.0) }))
    }

    /// `None` is an unknown channel.
    ///
    /// # Errors
    /// The protocol's.
    pub async fn subscribe(
        &self,
        channel: &str,
        data: &str,
        peer: &ProbePeer,
    ) -> Option<Result<ProbeGrant, ReplyError>> {
        let (logic, ask) = self.ask(channel, data, peer)?;
        Some(logic.subscribe(ask).await.map(|grant| ProbeGrant {
            data: grant.data.as_ref().map(text),
            info: grant.info.as_ref().map(text),
            expires: grant.expires,
            options: grant.options,
        }))
    }

    /// `None` is an unknown channel.
    ///
    /// # Errors
    /// The protocol's.
    pub async fn publish(
        &self,
        channel: &str,
        data: &str,
        peer: &ProbePeer,
    ) -> Option<Result<ProbeDraft, ReplyError>> {
        let (logic, ask) = self.ask(channel, data, peer)?;
        Some(logic.publish(ask).await.map(|draft| {
            let tags = draft.tags.iter().flat_map(|tags| tags.iter());
            ProbeDraft {
                data: text(&draft.data),
                tags: tags.map(|(name, value)| (name.to_string(), value.to_string())).collect(),
                key: draft.key,
            }
        }))
    }

    /// # Errors
    /// The protocol's.
    pub async fn rpc(&self, method: &str, data: &str, peer: &ProbePeer) -> Result<String, ReplyError> {
        let data = Bytes::copy_from_slice(data.as_bytes());
        Ok(text(&self.0.rpc(method, data, Rc::clone(&peer.0)).await?))
    }
}
