//! Channels that do what a test says.

use std::{
    collections::HashMap,
    rc::Rc,
    sync::{Arc, Mutex},
};

use actix_charter::live::{
    ChannelOptions,
    protocol::{ErrorCode, ReplyError},
    seam::{Ask, ChannelLogic, Channels, Draft, Grant, Peer},
};
use bytes::Bytes;
use futures_util::{FutureExt as _, future::LocalBoxFuture};
use tokio::sync::Semaphore;

type OnSubscribe = Box<dyn Fn(&Ask) -> Result<Grant, ReplyError> + Send + Sync>;
type OnPublish = Box<dyn Fn(&Ask) -> Result<Draft, ReplyError> + Send + Sync>;

/// A kind of channel.
pub(crate) struct Kind {
    options: ChannelOptions,
    subscribe: OnSubscribe,
    publish: OnPublish,
    /// A permit of it lets one subscriber in.
    gate: Option<Arc<Semaphore>>,
}

impl Kind {
    pub(crate) fn new(options: ChannelOptions) -> Self {
        Self {
            options,
            subscribe: Box::new(|_| Ok(Grant::default())),
            publish: Box::new(|ask| Ok(Draft { data: ask.data.clone(), ..Draft::default() })),
            gate: None,
        }
    }

    pub(crate) fn on_subscribe(
        mut self,
        act: impl Fn(&Ask) -> Result<Grant, ReplyError> + Send + Sync + 'static,
    ) -> Self {
        self.subscribe = Box::new(act);
        self
    }

    pub(crate) fn on_publish(
        mut self,
        act: impl Fn(&Ask) -> Result<Draft, ReplyError> + Send + Sync + 'static,
    ) -> Self {
        self.publish = Box::new(act);
        self
    }

    pub(crate) fn gate(mut self, gate: &Arc<Semaphore>) -> Self {
        self.gate = Some(Arc::clone(gate));
        self
    }
}

impl ChannelLogic for Kind {
    fn options(&self) -> &ChannelOptions {
        &self.options
    }

    fn subscribe(self: Arc<Self>, ask: Ask) -> LocalBoxFuture<'static, Result<Grant, ReplyError>> {
        async move {
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            (self.subscribe)(&ask)
        }
        .boxed_local()
    }

    fn publish(self: Arc<Self>, ask: Ask) -> LocalBoxFuture<'static, Result<Draft, ReplyError>> {
        async move { (self.publish)(&ask) }.boxed_local()
    }
}

type OfPeer = Box<dyn Fn(&Peer) -> Vec<String> + Send + Sync>;

/// Kinds by what stands before the first `:` of a channel's name, or by all of it.
pub(crate) struct Double {
    kinds: HashMap<String, Arc<Kind>>,
    of_peer: OfPeer,
    /// What was sent outside of any channel, and by whom.
    pub(crate) messages: Arc<Mutex<Vec<(String, String)>>>,
}

impl Double {
    pub(crate) fn new() -> Self {
        Self { kinds: HashMap::new(), of_peer: Box::new(|_| Vec::new()), messages: Arc::default() }
    }

    pub(crate) fn with(mut self, name: &str, kind: Kind) -> Self {
        self.kinds.insert(name.to_owned(), Arc::new(kind));
        self
    }

    pub(crate) fn of_peer(mut self, of: impl Fn(&Peer) -> Vec<String> + Send + Sync + 'static) -> Self {
        self.of_peer = Box::new(of);
        self
    }
}

impl Channels for Double {
    fn channel(&self, name: &str) -> Option<Arc<dyn ChannelLogic>> {
        let kind = if name.starts_with('#') { "#" } else { name.split(':').next()? };
        self.kinds.get(kind).map(|kind| Arc::clone(kind) as _)
    }

    fn of_peer(&self, peer: &Peer) -> Vec<String> {
        (self.of_peer)(peer)
    }

    fn personal(&self, user: &str) -> Option<String> {
        Some(format!("#{user}"))
    }

    fn message(&self, data: Bytes, peer: Rc<Peer>) -> LocalBoxFuture<'static, ()> {
        let messages = Arc::clone(&self.messages);
        async move {
            let text = String::from_utf8(data.to_vec()).unwrap();
            assert_ne!(text, "\"panic\"");
            messages.lock().unwrap().push((peer.user.clone(), text));
        }
        .boxed_local()
    }

    fn rpc(
        &self,
        method: &str,
        data: Bytes,
        peer: Rc<Peer>,
    ) -> LocalBoxFuture<'static, Result<Bytes, ReplyError>> {
        let method = method.to_owned();
        async move {
            match method.as_str() {
                "echo" => Ok(data),
                "who" => Ok(serde_json::to_vec(&peer.user).unwrap().into()),
                "panic" => panic!("a test wants it so"),
                "never" => std::future::pending().await,
                _ => Err(ErrorCode::METHOD_NOT_FOUND.into()),
            }
        }
        .boxed_local()
    }
}
