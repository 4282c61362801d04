use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, JsonSchema, Model)]
struct User {
    id: u32,
}

#[derive(Debug)]
struct PlainError;

struct NoModel;

struct Replies_;

#[controller]
impl Replies_ {
    #[get("/a")]
    async fn time(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    #[get("/b")]
    fn error(&self) -> Result<User, PlainError> {
        Err(PlainError)
    }

    #[get("/c")]
    async fn list(&self) -> Vec<NoModel> {
        Vec::new()
    }

    #[get("/d")]
    fn created(&self) -> Created<NoModel> {
        Created::at("/", NoModel)
    }

    #[get("/f")]
    async fn response(&self) -> actix_web::HttpResponse {
        actix_web::HttpResponse::Ok().finish()
    }

    #[get("/g")]
    fn result(&self) -> Result<User, actix_web::Error> {
        Ok(User { id: 1 })
    }
}

fn main() {
    Router::new("").controller(Replies_).assert_sound();
}
