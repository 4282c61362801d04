use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// A connection, as others in a channel see it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LiveMember {
    /// The user's id; empty for somebody anonymous.
    pub user: String,
    /// The connection's id.
    pub client: String,
    /// What is told of the connection; null when nothing is.
    pub connection: Value,
    /// What is told of it in this channel; null when nothing is.
    pub channel: Value,
}

/// Who is in a channel, in the order of their names.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveMembers(Vec<LiveMember>);

impl LiveMember {
    pub(super) fn of(info: &Value) -> Self {
        let text = |name: &str| info[name].as_str().unwrap_or_default().to_owned();
        let value = |name: &str| info[name].clone();
        Self {
            user: text("user"),
            client: text("client"),
            connection: value("conn_info"),
            channel: value("chan_info"),
        }
    }

    /// What is told of it in this channel, typed.
    ///
    /// # Panics
    /// When it is no `T`.
    #[must_use]
    #[track_caller]
    pub fn info<T: DeserializeOwned>(&self) -> T {
        match T::deserialize(&self.channel) {
            Ok(info) => info,
            Err(error) => panic!(
                "what is told of {self} is {}, no {}: {error}",
                self.channel,
                std::any::type_name::<T>()
            ),
        }
    }
}

/// Their name.
impl fmt::Display for LiveMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.user.is_empty() { "somebody anonymous" } else { &self.user })
    }
}

impl LiveMembers {
    pub(super) fn new(mut members: Vec<LiveMember>) -> Self {
        members.sort_by(|one, other| (&one.user, &one.client).cmp(&(&other.user, &other.client)));
        Self(members)
    }

    /// Their ids, sorted, each once, with however many connections they are there.
    #[must_use]
    pub fn users(&self) -> Vec<&str> {
        let mut users: Vec<_> = self.0.iter().map(|member| member.user.as_str()).collect();
        users.dedup();
        users
    }
}

impl std::ops::Deref for LiveMembers {
    type Target = [LiveMember];

    fn deref(&self) -> &[LiveMember] {
        &self.0
    }
}
