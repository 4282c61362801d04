//! An answer does not tell how it came to be: out of a file that is kept open or of one that was opened for it, by what was
//! remembered for another answer or not, and whether the server in front was told by what we wrote or by what was read of it.

use std::time::{Duration, SystemTime};

use actix_charter::download::{Delivery, Download, Root, offload::Encoding, offload::Offload};
use actix_web::{Responder, body::to_bytes, http::Method, test::TestRequest};

use crate::fixture::{EARLIER, Files, LATER, MODIFIED, modified};

const NAME: &str = "page.html";

fn fronts(files: &Files) -> Vec<(&'static str, Offload)> {
    let at = |offload: Offload| offload.map(files.path(), "/files/").unwrap().min_size(0);
    vec![
        ("nginx", at(Offload::nginx())),
        ("nginx, ours", at(Offload::nginx()).own_validators()),
        ("nginx, others", at(Offload::nginx()).trusted_peers(["10.0.0.1"]).unwrap()),
        ("nginx, large files", at(Offload::nginx()).min_size(1000)),
        ("nginx, orders", at(Offload::nginx()).limit_rate(5).buffering(false).charset("utf-8").unwrap()),
        ("nginx, elsewhere", Offload::nginx().map(files.path().join("sub"), "/sub/").unwrap()),
        ("apache", at(Offload::apache())),
        ("lighttpd", at(Offload::lighttpd())),
        ("caddy", at(Offload::caddy())),
        ("litespeed", at(Offload::litespeed())),
        ("location", at(Offload::custom_location("x-there", Encoding::Percent).unwrap())),
        ("path", at(Offload::custom_path("x-there", Encoding::Raw).unwrap())),
    ]
}

type With = fn(Download) -> Download;

const MANNERS: [(&str, With); 16] = [
    ("plain", |download| download),
    ("inline", Download::inline),
    ("sandboxed", Download::inline_sandboxed),
    ("trusted", Download::inline_trusted),
    ("named", |download| download.file_name("é.svg")),
    ("typed", |download| download.inline().media_type("text/x")),
    ("cached", |download| download.cache_control("public, max-age=60")),
    ("expires", |download| download.inline().expires(modified() + Duration::from_secs(1))),
    ("tagged", |download| download.etag("v1")),
    ("weakly tagged", |download| download.etag("W/\"v1\"")),
    ("untagged", Download::without_etag),
    ("dated", |download| download.last_modified(modified() - Duration::from_secs(1))),
    ("of tomorrow", |download| download.last_modified(SystemTime::now() + Duration::from_secs(86_400))),
    ("compressible", Download::compressible),
    ("precompressed", Download::precompressed),
    ("limited", |download| download.rate_limit(1_000_000)),
];

/// Status, headers and body.
type Answer = (u16, Vec<(String, String)>, Vec<u8>);

async fn answer(root: &Root, delivery: Delivery, with: With, (method, headers): &Request<'_>) -> Answer {
    // A file of a moment ago is used once there is somebody who will close it.
    tokio::task::yield_now().await;
    let mut request = TestRequest::with_uri("/").method(method.clone()).app_data(delivery);
    request = request.peer_addr("10.0.0.2:50000".parse().unwrap());
    for header in headers {
        request = request.insert_header(*header);
    }
    let answer = with(Download::path(root, NAME)).respond_to(&request.to_http_request());
    let headers = answer.headers().iter();
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    (answer.status().as_u16(), headers, to_bytes(answer.into_body()).await.unwrap().to_vec())
}

type Request<'a> = (Method, Vec<(&'a str, &'a str)>);

/// As nginx tells it of the page.
const NGINX_TAG: &str = "\"65937d25-8\"";

