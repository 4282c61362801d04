//! What becomes of an answer, without a server.

use std::{
    fs,
    num::NonZeroU64,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_charter::download::offload::{Encoding, Offload, OffloadError, OffloadFile};
use actix_web::{
    HttpResponse,
    body::{BodySize, MessageBody},
    http::Method,
    test::TestRequest,
    web::Bytes,
};
use tempfile::TempDir;

const LARGE: u64 = 1_000_000;

/// A folder, and its canonical path.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}

fn request() -> TestRequest {
    TestRequest::get()
}

fn ask(
    offload: &Offload,
    request: TestRequest,
    file: &OffloadFile<'_>,
    response: HttpResponse,
) -> Result<HttpResponse, HttpResponse> {
    offload.answer(request.to_http_request().head(), file, response)
}

/// How the server is told, for a plain request and answer.
fn told(offload: &Offload, path: &Path) -> Option<String> {
    let request = request().to_http_request();
    let offer = offload.offer(request.head(), &OffloadFile::new(path, LARGE))?;
    Some(String::from_utf8(offer.value().as_bytes().to_vec()).unwrap())
}

fn values(response: &HttpResponse, name: &str) -> Vec<String> {
    response.headers().get_all(name).map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// A body that must not be read.
struct Unread;

impl MessageBody for Unread {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(LARGE)
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        panic!("the body was read")
    }
}

#[test]
fn the_body_is_dropped_unread_and_its_length_with_it() {
    let (_folder, root) = folder();
    for offload in [
        Offload::nginx().map(&root, "/protected/").unwrap(),
        Offload::apache().root(&root).unwrap(),
        Offload::lighttpd().root(&root).unwrap(),
        Offload::caddy().map(&root, "/protected/").unwrap(),
        Offload::litespeed().map(&root, "/protected/").unwrap(),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let response = HttpResponse::Ok()
                .insert_header(("content-length", LARGE.to_string()))
                .insert_header(("etag", "\"1\""))
                .message_body(Unread)
                .unwrap()
                .map_into_boxed_body();
            let path = root.join("a.txt");
            let answer =
                ask(&offload, request().method(method), &OffloadFile::new(&path, LARGE), response).unwrap();
            assert_eq!(answer.body().size(), BodySize::Sized(0));
            assert!(!answer.headers().contains_key("content-length"));
            assert_eq!(values(&answer, "etag"), ["\"1\""]);
        }
    }
}

/// One location within another: what nginx would look for below the other's root is not told.
#[test]
fn no_name_leads_into_another_location() {
    let (_folder, root) = folder();
    let other = tempfile::tempdir().unwrap();
    let nginx = Offload::nginx().map(&root, "/p/").unwrap().map(other.path(), "/p/q/").unwrap();
    let told = |path: &Path| {
        let offer = nginx.offer(request().to_http_request().head(), &OffloadFile::new(path, LARGE))?;
        Some(offer.value().to_str().unwrap().to_owned())
    };
    for (name, value) in [("a/q/b", Some("/p/a/q/b")), ("q", Some("/p/q")), ("q/b", None), ("q~own/b", None)]
    {
        assert_eq!(told(&root.join(name)).as_deref(), value, "{name}");
    }
    let other = other.path().canonicalize().unwrap();
    assert_eq!(told(&other.join("q/b")).as_deref(), Some("/p/q/q/b"));
}

/// nginx alone tells validators of files in the place of none.
#[test]
fn what_has_no_validators_gets_those_of_the_file() {
    let (_folder, root) = folder();
    let path = root.join("a b.txt");
    let nginx = Offload::nginx().map(&root, "/p/").unwrap();
    let told = |offload: &Offload, header: Option<(&str, &str)>| {
        let mut response = HttpResponse::Ok();
        header.map(|header| response.insert_header(header));
        let answer = ask(offload, request(), &OffloadFile::new(&path, LARGE), response.finish()).unwrap();
        values(&answer, "x-accel-redirect").remove(0).to_owned()
    };
    assert_eq!(told(&nginx, None), "/p/a%20b.txt");
    assert_eq!(told(&nginx, Some(("etag", "\"1\""))), "/p~own/a%20b.txt");
    assert_eq!(told(&nginx, Some(("last-modified", "Tue, 02 Jan 2024 03:04:05 GMT"))), "/p~own/a%20b.txt");
    assert_eq!(told(&nginx.clone().own_validators(), None), "/p~own/a%20b.txt");
    assert_eq!(told(&Offload::caddy().map(&root, "/p/").unwrap(), None), "/p/a b.txt");
}

