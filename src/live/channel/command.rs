//! One command on its way through its handler, and what becomes of the answer.

use std::{any::Any, marker::PhantomData, panic::AssertUnwindSafe, rc::Rc, sync::Arc};

use actix_web::{
    HttpResponse,
    body::MessageBody,
    dev::Payload,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderValue},
    },
};
use bytes::Bytes;
use futures_util::{
    FutureExt, StreamExt,
    future::{LocalBoxFuture, ready},
    stream,
};

use super::{
    broadcast::Words,
    error::{OwnCodes, reply_error},
    operation::Asked,
    subscription::Granted,
};
use crate::{
    endpoint::{Handler, panic_text},
    live::{Peer, protocol::ReplyError},
    media::Rendering,
    problem::Problem,
    request::{Call, PathValues, Reading},
    response::{Replies, ReplyContext},
    security::SharedIdentity,
};

static JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A handler with its channel, every type forgotten. One boxed future a command, and no more.
pub(crate) trait RunCommand: Send + Sync {
    fn run(
        self: Arc<Self>,
        command: Arc<Command>,
        call: Call,
    ) -> LocalBoxFuture<'static, Result<Answered, ReplyError>>;
}

pub(crate) struct BoundCommand<C, F, Args, Via, R> {
    channel: Arc<C>,
    handler: F,
    #[allow(clippy::type_complexity, reason = "only the types are kept")]
    types: PhantomData<fn() -> (Args, Via, R)>,
}

impl<C, F, Args, Via, R> BoundCommand<C, F, Args, Via, R> {
    pub(crate) const fn new(channel: Arc<C>, handler: F) -> Self {
        Self { channel, handler, types: PhantomData }
    }
}

impl<C, F, Args, Via, R> RunCommand for BoundCommand<C, F, Args, Via, R>
where
    C: Send + Sync + 'static,
    F: Handler<C, Args, Via, R>,
    Args: 'static,
    Via: 'static,
    R: Replies + 'static,
{
    fn run(
        self: Arc<Self>,
        command: Arc<Command>,
        mut call: Call,
    ) -> LocalBoxFuture<'static, Result<Answered, ReplyError>> {
        Box::pin(async move {
            let outcome = AssertUnwindSafe(async {
                // Cloned in here: it is the application's code.
                let identity = call.peer.as_ref().and_then(|peer| peer.identity.borrow().clone());
                call.identity = identity.map(|identity| SharedIdentity::handed_out(&*identity));
                let reply = self.handler.handle(&self.channel, &mut call).await;
                reply.map_err(crate::request::Refusal::into_problem)?.reply(&ReplyContext {
                    request: &call.request,
                    rendering: &Rendering::Json,
                    content_type: &JSON,
                    default_status: StatusCode::OK,
                })
            })
            .catch_unwind()
            .await;
            command.finish(outcome)
        })
    }
}

/// An operation of a mounted channel.
pub(crate) struct Command {
    pub(crate) asked: Asked,
    /// For the log: `publish to room:{id}`.
    pub(crate) label: String,
    pub(crate) run: Arc<dyn RunCommand>,
    pub(crate) reading: Arc<Reading>,
    pub(crate) codes: OwnCodes,
}

/// What a handler gave.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    /// JSON; `None` when it gave nothing.
    pub(crate) data: Option<Bytes>,
    pub(super) granted: Granted,
    pub(super) words: Words,
}

impl Command {
    /// Reads the command with this data for the channel of that path, and calls its handler.
    pub(crate) fn call(
        self: Arc<Self>,
        peer: Rc<Peer>,
        path: PathValues,
        data: Bytes,
    ) -> LocalBoxFuture<'static, Result<Answered, ReplyError>> {
        let has_body = !data.is_empty();
        let payload =
            if has_body { Payload::from(stream::once(ready(Ok(data))).boxed_local()) } else { Payload::None };
        let mut call = Call::new(peer.request.clone(), payload, Arc::clone(&self.reading));
        call.has_body = has_body;
        call.path = Some(path);
        call.peer = Some(peer);
        Arc::clone(&self.run).run(self, call)
    }

    fn finish(
        &self,
        outcome: Result<Result<HttpResponse, Problem>, Box<dyn Any + Send>>,
    ) -> Result<Answered, ReplyError> {
        let problem = match outcome {
            Ok(Ok(response)) if response.status().as_u16() < 400 => match self.take(response) {
                Ok(answered) => return Ok(answered),
                Err(why) => {
                    tracing::error!(target: "actix_charter::live", command = %self.label, "{why}");
                    Problem::internal()
                }
            },
            Ok(Ok(response)) => Problem::new(response.status()),
            Ok(Err(problem)) => problem,
            Err(panic) => {
                let text = panic_text(&*panic);
                tracing::error!(
                    target: "actix_charter::live", command = %self.label, panic = %text, "the handler panicked"
                );
                Problem::internal()
            }
        };
        if problem.status().is_server_error() {
            tracing::error!(target: "actix_charter::live", command = %self.label, "{problem}");
        } else {
            tracing::debug!(target: "actix_charter::live", command = %self.label, "{problem}");
        }
        Err(reply_error(&problem, self.asked, &self.codes))
    }

    fn take(&self, mut response: HttpResponse) -> Result<Answered, &'static str> {
        let (granted, words) = {
            let mut extensions = response.extensions_mut();
            (extensions.remove().unwrap_or_default(), extensions.remove().unwrap_or_default())
        };
        let json = response.headers().get(CONTENT_TYPE).is_none_or(|sent| sent == JSON);
        let Ok(data) = response.into_body().try_into_bytes() else {
            return Err("the answer is streamed; a channel needs it in memory");
        };
        // `()` is written as null.
        let data = Some(data).filter(|data| !data.is_empty() && **data != *b"null");
        if data.is_some() && !json {
            return Err("the answer is not JSON; a channel has nothing else");
        }
        if data.is_none() && self.asked == Asked::Publish {
            return Err("there is nothing to broadcast; return what was published");
        }
        Ok(Answered { data, granted, words })
    }
}
