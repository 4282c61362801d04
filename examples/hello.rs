//! What is the least I have to write?
//!
//! `cargo run --example hello`, then `curl http://127.0.0.1:8080/hello/Ann`.

use actix_charter::prelude::*;
use actix_web::{App, HttpServer};

struct Hello;

#[controller]
impl Hello {
    /// Greet someone.
    #[get("/hello/{name}")]
    async fn hello(&self, name: Path<String>) -> String {
        format!("Hello, {}!", name.0)
    }
}

fn api() -> Router {
    Router::new("").controller(Hello).openapi(Info::new("Hello", "1.0"))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let api = api();
    HttpServer::new(move || App::new().service(api.clone())).bind(("127.0.0.1", 8080))?.run().await
}

#[cfg(test)]
mod tests {
    use actix_web::test;

    use super::*;

    #[actix_web::test]
    async fn greets() {
        let app = test::init_service(App::new().service(api())).await;
        let request = test::TestRequest::get().uri("/hello/Ann").to_request();
        assert_eq!(test::call_and_read_body(&app, request).await, r#""Hello, Ann!""#);
    }
}
