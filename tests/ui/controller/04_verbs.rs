use actix_charter::prelude::*;

struct Verbs;

#[controller]
impl Verbs {
    #[get("/a/{x}")]
    fn a(&self) {}

    #[get("/a/{y}")]
    fn doubled(&self) {}

    #[get("/b")]
    #[post("/b")]
    fn two_verbs(&self) {}

    #[get = "/c"]
    fn assigned(&self) {}

    #[method]
    fn nameless(&self) {}

    #[method("LINK UP", "/d")]
    fn no_token(&self) {}

    #[method("GET", "/a/{z}")]
    fn doubled_too(&self) {}
}

fn main() {}
