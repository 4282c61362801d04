//! Who is here, counted.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use tokio::sync::oneshot;

use super::{Node, ShardEvent};
use crate::live::broker::BrokerError;

/// What there is in this process.
#[derive(Debug, Default)]
pub(crate) struct Census {
    /// How many are subscribed, by channel.
    pub(crate) channels: BTreeMap<Arc<str>, usize>,
    /// All users there are, everybody anonymous as one.
    pub(crate) users: HashSet<Box<str>>,
    /// How many connections there are.
    pub(crate) clients: usize,
}

impl Census {
    fn add(&mut self, other: Self) {
        for (channel, count) in other.channels {
            *self.channels.entry(channel).or_default() += count;
        }
        self.users.extend(other.users);
        self.clients += other.clients;
    }
}

impl Node {
    /// Asks all workers.
    pub(crate) async fn census(&self) -> Result<Census, BrokerError> {
        let mut asked = Vec::new();
        for inbox in self.dispatch.shards() {
            let (answer, answered) = oneshot::channel();
            if !inbox.send(ShardEvent::Census(answer), &self.metrics) {
                return Err(BrokerError::unavailable("A worker is too far behind to be asked."));
            }
            asked.push(answered);
        }
        let mut all = Census::default();
        let counted = async {
            for answered in asked {
                // A worker that ends has nobody any more.
                if let Ok(census) = answered.await {
                    all.add(census);
                }
            }
            Ok(())
        };
        self.within(counted).await?;
        Ok(all)
    }
}
