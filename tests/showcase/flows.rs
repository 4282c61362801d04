//! The main ways through the product.

use actix_charter::testing::MultipartForm;
use serde_json::{Value, json};

use crate::{client, service, token};

#[actix_web::test]
async fn people_sign_in_and_services_have_keys() {
    let client = client().await;
    let refused = client.get("/api/me").send().await;
    refused.assert_status(401).assert_header("www-authenticate", "Bearer realm=\"api\"");
    refused.assert_header("www-authenticate", "ApiKey realm=\"api\"");

    let wrong = json!({"email": "ada@example.org", "password": "wrong"});
    let nobody = json!({"email": "nobody@example.org", "password": "correct horse battery"});
    for credentials in [wrong, nobody] {
        let answer = client.post("/api/login").json(&credentials).send().await;
        answer.assert_status(401).problem().assert_code("wrong-credentials");
    }

    let ada = token(&client, "ada@example.org").await;
    let me = client.get("/api/me").bearer(&ada).send().await;
    me.assert_json(&json!({"sub": "user:1", "scope": "boards:write users:write"}));
    let me = client.get("/api/me").header(("x-api-key", "demo-key-reports")).send().await;
    me.assert_json(&json!({"sub": "service:reports", "scope": ""}));
    client.get("/api/me").bearer(&format!("{ada}x")).send().await.assert_status(401);
}

#[actix_web::test]
async fn scopes_are_needed_to_write() {
    let client = client().await;
    let board = json!({"title": "Plans"});
    let reports = client.post("/api/boards").header(("x-api-key", "demo-key-reports")).json(&board);
    reports.send().await.assert_status(403).problem().assert_code("insufficient_scope");
    // A member may write on boards, and not touch accounts.
    let bob = token(&client, "bob@example.org").await;
    client.post("/api/boards").bearer(&bob).json(&board).send().await.assert_status(201);
    client.delete("/api/users/1").bearer(&bob).send().await.assert_status(403);
}

#[actix_web::test]
async fn a_user_is_added_changed_and_removed() {
    let client = service().await;
    let eve = json!({"email": "eve@example.org", "name": "Eve", "password": "a long pass phrase"});
    let created = client.post("/api/users").json(&eve).send().await;
    created.assert_status(201).assert_header("location", "/api/users/3");
    assert!(created.json::<Value>().get("password").is_none());
    client.post("/api/users").json(&eve).send().await.assert_status(409).problem().assert_code("email-taken");

    let changed = client.patch("/api/users/3").json(&json!({"role": "admin"})).send().await;
    changed.assert_status(200);
    assert_eq!(changed.json::<Value>()["role"], "admin");
    assert_eq!(changed.json::<Value>()["name"], "Eve", "what is left out stays");

    client.delete("/api/users/3").send().await.assert_status(204).assert_no_body();
    client.get("/api/users/3").send().await.assert_status(404).problem().assert_code("not-found");
    client.delete("/api/users/3").send().await.assert_status(404);
}

#[actix_web::test]
async fn all_faults_come_at_once() {
    let client = service().await;
    let user = json!({"email": "eve", "role": "queen", "password": "short"});
    let answer = client.post("/api/users").json(&user).send().await;
    answer.assert_status(400);
    let problem = answer.problem();
    problem.assert_fault("body", "/name", "required").assert_fault("body", "/email", "email");
    problem.assert_fault("body", "/password", "length").assert_fault("body", "/role", "enum");
    assert!(!answer.text().contains("queen"), "no refused value is told");

    let answer = client.get("/api/boards/x/cards?page=0&status=lost").send().await;
    answer.assert_status(400);
    let problem = answer.problem();
    problem.assert_fault("path", "/board", "type").assert_fault("query", "/page", "range");
}

