//! The places where a router can stand.

use actix_charter::{prelude::*, router::TrailingSlash};
use actix_web::{App, HttpRequest, HttpResponse, web};

use crate::{
    answer::{ask, get, method},
    app,
};

struct Items;

#[controller(path = "/items")]
impl Items {
    #[get]
    fn list(&self) -> Text {
        Text("list".into())
    }

    #[get("/{id}")]
    fn show(&self, id: Path<u32>) -> Text {
        Text(format!("item {}", id.0))
    }
}

#[actix_web::test]
async fn in_an_application() {
    let app = app!(Router::new("/api").controller(Items));
    ask(&app, get("/api/items/3")).await.is(200, "item 3");
}

#[actix_web::test]
async fn in_a_scope() {
    let scope = web::scope("/v1")
        .service(Router::new("/api").controller(Items))
        .route("/own", web::get().to(async || "own"));
    let app = app!(scope);
    ask(&app, get("/v1/api/items/3")).await.is(200, "item 3");
    ask(&app, get("/v1/own")).await.is(200, "own");
    ask(&app, get("/v1/api/none")).await.problem(404, "not-found");
    ask(&app, get("/v1/none")).await.is(404, "");
}

#[actix_web::test]
async fn in_scopes_with_parameters() {
    let inner = web::scope("/{b}").service(Router::new("/api").controller(Items));
    let app = app!(web::scope("/{a}").service(inner));
    ask(&app, get("/x/y/api/items/3")).await.is(200, "item 3");
    ask(&app, get("/x/y/api/items/z")).await.problem(400, "invalid-request");
}

#[actix_web::test]
async fn in_another_router() {
    let inner = Router::new("/v1/").controller(Items);
    let app = app!(Router::new("/api").nest(Router::new("").nest(inner)));
    ask(&app, get("/api/v1/items")).await.is(200, "list");
    ask(&app, get("/api/v1/items/3")).await.is(200, "item 3");
}

#[actix_web::test]
async fn through_a_service_config() {
    fn configure(config: &mut web::ServiceConfig) {
        config.service(Router::new("/api").controller(Items));
    }
    let app = actix_web::test::init_service(
        App::new().configure(configure).service(web::scope("/s").configure(configure)),
    )
    .await;
    ask(&app, get("/api/items/3")).await.is(200, "item 3");
    ask(&app, get("/s/api/items/3")).await.is(200, "item 3");
}

#[actix_web::test]
async fn the_same_router_twice() {
    let api = Router::new("/api").controller(Items);
    let app = app!(web::scope("/a").service(api.clone()), web::scope("/b").service(api.clone()), api);
    for prefix in ["", "/a", "/b"] {
        ask(&app, get(&format!("{prefix}/api/items/3"))).await.is(200, "item 3");
    }
}

#[actix_web::test]
async fn once_it_is_known_to_be_sound() {
    let sound = Router::new("/api").controller(Items).try_mount().unwrap();
    let app = app!(sound.clone());
    ask(&app, get("/api/items/3")).await.is(200, "item 3");
}

struct Tenants;

#[derive(serde::Deserialize, schemars::JsonSchema, Model)]
struct Both {
    tenant: String,
    id: u32,
}

#[controller(path = "/items")]
impl Tenants {
    #[get("/{id}")]
    fn one(&self, id: Path<u32>, request: HttpRequest) -> Text {
        Text(format!("{} {}", &request.match_info()["tenant"], id.0))
    }

    #[get("/{id}/parts/{part}")]
    fn two(&self, Path((id, part)): Path<(u32, String)>) -> Text {
        Text(format!("{id} {part}"))
    }

    #[get("/{id}/both", allow(path_names))]
    fn both(&self, path: Path<Both>) -> Text {
        Text(format!("{} {}", path.tenant, path.id))
    }

    #[get("/{id}/actix")]
    fn actix(&self, path: web::Path<(String, u32)>) -> Text {
        Text(format!("{:?}", path.into_inner()))
    }
}

#[actix_web::test]
async fn below_a_prefix_with_a_parameter() {
    for api in [
        Router::new("/{tenant}").controller(Tenants),
        Router::new("").nest(Router::new("/{tenant}").controller(Tenants)),
    ] {
        let app = app!(api);
        ask(&app, get("/acme/items/3")).await.is(200, "acme 3");
        ask(&app, get("/acme/items/3/parts/x")).await.is(200, "3 x");
        ask(&app, get("/acme/items/3/both")).await.is(200, "acme 3");
        ask(&app, get("/acme/items/3/actix")).await.is(200, r#"("acme", 3)"#);
        let problem = ask(&app, get("/acme/items/x")).await.problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["pointer"], "/id", "{problem}");
    }
}

