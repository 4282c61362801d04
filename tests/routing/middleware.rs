//! Middlewares around routers, nested routers, controllers and endpoints.

use actix_charter::{endpoint::HeaderSpec, prelude::*};
use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    error::{ErrorForbidden, ErrorImATeapot},
    http::header::{HeaderName, HeaderValue},
    middleware::{DefaultHeaders, Next, from_fn},
};

use crate::{
    answer::{ask, get, method},
    app,
};

/// Where a request came through, in order.
#[derive(Default, Clone)]
struct Way(String);

/// A middleware that leaves its name on the way in and on the way out.
macro_rules! mark {
    ($name:literal) => {
        || {
            from_fn(async |request: ServiceRequest, next: Next<_>| {
                let way = request.extensions().get::<Way>().cloned().unwrap_or_default().0;
                request.extensions_mut().insert(Way(way + $name));
                let mut answer: ServiceResponse<_> = next.call(request).await?;
                let mut value =
                    answer.headers().get("x-out").map_or(String::new(), |v| v.to_str().unwrap().to_owned());
                value.push_str($name);
                answer
                    .headers_mut()
                    .insert(HeaderName::from_static("x-out"), HeaderValue::from_str(&value).unwrap());
                Ok::<_, Error>(answer)
            })
        }
    };
}

struct Marked;

#[controller(path = "/c", wrap = mark!("c"), wrap = mark!("C"), headers("x-out"))]
impl Marked {
    #[get(wrap = mark!("e"))]
    fn with(&self, request: HttpRequest) -> Text {
        way(&request)
    }

    #[get("/plain")]
    fn plain(&self, request: HttpRequest) -> Text {
        way(&request)
    }
}

struct Free;

#[controller(path = "/free", headers("x-out"))]
impl Free {
    #[get]
    fn free(&self, request: HttpRequest) -> Text {
        way(&request)
    }
}

fn way(request: &HttpRequest) -> Text {
    Text(request.extensions().get::<Way>().cloned().unwrap_or_default().0)
}

fn marked() -> Router {
    Router::new("/api")
        .wrap(mark!("r"))
        .wrap(mark!("R"))
        .controller(Free)
        .nest(Router::new("/n").wrap(mark!("n")).controller(Marked))
}

#[actix_web::test]
async fn stand_around_each_other_the_last_named_outermost() {
    let app = app!(marked());
    for (path, inward) in [("/api/free", "Rr"), ("/api/n/c", "RrnCce"), ("/api/n/c/plain", "RrnCc")] {
        let answer = ask(&app, get(path)).await;
        answer.is(200, inward);
        let outward: String = inward.chars().rev().collect();
        assert_eq!(answer.header("x-out"), Some(outward.as_str()), "{path}");
    }
}

#[actix_web::test]
async fn see_what_goes_nowhere_below_their_router() {
    let app = app!(marked());
    for (request, status, seen) in [
        (get("/api/none"), 404, "rR"),
        (get("/api/n/none"), 404, "nrR"),
        (method("PUT", "/api/free"), 405, "rR"),
        (method("PUT", "/api/n/c"), 405, "nrR"),
        (method("OPTIONS", "/api/n/c"), 204, "nrR"),
    ] {
        let answer = ask(&app, request).await;
        assert_eq!((answer.status, answer.header("x-out")), (status, Some(seen)));
    }
}

struct Plain;

#[controller(path = "/plain")]
impl Plain {
    #[get]
    fn header(&self, request: HttpRequest) -> Text {
        Text(request.headers().get("x-given").map_or("none", |v| v.to_str().unwrap()).to_owned())
    }

    #[get("/list", declares(403, 418))]
    fn list(&self) -> Vec<u32> {
        (0..500).collect()
    }

    #[post]
    fn echo(&self, body: Body<Vec<u32>>) -> Vec<u32> {
        body.0
    }
}

#[actix_web::test]
async fn may_answer_in_the_endpoints_stead() {
    let stop = || {
        from_fn(async |request: ServiceRequest, _next: Next<BoxBody>| {
            Ok::<_, Error>(request.into_response(HttpResponse::Ok().json([1])))
        })
    };
    let app = app!(Router::new("").wrap(stop).controller(Plain));
    // It is held to the contract of the endpoint: this is what it declares.
    ask(&app, get("/plain/list")).await.is(200, "[1]");
    ask(&app, get("/none")).await.is(404, "");
}

