use actix_charter::prelude::*;

struct Headers_;

#[controller(headers("X A", "Content-Length"))]
impl Headers_ {
    #[get("/a", header("X-Größe" = "1"))]
    fn a(&self) {}

    #[get("/b", header("Transfer-Encoding" = "chunked"))]
    fn b(&self) {}

    #[get("/c", header("Content-Type" = "text/plain"))]
    fn c(&self) {}

    #[get("/d", header("Set-Cookie" = "a=b"))]
    fn d(&self) {}

    #[get("/e", header("X-E" = "line\nbreak"))]
    fn e(&self) {}

    #[get("/f", headers("Date"))]
    fn f(&self) {}
}

fn main() {}
