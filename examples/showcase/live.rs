//! What is live, and who stands behind a connection.

use std::time::Duration;

use actix_charter::{
    live::{ChannelLayer, LiveEndpoints, LiveNode, LiveUser, Personal, RecoveryMode, StartError},
    prelude::*,
};
use sqlx::SqlitePool;

use crate::{auth::Caller, live_activity::LiveActivity, live_board::LiveBoard, live_pointers::LivePointers};

/// Starts the live channels; once a process.
pub(crate) fn start(db: &SqlitePool) -> Result<LiveNode, StartError> {
    // A device that was away for a while still gets what its user was told meanwhile.
    let kept = ChannelLayer::new().history(20, Duration::from_secs(3600)).recovery(RecoveryMode::Stream);
    Live::new()
        .channel(LiveBoard::new(db))
        .channel(LiveActivity::new(db))
        .channel(LivePointers)
        .personal(Personal::new("user:{user}").options(kept))
        .start()
}

/// The ways to them. Who connects, the router's schemes have found already: the page by its cookie.
pub(crate) fn endpoints(live: &LiveNode) -> LiveEndpoints {
    live.endpoints().user(Caller::live_user)
}

impl Caller {
    /// People are known by their number. A service account may listen, and is nobody in particular.
    fn live_user(&self) -> LiveUser {
        let mut user = LiveUser::new(self.user_id().map(|id| id.to_string()).unwrap_or_default());
        if let Some(session) = &self.session {
            user = user.session(session);
        }
        match self.expires_at() {
            Some(at) => user.expires(at),
            None => user,
        }
    }
}