#[actix_web::test]
async fn whose_answers_break_the_contract_are_a_500() {
    let stop = || {
        from_fn(async |request: ServiceRequest, _next: Next<BoxBody>| {
            Ok::<_, Error>(request.into_response(HttpResponse::PaymentRequired().body("secret")))
        })
    };
    let app = app!(Router::new("/api").wrap(stop).controller(Plain));
    ask(&app, get("/api/plain/list")).await.problem(500, "internal");
    // What is no endpoint has no contract.
    ask(&app, get("/api/none")).await.is(402, "secret");
}

#[actix_web::test]
async fn whose_errors_are_told_in_the_apis_format() {
    let refuse = || {
        from_fn(async |request: ServiceRequest, next: Next<BoxBody>| {
            if request.headers().contains_key("x-pass") {
                next.call(request).await
            } else {
                Err(ErrorForbidden("not you"))
            }
        })
    };
    // An error is an answer too: its status must be declared, or the rule be off.
    let app = app!(
        Router::new("/api").options(Options::new().allow([Rule::Status])).wrap(refuse).controller(Plain)
    );
    for request in [get("/api/plain/list"), get("/api/none"), method("PUT", "/api/plain")] {
        let answer = ask(&app, request).await;
        assert_eq!((answer.status, answer.header("content-type")), (403, Some("application/problem+json")));
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["detail"], "not you");
    }
    ask(&app, get("/api/none").insert_header(("x-pass", "1"))).await.problem(404, "not-found");
    // With the rule on, an endpoint that does not declare it has a broken contract.
    let app = app!(Router::new("/api").wrap(refuse).controller(Plain));
    let problem = ask(&app, get("/api/plain")).await.problem(500, "internal");
    assert!(!problem.to_string().contains("not you"), "{problem}");
}

#[actix_web::test]
async fn whose_server_errors_say_nothing() {
    let fail = || {
        from_fn(async |_: ServiceRequest, _next: Next<BoxBody>| {
            Err::<ServiceResponse, _>(actix_web::error::ErrorInternalServerError("secret"))
        })
    };
    let app = app!(Router::new("/api").wrap(fail).controller(Plain));
    let problem = ask(&app, get("/api/plain/list")).await.problem(500, "internal");
    assert!(!problem.to_string().contains("secret"));
}

#[actix_web::test]
async fn an_error_on_the_way_out_is_one_too() {
    let fail = || {
        from_fn(async |request: ServiceRequest, next: Next<BoxBody>| {
            let _ = next.call(request).await?;
            Err::<ServiceResponse, _>(ErrorImATeapot("short and stout"))
        })
    };
    let app =
        app!(Router::new("/api").options(Options::new().allow([Rule::Status])).wrap(fail).controller(Plain));
    assert_eq!(ask(&app, get("/api/plain/list")).await.status, 418);
}

#[actix_web::test]
async fn may_change_the_request() {
    let change = || {
        from_fn(async |mut request: ServiceRequest, next: Next<BoxBody>| {
            request
                .head_mut()
                .headers_mut()
                .insert(HeaderName::from_static("x-given"), HeaderValue::from_static("by middleware"));
            request.set_payload("[4]".to_owned().into_bytes().into());
            next.call(request).await
        })
    };
    for router in [
        Router::new("").wrap(change).controller(Plain),
        Router::new("")
            .nest(Router::new("").wrap(change).controller(Plain))
            .wrap(mark!("x"))
            .options(Options::new().headers([HeaderSpec::optional("x-out")])),
    ] {
        let app = app!(router);
        ask(&app, get("/plain")).await.is(200, "by middleware");
        let post =
            method("POST", "/plain").insert_header(("content-type", "application/json")).set_payload("[9]");
        ask(&app, post).await.is(201, "[4]");
    }
}

#[actix_web::test]
async fn may_change_the_body() {
    let twice = || {
        from_fn(async |request: ServiceRequest, next: Next<BoxBody>| {
            let answer = next.call(request).await?;
            let (request, answer) = answer.into_parts();
            let (answer, body) = answer.into_parts();
            let body = to_bytes(body).await.unwrap();
            let twice = [&b"[0,"[..], &body[1..]].concat();
            Ok::<_, Error>(ServiceResponse::new(request, answer.set_body(BoxBody::new(twice))))
        })
    };
    let app = app!(Router::new("").wrap(twice).controller(Plain));
    let post =
        method("POST", "/plain").insert_header(("content-type", "application/json")).set_payload("[9]");
    ask(&app, post).await.is(201, "[0,9]");
}

