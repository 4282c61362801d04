use std::{
    path::Path as FilePath,
    process::{Command, Stdio},
};

use actix_charter::live::{broker::Whom, protocol::DisconnectCode};
use actix_web::{App, HttpResponse, web, web::Bytes};
use futures_util::{Stream, StreamExt as _};

use super::*;

fn serve() -> actix_test::TestServer {
    let live = live().unwrap();
    let router = router(&live, Board::new(&live));
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

fn run(command: &mut Command, advice: &str) -> Vec<u8> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{advice} ({error})"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Everybody has to come back, and a card is added before they do.
async fn away(live: web::Data<LiveNode>, board: web::Data<Board>) -> HttpResponse {
    while live.metrics().connections > 0 {
        let everybody = Whom::user("");
        live.broadcaster().disconnect(everybody, DisconnectCode::FORCE_RECONNECT).await.unwrap();
        actix_web::rt::task::yield_now().await;
    }
    board.add(Body(NewCard { title: "three".to_owned() })).await.unwrap();
    HttpResponse::NoContent().finish()
}

/// The same, and what came is forgotten.
async fn forget(live: web::Data<LiveNode>, board: web::Data<Board>) -> HttpResponse {
    away(live.clone(), board).await;
    live.broadcaster().remove_history("board").await.unwrap();
    HttpResponse::NoContent().finish()
}

/// The page in Chromium, with htmx.
#[actix_web::test]
async fn htmx_puts_what_comes_into_the_page() {
    let live = live().unwrap();
    let board = Board::new(&live);
    let router = router(&live, board.clone());
    let (live, board) = (web::Data::new(live), web::Data::new(board));
    let server = actix_test::start(move || {
        App::new()
            .app_data(live.clone())
            .app_data(board.clone())
            .route("/assets/{name}", web::get().to(pages::asset))
            .route("/away", web::post().to(away))
            .route("/forget", web::post().to(forget))
            .service(router.clone())
    });
    let address = server.url("/");
    let seen = web::block(move || {
        let here = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("examples/fragments");
        let lock = std::fs::read(here.join("package-lock.json")).unwrap();
        let installed = here.join("node_modules/.installed");
        if std::fs::read(&installed).ok() != Some(lock.clone()) {
            let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
            run(
                Command::new("npm").args(arguments).current_dir(&here),
                "install Node.js 18 or newer, with npm",
            );
            std::fs::write(installed, lock).unwrap();
        }
        let chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        let chromium =
            chromium.into_iter().find(|path| FilePath::new(path).exists()).expect("install Chromium");
        let mut browser = Command::new("node");
        run(browser.arg(here.join("browser.js")).args([&*address, chromium]), "install Node.js")
    })
    .await
    .unwrap();
    let seen: serde_json::Value = serde_json::from_slice(&seen).unwrap();
    let (one, two, three) = (["card-1", "<i>one</i>"], ["card-2", "two"], ["card-3", "three"]);
    assert_eq!(
        seen,
        serde_json::json!({
            "errors": [],
            "live": [[one, two], [one, two]],
            "back": [[one, two, three], [one, two, three]],
            "anew": [one, two, three, ["card-4", "three"]],
        })
    );
}
