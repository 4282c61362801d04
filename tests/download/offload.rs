//! Downloads, handed to a proxy.

use actix_charter::{
    download::{Delivery, Root, offload::Offload},
    prelude::*,
};
use actix_web::{App, middleware::DefaultHeaders, web};

use crate::{
    fixture::Files,
    wire::{get, send},
};

struct Media {
    root: Root,
}

#[controller(path = "/media")]
impl Media {
    #[get("/{name}")]
    async fn read(&self, name: Path<String>) -> Download {
        Download::path(&self.root, name.0).precompressed()
    }
}

#[actix_web::test]
async fn a_router_hands_large_files_over() {
    let files = Files::new();
    let large = "x".repeat(10_000);
    files.write("large é.txt", &large);
    files.write("large é.txt.gz", "GZIPPED");
    let (root, path) = (files.root.clone(), files.path().to_owned());
    let server = actix_test::start(move || {
        let router = |prefix: &str| {
            // A middleware, so that the contract looks at what left the endpoint.
            Router::new(prefix.to_owned())
                .controller(Media { root: root.clone() })
                .options(Options::new().contract(ContractMode::Fail))
                .wrap(DefaultHeaders::new)
        };
        let offload = Offload::nginx().map(&path, "/protected/").unwrap();
        App::new()
            .wrap(Delivery::from(offload))
            .service(router("/api"))
            .service(web::scope("/off").wrap(Delivery::new()).service(router("/api")))
    });
    let at = server.addr();
    let range = ("Range", "bytes=0-1");
    let gzip = ("Accept-Encoding", "gzip");
    for (method, headers) in [("GET", &[][..]), ("GET", &[range, gzip]), ("HEAD", &[gzip])] {
        let answer = send(at, method, "/api/media/large%20%C3%A9.txt", headers);
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{headers:?}");
        assert_eq!(answer.header("x-accel-redirect"), Some("/protected/large%20%C3%A9.txt"));
        assert_eq!(answer.header("content-length"), Some("0"));
        assert_eq!(answer.header("content-encoding"), None);
    }
    // Too small to be worth it; turned off.
    for path in ["/api/media/hello.txt", "/off/api/media/large%20%C3%A9.txt"] {
        let answer = get(at, path, &[range]);
        assert_eq!((answer.status, answer.header("x-accel-redirect")), (206, None));
    }
    let answer = get(at, "/off/api/media/large%20%C3%A9.txt", &[gzip]);
    assert_eq!((answer.text(), answer.header("content-encoding")), ("GZIPPED", Some("gzip")));
}

/// Says for its endpoints who sends the files.
struct Levels {
    root: Root,
}

#[controller(path = "/levels")]
impl Levels {
    #[get("/outer")]
    async fn outer(&self) -> Download {
        Download::path(&self.root, "large.txt")
    }

    #[get("/none", wrap = Delivery::new)]
    async fn none(&self) -> Download {
        Download::path(&self.root, "large.txt")
    }
}

#[actix_web::test]
async fn the_innermost_level_says_who_sends_the_files() {
    let files = Files::new();
    files.write("large.txt", "x".repeat(10_000));
    files.write("thumbs/large.txt", "x".repeat(10_000));
    let (root, path) = (files.root.clone(), files.path().to_owned());
    let server = actix_test::start(move || {
        let nginx = Delivery::new().offload(Offload::nginx().map(&path, "/router/").unwrap());
        // Two servers; the first has another folder only.
        let apache = Delivery::new()
            .offload(Offload::nginx().map(path.join("thumbs"), "/thumbs/").unwrap())
            .offload(Offload::apache().root(&path).unwrap());
        let router =
            Router::new("/router").controller(Levels { root: root.clone() }).wrap(move || nginx.clone());
        App::new()
            .app_data(apache)
            .service(Router::new("/data").controller(Levels { root: root.clone() }))
            .service(router)
    });
    let told = |path: &str, header: &str| get(server.addr(), path, &[]).header(header).map(str::to_owned);
    assert_eq!(told("/router/levels/outer", "x-accel-redirect").as_deref(), Some("/router/large.txt"));
    assert_eq!(told("/router/levels/none", "x-accel-redirect"), None);
    assert_eq!(told("/data/levels/none", "x-sendfile"), None);
    let apache = told("/data/levels/outer", "x-sendfile").unwrap();
    assert!(apache.ends_with("/large.txt"), "{apache}");
}
