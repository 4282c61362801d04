use actix_charter::prelude::*;
use actix_web::{guard, http::Method};

use super::{ask, get};

struct Attributes;

/// The block's own attributes stay.
#[allow(dead_code)]
#[controller(path = "/a", tag = "letters")]
impl Attributes {
    const LIMIT: u32 = 5;

    /// List letters,
    /// newest first.
    ///
    /// ```json
    ///   {"a": 1}
    /// ```
    ///
    /// - at most 100
    #[get]
    #[must_use]
    pub async fn list(&self) -> u32 {
        Self::LIMIT + self.more()
    }

    #[cfg(any())]
    #[get]
    async fn list(&self, missing: NotCompiled) -> NorThis {}

    #[cfg(not(any()))]
    #[get("/there")]
    fn there(&self) -> NoContent {
        NoContent
    }

    #[cfg(any())]
    #[get("/gone")]
    fn gone(&self, id: Path<u32>) -> NoContent {
        NoContent
    }

    #[get("/old", tag = "old")]
    #[deprecated(note = "use `list`")]
    fn old(&self) -> NoContent {
        NoContent
    }

    #[actix_charter::get("/by_path")]
    fn by_path(&self) -> NoContent {
        NoContent
    }

    #[get("/guarded", guard = only_json)]
    fn json(&self) -> bool {
        true
    }

    #[get("/guarded", operation_id = "any")]
    fn any(&self) -> Vec<u32> {
        Vec::new()
    }

    fn more(&self) -> u32 {
        1
    }
}

fn only_json() -> impl guard::Guard {
    guard::Header("accept", "application/json")
}

#[actix_web::test]
async fn conditions_hold_for_what_is_generated() {
    let api = || Router::new("").controller(Attributes);
    assert_eq!(get(api(), "/a").await, (200, "6".to_owned()));
    assert_eq!(get(api(), "/a/there").await.0, 204);
    assert_eq!(get(api(), "/a/gone").await.0, 404);
    assert_eq!(get(api(), "/a/by_path").await.0, 204);
    assert_eq!(get(api(), "/a/guarded").await, (200, "[]".to_owned()));
    assert_eq!(ask(api(), Method::OPTIONS, "/a/there", "").await.0, 204);
}

#[test]
fn texts_go_into_the_document() {
    let operations = Router::new("").controller(Attributes).operations().unwrap();
    let list = &operations[0];
    assert_eq!(list.spec.summary.as_deref(), Some("List letters, newest first"));
    assert_eq!(list.spec.description.as_deref(), Some("```json\n  {\"a\": 1}\n```\n\n- at most 100"));
    assert_eq!(list.operation_id, "attributes_list");
    assert_eq!(list.tags, ["letters"]);
    let old = operations.iter().find(|operation| operation.spec.name == "old").unwrap();
    assert!(old.spec.deprecated, "Rust's own `#[deprecated]` is told");
    assert_eq!(old.tags, ["letters", "old"]);
}

struct Windows;

#[controller]
impl Windows {
    #[doc = " Line one,\r\n line two.\r\n\r\n More.\r\n"]
    #[get("/crlf")]
    fn crlf(&self) {}
}

#[test]
fn line_ends_of_windows_are_line_ends() {
    let operations = Router::new("").controller(Windows).operations().unwrap();
    assert_eq!(operations[0].spec.summary.as_deref(), Some("Line one, line two"));
    assert_eq!(operations[0].spec.description.as_deref(), Some("More."));
}
