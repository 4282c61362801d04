use actix_charter::prelude::*;

struct Cookies_;

#[controller]
impl Cookies_ {
    #[get("/a", cookie("a b" = "1"))]
    fn a(&self) {}

    #[get("/b", cookie("b" = "1;2"))]
    fn b(&self) {}

    #[get("/c", cookie("__Host-c" = "1"))]
    fn c(&self) {}

    #[get("/d", cookie("__Host-d" = "1", secure, path = "/d", domain = "example.org"))]
    fn d(&self) {}

    #[get("/e", cookie("__Secure-e" = "1"))]
    fn e(&self) {}

    #[get("/f", cookie("f" = "1", same_site = "None"))]
    fn f(&self) {}

    #[get("/g", cookie("g" = "1", same_site = "lax"))]
    fn g(&self) {}

    #[get("/h", cookie("h" = "1", expires = "never"))]
    fn h(&self) {}
}

fn main() {}
