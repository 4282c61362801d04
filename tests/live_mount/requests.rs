//! The request that opened a connection, as its channels find it later.

use std::cell::RefCell;

use actix_charter::prelude::*;
use actix_http::ws::Message;
use actix_web::{
    App, Error, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web,
};
use futures_util::SinkExt as _;
use serde_json::{Value, json};

use crate::fixture::json_of;

struct Doors;

#[channel("door:{id}")]
impl Doors {
    #[subscribe]
    async fn enter(&self, request: HttpRequest, house: web::Data<&'static str>) -> (String, bool, String) {
        let headers = request.headers();
        (request.path().to_owned(), headers.is_empty(), house.to_string())
    }
}

thread_local! {
    static KEPT: RefCell<Vec<HttpRequest>> = const { RefCell::new(Vec::new()) };
}

async fn keep(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    KEPT.with_borrow_mut(|kept| kept.push(request.request().clone()));
    next.call(request).await
}

async fn enter(api: Router) -> Value {
    let mut server =
        actix_test::start(move || App::new().app_data(web::Data::new("home")).service(api.clone()));
    let mut socket = server.ws_at("/api/live/websocket").await.unwrap();
    socket.send(Message::Text(r#"{"id":1,"connect":{}}"#.into())).await.unwrap();
    json_of(&mut socket).await;
    socket.send(Message::Text(r#"{"id":2,"subscribe":{"channel":"door:1"}}"#.into())).await.unwrap();
    json_of(&mut socket).await["subscribe"]["data"].clone()
}

#[actix_web::test]
async fn an_idle_connection_keeps_no_headers_unless_the_application_keeps_its_request() {
    let live = Live::new().channel(Doors).start().unwrap();
    let api = Router::new("/api").live("/live", live.endpoints());
    assert_eq!(enter(api.clone()).await, json!(["/api/live/websocket", true, "home"]));
    assert_eq!(
        enter(api.wrap(|| from_fn(keep))).await,
        json!(["/api/live/websocket", false, "home"]),
        "what others hold is left to them"
    );
}
