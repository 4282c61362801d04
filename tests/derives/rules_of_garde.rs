use std::collections::HashMap;

use actix_charter::{Model, model::CheckContext};
use actix_web::test::TestRequest;
use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{check, told};

#[derive(Deserialize, JsonSchema, Validate, Model)]
#[serde(rename_all = "camelCase")]
struct Order {
    #[garde(length(min = 3))]
    customer_name: String,
    #[garde(range(min = 1, max = 9))]
    box_count: u8,
    #[garde(dive)]
    order_lines: Vec<Line>,
    #[garde(dive)]
    by_name: HashMap<String, Line>,
    #[garde(dive)]
    code: Code,
    #[garde(length(min = 1))]
    secret: String,
    #[garde(matches(secret))]
    secret_again: String,
    #[garde(contains("-"), ascii)]
    phrase: String,
    #[garde(skip)]
    #[allow(dead_code)]
    note: String,
}

#[derive(Deserialize, JsonSchema, Validate, Model)]
struct Line {
    #[serde(rename = "stockUnit")]
    #[garde(alphanumeric)]
    sku: String,
}

#[derive(Deserialize, JsonSchema, Validate, Model)]
struct Code(#[garde(length(max = 2))] String);

#[test]
fn paths_are_walked_in_wire_names() {
    let order = Order {
        customer_name: "xy".into(),
        box_count: 10,
        order_lines: vec![Line { sku: "a".into() }, Line { sku: "-".into() }],
        by_name: HashMap::from([("sku".into(), Line { sku: "!".into() })]),
        code: Code("abc".into()),
        secret: "hunter2".into(),
        secret_again: "hunter3".into(),
        phrase: "é".into(),
        note: String::new(),
    };
    let found = check(&order);
    assert_eq!(
        told(&found),
        [
            "/customerName length: must have a length of at least 3",
            "/boxCount range: must be at most 9",
            "/orderLines/1/stockUnit invalid: must contain letters and digits only",
            "/byName/sku/stockUnit invalid: must contain letters and digits only",
            "/code length: must have a length of at most 2",
            "/secretAgain must_match: must be the same as `secret`",
            "/phrase invalid: must contain ASCII characters only",
            "/phrase contains: must contain `-`",
        ]
    );
    let everything = format!("{found} {found:?}");
    assert!(!everything.contains("hunter"), "{everything}");
}

struct Stock {
    known: &'static str,
}

#[derive(Deserialize, JsonSchema, Validate, Model)]
#[garde(context(Stock))]
struct Pick {
    #[garde(custom(is_known))]
    sku: String,
}

fn is_known(sku: &str, stock: &Stock) -> garde::Result {
    if sku == stock.known { Ok(()) } else { Err(garde::Error::new("is not in stock")) }
}

#[test]
fn the_context_is_application_data() {
    let request = TestRequest::default().app_data(Stock { known: "a" }).to_http_request();
    let pick = |sku: &str| Pick { sku: sku.into() };
    assert!(pick("a").check(&CheckContext::new(&request)).is_ok());
    let found = pick("b").check(&CheckContext::new(&request)).unwrap_err();
    assert_eq!(told(&found), ["/sku invalid: is not in stock"]);
    assert!(check(&pick("a")).is_internal());
}
