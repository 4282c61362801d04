use actix_charter::ApiError;

#[derive(Debug, ApiError)]
#[api(status = 400)]
enum Statuses {
    NoStatus,
    #[api(code = "x")]
    OnlyCode,
    #[api(status = 200)]
    NotAnError,
    #[api(status = "404")]
    Text,
    #[api(status)]
    Flag,
    #[api(status = 404, status = 405)]
    Twice,
    #[api(statuss = 404)]
    Misspelt,
}

#[derive(Debug, ApiError)]
struct NoStatus;

#[derive(Clone, Copy, ApiError)]
union Bits {
    a: u8,
    b: i8,
}

#[derive(Debug, ApiError)]
enum Codes {
    #[api(status = 404, code = "gone away")]
    Spaces,
    #[api(status = 404, code = 7)]
    Number,
    #[api(status = 404)]
    NotFound,
    #[api(status = 410, code = "not-found")]
    Gone,
}

fn main() {}
