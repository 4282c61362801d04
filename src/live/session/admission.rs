use std::{fmt, rc::Rc, time::SystemTime};

use actix_web::HttpRequest;
use bytes::Bytes;
use futures_util::future::{LocalBoxFuture, ready};

use crate::live::{
    logic::{Grant, Peer, SharedIdentity},
    protocol::{Disconnect, ErrorCode, ReplyError},
};

/// Who came, as far as the HTTP request tells.
pub struct Arrival {
    /// The request that opens the connection.
    pub request: HttpRequest,
    /// Empty for somebody anonymous.
    pub user: String,
    /// What the security scheme found.
    pub identity: Option<Rc<dyn SharedIdentity>>,
    /// JSON about the connection, for presence and joins.
    pub info: Option<Bytes>,
    /// The application's session, so that a logout ends its connections.
    pub session: Option<String>,
    /// When this ends. The application is asked then whether it goes on.
    pub expires: Option<SystemTime>,
}

impl Arrival {
    /// Somebody anonymous.
    #[must_use]
    pub fn anonymous(request: HttpRequest) -> Self {
        Self { request, user: String::new(), identity: None, info: None, session: None, expires: None }
    }
}

impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrival").field("user", &self.user).finish_non_exhaustive()
    }
}

/// What a client says in its connect command.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Hello {
    /// A connection token; empty without.
    pub token: String,
    /// JSON; empty when there is none.
    pub data: Bytes,
    /// The name of its environment.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What stands in for HTTP headers.
    pub headers: std::collections::BTreeMap<String, String>,
}

/// Who it is.
pub struct Admitted {
    /// Who came, corrected by what the token says.
    pub arrival: Arrival,
    /// Whether the client is to refresh its token before the connection expires. Otherwise the application is asked.
    pub by_token: bool,
    /// JSON for the reply.
    pub data: Option<Bytes>,
    /// Channels it is subscribed to without asking, beside those of its user. The channels' own handlers are not asked either: this is
    /// the permission.
    pub channels: Vec<(String, Grant)>,
}

impl From<Arrival> for Admitted {
    fn from(arrival: Arrival) -> Self {
        Self { arrival, by_token: false, data: None, channels: Vec::new() }
    }
}

impl fmt::Debug for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted").field("arrival", &self.arrival).finish_non_exhaustive()
    }
}

/// Why somebody is not let in.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// The command gets this error.
    Error(ReplyError),
    /// The connection ends.
    Disconnect(Disconnect),
}

impl From<ReplyError> for Refusal {
    fn from(error: ReplyError) -> Self {
        Self::Error(error)
    }
}

impl From<Disconnect> for Refusal {
    fn from(disconnect: Disconnect) -> Self {
        Self::Disconnect(disconnect)
    }
}

/// Who may connect, and for how long: what tokens are good for.
pub trait Admission: Send + Sync + 'static {
    /// Somebody sends a connect command.
    fn admit(&self, arrival: Arrival, hello: Hello) -> LocalBoxFuture<'static, Result<Admitted, Refusal>>;

    /// The connection expires. With a token, the client refreshes; with an empty one the application is asked whether it goes on.
    /// Until when it does, `None` for ever.
    fn refresh(
        &self,
        peer: Rc<Peer>,
        token: String,
    ) -> LocalBoxFuture<'static, Result<Option<SystemTime>, Refusal>>;

    /// A client shows a token for a channel, when it subscribes or to go on. What it grants is added to what the channel does.
    fn subscription(
        &self,
        peer: Rc<Peer>,
        channel: &str,
        token: String,
    ) -> LocalBoxFuture<'static, Result<Grant, ReplyError>>;
}

/// Everybody is who the HTTP request says; tokens are not known.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsArrived;

impl Admission for AsArrived {
    fn admit(&self, arrival: Arrival, _hello: Hello) -> LocalBoxFuture<'static, Result<Admitted, Refusal>> {
        Box::pin(ready(Ok(arrival.into())))
    }

    fn refresh(
        &self,
        _peer: Rc<Peer>,
        _token: String,
    ) -> LocalBoxFuture<'static, Result<Option<SystemTime>, Refusal>> {
        Box::pin(ready(Err(Refusal::Error(ErrorCode::EXPIRED.into()))))
    }

    fn subscription(
        &self,
        _peer: Rc<Peer>,
        _channel: &str,
        _token: String,
    ) -> LocalBoxFuture<'static, Result<Grant, ReplyError>> {
        Box::pin(ready(Err(ErrorCode::PERMISSION_DENIED.into())))
    }
}
