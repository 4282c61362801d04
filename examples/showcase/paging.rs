//! Lists, a page at a time.

use actix_charter::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use validator::Validate;

/// Which page of a list.
#[derive(Debug, Deserialize, JsonSchema, Validate, Model)]
#[serde(default)]
pub(crate) struct Paging {
    /// The page, from 1.
    #[validate(range(min = 1, max = 100_000))]
    pub(crate) page: u32,
    /// How many there are on a page.
    #[validate(range(min = 1, max = 100))]
    pub(crate) per_page: u32,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page: 1, per_page: 20 }
    }
}

impl Paging {
    /// For SQL's `OFFSET`.
    pub(crate) fn offset(&self) -> i64 {
        i64::from(self.page - 1) * i64::from(self.per_page)
    }

    pub(crate) fn page<T>(&self, items: Vec<T>, total: u32) -> Page<T> {
        Page { items, total, page: self.page, per_page: self.per_page }
    }
}

/// One page of a list.
#[derive(Debug, Serialize, JsonSchema, Model)]
pub(crate) struct Page<T> {
    items: Vec<T>,
    /// How many there are on all pages.
    total: u32,
    page: u32,
    per_page: u32,
}
