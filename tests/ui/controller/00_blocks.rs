use actix_charter::{controller, get, prelude::*};

#[controller]
struct Fields;

trait Named {
    fn name(&self) -> NoContent;
}

#[controller]
impl Named for Fields {
    #[get]
    fn name(&self) -> NoContent {
        NoContent
    }
}

struct Empty;

#[controller(path = "/empty")]
impl Empty {
    fn not_an_endpoint(&self) {}
}

struct Stray;

impl Stray {
    #[get("/stray")]
    fn stray(&self) -> NoContent {
        NoContent
    }
}

struct Numbered;

#[controller(path = "/numbered", path = 5)]
impl Numbered {
    #[get]
    fn get(&self) -> NoContent {
        NoContent
    }
}

fn main() {
    // What is wrong with the block is said once; mounting it is not a second error.
    Router::new("").controller(Empty).controller(Numbered).assert_sound();
}
