//! Every rule that is checked while the program is compiled can be turned off, by an endpoint and by a controller.

use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema, Model)]
struct User {
    id: u32,
}

struct ByEndpoint;

#[controller(path = "/{a}")]
impl ByEndpoint {
    #[get("/request_body", allow(empty_request_body))]
    fn request_body(&self, _user: Body<User>) {}

    #[get("/response_body", allow(empty_response_body))]
    fn response_body(&self) -> Status<204, User> {
        Status(User { id: 1 })
    }

    #[get("/declared_body", allow(empty_response_body), declares(205: User))]
    fn declared_body(&self) -> actix_web::HttpResponse {
        actix_web::HttpResponse::ResetContent().finish()
    }

    #[get("/two_contents", allow(status_content))]
    fn two_contents(&self) -> OneOf<(User, Status<200, Vec<User>>)> {
        todo!()
    }

    #[get("/declared_twice", allow(status_content), declares(200: User, 200: Vec<User>))]
    fn declared_twice(&self) -> actix_web::HttpResponse {
        actix_web::HttpResponse::Ok().finish()
    }

    #[get("/path_names/{b}", allow(path_names))]
    fn path_names(&self, _b: Path<u32>) {}

    #[get("/header_name", header("Server" = "mine"), headers("Date"), allow(header_name))]
    fn header_name(&self) {}

    #[get("/cookie", allow(cookie_semantics), cookie("__Host-c" = "1", domain = "example.org", same_site = "None"))]
    fn cookie(&self) {}
}

struct ByController;

#[controller(
    path = "/all/{a}",
    headers("Date"),
    allow(
        empty_request_body,
        empty_response_body,
        status_content,
        path_names,
        header_name,
        cookie_semantics
    )
)]
impl ByController {
    #[get("/request_body")]
    fn request_body(&self, _user: Body<User>) {}

    #[get("/response_body", declares(205: User))]
    fn response_body(&self) -> Status<204, User> {
        Status(User { id: 1 })
    }

    #[get("/two_contents")]
    fn two_contents(&self) -> OneOf<(User, Status<200, Vec<User>>)> {
        todo!()
    }

    #[get("/path_names/{b}")]
    fn path_names(&self, _b: Path<u32>) {}

    #[get("/names", header("Server" = "mine"), cookie("__Host-c" = "1"))]
    fn names(&self) {}
}

#[test]
fn what_is_allowed_compiles_and_mounts() {
    Router::new("").controller(ByEndpoint).controller(ByController).assert_sound();
}
