use actix_charter::ApiError;

#[derive(Debug, ApiError)]
enum NoDisplay {
    #[api(status = 404)]
    NotFound,
}

fn main() {}
