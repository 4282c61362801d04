use std::collections::{BTreeMap, HashMap};

use actix_charter::{
    Model,
    model::{CheckContext, PathNames, UploadRule, Violations, WireField},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{check, told};

/// Wire names as the derive sees them, and whether serde agrees: every name must be one that serde asks for.
macro_rules! case {
    ($module:ident, $case:literal, $expected:expr) => {
        mod $module {
            use super::*;

            #[derive(Debug, Deserialize, JsonSchema, Model)]
            #[serde(rename_all = $case)]
            #[allow(dead_code, non_snake_case)]
            struct Fields {
                id: u8,
                first_name: u8,
                r#type: u8,
                _hidden_: u8,
                v2_0: u8,
                aB: u8,
                #[serde(rename = "fixed-name")]
                other: u8,
            }

            #[test]
            fn is_what_serde_reads() {
                let names: Vec<_> = Fields::WIRE.iter().map(|field| field.wire).collect();
                assert_eq!(names, $expected);
                let object: serde_json::Map<_, _> =
                    names.iter().map(|name| (name.to_string(), json!(1))).collect();
                serde_json::from_value::<Fields>(object.into()).unwrap();
            }
        }
    };
}

case!(lower, "lowercase", ["id", "first_name", "type", "_hidden_", "v2_0", "aB", "fixed-name"]);
case!(upper, "UPPERCASE", ["ID", "FIRST_NAME", "TYPE", "_HIDDEN_", "V2_0", "AB", "fixed-name"]);
case!(pascal, "PascalCase", ["Id", "FirstName", "Type", "Hidden", "V20", "AB", "fixed-name"]);
case!(camel, "camelCase", ["id", "firstName", "type", "hidden", "v20", "aB", "fixed-name"]);
case!(snake, "snake_case", ["id", "first_name", "type", "_hidden_", "v2_0", "aB", "fixed-name"]);
case!(
    screaming,
    "SCREAMING_SNAKE_CASE",
    ["ID", "FIRST_NAME", "TYPE", "_HIDDEN_", "V2_0", "AB", "fixed-name"]
);
case!(kebab, "kebab-case", ["id", "first-name", "type", "-hidden-", "v2-0", "aB", "fixed-name"]);
case!(
    screaming_kebab,
    "SCREAMING-KEBAB-CASE",
    ["ID", "FIRST-NAME", "TYPE", "-HIDDEN-", "V2-0", "AB", "fixed-name"]
);

#[derive(Deserialize, JsonSchema, Model)]
#[serde(rename_all(serialize = "UPPERCASE", deserialize = "camelCase"))]
#[allow(dead_code)]
struct Directed {
    user_name: String,
    #[serde(rename(serialize = "out", deserialize = "in"))]
    both_ways: String,
    #[serde(rename(serialize = "out2"))]
    only_out: String,
    #[serde(skip)]
    skipped: String,
    #[serde(skip_deserializing)]
    computed: String,
    #[serde(skip_serializing)]
    secret: String,
}

#[test]
fn names_are_those_of_reading() {
    let names: Vec<_> = Directed::WIRE.iter().map(|field| (field.rust, field.wire)).collect();
    assert_eq!(
        names,
        [("user_name", "userName"), ("both_ways", "in"), ("only_out", "onlyOut"), ("secret", "secret")]
    );
}

#[test]
fn names_tell_types_apart() {
    assert_eq!(Directed::NAME, concat!(module_path!(), "::Directed"));
}

#[derive(Deserialize, JsonSchema, Model)]
#[allow(dead_code)]
struct Paging {
    page: Option<u32>,
    #[serde(default)]
    size: u32,
}

#[derive(Deserialize, JsonSchema, Model)]
#[allow(dead_code)]
struct Search {
    q: String,
    #[serde(flatten)]
    paging: Paging,
    #[serde(flatten)]
    rest: HashMap<String, String>,
}

#[test]
fn flattened_fields_stand_in_their_place() {
    assert!(Search::WIRE[1].is_flattened());
    let names: Vec<_> = WireField::resolve(Search::WIRE).iter().map(|field| field.wire).collect();
    assert_eq!(names, ["q", "page", "size"]);
}

#[derive(Deserialize, JsonSchema, Model)]
#[allow(dead_code)]
struct Upload {
    #[model(null)]
    nickname: Option<String>,
    #[model(commas)]
    tags: Vec<String>,
    #[model(max_size = "5 MiB", max_files = 3, accept("image/png", "text/*"))]
    photos: Vec<String>,
    #[model(max_size = 100)]
    note: String,
}

#[test]
fn attributes_of_fields() {
    let [nickname, tags, photos, note] = Upload::WIRE else { panic!("four fields") };
    assert!(nickname.null && !nickname.commas && nickname.upload.is_none());
    assert!(tags.commas && !tags.null);
    let rule = UploadRule { max_size: Some(5 << 20), max_files: Some(3), accept: &["image/png", "text/*"] };
    assert_eq!(photos.upload, Some(rule));
    assert_eq!(note.upload.unwrap().max_size, Some(100));
}

#[derive(Deserialize, JsonSchema, Model)]
#[allow(dead_code)]
struct Id(u64);

#[derive(Deserialize, JsonSchema, Model)]
#[serde(rename_all = "kebab-case")]
#[allow(dead_code)]
struct Member {
    team_id: u64,
    user: Option<String>,
    #[serde(default)]
    tab: String,
}

#[derive(Deserialize, JsonSchema, Model)]
#[allow(dead_code)]
struct Wrapped(Member);

#[derive(Deserialize, JsonSchema, Model)]
#[allow(dead_code)]
struct Pair(u64, String);

#[derive(Deserialize, JsonSchema, Model)]
enum Colour {
    #[allow(dead_code)]
    Red,
}

#[derive(Deserialize, JsonSchema, Model)]
enum Either {
    #[allow(dead_code)]
    Left(u8),
}

#[derive(Deserialize, JsonSchema, Model)]
struct Nothing;

#[derive(Deserialize, JsonSchema, Model)]
#[serde(transparent)]
#[allow(dead_code)]
struct Slug {
    text: String,
}

#[derive(Deserialize, JsonSchema, Model)]
#[serde(default)]
#[allow(dead_code)]
struct AllDefault {
    a: u8,
}

impl Default for AllDefault {
    fn default() -> Self {
        Self { a: 1 }
    }
}

/// Not a model: the wrapper must do without its help.
#[derive(Deserialize, JsonSchema)]
struct Foreign;

#[derive(Deserialize, JsonSchema, Model)]
#[allow(dead_code)]
struct OfForeign(Foreign);

#[test]
fn path_names() {
    assert_eq!(Id::PATH, PathNames::Single);
    let names = PathNames::Names { required: &["team-id"], optional: &["user", "tab"] };
    assert_eq!(Member::PATH, names);
    assert_eq!(Wrapped::PATH, names);
    assert_eq!(Pair::PATH, PathNames::Count(2));
    assert_eq!(Nothing::PATH, PathNames::Count(0));
    assert_eq!(Colour::PATH, PathNames::Single);
    assert_eq!(Either::PATH, PathNames::Any);
    assert_eq!(Slug::PATH, PathNames::Single);
    assert_eq!(Search::PATH, PathNames::Any);
    assert_eq!(AllDefault::PATH, PathNames::Names { required: &[], optional: &["a"] });
    assert_eq!(OfForeign::PATH, PathNames::Single);
}

#[test]
fn a_wrapper_has_the_names_of_what_it_wraps() {
    assert_eq!(Wrapped::WIRE.len(), 3);
    assert!(OfForeign::WIRE.is_empty());
}

#[derive(Deserialize, JsonSchema, Model)]
#[model(check = in_order, check = Self::not_too_long)]
struct Span {
    start: u32,
    end: u32,
}

fn in_order(span: &Span, context: &CheckContext<'_>) -> Result<(), Violations> {
    assert!(context.request().headers().is_empty());
    if span.start <= span.end {
        Ok(())
    } else {
        Err(Violations::one("/end", "order", "must not lie before the start"))
    }
}

impl Span {
    fn not_too_long(&self, _: &CheckContext<'_>) -> Result<(), Violations> {
        if self.end < 100 { Ok(()) } else { Err(Violations::one("/end", "late", "must be below 100")) }
    }
}

#[derive(Deserialize, JsonSchema, Model)]
struct WrappedSpan(Span);

#[test]
fn functions_are_run_and_merged() {
    assert!(check(&Span { start: 1, end: 2 }).is_empty());
    let both = ["/end order: must not lie before the start", "/end late: must be below 100"];
    assert_eq!(told(&check(&Span { start: 200, end: 150 })), both);
    assert_eq!(told(&check(&WrappedSpan(Span { start: 200, end: 150 }))), both);
}

#[derive(Deserialize, JsonSchema, Model)]
#[allow(dead_code)]
struct Page<T> {
    items: Vec<T>,
    by_name: BTreeMap<String, T>,
    next: Option<Box<Self>>,
}

#[derive(Deserialize, JsonSchema, Model)]
#[allow(dead_code)]
struct Grid<T, const N: usize>
where
    T: Copy,
{
    cells: Vec<T>,
}

#[test]
fn generics() {
    let names: Vec<_> = Page::<Member>::WIRE.iter().map(|field| field.wire).collect();
    assert_eq!(names, ["items", "by_name", "next"]);
    assert_eq!(Grid::<u8, 3>::WIRE.len(), 1);
}
