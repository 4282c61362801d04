use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc, oneshot};

use super::{Census, Metrics, Outgoing};
use crate::live::broker::ControlMessage;

/// What a shard is told.
#[derive(Debug)]
pub(crate) enum ShardEvent {
    /// For the subscribers of a channel.
    Outgoing(Arc<Outgoing>),
    /// For some connections.
    Control(Arc<ControlMessage>),
    /// Commands that came by another way than their connection.
    Commands { session: Box<str>, data: Bytes },
    /// Who is here?
    Census(oneshot::Sender<Census>),
    /// Close all connections, spread over this time.
    Drain(Duration),
    /// For tests of the supervision.
    Panic,
}

/// The way into a shard: a bounded mailbox that never waits.
#[derive(Debug)]
pub(crate) struct Inbox {
    sender: mpsc::Sender<ShardEvent>,
    /// Something was not taken since the shard last looked.
    lost: AtomicBool,
}

impl Inbox {
    pub(crate) fn new(room: usize) -> (Arc<Self>, mpsc::Receiver<ShardEvent>) {
        let (sender, receiver) = mpsc::channel(room.max(1));
        (Arc::new(Self { sender, lost: AtomicBool::new(false) }), receiver)
    }

    pub(crate) fn send(&self, event: ShardEvent, metrics: &Metrics) -> bool {
        let sent = self.sender.try_send(event);
        if let Err(mpsc::error::TrySendError::Full(_)) = sent {
            Metrics::count(&metrics.lost);
            self.lost.store(true, Ordering::Release);
        }
        sent.is_ok()
    }

    pub(crate) fn take_lost(&self) -> bool {
        self.lost.swap(false, Ordering::AcqRel)
    }

    /// Whether publishers should wait until it has taken some.
    pub(crate) fn is_crowded(&self) -> bool {
        !self.sender.is_closed() && self.sender.capacity() < self.sender.max_capacity() / 2
    }
}

/// Publishers wait here while a shard is behind.
#[derive(Debug, Default)]
pub(crate) struct Room(pub(crate) Notify);
