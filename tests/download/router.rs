//! A download as the reply of an endpoint.

use actix_charter::{
    download::{DownloadError, Root},
    prelude::*,
};
use actix_web::App;

use crate::{
    fixture::{Files, HELLO},
    wire::{get, send},
};

struct Reports {
    root: Root,
}

#[controller(path = "/reports")]
impl Reports {
    /// A report.
    #[get("/{name}")]
    async fn read(&self, name: Path<String>) -> Result<Download, NotFound> {
        Ok(Download::path(&self.root, name.0).cache_control("max-age=60"))
    }

    /// Opened by the handler, who looks at it first.
    #[get("/small/{name}")]
    async fn small(&self, name: Path<String>) -> Result<Download, DownloadError> {
        let file = self.root.open(&name.0)?;
        if file.size() > 100 {
            return Err(DownloadError::NotFound);
        }
        Ok(Download::file(file).inline())
    }

    /// Made on the spot.
    #[post("/export")]
    async fn export(&self) -> Download {
        Download::text("id,name\n").file_name("users.csv").media_type("text/csv")
    }
}

fn server(files: &Files) -> actix_test::TestServer {
    let root = files.root.clone();
    actix_test::start(move || {
        let api = Router::new("/api").controller(Reports { root: root.clone() });
        App::new().service(api)
    })
}

#[actix_web::test]
async fn endpoints_send_files() {
    let files = Files::new();
    let server = server(&files);
    let at = server.addr();
    let answer = get(at, "/api/reports/hello.txt", &[("Accept", "image/png")]);
    assert_eq!((answer.status, answer.text()), (200, HELLO));
    assert_eq!(get(at, "/api/reports/hello.txt", &[("Range", "bytes=-1")]).text(), "!");
    let tag = answer.header("etag").unwrap();
    assert_eq!(get(at, "/api/reports/hello.txt", &[("If-None-Match", tag)]).status, 304);
    let head = send(at, "HEAD", "/api/reports/hello.txt", &[]);
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("13"), 0));
    let answer = send(at, "POST", "/api/reports/export", &[("Content-Length", "0")]);
    assert_eq!((answer.status, answer.text()), (200, "id,name\n"));
    let answer = send(at, "DELETE", "/api/reports/hello.txt", &[]);
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
}

#[actix_web::test]
async fn handlers_may_open_the_file_themselves() {
    let files = Files::new();
    files.write("large.txt", "x".repeat(101));
    let server = server(&files);
    let answer = get(server.addr(), "/api/reports/small/hello.txt", &[]);
    assert_eq!(answer.text(), HELLO);
    assert_eq!(answer.header("content-disposition"), Some("inline; filename=\"hello.txt\""));
    for name in ["large.txt", "missing.txt"] {
        let answer = get(server.addr(), &format!("/api/reports/small/{name}"), &[]);
        assert_eq!((answer.status, answer.header("content-type")), (404, Some("application/problem+json")));
    }
}

#[actix_web::test]
async fn refusals_are_problems() {
    let files = Files::new();
    let server = server(&files);
    for (path, headers, status, code) in [
        ("/api/reports/missing", &[][..], 404, "not-found"),
        ("/api/reports/hello.txt", &[("If-Match", "\"x\"")], 412, "precondition-failed"),
        ("/api/reports/hello.txt", &[("Range", "bytes=90-")], 416, "range-not-satisfiable"),
    ] {
        let answer = get(server.addr(), path, headers);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, Some("application/problem+json"))
        );
        assert!(answer.text().contains(&format!("\"code\":\"{code}\"")), "{}", answer.text());
        assert_eq!(answer.header("content-range"), (status == 416).then_some("bytes */13"));
        assert_eq!(answer.header("cache-control"), None);
        assert_eq!(answer.header("content-disposition"), None);
    }
}

#[actix_web::test]
async fn the_document_shows_every_answer() {
    let files = Files::new();
    let router =
        Router::new("/api").controller(Reports { root: files.root.clone() }).openapi(Info::new("Files", "1"));
    router.assert_sound();
    let server = actix_test::start({
        let root = files.root.clone();
        move || {
            let router = Router::new("/api").controller(Reports { root: root.clone() });
            App::new().service(router.openapi(Info::new("Files", "1")))
        }
    });
    let document = get(server.addr(), "/api/openapi.json", &[]);
    let document: serde_json::Value = serde_json::from_str(document.text()).unwrap();
    let responses = &document["paths"]["/api/reports/{name}"]["get"]["responses"];
    for status in ["200", "206", "304", "404", "412", "416"] {
        assert!(responses.get(status).is_some(), "{status}: {responses}");
    }
    assert!(responses["200"]["content"].get("*/*").is_some());
    assert!(responses["304"].get("content").is_none());
    assert_eq!(responses["206"]["headers"]["Content-Disposition"]["required"], true);
}

/// Middlewares make the contract look at the answer itself.
#[actix_web::test]
async fn the_answers_keep_what_they_declare() {
    let files = Files::new();
    files.write("hello.txt.gz", "GZIPPED");
    let root = files.root.clone();
    let server = actix_test::start(move || {
        let router = Router::new("/api")
            .controller(Reports { root: root.clone() })
            .wrap(actix_web::middleware::DefaultHeaders::new);
        App::new().service(router)
    });
    for (headers, status) in [
        (&[][..], 200),
        (&[("Accept-Encoding", "gzip")], 200),
        (&[("Range", "bytes=0-1")], 206),
        (&[("Range", "bytes=0-1,5-6")], 206),
        (&[("If-None-Match", "*")], 304),
        (&[("If-Match", "\"x\"")], 412),
        (&[("Range", "bytes=90-")], 416),
    ] {
        assert_eq!(get(server.addr(), "/api/reports/hello.txt", headers).status, status, "{headers:?}");
    }
}
