use std::rc::Rc;

use actix_web::{HttpRequest, dev::Payload};

use crate::{
    endpoint::OperationSpec,
    live::SharedIdentity,
    request::{ArgumentKind, Call, Component, Refusal},
};

/// The request that opens a connection, whole, with whom the schemes have found.
pub(super) struct Opening {
    pub(super) request: HttpRequest,
    pub(super) payload: Payload,
    pub(super) identity: Option<Rc<dyn SharedIdentity>>,
}

impl Component for Opening {
    const KIND: ArgumentKind = ArgumentKind::Other;

    fn describe(_: &mut OperationSpec) {}

    async fn extract(call: &mut Call) -> Result<Self, Refusal> {
        Ok(Self {
            request: call.request.clone(),
            payload: call.payload.take(),
            identity: call.identity.take().map(SharedIdentity::shared),
        })
    }
}
