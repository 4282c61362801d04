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

    #[get("/d", declares(200: String, 201: String, 200))]
    fn model_and_nothing(&self) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

// Several media types of one status are one content in several forms.
struct Fine;

#[controller]
impl Fine {
    #[get("/e", declares(200: String, 200: "text/csv", 404, 404))]
    fn csv(&self) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

fn main() {}
