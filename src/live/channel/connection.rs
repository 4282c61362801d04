use crate::{
    endpoint::OperationSpec,
    live::Peer,
    problem::Problem,
    request::{ArgumentKind, Call, Component, Refusal},
};

/// The connection that sent the command, as an argument of a channel's method.
///
/// ```
/// use actix_charter::{live::{Broadcast, Connection}, prelude::*};
///
/// struct Cursors;
///
/// #[channel("cursors:{board}", slow = conflate)]
/// impl Cursors {
///     #[subscribe]
///     async fn watch(&self) {}
///
///     #[publish]
///     async fn moved(&self, Body(at): Body<Vec<f32>>, from: Connection) -> Broadcast<Vec<f32>> {
///         Broadcast::new(at).key(from.client)
///     }
/// }
/// # Live::new().channel(Cursors).check().unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection {
    /// The id of the connection.
    pub client: String,
    /// The id of the user behind it; empty for somebody anonymous.
    pub user: String,
}

impl Connection {
    pub(super) fn of(peer: &Peer) -> Self {
        Self { client: peer.client.clone(), user: peer.user.clone() }
    }
}

impl Component for Connection {
    const KIND: ArgumentKind = ArgumentKind::Other;

    fn describe(_: &mut OperationSpec) {}

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        match &call.peer {
            Some(peer) => Ok(Self::of(peer)),
            None => {
                tracing::error!(target: "actix_charter::live", "an endpoint of no channel takes `Connection`");
                Err(Problem::internal().into())
            }
        }
    }
}
