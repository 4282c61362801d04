//! Clients that are sent to the store by a link.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use actix_charter::download::{
    Away, Delivery, Download, LinkTerms,
    storage::{ObjectStorage, OpendalStorage, Storage},
};
use actix_test::TestServer;
use futures_util::future::BoxFuture;
use object_store::{
    gcp::GoogleCloudStorageBuilder,
    memory::InMemory,
    path::Path,
    signer::{Method, Signer, Url},
};

use crate::{
    azurite::Azurite,
    fixture::{AnyStorage, HELLO, modified, put, serve_as},
    stub::{Object, Stub},
    wire::{Answer, get, parse, send},
};

const FILES: [&str; 3] = ["hello.txt", "a b/é#?%.txt", "it's (1)*!~.txt"];

fn stub() -> Stub {
    let stub = Stub::start();
    for key in FILES {
        stub.put(key, Object::new(HELLO, "text/x-stored", modified()));
    }
    stub
}

fn both(stub: &Stub) -> [(&'static str, AnyStorage); 2] {
    [
        ("object_store", Arc::new(ObjectStorage::signing("a", stub.s3()))),
        ("opendal", Arc::new(OpendalStorage::new("b", stub.operator()))),
    ]
}

fn redirecting(
    storage: &AnyStorage,
    with: impl Fn(Download<Away>) -> Download<Away> + Clone + Send + 'static,
) -> TestServer {
    serve_as(storage, Delivery::new().redirect(), with)
}

/// What the store answers to one who follows the link.
fn follow(link: &str, method: &str, headers: &[(&str, &str)]) -> Answer {
    let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut request = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).unwrap();
    parse(method, &raw)
}

#[track_caller]
fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 307);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!((answer.text(), answer.header("content-disposition")), ("", None));
    answer.header("location").unwrap().to_owned()
}

fn path(key: &str) -> String {
    format!("/{}", percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC))
}

#[actix_web::test]
async fn a_client_is_sent_to_the_store_which_says_what_we_would_have_said() {
    let stub = stub();
    for (by, storage) in both(&stub) {
        let server = redirecting(&storage, |download| {
            download
                .file_name("Bericht \"é\".csv")
                .media_type("text/csv; charset=utf-8")
                .cache_control("private")
        });
        let ours = serve_as(&storage, Delivery::new(), |download| {
            download
                .file_name("Bericht \"é\".csv")
                .media_type("text/csv; charset=utf-8")
                .cache_control("private")
        });
        for key in FILES {
            let link = location(&get(server.addr(), &path(key), &[]));
            let theirs = follow(&link, "GET", &[]);
            let ours = get(ours.addr(), &path(key), &[]);
            assert_eq!((theirs.status, theirs.text()), (200, HELLO), "{key} by {by}: {:?}", stub.refused());
            for same in ["content-type", "content-disposition", "cache-control", "etag", "last-modified"] {
                assert!(theirs.header(same).is_some());
                assert_eq!(theirs.header(same), ours.header(same), "{same} by {by}");
            }
            let part = follow(&link, "GET", &[("Range", "bytes=7-11")]);
            assert_eq!((part.status, part.text()), (206, "world"), "{by}");
        }
    }
}

#[actix_web::test]
async fn only_what_needs_a_client_to_go_there_is_sent_there() {
    let stub = stub();
    for (by, storage) in both(&stub) {
        let server = redirecting(&storage, |download| download);
        let at = server.addr();
        let link = location(&get(at, "/hello.txt", &[]));
        // The link is signed for GET, so HEAD is ours to answer.
        assert_eq!(follow(&link, "HEAD", &[]).status, 403);
        assert_eq!(stub.refused(), ["signature"]);
        let head = send(at, "HEAD", "/hello.txt", &[]);
        assert_eq!(
            (head.status, head.header("content-length"), head.header("location")),
            (200, Some("13"), None)
        );
        let post = send(at, "POST", "/hello.txt", &[("Content-Length", "0")]);
        assert_eq!((post.status, post.text()), (200, HELLO), "{by}");

        let tag = head.header("etag").unwrap();
        assert_eq!(get(at, "/hello.txt", &[("If-None-Match", tag)]).status, 304);
        assert_eq!(get(at, "/hello.txt", &[("If-Match", "\"x\"")]).status, 412);
        let kept = get(at, "/hello.txt", &[("If-Match", tag)]);
        assert_eq!((kept.status, kept.text()), (200, HELLO), "a condition is not handed on");
        assert_eq!(get(at, "/missing", &[]).status, 404);
        assert_eq!(get(at, "/a/..%2fhello.txt", &[]).status, 404);
        location(&get(at, "/hello.txt", &[("Range", "bytes=0-1")]));

        let server = redirecting(&storage, |download| download.rate_limit(1_000_000));
        assert_eq!(get(server.addr(), "/hello.txt", &[]).status, 200, "a store does not pace");
        let server = redirecting(&storage, |download| download.inline_sandboxed().media_type("text/html"));
        let answer = get(server.addr(), "/hello.txt", &[]);
        assert_eq!(answer.status, 200, "a store sends no policy");
        assert!(answer.header("content-security-policy").is_some());
        let server = serve_as(&storage, Delivery::new(), |download| download);
        assert_eq!(get(server.addr(), "/hello.txt", &[]).status, 200);
    }
}

