//! Orders go to the server in front, and to nobody who comes past it.

use actix_charter::download::{
    Delivery, Download, Link, LinkTerms, Unavailable,
    offload::Offload,
    storage::{ByteStream, Storage, Stored},
};
use actix_web::{App, HttpRequest, Responder, body::to_bytes, test, test::TestRequest, web};
use futures_util::future::BoxFuture;

use crate::fixture::Files;

/// A storage of thirteen bytes whose links are these.
#[derive(Debug, Clone)]
struct Bucket {
    authorization: Option<&'static str>,
    public: bool,
}

impl Storage for Bucket {
    fn name(&self) -> &str {
        "bucket"
    }

    fn find<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Stored, Unavailable>> {
        Box::pin(std::future::ready(Ok(Stored::new(13))))
    }

    fn read<'a>(
        &'a self,
        _: &'a str,
        _: &'a Stored,
        _: std::ops::Range<u64>,
    ) -> BoxFuture<'a, Result<ByteStream, Unavailable>> {
        let bytes = std::future::ready(Ok(web::Bytes::from_static(b"Hello, world!")));
        let stream: ByteStream = Box::pin(futures_util::stream::once(bytes));
        Box::pin(std::future::ready(Ok(stream)))
    }

    fn has_links(&self) -> bool {
        true
    }

    fn link<'a>(&'a self, _: &'a str, _: LinkTerms<'a>) -> BoxFuture<'a, Result<Option<Link>, Unavailable>> {
        Box::pin(std::future::ready(Ok(Some(Link {
            url: "http://10.0.0.1/file".into(),
            authorization: self.authorization.map(str::to_owned),
            public: self.public,
            overrides: false,
        }))))
    }
}

const CREDENTIALS: Bucket = Bucket { authorization: Some("Bearer 0urs"), public: false };
const PRIVATE: Bucket = Bucket { authorization: None, public: false };
const PUBLIC: Bucket = Bucket { authorization: None, public: true };

/// Asks as this peer, who says to be another. Gives whether nginx is told the link; whoever is not gets the file.
async fn is_told(offload: &Offload, bucket: &Bucket, peer: Option<&str>) -> bool {
    let authorized = bucket.authorization.is_some();
    let bucket = bucket.clone();
    let delivery = Delivery::new().offload(offload.clone());
    let app = App::new().wrap(delivery).default_service(web::to(move |request: HttpRequest| {
        let bucket = bucket.clone();
        async move { Download::stored(&bucket, "file").fetched(&request).await }
    }));
    let app = test::init_service(app).await;
    let mut request = TestRequest::get();
    for name in ["X-Forwarded-For", "X-Real-IP", "Forwarded"] {
        let value = if name == "Forwarded" { "for=127.0.0.1" } else { "127.0.0.1" };
        request = request.insert_header((name, value));
    }
    if let Some(peer) = peer {
        request = request.peer_addr(format!("{peer}:50000").parse().unwrap());
    }
    let answer = test::call_service(&app, request.to_request()).await;
    let orders = ["x-accel-redirect", "x-download-url", "x-download-authorization"];
    let told = answer.headers().contains_key("x-download-url");
    if told {
        assert_eq!(answer.headers().contains_key("x-download-authorization"), authorized);
        assert!(test::read_body(answer).await.is_empty());
    } else {
        for order in orders {
            assert!(!answer.headers().contains_key(order), "{order}");
        }
        assert_eq!(&test::read_body(answer).await[..], b"Hello, world!");
    }
    told
}

