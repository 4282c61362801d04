use actix_charter::ApiError;

#[derive(Debug)]
struct Inner;

#[derive(Debug, ApiError)]
enum Transparent {
    #[api(transparent, status = 404)]
    AndMore(Inner),
    #[api(transparent)]
    Two(Inner, Inner),
    #[api(transparent)]
    None,
    #[api(transparent = true)]
    Value(Inner),
}

fn main() {}