#[test]
fn each_server_has_its_header() {
    let (_folder, root) = folder();
    let path = root.join("a b.txt");
    let path_text = path.to_str().unwrap();
    let encoded = path_text.replace(' ', "%20");
    let cases = [
        (Offload::nginx().map(&root, "/p/"), "x-accel-redirect", "/p~own/a%20b.txt"),
        (Offload::caddy().map(&root, "/p/"), "x-accel-redirect", "/p/a b.txt"),
        (Offload::litespeed().map(&root, "/p/"), "x-litespeed-location", "/p/a%20b.txt"),
        (Offload::apache().root(&root), "x-sendfile", path_text),
        (Offload::apache_decoding().root(&root), "x-sendfile", &encoded),
        (Offload::lighttpd().root(&root), "x-sendfile", &encoded),
        // The server may see the folder elsewhere.
        (Offload::apache().map(&root, "/mnt/media"), "x-sendfile", "/mnt/media/a b.txt"),
        (
            Offload::custom_location("X-Reproxy", Encoding::Percent)
                .and_then(|offload| offload.map(&root, "/p/")),
            "x-reproxy",
            "/p/a%20b.txt",
        ),
        (
            Offload::custom_path("X-File", Encoding::Raw).and_then(|offload| offload.map(&root, "/mnt/")),
            "x-file",
            "/mnt/a b.txt",
        ),
    ];
    for (offload, header, value) in cases {
        let response = HttpResponse::Ok().insert_header(("etag", "\"1\"")).finish();
        let offload = offload.unwrap();
        let answer = ask(&offload, request(), &OffloadFile::new(&path, LARGE), response).unwrap();
        assert_eq!(values(&answer, header), [value]);
        // Of those that are known to send ranges, Apache alone does not say so.
        let is_apache = format!("{offload:?}").contains("Apache");
        assert_eq!(!values(&answer, "accept-ranges").is_empty(), is_apache, "{header}");
    }
}

#[test]
fn the_longest_root_decides_on_whole_names() {
    let (_folder, base) = folder();
    for name in ["media/thumbs/small", "media-private", "other"] {
        fs::create_dir_all(base.join(name)).unwrap();
    }
    let rules = [("media", "/m/"), ("media/thumbs/small", "/s/"), ("media/thumbs", "/t/"), ("other", "/o/")];
    // In whatever order they are given.
    for turn in 0..rules.len() {
        let mut offload = Offload::nginx();
        for (root, prefix) in rules.iter().cycle().skip(turn).take(rules.len()) {
            offload = offload.map(base.join(root), prefix).unwrap();
        }
        let told = |name: &str| told(&offload, &base.join(name));
        assert_eq!(told("media/a").as_deref(), Some("/m/a"));
        assert_eq!(told("media/thumbs/a").as_deref(), Some("/t/a"));
        assert_eq!(told("media/thumbs/small/a").as_deref(), Some("/s/a"));
        assert_eq!(told("media/thumbs/smaller").as_deref(), Some("/t/smaller"));
        assert_eq!(told("other/a").as_deref(), Some("/o/a"));
        for outside in [
            "media-private/a",
            "mediaa",
            "media",
            "a",
            "media/../a",
            "media/thumbs/../../a",
            "other/../media/a",
        ] {
            assert_eq!(told(outside), None, "{outside}");
        }
        assert_eq!(crate::rewriting::told(&offload, Path::new("media/a")), None);
    }
}

