//! A small API that uses everything a document can say.

#![allow(dead_code, reason = "only the schemas of these types count")]

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{operation, reads, takes, writes};
use crate::{
    document::{Document, Info, SchemeDoc},
    endpoint::{CookieSpec, HeaderSpec, Input, MountedOperation, Output, OutputContent},
    model::{SchemaOf, UploadRule, WireField},
    problem::{CompactDetail, In},
};

/// A person who may log in.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct User {
    #[serde(default)]
    id: u64,
    full_name: String,
    /// Where to write to.
    email: Option<String>,
    role: Role,
    shapes: Vec<Shape>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Role {
    Admin,
    Member,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Shape {
    Circle { radius: f64 },
    Group(Group),
    Empty,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Group {
    shapes: Vec<Shape>,
}

#[derive(Serialize, JsonSchema)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Board {
    title: String,
    users: BTreeMap<String, User>,
    event: Event,
    value: Loose,
}

#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
enum Event {
    Joined(u64),
    Left { reason: String },
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Loose {
    Text(String),
    Number(i64),
}

#[derive(Deserialize, JsonSchema)]
struct List {
    /// The first is 1.
    #[serde(default = "one")]
    page: u32,
    role: Option<Role>,
    ids: Vec<u64>,
    #[serde(flatten)]
    more: Search,
}

#[derive(Deserialize, JsonSchema)]
struct Search {
    #[serde(rename = "q")]
    query: Option<String>,
    #[deprecated]
    fuzzy: Option<bool>,
}

fn one() -> u32 {
    1
}

#[derive(Deserialize, JsonSchema)]
struct Headers {
    #[serde(rename = "X-Request-Id")]
    request_id: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct Cookies {
    theme: Option<String>,
}

#[derive(JsonSchema)]
struct Avatar {
    avatar: File,
    caption: Option<String>,
}

struct File;

impl JsonSchema for File {
    fn schema_name() -> Cow<'static, str> {
        "File".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "binary"})
    }
}

static LIST: [WireField; 2] =
    [WireField::new("page", "page"), WireField { commas: true, ..WireField::new("ids", "ids") }];

static AVATAR: [WireField; 1] = [WireField {
    upload: Some(UploadRule {
        max_size: Some(1024),
        max_files: Some(1),
        accept: &["image/png", "image/jpeg"],
    }),
    ..WireField::new("avatar", "avatar")
}];

fn named(
    mut operation: MountedOperation,
    id: &str,
    summary: &'static str,
    tag: &'static str,
) -> MountedOperation {
    operation.operation_id = id.to_owned();
    operation.spec.summary = Some(summary.into());
    operation.tags = vec![tag.into()];
    operation
}

fn list() -> MountedOperation {
    let mut list = named(operation("GET", "/api/users"), "listUsers", "List users.", "users");
    list.spec.description = Some("Newest first.\n\nno: `yes`".into());
    list.spec.inputs.push(Input::Parameters {
        location: In::Query,
        schema: SchemaOf::of::<List>(),
        wire: &LIST,
        optional: false,
    });
    list = takes::<Headers>(takes::<Cookies>(list, In::Cookie), In::Header);
    list.renderers.push("application/msgpack".into());
    list = writes::<Page<User>>(list);
    list.spec.outputs.push(Output::problem(400, "The query is wrong."));
    list.spec.outputs.push(Output::problem(406, "None of the media types in `Accept` is spoken here."));
    list.security = vec![("session".into(), vec![]), ("oauth".into(), vec!["users:read".into()])];
    list
}

