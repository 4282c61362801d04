use std::{
    os::unix::{fs::symlink, net::UnixListener},
    process::Command,
};

use actix_charter::{
    download::{Root, Unavailable},
    prelude::*,
};
use actix_web::App;

use crate::{
    fixture::{Files, HELLO},
    wire::get,
};

#[actix_web::test]
async fn no_request_leads_out() {
    let files = Files::new();
    files.write("media/inside.txt", "inside");
    files.write("media-private/secret.txt", "secret");
    symlink("../hello.txt", files.path().join("media/link.txt")).unwrap();
    let root = actix_charter::download::Root::new(files.path().join("media")).unwrap();
    let server = crate::fixture::serve(move |request| {
        actix_charter::download::Download::path(&root, crate::fixture::name(&request))
    });
    assert_eq!(get(server.addr(), "/inside.txt", &[]).text(), "inside");
    let absolute = files.path().join("hello.txt");
    for path in [
        "/../hello.txt",
        "/%2e%2e/hello.txt",
        "/..%2fhello.txt",
        "/%252e%252e/hello.txt",
        "/%252e%252e%252fhello.txt",
        "/..%5chello.txt",
        "/%5c..%5chello.txt",
        "/./inside.txt",
        "//inside.txt",
        "/inside.txt/",
        "/inside.txt%00",
        "/inside.txt%00.png",
        "/..%00/hello.txt",
        "/C:/hello.txt",
        "/inside.txt.",
        "/inside.txt%20",
        "/link.txt",
        "/../media-private/secret.txt",
        "/%2e%2e%2fmedia-private%2fsecret.txt",
        "/.%2e/hello.txt",
        "/%c0%ae%c0%ae/hello.txt",
        &format!("/{}", absolute.display()),
        &format!("/%2f{}", absolute.display()),
    ] {
        let answer = get(server.addr(), path, &[]);
        assert!(matches!(answer.status, 400 | 404), "{path} {}", answer.status);
        assert!(!answer.text().contains("secret") && !answer.text().contains(HELLO), "{path}");
    }
}

#[actix_web::test]
async fn what_is_no_regular_file_is_not_found_and_blocks_nobody() {
    let files = Files::new();
    let at = |name: &str| files.path().join(name);
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    let _socket = UnixListener::bind(at("socket")).unwrap();
    std::fs::create_dir(at("directory")).unwrap();
    symlink("/dev/zero", at("device")).unwrap();
    symlink("pipe", at("link-to-pipe")).unwrap();
    files.write(".hidden", "x");
    let server = files.serve_as(|download| download.cache_control("max-age=60"));
    for name in [
        "/pipe",
        "/socket",
        "/directory",
        "/directory/",
        "/device",
        "/link-to-pipe",
        "/.hidden",
        "/missing",
        "/",
    ] {
        let answer = get(server.addr(), name, &[("Range", "bytes=0-1")]);
        assert_eq!((answer.status, answer.text()), (404, "there is no such file"), "{name}");
        for absent in ["content-disposition", "cache-control", "etag", "accept-ranges"] {
            assert_eq!(answer.header(absent), None);
        }
        // The one worker is free.
        assert_eq!(get(server.addr(), "/hello.txt", &[]).text(), HELLO);
    }
}

#[actix_web::test]
async fn unusual_names_are_found() {
    let files = Files::new();
    let server = files.serve();
    for (name, path) in [
        ("a b.txt", "/a%20b.txt"),
        ("é.txt", "/%C3%A9.txt"),
        ("100%.txt", "/100%25.txt"),
        ("%41.txt", "/%2541.txt"),
        ("what?.txt", "/what%3F.txt"),
        ("#1;\"&,+$.txt", "/%231;%22&,+$.txt"),
        ("new\nline.txt", "/new%0Aline.txt"),
        ("back\\slash.txt", "/back%5Cslash.txt"),
    ] {
        files.write(name, name);
        assert_eq!(get(server.addr(), path, &[]).text(), name);
    }
}

/// In a place where root is refused, too.
#[cfg(target_os = "linux")]
const UNREADABLE: (&str, &str) = ("/sys/bus/clocksource", "drivers_probe");

#[cfg(target_os = "linux")]
#[test]
fn what_may_not_be_read_is_logged_and_not_found() {
    let (folder, name) = UNREADABLE;
    let root = Root::new(folder).unwrap();
    let log = crate::log::Log::start();
    assert_eq!(root.open("missing").unwrap_err(), Unavailable::Missing);
    assert_eq!(log.take(), [""; 0]);
    assert_eq!(root.open(name).unwrap_err(), Unavailable::Missing);
    let line = log.only();
    assert!(line.starts_with("WARN") && line.contains(folder) && line.contains(name), "{line}");
}

#[cfg(target_os = "linux")]
struct Media(Root);

#[cfg(target_os = "linux")]
#[controller(path = "/media")]
impl Media {
    #[get("/{name}", declares(403))]
    async fn read(&self, name: Path<String>) -> Download {
        Download::path(&self.0, name.0)
    }
}

#[cfg(target_os = "linux")]
#[actix_web::test]
async fn what_may_not_be_read_is_forbidden_where_told() {
    let (folder, name) = UNREADABLE;
    let root = Root::new(folder).unwrap();
    let server = actix_test::start(move || {
        let router = |prefix: &'static str, root: Root| {
            Router::new(prefix).controller(Media(root)).options(Options::new().contract(ContractMode::Fail))
        };
        App::new()
            .service(router("/silent", root.clone()))
            .service(router("/open", root.clone().unreadable_is_forbidden()))
    });
    for (prefix, name, status) in [
        ("silent", name, 404),
        ("silent", "missing", 404),
        ("open", name, 403),
        ("open", "missing", 404),
        ("open", "..", 404),
    ] {
        let answer = get(server.addr(), &format!("/{prefix}/media/{name}"), &[]);
        assert_eq!(answer.status, status, "{prefix} {name}: {}", answer.text());
        assert!(!answer.text().contains(folder), "{}", answer.text());
    }
    let answer = get(server.addr(), &format!("/open/media/{name}"), &[]);
    assert!(answer.text().contains("\"the file may not be read\""), "{}", answer.text());
}
