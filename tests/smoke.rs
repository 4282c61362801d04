//! The first hour: a controller, mounted, answers.

use actix_charter::prelude::*;
use actix_web::{App, test};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validator::Validate;

#[derive(Debug, Serialize, Deserialize, JsonSchema, Validate, Model)]
struct NewUser {
    #[validate(email)]
    email: String,
    #[validate(range(min = 18))]
    age: u8,
}

#[derive(Debug, Serialize, JsonSchema, Model)]
struct User {
    id: u32,
    email: String,
}

#[derive(Debug, thiserror::Error, ApiError)]
enum CreateError {
    #[error("{0} is taken")]
    #[api(status = 409, code = "email-taken")]
    Taken(String),
}

struct Users;

#[controller(path = "/users", tag = "users")]
impl Users {
    /// List users.
    #[get]
    async fn list(&self) -> Vec<User> {
        vec![User { id: 1, email: "ann@example.org".into() }]
    }

    #[get("/{id}")]
    fn show(&self, id: Path<u32>) -> Option<User> {
        (id.0 == 1).then(|| User { id: id.0, email: "ann@example.org".into() })
    }

    #[post]
    async fn create(&self, Body(user): Body<NewUser>) -> Result<Created<User>, CreateError> {
        if user.email == "taken@example.org" {
            return Err(CreateError::Taken(user.email));
        }
        Ok(Created::at("/api/users/2", User { id: 2, email: user.email }))
    }
}

#[actix_web::test]
async fn answers() {
    let api = Router::new("/api").controller(Users);
    api.assert_sound();
    let app = test::init_service(App::new().service(api)).await;
    let send = async |request: test::TestRequest| {
        let response = test::call_service(&app, request.to_request()).await;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = test::read_body(response).await;
        (status, headers, String::from_utf8(body.to_vec()).unwrap())
    };
    let (status, _, body) = send(test::TestRequest::get().uri("/api/users")).await;
    assert_eq!((status, body.as_str()), (200, r#"[{"id":1,"email":"ann@example.org"}]"#));
    let (status, _, body) = send(test::TestRequest::get().uri("/api/users/1")).await;
    assert_eq!((status, body.as_str()), (200, r#"{"id":1,"email":"ann@example.org"}"#));
    let (status, _, body) = send(test::TestRequest::get().uri("/api/users/7")).await;
    assert_eq!(status, 404, "{body}");
    let (status, _, body) = send(test::TestRequest::get().uri("/api/users/x")).await;
    assert_eq!(status, 400, "{body}");
    println!("{body}");
    let (status, headers, body) = send(
        test::TestRequest::post()
            .uri("/api/users")
            .insert_header(("content-type", "application/json"))
            .set_payload(r#"{"email":"no","age":3}"#),
    )
    .await;
    assert_eq!(status, 400, "{body}");
    assert_eq!(headers.get("content-type").unwrap(), "application/problem+json");
    println!("{body}");
    let (status, headers, body) = send(
        test::TestRequest::post()
            .uri("/api/users")
            .insert_header(("content-type", "application/json"))
            .set_payload(r#"{"email":"bob@example.org","age":33}"#),
    )
    .await;
    assert_eq!(status, 201, "{body}");
    assert_eq!(headers.get("location").unwrap(), "/api/users/2");
    let (status, headers, body) = send(test::TestRequest::delete().uri("/api/users")).await;
    assert_eq!(status, 405, "{body}");
    assert_eq!(headers.get("allow").unwrap(), "GET, HEAD, OPTIONS, POST");
    println!("{body}");
}

struct Before;

#[controller(path = "/before")]
impl Before {
    /// What an application has already.
    #[get("/{index}", declares(200: String, 404, 410))]
    async fn show(&self, index: actix_web::web::Path<u8>) -> actix_web::HttpResponse {
        match *index {
            0 => actix_web::HttpResponse::Ok().json("ann"),
            1 => actix_web::HttpResponse::Gone().content_type("text/plain").body("gone"),
            _ => actix_web::HttpResponse::NotFound().insert_header(("vary", "cookie")).finish(),
        }
    }
}

#[actix_web::test]
async fn an_error_that_says_nothing_is_given_a_voice() {
    let api = Router::new("/api")
        .controller(Before)
        .options(Options::new().headers([actix_charter::endpoint::HeaderSpec::optional("Vary")]));
    let app = test::init_service(App::new().service(api)).await;
    let get =
        async |path: &str| test::call_service(&app, test::TestRequest::get().uri(path).to_request()).await;
    assert_eq!(get("/api/before/0").await.status(), 200);
    let absent = get("/api/before/2").await;
    assert_eq!(absent.status(), 404);
    assert_eq!(absent.headers().get("content-type").unwrap(), "application/problem+json");
    assert_eq!(absent.headers().get("vary").unwrap(), "cookie");
    // What says something is held to its word.
    assert_eq!(get("/api/before/1").await.status(), 500);
    let refused = get("/api/before/secret").await;
    assert_eq!(refused.status(), 404);
    let body = test::read_body(refused).await;
    assert!(!String::from_utf8_lossy(&body).contains("secret"));
}
