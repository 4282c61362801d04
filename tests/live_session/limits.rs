use serde_json::json;

use crate::fixture::{Client, double, error, live_with, seconds, settings};

#[actix_web::test]
async fn too_many_commands_are_refused_and_then_end_the_connection() {
    tokio::time::pause();
    let live = live_with(double(), settings().commands(10, 20)).await;
    let (client, neighbour) = (Client::connect(&live, "ada").await, Client::connect(&live, "bob").await);
    for _ in 1..20 {
        assert!(client.ask("ping", json!({})).await["error"].is_null());
    }
    let refused = client.ask("rpc", json!({"method": "echo"})).await;
    assert_eq!((error(&refused), &refused["error"]["temporary"]), (111, &json!(true)));
    tokio::time::advance(seconds(1)).await;
    for _ in 0..10 {
        assert!(client.ask("ping", json!({})).await["error"].is_null());
    }
    for _ in 0..101 {
        client.send("ping", json!({}));
        crate::fixture::settle().await;
    }
    assert_eq!(client.ended().await, 3013);
    assert!(neighbour.is_alive().await);
}

#[actix_web::test]
async fn commands_that_wait_are_bounded() {
    tokio::time::pause();
    let live = live_with(double(), settings().commands(100_000, 100_000)).await;
    let client = Client::connect(&live, "ada").await;
    client.send("rpc", json!({"method": "never"}));
    for _ in 0..11 {
        let frame: Vec<_> =
            (0..100).map(|_| json!({"id": 9, "rpc": {"method": "echo"}}).to_string()).collect();
        client.connection.send(frame.join("\n"));
        crate::fixture::settle().await;
    }
    assert_eq!(client.ended().await, 3013);
}

#[actix_web::test]
async fn a_session_is_small() {
    let size = actix_charter::live::seam::session_sizes();
    // Beside the socket's own; of 13 KiB in all, Actix takes 12.2.
    assert!(size.0 + size.1 <= 400, "{size:?}");
}

#[actix_web::test]
async fn publishers_wait_for_a_worker_that_is_behind() {
    tokio::time::pause();
    let live = live_with(double(), settings().mailbox(4)).await;
    let client = Client::connect(&live, "ada").await;
    client.subscribe("stream:a").await;
    for number in 0..200 {
        live.broadcaster().publish("stream:a", &number).detach().unwrap();
    }
    for number in 0..200 {
        assert_eq!(client.data().await, number);
    }
    assert_eq!((live.metrics().lost, live.metrics().insufficient), (0, 0));
}
