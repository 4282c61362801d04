use std::{fmt, marker::PhantomData};

use super::{
    LiveCaller,
    answer::{Answer, Broadcasted, Channels, Counts, Done, Nodes, Page, Present, Published},
    batch::{self, Replies},
    execute::Executor,
    request,
};
use crate::{
    controller,
    live::LiveNode,
    request::Body,
    security::{ApiKey, Scheme},
};

/// Centrifugo's HTTP API as a controller: what its clients for servers speak, such as PyPI's `cent`.
///
/// Whoever may call it may do anything, so it asks for a key by itself: the router it is mounted in must have been given
/// the scheme, or is not sound. [`keys`](Self::keys) makes one; [`secured_by`](Self::secured_by) asks for another scheme.
///
/// ```
/// use actix_charter::{live::LiveApi, prelude::*};
///
/// use actix_web::{App, test};
///
/// struct Rooms;
///
/// #[channel("room:{id}")]
/// impl Rooms {
///     #[subscribe]
///     async fn enter(&self) {}
/// }
///
/// # actix_web::rt::System::new().block_on(async {
/// let live = Live::new().channel(Rooms).start().unwrap();
/// let api = Router::new("/live/api")
///     .scheme(LiveApi::keys([("k-51c0ffee", "worker")]))
///     .controller(LiveApi::new(&live));
///
/// let app = test::init_service(App::new().service(api)).await;
/// let command = serde_json::json!({"channel": "lobby", "data": {"text": "hi"}});
/// let request = test::TestRequest::post()
///     .uri("/live/api/publish")
///     .insert_header(("X-API-Key", "k-51c0ffee"))
///     .set_json(command)
///     .to_request();
/// let answer = test::call_and_read_body(&app, request).await;
/// assert_eq!(answer, r#"{"error":{"code":102,"message":"unknown channel"}}"#);
///
/// let open_to_all = Router::new("/live/api").controller(LiveApi::new(&live));
/// assert!(open_to_all.check().is_err());
/// # });
/// ```
///
/// ```text
/// curl -H 'X-API-Key: k-51c0ffee' --json '{"channel":"room:7","data":{"text":"hi"}}' http://localhost:8080/live/api/publish
/// {"result":{"offset":1,"epoch":"3f9c1f6b"}}
/// ```
///
/// See the [module](super) for the commands.
pub struct LiveApi<S = ApiKey<LiveCaller>> {
    executor: Executor,
    scheme: PhantomData<fn() -> S>,
}

impl LiveApi {
    /// The API of this node.
    #[must_use]
    pub fn new(live: &LiveNode) -> Self {
        Self::secured_by(live)
    }

    /// Keys, and whose they are: in `X-API-Key`, or as Centrifugo takes them too, in `Authorization: apikey`.
    pub fn keys(
        keys: impl IntoIterator<Item = (impl AsRef<str>, impl Into<std::borrow::Cow<'static, str>>)>,
    ) -> ApiKey<LiveCaller> {
        let keys = keys.into_iter().map(|(key, name)| (key, LiveCaller::new(name)));
        ApiKey::fixed(keys).named("LiveApiKey").realm("live").authorization("apikey")
    }
}

impl<S: Scheme> LiveApi<S> {
    /// The API of this node, for those whom another scheme accepts: `LiveApi::<Bearer<Claims>>::secured_by(&live)`.
    #[must_use]
    pub fn secured_by(live: &LiveNode) -> Self {
        Self { executor: Executor::new(live), scheme: PhantomData }
    }
}

#[controller(name = "Live", tag = "live", security = S, parsers(Json), renderers(Json))]
impl<S: Scheme> LiveApi<S> {
    /// Publish into a channel.
    #[post("/publish", status = 200)]
    async fn publish(&self, Body(command): Body<request::Publish>) -> Answer<Published> {
        self.executor.publish(command).await.into()
    }

    /// Publish the same into many channels.
    #[post("/broadcast", status = 200)]
    async fn broadcast(&self, Body(command): Body<request::Broadcast>) -> Answer<Broadcasted> {
        self.executor.broadcast(command).await.into()
    }

    /// Subscribe connections of a user to a channel.
    #[post("/subscribe", status = 200)]
    async fn subscribe(&self, Body(command): Body<request::Subscribe>) -> Answer<Done> {
        self.executor.subscribe(command).await.into()
    }

    /// End a subscription of connections of a user.
    #[post("/unsubscribe", status = 200)]
    async fn unsubscribe(&self, Body(command): Body<request::Unsubscribe>) -> Answer<Done> {
        self.executor.unsubscribe(command).await.into()
    }

    /// End connections of a user.
    #[post("/disconnect", status = 200)]
    async fn disconnect(&self, Body(command): Body<request::Disconnect>) -> Answer<Done> {
        self.executor.disconnect(command).await.into()
    }

    /// Say when connections of a user end.
    #[post("/refresh", status = 200)]
    async fn refresh(&self, Body(command): Body<request::Refresh>) -> Answer<Done> {
        self.executor.refresh(command).await.into()
    }

    /// Find out who is in a channel.
    #[post("/presence", status = 200)]
    async fn presence(&self, Body(command): Body<request::OfChannel>) -> Answer<Present> {
        self.executor.presence(command).await.into()
    }

    /// Find out how many are in a channel.
    #[post("/presence_stats", status = 200)]
    async fn presence_stats(&self, Body(command): Body<request::OfChannel>) -> Answer<Counts> {
        self.executor.presence_stats(command).await.into()
    }

    /// Read what was published into a channel.
    #[post("/history", status = 200)]
    async fn history(&self, Body(command): Body<request::History>) -> Answer<Page> {
        self.executor.history(command).await.into()
    }

    /// Forget what was published into a channel.
    #[post("/history_remove", status = 200)]
    async fn history_remove(&self, Body(command): Body<request::OfChannel>) -> Answer<Done> {
        self.executor.history_remove(command).await.into()
    }

    /// List the channels with subscribers.
    #[post("/channels", status = 200)]
    async fn channels(&self, Body(command): Body<request::ListChannels>) -> Answer<Channels> {
        self.executor.channels(command).await.into()
    }

    /// Count what there is.
    #[post("/info", status = 200)]
    async fn info(&self, Body(command): Body<request::NoWords>) -> Answer<Nodes> {
        self.executor.info(command).await.into()
    }

    /// Many commands in one request.
    #[post("/batch", status = 200)]
    async fn batch(&self, Body(commands): Body<request::Batch>) -> Replies {
        batch::batch(&self.executor, commands).await
    }
}

impl<S> fmt::Debug for LiveApi<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveApi").finish_non_exhaustive()
    }
}
