use actix_charter::{prelude::*, security::BearerToken};
use actix_web::{App, http::header, test};
use serde_json::{Value, json};

use crate::fixture::{Member, News, Rooms, members, user};

fn api() -> Router {
    let live = Live::new().channel(Rooms).channel(News).start().unwrap();
    Router::new("/api")
        .scheme(members())
        .security(Requirement::of::<BearerToken<Member>>())
        .live("/live", live.endpoints().user(user))
        .openapi(Info::new("Board", "1.0"))
        .asyncapi(Info::new("Board", "1.0").server("https://board.example.org", "production"))
}

#[actix_web::test]
async fn the_ways_are_in_the_openapi_document() {
    let document = api().document(&Info::new("Board", "1.0")).unwrap();
    let paths = &document.to_value()["paths"];
    let websocket = &paths["/api/live/websocket"]["get"];
    assert_eq!(websocket["operationId"], "live_websocket");
    assert_eq!(websocket["tags"], json!(["live"]));
    assert_eq!(websocket["security"], json!([{"BearerToken": []}]));
    let statuses: Vec<_> = websocket["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["101", "400", "401", "403", "426", "503"]);
    assert_eq!(websocket["responses"]["101"].get("content"), None);
    assert!(paths["/api/live/sse"]["get"]["responses"]["200"]["content"].get("text/event-stream").is_some());
    let emulation = &paths["/api/live/emulation"]["post"];
    assert_eq!(emulation.get("security"), None);
    assert!(emulation["requestBody"]["content"].get("application/json").is_some());
    let parameters = |path: &str| -> Vec<Value> {
        let all = paths[path]["get"]["parameters"].as_array().unwrap();
        all.iter().map(|one| json!([one["name"], one["in"], one["required"]])).collect()
    };
    assert_eq!(parameters("/api/live/sse"), [json!(["cf_connect", "query", true])]);
    assert!(parameters("/api/live/websocket").contains(&json!(["Sec-WebSocket-Key", "header", true])));
}

#[actix_web::test]
async fn the_channels_are_in_the_asyncapi_document() {
    let app = test::init_service(App::new().service(api())).await;
    let ask = |path: &str| test::TestRequest::get().uri(path).to_request();
    let answer = test::call_service(&app, ask("/api/asyncapi.json")).await;
    assert_eq!(answer.status(), 200, "for everybody, as the OpenAPI document is");
    assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), "application/json");
    let tag = answer.headers().get(header::ETAG).unwrap().clone();
    let document: Value = test::read_body_json(answer).await;
    assert_eq!(document["asyncapi"], "3.0.0");
    assert_eq!(document["channels"]["Rooms"]["address"], "room:{id}");
    assert_eq!(document["servers"]["production"]["pathname"], "/api/live/websocket");
    assert_eq!(
        document["servers"]["production"]["security"],
        json!([{"$ref": "#/components/securitySchemes/BearerToken"}])
    );

    let again =
        test::TestRequest::get().uri("/api/asyncapi.json").insert_header((header::IF_NONE_MATCH, tag));
    assert_eq!(test::call_service(&app, again.to_request()).await.status(), 304);
    #[cfg(feature = "yaml")]
    assert_eq!(test::call_service(&app, ask("/api/asyncapi.yaml")).await.status(), 200);
}
