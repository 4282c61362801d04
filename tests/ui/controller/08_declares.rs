use actix_charter::prelude::*;
use actix_web::HttpResponse;

struct Declares;

#[controller]
impl Declares {
    #[get("/a", declares(204: String))]
    fn no_content(&self) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }

    #[get("/b", declares(304: "text/plain"))]
    fn not_modified(&self) -> HttpResponse {
        HttpResponse::NotModified().finish()
    }

    #[get("/c", declares(200: String, 200: Vec<String>))]
    fn two_models(&self) -> HttpResponse {
        HttpResponse::Ok().finish()
    }

    #[get("/d", declares(200: String, 200))]
    fn model_and_nothing(&self) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

fn main() {}
