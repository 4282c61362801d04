//! SIGTERM while publications are on their way: a server in a process of its own, which is this test's program.

use std::{
    collections::HashMap,
    io::{BufReader, Read as _},
    process::{Child, Command, Stdio},
    time::Duration,
};

use actix_charter::{
    live::{ChannelLayer, LiveSettings, RecoveryMode, broker::HistoryQuery},
    prelude::*,
};
use actix_http::ws::{Frame, Message};
use actix_web::{App, HttpServer};
use futures_util::{SinkExt as _, StreamExt as _, future::join_all};
use serde_json::{Value, json};

const PUBLISHERS: usize = 8;
const LISTENERS: usize = 12;

struct Ledger;

#[channel("ledger:{id}")]
impl Ledger {
    /// Everybody may listen.
    #[subscribe]
    async fn listen(&self) {}

    /// Everybody may write.
    #[publish]
    async fn write(&self, Body(entry): Body<String>) -> String {
        entry
    }
}

/// Not a test: what the test runs. It prints its address, then, when it has been told to end, what was published.
#[ignore = "is run by the other test"]
#[actix_web::test]
async fn server() {
    let kept = ChannelLayer::new().history(100_000, Duration::from_secs(600)).recovery(RecoveryMode::Stream);
    let quick = LiveSettings::new().commands(1_000_000, 1_000_000);
    let live = Live::new().options(kept).settings(quick).channel(Ledger).start().unwrap();
    let api = Router::new("").live("/live", live.endpoints()).try_mount().unwrap();
    let server = HttpServer::new(move || App::new().service(api.clone()))
        .workers(2)
        .shutdown_signal(live.drain_on_shutdown(Duration::from_secs(1)))
        .shutdown_timeout(10)
        .bind(("127.0.0.1", 0))
        .unwrap();
    println!("listening on {}", server.addrs()[0]);
    server.run().await.unwrap();
    let history = live.broadcaster().history("ledger:1", HistoryQuery::all()).await.unwrap();
    let entries: Vec<(u64, Value)> = history
        .publications
        .iter()
        .map(|one| (one.offset, serde_json::from_slice(&one.data).unwrap()))
        .collect();
    println!("published {}", json!(entries));
}

struct Server {
    process: Child,
    lines: BufReader<std::process::ChildStdout>,
    address: String,
}

impl Server {
    fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "stopping::server", "--ignored", "--nocapture"])
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let address = line_with(&mut lines, "listening on ");
        Self { process, lines, address }
    }

    fn url(&self) -> String {
        format!("http://{}/live/websocket", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The rest of the first line that has this.
fn line_with(lines: &mut impl std::io::BufRead, what: &str) -> String {
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the server ended before it said {what:?}");
        if let Some((_, rest)) = line.split_once(what) {
            return rest.trim_end().to_owned();
        }
    }
}

/// What came on a connection until its end, and how it ended.
struct Heard {
    messages: Vec<Value>,
    code: Option<u16>,
}

/// Publishes one after the other, the next when the one before is acknowledged.
async fn publisher(url: String, name: usize) -> (Vec<String>, Heard) {
    let (_, mut socket) = awc::Client::new().ws(url).connect().await.unwrap();
    socket.send(Message::Text(r#"{"id":1,"connect":{}}"#.into())).await.unwrap();
    let (mut acknowledged, mut heard) = (Vec::new(), Heard { messages: Vec::new(), code: None });
    let mut id = 1;
    while let Some(Ok(frame)) = socket.next().await {
        match frame {
            Frame::Text(text) => {
                let reply: Value = serde_json::from_slice(&text).unwrap();
                if reply["id"] == id {
                    assert_eq!(reply.get("error"), None, "{reply}");
                    if id > 1 {
                        acknowledged.push(format!("{name}-{id}"));
                    }
                    id += 1;
                    let entry =
                        json!({"id": id, "publish": {"channel": "ledger:1", "data": format!("{name}-{id}")}});
                    if socket.send(Message::Text(entry.to_string().into())).await.is_err() {
                        break;
                    }
                }
            }
            Frame::Close(reason) => {
                heard.code = reason.map(|reason| reason.code.into());
                break;
            }
            _ => {}
        }
    }
    (acknowledged, heard)
}

async fn listener(url: String) -> Heard {
    let (_, mut socket) = awc::Client::new().ws(url).connect().await.unwrap();
    let commands = "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"ledger:1\"}}";
    socket.send(Message::Text(commands.into())).await.unwrap();
    let mut heard = Heard { messages: Vec::new(), code: None };
    while let Some(Ok(frame)) = socket.next().await {
        match frame {
            Frame::Text(text) => {
                let lines = text.split(|byte| *byte == b'\n');
                heard.messages.extend(lines.map(|line| serde_json::from_slice::<Value>(line).unwrap()));
            }
            Frame::Close(reason) => {
                heard.code = reason.map(|reason| reason.code.into());
                break;
            }
            _ => {}
        }
    }
    heard
}

#[actix_web::test]
async fn sigterm_under_load_loses_nothing_that_was_acknowledged() {
    let mut server = Server::start();
    let listeners = join_all((0..LISTENERS).map(|_| actix_web::rt::spawn(listener(server.url()))));
    let publishers =
        join_all((0..PUBLISHERS).map(|name| actix_web::rt::spawn(publisher(server.url(), name))));
    let watched = server.url();
    // Somebody who listens, too, says when there is enough to lose.
    let (_, mut watch) = awc::Client::new().ws(watched).connect().await.unwrap();
    let commands = "{\"id\":1,\"connect\":{}}\n{\"id\":2,\"subscribe\":{\"channel\":\"ledger:1\"}}";
    watch.send(Message::Text(commands.into())).await.unwrap();
    let mut seen = 0;
    while seen < 2000 {
        if let Frame::Text(text) = watch.next().await.unwrap().unwrap() {
            seen += text.split(|byte| *byte == b'\n').count();
        }
    }
    drop(watch);
    let pid = server.process.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());

    let publishers = publishers.await;
    let listeners = listeners.await;
    let published: Vec<(u64, String)> =
        serde_json::from_str(&line_with(&mut server.lines, "published ")).unwrap();
    let _ = server.lines.read_to_end(&mut Vec::new());
    assert!(server.process.wait().unwrap().success(), "it ends by itself");

    let offsets: Vec<u64> = published.iter().map(|(offset, _)| *offset).collect();
    assert_eq!(offsets, (1..=offsets.len() as u64).collect::<Vec<_>>(), "one sequence without a hole");
    let mut times: HashMap<&str, usize> = HashMap::new();
    for (_, entry) in &published {
        *times.entry(entry).or_default() += 1;
    }
    let mut acknowledged = 0;
    for one in publishers {
        let (entries, heard) = one.unwrap();
        assert_eq!(heard.code, Some(3001), "a publisher is told");
        for entry in &entries {
            assert_eq!(times.get(entry.as_str()), Some(&1), "{entry} was acknowledged");
        }
        acknowledged += entries.len();
    }
    assert!(acknowledged > 1000, "{acknowledged}");
    for heard in listeners {
        let heard = heard.unwrap();
        assert_eq!(heard.code, Some(3001), "a listener is told");
        let pushed: Vec<(u64, String)> = heard
            .messages
            .iter()
            .filter_map(|message| message["push"].get("pub"))
            .map(|one| (one["offset"].as_u64().unwrap(), one["data"].as_str().unwrap().to_owned()))
            .collect();
        let first = pushed.first().unwrap().0 as usize - 1;
        assert_eq!(pushed, published[first..first + pushed.len()], "what was published, in its order");
    }
}
