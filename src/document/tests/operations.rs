//! Parameters, bodies, answers, faults.

#![allow(dead_code, reason = "only the schemas of these types count")]

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::{SchemeDoc, build, built, faults, operation, takes, writes};
use crate::{
    endpoint::{CookieSpec, HeaderSpec, Input, MountedOperation, Output, OutputContent},
    model::{SchemaOf, UploadRule, WireField},
    problem::{CompactDetail, In},
};

fn parameters(operation: MountedOperation) -> Vec<Value> {
    let document = built(std::slice::from_ref(&operation));
    let method = operation.spec.method.as_str().to_ascii_lowercase();
    document["paths"][&operation.path][&method]["parameters"].as_array().cloned().unwrap_or_default()
}

#[derive(JsonSchema)]
struct Filter {
    /// Part of the name.
    name: Option<String>,
    #[serde(default)]
    page: u32,
    sort: Sort,
    #[serde(rename = "tag")]
    tags: Vec<String>,
    ids: Vec<u64>,
}

/// How to sort.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Sort {
    Newest,
    Oldest,
}

static FILTER: [WireField; 2] = [
    WireField { commas: true, ..WireField::new("ids", "ids") },
    WireField { null: true, ..WireField::new("name", "name") },
];

#[test]
fn each_field_is_a_parameter_with_its_name_on_the_wire() {
    let mut list = operation("GET", "/users");
    list.spec.inputs.push(Input::Parameters {
        location: In::Query,
        schema: SchemaOf::of::<Filter>(),
        wire: &FILTER,
        optional: false,
    });
    assert_eq!(
        parameters(list),
        [
            json!({"name": "name", "in": "query", "description": "Part of the name.",
                   "schema": {"type": ["string", "null"]}}),
            json!({"name": "page", "in": "query",
                   "schema": {"type": "integer", "format": "uint32", "minimum": 0, "default": 0, "maximum": u32::MAX}}),
            json!({"name": "sort", "in": "query", "required": true,
                   "schema": {"$ref": "#/components/schemas/Sort"}}),
            json!({"name": "tag", "in": "query", "required": true,
                   "schema": {"type": "array", "items": {"type": "string"}}}),
            json!({"name": "ids", "in": "query", "required": true, "style": "form", "explode": false,
                   "schema": {"type": "array", "items": {"type": "integer", "format": "uint64", "minimum": 0,
                                                        "maximum": u64::MAX}}}),
        ]
    );
}

#[test]
fn nothing_is_required_of_a_component_that_may_be_missing() {
    let mut list = takes::<Filter>(operation("GET", "/users"), In::Query);
    if let Some(Input::Parameters { optional, .. }) = list.spec.inputs.first_mut() {
        *optional = true;
    }
    assert!(parameters(list).iter().all(|parameter| parameter.get("required").is_none()));
}

#[test]
fn a_parameter_is_never_null_unless_the_word_null_means_that() {
    #[derive(JsonSchema)]
    struct Maybe {
        number: Option<u8>,
        sort: Option<Sort>,
    }
    let all = parameters(takes::<Maybe>(operation("GET", "/"), In::Query));
    assert_eq!(all[0]["schema"]["type"], "integer");
    assert_eq!(all[1]["schema"], json!({"$ref": "#/components/schemas/Sort"}));
}

#[test]
fn path_parameters_take_their_names_from_the_path() {
    let names = |operation| -> Vec<(String, Value)> {
        let of = |p: &Value| (p["name"].as_str().unwrap().to_owned(), p["schema"]["type"].clone());
        parameters(operation).iter().map(of).collect()
    };
    let typed = |list: &[(&str, &str)]| -> Vec<(String, Value)> {
        list.iter().map(|(name, kind)| ((*name).to_owned(), json!(kind))).collect()
    };
    assert_eq!(names(takes::<u64>(operation("GET", "/users/{id}"), In::Path)), typed(&[("id", "integer")]));
    assert_eq!(
        names(takes::<(u64, String)>(operation("GET", "/users/{id}/files/{tail}"), In::Path)),
        typed(&[("id", "integer"), ("tail", "string")])
    );

    #[derive(JsonSchema)]
    struct Key {
        file: u32,
        user: u64,
    }
    let by_name = takes::<Key>(operation("GET", "/users/{user}/{other}/{file}"), In::Path);
    let all = parameters(by_name.clone());
    assert!(all.iter().all(|parameter| parameter["required"] == true));
    assert_eq!(names(by_name), typed(&[("user", "integer"), ("other", "string"), ("file", "integer")]));
}

#[derive(JsonSchema)]
struct Headers {
    #[serde(rename = "X-Request-Id")]
    request_id: Option<String>,
    #[serde(rename = "Content-type")]
    content_type: String,
    #[serde(rename = "ACCEPT")]
    accept: String,
    authorization: String,
}

