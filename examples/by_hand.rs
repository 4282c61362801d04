//! What does `#[controller]` write for me, and can I do without it?
//!
//! The two controllers below declare the same. The second uses no attribute: the macro calls what it calls.

use actix_charter::{
    endpoint::{HeaderSpec, Output},
    prelude::*,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Note {
    text: String,
}

struct WithMacro;

#[controller(path = "/notes", name = "Notes", tag = "notes", body_limit = "64 KiB")]
impl WithMacro {
    /// Find a note.
    ///
    /// There is only one.
    #[get("/{id}", header("Cache-Control" = "no-store"))]
    async fn show(&self, id: Path<u32>) -> Option<Note> {
        (id.0 == 1).then(|| Note { text: "Buy milk".to_owned() })
    }

    /// Keep a note.
    #[post(allow(undeclared_header), declares(409))]
    fn create(&self, note: Body<Note>) -> Created<Note> {
        Created::at("/notes/1", note.into_inner())
    }
}

struct ByHand;

impl ByHand {
    async fn show(&self, id: Path<u32>) -> Option<Note> {
        (id.0 == 1).then(|| Note { text: "Buy milk".to_owned() })
    }

    fn create(&self, note: Body<Note>) -> Created<Note> {
        Created::at("/notes/1", note.into_inner())
    }
}

impl Controller for ByHand {
    fn charter() -> Charter<Self> {
        let mut no_store = HeaderSpec::required("Cache-Control");
        no_store.value = Some("no-store".into());
        Charter::new("Notes")
            .path("/notes")
            .tag("notes")
            .options(Options::new().body_limit(64 * 1024))
            .operation(
                Operation::get("/{id}")
                    .name("show")
                    .summary("Find a note")
                    .description("There is only one.")
                    .header(no_store)
                    .handle(Self::show),
            )
            .operation(
                Operation::post("")
                    .name("create")
                    .summary("Keep a note")
                    .options(Options::new().allow([Rule::UndeclaredHeader]))
                    .declares(Output::problem(409, "Conflict"))
                    // A handler is async; a closure makes one of what is not.
                    .handle(async |this: &Self, note: Body<Note>| this.create(note)),
            )
    }
}

fn document(router: &Router) -> String {
    match router.document(&Info::new("Notes", "1.0")) {
        Ok(document) => document.to_json(),
        Err(faults) => faults.to_string(),
    }
}

fn main() {
    let written = document(&Router::new("").controller(WithMacro));
    let by_hand = document(&Router::new("").controller(ByHand));
    println!("{written}\nBoth ways declare the same: {}", written == by_hand);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_declare_the_same() {
        let written = Router::new("").controller(WithMacro).document(&Info::new("Notes", "1.0")).unwrap();
        let by_hand = Router::new("").controller(ByHand).document(&Info::new("Notes", "1.0")).unwrap();
        assert_eq!(written.to_value()["paths"]["/notes/{id}"], by_hand.to_value()["paths"]["/notes/{id}"]);
        assert_eq!(written.to_value()["components"], by_hand.to_value()["components"]);
    }
}
