//! I have an Actix application. How do I adopt one controller without changing what is there?
//!
//! Every line that was added ends with `// +`, or stands in a block that begins with it. The rest is plain Actix.

use actix_charter::prelude::*; // +
use actix_web::{App, HttpResponse, HttpServer, Responder, middleware, web};

struct Counter {
    visits: std::sync::atomic::AtomicU64,
}

async fn index(counter: web::Data<Counter>) -> impl Responder {
    let visits = counter.visits.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
    HttpResponse::Ok().body(format!("visit {visits}"))
}

fn configure(config: &mut web::ServiceConfig) {
    config.route("/", web::get().to(index));
    config.service(web::scope("/api").service(visits())); // +
}

// + One controller; it takes the application's own data.
struct Visits;

#[controller(path = "/visits")]
impl Visits {
    /// How many visits were there?
    #[get]
    async fn count(&self, counter: web::Data<Counter>) -> u64 {
        counter.visits.load(std::sync::atomic::Ordering::Relaxed)
    }
}

fn visits() -> Router {
    Router::new("").controller(Visits)
}
// + End.

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let counter = web::Data::new(Counter { visits: 0.into() });
    HttpServer::new(move || {
        App::new().app_data(counter.clone()).wrap(middleware::Logger::default()).configure(configure)
    })
    .bind(("127.0.0.1", 8080))?
    .run()
    .await
}

#[cfg(test)]
mod tests {
    use actix_web::test;

    use super::*;

    #[actix_web::test]
    async fn old_and_new_stand_side_by_side() {
        let counter = web::Data::new(Counter { visits: 0.into() });
        let app = test::init_service(App::new().app_data(counter).configure(configure)).await;
        let old = test::TestRequest::get().uri("/").to_request();
        assert_eq!(test::call_and_read_body(&app, old).await, "visit 1");
        let new = test::TestRequest::get().uri("/api/visits").to_request();
        assert_eq!(test::call_and_read_body(&app, new).await, "1");
    }
}
