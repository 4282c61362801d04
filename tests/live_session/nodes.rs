//! Two nodes, whose control messages go over one bus.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use actix_charter::live::{
    LiveNode,
    broker::{BrokerError, BrokerEvents, Control, ControlMessage, Engine, NodeId, Target, Whom},
    protocol::DisconnectCode,
    seam::Transports,
    socket::SocketSettings,
};
use actix_web::test::TestRequest;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::fixture::{Client, arrival, double, live_of, settings};

#[derive(Default)]
struct Bus(Mutex<HashMap<NodeId, Arc<dyn BrokerEvents>>>);

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bus")
    }
}

impl Control for Bus {
    fn listen(&self, node: NodeId, events: Arc<dyn BrokerEvents>) -> BoxFuture<'_, Result<(), BrokerError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(node, events);
        Box::pin(async { Ok(()) })
    }

    fn send(&self, to: Target, message: ControlMessage) -> BoxFuture<'_, Result<(), BrokerError>> {
        let nodes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = match to {
            Target::All => {
                nodes.values().for_each(|events| events.control(&message));
                Ok(())
            }
            Target::Node(node) => match nodes.get(&node) {
                Some(events) => {
                    events.control(&message);
                    Ok(())
                }
                None => Err(BrokerError::unknown_node("There is no node of that name.")),
            },
        };
        Box::pin(async { sent })
    }
}

async fn two() -> [LiveNode; 2] {
    let bus = Arc::new(Bus::default());
    let engine = || Engine { control: Arc::clone(&bus) as _, ..Engine::default() };
    [live_of(double(), settings(), engine()).await, live_of(double(), settings(), engine()).await]
}

async fn emulate(live: &LiveNode, session: &Value, node: &Value, commands: &str) -> u16 {
    let transports = Transports::new(live.clone(), SocketSettings::new());
    let body = json!({"session": session, "node": node, "data": commands});
    let request = TestRequest::post().uri("/emulation").to_http_request();
    match transports.emulation(&request, body.to_string().into()).await {
        Ok(response) => response.status().as_u16(),
        Err(problem) => problem.status().as_u16(),
    }
}

#[actix_web::test]
async fn commands_reach_the_node_that_has_the_connection() {
    tokio::time::pause();
    let [one, other] = two().await;
    let client = Client::open(&one, arrival("ada"));
    let reply = client.ask("connect", json!({})).await["connect"].clone();
    let (session, node) = (&reply["session"], &reply["node"]);
    let command = |id: u32| json!({"id": id, "rpc": {"method": "who"}}).to_string();
    for (id, at) in [(101, &one), (102, &other)] {
        assert_eq!(emulate(at, session, node, &command(id)).await, 204);
        let reply = client.next().await;
        assert_eq!((&reply["id"], &reply["rpc"]["data"]), (&json!(id), &json!("ada")));
    }
    // Only a node that is not there is not found.
    assert_eq!(emulate(&other, session, &json!("gone"), &command(103)).await, 404);
    assert_eq!(emulate(&other, &json!("no session"), node, &command(104)).await, 204);
    assert!(client.is_quiet().await);
}

#[actix_web::test]
async fn orders_reach_connections_wherever_they_are() {
    tokio::time::pause();
    let [one, other] = two().await;
    let (here, there) = (Client::connect(&one, "ada").await, Client::connect(&other, "ada").await);
    let bob = Client::connect(&other, "bob").await;
    one.broadcaster().subscribe(Whom::user("ada"), "plain:a").await.unwrap();
    for client in [&here, &there] {
        assert_eq!(client.push().await, json!({"channel": "plain:a", "subscribe": {}}));
    }
    other.broadcaster().disconnect(Whom::user("ada"), DisconnectCode::FORCE_NO_RECONNECT).await.unwrap();
    assert_eq!((here.ended().await, there.ended().await), (3503, 3503));
    assert!(bob.is_alive().await);
}