#[actix_web::test]
async fn a_name_cannot_break_out_of_the_link() {
    let stub = stub();
    let hostile = "a\r\nX-Evil: 1\"; filename=evil.exe&response-content-type=text/html#\u{202e}.txt";
    for (by, storage) in both(&stub) {
        let server = redirecting(&storage, move |download| download.file_name(hostile));
        let answer = get(server.addr(), "/hello.txt", &[]);
        let link = location(&answer);
        assert!(link.bytes().all(|byte| byte.is_ascii_graphic()) && !link.contains('#'));
        assert_eq!(answer.header("x-evil"), None);
        let theirs = follow(&link, "GET", &[]);
        assert_eq!((theirs.status, theirs.header("x-evil")), (200, None), "{by}");
        assert_eq!(theirs.header("content-type"), Some("text/x-stored"), "{by}");
        let ours = serve_as(&storage, Delivery::new(), move |download| download.file_name(hostile));
        let ours = get(ours.addr(), "/hello.txt", &[]);
        assert_eq!(theirs.header("content-disposition"), ours.header("content-disposition"));
    }
}

#[actix_web::test]
async fn a_link_holds_for_its_time_and_for_nothing_else() {
    for by in [0, 1] {
        let stub = stub();
        let (_, storage) = &both(&stub)[by];
        let delivery = Delivery::new().redirect().link_lifetime(Duration::from_secs(90));
        let server = serve_as(storage, delivery, |download| download);
        let link = location(&get(server.addr(), "/hello.txt", &[]));
        assert!(link.contains("X-Amz-Expires=90"), "{link}");
        assert_eq!(follow(&link, "GET", &[]).text(), HELLO);
        for changed in [
            link.replace("hello.txt", "it%27s%20%281%29%2A%21~.txt"),
            link.replace("hello.txt", "hello.html"),
            link.replace("Expires=90", "Expires=9000"),
            format!("{link}&response-content-encoding=gzip"),
            link.replace("attachment", "inline"),
        ] {
            assert_ne!(changed, link);
            assert_eq!(follow(&changed, "GET", &[]).status, 403, "{changed}");
        }
        assert_eq!(stub.refused(), ["signature"; 5]);
        stub.advance(Duration::from_secs(80));
        assert_eq!(follow(&link, "GET", &[]).text(), HELLO);
        stub.advance(Duration::from_secs(20));
        assert_eq!(follow(&link, "GET", &[]).status, 403);
        assert_eq!(stub.refused(), ["expired"]);

        for (lifetime, told) in [(0, "=1&"), (86_400 * 365, "=604800&")] {
            let delivery = Delivery::new().redirect().link_lifetime(Duration::from_secs(lifetime));
            let server = serve_as(storage, delivery, |download| download);
            let link = location(&get(server.addr(), "/hello.txt", &[]));
            assert!(link.contains(&format!("X-Amz-Expires{told}")), "{link}");
        }
    }
}

#[actix_web::test]
async fn a_link_that_only_proxies_reach_is_not_given_to_clients() {
    let stub = stub();
    let both: [AnyStorage; 3] = [
        Arc::new(ObjectStorage::signing("a", stub.s3()).behind_proxies()),
        Arc::new(OpendalStorage::new("b", stub.operator()).behind_proxies()),
        Arc::new(OpendalStorage::new("b", stub.operator()).without_links()),
    ];
    for storage in both {
        let server = redirecting(&storage, |download| download);
        assert_eq!(get(server.addr(), "/hello.txt", &[]).text(), HELLO);
    }
}

/// Signs, and has no place for what else should be signed; as Azure does in `object_store`.
#[derive(Debug)]
struct Plain;

/// As `async_trait` has it.
impl Signer for Plain {
    fn signed_url<'a, 'b, 'c>(
        &'a self,
        method: Method,
        path: &'b Path,
        valid_for: Duration,
    ) -> BoxFuture<'c, object_store::Result<Url>>
    where
        'a: 'c,
        'b: 'c,
    {
        let url = format!("https://store.example/{path}?{method}&{}", valid_for.as_secs());
        Box::pin(async move { Ok(Url::parse(&url).unwrap()) })
    }
}

