//! A file from elsewhere as the reply of an endpoint, held to the document.

use actix_charter::{
    download::{Delivery, Fetched, offload::Offload, origin::Origin},
    prelude::*,
    testing::{DocumentContract, TestClient},
};
use actix_web::{App, HttpRequest, test};

use crate::{remote::Remote, site::origin};

struct Mirror {
    origin: Origin,
    server: String,
}

#[controller(path = "/mirror")]
impl Mirror {
    /// A file of another server.
    #[get("/{name}")]
    async fn read(&self, name: Path<String>, request: HttpRequest) -> Fetched {
        let url = format!("{}/{}", self.server, name.0);
        Download::http(&self.origin, url).cache_control("no-cache").fetched(&request).await
    }
}

#[actix_web::test]
async fn an_endpoint_passes_files_on() {
    let remote = Remote::scripted(|head, stream| {
        use std::io::Write;
        let answer = match head.split(' ').nth(1).unwrap() {
            "/there.txt" => "200 OK\r\nETag: \"v1\"\r\nContent-Length: 5\r\n\r\nHello",
            "/gone.txt" => "404 Not Found\r\nContent-Length: 0\r\n\r\n",
            _ => "500 Oh\r\nContent-Length: 0\r\n\r\n",
        };
        write!(stream, "HTTP/1.1 {answer}").is_ok()
    });
    let router =
        || Router::new("/api").controller(Mirror { origin: origin(&[&remote]), server: remote.url("") });
    let document = || DocumentContract::of(&router()).unwrap();
    let ours =
        TestClient::service(test::init_service(App::new().service(router())).await).contract(document());
    ours.get("/api/mirror/there.txt").send().await.assert_status(200);
    ours.get("/api/mirror/there.txt").header(("if-none-match", "\"v1\"")).send().await.assert_status(304);
    ours.get("/api/mirror/gone.txt").send().await.assert_status(404).problem().assert_code("not-found");
    ours.get("/api/mirror/other.txt").send().await.assert_status(502).problem().assert_code("bad-gateway");

    // Told to nginx, some of what is said goes under other names; the client sees it under its own.
    let delivery = Delivery::new().offload(Offload::nginx().remote("/remote/").unwrap());
    let app = test::init_service(App::new().wrap(delivery).service(router())).await;
    let answer = TestClient::service(app).contract(document()).get("/api/mirror/there.txt").send().await;
    answer
        .assert_status(200)
        .assert_header("x-accel-redirect", "/remote/")
        .assert_header("x-download-url", &remote.url("/there.txt"))
        .assert_header("x-download-content-disposition", "attachment; filename=\"there.txt\"")
        .assert_header("x-download-cache-control", "no-cache")
        .assert_no_header("content-disposition")
        .assert_no_header("cache-control");
}
