//! Basic, bearer and API key, each alone.

use std::time::{Duration, UNIX_EPOCH};

use actix_charter::{
    prelude::*,
    security::{ApiKey, Basic, Bearer, BearerToken, Credentials, Denial, Secret},
    testing::{TestClient, TestResponse},
};
use actix_web::HttpRequest;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde::Deserialize;
use serde_json::{Value, json};

const NOW: u64 = 1_700_000_000;
const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

#[derive(Clone, Debug, Deserialize)]
struct Claims {
    sub: String,
}

#[derive(Clone)]
struct Operator(String);

struct Client(&'static str);

#[derive(Clone)]
struct Session {
    user: u32,
    admin: bool,
}

struct Secrets;

#[controller]
impl Secrets {
    #[get("/basic", security = Basic<Operator>)]
    async fn basic(&self, who: Identity<Operator>) -> String {
        who.0.0
    }

    #[get("/bearer", security = Bearer<Claims>)]
    async fn bearer(&self, who: Identity<Claims>) -> String {
        who.into_inner().sub
    }

    #[get("/bearer/scoped", security = Bearer<Claims>, scopes("notes:read", "notes:write"))]
    async fn scoped(&self, who: Identity<Claims>) -> String {
        who.0.sub
    }

    #[get("/key", security = ApiKey<Client>)]
    async fn key(&self, who: Identity<Client>) -> String {
        who.0.0.into()
    }

    #[get("/token", security = BearerToken<Session>, scopes("admin"))]
    async fn token(&self, who: Identity<Session>) -> u32 {
        who.user
    }
}

impl Clone for Client {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

fn api() -> Router {
    let basic = Basic::new(async |_: &HttpRequest, sent: Credentials| {
        (sent.username == "ops" && sent.password_eq("right")).then(|| Operator(sent.username.clone()))
    });
    let bearer = Bearer::<Claims>::hs256(KEY)
        .unwrap()
        .audience("notes")
        .known_scopes(["notes:read", "notes:write"])
        .clock(|| UNIX_EPOCH + Duration::from_secs(NOW));
    let token = BearerToken::new(async |_: &HttpRequest, token: Secret| match token.expose() {
        "ann" => Ok(Some(Session { user: 7, admin: true })),
        "bob" => Ok(Some(Session { user: 8, admin: false })),
        "down" => Err(Denial::unavailable("unavailable", "try again later")),
        _ => Ok(None),
    });
    let token = token.grants(|session, scope| session.admin && scope == "admin");
    Router::new("")
        .scheme(basic.realm("operations"))
        .scheme(bearer)
        .scheme(ApiKey::fixed([("k-1", Client("billing")), ("k-2", Client("reports"))]))
        .scheme(token)
        .controller(Secrets)
}

async fn client() -> TestClient {
    crate::roas::client(api()).await
}

fn jwt(claims: &Value) -> String {
    encode(&Header::default(), claims, &EncodingKey::from_secret(KEY)).unwrap()
}

fn assert_denied(answer: &TestResponse, status: u16, code: &str, challenge: &str) {
    answer.assert_status(status).assert_content_type("application/problem+json");
    answer.problem().assert_code(code);
    assert_eq!(answer.header("www-authenticate"), Some(challenge), "{answer}");
}

#[actix_web::test]
async fn basic() {
    let client = client().await;
    client.get("/basic").basic("ops", "right").send().await.assert_status(200).assert_body("\"ops\"");
    let challenge = "Basic realm=\"operations\", charset=\"UTF-8\"";
    assert_denied(&client.get("/basic").send().await, 401, "unauthenticated", challenge);
    assert_denied(
        &client.get("/basic").basic("ops", "wrong").send().await,
        401,
        "invalid_credentials",
        challenge,
    );
    assert_denied(&client.get("/basic").bearer("x").send().await, 401, "unauthenticated", challenge);
}

#[actix_web::test]
async fn bearer() {
    let client = client().await;
    let good = json!({"sub": "ann", "exp": NOW + 60, "aud": "notes", "scope": "notes:read notes:write"});
    client.get("/bearer").bearer(&jwt(&good)).send().await.assert_status(200).assert_body("\"ann\"");
    client.get("/bearer/scoped").bearer(&jwt(&good)).send().await.assert_status(200);

    assert_denied(&client.get("/bearer").send().await, 401, "unauthenticated", "Bearer realm=\"api\"");
    let over = json!({"sub": "ann", "exp": NOW - 600, "aud": "notes"});
    let answer = client.get("/bearer").bearer(&jwt(&over)).send().await;
    answer.assert_status(401).problem().assert_code("invalid_token");
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with("Bearer realm=\"api\", error=\"invalid_token\", error_description="),
        "{challenge}"
    );

    let answer = client.get("/bearer").header(("authorization", "Bearer a b")).send().await;
    answer.assert_status(400).problem().assert_code("invalid_request");

    let poor = json!({"sub": "ann", "exp": NOW + 60, "aud": "notes", "scope": "notes:read"});
    let answer = client.get("/bearer/scoped").bearer(&jwt(&poor)).send().await;
    let challenge = "Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"notes:read notes:write\"";
    assert_denied(&answer, 403, "insufficient_scope", challenge);

    // Someone else's audience, and someone else's key.
    let other = json!({"sub": "ann", "exp": NOW + 60, "aud": "elsewhere"});
    client.get("/bearer").bearer(&jwt(&other)).send().await.assert_status(401);
    let forged = encode(&Header::default(), &good, &EncodingKey::from_secret(&[7; 32])).unwrap();
    let answer = client.get("/bearer").bearer(&forged).send().await;
    answer.assert_status(401);
    assert!(!answer.text().contains(&forged));
}

#[actix_web::test]
async fn api_key() {
    let client = client().await;
    client
        .get("/key")
        .header(("x-api-key", "k-2"))
        .send()
        .await
        .assert_status(200)
        .assert_body("\"reports\"");
    let challenge = "ApiKey realm=\"api\"";
    assert_denied(&client.get("/key").send().await, 401, "unauthenticated", challenge);
    assert_denied(
        &client.get("/key").header(("x-api-key", "k-3")).send().await,
        401,
        "invalid_credentials",
        challenge,
    );
    let twice = client.get("/key").header(("x-api-key", "k-1")).header(("x-api-key", "k-2"));
    twice.send().await.assert_status(400).problem().assert_code("invalid_request");
}

#[actix_web::test]
async fn opaque_token() {
    let client = client().await;
    client.get("/token").bearer("ann").send().await.assert_status(200).assert_body("7");
    client
        .get("/token")
        .bearer("bob")
        .send()
        .await
        .assert_status(403)
        .problem()
        .assert_code("insufficient_scope");
    client.get("/token").bearer("eve").send().await.assert_status(401).problem().assert_code("invalid_token");
    // A verifier that cannot tell says so; its 503 is its own, and undeclared.
    let answer = client.get("/token").bearer("down").unchecked().send().await;
    answer.assert_status(503).problem().assert_code("unavailable");
}

#[actix_web::test]
async fn what_they_cause_is_in_the_document() {
    let document = crate::roas::valid_document(&api());
    let statuses = |path: &str| {
        let responses = document["paths"][path]["get"]["responses"].as_object().unwrap();
        responses.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(statuses("/basic"), "200 400 401 406");
    assert_eq!(statuses("/bearer"), "200 400 401 406");
    assert_eq!(statuses("/bearer/scoped"), "200 400 401 403 406");
    assert_eq!(statuses("/key"), "200 400 401 406");
    assert_eq!(
        document["paths"]["/bearer/scoped"]["get"]["security"],
        json!([{"Bearer": ["notes:read", "notes:write"]}])
    );
    let unauthenticated = &document["paths"]["/basic"]["get"]["responses"]["401"];
    assert_eq!(unauthenticated["headers"]["WWW-Authenticate"]["required"], true);
    assert_eq!(
        document["components"]["securitySchemes"],
        json!({
            "ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            "Basic": {"type": "http", "scheme": "basic"},
            "Bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "BearerToken": {"type": "http", "scheme": "bearer"},
        })
    );
}