fn requests(tag: &str) -> Vec<Request<'_>> {
    let range = ("range", "bytes=1-2");
    let headers = [
        vec![],
        vec![range],
        vec![("range", "bytes=900-")],
        vec![range, ("if-range", tag)],
        vec![range, ("if-range", "\"x\"")],
        vec![range, ("if-range", NGINX_TAG)],
        vec![("if-none-match", NGINX_TAG)],
        vec![("if-match", NGINX_TAG)],
        vec![("if-none-match", tag)],
        vec![("if-none-match", "\"x\""), ("if-modified-since", LATER)],
        vec![("if-modified-since", MODIFIED)],
        vec![("if-match", tag)],
        vec![("if-match", "\"x\"")],
        vec![("if-unmodified-since", EARLIER)],
        vec![("if-unmodified-since", LATER), range],
        vec![("accept-encoding", "gzip")],
        vec![("accept-encoding", "gzip"), range],
    ];
    let methods = [Method::GET, Method::HEAD, Method::POST];
    methods
        .iter()
        .flat_map(|method| headers.iter().map(|headers| (method.clone(), headers.clone())))
        .collect()
}

#[actix_web::test]
async fn an_answer_is_what_it_would_be_without_memory() {
    let files = Files::new();
    files.write("page.html", "<p>Hello");
    files.write("page.html.gz", "GZIPPED");
    files.write("sub/other.html", "<p>");
    let kept = files.root.clone().keep_open(Duration::from_secs(3600), 10);
    let plain = answer(&files.root, Delivery::new(), |download| download, &(Method::GET, vec![])).await;
    let (_, tag) = plain.1.into_iter().find(|(name, _)| name == "etag").unwrap();
    let mut handed = 0;
    for (front, offload) in fronts(&files) {
        for (manner, with) in MANNERS {
            for request in requests(&tag) {
                let delivery = Delivery::new().offload(offload.clone());
                // Read again, and out of nothing.
                let relay = Delivery::new().relay(offload.clone());
                let read_again = answer(&files.root, relay, with, &request).await;
                let expected =
                    answer(&Root::new(files.path()).unwrap(), delivery.clone(), with, &request).await;
                // nginx tells a file's validators, unless it is told.
                if !front.starts_with("nginx") || front == "nginx, ours" {
                    assert_eq!(expected, read_again, "{front}, {manner}, {request:?}");
                }
                handed += usize::from(expected.1.iter().any(|(_, value)| value.contains("/page.html")));
                for root in [&files.root, &kept, &kept] {
                    let found = answer(root, delivery.clone(), with, &request).await;
                    assert_eq!(found, expected, "{front}, {manner}, {request:?}");
                }
            }
        }
    }
    assert!(handed > 1000, "nothing is shown by answers that nobody hands over: {handed}");
}

/// The server's limit is kept to the byte, whether the headers were counted while they were written or read again.
#[actix_web::test]
async fn headers_are_counted_exactly() {
    let files = Files::new();
    files.write("page.html", "<p>Hello");
    let kept = files.root.clone().keep_open(Duration::from_secs(3600), 10);
    let nginx = Offload::nginx().map(files.path(), "/files/").unwrap().min_size(0);
    let request = (Method::GET, vec![]);
    let least = async |hands_over: &dyn Fn(usize) -> (Root, Delivery), with: With| {
        let hands_over = async |size| {
            let (root, delivery) = hands_over(size);
            answer(&root, delivery, with, &request).await.2.is_empty()
        };
        let (mut too_small, mut enough) = (0, 7000);
        assert!(!hands_over(too_small).await && hands_over(enough).await);
        while enough - too_small > 1 {
            let middle = (enough + too_small) / 2;
            *(if hands_over(middle).await { &mut enough } else { &mut too_small }) = middle;
        }
        enough
    };
    for (manner, with) in MANNERS {
        let ours = |size| nginx.clone().own_validators().max_header_size(size);
        let read_again = least(&|size| (kept.clone(), Delivery::new().relay(ours(size))), with).await;
        let written = least(&|size| (kept.clone(), Delivery::new().offload(ours(size))), with).await;
        assert_eq!(written, read_again, "{manner}");
        // Where nginx tells the validators, out of nothing and out of a file of a moment ago.
        let theirs = |size| Delivery::new().offload(nginx.clone().max_header_size(size));
        let anew = least(&|size| (Root::new(files.path()).unwrap(), theirs(size)), with).await;
        assert_eq!(least(&|size| (kept.clone(), theirs(size)), with).await, anew, "{manner}");
        assert!(anew <= written, "{manner}");
    }
}