#[test]
fn a_root_behind_a_link_is_the_folder_it_leads_to() {
    let (_folder, base) = folder();
    fs::create_dir(base.join("releases-7")).unwrap();
    std::os::unix::fs::symlink(base.join("releases-7"), base.join("current")).unwrap();
    let offload = Offload::nginx().map(base.join("current"), "/p/").unwrap();
    assert_eq!(told(&offload, &base.join("releases-7/a")).as_deref(), Some("/p/a"));
    assert_eq!(told(&offload, &base.join("current/a")), None);
}

#[test]
fn small_files_are_not_worth_it() {
    let (_folder, root) = folder();
    let path = root.join("a");
    let taken = |offload: &Offload, length: u64| {
        offload.offer(request().to_http_request().head(), &OffloadFile::new(&path, length)).is_some()
    };
    let offload = Offload::nginx().map(&root, "/p/").unwrap();
    assert_eq!([8_191, 8_192].map(|length| taken(&offload, length)), [false, true]);
    let offload = offload.min_size(100);
    assert_eq!([0, 99, 100].map(|length| taken(&offload, length)), [false, false, true]);
}

#[test]
fn long_headers_are_the_applications() {
    let (_folder, root) = folder();
    let path = root.join("a");
    let file = OffloadFile::new(&path, LARGE);
    let answer = |offload: &Offload, length: usize| {
        let response = HttpResponse::Ok().insert_header(("link", "x".repeat(length))).finish();
        ask(offload, request(), &file, response)
    };
    let offload = Offload::nginx().map(&root, "/p/").unwrap();
    assert!(answer(&offload, 3_000).is_ok());
    let refused = answer(&offload, 4_000).unwrap_err();
    assert!(!refused.headers().contains_key("x-accel-redirect"));
    assert!(answer(&offload.max_header_size(8_192), 4_000).is_ok());
}

#[test]
fn orders_are_the_offloads_alone() {
    let (_folder, root) = folder();
    let path = root.join("a");
    let file = OffloadFile::new(&path, LARGE);
    let orders = [
        "X-Accel-Redirect",
        "x-accel-limit-rate",
        "X-Sendfile",
        "X-Sendfile2",
        "X-LiteSpeed-Location",
        "X-Own",
    ];
    let build = |status: u16| {
        let mut response = HttpResponse::build(status.try_into().unwrap());
        for order in orders {
            response.append_header((order, "/etc/passwd")).append_header((order, "/etc/shadow"));
        }
        response.append_header(("x-kept", "1")).finish()
    };
    let offload = Offload::custom_location("X-Own", Encoding::Percent).unwrap().map(&root, "/p/").unwrap();
    let handed_over = ask(&offload, request(), &file, build(200)).unwrap();
    assert_eq!(values(&handed_over, "x-own"), ["/p/a"]);
    let mut refused = vec![
        ask(&offload, request(), &file, build(206)).unwrap_err(),
        ask(&offload, request(), &file, build(403)).unwrap_err(),
        ask(&offload, request().method(Method::POST), &file, build(200)).unwrap_err(),
        ask(&offload, request(), &OffloadFile::new(Path::new("/elsewhere"), LARGE), build(200)).unwrap_err(),
    ];
    for response in &refused {
        assert!(!response.headers().contains_key("x-own"));
    }
    refused.push(handed_over);
    for response in refused {
        assert_eq!(values(&response, "x-kept"), ["1"]);
        for order in orders.iter().filter(|order| **order != "X-Own") {
            assert!(!response.headers().contains_key(*order), "{order}");
        }
    }
}

#[test]
fn a_part_or_an_encoded_answer_is_not_the_file() {
    let (_folder, root) = folder();
    let path = root.join("a");
    let file = OffloadFile::new(&path, LARGE);
    let offload = Offload::nginx().map(&root, "/p/").unwrap();
    for (name, value) in [("content-range", "bytes 0-1/2"), ("content-encoding", "br")] {
        let response = HttpResponse::Ok().insert_header((name, value)).body("ab");
        let refused = ask(&offload, request(), &file, response).unwrap_err();
        assert_eq!(values(&refused, name), [value]);
        assert_eq!(refused.body().size(), BodySize::Sized(2));
    }
}

