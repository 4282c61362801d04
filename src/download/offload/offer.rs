use std::{num::NonZeroU64, path::Path, sync::Arc, time::Duration};

use actix_web::{
    HttpResponse,
    dev::RequestHead,
    http::{
        Method,
        header::{HeaderName, HeaderValue},
    },
};

use super::{
    Encoding, OffloadError, OffloadFile,
    peers::Peers,
    place::Place,
    remote::Remotes,
    rewrite::{Orders, Survey, rewrite, strip_orders, without_body},
    rule::{Rule, Target},
    server::Server,
};
use crate::download::condition::Conditions;

/// Below this, a body through the proxy is cheaper than a file that the proxy must open: measured with nginx.
const MIN_SIZE: u64 = 8 * 1024;

/// Of what has no length, where the server would make a part of it look whole. Most of what is made for one request is shorter, and
/// a thousand of them at a time take no more than a gigabyte.
const GATHER: usize = 1024 * 1024;

/// Which server stands in front, and which folders it may send files from.
///
/// Cheap to clone. Nothing in a request can turn it on or point it elsewhere.
///
/// ```
/// use actix_charter::download::offload::Offload;
/// let media = tempfile::tempdir()?;
/// std::fs::create_dir(media.path().join("thumbnails"))?;
/// // The longest root that holds a file decides.
/// let offload = Offload::nginx()
///     .map(media.path(), "/protected/")?
///     .map(media.path().join("thumbnails"), "/thumbnails/")?
///     .min_size(16 * 1024);
/// assert!(offload.config_fragment("127.0.0.1:8080")?.contains("location /thumbnails/ {"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Offload {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug, Clone)]
pub(super) struct Inner {
    pub(super) server: Server,
    /// Deepest root first.
    pub(super) rules: Vec<Rule>,
    min_size: u64,
    /// Bytes, of an answer without a length.
    pub(super) gather: usize,
    pub(super) max_header_size: usize,
    pub(super) orders: Orders,
    passed: Vec<HeaderName>,
    /// Whether the server is told the application's validators of every file, or of those only that have others than a file.
    own_validators: bool,
    pub(super) remotes: Remotes,
    pub(super) peers: Peers,
}

