use std::{future::Future, rc::Rc};

use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, ready};
use serde::de::DeserializeOwned;

use super::Connection;
use crate::{
    live::Peer,
    model::{CheckContext, Model},
};

/// What becomes of messages that clients send outside of any channel.
pub(crate) trait OnMessage: Send + Sync {
    fn message(&self, data: &Bytes, peer: &Rc<Peer>) -> LocalBoxFuture<'static, ()>;
}

/// A handler, and what it reads messages as.
pub(super) struct Handler<F, T>(F, std::marker::PhantomData<fn() -> T>);

impl<F, T> Handler<F, T> {
    pub(super) const fn new(handler: F) -> Self {
        Self(handler, std::marker::PhantomData)
    }
}

impl<F, T, D> OnMessage for Handler<F, T>
where
    F: Fn(Connection, T) -> D + Send + Sync,
    T: Model + DeserializeOwned,
    D: Future<Output = ()> + 'static,
{
    fn message(&self, data: &Bytes, peer: &Rc<Peer>) -> LocalBoxFuture<'static, ()> {
        let read = serde_json::from_slice::<T>(data).ok();
        let checked = read.filter(|message| message.check(&CheckContext::new(&peer.request)).is_ok());
        match checked {
            Some(message) => Box::pin((self.0)(Connection::of(peer), message)),
            None => {
                tracing::debug!(target: "actix_charter::live", "a client sent a message that is not what is read");
                Box::pin(ready(()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        sync::{Arc, Mutex},
    };

    use crate::live::{Channels as _, Live, Peer};

    #[actix_web::test]
    async fn what_is_read_and_keeps_its_rules_is_handed_on() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&seen);
        let live = Live::new().on_message(move |from: super::Connection, number: u8| {
            let taken = Arc::clone(&taken);
            async move { taken.lock().unwrap().push((from.user, number)) }
        });
        let channels = live.declare().unwrap();
        let peer = std::rc::Rc::new(Peer {
            request: actix_web::test::TestRequest::default().to_http_request(),
            client: "c".to_owned(),
            user: "ada".to_owned(),
            identity: None.into(),
            info: RefCell::default(),
        });
        for text in ["7", "\"seven\"", "300", "", "8"] {
            channels.message(text.into(), peer.clone()).await;
        }
        assert_eq!(*seen.lock().unwrap(), [("ada".to_owned(), 7), ("ada".to_owned(), 8)]);
    }
}
