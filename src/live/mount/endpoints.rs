use std::{
    any::{Any, TypeId},
    fmt,
    sync::Arc,
};

use super::{Declared, LiveUser};
use crate::{
    live::{LiveNode, socket::SocketSettings},
    security::{Chain, short_type_name},
};

/// The ways to the live channels, for [`Router::live`](crate::router::Router::live).
///
/// | path below it | for |
/// |---|---|
/// | `GET /websocket` | Centrifugo's clients, in JSON or Protobuf |
/// | `POST /http_stream`, `GET /sse` | the same clients where WebSocket is blocked; their commands go to `POST /emulation` |
/// | `GET /uni_websocket`, `GET /uni_sse` | clients that only listen, such as a plain `EventSource` |
/// | `GET /html_websocket`, `GET /html_sse` | pages that get [HTML](crate::live::html) |
///
/// ```
/// use actix_charter::{live::{LiveUser, socket::{OriginPolicy, SocketSettings}}, prelude::*, security::{ApiKey, Secret}};
/// use actix_web::HttpRequest;
///
/// #[derive(Clone)]
/// struct Member { id: u32, name: String }
///
/// let live = Live::new().personal("user:{user}").start()?;
/// let endpoints = live
///     .endpoints()
///     .user(|member: &Member| LiveUser::new(member.id.to_string()).info(&member.name))
///     .sockets(SocketSettings::new().origins(OriginPolicy::same_host().allow("https://board.example.org")));
/// async fn find(_: &HttpRequest, session: Secret) -> Option<Member> {
///     // Look it up by its digest.
///     (session.digest()[0] == 0).then(|| Member { id: 7, name: "Ann".into() })
/// }
///
/// let api = Router::new("/api")
///     .scheme(ApiKey::new(find).cookie("session"))
///     .security(Requirement::of::<ApiKey<Member>>())
///     .live("/live", endpoints);
/// # api.assert_sound();
/// # Ok::<(), actix_charter::live::StartError>(())
/// ```
#[derive(Clone)]
#[must_use = "give it to `Router::live`"]
pub struct LiveEndpoints {
    pub(super) live: LiveNode,
    pub(super) sockets: SocketSettings,
    pub(super) transports: Vec<Transport>,
    pub(super) who: Option<Who>,
}

/// A way to the live channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// `GET /websocket`
    WebSocket,
    /// `POST /http_stream` and `POST /emulation`
    HttpStream,
    /// `GET /sse` and `POST /emulation`
    Sse,
    /// `GET /uni_websocket`
    UniWebSocket,
    /// `GET /uni_sse`
    UniSse,
    /// `GET /html_websocket`
    HtmlWebSocket,
    /// `GET /html_sse`
    HtmlSse,
}

type ReadUser = Arc<dyn Fn(&dyn Any) -> Option<LiveUser> + Send + Sync>;

/// Which user an identity is.
#[derive(Clone)]
pub(super) struct Who {
    identity: (TypeId, &'static str),
    read: ReadUser,
}

impl Who {
    pub(super) fn read(&self, identity: &dyn Any) -> Option<LiveUser> {
        (self.read)(identity)
    }
}

impl LiveNode {
    /// The ways to it, to be mounted.
    pub fn endpoints(&self) -> LiveEndpoints {
        use Transport::{HtmlSse, HtmlWebSocket, HttpStream, Sse, UniSse, UniWebSocket, WebSocket};
        LiveEndpoints {
            live: self.clone(),
            sockets: SocketSettings::new(),
            transports: vec![WebSocket, HttpStream, Sse, UniWebSocket, UniSse, HtmlWebSocket, HtmlSse],
            who: None,
        }
    }
}

impl LiveEndpoints {
    /// Which user it is that the router's schemes have found. Has to be told where schemes are asked.
    pub fn user<I: 'static, U: Into<LiveUser>>(
        mut self,
        read: impl Fn(&I) -> U + Send + Sync + 'static,
    ) -> Self {
        self.who = Some(Who {
            identity: (TypeId::of::<I>(), std::any::type_name::<I>()),
            read: Arc::new(move |identity| identity.downcast_ref().map(|identity| read(identity).into())),
        });
        self
    }

    /// Limits, origins and compression of the sockets. Limits and origins hold for the other transports, too.
    pub fn sockets(mut self, settings: SocketSettings) -> Self {
        self.sockets = settings;
        self
    }

    /// Only these ways. Default: all.
    pub fn transports(mut self, transports: impl IntoIterator<Item = Transport>) -> Self {
        self.transports = transports.into_iter().collect();
        self
    }
}

impl fmt::Debug for LiveEndpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveEndpoints")
            .field("live", &self.live)
            .field("transports", &self.transports)
            .finish_non_exhaustive()
    }
}

/// Live channels among the items of a router.
#[derive(Clone)]
pub(crate) struct Mount {
    pub(super) live: LiveNode,
    pub(super) who: Option<Who>,
}

impl Mount {
    /// What the channels were declared with; `None` for a node that was started by hand.
    pub(crate) fn declared(&self) -> Option<&Arc<Declared>> {
        self.live.get_declared()
    }

    /// What does not fit to whom the schemes find.
    pub(crate) fn faults(&self, chain: Option<&Chain>) -> Vec<String> {
        let mut faults = self.declared().map(|declared| declared.identity_faults(chain)).unwrap_or_default();
        let found = chain.into_iter().flat_map(|chain| &chain.alternatives);
        for (scheme, _) in found {
            let (name, (found_type, found_name)) = (scheme.name(), scheme.identity_type());
            let found = short_type_name(found_name);
            match &self.who {
                None => faults.push(format!(
                    "the scheme `{name}` finds `{found}`, but nothing says which user that is: add \
                     `.user(|who: &{found}| ..)` to the endpoints"
                )),
                Some(who) if who.identity.0 != found_type => {
                    let read = short_type_name(who.identity.1);
                    faults.push(format!(
                        "the endpoints read the user from `{read}`, but the scheme `{name}` finds `{found}`"
                    ));
                }
                Some(_) => {}
            }
        }
        if let Some(who) = self.who.as_ref().filter(|_| chain.is_none()) {
            let read = short_type_name(who.identity.1);
            faults.push(format!(
                "the endpoints read the user from `{read}`, but no scheme is asked: add `.security(..)` to the router"
            ));
        }
        faults
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mount").field("live", &self.live).finish_non_exhaustive()
    }
}