fn create() -> MountedOperation {
    let mut create = named(operation("POST", "/api/users"), "createUser", "Register a user.", "users");
    create = writes::<User>(reads::<User>(create));
    create.parsers.push("application/x-www-form-urlencoded".into());
    create.spec.request_example =
        Some(json!({"id": 1, "fullName": "Ann", "role": "admin", "shapes": [{"kind": "empty"}]}));
    create.spec.response_example =
        Some(json!({"id": 1, "fullName": "Ann", "email": null, "role": "admin", "shapes": []}));
    if let Some(created) = create.spec.outputs.first_mut() {
        created.description = Some("The user, as it was stored.".into());
        let mut version = HeaderSpec::optional("X-Version");
        version.schema = SchemaOf::of::<u8>();
        version.value = Some("1".into());
        created.headers = vec![HeaderSpec::required("Location"), version];
        let mut session = CookieSpec::required("session");
        session.http_only = true;
        created.cookies = vec![session];
    }
    create.spec.outputs.push(Output::problem(409, "The address is taken."));
    create.spec.outputs.push(Output::problem(409, "The name is taken."));
    create
}

/// The operations, in the order in which an application might mount them.
pub(super) fn operations() -> Vec<MountedOperation> {
    let mut boards = named(operation("GET", "/api/boards/{board}"), "getBoard", "A board.", "boards");
    boards = writes::<Page<Board>>(takes::<(u64,)>(boards, In::Path));
    boards.error_model = Arc::new(CompactDetail);
    boards.spec.outputs.push(Output::problem(404, "No such board."));
    boards.spec.deprecated = true;

    let mut avatar =
        named(operation("PUT", "/api/users/{id}/avatar"), "putAvatar", "Change the avatar.", "users");
    avatar = takes::<u64>(avatar, In::Path);
    avatar.spec.inputs.push(Input::Body {
        schema: Some(SchemaOf::of::<Avatar>()),
        wire: &AVATAR,
        optional: false,
        media_types: Cow::Borrowed(&[Cow::Borrowed("multipart/form-data")]),
    });
    avatar.spec.outputs.push(Output::new(Some(204), OutputContent::Empty));
    avatar.security = vec![("session".into(), vec![])];

    let mut file = named(operation("GET", "/api/files/{tail}"), "getFile", "A file.", "files");
    file.spec.outputs = vec![
        Output::new(None, OutputContent::Media("application/octet-stream".into(), None)),
        Output::new(None, OutputContent::Media("text/plain".into(), Some(SchemaOf::of::<String>()))),
        Output::new(Some(304), OutputContent::Empty),
    ];
    let mut store = named(operation("POST", "/api/files/{tail}"), "storeFile", "Store a file.", "files");
    store.spec.inputs.push(Input::Body {
        schema: None,
        wire: &[],
        optional: true,
        media_types: Cow::Borrowed(&[]),
    });
    store.spec.outputs = vec![Output::new(Some(202), OutputContent::Any)];

    let mut purge = named(operation("PURGE", "/api/files/{tail}"), "purgeFile", "Forget a file.", "files");
    purge.spec.outputs = vec![Output::new(Some(204), OutputContent::Empty)];
    let mut hidden = operation("GET", "/api/health");
    hidden.spec.hidden = true;
    vec![list(), create(), boards, avatar, file, store, purge, hidden]
}

/// The document of them.
pub(super) fn document() -> Document {
    let info = Info::new("Team board", "1.0")
        .summary("Who works on what.")
        .description("Boards of *teams*.")
        .terms_of_service("https://board.example.org/terms")
        .contact("The team", "team@example.org")
        .license("MIT", "MIT")
        .server("https://board.example.org", "production")
        .server("/", "here")
        .tag("users", "People and their accounts.")
        .tag("later", "Not used yet.")
        .external_docs("https://board.example.org/docs", "The manual.");
    let schemes = [
        SchemeDoc {
            name: "session".into(),
            value: json!({"type": "apiKey", "in": "cookie", "name": "session"}),
        },
        SchemeDoc {
            name: "oauth".into(),
            value: json!({"type": "oauth2", "flows": {"clientCredentials": {
                "tokenUrl": "https://board.example.org/token", "scopes": {"users:read": "Read users."}
            }}}),
        },
    ];
    Document::build(&info, &operations(), &schemes).unwrap()
}
