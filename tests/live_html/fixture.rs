use std::time::Duration;

use actix_charter::{
    live::{Fragment, LiveNode, LiveSettings, LiveUser},
    prelude::*,
    security::{ApiKey, Secret},
};
use actix_http::ws::{Frame, Message, ProtocolError};
use actix_web::{App, HttpRequest, http::StatusCode, web::Bytes};
use futures_util::{Sink, Stream, StreamExt as _};

pub(crate) struct Board;

/// The last two are kept.
#[channel("board:{id}", history(size = 2, ttl = "1h"), recover, presence, join_leave)]
impl Board {
    #[subscribe(declares(403))]
    async fn watch(&self, id: Path<u32>) -> Result<String, Problem> {
        match id.0 {
            0..100 => Ok("what is granted is not sent to pages".to_owned()),
            100..200 => Err(Problem::new(StatusCode::FORBIDDEN).detail("it is not for you")),
            200..300 => panic!("a fault"),
            _ => Err(Problem::new(StatusCode::CONFLICT).detail("it is full")),
        }
    }

    #[publish]
    async fn add(&self, Body(title): Body<String>) -> Fragment {
        Fragment::new(format!("<li>{title}</li>")).event("card")
    }
}

pub(crate) struct Count;

#[channel("count", history(size = 1, ttl = "1h"), recover = cache)]
impl Count {
    #[subscribe]
    async fn watch(&self) {}
}

/// Nothing is kept.
pub(crate) struct Ticker;

#[channel("ticker")]
impl Ticker {
    #[subscribe]
    async fn watch(&self) {}
}

pub(crate) struct Server {
    pub(crate) live: LiveNode,
    pub(crate) http: actix_test::TestServer,
}

/// The user is in the cookie `user`.
pub(crate) fn serve_with(settings: LiveSettings) -> Server {
    let live = Live::new()
        .channel(Board)
        .channel(Count)
        .channel(Ticker)
        .personal("user:{user}")
        .settings(settings)
        .start()
        .unwrap();
    let find = |_: &HttpRequest, user: Secret| {
        let user = user.expose().to_owned();
        async move { Some(user) }
    };
    let api = Router::new("/api")
        .scheme(ApiKey::new(find).cookie("user"))
        .security(Requirement::of::<ApiKey<String>>())
        .live("/live", live.endpoints().user(|user: &String| LiveUser::new(user.as_str())));
    let config = actix_test::config().workers(2);
    let http = actix_test::start_with(config, move || App::new().service(api.clone()));
    Server { live, http }
}

pub(crate) fn serve() -> Server {
    serve_with(LiveSettings::new())
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: String,
    /// The last that was told, as browsers keep it.
    pub(crate) id: String,
}

/// Reads events as a browser does.
pub(crate) struct Events {
    body: std::pin::Pin<Box<dyn Stream<Item = Bytes>>>,
    read: String,
    id: String,
    pub(crate) retry: Option<u64>,
    pub(crate) comments: usize,
}

impl Events {
    /// Begins where `last` says.
    pub(crate) async fn open(server: &Server, query: &str, last: &str) -> Self {
        let mut request =
            server.http.get(format!("/api/live/html_sse?{query}")).insert_header(("cookie", "user=ann"));
        if !last.is_empty() {
            request = request.insert_header(("last-event-id", last));
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers().get("content-type").unwrap(), "text/event-stream");
        let body = response.map(|chunk| chunk.unwrap_or_default());
        Self { body: Box::pin(body), read: String::new(), id: last.to_owned(), retry: None, comments: 0 }
    }

    pub(crate) async fn next(&mut self) -> Event {
        self.try_next().await.expect("the stream goes on")
    }

    /// `None` at the end.
    pub(crate) async fn try_next(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.read.find("\n\n") {
                let rest = self.read.split_off(end + 2);
                let block = std::mem::replace(&mut self.read, rest);
                if let Some(event) = self.block(&block) {
                    return Some(event);
                }
            }
            let chunk = self.body.next().await?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// `None` for a block without data, which is no event.
    fn block(&mut self, block: &str) -> Option<Event> {
        let (mut event, mut data) =
            (Event { name: "message".to_owned(), ..Event::default() }, None::<String>);
        for line in block.lines() {
            match line.split_once(':').map(|(name, value)| (name, value.strip_prefix(' ').unwrap_or(value))) {
                Some(("event", name)) => event.name = name.to_owned(),
                Some(("data", line)) => {
                    data = Some(data.map_or_else(|| line.to_owned(), |before| format!("{before}\n{line}")));
                }
                Some(("id", id)) => self.id = id.to_owned(),
                Some(("retry", after)) => self.retry = Some(after.parse().unwrap()),
                Some(("", _)) => self.comments += 1,
                _ => assert!(line.is_empty(), "{line:?}"),
            }
        }
        event.data = data?;
        event.id = self.id.clone();
        Some(event)
    }

    /// Waits for a comment.
    pub(crate) async fn ping(&mut self) {
        let before = self.comments;
        while self.comments == before {
            let chunk = self.body.next().await.unwrap();
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
            while let Some(end) = self.read.find("\n\n") {
                let rest = self.read.split_off(end + 2);
                let block = std::mem::replace(&mut self.read, rest);
                assert_eq!(self.block(&block), None);
            }
        }
    }
}

pub(crate) trait Socket:
    Stream<Item = Result<Frame, ProtocolError>> + Sink<Message, Error = ProtocolError> + Unpin
{
}

impl<S> Socket for S where
    S: Stream<Item = Result<Frame, ProtocolError>> + Sink<Message, Error = ProtocolError> + Unpin
{
}

pub(crate) async fn connect(server: &Server, path: &str, user: &str) -> impl Socket + use<> {
    let client = awc::Client::new().ws(server.http.url(&format!("/api/live/{path}")));
    let (_, socket) = client.header("cookie", format!("user={user}")).connect().await.unwrap();
    socket
}

pub(crate) async fn text_of(socket: &mut impl Socket) -> String {
    match socket.next().await.unwrap().unwrap() {
        Frame::Text(text) => std::str::from_utf8(&text).unwrap().to_owned(),
        other => panic!("text, not {other:?}"),
    }
}

pub(crate) async fn closed(socket: &mut impl Socket) -> (u16, String) {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Frame::Close(Some(why)) => return (why.code.into(), why.description.unwrap_or_default()),
            Frame::Close(None) => panic!("a code"),
            _ => {}
        }
    }
}

pub(crate) async fn nobody_is_left(live: &LiveNode) {
    while live.metrics().connections > 0 {
        actix_web::rt::time::sleep(Duration::ZERO).await;
    }
}