#[actix_web::test]
async fn whose_changed_body_is_held_to_the_model() {
    let spoil = || {
        from_fn(async |request: ServiceRequest, next: Next<BoxBody>| {
            let answer = next.call(request).await?;
            let status = answer.status();
            let request = answer.into_parts().0;
            let answer =
                HttpResponse::build(status).content_type("application/json").body(r#"{"not": "a list"}"#);
            Ok::<_, Error>(ServiceResponse::new(request, answer))
        })
    };
    let app = app!(Router::new("").wrap(spoil).controller(Plain));
    ask(&app, get("/plain/list")).await.problem(500, "internal");
}

#[actix_web::test]
async fn actixs_own_work() {
    let headers = || DefaultHeaders::new().add(("x-default", "1"));
    let options = Options::new().headers([HeaderSpec::optional("x-default")]);
    let app = app!(Router::new("").options(options).wrap(headers).controller(Plain));
    let answer = ask(&app, get("/plain/list")).await;
    assert_eq!((answer.status, answer.header("x-default")), (200, Some("1")));
}

#[actix_web::test]
async fn undeclared_headers_of_a_middleware_break_the_contract() {
    let app = app!(Router::new("").wrap(mark!("m")).controller(Plain));
    ask(&app, get("/plain/list")).await.problem(500, "internal");
}

#[actix_web::test]
async fn are_made_once_a_worker_and_not_once_a_request() {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let router = Router::new("")
        .wrap(move || {
            count.fetch_add(1, Ordering::Relaxed);
            from_fn(async |request: ServiceRequest, next: Next<BoxBody>| next.call(request).await)
        })
        .controller(Plain);
    router.assert_sound();
    let app = app!(router);
    for _ in 0..3 {
        assert_eq!(ask(&app, get("/plain/list")).await.status, 200);
    }
    assert_eq!(made.load(Ordering::Relaxed), 1);
}

#[actix_web::test]
async fn head_through_middlewares_has_no_body() {
    let pass = || from_fn(async |request: ServiceRequest, next: Next<BoxBody>| next.call(request).await);
    let app = app!(Router::new("").wrap(pass).controller(Plain));
    let response = actix_web::test::call_service(&app, method("HEAD", "/plain/list").to_request()).await;
    assert_eq!(response.status(), 200);
    assert!(response.into_body().try_into_bytes().is_err_and(|_| true));
}

#[actix_web::test]
async fn whose_answers_and_cookies_a_layer_can_declare() {
    use actix_charter::endpoint::Output;
    use actix_web::{cookie::Cookie, error::ErrorTooManyRequests};
    let session = || {
        from_fn(async |request: ServiceRequest, next: Next<BoxBody>| {
            if request.headers().contains_key("x-flood") {
                return Err(ErrorTooManyRequests("slow down"));
            }
            let mut answer = next.call(request).await?;
            answer.response_mut().add_cookie(&Cookie::new("session", "1")).unwrap();
            let allow = HeaderName::from_static("access-control-allow-origin");
            answer.headers_mut().insert(allow, HeaderValue::from_static("*"));
            Ok(answer)
        })
    };
    let silent = app!(Router::new("/api").wrap(session).controller(Plain));
    ask(&silent, get("/api/plain")).await.problem(500, "internal");
    let options = Options::new().cookies(["session"]).answers([Output::problem(429, "Too many requests.")]);
    let router = Router::new("/api").options(options).wrap(session).controller(Plain);
    assert!(router.document(&Info::new("A", "1")).unwrap().to_json().contains("\"429\""));
    let app = app!(router);
    ask(&app, get("/api/plain")).await.is(200, "none");
    let refused = ask(&app, get("/api/plain").insert_header(("x-flood", "1"))).await;
    assert_eq!((refused.status, refused.header("content-type")), (429, Some("application/problem+json")));
}

#[actix_web::test]
async fn whose_errors_meet_a_hook_that_panics() {
    let refuse = || {
        from_fn(async |_: ServiceRequest, _: Next<BoxBody>| {
            Err::<ServiceResponse, _>(ErrorForbidden("not you"))
        })
    };
    let hook = Options::new().on_error(|_, request: &HttpRequest| {
        panic!("{:?}", request.app_data::<u8>());
    });
    let app = app!(Router::new("/api").options(hook.clone()).wrap(refuse).controller(Plain));
    ask(&app, get("/api/plain/list")).await.problem(500, "internal");
    let app = app!(Router::new("/api").options(hook).controller(Plain));
    ask(&app, get("/api/none")).await.problem(500, "internal");
}
