//! Downloads, handed to a proxy.

use actix_charter::{
    download::{Relayed, Root, offload::Offload},
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
            .app_data(offload.relayed())
            .service(router("/api"))
            .service(web::scope("/off").app_data(Relayed(None)).service(router("/api")))
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
