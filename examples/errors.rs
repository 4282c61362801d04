//! How do errors look another way?
//!
//! One line switches an application, router, controller or endpoint to another error model, the compact one that comes
//! with the crate or one of your own. The document follows by itself.

use actix_charter::{
    model::SchemaOf,
    prelude::*,
    problem::{CompactDetail, ErrorModel},
};
use actix_web::HttpRequest;
use schemars::JsonSchema;
use serde_json::{Value, json};

/// What the company's other services send.
#[derive(Debug)]
struct Envelope;

#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct EnvelopeBody {
    ok: bool,
    error: String,
}

impl ErrorModel for Envelope {
    fn body(&self, problem: &Problem, _: &HttpRequest) -> Value {
        json!({"ok": false, "error": problem.get_code().unwrap_or("unknown")})
    }

    fn schema(&self) -> SchemaOf {
        SchemaOf::of::<EnvelopeBody>()
    }
}

struct Boxes;

#[controller(path = "/boxes")]
impl Boxes {
    /// Open a box.
    #[get("/{number}")]
    async fn open(&self, number: Path<u8>) -> Result<u8, NotFound> {
        if number.0 > 9 { Err(NotFound::because("there are nine boxes")) } else { Ok(number.0) }
    }

    /// Open a box as old clients do.
    #[get("/{number}/old", error_model = Envelope)]
    async fn open_old(&self, number: Path<u8>) -> Result<u8, NotFound> {
        self.open(number).await
    }
}

fn api() -> Router {
    Router::new("").controller(Boxes).options(Options::new().error_model(CompactDetail))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", api().document(&Info::new("Boxes", "1.0"))?.to_json());
    Ok(())
}

#[cfg(test)]
mod tests {
    use actix_web::{App, test};

    use super::*;

    async fn error(path: &str) -> Value {
        let app = test::init_service(App::new().service(api())).await;
        test::call_and_read_body_json(&app, test::TestRequest::get().uri(path).to_request()).await
    }

    #[actix_web::test]
    async fn each_layer_has_its_model() {
        assert_eq!(
            error("/boxes/12").await,
            json!({"detail": [{"msg": "there are nine boxes", "type": "not-found"}]})
        );
        assert_eq!(error("/boxes/12/old").await, json!({"ok": false, "error": "not-found"}));
        let faulty = error("/boxes/many").await;
        assert_eq!(faulty["detail"][0]["loc"][0], "path", "{faulty}");
    }
}
