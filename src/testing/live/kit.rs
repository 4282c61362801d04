use std::{
    fmt,
    future::Future,
    rc::Rc,
    time::{Duration, SystemTime},
};

use actix_web::test::TestRequest;

use super::{
    Asked, Connecting,
    clock::{Clock, settle},
};
use crate::live::{Broadcaster, Live, LiveMetrics, LiveNode, socket::SocketSettings};

/// Puts something into the application's data.
pub(super) type AppData = Rc<dyn Fn(TestRequest) -> TestRequest>;

/// The live channels of an application, running within a test; see the [module](super). A clone is the same.
#[derive(Clone)]
pub struct LiveKit(pub(super) Rc<Inner>);

pub(super) struct Inner {
    pub(super) node: LiveNode,
    pub(super) clock: Clock,
    pub(super) patience: Duration,
    pub(super) sockets: SocketSettings,
    pub(super) app_data: Vec<AppData>,
}

/// What a [`LiveKit`] starts with: `.await` [`start`](Self::start).
#[must_use = "nothing runs until it is started"]
pub struct LiveKitBuilder {
    live: Live,
    sockets: SocketSettings,
    patience: Duration,
    app_data: Vec<AppData>,
}

impl LiveKit {
    /// Starts the channels, and stops the time.
    ///
    /// # Panics
    /// When the channels do not fit together, with everything that is wrong; outside of `#[actix_web::test]`.
    pub fn start(live: Live) -> Asked<'static, Self> {
        Self::of(live).start()
    }

    /// The channels, to be started with something of the application's beside them. Settings, engine and tokens are those of the
    /// [`Live`], but for their clocks, which are the kit's.
    ///
    /// ```
    /// use std::time::Duration;
    /// use actix_charter::{live::LiveSettings, prelude::*, testing::live::LiveKit};
    /// use actix_web::web;
    ///
    /// struct Greetings;
    ///
    /// #[channel("greetings")]
    /// impl Greetings {
    ///     #[subscribe]
    ///     async fn listen(&self, greeting: web::Data<String>) -> String {
    ///         greeting.to_string()
    ///     }
    /// }
    ///
    /// # #[actix_web::main] async fn main() {
    /// let channels = Live::new().channel(Greetings).settings(LiveSettings::new().connections_per_user(1));
    /// let live = LiveKit::of(channels)
    ///     .app_data(web::Data::new("Welcome.".to_owned()))
    ///     .start()
    ///     .await;
    /// let ann = live.connect_as("ann").await;
    /// assert_eq!(ann.subscribe("greetings").await.data::<String>(), "Welcome.");
    ///
    /// let refused = live.connect_as("ann").attempt().await.unwrap_err();
    /// assert_eq!(refused.code(), 3504);
    /// # }
    /// ```
    pub fn of(live: Live) -> LiveKitBuilder {
        LiveKitBuilder {
            live,
            sockets: SocketSettings::new(),
            patience: Duration::from_secs(5),
            app_data: Vec::new(),
        }
    }

    /// Somebody with this user id connects: `.await` what is given back, perhaps after telling it more.
    pub fn connect_as(&self, user: impl Into<String>) -> Connecting {
        Connecting::new(&self.0, user.into())
    }

    /// Somebody anonymous connects.
    pub fn connect(&self) -> Connecting {
        self.connect_as("")
    }

    /// Publishes, and has a say in who is connected, as the application does.
    #[must_use]
    pub fn broadcaster(&self) -> Broadcaster {
        self.0.node.broadcaster()
    }

    /// What happened since the start, and what there is now.
    #[must_use]
    pub fn metrics(&self) -> LiveMetrics {
        self.0.node.metrics()
    }

    /// What runs; for the application's functions that take it.
    #[must_use]
    pub fn node(&self) -> &LiveNode {
        &self.0.node
    }

    /// Lets so much time go by, from timer to timer. Clients that do not hang answer their pings meanwhile.
    pub async fn skip(&self, time: Duration) {
        self.0.clock.skip(time).await;
    }

    /// Lets time go by until that is done: for what waits for a timer.
    ///
    /// ```
    /// use std::time::Duration;
    /// use actix_charter::{prelude::*, testing::live::LiveKit};
    ///
    /// struct Kitchen;
    ///
    /// #[channel("kitchen")]
    /// impl Kitchen {
    ///     #[subscribe]
    ///     async fn watch(&self) {}
    ///
    ///     #[rpc]
    ///     async fn boil(&self) -> String {
    ///         tokio::time::sleep(Duration::from_secs(180)).await;
    ///         "an egg".to_owned()
    ///     }
    /// }
    ///
    /// # #[actix_web::main] async fn main() {
    /// let live = LiveKit::start(Live::new().channel(Kitchen)).await;
    /// let ann = live.connect_as("ann").await;
    /// let begun = live.now();
    /// let egg: String = live.let_time_pass(ann.call("kitchen", "boil", &())).await;
    /// assert_eq!(egg, "an egg");
    /// assert_eq!(live.now().duration_since(begun).unwrap().as_secs(), 180);
    /// # }
    /// ```
    pub async fn let_time_pass<T>(&self, until: impl Future<Output = T>) -> T {
        self.0.clock.while_passing(until).await
    }

    /// Lets everything come to its end that is under way and waits for nothing.
    pub async fn settle(&self) {
        settle().await;
    }

    /// The time of day, as everything in this crate sees it.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        (self.0.clock.reader())()
    }

    /// Ends all connections with 3001, as a server does that shuts down, spread over that time.
    pub async fn drain(&self, over: Duration) {
        self.let_time_pass(self.0.node.drain(over)).await;
        settle().await;
    }
}

impl LiveKitBuilder {
    /// The limits of a connection's queue, for clients that hang.
    pub fn sockets(mut self, settings: SocketSettings) -> Self {
        self.sockets = settings;
        self
    }

    /// Data of the application, for all connections, as `App::app_data` takes it.
    pub fn app_data<T: Clone + 'static>(mut self, data: T) -> Self {
        self.app_data.push(Rc::new(move |request| request.app_data(data.clone())));
        self
    }

    /// How long something is waited for that does not come, in real time: 5 s. Only tests that fail wait for it.
    pub fn patience(mut self, time: Duration) -> Self {
        self.patience = time;
        self
    }

    /// Starts it, and stops the time.
    ///
    /// # Panics
    /// As [`LiveKit::start`].
    pub fn start(self) -> Asked<'static, LiveKit> {
        Asked::new(async move {
            let clock = Clock::stop();
            let Self { live, sockets, patience, app_data } = self;
            let node = live.clock(clock.reader()).start_here().await.map_err(|wrong| wrong.to_string())?;
            Ok(LiveKit(Rc::new(Inner { node, clock, patience, sockets, app_data })))
        })
    }
}

impl fmt::Debug for LiveKit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveKit").field("node", &self.0.node).finish_non_exhaustive()
    }
}

impl fmt::Debug for LiveKitBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveKitBuilder").field("live", &self.live).finish_non_exhaustive()
    }
}