#[test]
fn what_nginx_is_told_besides() {
    let (_folder, root) = folder();
    let path = root.join("a");
    let file = OffloadFile::new(&path, LARGE);
    let all = |offload: Offload, file: &OffloadFile<'_>| {
        let answer = ask(&offload, request(), file, HttpResponse::Ok().finish()).unwrap();
        let mut found: Vec<_> = answer
            .headers()
            .iter()
            .filter(|(name, _)| name.as_str() != "x-accel-redirect")
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        found.sort();
        found
    };
    let offload = Offload::nginx().map(&root, "/p/").unwrap();
    assert_eq!(all(offload.clone(), &file), Vec::<String>::new());
    let offload =
        offload.limit_rate(500).buffering(true).expires(Duration::from_secs(60)).charset("koi8-r").unwrap();
    let rest = ["x-accel-buffering: yes", "x-accel-charset: koi8-r", "x-accel-expires: 60"];
    assert_eq!(all(offload.clone(), &file), [&rest[..], &["x-accel-limit-rate: 500"]].concat());
    let slow = file.rate_limit(NonZeroU64::new(7));
    assert_eq!(all(offload, &slow), [&rest[..], &["x-accel-limit-rate: 7"]].concat());

    // Who cannot hold to a limit is not asked to.
    let caddy = Offload::caddy().map(&root, "/p/").unwrap();
    assert!(ask(&caddy, request(), &slow, HttpResponse::Ok().finish()).is_err());
    assert!(ask(&caddy.limit_rate(1), request(), &file, HttpResponse::Ok().finish()).is_ok());
}

#[test]
fn a_wrong_configuration_is_told_at_once() {
    let (_folder, base) = folder();
    let file = base.join("file");
    fs::write(&file, "").unwrap();
    fs::create_dir(base.join("sub")).unwrap();
    let nginx = || Offload::nginx().map(&base, "/p/");
    let missing = base.join("missing");
    for root in [&missing, &file] {
        assert_eq!(nginx().unwrap().map(root, "/q/").unwrap_err(), OffloadError::Root { root: root.clone() });
    }
    assert_eq!(Offload::apache().root("/").unwrap_err(), OffloadError::WholeFileSystem);
    assert_eq!(Offload::nginx().root(&base).unwrap_err(), OffloadError::PrefixMissing);
    for prefix in ["/p", "p/", "/", "/a b/", "/../"] {
        let error = Offload::nginx().map(&base, prefix).unwrap_err();
        assert_eq!(error, OffloadError::Prefix { prefix: prefix.into() });
    }
    let error = Offload::apache().map(&base, "../media").unwrap_err();
    assert_eq!(error.to_string(), "`../media` is not an absolute path without `..`");
    let again = base.join("sub/..");
    assert_eq!(nginx().unwrap().map(&again, "/q/").unwrap_err(), OffloadError::RootTwice { root: again });
    let error = nginx().unwrap().map(base.join("sub"), "/p/").unwrap_err();
    assert_eq!(error, OffloadError::TargetTwice { target: "/p/".into() });
    for header in ["", "X Own", "Location", "Set-Cookie", "x-own\r\n", "X-Content-Type-Options"] {
        let error = Offload::custom_location(header, Encoding::Percent).unwrap_err();
        assert_eq!(error, OffloadError::Header { header: header.into() });
    }
    for charset in ["", "a b", "utf-8\r\n", "ü"] {
        let error = Offload::nginx().charset(charset).unwrap_err();
        assert_eq!(error, OffloadError::Charset { charset: charset.into() });
    }
    let error = nginx().unwrap().config_fragment("127.0.0.1; evil").unwrap_err();
    assert_eq!(error.to_string(), "`127.0.0.1; evil` is not a host and a port");
}
