use std::{fmt, time::SystemTime};

use bytes::Bytes;
use serde::Serialize;

/// Who stands behind a connection: what an identity is to live channels. The user's id alone will often do, so a text is one, too.
///
/// ```
/// use actix_charter::live::LiveUser;
///
/// let ann = LiveUser::new("7").info(&serde_json::json!({"name": "Ann"})).session("s-91");
/// assert_eq!(ann.id(), "7");
/// assert_eq!(LiveUser::from("7").id(), "7");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct LiveUser {
    pub(crate) id: String,
    pub(crate) info: Option<Bytes>,
    pub(crate) session: Option<String>,
    pub(crate) expires: Option<SystemTime>,
}

impl LiveUser {
    /// The user with this id. Empty is somebody anonymous. It stands in the name of their personal channel, so an id with `:` or `/`
    /// needs a pattern that takes these: see [`Personal::new`](crate::live::Personal::new).
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// What others see of the connection, in presence and in joins. Not their secrets. What cannot be written as JSON is left out.
    pub fn info(mut self, info: &impl Serialize) -> Self {
        self.info = serde_json::to_vec(info).ok().map(Bytes::from);
        self
    }

    /// The session of the application's, so that a logout can end its connections:
    /// [`Broadcaster::disconnect`](crate::live::Broadcaster::disconnect) with
    /// [`Whom::session`](crate::live::broker::Whom::session).
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.session = Some(id.into());
        self
    }

    /// When it ends: the client is told 3005 then, and connects again with what credentials it has by that time.
    pub fn expires(mut self, at: SystemTime) -> Self {
        self.expires = Some(at);
        self
    }

    /// The user's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl From<String> for LiveUser {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl From<&str> for LiveUser {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

/// Without what others see of it.
impl fmt::Debug for LiveUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveUser")
            .field("id", &self.id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
