//! Query, path, headers and cookies, in every shape that a model may have.

use actix_charter::{prelude::*, testing::TestClient};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

fn yes() -> bool {
    true
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "camelCase")]
struct Search {
    text: Option<String>,
    #[serde(default)]
    tag: Vec<String>,
    #[serde(default)]
    #[model(commas)]
    ids: Vec<u32>,
    #[serde(default)]
    #[model(null)]
    parent_card: Option<u32>,
    #[serde(default = "yes")]
    open: bool,
    ratio: Option<f64>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Paging {
    #[serde(default)]
    page: u32,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Only {
    #[serde(flatten)]
    inner: Wanted,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Wanted {
    #[serde(rename = "X-Wanted")]
    wanted: u32,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Ids {
    board: u32,
    card: String,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Sent {
    #[serde(rename = "X-Request-Id")]
    request_id: Option<String>,
    #[serde(rename = "X-Feature", default)]
    features: Vec<String>,
    #[serde(rename = "X-Scopes", default)]
    #[model(commas)]
    scopes: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
struct Jar {
    theme: Option<String>,
    #[serde(rename = "Visits", default)]
    visits: u32,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema, Model)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Open,
    Closed,
}

struct Parameters;

#[controller]
impl Parameters {
    #[get("/query")]
    async fn query(&self, query: Query<Search>) -> Search {
        query.0
    }

    #[get("/query/optional")]
    async fn optional(&self, query: Option<Query<Wanted>>) -> Option<Wanted> {
        query.map(|query| query.0)
    }

    #[get("/query/flattened")]
    async fn flattened(&self, query: Option<Query<Only>>) -> Option<Only> {
        query.map(|query| query.0)
    }

    #[get("/path/{board}/{card}")]
    async fn by_name(&self, ids: Path<Ids>) -> Ids {
        ids.0
    }

    #[get("/tuple/{a}/{b}/{c}")]
    async fn tuple(&self, Path((a, b, c)): Path<(u8, String, bool)>) -> Vec<String> {
        vec![a.to_string(), b, c.to_string()]
    }

    #[get("/scalar/{id}")]
    async fn scalar(&self, id: Path<i64>) -> i64 {
        *id
    }

    #[get("/text/{text}")]
    async fn text(&self, text: Path<String>) -> String {
        text.0
    }

    #[get("/kind/{kind}")]
    async fn kind(&self, kind: Path<Kind>) -> Kind {
        kind.0
    }

    #[get("/headers")]
    async fn headers(&self, sent: Headers<Sent>) -> Sent {
        sent.0
    }

    #[get("/headers/flattened")]
    async fn flattened_headers(&self, sent: Headers<Only>) -> Only {
        sent.0
    }

    #[get("/headers/optional")]
    async fn optional_headers(&self, sent: Option<Headers<Wanted>>) -> Option<Wanted> {
        sent.map(|sent| sent.0)
    }

    #[get("/cookies")]
    async fn cookies(&self, jar: Cookies<Jar>) -> Jar {
        jar.0
    }

    #[get("/cookies/optional")]
    async fn optional_cookies(&self, jar: Option<Cookies<Jar>>) -> Option<Jar> {
        jar.map(|jar| jar.0)
    }
}

async fn client() -> TestClient {
    crate::roas::client(Router::new("").controller(Parameters)).await
}

async fn get(target: &str) -> Value {
    let answer = client().await.get(target).send().await;
    answer.assert_status(200);
    answer.json()
}

#[actix_web::test]
async fn queries_have_defaults_lists_and_nulls() {
    let nothing = json!({
        "text": null, "tag": [], "ids": [], "parentCard": null, "open": true, "ratio": null, "page": 0,
    });
    assert_eq!(get("/query").await, nothing);
    assert_eq!(get("/query?").await, nothing);
    assert_eq!(
        get("/query?tag=a&text=x+y%21&tag=b%20c&ids=1,2,%203&parentCard=null&open=false&ratio=1.5&page=4")
            .await,
        json!({
            "text": "x y!", "tag": ["a", "b c"], "ids": [1, 2, 3], "parentCard": null, "open": false, "ratio": 1.5,
            "page": 4,
        })
    );
    let answer = get("/query?parentCard=7&tag=null&text=null&text=last").await;
    assert_eq!(
        (&answer["parentCard"], &answer["tag"], &answer["text"]),
        (&json!(7), &json!(["null"]), &json!("last"))
    );
}

#[actix_web::test]
async fn queries_that_do_not_fit_are_told_field_by_field() {
    let target = "/query?ids=1,x,3&parentCard=no&open=yes&ratio=NaN&page=-1";
    let answer = client().await.get(target).send().await;
    answer
        .assert_status(400)
        .problem()
        .assert_fault("query", "/ids/1", "type")
        .assert_fault("query", "/parentCard", "type")
        .assert_fault("query", "/open", "type")
        .assert_fault("query", "/ratio", "type")
        .assert_fault("query", "/page", "range");
}

#[actix_web::test]
async fn optional_queries_are_there_when_any_of_their_names_is() {
    let client = client().await;
    client.get("/query/optional").send().await.assert_status(404);
    client.get("/query/optional?other=1").send().await.assert_status(404);
    client
        .get("/query/optional?X-Wanted=5")
        .send()
        .await
        .assert_status(200)
        .assert_json(&json!({"X-Wanted": 5}));
    let answer = client.get("/query/optional?X-Wanted=x").send().await;
    answer.assert_status(400).problem().assert_fault("query", "/X-Wanted", "type");
    client
        .get("/query/flattened?X-Wanted=5")
        .send()
        .await
        .assert_status(200)
        .assert_json(&json!({"X-Wanted": 5}));
    client.get("/query/flattened").send().await.assert_status(404);
}

#[actix_web::test]
async fn paths_are_read_by_name_by_place_and_alone() {
    assert_eq!(get("/path/7/a%20b").await, json!({"board": 7, "card": "a b"}));
    assert_eq!(get("/tuple/1/x/true").await, json!(["1", "x", "true"]));
    assert_eq!(get("/scalar/-9").await, json!(-9));
    assert_eq!(get("/text/%C3%BC%2Fx").await, json!("ü/x"));
    assert_eq!(get("/kind/closed").await, json!("closed"));
    let answer = client().await.get("/tuple/256/x/maybe").send().await;
    answer
        .assert_status(400)
        .problem()
        .assert_fault("path", "/a", "range")
        .assert_fault("path", "/c", "type");
    client()
        .await
        .get("/kind/ajar")
        .send()
        .await
        .assert_status(400)
        .problem()
        .assert_fault("path", "/kind", "enum");
}

#[actix_web::test]
async fn headers_are_read_whatever_their_case() {
    let client = client().await;
    let answer = client
        .get("/headers")
        .header(("x-request-id", "r1"))
        .header(("x-feature", "a"))
        .header(("X-FEATURE", "b, c"))
        .header(("x-scopes", "read, write,,admin"))
        .send()
        .await;
    answer.assert_status(200).assert_json(
        &json!({"X-Request-Id": "r1", "X-Feature": ["a", "b, c"], "X-Scopes": ["read", "write", "admin"]}),
    );
    let answer = client.get("/headers/flattened").header(("x-wanted", "3")).send().await;
    answer.assert_status(200).assert_json(&json!({"X-Wanted": 3}));
    let answer = client.get("/headers/flattened").header(("x-wanted", "three")).send().await;
    answer.assert_status(400).problem().assert_fault("header", "/X-Wanted", "type");
    client.get("/headers/optional").send().await.assert_status(404);
    client.get("/headers/optional").header(("X-WANTED", "3")).send().await.assert_status(200);
}

#[actix_web::test]
async fn cookies_are_read_by_their_exact_names() {
    let client = client().await;
    let answer = client.get("/cookies").cookie("theme", "\"dark\"").cookie("Visits", "3").send().await;
    answer.assert_status(200).assert_json(&json!({"theme": "dark", "Visits": 3}));
    let answer = client.get("/cookies").cookie("visits", "3").send().await;
    answer.assert_status(200).assert_json(&json!({"theme": null, "Visits": 0}));
    // The most specific one comes first (RFC 6265 §5.4).
    let answer = client.get("/cookies").cookie("theme", "near").cookie("theme", "far").send().await;
    answer.assert_json(&json!({"theme": "near", "Visits": 0}));
    client.get("/cookies/optional").cookie("other", "1").send().await.assert_status(404);
}
