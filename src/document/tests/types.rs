//! Schemas: names, directions, every shape that serde gives an enum.

#![allow(dead_code, reason = "only the schemas of these types count")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{built, faults, operation, reads, schema_names, takes, writes};
use crate::problem::In;

#[derive(JsonSchema)]
struct User {
    name: String,
}

#[derive(JsonSchema)]
struct Board {
    title: String,
}

#[derive(JsonSchema)]
struct Page<T> {
    items: Vec<T>,
}

#[derive(JsonSchema)]
struct Team {
    members: Page<User>,
    boards: BTreeMap<String, Page<Board>>,
    pairs: Vec<Pair<User, Board>>,
}

#[derive(JsonSchema)]
struct Pair<A, B> {
    a: A,
    b: B,
}

#[test]
fn names_come_from_type_arguments_and_not_from_the_order() {
    let users = || writes::<Page<User>>(operation("GET", "/users"));
    let boards = || writes::<Page<Board>>(operation("GET", "/boards"));
    let one = built(&[users(), boards()]);
    assert_eq!(one, built(&[boards(), users()]));
    assert_eq!(schema_names(&one), ["Board", "Page_Board", "Page_User", "User"]);
    // Nor from what else there is.
    assert_eq!(schema_names(&built(&[users()])), ["Page_User", "User"]);
}

#[test]
fn nested_generic_types_are_named_alike() {
    let team = built(&[writes::<Team>(operation("GET", "/teams"))]);
    assert_eq!(schema_names(&team), ["Board", "Page_Board", "Page_User", "Pair_User_Board", "Team", "User"]);
    let boards = team.pointer("/components/schemas/Team/properties/boards/additionalProperties/$ref");
    assert_eq!(boards, Some(&json!("#/components/schemas/Page_Board")));
}

mod elsewhere {
    #[derive(schemars::JsonSchema)]
    pub(super) struct User {
        id: u32,
    }

    #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    #[serde(tag = "kind")]
    pub(super) enum Internal {
        Plain {
            #[serde(default)]
            x: u8,
        },
        Other,
    }
}

#[test]
fn two_types_of_one_name_are_a_fault_that_says_which_and_what_to_do() {
    let told = faults(
        &[writes::<User>(operation("GET", "/a")), writes::<elsewhere::User>(operation("GET", "/b"))],
        &[],
    );
    let here = module_path!();
    assert_eq!(
        told,
        [format!(
            "the schema name `User` is wanted by `{here}::User` and `{here}::elsewhere::User`; rename all but \
             one with `#[schemars(rename = \"..\")]`"
        )]
    );
}

#[test]
fn a_fault_of_two_types_is_told_once_and_not_for_each_direction_and_variant() {
    let mut one = operation("PUT", "/a");
    one = writes::<Internal>(reads::<Internal>(one));
    let mut two = operation("PUT", "/b");
    two = writes::<elsewhere::Internal>(reads::<elsewhere::Internal>(two));
    assert_eq!(faults(&[one, two], &[]).len(), 1);
}

#[test]
fn generic_types_with_arguments_of_one_name_are_told_apart_by_the_whole_path() {
    let told = faults(
        &[
            writes::<Page<User>>(operation("GET", "/a")),
            writes::<Page<elsewhere::User>>(operation("GET", "/b")),
        ],
        &[],
    );
    assert_eq!(told.len(), 1, "only `User` itself is a fault: {told:?}");
}

