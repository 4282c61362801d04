//! What is generated is sent by us once, and by the server from then on.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use actix_charter::download::{Delivery, Download, cache::DownloadCache, offload::Offload};
use actix_web::{App, HttpRequest, HttpServer, dev::ServerHandle, middleware::DefaultHeaders, rt, web};
use futures_util::stream;
use tempfile::TempDir;

use crate::{
    Answer, Front, Kind, Site,
    client::{get, get_with, send},
};

const LINES: usize = 20_000;

/// The application: rows that are generated, and may be asked for in two states.
struct Export {
    cache: DownloadCache,
    made: Arc<AtomicUsize>,
    server: ServerHandle,
    _folder: TempDir,
}

fn text(state: &str) -> String {
    (0..LINES).map(|line| format!("{line},{state},\u{e9}\r\n")).collect()
}

fn start(kind: Kind) -> (Export, Front) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // Made by the cache itself: the server, which may be another user, must be able to read it.
    let cache = DownloadCache::new(folder.path().join("kept downloads")).unwrap();
    let offload = match kind {
        Kind::Nginx => Offload::nginx().map(cache.path(), "/cached/"),
        Kind::Apache => Offload::apache().root(cache.path()),
        Kind::Lighttpd => Offload::lighttpd().root(cache.path()),
        Kind::Caddy => Offload::caddy().map(cache.path(), "/cached/"),
    }
    .unwrap();
    let made = Arc::new(AtomicUsize::new(0));
    let delivery = Delivery::new().cache(cache.clone()).offload(offload.clone());
    let (server, address) = serve(delivery, Arc::clone(&made));
    let fragment = offload.config_fragment(&address.to_string()).unwrap();
    // The site brings the server's folder; nobody asks its own application.
    let site = Site::start(Vec::new(), |_, root| kind.offload(root));
    let front = Front::before(kind, site, &fragment);
    (Export { cache, made, server, _folder: folder }, front)
}

fn serve(delivery: Delivery, made: Arc<AtomicUsize>) -> (ServerHandle, std::net::SocketAddr) {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        rt::System::new().block_on(async move {
            let made = web::Data::from(made);
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(made.clone())
                    .wrap(delivery.clone())
                    .wrap(DefaultHeaders::new().add(("vary", "Cookie")))
                    .route("/{state}", web::route().to(export))
            });
            let server = server.workers(2).disable_signals().bind(("127.0.0.1", 0)).unwrap();
            let address = server.addrs()[0];
            let server = server.run();
            tell.send((server.handle(), address)).unwrap();
            server.await.unwrap();
        });
    });
    told.recv().unwrap()
}

async fn export(
    request: HttpRequest,
    state: web::Path<String>,
    made: web::Data<AtomicUsize>,
) -> actix_charter::download::Fetched {
    let state = state.into_inner();
    let text = text(&state);
    let rows = move || {
        made.fetch_add(1, Ordering::SeqCst);
        stream::iter(
            text.into_bytes()
                .chunks(1000)
                .map(|rows| Ok::<_, std::io::Error>(rows.to_vec()))
                .collect::<Vec<_>>(),
        )
    };
    Download::generated("export", rows)
        .etag(state)
        .file_name("rows.csv")
        .cache_control("private, max-age=60")
        .fetched(&request)
        .await
}

impl Drop for Export {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

#[track_caller]
fn assert_told(answer: &Answer, etag: &str) {
    for (name, value) in [
        ("content-type", "text/csv; charset=utf-8"),
        ("content-disposition", "attachment; filename=\"rows.csv\""),
        ("cache-control", "private, max-age=60"),
        ("x-content-type-options", "nosniff"),
        ("vary", "Cookie"),
        ("etag", etag),
    ] {
        assert_eq!(answer.header(name), Some(value), "{:?}", answer.headers);
    }
    // What Caddy does not know it leaves in its braces.
    assert!(answer.headers.iter().all(|(_, value)| !value.contains('{')), "{:?}", answer.headers);
    for order in ["x-accel-redirect", "x-sendfile"] {
        assert!(!answer.has(order), "{:?}", answer.headers);
    }
}

fn it_is_generated_once(kind: Kind) {
    let (export, front) = start(kind);
    let made = || export.made.load(Ordering::SeqCst);
    for (number, state) in ["v1", "v2"].into_iter().enumerate() {
        let (path, etag, text) = (format!("/{state}"), format!("\"{state}\""), text(state));
        let first = get_with(front.address, &path, &[("Range", "bytes=0-1")]);
        if matches!(kind, Kind::Nginx | Kind::Apache) {
            // Nobody knows its length, so there are no ranges yet.
            assert_eq!(
                (first.status, first.header("accept-ranges")),
                (200, Some("none")),
                "{:?}",
                first.headers
            );
            assert!(first.body == text.as_bytes());
        } else {
            // These would not tell the client when it breaks off, and so are told when it is whole.
            assert_eq!((first.status, &first.body[..]), (206, &text.as_bytes()[..2]), "{:?}", first.headers);
        }
        assert_told(&first, &etag);
        // From now on, the server reads the file that the cache holds.
        let second = get(front.address, &path);
        let length = text.len().to_string();
        assert_eq!((second.status, second.header("content-length")), (200, Some(length.as_str())));
        assert!(second.body == text.as_bytes());
        assert_told(&second, &etag);
        let head = send(front.address, "HEAD", &path, &[]);
        assert_eq!((head.status, head.header("content-length")), (200, Some(length.as_str())));
        assert_told(&head, &etag);
        let part = get_with(front.address, &path, &[("Range", "bytes=100000-100009"), ("If-Range", &etag)]);
        assert_eq!((part.status, &part.body[..]), (206, &text.as_bytes()[100_000..100_010]));
        assert_told(&part, &etag);
        let part = get_with(front.address, &path, &[("Range", "bytes=-10")]);
        assert_eq!((part.status, &part.body[..]), (206, &text.as_bytes()[text.len() - 10..]));
        assert_told(&part, &etag);
        let same = get_with(front.address, &path, &[("If-None-Match", &etag)]);
        assert_eq!((same.status, same.body.len()), (304, 0));
        assert_eq!(made(), number + 1);
    }
    // It is the file that is sent: what an operator writes there arrives.
    let files = fs::read_dir(export.cache.path()).unwrap().map(|entry| entry.unwrap().path());
    for file in files.filter(|path| !path.ends_with(".lock")) {
        let text = "x".repeat(fs::metadata(&file).unwrap().len() as usize);
        fs::write(file, text).unwrap();
    }
    assert!(get(front.address, "/v1").body.iter().all(|byte| *byte == b'x'));
    // Nothing in there can be asked for.
    for name in [".lock", "", "0"] {
        assert!(get(front.address, &format!("/cached/{name}")).status >= 400);
    }
}

#[test]
fn behind_nginx() {
    it_is_generated_once(Kind::Nginx);
}

#[test]
fn behind_apache() {
    it_is_generated_once(Kind::Apache);
}

#[test]
fn behind_lighttpd() {
    it_is_generated_once(Kind::Lighttpd);
}

#[test]
fn behind_caddy() {
    it_is_generated_once(Kind::Caddy);
}
