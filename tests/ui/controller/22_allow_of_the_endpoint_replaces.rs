use actix_charter::prelude::*;

struct Layers;

#[controller(path = "/{a}", allow(path_names))]
impl Layers {
    #[get("/b/{b}")]
    fn as_the_controller(&self, _b: Path<u32>) {}

    // As at run time: the first layer that says anything wins.
    #[get("/c/{c}", allow(undeclared_header))]
    fn of_its_own(&self, _c: Path<u32>) {}
}

fn main() {}