#[actix_web::test]
async fn a_card_has_versions() {
    let client = service().await;
    let card = json!({"title": "Water", "starts": "2026-06-01", "due": "2026-09-30", "assignee": 2});
    let created = client.post("/api/boards/2/cards").json(&card).send().await;
    created.assert_status(201).assert_header("location", "/api/boards/2/cards/4");

    let shown = client.get("/api/boards/2/cards/4").send().await;
    shown.assert_status(200).assert_header("etag", "\"v1\"");
    let again = client.get("/api/boards/2/cards/4").header(("if-none-match", "\"v1\"")).send().await;
    again.assert_status(304).assert_no_body();

    let change = client.patch("/api/boards/2/cards/4").header(("if-match", "\"v1\""));
    let changed = change.json(&json!({"status": "doing", "assignee": null})).send().await;
    changed.assert_status(200);
    let changed: Value = changed.json();
    assert_eq!((&changed["assignee"], &changed["due"]), (&Value::Null, &json!("2026-09-30")));
    let stale = client.patch("/api/boards/2/cards/4").header(("if-match", "\"v1\"")).json(&json!({}));
    stale.send().await.assert_status(412).assert_header("etag", "\"v2\"").problem().assert_code("stale");
}

#[actix_web::test]
async fn rules_over_fields_state_and_the_applications_data() {
    let client = service().await;
    let backwards = json!({"title": "Water", "starts": "2026-06-02", "due": "2026-06-01"});
    let answer = client.post("/api/boards/2/cards").json(&backwards).send().await;
    answer.assert_status(400).problem().assert_fault("body", "", "order");
    let answer = client.patch("/api/boards/1/cards/1").json(&json!({"due": "2025-01-01"})).send().await;
    answer.assert_status(409).problem().assert_code("impossible");
    let answer = client.patch("/api/boards/1/cards/1").json(&json!({"assignee": 99})).send().await;
    answer.assert_status(409).problem().assert_code("impossible");

    let rude = json!({"text": "Do it ASAP."});
    let answer = client.post("/api/boards/1/cards/1/comments").json(&rude).send().await;
    answer.assert_status(400).problem().assert_fault("body", "/text", "house-rules");
}

#[actix_web::test]
async fn only_its_author_removes_a_comment() {
    let client = client().await;
    let ada = token(&client, "ada@example.org").await;
    let bob = token(&client, "bob@example.org").await;
    let comment = "/api/boards/1/cards/1/comments/1";
    let refused = client.delete(comment).bearer(&ada).send().await;
    refused.assert_status(403).problem().assert_code("not-yours");
    client.delete(comment).bearer(&bob).send().await.assert_status(204);
    client.get(comment).bearer(&bob).send().await.assert_status(404);
}

#[actix_web::test]
async fn files_are_attached_and_their_metadata_kept() {
    let site = crate::Site::new().await;
    let client = site.client().await;
    let form = MultipartForm::new()
        .text("note", "From the phone.")
        .file("files", "../sea.png", "image/png", b"\x89PNG")
        .file("files", "notes.txt", "text/plain", b"low tide");
    let path = "/api/boards/2/cards/3/attachments";
    let answer = client.post(path).multipart(form).send().await;
    answer.assert_status(201);
    let kept: Value = answer.json();
    assert_eq!((&kept[0]["name"], &kept[0]["size"]), (&json!("sea.png"), &json!(4)));
    assert_eq!((&kept[1]["media_type"], &kept[1]["note"]), (&json!("text/plain"), &json!("From the phone.")));
    assert_eq!(client.get(path).send().await.json::<Value>(), kept);

    let program = MultipartForm::new().file("files", "a.exe", "application/x-msdownload", b"MZ");
    let answer = client.post(path).multipart(program).send().await;
    answer.assert_status(400).problem().assert_fault("body", "/files/0", "media_type");
    client.post(path).json(&json!({})).send().await.assert_status(415);
}

#[actix_web::test]
async fn the_browser_remembers_the_theme() {
    let client = client().await;
    let answer = client.put("/api/preferences").json(&json!({"theme": "dark"})).send().await;
    answer.assert_status(204).assert_no_body();
    let cookie = answer.cookie("theme").unwrap();
    assert_eq!((cookie.value(), cookie.path()), ("dark", Some("/")));
    let answer = client.get("/api/preferences").cookie("theme", "dark").send().await;
    answer.assert_json(&json!({"theme": "dark"}));
    client.get("/api/preferences").send().await.assert_json(&json!({"theme": "light"}));
}
