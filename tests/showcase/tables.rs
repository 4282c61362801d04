//! Lists, the document, and what is at no path.

use serde_json::{Value, json};

use crate::{api, client, service};

#[actix_web::test]
async fn lists_come_in_pages_and_with_filters() {
    let client = service().await;
    let ids =
        |page: &Value| page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
    for (query, total, items) in [
        ("", 2, json!([1, 2])),
        ("?per_page=1", 2, json!([1])),
        ("?per_page=1&page=2", 2, json!([2])),
        ("?page=9", 2, json!([])),
        ("?status=todo", 1, json!([2])),
        ("?status=todo&status=doing", 2, json!([1, 2])),
        ("?labels=bug,urgent", 1, json!([2])),
        ("?labels=bug,docs", 0, json!([])),
        ("?assignee=1", 1, json!([1])),
        ("?due_by=2026-01-15", 0, json!([])),
        ("?due_by=2026-01-16", 1, json!([1])),
    ] {
        let page: Value = client.get(&format!("/api/boards/1/cards{query}")).send().await.json();
        let found: Value = ids(&page);
        assert_eq!((&page["total"], found), (&json!(total), items), "{query}");
    }
    let found: Value = client.get("/api/users?role=member&name=BO").send().await.json();
    assert_eq!(found["items"][0]["email"], "bob@example.org");
    client.get("/api/boards/9/cards").send().await.assert_status(404);
    let export = client.get("/api/boards/1/cards/export.csv").send().await;
    export.assert_content_type("text/csv");
    assert_eq!(export.text().lines().count(), 3);
}

#[actix_web::test]
async fn the_document_tells_who_may_call_what() {
    let document = api().await.document(&crate::app::info()).unwrap();
    let paths = &document.to_value()["paths"];
    assert_eq!(
        paths["/api/boards"]["post"]["security"],
        json!([{"Bearer": ["boards:write"]}, {"ApiKey": ["boards:write"]}])
    );
    assert!(paths["/api/login"]["post"].get("security").is_none());
    assert_eq!(paths["/api/boards/{board}/cards/export.csv"]["get"]["deprecated"], true);
    let tags: Vec<_> =
        document.to_value()["tags"].as_array().unwrap().iter().map(|tag| &tag["description"]).collect();
    assert!(tags.len() == 8 && tags.iter().all(|description| description.is_string()));
}

#[actix_web::test]
async fn the_pages_are_there() {
    let client = client().await;
    client.get("/openapi.json").send().await.assert_status(200).assert_content_type("application/json");
    client.get("/openapi.yaml").send().await.assert_status(200);
    for page in ["/docs", "/scalar"] {
        client.get(page).send().await.assert_status(200).assert_content_type("text/html");
    }
}

#[actix_web::test]
async fn what_is_nowhere_is_told_in_the_apis_own_voice() {
    let client = client().await;
    // The outer router has no prefix and leaves other paths alone; the inner one has `/api`.
    client.get("/api/nowhere").send().await.assert_status(404).problem().assert_code("not-found");
    client.get("/nowhere").send().await.assert_status(404).assert_no_body();
    let answer = client.delete("/api/boards").send().await;
    answer.assert_status(405).assert_header("allow", "GET, HEAD, OPTIONS, POST");
}
