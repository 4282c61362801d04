use actix_web::{App, web::Bytes};
use futures_util::{Stream, StreamExt as _};

use super::*;

fn serve() -> actix_test::TestServer {
    let router = router(&live().unwrap());
    actix_test::start(move || App::new().service(router.clone()))
}

/// Reads as far as the end of an event.
async fn event(stream: &mut (impl Stream<Item = Result<Bytes, impl std::fmt::Debug>> + Unpin)) -> String {
    let mut read = String::new();
    while !read.contains("data: ") || !read.ends_with("\n\n") {
        read.push_str(std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap());
    }
    read
}

async fn add(server: &actix_test::TestServer, title: &str) {
    let answer = server.post("/cards").send_form(&[("title", title)]).await.unwrap();
    assert_eq!(answer.status(), 204);
}

#[actix_web::test]
async fn a_page_gets_every_card_that_is_not_on_it() {
    let mut server = serve();
    add(&server, "on the page").await;
    let mut page = server.get("/").send().await.unwrap();
    let page = String::from_utf8(page.body().await.unwrap().to_vec()).unwrap();
    assert!(page.contains("<li id=\"card-1\">\n  on the page\n</li>"), "{page}");
    add(&server, "<b>bold</b>").await;

    let address = page.split("sse-connect=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut events = server.get(address.replace("&amp;", "&")).send().await.unwrap();
    let missed = event(&mut events).await;
    assert!(
        missed.contains(
            "event: card\ndata: <li id=\"card-2\">\ndata:   &lt;b&gt;bold&lt;&#x2f;b&gt;\ndata: </li>\n"
        ),
        "{missed}"
    );
    add(&server, "live").await;
    assert!(event(&mut events).await.contains("data:   live\n"));

    let mut socket = server.ws_at("/live/html_websocket?channel=count").await.unwrap();
    for count in [3, 4] {
        let message = socket.next().await.unwrap().unwrap();
        let html = format!("<b id=\"count\">{count}</b>");
        assert_eq!(message, actix_http::ws::Frame::Text(Bytes::from(html)));
        add(&server, "one more").await;
    }
}

#[actix_web::test]
async fn a_card_needs_a_title() {
    let answer = serve().post("/cards").send_form(&[("title", "")]).await.unwrap();
    assert_eq!(answer.status(), 400);
}
