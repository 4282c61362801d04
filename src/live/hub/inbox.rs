use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::{Notify, mpsc, oneshot};

use super::{Census, Metrics, Outgoing};
use crate::live::broker::ControlMessage;

/// How many orders wait for a shard.
const ORDERS: usize = 4096;
/// How many of them may be under way from here at once: one that found room then finds it still.
const HEADROOM: usize = 256;

/// What a shard is told.
#[derive(Debug)]
pub(crate) enum ShardEvent {
    /// For the subscribers of a channel.
    Outgoing(Arc<Outgoing>, Load),
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

impl ShardEvent {
    /// Whether nothing would make up for it: what is missing of a channel is recovered, a disconnect is not.
    fn is_order(&self) -> bool {
        matches!(self, Self::Control(_) | Self::Commands { .. } | Self::Drain(_))
    }

    /// Whether it is a client's, of which there may be many.
    fn is_of_client(&self) -> bool {
        match self {
            Self::Commands { .. } => true,
            Self::Control(message) => matches!(**message, ControlMessage::Commands { .. }),
            _ => false,
        }
    }
}

/// The bytes of an event that waits, or is looked at.
#[derive(Debug)]
pub(crate) struct Load {
    waiting: Arc<AtomicUsize>,
    bytes: usize,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The way into a shard: bounded mailboxes that never wait.
#[derive(Debug)]
pub(crate) struct Inbox {
    sender: mpsc::Sender<ShardEvent>,
    /// Orders have room of their own: no flood of publications takes it.
    orders: mpsc::Sender<ShardEvent>,
    /// The bytes of the publications that wait.
    waiting: Arc<AtomicUsize>,
    most_bytes: usize,
    /// Something was not taken since the shard last looked.
    lost: AtomicBool,
}

impl Inbox {
    /// Room for so many events, whose publications have so many bytes together; one that is alone may have more.
    pub(crate) fn new(room: usize, most_bytes: usize) -> (Arc<Self>, Mailboxes) {
        let (sender, events) = mpsc::channel(room.max(1));
        let (order_sender, orders) = mpsc::channel(ORDERS);
        let inbox = Self {
            sender,
            orders: order_sender,
            waiting: Arc::default(),
            most_bytes,
            lost: AtomicBool::new(false),
        };
        (Arc::new(inbox), Mailboxes { events, orders })
    }

    /// Whether it was taken. Of the room for orders, commands of clients get the first half.
    pub(crate) fn send(&self, event: ShardEvent, metrics: &Metrics) -> bool {
        if event.is_order() {
            let has_room = !event.is_of_client() || self.orders.capacity() > ORDERS / 2;
            let is_sent = has_room && self.orders.try_send(event).is_ok();
            if !is_sent && !self.orders.is_closed() {
                Metrics::count(&metrics.lost);
            }
            return is_sent;
        }
        let sent = self.sender.try_send(event);
        if let Err(mpsc::error::TrySendError::Full(_)) = sent {
            self.lose(metrics);
        }
        sent.is_ok()
    }

    /// Something for the subscribers of a channel.
    pub(crate) fn send_outgoing(&self, outgoing: &Arc<Outgoing>, metrics: &Metrics) {
        let bytes = outgoing.size();
        let before = self.waiting.fetch_add(bytes, Ordering::Relaxed);
        let load = Load { waiting: Arc::clone(&self.waiting), bytes };
        if before > 0 && before.saturating_add(bytes) > self.most_bytes {
            self.lose(metrics);
        } else {
            self.send(ShardEvent::Outgoing(Arc::clone(outgoing), load), metrics);
        }
    }

    fn lose(&self, metrics: &Metrics) {
        Metrics::count(&metrics.lost);
        self.lost.store(true, Ordering::Release);
    }

    pub(crate) fn has_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    pub(crate) fn take_lost(&self) -> bool {
        self.lost.swap(false, Ordering::AcqRel)
    }

    /// Whether it takes orders, or has nobody any more for whom they could be.
    pub(crate) fn takes_orders(&self) -> bool {
        self.orders.is_closed() || self.orders.capacity() > HEADROOM
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Whether publishers should wait until it has taken some.
    pub(crate) fn is_crowded(&self) -> bool {
        let is_half_full = self.sender.capacity() < self.sender.max_capacity() / 2
            || self.waiting.load(Ordering::Relaxed) > self.most_bytes / 2;
        is_half_full && !self.sender.is_closed()
    }
}

/// The other end.
pub(crate) struct Mailboxes {
    pub(super) events: mpsc::Receiver<ShardEvent>,
    pub(super) orders: mpsc::Receiver<ShardEvent>,
}

/// Publishers wait here while a shard is behind.
#[derive(Debug, Default)]
pub(crate) struct Room(pub(crate) Notify);
