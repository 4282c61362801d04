use actix_charter::{
    live::{
        LiveNode, Transport,
        broker::Whom,
        protocol::DisconnectCode,
        socket::{OriginPolicy, SocketSettings},
    },
    prelude::*,
    security::BearerToken,
};
use actix_http::ws::Message;
use actix_web::{
    App,
    http::{Method, header},
    test,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;

use crate::fixture::{Member, News, Rooms, closed, json_of, members, user};

fn live() -> LiveNode {
    Live::new().channel(Rooms).channel(News).personal("user:{user}").start().unwrap()
}

fn api(live: &LiveNode) -> Router {
    Router::new("/api")
        .scheme(members())
        .security(Requirement::of::<BearerToken<Member>>())
        .live("/live", live.endpoints().user(user))
}

fn serve(api: Router) -> actix_test::TestServer {
    actix_test::start(move || App::new().service(api.clone()))
}

#[actix_web::test]
async fn whom_the_scheme_finds_is_the_channels_identity() {
    let live = live();
    let server = serve(api(&live));
    let (_, mut socket) = awc::Client::new()
        .ws(server.url("/api/live/websocket"))
        .header(header::AUTHORIZATION, "Bearer ann")
        .connect()
        .await
        .unwrap();
    socket.send(Message::Text(r#"{"id":1,"connect":{}}"#.into())).await.unwrap();
    let connected = json_of(&mut socket).await;
    assert_eq!(connected["connect"]["subs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["user:7"]);
    socket
        .send(Message::Text(r#"{"id":2,"subscribe":{"channel":"room:3","join_leave":true}}"#.into()))
        .await
        .unwrap();
    assert_eq!(json_of(&mut socket).await["subscribe"]["data"], "welcome to 3, Ann");
    assert_eq!(json_of(&mut socket).await["push"]["join"]["info"]["conn_info"], "Ann");
    socket
        .send(Message::Text(r#"{"id":3,"publish":{"channel":"room:3","data":"hi"}}"#.into()))
        .await
        .unwrap();
    let (one, other) = (json_of(&mut socket).await, json_of(&mut socket).await);
    let push = if one.get("push").is_some() { one } else { other };
    assert_eq!(push["push"]["pub"]["data"], "Ann: hi");

    live.broadcaster().to_user("7", &json!({"n": 1})).await.unwrap();
    assert_eq!(json_of(&mut socket).await["push"]["channel"], "user:7");
    let logout = Whom::session("session of Ann");
    live.broadcaster().disconnect(logout, DisconnectCode::EXPIRED).await.unwrap();
    assert_eq!(closed(&mut socket).await, 3005);
}

#[actix_web::test]
async fn who_is_not_known_is_told_in_the_apis_own_error_model() {
    let live = live();
    let server = serve(api(&live));
    for path in [
        "websocket",
        "sse?cf_connect=%7B%22id%22%3A1%2C%22connect%22%3A%7B%7D%7D",
        "uni_sse",
        "uni_websocket",
    ] {
        let mut answer = server.get(format!("/api/live/{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
        assert_eq!(answer.headers().get(header::WWW_AUTHENTICATE).unwrap(), "Bearer realm=\"api\"");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "unauthenticated");
    }
    let get = server.get("/api/live/http_stream").send().await.unwrap();
    assert_eq!(get.status(), 405);
    assert_eq!(live.metrics().connections, 0);
}

#[actix_web::test]
async fn what_is_no_handshake_is_a_problem() {
    let live = live();
    let api = Router::new("/api").live("/live", live.endpoints());
    assert!(api.check().unwrap_err().to_string().contains("nobody finds out who connects"));
    let live = Live::new().channel(News).start().unwrap();
    let app =
        test::init_service(App::new().service(Router::new("/api").live("/live", live.endpoints()))).await;
    let get = test::TestRequest::get().uri("/api/live/websocket").to_request();
    let answer = test::call_service(&app, get).await;
    assert_eq!(answer.status(), 426);
    assert_eq!(answer.headers().get(header::UPGRADE).unwrap(), "websocket");
    let problem: serde_json::Value = test::read_body_json(answer).await;
    assert_eq!((&problem["status"], &problem["code"]), (&json!(426), &json!("upgrade_required")));
    let head = test::TestRequest::default().method(Method::HEAD).uri("/api/live/uni_sse").to_request();
    assert_eq!(test::call_service(&app, head).await.status(), 405, "a HEAD would open a connection");
}

#[actix_web::test]
async fn pages_of_other_sites_do_not_connect_unless_they_may() {
    let live = live();
    let allowed = SocketSettings::new().origins(OriginPolicy::same_host().allow("https://*.example.org"));
    let api = Router::new("/api")
        .scheme(members())
        .security(Requirement::of::<BearerToken<Member>>())
        .live("/live", live.endpoints().user(user).sockets(allowed));
    let server = serve(api);
    for (origin, is_allowed) in
        [("https://evil.example", false), ("null", false), ("https://board.example.org", true)]
    {
        for path in ["websocket", "uni_websocket"] {
            let opened = awc::Client::new()
                .ws(server.url(&format!("/api/live/{path}")))
                .header(header::AUTHORIZATION, "Bearer ann")
                .origin(origin)
                .connect()
                .await;
            assert_eq!(opened.is_ok(), is_allowed, "{origin} {path}");
        }
        for path in ["sse?cf_connect=%7B%22id%22%3A1%2C%22connect%22%3A%7B%7D%7D", "uni_sse"] {
            let request = server.get(format!("/api/live/{path}")).insert_header((header::ORIGIN, origin));
            let answer = request.insert_header((header::AUTHORIZATION, "Bearer ann")).send().await.unwrap();
            assert_eq!(answer.status(), if is_allowed { 200 } else { 403 }, "{origin} {path}");
        }
    }
}

#[actix_web::test]
async fn a_get_that_any_site_can_cause_does_nothing_but_connect() {
    let live = live();
    let server = serve(api(&live));
    let connect = "%7B%22id%22%3A1%2C%22connect%22%3A%7B%7D%7D";
    let publish =
        "%7B%22id%22%3A2%2C%22publish%22%3A%7B%22channel%22%3A%22room%3A1%22%2C%22data%22%3A%22x%22%7D%7D";
    let ask = |query: String, site: &'static str| {
        let request = server.get(format!("/api/live/sse?cf_connect={query}"));
        let request = request.insert_header((header::AUTHORIZATION, "Bearer ann"));
        request.insert_header(("sec-fetch-site", site)).send()
    };
    for (query, site, status) in [
        (connect.to_owned(), "same-origin", 200),
        (connect.to_owned(), "cross-site", 403),
        (format!("{connect}%0A{publish}"), "same-origin", 400),
        (publish.to_owned(), "same-origin", 400),
        (String::new(), "same-origin", 400),
    ] {
        assert_eq!(ask(query.clone(), site).await.unwrap().status(), status, "{query} {site}");
    }
    assert_eq!(live.metrics().publications, 0);
}

#[actix_web::test]
async fn only_the_ways_that_are_wanted_are_there() {
    let live = Live::new().channel(News).start().unwrap();
    let endpoints = live.endpoints().transports([Transport::WebSocket]);
    let operations = Router::new("").live("/live", endpoints).operations().unwrap();
    assert_eq!(operations.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["/live/websocket"]);
    let endpoints = live.endpoints().transports([Transport::Sse]);
    let operations = Router::new("").live("/live", endpoints).operations().unwrap();
    let paths: Vec<_> = operations.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["/live/sse", "/live/emulation"]);
}

#[actix_web::test]
async fn a_plain_event_source_hears_of_its_user() {
    let live = live();
    let server = serve(api(&live));
    let request = server.get("/api/live/uni_sse").insert_header((header::AUTHORIZATION, "Bearer bob"));
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers().get(header::CONTENT_TYPE).unwrap(), "text/event-stream");
    let first = answer.next().await.unwrap().unwrap();
    assert!(first.starts_with(b"data: {\"connect\":"), "{first:?}");
    live.broadcaster().to_user("8", &"for bob").await.unwrap();
    let push = answer.next().await.unwrap().unwrap();
    let push: serde_json::Value =
        serde_json::from_slice(push.strip_prefix(b"data: ").unwrap().trim_ascii_end()).unwrap();
    assert_eq!((&push["channel"], &push["pub"]["data"]), (&json!("user:8"), &json!("for bob")));
}

#[actix_web::test]
async fn a_full_node_says_so_before_anything_is_opened() {
    use actix_charter::live::LiveSettings;
    let live = Live::new().channel(News).settings(LiveSettings::new().connections(1)).start().unwrap();
    let mut server = serve(Router::new("/api").live("/live", live.endpoints()));
    let _first = server.ws_at("/api/live/websocket").await.unwrap();
    let second = server.get("/api/live/uni_sse").send().await.unwrap();
    assert_eq!(second.status(), 503);
    assert_eq!(second.headers().get(header::RETRY_AFTER).unwrap(), "1");
}
