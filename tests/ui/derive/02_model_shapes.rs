use actix_charter::Model;
use schemars::JsonSchema;

#[derive(JsonSchema, Model)]
struct Borrows<'a> {
    name: &'a str,
}

#[derive(Clone, Copy, Model)]
union Bits {
    a: u8,
    b: i8,
}

#[derive(JsonSchema, Model)]
struct Nameless(#[model(null)] u8);

#[derive(JsonSchema, Model)]
enum Variants {
    #[model(null)]
    A,
    B {
        #[model(commas)]
        list: u8,
    },
}

#[derive(JsonSchema, Model)]
struct Flattens {
    #[serde(flatten)]
    #[model(null)]
    inner: Inner,
}

#[derive(JsonSchema, Model)]
struct Inner {
    a: u8,
}

fn main() {}
