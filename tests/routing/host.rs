//! What Actix offers works inside a router as anywhere else.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use actix_charter::prelude::*;
use actix_web::{App, HttpRequest, dev::Service, middleware::Logger, web};

use crate::{
    answer::{ask, get, method},
    app,
};

struct Users;

#[controller(path = "/users")]
impl Users {
    #[get("/{id}")]
    fn show(&self, request: HttpRequest, id: web::Path<u32>) -> Text {
        let other = request.url_for("users_show", [(*id + 1).to_string()]).unwrap();
        Text(format!(
            "{} {} {other}",
            request.match_pattern().unwrap_or_default(),
            request.match_name().unwrap_or_default(),
        ))
    }

    #[get("/{id}/files/{path}*", operation_id = "theFiles")]
    fn files(&self, request: HttpRequest) -> Text {
        Text(format!(
            "{} {}",
            request.match_pattern().unwrap_or_default(),
            request.url_for("theFiles", ["1", "a/b"]).unwrap()
        ))
    }

    #[get("/me")]
    fn me(&self, request: HttpRequest) -> Text {
        Text(request.match_pattern().unwrap_or_default())
    }
}

#[actix_web::test]
async fn patterns_names_and_urls() {
    let app = app!(Router::new("/api").controller(Users));
    ask(&app, get("/api/users/7"))
        .await
        .is(200, "/api/users/{id} users_show http://localhost:8080/api/users/8");
    ask(&app, get("/api/users/me")).await.is(200, "/api/users/me");
    ask(&app, get("/api/users/7/files/x"))
        .await
        .is(200, "/api/users/{id}/files/{path:.*} http://localhost:8080/api/users/1/files/a/b");
}

#[actix_web::test]
async fn patterns_names_and_urls_in_scopes_and_nested_routers() {
    let nested = Router::new("/api").nest(Router::new("/v1").controller(Users));
    let app = app!(web::scope("/s").service(web::scope("/t").service(nested)));
    ask(&app, get("/s/t/api/v1/users/7"))
        .await
        .is(200, "/s/t/api/v1/users/{id} users_show http://localhost:8080/s/t/api/v1/users/8");
}

#[actix_web::test]
async fn patterns_without_a_prefix() {
    let app = app!(
        Router::new("").controller(Users),
        web::scope("/scope").route(
            "/{x}",
            web::get().to(async |request: HttpRequest| request.match_pattern().unwrap_or_default())
        ),
    );
    ask(&app, get("/users/7")).await.is(200, "/users/{id} users_show http://localhost:8080/users/8");
    ask(&app, get("/scope/7")).await.is(200, "/scope/{x}");
}

#[actix_web::test]
async fn urls_from_the_outside_and_from_middleware() {
    let app = actix_web::test::init_service(
        App::new()
            .wrap_fn(|request, service| {
                let name = request.request().url_for("users_show", ["5"]).unwrap().to_string();
                let pattern = request.request().match_pattern().unwrap_or_default();
                let answer = service.call(request);
                async move {
                    let mut answer = answer.await?;
                    let pair = format!("{name} {pattern}").parse().unwrap();
                    answer.headers_mut().insert("x-seen".parse().unwrap(), pair);
                    Ok(answer)
                }
            })
            .service(Router::new("/api").controller(Users))
            .route(
                "/out",
                web::get().to(async |request: HttpRequest| {
                    request.url_for("users_show", ["6"]).unwrap().to_string()
                }),
            ),
    )
    .await;
    ask(&app, get("/out")).await.is(200, "http://localhost:8080/api/users/6");
    let answer = ask(&app, get("/api/users/7")).await;
    assert_eq!(answer.header("x-seen"), Some("http://localhost:8080/api/users/5 /api/users/{id}"));
}

struct Data;

#[controller(path = "/data")]
impl Data {
    #[get]
    fn tell(&self, request: HttpRequest, shared: web::Data<Vec<u8>>) -> Text {
        let number = request.app_data::<u32>().copied();
        let text = request.app_data::<&'static str>().copied();
        Text(format!("{number:?} {text:?} {shared:?}"))
    }
}

#[actix_web::test]
async fn data_of_the_inner_router_shadows_that_of_the_outer() {
    let api = Router::new("/api")
        .app_data(1_u32)
        .app_data("outer")
        .app_data(web::Data::new(vec![1_u8]))
        .controller(Data)
        .nest(Router::new("/in").app_data(2_u32).app_data(web::Data::new(vec![2_u8])).controller(Data))
        .nest(Router::new("/also").controller(Data));
    let api = Router::new("").nest(api);
    let app = actix_web::test::init_service(App::new().app_data(0_u32).service(
        // `operation_id` is the same three times over.
        hidden(api),
    ))
    .await;
    ask(&app, get("/api/data")).await.is(200, r#"Some(1) Some("outer") Data([1])"#);
    ask(&app, get("/api/in/data")).await.is(200, r#"Some(2) Some("outer") Data([2])"#);
    ask(&app, get("/api/also/data")).await.is(200, r#"Some(1) Some("outer") Data([1])"#);
}

fn hidden(router: Router) -> Router {
    router.hidden()
}

#[actix_web::test]
async fn data_of_the_application_reaches_in() {
    let app = actix_web::test::init_service(
        App::new()
            .app_data(web::Data::new(vec![9_u8]))
            .app_data(7_u32)
            .service(Router::new("").controller(Data)),
    )
    .await;
    ask(&app, get("/data")).await.is(200, "Some(7) None Data([9])");
    // What is not there is our own fault, and said without names.
    let app = app!(Router::new("").controller(Data));
    let problem = ask(&app, get("/data")).await.problem(500, "internal");
    assert!(!problem.to_string().contains("Vec"), "{problem}");
}

#[actix_web::test]
async fn the_logger_sees_requests() {
    let lines = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&lines);
    let logger = move || {
        let count = Arc::clone(&count);
        Logger::new("%r %s %{count}xo").custom_response_replace("count", move |response| {
            count.fetch_add(1, Ordering::Relaxed);
            response.request().match_pattern().unwrap_or_default()
        })
    };
    // The closure runs when a line is written, and lines are written only while logging is on.
    let _ = env_logger::builder().parse_filters("info").is_test(true).try_init();
    let app = app!(Router::new("/api").wrap(logger).controller(Users));
    ask(&app, get("/api/users/7")).await;
    ask(&app, get("/api/none")).await;
    ask(&app, method("PUT", "/api/users/7")).await;
    assert_eq!(lines.load(Ordering::Relaxed), 3);
}
