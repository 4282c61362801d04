//! Headers and cookies that the attribute adds.

use actix_charter::prelude::*;
use actix_web::HttpResponse;

struct Added;

#[controller]
impl Added {
    #[get(
        "/page/{there}",
        header("Cache-Control" = "no-store"),
        header("X-Served-By" = "charter"),
        cookie("theme" = "dark", secure, same_site = "Strict"),
        cookie("seen" = "1", max_age = 86400)
    )]
    async fn page(&self, there: Path<bool>) -> Option<String> {
        there.then(|| "x".into())
    }

    #[get("/raw", header("Cache-Control" = "no-store"), declares(200: "text/plain"))]
    async fn raw(&self) -> HttpResponse {
        HttpResponse::Ok().insert_header(("cache-control", "public")).content_type("text/plain").body("x")
    }
}

#[actix_web::test]
async fn successful_answers_carry_them_and_errors_do_not() {
    let client = crate::roas::client(Router::new("").controller(Added)).await;
    let answer = client.get("/page/true").send().await;
    answer
        .assert_status(200)
        .assert_header("cache-control", "no-store")
        .assert_header("x-served-by", "charter")
        .assert_header("set-cookie", "theme=dark; SameSite=Strict; Secure; Path=/")
        .assert_header("set-cookie", "seen=1; SameSite=Lax; Path=/; Max-Age=86400");
    client
        .get("/page/false")
        .send()
        .await
        .assert_status(404)
        .assert_no_header("set-cookie")
        .assert_no_header("x-served-by");
}

#[actix_web::test]
async fn they_replace_what_a_raw_answer_says() {
    let router = Router::new("").controller(Added);
    let operations = router.operations().unwrap();
    let raw = operations.iter().find(|operation| operation.path == "/raw").unwrap();
    let declared = raw.spec.outputs.iter().find(|output| output.status == Some(200)).unwrap();
    assert_eq!(declared.headers.iter().map(|header| &*header.name).collect::<Vec<_>>(), ["Cache-Control"]);
    let answer = crate::roas::client(router).await.get("/raw").send().await;
    answer.assert_status(200).assert_header("cache-control", "no-store");
    assert_eq!(answer.headers().get_all("cache-control").count(), 1);
}