#[test]
fn headers_that_openapi_ignores_are_left_out() {
    let all = parameters(takes::<Headers>(operation("GET", "/"), In::Header));
    assert_eq!(all, [json!({"name": "X-Request-Id", "in": "header", "schema": {"type": "string"}})]);
}

#[test]
fn unions_and_free_names_in_a_query() {
    #[derive(JsonSchema)]
    #[serde(tag = "by", rename_all = "lowercase")]
    enum Search {
        Name { name: String, limit: u8 },
        Id { id: u32, limit: u8 },
    }
    let all = parameters(takes::<Search>(operation("GET", "/"), In::Query));
    let of = |name: &str| all.iter().find(|parameter| parameter["name"] == name).unwrap();
    assert_eq!(of("by")["schema"], json!({"type": "string", "enum": ["name", "id"]}));
    assert_eq!((&of("by")["required"], &of("limit")["required"]), (&json!(true), &json!(true)));
    assert!(of("name").get("required").is_none() && of("id").get("required").is_none());

    let free = parameters(takes::<BTreeMap<String, u8>>(operation("GET", "/"), In::Query));
    assert_eq!((free.len(), &free[0]["style"], &free[0]["explode"]), (1, &json!("form"), &json!(true)));
    assert_eq!(free[0]["schema"]["additionalProperties"]["format"], "uint8");
    let free = parameters(takes::<BTreeMap<String, Value>>(operation("GET", "/"), In::Query));
    assert_eq!(free.len(), 1);
}

#[test]
fn bodies_by_media_type() {
    static WIRE: [WireField; 1] = [WireField {
        upload: Some(UploadRule { max_size: None, max_files: None, accept: &["image/png", "image/jpeg"] }),
        ..WireField::new("avatar", "avatar")
    }];
    let body = |schema, media_types: &'static [Cow<'static, str>], optional| {
        let mut put = operation("PUT", "/");
        put.parsers = vec!["application/json".into(), "application/msgpack".into()];
        put.spec.inputs.push(Input::Body { schema, wire: &WIRE, optional, media_types: media_types.into() });
        built(&[put])["paths"]["/"]["put"]["requestBody"].clone()
    };
    let text = SchemaOf::of::<String>();
    assert_eq!(
        body(Some(text), &[], false),
        json!({"required": true, "content": {
            "application/json": {"schema": {"type": "string"}},
            "application/msgpack": {"schema": {"type": "string"}},
        }})
    );
    assert_eq!(body(None, &[], true), json!({"content": {"application/octet-stream": {}}}));
    let multipart = body(Some(text), &[Cow::Borrowed("multipart/form-data")], false);
    assert_eq!(
        multipart["content"]["multipart/form-data"]["encoding"],
        json!({"avatar": {"contentType": "image/png, image/jpeg"}})
    );
}

#[test]
fn forms_tell_what_is_checked_while_they_are_read() {
    static WIRE: [WireField; 2] = [
        WireField {
            upload: Some(UploadRule { max_size: Some(1024), max_files: Some(3), accept: &[] }),
            ..WireField::new("pictures", "pictures")
        },
        WireField {
            upload: Some(UploadRule { max_size: Some(64), max_files: None, accept: &[] }),
            ..WireField::new("cover", "cover")
        },
    ];
    #[derive(schemars::JsonSchema)]
    #[allow(dead_code, reason = "only its schema counts")]
    struct Album {
        pictures: Vec<Bytes>,
        #[serde(default)]
        #[schemars(length(max = 32))]
        cover: String,
        #[serde(default)]
        tags: Vec<String>,
    }
    type Bytes = String;
    let mut post = operation("POST", "/");
    post.spec.inputs.push(Input::Body {
        schema: Some(SchemaOf::of::<Album>()),
        wire: &WIRE,
        optional: false,
        media_types: vec![Cow::Borrowed("multipart/form-data")].into(),
    });
    let album = &built(&[post])["components"]["schemas"]["Album"]["properties"];
    assert_eq!(album["pictures"]["minItems"], 1, "an empty list cannot be sent");
    assert_eq!(album["pictures"]["maxItems"], 3);
    assert_eq!(album["pictures"]["items"]["maxLength"], 1024);
    assert_eq!(album["cover"]["maxLength"], 32, "what the type says itself stays");
    assert!(album["tags"].get("minItems").is_none());
}

#[test]
fn integers_tell_how_wide_they_are() {
    let schema = |schema| {
        let output = Output::new(None, OutputContent::Model(schema));
        answers(vec![output])["201"]["content"]["application/json"]["schema"].clone()
    };
    assert_eq!(schema(SchemaOf::of::<u32>())["maximum"], u32::MAX);
    assert_eq!(schema(SchemaOf::of::<i64>())["minimum"], i64::MIN);
}

fn answers(outputs: Vec<Output>) -> Value {
    let mut post = operation("POST", "/");
    post.spec.outputs = outputs;
    built(&[post])["paths"]["/"]["post"]["responses"].clone()
}