#[actix_web::test]
async fn who_cannot_sign_a_name_is_asked_only_where_none_is_wanted() {
    let memory = InMemory::new();
    put(&memory, &[("hello.txt", HELLO.as_bytes(), "text/plain"), ("a.svg", b"<svg/>", "image/svg+xml")])
        .await;
    let storage: AnyStorage = Arc::new(ObjectStorage::new("azure", memory).signer(Arc::new(Plain)));
    let terms = LinkTerms {
        valid_for: Duration::from_secs(60),
        content_type: Some("text/plain"),
        content_disposition: None,
        cache_control: None,
    };
    let link = storage.link("hello.txt", terms).await.unwrap().unwrap();
    assert_eq!((link.url.as_str(), link.overrides), ("https://store.example/hello.txt?GET&60", false));
    let none = LinkTerms { content_type: None, ..terms };
    assert!(
        storage.link("hello.txt", none).await.unwrap().unwrap().overrides,
        "there was nothing to override"
    );

    let server = redirecting(&storage, |download| download.inline());
    assert_eq!(location(&get(server.addr(), "/hello.txt", &[])), "https://store.example/hello.txt?GET&60");
    // It would be shown there, and must not be.
    assert_eq!(get(server.addr(), "/a.svg", &[]).status, 200);
    for with in [
        (|download| download) as fn(Download<Away>) -> Download<Away>,
        |download| download.inline().file_name("a.txt"),
        |download| download.inline().media_type("text/x-a"),
    ] {
        let server = redirecting(&storage, with);
        let answer = get(server.addr(), "/hello.txt", &[]);
        assert_eq!((answer.status, answer.text()), (200, HELLO));
    }
}

#[actix_web::test]
async fn azure_signs_what_has_no_name_of_its_own() {
    let azurite = Azurite::start();
    let files = [("a b/é#%.txt", HELLO.as_bytes(), "text/x-stored"), ("hello.txt", b"hello", "text/plain")];
    put(&azurite.store(), &files).await;
    let storage: AnyStorage = Arc::new(ObjectStorage::signing("azure", azurite.store()));
    let server = redirecting(&storage, |download| download.inline());
    let link = location(&get(server.addr(), "/hello.txt", &[]));
    let followed = follow(&link, "GET", &[("Range", "bytes=1-3")]);
    assert_eq!((followed.status, followed.text()), (206, "ell"), "{link}");
    // Signed for reading, and for this one.
    assert_eq!(follow(&link, "DELETE", &[]).status, 403);
    assert_eq!(follow(&link.replace("hello.txt", "other.txt"), "GET", &[]).status, 403);
    // Its signature would be for another key.
    let answer = get(server.addr(), "/a%20b/%C3%A9%23%25.txt", &[]);
    assert_eq!((answer.status, answer.text()), (200, HELLO));
    let named = redirecting(&storage, |download| download.inline().file_name("a.txt"));
    let answer = get(named.addr(), "/hello.txt", &[]);
    assert_eq!((answer.status, answer.text()), (200, "hello"), "no name is inside its signature");
}

#[actix_web::test]
async fn google_signs_name_and_type() {
    let account = serde_json::json!({
        "type": "service_account",
        "private_key": include_str!("../../src/security/tests/keys/rsa.pem"),
        "private_key_id": "1",
        "client_email": "nobody@example.iam.gserviceaccount.com",
        "client_id": "",
    });
    let store = GoogleCloudStorageBuilder::new()
        .with_bucket_name("media")
        .with_service_account_key(account.to_string())
        .build()
        .unwrap();
    let storage = ObjectStorage::signing("gcs", store);
    let terms = LinkTerms {
        valid_for: Duration::from_secs(60),
        content_type: Some("text/csv"),
        content_disposition: Some("attachment; filename=\"a b.csv\""),
        cache_control: Some("private"),
    };
    let link = storage.link("a b/é;=.csv", terms).await.unwrap().unwrap();
    assert!(link.overrides && link.public);
    let (place, query) = link.url.split_once('?').unwrap();
    assert_eq!(place, "https://storage.googleapis.com/media/a%20b/%C3%A9;=.csv");
    for part in [
        "response-content-type=text%2Fcsv",
        "response-content-disposition=attachment%3B%20filename%3D%22a%20b.csv%22",
        "response-cache-control=private",
        "X-Goog-Expires=60",
    ] {
        assert_eq!(query.split('&').filter(|pair| *pair == part).count(), 1, "{part} in {query}");
    }
    let signature = query.rsplit_once("X-Goog-Signature=").unwrap().1;
    assert!(signature.len() == 512 && signature.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let link =
        storage.link("a", LinkTerms { content_type: Some("text/html"), ..terms }).await.unwrap().unwrap();
    assert!(!link.url.ends_with(signature));
    for key in ["a?b", "a#b", "%41", "a%2fb"] {
        assert_eq!(storage.link(key, terms).await.unwrap(), None, "it would lead elsewhere");
    }
}