#[actix_web::test]
async fn credentials_are_told_to_this_machine_alone() {
    let offload = Offload::nginx().remote("/remote/").unwrap();
    for (peer, is_near) in [
        (Some("127.0.0.1"), true),
        (Some("127.8.9.1"), true),
        (Some("[::1]"), true),
        (Some("[::ffff:127.0.0.1]"), true),
        // A Unix socket.
        (None, true),
        (Some("203.0.113.9"), false),
        (Some("10.0.0.1"), false),
        (Some("[2001:db8::1]"), false),
        (Some("[::ffff:203.0.113.9]"), false),
    ] {
        assert_eq!(is_told(&offload, &CREDENTIALS, peer).await, is_near, "{peer:?}");
        // Not for the eyes of clients, either.
        assert_eq!(is_told(&offload, &PRIVATE, peer).await, is_near, "{peer:?}");
        assert!(is_told(&offload, &PUBLIC, peer).await, "{peer:?}");
    }
}

#[actix_web::test]
async fn with_a_list_nobody_else_is_told_anything() {
    let offload = Offload::nginx().remote("/remote/").unwrap();
    let offload = offload.trusted_peers(["127.0.0.2", "10.0.0.0/8", "2001:db8::/32"]).unwrap();
    for (peer, is_trusted) in [
        (Some("10.9.8.7"), true),
        (Some("[::ffff:10.9.8.7]"), true),
        (Some("[2001:db8::1]"), true),
        (Some("127.0.0.2"), true),
        (None, true),
        (Some("127.0.0.1"), false),
        (Some("203.0.113.9"), false),
        (Some("[::1]"), false),
    ] {
        for bucket in [CREDENTIALS, PRIVATE, PUBLIC] {
            assert_eq!(is_told(&offload, &bucket, peer).await, is_trusted, "{peer:?} {bucket:?}");
        }
    }
}

/// What was told the one is not told again to the other.
#[actix_web::test]
async fn a_file_of_a_moment_ago_is_for_the_list_only() {
    let files = Files::new();
    let listed = Offload::nginx().map(files.path(), "/protected/").unwrap().min_size(0);
    let delivery = Delivery::from(listed.trusted_peers(["10.0.0.0/8"]).unwrap());
    for root in [files.root.clone(), files.root.clone().keep_open(std::time::Duration::from_secs(60), 9)] {
        for (peer, times) in [("10.0.0.1:1", 4), ("203.0.113.9:1", 2), ("10.0.0.1:1", 1)] {
            for _ in 0..times {
                tokio::task::yield_now().await;
                let request = TestRequest::get().peer_addr(peer.parse().unwrap()).app_data(delivery.clone());
                let answer = Download::path(&root, "hello.txt").respond_to(&request.to_http_request());
                let told = answer.headers().get("x-accel-redirect").map(|value| value.as_bytes().to_owned());
                let trusted = peer.starts_with("10.");
                assert_eq!(told.as_deref(), trusted.then_some(&b"/protected/hello.txt"[..]), "{peer}");
                assert_eq!(to_bytes(answer.into_body()).await.unwrap().is_empty(), trusted, "{peer}");
            }
        }
    }
}

#[actix_web::test]
async fn files_too_are_for_the_list_only() {
    let files = Files::new();
    files.write("large.txt", "x".repeat(10_000));
    let root = files.root.clone();
    let open = Offload::nginx().map(files.path(), "/protected/").unwrap();
    let listed = open.clone().trusted_peers(["10.0.0.0/8"]).unwrap();
    for (offload, peer, handed_over) in
        [(&open, "203.0.113.9:1", true), (&listed, "10.0.0.1:1", true), (&listed, "203.0.113.9:1", false)]
    {
        let root = root.clone();
        let app = App::new().wrap(Delivery::new().offload(offload.clone()));
        let read = move || std::future::ready(Download::path(&root, "large.txt"));
        let app = test::init_service(app.default_service(web::to(read))).await;
        let request = TestRequest::get().peer_addr(peer.parse().unwrap());
        let request = request.insert_header(("X-Forwarded-For", "10.0.0.1"));
        let answer = test::call_service(&app, request.to_request()).await;
        assert_eq!(answer.headers().contains_key("x-accel-redirect"), handed_over, "{peer}");
        assert_eq!(test::read_body(answer).await.len(), if handed_over { 0 } else { 10_000 });
    }
}
