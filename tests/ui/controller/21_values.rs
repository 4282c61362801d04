use actix_charter::prelude::*;

struct Values;

#[controller(error_model = 5, on_error = 5, security = String)]
impl Values {
    #[get("/a", guard = 5)]
    fn guard(&self) {}

    #[get("/c", declare = 5)]
    fn declare(&self) {}

    #[get("/d", body_timeout = 5)]
    fn timeout(&self) {}

    #[post("/e", parsers(5), renderers(Jsn))]
    fn media(&self) {}

    #[get("/f", declares(200: Missing))]
    fn missing(&self) {}

    #[get("/g", response_example = 5.5)]
    fn example(&self) {}
}

fn main() {}
