use actix_charter::prelude::*;

struct Bodies;

#[controller]
impl Bodies {
    #[get("/a")]
    async fn a(&self) -> NoContent {
        self.missing()
    }

    #[get("/b/{id}")]
    fn b(&self, id: Path<u32>) -> NoContent {
        let text: String = id;
        NoContent
    }

    #[get("/c/{id}")]
    async fn c(&self, id: Path<u32>) -> NoContent {
        Created::at("/", 5)
    }
}

fn main() {}
