use actix_charter::Model;
use schemars::JsonSchema;

#[derive(JsonSchema, Model)]
struct Upload {
    #[model(max_size = "5 mib")]
    unit: String,
    #[model(max_size = 0)]
    zero: String,
    #[model(max_size("5 MiB"))]
    list: String,
    #[model(max_size = "99999999999 GiB")]
    too_much: String,
    #[model(max_files = 0)]
    no_files: String,
    #[model(max_files = "3")]
    text: String,
    #[model(max_files)]
    flag: String,
    #[model(accept = "image/png")]
    assigned: String,
    #[model(accept())]
    nothing: String,
    #[model(accept("png", "image/*", "*/png", "text/html; charset=utf-8"))]
    not_media_types: String,
}

fn main() {}
