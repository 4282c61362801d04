//! Links that were signed, through routers, scopes and plain handlers.

use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

use actix_charter::{
    prelude::*,
    security::{BearerToken, Secret, SignedLink, SignedLinks, VerifiedLink},
    testing::{DocumentContract, TestClient, TestResponse},
};
use actix_web::{App, HttpRequest, HttpResponse, http::Method, web};
use serde_json::json;

const NOW: u64 = 1_700_000_000;
const HOUR: Duration = Duration::from_secs(3600);

fn links() -> SignedLinks {
    SignedLinks::new("k1", [1; 32]).unwrap().clock(|| UNIX_EPOCH + Duration::from_secs(NOW))
}

struct Files;

#[controller(path = "/files")]
impl Files {
    #[get("/{name}", security = SignedLink)]
    async fn read(&self, Path(name): Path<String>, link: Identity<VerifiedLink>) -> String {
        format!("{name} for {}", link.subject().unwrap_or("anyone"))
    }

    #[delete("/{name}", security = SignedLink)]
    async fn delete(&self, Path(name): Path<String>) -> String {
        format!("{name} is gone")
    }

    #[get("/strict/{page}", security(BearerToken<()>, SignedLink))]
    async fn strict(&self, Path(page): Path<u32>, query: Query<Strict>) -> String {
        format!("{page} {} {:?}", query.size, query.subject)
    }

    #[get("/all/{page}", security = SignedLink)]
    async fn all(&self, Path(page): Path<u32>, query: Query<BTreeMap<String, String>>) -> String {
        format!("{page} {:?}", query.0)
    }

    /// By a link, or by who may anyway.
    #[get("/either/{name}", security(BearerToken<()>, SignedLink))]
    async fn either(&self, Path(name): Path<String>) -> String {
        name
    }
}

/// Knows `subject`, and nothing else of a link.
#[derive(serde::Deserialize, schemars::JsonSchema, Model)]
#[serde(deny_unknown_fields)]
struct Strict {
    size: u32,
    subject: Option<String>,
}

fn api() -> Router {
    let token = BearerToken::new(async |_: &HttpRequest, token: Secret| token.matches("t").then_some(()));
    Router::new("/api").scheme(token).scheme(SignedLink::new(links())).controller(Files)
}

async fn client() -> TestClient {
    crate::roas::client(api()).await
}

fn link(path: &str) -> String {
    links().link(Method::GET, path).valid_for(HOUR).sign().unwrap()
}

/// All that a client is told.
fn told(answer: &TestResponse) -> (u16, String, Vec<(String, String)>) {
    let headers = answer.headers().iter();
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    (answer.status().as_u16(), answer.text().into_owned(), headers)
}

/// What the link brought along is no value of the endpoint, whatever its model takes.
#[actix_web::test]
async fn a_model_is_not_shown_what_is_the_links() {
    let client = client().await;
    let links = links();
    let link = |path: &str| links.link(Method::GET, path).query("size", "7").subject("ann").valid_for(HOUR);
    let strict = link("/api/files/strict/1").sign().unwrap();
    client.get(&strict).send().await.assert_body("\"1 7 Some(\\\"ann\\\")\"");
    client
        .get(&link("/api/files/all/1").sign().unwrap())
        .send()
        .await
        .assert_body("\"1 {\\\"size\\\": \\\"7\\\"}\"");
    // Of a caller who has no link it is refused, as anything else is that the model does not know.
    let who = ("authorization", "Bearer t");
    client.get("/api/files/strict/1?size=7").header(who).send().await.assert_status(200);
    for unknown in ["expires", "signature", "more"] {
        let path = format!("/api/files/strict/1?size=7&{unknown}=1");
        client.get(&path).header(who).send().await.assert_status(400);
    }
    let more = link("/api/files/strict/1").query("more", "1").sign().unwrap();
    client.get(&more).send().await.assert_status(400);
}

#[actix_web::test]
async fn a_link_opens_one_endpoint() {
    let client = client().await;
    client.get(&link("/api/files/résumé 1.pdf")).send().await.assert_body("\"résumé 1.pdf for anyone\"");
    let anns = links().link(Method::GET, "/api/files/a").subject("ann").valid_for(HOUR).sign().unwrap();
    client.get(&anns).send().await.assert_body("\"a for ann\"");
    client.head(&link("/api/files/a")).send().await.assert_status(200);
    // Not the other method of the path.
    client.delete(&link("/api/files/a")).send().await.assert_status(401);
    let delete = links().link(Method::DELETE, "/api/files/a").valid_for(HOUR).sign().unwrap();
    client.delete(&delete).send().await.assert_body("\"a is gone\"");
    client.get(&delete).send().await.assert_status(401);
}

