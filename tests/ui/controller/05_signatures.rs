use actix_charter::prelude::*;

struct Signatures;

#[controller]
impl Signatures {
    #[get("/a")]
    fn no_self() -> NoContent {
        NoContent
    }

    #[get("/b")]
    fn by_value(self) -> NoContent {
        NoContent
    }

    #[get("/c")]
    fn by_mut(&mut self) -> NoContent {
        NoContent
    }

    #[get("/d")]
    fn generic<T: Send>(&self) -> NoContent {
        NoContent
    }

    #[get("/e")]
    fn named_lifetime<'a>(&'a self) -> NoContent {
        NoContent
    }

    #[get("/f")]
    fn returns_impl(&self) -> impl Replies {
        NoContent
    }

    #[get("/g")]
    fn returns_impl_inside(&self) -> Option<impl Replies> {
        Some(NoContent)
    }

    #[get("/h")]
    fn takes_impl(&self, _data: impl Into<String>) -> NoContent {
        NoContent
    }

    #[get("/i")]
    fn borrows(&self, _text: &str) -> NoContent {
        NoContent
    }

    #[get("/j")]
    fn borrows_inside(&self, _text: Option<&str>) -> NoContent {
        NoContent
    }

    #[get("/k")]
    #[rustfmt::skip]
    fn eleven(
        &self, _a: String, _b: String, _c: String, _d: String, _e: String, _f: String, _g: String, _h: String,
        _i: String, _j: String, _k: String,
    ) -> NoContent {
        NoContent
    }

    #[get("/l")]
    unsafe fn not_safe(&self) -> NoContent {
        NoContent
    }

    #[get("/m")]
    fn returns_borrowed(&self) -> &str {
        ""
    }

    #[get("/n")]
    fn typed_self(self: &Self) -> NoContent {
        NoContent
    }
}

fn main() {}