#[test]
fn answers_of_one_status_become_one() {
    let model = |schema| Output::new(None, OutputContent::Model(schema));
    let mut number = model(SchemaOf::of::<u8>());
    number.description = Some("A number.".into());
    number.headers = vec![HeaderSpec::required("Location"), HeaderSpec::required("X-Both")];
    let mut text = model(SchemaOf::of::<String>());
    text.description = Some("A text.".into());
    text.headers = vec![HeaderSpec::required("x-both"), HeaderSpec::required("Content-Type")];
    let all =
        answers(vec![number, text, Output::problem(404, "No such user."), Output::problem(404, "Gone.")]);

    assert_eq!(all["201"]["description"], "- A number.\n- A text.");
    assert_eq!(
        all["201"]["content"]["application/json"]["schema"]["anyOf"].as_array().unwrap().len(),
        2,
        "{all:#}"
    );
    assert_eq!(
        all["201"]["headers"],
        json!({
            "Location": {"schema": {"type": "string"}},
            "X-Both": {"required": true, "schema": {"type": "string"}},
        })
    );
    assert_eq!(
        all["404"]["content"],
        json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}})
    );
}

#[test]
fn the_error_model_and_the_renderers_decide_how_problems_look() {
    let mut get = operation("GET", "/");
    get.renderers = vec!["application/json".into(), "application/msgpack".into()];
    get.error_model = std::sync::Arc::new(CompactDetail);
    get.spec.outputs = vec![Output::problem(400, "Bad."), Output::new(Some(204), OutputContent::Empty)];
    let all = built(&[get])["paths"]["/"]["get"]["responses"].clone();
    let reference = json!({"schema": {"$ref": "#/components/schemas/ErrorModel"}});
    assert_eq!(
        all["400"]["content"],
        json!({"application/json": reference, "application/msgpack": reference})
    );
    assert_eq!(all["204"], json!({"description": "No Content"}));
}

#[test]
fn constant_headers_and_cookies() {
    let mut output = Output::new(Some(200), OutputContent::Any);
    let mut version = HeaderSpec::required("X-Version");
    version.schema = SchemaOf::of::<u8>();
    version.value = Some("2".into());
    output.headers = vec![version];
    let mut session = CookieSpec::required("session");
    session.description = Some("Who you are.".into());
    session.http_only = true;
    session.secure = true;
    session.max_age = Some(Duration::from_secs(3600));
    let mut theme = CookieSpec::required("theme");
    theme.required = false;
    theme.value = Some("dark".into());
    output.cookies = vec![session, theme];
    let headers = answers(vec![output])["200"]["headers"].clone();
    assert_eq!(headers["X-Version"]["schema"]["const"], 2);
    assert_eq!(
        headers["Set-Cookie"],
        json!({
            "description": "One line for each cookie:\n\
                - `session=...; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax` (always): Who you are.\n\
                - `theme=dark; Path=/; SameSite=Lax` (sometimes)",
            "required": true,
            "schema": {"type": "string"},
            "example": "session=...; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax",
        })
    );
}

#[test]
fn methods_that_openapi_3_1_does_not_know_stand_in_an_extension() {
    let document = built(&[operation("QUERY", "/"), operation("GET", "/")]);
    let item = document["paths"]["/"].as_object().unwrap();
    assert_eq!(item.keys().collect::<Vec<_>>(), ["get", "x-additionalOperations"]);
    assert_eq!(item["x-additionalOperations"]["QUERY"]["operationId"], "query_");
}

#[test]
fn hidden_operations_leave_no_trace() {
    let mut hidden = writes::<Filter>(operation("GET", "/hidden"));
    hidden.spec.hidden = true;
    hidden.tags = vec!["internal".into()];
    let document = built(&[hidden]);
    assert_eq!(document, json!({"openapi": "3.1.1", "info": {"title": "Test", "version": "1"}, "paths": {}}));
}

#[test]
fn all_faults_are_told_at_once() {
    let mut one = operation("GET", "/users/{id}");
    one.operation_id = "user".into();
    let mut two = operation("DELETE", "/users/{user}");
    two.operation_id = "user".into();
    two.security = vec![("mesh".into(), Vec::new())];
    let three = operation("GET", "/boards");
    let mut four = operation("GET", "/boards");
    four.operation_id = "again".into();
    let schemes = [
        SchemeDoc { name: "a key".into(), value: json!({}) },
        SchemeDoc { name: "jwt".into(), value: json!({"type": "http"}) },
        SchemeDoc { name: "jwt".into(), value: json!({"type": "apiKey"}) },
    ];
    insta::assert_snapshot!(faults(&[one, two, three, four], &schemes).join("\n"));
}

#[test]
fn nothing_depends_on_the_order_of_the_operations() {
    let one = writes::<Filter>(operation("GET", "/b"));
    let two = writes::<BTreeMap<String, Sort>>(operation("GET", "/a"));
    let json = |operations: &[MountedOperation]| build(operations).unwrap().to_json();
    assert_eq!(json(&[one.clone(), two.clone()]), json(&[two, one]));
}
