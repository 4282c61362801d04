//! A stored file as the reply of an endpoint: what goes wrong is a problem, and all of it is in the document.

use actix_charter::{
    download::{Delivery, Fetched, storage::ObjectStorage},
    prelude::*,
};
use actix_web::{App, HttpRequest, http::Method};

use crate::{
    fixture::{HELLO, modified},
    stub::{Fault, Object, Stub},
    wire::get,
};

struct Reports {
    bucket: ObjectStorage,
}

#[controller(path = "/reports")]
impl Reports {
    /// A report.
    #[get("/{key}")]
    async fn read(&self, Path(key): Path<String>, request: HttpRequest) -> Fetched {
        Download::stored(&self.bucket, key).file_name("report.pdf").fetched(&request).await
    }
}

#[actix_web::test]
async fn endpoints_send_what_is_stored() {
    let stub = Stub::start();
    stub.put("1", Object::new(HELLO, "text/plain", modified()));
    let bucket = ObjectStorage::signing("reports", stub.s3());
    let server = actix_test::start(move || {
        let reports = || Reports { bucket: bucket.clone() };
        App::new()
            .service(Router::new("/api").openapi(Info::new("t", "1")).controller(reports()))
            .service(Router::new("/by-link").wrap(|| Delivery::new().redirect()).controller(reports()))
    });
    let at = server.addr();
    let answer = get(at, "/api/reports/1", &[("Range", "bytes=-6")]);
    assert_eq!((answer.status, answer.text()), (206, "world!"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"report.pdf\""));
    assert_eq!(get(at, "/by-link/reports/1", &[]).status, 307);

    let problem = |status, code: &str| {
        let answer = get(at, "/api/reports/1", &[]);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, Some("application/problem+json"))
        );
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["code"], code, "{body}");
    };
    stub.fail(Method::HEAD, Fault::Status(404), 1);
    problem(404, "not-found");
    stub.fail(Method::GET, Fault::Status(403), 1);
    problem(502, "bad-gateway");

    let document = get(at, "/api/openapi.json", &[]);
    let document: serde_json::Value = serde_json::from_slice(&document.body).unwrap();
    let declared = document["paths"]["/api/reports/{key}"]["get"]["responses"].as_object().unwrap();
    for status in ["200", "206", "304", "307", "404", "412", "416", "502", "504"] {
        assert!(declared.contains_key(status), "{status}");
    }
}
