use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Asked, Connecting, LiveClosed, LiveMember, LiveMembers, LiveProblem, Reconnected, Subscribe, Subscribed,
    clock::settle,
    connecting::value,
    inbox::{Inbox, Seat},
};
use crate::live::seam::InProcess;

/// A client within a test. It speaks as the clients' libraries do: answers pings, keeps what comes until the test
/// [expects](Self::expect) it, and knows where it is in its channels when it [comes back](Self::reconnect).
///
/// What the server says, it says in JSON; what clients of Protobuf get has the same content.
pub struct LiveClient {
    pub(super) about: Connecting,
    pub(super) inbox: Rc<Inbox>,
    link: RefCell<Option<Link>>,
    id: RefCell<String>,
    next: Cell<u32>,
}

/// An open connection.
struct Link {
    connection: Rc<InProcess>,
    reader: actix_rt::task::JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl LiveClient {
    pub(super) async fn connect(about: Connecting) -> Result<Result<Self, LiveProblem>, String> {
        let client = Self {
            about,
            inbox: Rc::default(),
            link: RefCell::default(),
            id: RefCell::default(),
            next: Cell::new(0),
        };
        Ok(client.open(client.about.hello()).await?.map(|_| client))
    }

    /// The user's id; empty for somebody anonymous.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.about.user
    }

    /// The connection's id, for [`Whom::client`](crate::live::broker::Whom).
    #[must_use]
    pub fn id(&self) -> String {
        self.id.borrow().clone()
    }