impl Offload {
    fn new(server: Server) -> Self {
        let max_header_size = server.max_header_size;
        let gather = if server.loses_breaks { GATHER } else { 0 };
        let inner = Inner {
            server,
            rules: Vec::new(),
            min_size: MIN_SIZE,
            gather,
            max_header_size,
            orders: Orders::default(),
            passed: Vec::new(),
            own_validators: false,
            remotes: Remotes::default(),
            peers: Peers::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// nginx, by `X-Accel-Redirect`.
    ///
    /// Each root is two internal locations, `/protected/` and `/protected~own/`, which the [fragment](Self::config_fragment) writes:
    /// in the one nginx tells the validators of the file, in the other those that the application says, where a download
    /// [has its own](Self::own_validators). It needs both: without the second, what has its own comes back to the application.
    #[must_use]
    pub fn nginx() -> Self {
        Self::new(Server::nginx())
    }

    /// Apache with mod_xsendfile 0.12, by `X-Sendfile`.
    #[must_use]
    pub fn apache() -> Self {
        Self::new(Server::apache())
    }

    /// Apache with mod_xsendfile 1.0, which decodes the path unless told `XSendFileUnescape off`.
    #[must_use]
    pub fn apache_decoding() -> Self {
        Self::new(Server { encoding: Encoding::Percent, ..Server::apache() })
    }

    /// lighttpd with mod_proxy, by `X-Sendfile`.
    ///
    /// Set `server.stream-response-body = 1`, as the [fragment](Self::config_fragment) does: by default lighttpd 1.4.69 gathers an
    /// answer of unknown length, and when that breaks off, sends what it has as if it were whole. What breaks off before lighttpd
    /// has begun to pass it on would look whole even so; therefore files of unknown length are [gathered](Self::gather) before.
    #[must_use]
    pub fn lighttpd() -> Self {
        Self::new(Server::lighttpd())
    }

    /// Caddy, whose [configuration](Self::config_fragment) makes it read `X-Accel-Redirect`.
    ///
    /// Caddy before 2.7.6 (Debian 12 has 2.6.2) ends an answer of unknown length that broke off as if it were whole
    /// ([issue 5951](https://github.com/caddyserver/caddy/issues/5951)). Therefore files of unknown length are
    /// [gathered](Self::gather) before; a newer Caddy needs none of it: `gather(0)`.
    #[must_use]
    pub fn caddy() -> Self {
        Self::new(Server::caddy())
    }

    /// LiteSpeed, by `X-LiteSpeed-Location`. Done after its documentation, not tried.
    #[must_use]
    pub fn litespeed() -> Self {
        Self::new(Server::litespeed())
    }

    /// Another server that is told an internal location in `header`.
    ///
    /// It is trusted with little: encoded content, and requests with `If-Match`, `If-Unmodified-Since` or `If-Range`, are left to the
    /// application.
    ///
    /// # Errors
    /// When `header` is no header name that starts with `X-`, or one that answers have.
    pub fn custom_location(header: &str, encoding: Encoding) -> Result<Self, OffloadError> {
        Server::custom(header, encoding, Target::Location).map(Self::new)
    }

    /// Another server that is told a path in `header`, otherwise as [`custom_location`](Self::custom_location).
    ///
    /// # Errors
    /// When `header` is no header name that starts with `X-`, or one that answers have.
    pub fn custom_path(header: &str, encoding: Encoding) -> Result<Self, OffloadError> {
        Server::custom(header, encoding, Target::Directory).map(Self::new)
    }

    /// Hands over what lies below `root`, under `target`: the internal location (nginx, Caddy, LiteSpeed), or the folder as
    /// the server sees it (Apache, lighttpd).
    ///
    /// `root` is made canonical here: it must exist. Of several roots that hold a file the longest decides.
    ///
    /// # Errors
    /// When `root` is no directory, or `target` none that the server takes, or either is there already.
    pub fn map(self, root: impl AsRef<Path>, target: &str) -> Result<Self, OffloadError> {
        self.with_rule(root.as_ref(), Some(target))
    }

    /// Hands over what lies below `root`, which the server sees under the same path: for Apache and lighttpd.
    ///
    /// # Errors
    /// When `root` is no directory or there already, or the server needs an internal location.
    pub fn root(self, root: impl AsRef<Path>) -> Result<Self, OffloadError> {
        self.with_rule(root.as_ref(), None)
    }

    fn with_rule(mut self, root: &Path, target: Option<&str>) -> Result<Self, OffloadError> {
        let inner = Arc::make_mut(&mut self.inner);
        let rule = Rule::new(root, target, inner.server.target)?;
        if inner.rules.iter().any(|other| other.root == rule.root) {
            return Err(OffloadError::RootTwice { root: root.to_path_buf() });
        }
        let is_taken = inner.remotes.location.as_ref().is_some_and(|taken| taken.as_bytes() == rule.target);
        if is_taken || inner.rules.iter().any(|other| other.target == rule.target) {
            return Err(OffloadError::TargetTwice {
                target: String::from_utf8_lossy(&rule.target).into_owned(),
            });
        }
        let place = inner.rules.partition_point(|other| other.depth() >= rule.depth());
        inner.rules.insert(place, rule);
        Ok(self)
    }

    /// Files shorter than this many bytes are sent by the application; 8 KiB unless told.
    #[must_use]
    pub fn min_size(mut self, bytes: u64) -> Self {
        Arc::make_mut(&mut self.inner).min_size = bytes;
        self
    }

    /// Gathers a file of unknown length before any of it is sent: for a server that ends what broke off as if it were whole, and so
    /// would give clients a short file that nobody can tell from the right one. 1 MiB with [lighttpd](Self::lighttpd) and
    /// [Caddy](Self::caddy), which are such servers; nothing with the others; 0 turns it off.
    ///
    /// With a cache, what is to be kept in it is written there first, whatever its length, and then handed over as the file that
    /// it is by then. All else is gathered in memory up to `bytes`, and sent with its length. Either way a source that breaks off
    /// is an error with a status (500, 502, 504). **What is longer, and not kept, is streamed as it comes**, and a break may be
    /// lost; the log has a warning for each.
    ///
    /// The client waits for its first byte until the file is there, so a source that takes longer than the server in front
    /// waits for an answer is better told its [length](crate::download::Download::length), which needs no gathering.
    ///
    /// It holds for what is [fetched](crate::download::Download::fetched), and for streams that a handler answers with where
    /// the [`Delivery`](crate::download::Delivery) is a middleware. As application data it has no part in those.
    #[must_use]
    pub fn gather(mut self, bytes: usize) -> Self {
        Arc::make_mut(&mut self.inner).gather = bytes;
        self
    }

    /// Answers whose headers take more than this many bytes are sent by the application. 3.5 KiB with nginx, which answers 502
    /// above `proxy_buffer_size`; 7 KiB with the others.
    #[must_use]
    pub fn max_header_size(mut self, bytes: usize) -> Self {
        Arc::make_mut(&mut self.inner).max_header_size = bytes;
        self
    }

    /// At most this many bytes a second for every file that has no limit of its own; 0 is none. nginx only
    /// (`X-Accel-Limit-Rate`), the others are told in their configuration.
    #[must_use]
    pub fn limit_rate(mut self, bytes_per_second: u64) -> Self {
        Arc::make_mut(&mut self.inner).orders.limit_rate = Some(bytes_per_second);
        self
    }

    /// Sends `X-Accel-Buffering`. nginx only; it matters where the internal location is a proxy itself, not for local files.
    #[must_use]
    pub fn buffering(mut self, on: bool) -> Self {
        Arc::make_mut(&mut self.inner).orders.buffering = Some(on);
        self
    }

    /// Sends `X-Accel-Expires`: how long nginx's own cache keeps the answer, zero is not at all. nginx only.
    #[must_use]
    pub fn expires(mut self, after: Duration) -> Self {
        Arc::make_mut(&mut self.inner).orders.expires = Some(after);
        self
    }

    /// Sends `X-Accel-Charset`. nginx only, and only where the location has a `charset`; a charset in `Content-Type` is better.
    ///
    /// # Errors
    /// When it is not the name of a character set.
    pub fn charset(mut self, charset: &str) -> Result<Self, OffloadError> {
        let value = Some(charset)
            .filter(|name| !name.is_empty())
            .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:+".contains(&byte)))
            .and_then(|name| HeaderValue::from_str(name).ok())
            .ok_or_else(|| OffloadError::Charset { charset: charset.to_owned() })?;
        Arc::make_mut(&mut self.inner).orders.charset = Some(value);
        Ok(self)
    }

    /// Hands over to connections from these addresses and networks only; all else is sent by the application. What counts is
    /// the address of the connection (`HttpRequest::peer_addr`), never what a header says of it. A connection without an
    /// address, through a Unix socket, is always trusted: the modes of the socket's file say who opens one.
    ///
    /// Unless told, files are handed over to anyone. So are links that clients may see; those that they may not, and those with
    /// an `Authorization`, go to this machine (127.0.0.0/8, `::1`, a Unix socket) only: with nginx on another machine, or in
    /// another container, say its address here. Every program at these addresses can read what nginx is told.
    ///
    /// ```
    /// use actix_charter::download::offload::Offload;
    /// let offload = Offload::nginx().remote("/remote/")?.trusted_peers(["127.0.0.1", "10.0.0.0/8"])?;
    /// assert!(offload.trusted_peers(["localhost"]).is_err());
    /// # Ok::<(), actix_charter::download::offload::OffloadError>(())
    /// ```
    ///
    /// # Errors
    /// When one is neither an address nor a network.
    pub fn trusted_peers(
        mut self,
        networks: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, OffloadError> {
        Arc::make_mut(&mut self.inner).peers = Peers::new(networks)?;
        Ok(self)
    }

    /// Tells nginx our `ETag` and `Last-Modified` of every file. Others are told ours anyway.
    ///
    /// Unless told so, nginx says those of the files, and with them answers `If-Range`: `ETag` is size and time in whole seconds.
    /// They hold for the very file that it sends, and the application need not look at it each time. Ours are finer, and the same
    /// whoever sends; but of a file that changes just then the old ones may come with the new bytes. Of a file that was changed
    /// within the last two seconds ours are told, for it may change again; say this where files are written to again and
    /// again within a second, and keep their length.
    ///
    /// A download that is given its own, with [`etag`](crate::download::Download::etag) or
    /// [`last_modified`](crate::download::Download::last_modified), or by its storage, has these in either case. Those that
    /// anything else puts into the answer later, nginx drops.
    #[must_use]
    pub fn own_validators(mut self) -> Self {
        Arc::make_mut(&mut self.inner).own_validators = true;
        self
    }

    /// Adds a header of yours to those that [`config_fragment`](Self::config_fragment) makes nginx pass on; it drops what it
    /// does not know.
    #[must_use]
    pub fn pass_header(mut self, name: HeaderName) -> Self {
        Arc::make_mut(&mut self.inner).passed.push(name);
        self
    }

    /// What the server's configuration must say, for an application that listens at `upstream` (a host and a port): that it
    /// proxies everything to the application, and that it sends the files of all roots, and of [remote](Self::remote) servers, with
    /// the application's security headers, and its validators where it says any.
    ///
    /// Paths pass as they were sent, with `%2F` in them, and so do the host with its port and WebSockets; no other protocol is
    /// upgraded to.
    ///
    /// Belongs into a `server` block (nginx), a `VirtualHost` (Apache, 2.4.47 or later), the main file (lighttpd), a site (Caddy).
    ///
    /// # Errors
    /// When a root's path cannot be written in this server's language, `upstream` is no address, or the server is another one.
    pub fn config_fragment(&self, upstream: &str) -> Result<String, OffloadError> {
        let inner = &*self.inner;
        super::fragment::write(inner.server.language, &inner.rules, &inner.remotes, &inner.passed, upstream)
    }

    /// Whether the server can be handed this file to answer this request.
    ///
    /// A caller that gets an [`Offer`] builds the answer to the request without its `Range` and `If-Range`, which the server will
    /// serve, after it has judged the other conditions. Without one it answers by itself. An answer without `ETag` and
    /// `Last-Modified` gets those of the file from nginx, which then judges `If-None-Match` and `If-Modified-Since` by them.
    #[must_use]
    pub fn offer(&self, request: &RequestHead, file: &OffloadFile<'_>) -> Option<Offer<'_>> {
        if self.leaves(&Conditions::of(request)) {
            return None;
        }
        self.offer_of(request, file.length, file.rate_limit, || self.tell(file.path))
    }

    /// Whether the application is to answer requests with such conditions.
    pub(crate) fn leaves(&self, conditions: &Conditions<'_>) -> bool {
        conditions.headers().is_some_and(|headers| self.inner.server.judges(headers))
    }

    /// As [`offer`](Self::offer), whatever the conditions of the request; `tell` is asked only when all else is well.
    pub(super) fn offer_of(
        &self,
        request: &RequestHead,
        length: u64,
        rate_limit: Option<NonZeroU64>,
        tell: impl FnOnce() -> Option<Place>,
    ) -> Option<Offer<'_>> {
        let inner = &*self.inner;
        if !self.is_open_to(request)
            || length < inner.min_size
            || (rate_limit.is_some() && !inner.server.accelerates)
        {
            return None;
        }
        Some(Offer { offload: self, place: tell()?, rate_limit })
    }

    /// Whether files are handed over to whoever asks so.
    pub(crate) fn is_open_to(&self, request: &RequestHead) -> bool {
        matches!(request.method, Method::GET | Method::HEAD) && self.inner.peers.admit(request.peer_addr)
    }

    /// How the server is told the file at this path.
    pub(super) fn tell(&self, path: &Path) -> Option<Place> {
        let rules = &self.inner.rules;
        let (rule, told) = rules.iter().find_map(|rule| Some((rule, rule.apply(path)?)))?;
        // The server would look for it below another root: `/p/q/a`, where `/p/q/` is a location, too.
        let is_other =
            |other: &Rule| other.target.len() > rule.target.len() && told.starts_with(&other.target);
        let is_location = self.inner.server.target == Target::Location;
        if is_location
            && rules.len() > 1
            && rules.iter().any(|other| is_other(other) || is_other(&other.own()))
        {
            return None;
        }
        Some(Place::new(self.inner.server.encoding.encode(&told)?, rule.target.len()))
    }

    /// Whether the server is asked to tell a file's validators itself.
    pub(crate) fn has_validators_told(&self) -> bool {
        self.inner.server.tells_validators && !self.inner.own_validators
    }

    /// Whether the other is this one, or a clone of it.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// Rewrites `response`, the answer with the whole file, so that the server sends the file.
    ///
    /// # Errors
    /// The answer that the application must send itself. Orders to proxies (`X-Accel-*`, `X-Sendfile` and the like) were taken out.
    // What is handed back is the answer itself, for the caller to use.
    #[allow(clippy::result_large_err)]
    pub fn answer(
        &self,
        request: &RequestHead,
        file: &OffloadFile<'_>,
        mut response: HttpResponse,
    ) -> Result<HttpResponse, HttpResponse> {
        match self.offer(request, file) {
            Some(offer) => offer.answer(response),
            None => {
                self.strip(&mut response);
                Err(response)
            }
        }
    }

    #[cfg(feature = "http-source")]
    pub(super) fn has_trusted_peers(&self) -> bool {
        self.inner.peers.are_told()
    }

    pub(super) fn remote_location(&self) -> Option<&str> {
        self.inner.remotes.location.as_deref()
    }

    pub(super) fn rules(&self) -> &[Rule] {
        &self.inner.rules
    }

    pub(super) fn server(&self) -> &Server {
        &self.inner.server
    }

    /// Takes every order to a proxy out of an answer. [`answer`](Self::answer) does it; this is for answers that do not
    /// come that way, such as one that a remote server gave.
    pub fn strip(&self, response: &mut HttpResponse) {
        strip_orders(response.headers_mut(), &self.inner.server.header);
    }
}

/// The server's readiness to send one file, from [`Offload::offer`].
#[derive(Debug)]
pub struct Offer<'a> {
    offload: &'a Offload,
    place: Place,
    rate_limit: Option<NonZeroU64>,
}

impl Offer<'_> {
    /// How the server will be told the file, if the answer leaves the file's validators to it. With others nginx is told another
    /// location, which [`answer`](Self::answer) sees to.
    #[must_use]
    pub fn value(&self) -> &HeaderValue {
        self.place.value()
    }

    /// As [`Offload::answer`].
    ///
    /// # Errors
    /// The answer that the application must send itself: its status is not 200, its content encoded, or its headers
    /// too long for the server.
    #[allow(clippy::result_large_err)]
    pub fn answer(self, mut response: HttpResponse) -> Result<HttpResponse, HttpResponse> {
        let survey = Survey::cleaned(response.headers_mut(), &self.offload.inner.server);
        if self.rewrite(&survey, &mut response) { Ok(without_body(response)) } else { Err(response) }
    }

    /// Whether the answer is one now that makes the server send the file. It has no orders in it before.
    pub(crate) fn rewrite(self, survey: &Survey, response: &mut HttpResponse) -> bool {
        let inner = &*self.offload.inner;
        let told = if inner.server.tells_validators && (inner.own_validators || survey.has_validators) {
            self.place.into_own()
        } else {
            Some(self.place.into_value())
        };
        let Some(value) = told else { return false };
        let limited;
        let orders = match self.rate_limit {
            None => &inner.orders,
            Some(rate) => {
                limited = Orders { limit_rate: Some(rate.get()), ..inner.orders.clone() };
                &limited
            }
        };
        rewrite(survey, &inner.server, inner.max_header_size, orders, response, value)
    }
}
