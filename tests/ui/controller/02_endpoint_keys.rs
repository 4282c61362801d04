use actix_charter::prelude::*;

struct Keys;

#[controller]
impl Keys {
    #[get("/a", sumary = "a", contract = strict)]
    fn a(&self) {}

    #[get("/b", path = "/b")]
    fn b(&self) {}

    #[get("/c", operation_id = c, operation_id = "d")]
    fn c(&self) {}

    #[get("/d", status = 404)]
    fn d(&self) {}

    #[get("/e", status = "200")]
    fn e(&self) {}

    #[get("/f", declares = 204)]
    fn f(&self) {}

    #[get("/g", declares(999))]
    fn g(&self) {}

    #[get("/h", declares("204"))]
    fn h(&self) {}

    #[get("/i", header = "X-A")]
    fn i(&self) {}

    #[get("/j", cookie = "a")]
    fn j(&self) {}

    #[get("/k", scopes = "a")]
    fn k(&self) {}

    #[get("/l", guard(a))]
    fn l(&self) {}

    #[get("/m", request_example)]
    fn m(&self) {}

    #[get("/n", declare)]
    fn n(&self) {}

    #[get(path)]
    fn o(&self) {}

    #[get("/p" deprecated)]
    fn p(&self) {}

    #[get("/q", header("X-A"))]
    fn q(&self) {}

    #[get("/r", cookie("a"))]
    fn r(&self) {}

    #[get("/s", status = 200, status = 201)]
    fn s(&self) {}

    #[get("/t", tags = "a", name = "b", colour = "c", summary = "d", contract = off)]
    fn t(&self) {}

    #[method("PURGE" "/u")]
    fn u(&self) {}
}

fn main() {}
