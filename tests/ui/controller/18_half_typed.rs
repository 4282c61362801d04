use actix_charter::prelude::*;

struct Half {
    numbers: Vec<u32>,
}

#[controller]
impl Half {
    #[get("/a")]
    async fn a(&self) -> NoContent {
        self.numbers.
    }

    #[get("/b/{id}")]
    fn b(&self, _id: Path<u32>) -> NoContent {
        NoContent
    }
}

fn main() {
    // The rest of the block is there: this is no error.
    Router::new("").controller(Half { numbers: Vec::new() }).assert_sound();
}
