use actix_charter::ApiError;

#[derive(Debug, ApiError)]
enum Fields {
    #[api(status = 429, header = "Retry-After")]
    AtTheVariant(u8),
    #[api(status = 429)]
    Names(
        #[api(header = "Retry After")] u8,
        #[api(header = "Set-Cookie")] u8,
        #[api(header = "content-type")] u8,
        #[api(header = "Date")] u8,
        #[api(header)] u8,
    ),
    #[api(status = 429)]
    Twice(#[api(header = "X-A")] u8, #[api(header = "x-a")] u8),
    #[api(status = 402)]
    Extensions {
        #[api(extension)]
        title: u8,
        #[api(extension = "status")]
        other: u8,
        #[api(extension = "same")]
        one: u8,
        #[api(extension = "same")]
        two: u8,
        #[api(extention)]
        misspelt: u8,
    },
    #[api(status = 403)]
    Nameless(#[api(extension)] u8),
}

fn main() {}
