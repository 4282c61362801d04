//! The document and its pages, through a router.

use std::io::Read;

use actix_charter::{prelude::*, testing::TestClient};
use serde_json::{Value, json};

use crate::rich::{api, info};

struct Pings;

#[controller(path = "/ping")]
impl Pings {
    #[get]
    async fn ping(&self) -> NoContent {
        NoContent
    }
}

async fn client() -> TestClient {
    let inner = Router::new("/inner").controller(Pings).openapi_at("/docs/inner", Info::new("Inner", "2"));
    TestClient::new(api().nest(inner).openapi(info()).swagger_ui("/docs").scalar("/reference")).await
}

#[actix_web::test]
async fn it_is_what_an_export_gives() {
    let answer = client().await.get("/api/openapi.json").send().await;
    answer
        .assert_status(200)
        .assert_content_type("application/json")
        .assert_header("cache-control", "no-cache");
    let served: Value = answer.json();
    crate::roas::assert_valid(&served);
    let inner = Router::new("/inner").controller(Pings);
    assert_eq!(served, *api().nest(inner).document(&info()).unwrap().to_value());

    let yaml = client().await.get("/api/openapi.yaml").send().await;
    yaml.assert_status(200).assert_content_type("application/yaml");
    assert!(yaml.text().starts_with("openapi: \"3.1.1\"\n"), "{}", yaml.text());
}

#[actix_web::test]
async fn it_is_sent_once_and_compressed() {
    let client = client().await;
    for path in ["/api/openapi.json", "/api/openapi.yaml"] {
        let plain = client.get(path).send().await;
        let tag = plain.header("etag").unwrap().to_owned();
        let again = client.get(path).header(("if-none-match", tag.as_str())).send().await;
        again.assert_status(304).assert_no_body().assert_header("etag", &tag);

        for coding in ["gzip", "br"] {
            let packed = client.get(path).header(("accept-encoding", coding)).send().await;
            packed
                .assert_status(200)
                .assert_header("content-encoding", coding)
                .assert_header("vary", "accept-encoding");
            let mut text = Vec::new();
            match coding {
                "gzip" => flate2::read::GzDecoder::new(&packed.bytes()[..]).read_to_end(&mut text).unwrap(),
                _ => brotli::Decompressor::new(&packed.bytes()[..], 4096).read_to_end(&mut text).unwrap(),
            };
            assert_eq!(text, plain.bytes()[..]);
            assert_ne!(packed.header("etag"), Some(tag.as_str()));
        }
        let head = client.head(path).send().await;
        head.assert_status(200).assert_header("etag", &tag).assert_body("");
    }
}

#[actix_web::test]
async fn it_is_a_route_like_others() {
    let client = client().await;
    let answer = client.post("/api/openapi.json").send().await;
    answer
        .assert_status(405)
        .assert_header("allow", "GET, HEAD, OPTIONS")
        .problem()
        .assert_code("method-not-allowed");
    // Open, although everything else asks for a key; and not in itself.
    let document: Value = client.get("/api/openapi.json").send().await.json();
    assert_eq!(document["paths"].get("/api/openapi.json"), None);
}

#[actix_web::test]
async fn a_nested_router_has_a_document_of_its_own() {
    let client = client().await;
    let inner: Value = client.get("/api/inner/docs/inner.json").send().await.json();
    crate::roas::assert_valid(&inner);
    assert_eq!(inner["info"], json!({"title": "Inner", "version": "2"}));
    assert_eq!(inner["paths"].as_object().unwrap().keys().collect::<Vec<_>>(), ["/api/inner/ping"]);
    let outer: Value = client.get("/api/openapi.json").send().await.json();
    assert!(
        outer["paths"].get("/api/inner/ping").is_some()
            && outer["paths"].get("/api/boards/{board}/cards").is_some()
    );
}

#[actix_web::test]
async fn pages_need_no_other_server() {
    let client = client().await;
    for path in ["/api/docs", "/api/reference"] {
        let page = client.get(path).send().await;
        page.assert_status(200).assert_content_type("text/html");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{policy}");
        let html = page.text().into_owned();
        assert!(!html.contains("https://") && !html.contains("http://"), "{html}");
        // Relative, so that a proxy may put a prefix before it all.
        assert!(html.contains("\"./openapi.json\""), "{html}");
        let below = format!("{}/", path.rsplit('/').next().unwrap());
        let assets = html.split('"').filter(|text| text.starts_with(&below));
        let mut count = 0;
        for asset in assets {
            client.get(&format!("/api/{asset}")).send().await.assert_status(200);
            client.head(&format!("/api/{asset}")).send().await.assert_status(200);
            count += 1;
        }
        assert!(count >= 2, "{html}");
        client.get(&format!("{path}/nothing.js")).send().await.assert_status(404);
    }
}

#[actix_web::test]
async fn below_a_scope_it_says_where_the_operations_are() {
    use actix_web::{App, test, web};
    let server = async |info: Info| {
        let router = Router::new("/api").controller(Pings).openapi(info);
        let app = test::init_service(App::new().service(web::scope("/v1").service(router))).await;
        let mut document = Value::Null;
        // The second time it is the one that was kept.
        for _ in 0..2 {
            let request = test::TestRequest::get().uri("/v1/api/openapi.json").to_request();
            document = test::call_and_read_body_json(&app, request).await;
            assert!(document["paths"]["/api/ping"].is_object(), "{document}");
        }
        document["servers"][0]["url"].clone()
    };
    assert_eq!(server(Info::new("Pings", "1")).await, "/v1");
    // However a client spells it.
    let router = Router::new("/api").controller(Pings).openapi(Info::new("Pings", "1"));
    let app = test::init_service(App::new().service(web::scope("/v1").service(router))).await;
    let request = test::TestRequest::get().uri("/%761/api/openapi.json").to_request();
    let document: Value = test::call_and_read_body_json(&app, request).await;
    assert_eq!(document["servers"][0]["url"], "/v1");
    // What the application says itself stands.
    let own = Info::new("Pings", "1").server("https://example.org/v1", "production");
    assert_eq!(server(own).await, "https://example.org/v1");
}