#[test]
fn a_prefix_with_a_parameter_is_documented() {
    let document = Router::new("/{tenant}").controller(Tenants).document(&Info::new("t", "1")).unwrap();
    let parameters = &document.to_value()["paths"]["/{tenant}/items/{id}"]["get"]["parameters"];
    assert_eq!(
        (&parameters[0]["name"], &parameters[0]["schema"]["type"]),
        (&"tenant".into(), &"string".into())
    );
    assert_eq!((&parameters[1]["name"], &parameters[1]["schema"]["type"]), (&"id".into(), &"integer".into()));
}

#[actix_web::test]
async fn a_prefix_is_decoded_as_paths_are() {
    let nested = Router::new("/gr%C3%B6%C3%9Fe").controller(Items);
    let app = app!(Router::new("/%C3%BC").nest(nested));
    ask(&app, get("/%C3%BC/gr%C3%B6%C3%9Fe/items")).await.is(200, "list");
    ask(&app, get("/%c3%bc/gr%C3%B6%C3%9Fe/none")).await.problem(404, "not-found");
}

struct Root;

#[controller]
impl Root {
    #[get]
    fn bare(&self) -> Text {
        Text("bare".into())
    }

    #[get("/")]
    fn slash(&self) -> Text {
        Text("slash".into())
    }

    #[post("/known")]
    fn known(&self) -> NoContent {
        NoContent
    }
}

#[actix_web::test]
async fn the_prefix_itself_is_a_path() {
    let app = app!(Router::new("/api").controller(Root));
    ask(&app, get("/api")).await.is(200, "bare");
    ask(&app, get("/api/")).await.is(200, "slash");
    // Not below the prefix: Actix answers.
    ask(&app, get("/apis")).await.is(404, "");
    ask(&app, get("/")).await.is(404, "");
}

struct Home;

#[controller]
impl Home {
    #[get]
    fn home(&self) -> Text {
        Text("home".into())
    }

    #[post("/known")]
    fn known(&self) -> NoContent {
        NoContent
    }
}

#[actix_web::test]
async fn without_a_prefix_it_leaves_alone_what_it_does_not_know() {
    let app = actix_web::test::init_service(
        App::new()
            .service(Router::new("").controller(Home))
            .service(Router::new("/").controller(Items))
            .service(web::scope("/scope").route("/other", web::get().to(async || "other")))
            .route("/plain", web::get().to(async || "plain"))
            .default_service(web::to(async || HttpResponse::ImATeapot().body("default"))),
    )
    .await;
    ask(&app, get("/")).await.is(200, "home");
    ask(&app, get("/items")).await.is(200, "list");
    ask(&app, get("/scope/other")).await.is(200, "other");
    ask(&app, get("/plain")).await.is(200, "plain");
    ask(&app, get("/nothing")).await.is(418, "default");
    // What it knows is its own, other methods too.
    ask(&app, get("/known")).await.problem(405, "method-not-allowed");
    assert_eq!(ask(&app, method("POST", "/known")).await.status, 204);
}

#[actix_web::test]
async fn without_a_prefix_other_slashes_are_known_too() {
    let router = Router::new("").trailing_slash(TrailingSlash::Ignore).controller(Items);
    let app = actix_web::test::init_service(
        App::new().service(router).default_service(web::to(async || HttpResponse::ImATeapot())),
    )
    .await;
    ask(&app, get("/items/")).await.is(200, "list");
    assert_eq!(ask(&app, get("/items/3/4")).await.status, 418);
}

#[actix_web::test]
async fn in_a_scope_without_a_prefix_it_takes_all_of_the_scope() {
    let app = app!(
        web::scope("/s").service(Router::new("").controller(Items)),
        web::scope("").route("/o", web::get().to(async || "o"))
    );
    ask(&app, get("/s/items")).await.is(200, "list");
    ask(&app, get("/s/none")).await.problem(404, "not-found");
    ask(&app, get("/o")).await.is(200, "o");
}

struct Front;

#[controller]
impl Front {
    #[get]
    fn home(&self) -> Text {
        Text("home".into())
    }
}

#[actix_web::test]
async fn without_a_prefix_it_is_the_scopes_own_path() {
    let app = app!(web::scope("/s").service(Router::new("").controller(Front)));
    for path in ["/s", "/s/"] {
        ask(&app, get(path)).await.is(200, "home");
    }
}