    /// Whether the connection is open, as far as the client knows.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.link.borrow().is_some() && self.inbox.with(|state| state.closed.is_none())
    }

    /// Subscribes: `.await` what is given back, perhaps after telling it more.
    pub fn subscribe(&self, channel: &str) -> Subscribe<'_> {
        Subscribe::new(self, channel)
    }

    /// Subscribes, or tells why not.
    pub fn try_subscribe(&self, channel: &str) -> Asked<'_, Result<Subscribed, LiveProblem>> {
        self.subscribe(channel).attempt()
    }

    /// Ends a subscription.
    pub fn unsubscribe(&self, channel: &str) -> Asked<'_, ()> {
        let channel = channel.to_owned();
        Asked::new(async move {
            let what = format!("unsubscribe from `{channel}`");
            let done = self.command(&what, "unsubscribe", json!({"channel": channel}), None).await?;
            self.inbox.with(|state| state.leave(&channel));
            done.map(drop).map_err(self.refused(what))
        })
    }

    /// Subscribes again to a channel whose subscription the server ended, and asks for what was missed, as the clients' libraries do by
    /// themselves after a code of 2500 or more.
    ///
    /// # Panics
    /// When there was no such subscription, or it is refused.
    pub fn resubscribe(&self, channel: &str) -> Asked<'_, Subscribed> {
        let channel = channel.to_owned();
        Asked::new(async move {
            let seat = self.inbox.with(|state| state.seat(&channel).cloned());
            let what = format!("subscribe to `{channel}` again");
            let seat =
                seat.ok_or_else(|| format!("{} could not {what}: they were not in it", self.about.name()))?;
            Subscribe::again(self, &seat).run().await?.map_err(self.refused(what))
        })
    }

    /// Publishes.
    ///
    /// # Panics
    /// When it is refused, or the data cannot be written as JSON.
    #[track_caller]
    pub fn publish(&self, channel: &str, data: &(impl Serialize + ?Sized)) -> Asked<'_, ()> {
        let (channel, data) = (channel.to_owned(), value(data));
        Asked::new(async move {
            let refused = self.refused(format!("publish in `{channel}`"));
            self.published(channel, data).await?.map_err(refused)
        })
    }

    /// Publishes, or tells why not.
    ///
    /// # Panics
    /// When the data cannot be written as JSON.
    #[track_caller]
    pub fn try_publish(
        &self,
        channel: &str,
        data: &(impl Serialize + ?Sized),
    ) -> Asked<'_, Result<(), LiveProblem>> {
        Asked::new(self.published(channel.to_owned(), value(data)))
    }

    async fn published(&self, channel: String, data: Value) -> Result<Result<(), LiveProblem>, String> {
        let what = format!("publish in `{channel}`");
        let request = json!({"channel": channel, "data": data});
        Ok(self.command(&what, "publish", request, None).await?.map(drop))
    }

    /// Calls a `#[rpc]` method.
    ///
    /// # Panics
    /// When it is refused, the answer is no `T`, or the data cannot be written as JSON.
    #[track_caller]
    pub fn call<T: DeserializeOwned>(
        &self,
        channel: &str,
        method: &str,
        data: &(impl Serialize + ?Sized),
    ) -> Asked<'_, T> {
        let (method, data) = (format!("{channel}/{method}"), value(data));
        Asked::new(async move {
            let refused = self.refused(format!("call `{method}`"));
            self.called(method, data).await?.map_err(refused)
        })
    }

    /// Calls a `#[rpc]` method, or tells why that is refused.
    ///
    /// # Panics
    /// When the answer is no `T`, or the data cannot be written as JSON.
    #[track_caller]
    pub fn try_call<'a, T: DeserializeOwned + 'a>(
        &'a self,
        channel: &str,
        method: &str,
        data: &(impl Serialize + ?Sized),
    ) -> Asked<'a, Result<T, LiveProblem>> {
        Asked::new(self.called(format!("{channel}/{method}"), value(data)))
    }

    async fn called<T: DeserializeOwned>(
        &self,
        method: String,
        data: Value,
    ) -> Result<Result<T, LiveProblem>, String> {
        let what = format!("call `{method}`");
        let mut request = json!({"method": method});
        if !data.is_null() {
            request["data"] = data;
        }
        match self.command(&what, "rpc", request, None).await? {
            Err(problem) => Ok(Err(problem)),
            Ok(result) => {
                typed(&result["data"]).map(Ok).map_err(|wrong| format!("`{method}` answered {wrong}"))
            }
        }
    }

    /// Who is in a channel.
    ///
    /// # Panics
    /// When it is refused.
    pub fn presence(&self, channel: &str) -> Asked<'_, LiveMembers> {
        let channel = channel.to_owned();
        Asked::new(async move {
            let refused = self.refused(format!("ask who is in `{channel}`"));
            self.present(channel).await?.map_err(refused)
        })
    }

    /// Who is in a channel, or why that is not told.
    pub fn try_presence(&self, channel: &str) -> Asked<'_, Result<LiveMembers, LiveProblem>> {
        Asked::new(self.present(channel.to_owned()))
    }

    async fn present(&self, channel: String) -> Result<Result<LiveMembers, LiveProblem>, String> {
        let what = format!("ask who is in `{channel}`");
        let told = self.command(&what, "presence", json!({"channel": channel}), None).await?;
        Ok(told.map(|told| {
            let members = told["presence"].as_object().into_iter().flatten();
            LiveMembers::new(members.map(|(_, info)| LiveMember::of(info)).collect())
        }))
    }

    /// What was published into a channel, the oldest first.
    ///
    /// # Panics
    /// When it is refused, or something in it is no `T`.
    pub fn history<T: DeserializeOwned>(&self, channel: &str) -> Asked<'_, Vec<T>> {
        let channel = channel.to_owned();
        Asked::new(async move {
            let refused = self.refused(format!("read the history of `{channel}`"));
            self.past(channel).await?.map_err(refused)
        })
    }

    /// What was published into a channel, or why that is not told.
    ///
    /// # Panics
    /// When something in it is no `T`.
    pub fn try_history<'a, T: DeserializeOwned + 'a>(
        &'a self,
        channel: &str,
    ) -> Asked<'a, Result<Vec<T>, LiveProblem>> {
        Asked::new(self.past(channel.to_owned()))
    }

    async fn past<T: DeserializeOwned>(
        &self,
        channel: String,
    ) -> Result<Result<Vec<T>, LiveProblem>, String> {
        let what = format!("read the history of `{channel}`");
        let request = json!({"channel": channel, "limit": -1});
        match self.command(&what, "history", request, None).await? {
            Err(problem) => Ok(Err(problem)),
            Ok(told) => {
                let all = told["publications"].as_array().into_iter().flatten();
                let typed = all.map(|one| typed(&one["data"])).collect::<Result<_, _>>();
                typed.map(Ok).map_err(|wrong| format!("in the history of `{channel}` is {wrong}"))
            }
        }
    }

    /// Shows a new token for the connection, before the one it has expires.
    pub fn try_refresh(&self, token: impl Into<String>) -> Asked<'_, Result<(), LiveProblem>> {
        let request = json!({"token": token.into()});
        Asked::new(
            async move { Ok(self.command("show a new token", "refresh", request, None).await?.map(drop)) },
        )
    }

    /// Shows a new token for a subscription, before the one it has expires.
    pub fn try_refresh_subscription(
        &self,
        channel: &str,
        token: impl Into<String>,
    ) -> Asked<'_, Result<(), LiveProblem>> {
        let request = json!({"channel": channel, "token": token.into()});
        let what = format!("show a new token for `{channel}`");
        Asked::new(async move { Ok(self.command(&what, "sub_refresh", request, None).await?.map(drop)) })
    }

    /// The connection is gone, without a word. What has come may still be expected.
    pub fn disconnect(&self) {
        drop(self.link.take());
    }

    /// Connects again, and is in its channels again: it asks for what was published while it was away, which is then there to be
    /// [expected](Self::expect).
    ///
    /// # Panics
    /// When it is not let in. That a channel does not take it again is told in what is returned.
    pub fn reconnect(&self) -> Asked<'_, Reconnected> {
        Asked::new(async move {
            self.disconnect();
            settle().await;
            let seats = self.inbox.with(|state| std::mem::take(&mut state.seats));
            let mut hello = self.about.hello();
            for seat in seats.iter().filter(|seat| seat.by_server && seat.is_recoverable) {
                hello["subs"][seat.channel.as_str()] = seat.since();
            }
            let connected = self.open(hello).await?.map_err(self.refused("connect again".to_owned()))?;
            let mut outcomes = Vec::new();
            for (channel, result) in connected["subs"].as_object().into_iter().flatten() {
                let subscribed = Subscribed { channel: channel.clone(), result: result.clone() };
                outcomes.push((channel.clone(), Ok(subscribed)));
            }
            for seat in seats.iter().filter(|seat| !seat.by_server) {
                outcomes.push((seat.channel.clone(), Subscribe::again(self, seat).run().await?));
            }
            Ok(Reconnected(outcomes))
        })
    }

    /// Stops reading: what is sent waits in the server's queue, and pings are not answered.
    ///
    /// # Panics
    /// When it is not connected.
    #[track_caller]
    pub fn hang(&self) {
        self.pause(true);
    }

    /// Reads again.
    ///
    /// # Panics
    /// When it is not connected.
    #[track_caller]
    pub fn go_on(&self) {
        self.pause(false);
    }

    #[track_caller]
    fn pause(&self, is_paused: bool) {
        match &*self.link.borrow() {
            Some(link) => link.connection.pause(is_paused),
            None => panic!("{} is not connected", self.about.name()),
        }
    }

    /// Whether the client has not left by itself.
    pub(super) fn is_linked(&self) -> bool {
        self.link.borrow().is_some()
    }

    /// How the server ended the connection, for a client that does not read it either.
    pub(super) fn ended(&self) -> Option<LiveClosed> {
        let (code, reason) = self.link.borrow().as_ref()?.connection.closed()?;
        Some(LiveClosed { code, reason })
    }

    /// The words for a refusal.
    pub(super) fn refused(&self, what: String) -> impl FnOnce(LiveProblem) -> String + 'static {
        let name = self.about.name().to_owned();
        move |problem| format!("{name} could not {what}: {problem}")
    }

    async fn open(&self, hello: Value) -> Result<Result<Value, LiveProblem>, String> {
        settle().await;
        self.inbox.begin();
        let kit = &self.about.kit;
        let connection = InProcess::with(&kit.node, self.about.arrival(), kit.sockets.clone());
        let connection = Rc::new(connection);
        let reader = actix_rt::spawn(Rc::clone(&self.inbox).read(Rc::clone(&connection)));
        self.link.replace(Some(Link { connection, reader }));
        let id = self.send("connect", &hello);
        let Some(mut reply) = self.inbox.reply(kit.patience, id).await else {
            let closed = self.inbox.with(|state| state.closed.clone());
            let closed = closed.ok_or_else(|| format!("{} got no answer to `connect`", self.about.name()))?;
            self.disconnect();
            return Ok(Err(LiveProblem::closed(&closed)));
        };
        if let Some(error) = reply.get("error") {
            self.disconnect();
            return Ok(Err(LiveProblem::of(error)));
        }
        let connected = reply["connect"].take();
        self.id.replace(connected["client"].as_str().unwrap_or_default().to_owned());
        Ok(Ok(connected))
    }

    fn send(&self, name: &str, request: &Value) -> u32 {
        let id = self.next.get() + 1;
        self.next.set(id);
        if let Some(link) = &*self.link.borrow() {
            link.connection.send(json!({"id": id, name: request}).to_string());
        }
        id
    }

    /// Sends a command and waits for its reply: the result, or why it was refused. What cannot be answered at all fails the test.
    pub(super) async fn command(
        &self,
        what: &str,
        name: &str,
        request: Value,
        seat: Option<Seat>,
    ) -> Result<Result<Value, LiveProblem>, String> {
        // What was begun before it is done before it.
        settle().await;
        let who = self.about.name();
        if self.link.borrow().is_none() {
            return Err(format!("{who} could not {what}: they are not connected"));
        }
        if let Some(seat) = seat {
            self.inbox.asked(self.next.get() + 1, seat);
        }
        let id = self.send(name, &request);
        let Some(mut reply) = self.inbox.reply(self.about.kit.patience, id).await else {
            let closed = self.inbox.with(|state| state.closed.clone()).or_else(|| self.ended());
            return Err(match closed {
                Some(closed) => format!("{who} could not {what}: the connection ended ({closed})"),
                None => format!(
                    "{who} wanted to {what} and got no answer; if a handler waits for a timer, see `LiveKit::let_time_pass`"
                ),
            });
        };
        Ok(match reply.get("error") {
            Some(error) => Err(LiveProblem::of(error)),
            None => Ok(reply[name].take()),
        })
    }
}

pub(super) fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    T::deserialize(value)
        .map_err(|error| format!("{value}, which is no {}: {error}", std::any::type_name::<T>()))
}

impl fmt::Debug for LiveClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveClient").field("user", &self.about.user).finish_non_exhaustive()
    }
}