#[actix_web::test]
async fn whatever_is_wrong_the_answer_is_the_same() {
    let client = client().await;
    let good = link("/api/files/a");
    let over = SignedLinks::new("k1", [1; 32]).unwrap().clock(|| UNIX_EPOCH);
    let over = over.link(Method::GET, "/api/files/a").valid_for(HOUR).sign().unwrap();
    let stranger = SignedLinks::new("k1", [2; 32]).unwrap().clock(|| UNIX_EPOCH + Duration::from_secs(NOW));
    let stranger = stranger.link(Method::GET, "/api/files/a").valid_for(HOUR).sign().unwrap();
    let wrong = [
        good.replace("files/a", "files/b"),
        good.replace("k1.", "k2."),
        good.replace("=17", "=18"),
        good.replace("files/a", "files/%zz"),
        format!("{good}&more=1"),
        format!("{good}&expires=1"),
        good.replace("expires=", "expired="),
        "/api/files/a?signature=".to_owned(),
        over,
        stranger,
    ];
    let mut answers = Vec::new();
    for wrong in &wrong {
        let answer = client.get(wrong).send().await;
        answer.assert_status(401).problem().assert_code("invalid_link");
        answer.assert_header("www-authenticate", "SignedLink realm=\"api\"");
        answers.push(told(&answer));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    client.get("/api/files/a").send().await.assert_status(401).problem().assert_code("unauthenticated");
}

#[actix_web::test]
async fn a_link_is_one_way_in_among_others() {
    let client = client().await;
    client.get("/api/files/either/a").bearer("t").send().await.assert_status(200);
    client.get(&link("/api/files/either/a")).send().await.assert_status(200);
    client.get("/api/files/either/a?signature=x").send().await.assert_status(401);
    // `expires` alone claims nothing.
    let nobody = client.get("/api/files/either/a?expires=1").send().await;
    nobody.assert_status(401).problem().assert_code("unauthenticated");
}

/// What Actix's routing takes for one path is one path, what it takes for two are two.
#[actix_web::test]
async fn encodings_are_told_apart_as_actix_does() {
    let client = client().await;
    let slash = links().link_of(Method::GET, ["api", "files", "a/b"]).valid_for(HOUR).sign().unwrap();
    client.get(&slash).send().await.assert_body("\"a/b for anyone\"");
    let two = slash.replace("a%2Fb", "a/b");
    client.get(&two).send().await.assert_status(404);
    let percent = link("/api/files/a%2Fb");
    client.get(&percent).send().await.assert_body("\"a%2Fb for anyone\"");
    for trick in ["a%2Fb", "a%%32Fb", "a/b"] {
        let answer = client.get(&percent.replace("a%252Fb", trick)).send().await;
        assert!([401, 404].contains(&answer.status().as_u16()), "{answer}");
    }
    let plain = link("/api/files/a b");
    for same in ["%61%20b", "a%20%62"] {
        client.get(&plain.replace("a%20b", same)).send().await.assert_body("\"a b for anyone\"");
    }
}

#[actix_web::test]
async fn mounted_below_a_scope_the_whole_path_counts() {
    let server = actix_test::start(|| App::new().service(web::scope("/app").service(api())));
    let contract = DocumentContract::of(&api()).unwrap().below("/app");
    let client = TestClient::at(&format!("http://{}", server.addr())).contract(contract);
    client.get(&link("/app/api/files/a b")).send().await.assert_body("\"a b for anyone\"");
    client.get(&format!("/app{}", link("/api/files/a b"))).send().await.assert_status(401);
}

#[actix_web::test]
async fn a_plain_handler_takes_a_link() {
    async fn read(name: web::Path<String>, link: VerifiedLink) -> String {
        format!("{name} by {}", link.key_id())
    }
    async fn ask(request: HttpRequest, links: web::Data<SignedLinks>) -> HttpResponse {
        match links.verify(&request) {
            Ok(_) => HttpResponse::Ok().finish(),
            Err(_) => HttpResponse::NotFound().finish(),
        }
    }
    for bare in [true, false] {
        let client = TestClient::configured(|config| {
            if bare {
                config.app_data(links());
            }
            let scope = web::scope("/files").route("/{name}", web::get().to(read));
            config.app_data(web::Data::new(links())).service(scope).route("/ask", web::get().to(ask));
        })
        .await;
        client.get(&link("/files/é")).send().await.assert_status(200).assert_body("é by k1");
        let refused = client.get("/files/x").send().await;
        refused.assert_status(401).assert_body("the link is not valid");
        refused.assert_header("www-authenticate", "SignedLink realm=\"api\"");
        client.get(&link("/ask")).send().await.assert_status(200);
        client.get("/ask").send().await.assert_status(404);
    }
    let forgotten = TestClient::configured(|config| {
        config.route("/{name}", web::get().to(read));
    });
    forgotten.await.get(&link("/a")).send().await.assert_status(500);
}

#[actix_web::test]
async fn what_it_is_is_in_the_document() {
    let document = crate::roas::valid_document(&api());
    let scheme = &document["components"]["securitySchemes"]["SignedLink"];
    assert_eq!(
        (&scheme["type"], &scheme["in"], &scheme["name"]),
        (&json!("apiKey"), &json!("query"), &json!("signature"))
    );
    assert!(scheme["description"].as_str().unwrap().contains("`expires`"));
    let read = &document["paths"]["/api/files/{name}"]["get"];
    assert_eq!(read["security"], json!([{"SignedLink": []}]));
    assert!(read["responses"]["401"].is_object());
    let either = &document["paths"]["/api/files/either/{name}"]["get"];
    assert_eq!(either["security"], json!([{"BearerToken": []}, {"SignedLink": []}]));
}

#[test]
fn scopes_are_the_applications_to_say() {
    struct Scoped;

    #[controller]
    impl Scoped {
        #[get("/a", security = SignedLink, scopes("read"))]
        async fn a(&self) -> NoContent {
            NoContent
        }
    }

    let info = Info::new("Test", "1");
    let without = Router::new("").scheme(SignedLink::new(links())).controller(Scoped);
    assert!(without.document(&info).unwrap_err().to_string().contains("knows no scopes"));
    let scheme =
        SignedLink::new(links()).grants(|link, scope| link.subject() == Some("ann") && scope == "read");
    assert!(Router::new("").scheme(scheme).controller(Scoped).document(&info).is_ok());
}
