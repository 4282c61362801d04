//! Files of the board, sent by us and by the proxy in front.

use actix_charter::{
    download::{Delivery, offload::Offload},
    testing::MultipartForm,
};
use serde_json::{Value, json};

use crate::{Site, behind::Proxy};

const SEED: &str = "/api/boards/1/cards/2/attachments/1/file";

#[actix_web::test]
async fn an_attachment_comes_back_as_it_was_uploaded() {
    let site = Site::new().await;
    let client = site.client().await;
    let path = "/api/boards/2/cards/3/attachments";
    let form = MultipartForm::new().file("files", "Möwe am Meer.png", "image/png", b"\x89PNG and more");
    let kept: Value = client.post(path).multipart(form).send().await.assert_status(201).json();
    assert!(kept[0].get("key").is_none(), "{kept}");
    let file = format!("{path}/{}/file", kept[0]["id"]);
    let answer = client.get(&file).send().await;
    let download = answer.assert_status(200).assert_download();
    download.attachment().file_name("Möwe am Meer.png").media_type("image/png").content(b"\x89PNG and more");
    let answer = client.get(&file).header(("range", "bytes=5-7")).send().await;
    answer.assert_status(206).assert_body("and");

    client.delete(&format!("{path}/{}", kept[0]["id"])).send().await.assert_status(204);
    client.get(&file).send().await.assert_status(404);
    assert_eq!(std::fs::read_dir(site.files().join("attachments")).unwrap().count(), 1, "the seed alone");
}

#[actix_web::test]
async fn a_link_needs_no_account_and_cannot_be_bent() {
    let site = Site::new().await;
    let client = site.client().await;
    let link: Value =
        client.post("/api/boards/1/cards/2/attachments/1/link").send().await.assert_status(200).json();
    let url = link["url"].as_str().unwrap();
    let stranger = actix_charter::testing::TestClient::new(site.api()).await;
    let answer = stranger.get(url).send().await;
    answer.assert_status(200).assert_download().file_name("what happens – or not.txt");
    stranger.get(&url.replace("/shared/1", "/shared/2")).send().await.assert_status(401);
    stranger.get("/api/shared/1").send().await.assert_status(401);
}

#[actix_web::test]
async fn everyone_has_a_picture() {
    let site = Site::new().await;
    let client = site.client().await;
    let answer = client.get("/api/users/1/avatar").send().await;
    answer.assert_status(200).assert_download().inline().media_type("image/svg+xml");
    assert!(answer.header("content-security-policy").unwrap().starts_with("sandbox"));
    assert!(answer.text().contains(">A</text>"));

    for picture in [b"first", b"other"] {
        let form = MultipartForm::new().file("picture", "me.png", "image/png", picture);
        client.put("/api/users/1/avatar").multipart(form).send().await.assert_status(204);
        let answer = client.get("/api/users/1/avatar").send().await;
        answer.assert_status(200).assert_download().inline().media_type("image/png").content(picture);
    }
    assert_eq!(std::fs::read_dir(site.files().join("avatars")).unwrap().count(), 1, "the old one is gone");
    let page = MultipartForm::new().file("picture", "me.svg", "image/svg+xml", b"<svg/>");
    client.put("/api/users/1/avatar").multipart(page).send().await.assert_status(400);
    client.get("/api/users/99/avatar").send().await.assert_status(404);
}

#[actix_web::test]
async fn a_board_is_a_table_that_is_made_once_for_each_state() {
    let site = Site::new().await;
    let client = site.client().await;
    let card = json!({"title": "=HYPERLINK(\"http://evil\")", "labels": ["a", "b, c"]});
    client.post("/api/boards/1/cards").json(&card).send().await.assert_status(201);
    let expected = "id,title,status,labels,assignee,starts,due\n\
        1,Write the README,doing,docs,1,2026-01-05,2026-01-16\n\
        2,Fix the login page,todo,bug urgent,2,,\n\
        4,\"'=HYPERLINK(\"\"http://evil\"\")\",todo,\"a b, c\",,,\n";
    let mut etags = Vec::new();
    for _ in 0..2 {
        let answer = client.get("/api/boards/1/export/cards.csv").send().await;
        answer
            .assert_status(200)
            .assert_download()
            .file_name("Launch.csv")
            .media_type("text/csv")
            .content(expected);
        etags.push(answer.header("etag").unwrap().to_owned());
    }
    assert_eq!(etags[0], etags[1]);
    let kept = || std::fs::read_dir(site.cache.path()).unwrap().count();
    assert_eq!(kept(), 2, "one table, and the lock");
    client.post("/api/boards/1/cards").json(&json!({"title": "New"})).send().await.assert_status(201);
    let answer = client.get("/api/boards/1/export/cards.csv").send().await;
    assert!(answer.text().ends_with("5,New,todo,,,,\n"));
    assert_ne!(answer.header("etag"), Some(etags[0].as_str()));
    client.get("/api/boards/99/export/cards.csv").send().await.assert_status(404);
}

#[actix_web::test]
async fn the_handbook_comes_from_another_server() {
    let site = Site::new().await;
    let client = site.client().await;
    let answer = client.get("/api/handbook/welcome.txt").send().await;
    answer.assert_status(200).assert_download().inline().file_name("welcome.txt");
    assert!(answer.text().starts_with("Welcome."));
    client.get("/api/handbook/..%2Fsecret").send().await.assert_status(400);
    drop(site);
    // Nobody listens there any more.
    client.get("/api/handbook/house-rules.txt").send().await.assert_status(502);
}

#[actix_web::test]
async fn the_proxy_sends_what_it_can() {
    let mut site = Site::new().await;
    for (proxy, header, told) in [
        (Proxy::Nginx, "x-accel-redirect", "/internal/files/attachments/seed".to_owned()),
        (
            Proxy::Apache,
            "x-sendfile",
            format!("{}/attachments/seed", site.files().canonicalize().unwrap().display()),
        ),
        (
            Proxy::Lighttpd,
            "x-sendfile",
            format!("{}/attachments/seed", site.files().canonicalize().unwrap().display()),
        ),
    ] {
        let offload: Offload = proxy.offload(site.files(), site.cache.path()).unwrap();
        let start = proxy.configure(&offload, &site.folder.path().join("proxy"), 8080, 8081).unwrap();
        assert!(start.contains("proxy/"), "{start}");
        site.parts.delivery = Delivery::new().cache(site.cache.clone()).offload(offload);
        let client = site.client().await;
        let answer = client.get(SEED).send().await;
        answer.assert_status(200).assert_offloaded_by(header).to(&told);
        answer.assert_download().file_name("what happens – or not.txt").media_type("text/plain");
        // Too small to be worth it.
        client.get("/api/handbook/welcome.txt").send().await.assert_status(200).assert_not_offloaded();
    }
}
