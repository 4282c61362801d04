use std::{cell::Cell, rc::Rc};

use actix_charter::prelude::*;

struct NotSend {
    _hits: Rc<u32>,
}

#[controller]
impl NotSend {
    #[get("/a")]
    async fn one(&self) {}

    #[get("/b")]
    fn two(&self) {}
}

struct NotSync {
    _hits: Cell<u32>,
}

#[controller]
impl NotSync {
    #[get("/c")]
    async fn one(&self) {}
}

struct NotAController;

fn main() {
    let _ = Router::new("").controller(NotAController);
}
