use super::{Fragment, event_id, fragment::EVENT};
use crate::live::{BroadcastError, Broadcaster, Publish, broker::HistoryQuery};

impl Broadcaster {
    /// Publishes HTML into a channel: `.await` what is given back, perhaps after telling it more. Nothing is escaped.
    ///
    /// See the [module](crate::live::html).
    pub fn publish_html(&self, channel: impl Into<String>, fragment: impl Into<Fragment>) -> Publish {
        let Fragment { html, event } = fragment.into();
        let publish = self.publish(channel, &html);
        match event {
            Some(event) => publish.tag(EVENT, event),
            None => publish,
        }
    }

    /// Where these channels are, as the id of an event: a page that listens with `?since=<id>` gets all that was published after
    /// this. Ask for it before reading what the page shows.
    ///
    /// # Errors
    ///
    /// When the broker is out of reach.
    pub async fn event_id<C: Into<String>>(
        &self,
        channels: impl IntoIterator<Item = C>,
    ) -> Result<String, BroadcastError> {
        let mut positions = Vec::new();
        for channel in channels {
            positions.push(self.history(channel, HistoryQuery::position()).await?.position);
        }
        Ok(event_id(&positions))
    }
}