#[test]
fn types_that_end_up_as_parameters_need_no_name() {
    let document = built(&[
        takes::<User>(operation("GET", "/a"), In::Query),
        takes::<elsewhere::User>(operation("GET", "/b"), In::Query),
    ]);
    assert_eq!(schema_names(&document), Vec::<&str>::new());
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Draft {
    title: String,
    #[serde(default)]
    labels: Vec<Label>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Label {
    text: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Envelope {
    draft: Draft,
    label: Label,
}

#[test]
fn input_and_output_are_two_schemas_only_where_they_differ() {
    let both = || writes::<Envelope>(reads::<Envelope>(operation("PUT", "/drafts")));
    let document = built(&[both()]);
    assert_eq!(schema_names(&document), ["Draft", "DraftInput", "Envelope", "EnvelopeInput", "Label"]);
    let at = |pointer: &str| document.pointer(pointer).cloned().unwrap();
    assert_eq!(at("/components/schemas/Draft/required"), json!(["title", "labels"]));
    assert_eq!(at("/components/schemas/DraftInput/required"), json!(["title"]));
    let refers = |name: &str, to: &str| {
        assert_eq!(
            at(&format!("/components/schemas/{name}/properties/draft/$ref")),
            json!(format!("#/components/schemas/{to}"))
        );
    };
    refers("Envelope", "Draft");
    refers("EnvelopeInput", "DraftInput");
    // Without the other direction there is nothing to tell apart.
    let read = built(&[reads::<Envelope>(operation("PUT", "/drafts"))]);
    assert_eq!(schema_names(&read), ["Draft", "Envelope", "Label"]);
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Folder {
    folders: Vec<Self>,
    #[serde(default)]
    parent: Option<Box<Self>>,
}

#[test]
fn recursive_types_refer_to_themselves_in_their_own_direction() {
    let document = built(&[writes::<Folder>(reads::<Folder>(operation("PUT", "/folders")))]);
    assert_eq!(schema_names(&document), ["Folder", "FolderInput"]);
    for name in ["Folder", "FolderInput"] {
        let items = document.pointer(&format!("/components/schemas/{name}/properties/folders/items/$ref"));
        assert_eq!(items, Some(&json!(format!("#/components/schemas/{name}"))));
    }
}

#[derive(JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Internal {
    Plain,
    Fields { radius: f64 },
    Wrapped(User),
}

#[derive(JsonSchema)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Number(u8),
    User(User),
}

#[derive(JsonSchema)]
enum External {
    Unit,
    Number(u8),
    User { user: User },
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    User(User),
}

#[derive(JsonSchema)]
struct Cat {
    kind: CatKind,
}

#[derive(JsonSchema)]
struct Dog {
    kind: DogKind,
}

#[derive(JsonSchema)]
#[schemars(inline)]
enum CatKind {
    #[serde(rename = "cat")]
    Cat,
}

#[derive(JsonSchema)]
#[schemars(inline)]
enum DogKind {
    #[serde(rename = "dog")]
    Dog,
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum Pet {
    Cat(Cat),
    Dog(Dog),
}

#[test]
fn models_that_carry_their_own_tag_are_mapped_as_they_are() {
    let document = built(&[writes::<Pet>(operation("GET", "/pets"))]);
    assert_eq!(schema_names(&document), ["Cat", "Dog", "Pet"]);
    assert_eq!(
        document.pointer("/components/schemas/Pet/discriminator"),
        Some(&json!({"propertyName": "kind", "mapping": {
            "cat": "#/components/schemas/Cat",
            "dog": "#/components/schemas/Dog",
        }}))
    );
}

#[test]
fn every_shape_of_an_enum() {
    let document = built(&[
        writes::<Internal>(operation("GET", "/internal")),
        writes::<Adjacent>(operation("GET", "/adjacent")),
        writes::<External>(operation("GET", "/external")),
        writes::<Untagged>(operation("GET", "/untagged")),
    ]);
    insta::assert_snapshot!("enums", format!("{:#}", document.pointer("/components/schemas").unwrap()));
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Flattened {
    id: u32,
    #[serde(flatten)]
    board: Board,
    #[serde(flatten)]
    internal: Internal,
}

#[derive(JsonSchema)]
#[schemars(rename = "Person / human")]
struct Renamed {
    #[serde(rename = "firstName")]
    first_name: String,
}

#[derive(JsonSchema)]
#[schemars(rename = "PageOf{T}")]
struct Formatted<T> {
    item: T,
}

#[test]
fn flattened_and_renamed_types() {
    let document = built(&[
        writes::<Flattened>(operation("GET", "/flattened")),
        writes::<Renamed>(operation("GET", "/renamed")),
        writes::<Formatted<Renamed>>(operation("GET", "/formatted")),
    ]);
    insta::assert_snapshot!("renamed", format!("{:#}", document.pointer("/components/schemas").unwrap()));
}

#[test]
fn the_discriminator_maps_each_tag_to_a_component() {
    let document = built(&[writes::<Internal>(operation("GET", "/internal"))]);
    let discriminator = document.pointer("/components/schemas/Internal/discriminator").unwrap();
    assert_eq!(discriminator["propertyName"], "kind");
    let mapping = discriminator["mapping"].as_object().unwrap();
    assert_eq!(mapping.keys().collect::<Vec<_>>(), ["plain", "fields", "wrapped"]);
    for target in mapping.values() {
        let pointer = target.as_str().unwrap().trim_start_matches('#');
        let variant = document.pointer(pointer).unwrap();
        assert_eq!(variant["required"][0], "kind");
    }
}
