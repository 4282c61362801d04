use serde::de::DeserializeOwned;

use super::{
    Asked, LiveClient, LiveClosed, LiveEvent, LiveMember, client::typed, clock::settle, inbox::State,
};

/// What the client expects to come.
impl LiveClient {
    /// The next publication in a channel. What came in other channels, and who came and went, stays where it is.
    ///
    /// # Panics
    /// When none comes, it is no `T`, or the server ended the subscription before it.
    pub fn expect<T: DeserializeOwned>(&self, channel: &str) -> Asked<'_, T> {
        let channel = channel.to_owned();
        Asked::new(async move {
            let wanted = format!("a publication in `{channel}`");
            let is_it = |event: &LiveEvent| event.channel() == Some(&*channel) && !event.is_presence();
            match self.take(&wanted, Some(&channel), is_it).await? {
                LiveEvent::Publication { data, .. } => {
                    typed(&data).map_err(|wrong| self.instead(&wanted, &wrong))
                }
                other => Err(self.instead(&wanted, &other)),
            }
        })
    }

    /// Who comes next into a channel that tells so. That this client itself came is passed over.
    ///
    /// # Panics
    /// When nobody comes, or somebody goes first.
    pub fn expect_join(&self, channel: &str) -> Asked<'_, LiveMember> {
        let channel = channel.to_owned();
        Asked::new(async move {
            match self.presence_event(&channel, "somebody to come into").await? {
                (_, LiveEvent::Join { who, .. }) => Ok(who),
                (wanted, other) => Err(self.instead(&wanted, &other)),
            }
        })
    }

    /// Who goes next from a channel that tells so.
    ///
    /// # Panics
    /// When nobody goes, or somebody comes first.
    pub fn expect_leave(&self, channel: &str) -> Asked<'_, LiveMember> {
        let channel = channel.to_owned();
        Asked::new(async move {
            match self.presence_event(&channel, "somebody to leave").await? {
                (_, LiveEvent::Leave { who, .. }) => Ok(who),
                (wanted, other) => Err(self.instead(&wanted, &other)),
            }
        })
    }

    async fn presence_event(&self, channel: &str, wanted: &str) -> Result<(String, LiveEvent), String> {
        let wanted = format!("{wanted} `{channel}`");
        let own = self.id();
        let is_own = |event: &LiveEvent| matches!(event, LiveEvent::Join { who, .. } if who.client == own);
        let is_it =
            |event: &LiveEvent| event.channel() == Some(channel) && event.is_presence() && !is_own(event);
        let event = self.take(&wanted, Some(channel), is_it).await?;
        Ok((wanted, event))
    }

    /// The next message for this connection alone.
    ///
    /// # Panics
    /// When none comes, or it is no `T`.
    pub fn expect_message<T: DeserializeOwned>(&self) -> Asked<'_, T> {
        Asked::new(async move {
            let is_it = |event: &LiveEvent| matches!(event, LiveEvent::Message(_));
            match self.take("a message", None, is_it).await? {
                LiveEvent::Message(data) => typed(&data).map_err(|wrong| self.instead("a message", &wrong)),
                other => Err(self.instead("a message", &other)),
            }
        })
    }

    /// That the server ends a subscription: with which code.
    ///
    /// # Panics
    /// When it does not, or there is a publication before it.
    pub fn expect_unsubscribe(&self, channel: &str) -> Asked<'_, u32> {
        let channel = channel.to_owned();
        Asked::new(async move {
            let wanted = format!("the end of the subscription of `{channel}`");
            let is_it = |event: &LiveEvent| event.channel() == Some(&*channel) && !event.is_presence();
            match self.take(&wanted, Some(&channel), is_it).await? {
                LiveEvent::Unsubscribed { code, .. } => Ok(code),
                other => Err(self.instead(&wanted, &other)),
            }
        })
    }

    /// The next event of any kind, in the order in which they came.
    ///
    /// # Panics
    /// When none comes.
    pub fn next(&self) -> Asked<'_, LiveEvent> {
        Asked::new(async move { self.take("something", None, |_| true).await })
    }

    /// Asserts that nothing is there to be expected, now that all that was under way has come to its end. Who came and went does not
    /// count.
    ///
    /// # Panics
    /// When there is something, or the server ended the connection.
    pub fn expect_nothing(&self) -> Asked<'_, ()> {
        Asked::new(async move {
            settle().await;
            let told = self.inbox.with(|state| {
                let events = state.events.iter().filter(|event| !event.is_presence());
                events.map(ToString::to_string).collect::<Vec<_>>()
            });
            if !told.is_empty() {
                return Err(self.instead("nothing", &told.join(", ")));
            }
            match self.inbox.with(|state| state.closed.clone()) {
                Some(closed) if self.is_linked() => {
                    Err(self.instead("nothing", &format!("the end of the connection ({closed})")))
                }
                _ => Ok(()),
            }
        })
    }

    /// How the connection ends. A client that [hangs](Self::hang) is told, too.
    ///
    /// # Panics
    /// When it does not.
    pub fn closed(&self) -> Asked<'_, LiveClosed> {
        Asked::new(async move {
            let found = self
                .inbox
                .wait(self.about.kit.patience, |state| state.closed.clone().or_else(|| self.ended()));
            found.await.ok_or_else(|| self.nothing_came("the end of the connection", None))
        })
    }

    async fn take(
        &self,
        wanted: &str,
        channel: Option<&str>,
        is_it: impl Fn(&LiveEvent) -> bool,
    ) -> Result<LiveEvent, String> {
        let find = |state: &mut State| {
            let at = state.events.iter().position(&is_it);
            match at {
                Some(at) => Some(state.events.remove(at)),
                // Nothing comes any more.
                None if state.closed.is_some() || !self.is_linked() => Some(None),
                None => None,
            }
        };
        let found = self.inbox.wait(self.about.kit.patience, find).await.flatten();
        found.ok_or_else(|| self.nothing_came(wanted, channel))
    }

    fn instead(&self, wanted: &str, came: &impl std::fmt::Display) -> String {
        format!("{} expected {wanted}, and got {came}", self.about.name())
    }

    fn nothing_came(&self, wanted: &str, channel: Option<&str>) -> String {
        let mut text = format!("{} expected {wanted}, and nothing came", self.about.name());
        let (closed, has_seat, others) = self.inbox.with(|state| {
            let has_seat = channel.is_none_or(|channel| state.seat(channel).is_some_and(|seat| seat.is_live));
            (state.closed.clone(), has_seat, state.events.iter().map(ToString::to_string).collect::<Vec<_>>())
        });
        match closed.or_else(|| self.ended()) {
            Some(closed) => text.push_str(&format!("; the connection ended ({closed})")),
            None if !self.is_linked() => text.push_str("; they are not connected"),
            None if !has_seat => text.push_str("; they are not subscribed to it"),
            None => {}
        }
        if !others.is_empty() {
            text.push_str("; what else came: ");
            text.push_str(&others.join(", "));
        }
        text
    }
}
