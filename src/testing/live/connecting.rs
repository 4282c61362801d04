use std::{fmt, future::IntoFuture, rc::Rc, time::SystemTime};

use actix_web::{HttpRequest, test::TestRequest};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Asked, LiveClient, LiveProblem,
    kit::{AppData, Inner},
};
use crate::live::{seam::Arrival, seam::SharedIdentity};

/// Somebody who is about to connect: `.await` it.
///
/// # Panics
/// When they are not let in; see [`attempt`](Self::attempt).
#[derive(Clone)]
#[must_use = "nobody connects until it is awaited"]
pub struct Connecting {
    pub(super) kit: Rc<Inner>,
    pub(super) user: String,
    pub(super) data: Value,
    pub(super) token: String,
    identity: Option<Rc<dyn SharedIdentity>>,
    info: Option<Bytes>,
    session: Option<String>,
    expires: Option<SystemTime>,
    request: Option<HttpRequest>,
    app_data: Vec<AppData>,
}

impl Connecting {
    pub(super) fn new(kit: &Rc<Inner>, user: String) -> Self {
        Self {
            kit: Rc::clone(kit),
            user,
            data: Value::Null,
            token: String::new(),
            identity: None,
            info: None,
            session: None,
            expires: None,
            request: None,
            app_data: Vec::new(),
        }
    }

    /// What the security scheme of the connection would have found: what handlers get as
    /// [`Identity`](crate::security::Identity).
    pub fn identity<T: Clone + 'static>(mut self, identity: T) -> Self {
        self.identity = Some(Rc::new(identity));
        self
    }

    /// Data of the application that this connection alone sees.
    pub fn app_data<T: Clone + 'static>(mut self, data: T) -> Self {
        self.app_data.push(Rc::new(move |request| request.app_data(data.clone())));
        self
    }

    /// The request that opens the connection, instead of one without anything. Data of the application must be in it.
    pub fn request(mut self, request: HttpRequest) -> Self {
        self.request = Some(request);
        self
    }

    /// What others in its channels see of the connection.
    ///
    /// # Panics
    /// When it cannot be written as JSON.
    #[track_caller]
    pub fn info(mut self, info: &impl Serialize) -> Self {
        self.info = Some(value(info).to_string().into());
        self
    }

    /// The application's session, for [`Whom::session`](crate::live::broker::Whom).
    pub fn session(mut self, session: impl Into<String>) -> Self {
        self.session = Some(session.into());
        self
    }

    /// When what lets them in ends; [`LiveKit::now`](super::LiveKit::now) tells the time.
    pub fn expires_at(mut self, time: SystemTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// The token that the client shows.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = token.into();
        self
    }

    /// What the client says about itself.
    ///
    /// # Panics
    /// When it cannot be written as JSON.
    #[track_caller]
    pub fn data(mut self, data: &impl Serialize) -> Self {
        self.data = value(data);
        self
    }

    /// Connects, or tells why not: with the protocol's error, or the code with which the connection was ended.
    pub fn attempt(self) -> Asked<'static, Result<LiveClient, LiveProblem>> {
        Asked::new(LiveClient::connect(self))
    }

    pub(super) fn arrival(&self) -> Arrival {
        let request = match &self.request {
            Some(request) => request.clone(),
            None => {
                let data = self.kit.app_data.iter().chain(&self.app_data);
                data.fold(TestRequest::default(), |request, add| add(request)).to_http_request()
            }
        };
        Arrival {
            user: self.user.clone(),
            identity: self.identity.clone(),
            info: self.info.clone(),
            session: self.session.clone(),
            expires: self.expires,
            ..Arrival::anonymous(request)
        }
    }

    pub(super) fn hello(&self) -> Value {
        let mut hello = json!({});
        if !self.data.is_null() {
            hello["data"] = self.data.clone();
        }
        if !self.token.is_empty() {
            hello["token"] = self.token.clone().into();
        }
        hello
    }

    pub(super) fn name(&self) -> &str {
        if self.user.is_empty() { "somebody anonymous" } else { &self.user }
    }
}

impl IntoFuture for Connecting {
    type Output = LiveClient;
    type IntoFuture = Asked<'static, LiveClient>;

    fn into_future(self) -> Self::IntoFuture {
        let name = self.name().to_owned();
        Asked::new(async move {
            let connected = LiveClient::connect(self).await?;
            connected.map_err(|problem| format!("{name} could not connect: {problem}"))
        })
    }
}

impl fmt::Debug for Connecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connecting").field("user", &self.user).finish_non_exhaustive()
    }
}

#[track_caller]
pub(super) fn value(data: &(impl Serialize + ?Sized)) -> Value {
    match serde_json::to_value(data) {
        Ok(value) => value,
        Err(error) => panic!("this cannot be written as JSON: {error}"),
    }
}
