use actix_charter::prelude::*;

struct Paths;

#[controller(path = "paths/{id}")]
impl Paths {
    #[get("a")]
    fn a(&self) {}

    #[get("/b?page=1")]
    fn b(&self) {}

    #[get("/c/{x")]
    fn c(&self) {}

    #[get("/d/x}")]
    fn d(&self) {}

    #[get("/e/{}")]
    fn e(&self) {}

    #[get("/f/{a b}")]
    fn f(&self) {}

    #[get("/g/{x}/{x}")]
    fn g(&self) {}

    #[get("/h/{id}")]
    fn h(&self) {}
}

fn main() {}
