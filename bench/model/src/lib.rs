//! The one model that every side of the benchmarks reads, checks and writes: an order of about 1 KB with sixteen rules.

use std::sync::LazyLock;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validator::Validate;

#[cfg(feature = "ours")]
use actix_charter::Model;

/// Compiled once, as any careful application does.
static SKU: LazyLock<Regex> = LazyLock::new(|| Regex::new("^[A-Z]{3}-[0-9]{4}$").expect("a valid pattern"));

/// What a customer orders. With its parts it has sixteen rules.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, JsonSchema)]
#[cfg_attr(feature = "ours", derive(Model))]
pub struct NewOrder {
    #[validate(length(min = 8, max = 36))]
    pub reference: String,
    #[validate(nested)]
    pub customer: Customer,
    #[validate(nested)]
    pub shipping: Address,
    #[validate(length(min = 1, max = 50), nested)]
    pub items: Vec<Item>,
    #[validate(length(max = 500))]
    pub note: String,
    #[validate(length(max = 10))]
    pub tags: Vec<String>,
    #[validate(range(min = 0.0, max = 0.9))]
    pub discount: f64,
    pub gift: bool,
}

/// Who orders.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, JsonSchema)]
#[cfg_attr(feature = "ours", derive(Model))]
pub struct Customer {
    #[validate(length(min = 1, max = 80))]
    pub name: String,
    #[validate(email)]
    pub email: String,
    #[validate(range(min = 18, max = 150))]
    pub age: u8,
    pub newsletter: bool,
}

/// Where it goes.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, JsonSchema)]
#[cfg_attr(feature = "ours", derive(Model))]
pub struct Address {
    #[validate(length(min = 1, max = 120))]
    pub street: String,
    #[validate(length(min = 1, max = 80))]
    pub city: String,
    #[validate(length(min = 3, max = 10))]
    pub postcode: String,
    #[validate(length(equal = 2))]
    pub country: String,
}

/// One line of the order.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, JsonSchema)]
#[cfg_attr(feature = "ours", derive(Model))]
pub struct Item {
    #[validate(regex(path = *SKU))]
    pub sku: String,
    #[validate(length(min = 1, max = 100))]
    pub title: String,
    #[validate(range(min = 1, max = 999))]
    pub quantity: u32,
    #[validate(range(min = 1, max = 100_000_000))]
    pub cents: u64,
}

/// What a path parameter is answered with.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[cfg_attr(feature = "ours", derive(Model))]
pub struct Stock {
    pub id: u32,
    pub name: &'static str,
    pub available: u32,
}

/// The stock that every side answers with.
#[must_use]
pub const fn stock(id: u32) -> Stock {
    Stock { id, name: "Mechanical keyboard", available: 42 }
}

/// The number of the order that every side creates.
pub const CREATED: u32 = 4711;

fn order() -> NewOrder {
    let item = |sku: &str, title: &str, quantity, cents| Item {
        sku: sku.into(),
        title: title.into(),
        quantity,
        cents,
    };
    NewOrder {
        reference: "b1946ac9-2492-4d23-8f8e-5a7c0f3e11d2".into(),
        customer: Customer {
            name: "Maria Fernández".into(),
            email: "maria.fernandez@example.org".into(),
            age: 34,
            newsletter: true,
        },
        shipping: Address {
            street: "Avenida de la Constitución 17, 3º B".into(),
            city: "Sevilla".into(),
            postcode: "41004".into(),
            country: "ES".into(),
        },
        items: vec![
            item("KBD-1042", "Mechanical keyboard, brown switches, Spanish layout", 1, 12_900),
            item("MOU-2210", "Vertical mouse, wireless, left-handed", 2, 4_995),
            item("CAB-0007", "USB-C cable, 2 m, braided", 5, 1_190),
            item("MON-3140", "Monitor 27 inch, 2560x1440, IPS, height-adjustable", 1, 31_900),
            item("DSK-0415", "Standing desk frame, two motors", 1, 42_500),
        ],
        note: "Please leave the parcel with the neighbour on the second floor if nobody answers, and do not ring the bell before nine in the morning.".into(),
        tags: vec!["office".into(), "first-order".into(), "priority".into()],
        discount: 0.05,
        gift: false,
    }
}

/// An order that keeps every rule, as it is sent: 950 to 1,050 bytes of JSON.
#[must_use]
pub fn payload() -> Vec<u8> {
    serde_json::to_vec(&order()).expect("an order is JSON")
}

/// The same order with five rules broken, at the top, in a part and in the list.
#[must_use]
pub fn faulty_payload() -> Vec<u8> {
    let mut order = order();
    order.reference = "short".into();
    order.customer.email = "maria.fernandez.example.org".into();
    order.customer.age = 12;
    order.shipping.country = "ESP".into();
    order.items[1].sku = "mou-2210".into();
    serde_json::to_vec(&order).expect("an order is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_is_about_one_kilobyte_and_keeps_every_rule() {
        let bytes = payload();
        assert!((950..=1_050).contains(&bytes.len()), "{} bytes", bytes.len());
        let order: NewOrder = serde_json::from_slice(&bytes).expect("an order");
        assert!(order.validate().is_ok());
    }

    #[test]
    fn the_faulty_payload_parses_and_breaks_five_rules() {
        let order: NewOrder = serde_json::from_slice(&faulty_payload()).expect("an order");
        let report = order.validate().expect_err("five faults").to_string();
        assert_eq!(report.matches("Validation error").count(), 5, "{report}");
    }
}
