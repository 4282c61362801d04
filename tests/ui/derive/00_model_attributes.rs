use actix_charter::Model;
use schemars::JsonSchema;

#[derive(JsonSchema, Model)]
#[model(chek = in_order)]
#[model(check = "in_order", check)]
#[model(commas)]
struct Container {
    id: u8,
}

#[derive(JsonSchema, Model)]
struct Keys {
    #[model(nul)]
    unknown: u8,
    #[model(null = true)]
    value: u8,
    #[model(commas, commas)]
    twice: u8,
    #[model(check = in_order)]
    check: u8,
    #[model]
    bare: u8,
    #[model = "null"]
    assigned: u8,
    #[model(null commas)]
    no_comma: u8,
    #[model(max_files =)]
    no_value: u8,
}

fn main() {}
