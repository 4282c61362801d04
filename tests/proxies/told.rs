//! What nginx tells of a file by itself: a `Download::path` that is given no validators.

use std::{
    fs::{self, File},
    net::SocketAddr,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    sync::mpsc,
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

use actix_charter::download::{Delivery, Download, Root};
use actix_web::{App, HttpServer, dev::ServerHandle, rt, web};

use crate::{
    Answer, Front, Kind, Site,
    client::{get, get_with, send},
    site::MODIFIED,
};

const SECONDS: u64 = 1_704_164_645;
const OLD: &[u8] = b"what was there first";

/// One worker that sends the files of the site's root, nginx in front of it.
struct Files {
    front: Front,
    server: ServerHandle,
    application: SocketAddr,
}

async fn file(root: web::Data<Root>, name: web::Path<String>) -> Download {
    Download::path(&root, name.into_inner())
}

impl Files {
    fn start() -> Self {
        let site = Site::start(Vec::new(), |_, root| Kind::Nginx.offload(root));
        let root = web::Data::new(Root::new(&site.root).unwrap());
        let delivery = Delivery::from(site.offload.clone());
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            rt::System::new().block_on(async move {
                let app = move || {
                    let (root, delivery) = (root.clone(), delivery.clone());
                    App::new().app_data(root).app_data(delivery).route("/{name:.*}", web::route().to(file))
                };
                let server = HttpServer::new(app).workers(1).disable_signals();
                let server = server.bind(("127.0.0.1", 0)).unwrap();
                let address = server.addrs()[0];
                let server = server.run();
                tell.send((server.handle(), address)).unwrap();
                server.await.unwrap();
            });
        });
        let (server, application) = told.recv().unwrap();
        let fragment = site.offload.config_fragment(&application.to_string()).unwrap();
        Self { front: Front::before(Kind::Nginx, site, &fragment), server, application }
    }

    fn root(&self) -> &Path {
        &self.front.site.root
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.root().join(name), content).unwrap();
        date(&self.root().join(name), SECONDS);
    }

    fn ask(&self, name: &str) -> Answer {
        get(self.front.address, &format!("/{name}"))
    }

    fn ask_with(&self, name: &str, headers: &[(&str, &str)]) -> Answer {
        get_with(self.front.address, &format!("/{name}"), headers)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

fn date(path: &Path, seconds: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

fn tag(content: &[u8]) -> String {
    format!("\"{SECONDS:x}-{:x}\"", content.len())
}

#[test]
fn validators_are_the_files() {
    let files = Files::start();
    files.write("a b.txt", OLD);
    let tag = tag(OLD);
    // Looked at, and then handed over without a look.
    for _ in 0..4 {
        let whole = files.ask("a%20b.txt");
        assert_eq!((whole.status, &whole.body[..]), (200, OLD), "{whole:?}");
        assert_eq!((whole.header("etag"), whole.header("last-modified")), (Some(&*tag), Some(MODIFIED)));
        assert!(whole.header("content-disposition").unwrap().contains("filename=\"a b.txt\""));
        assert_eq!(whole.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(whole.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    }
    // What the application says to nginx.
    let order = get(files.application, "/a%20b.txt");
    assert_eq!(order.header("x-accel-redirect"), Some("/protected/a%20b.txt"));
    for untold in ["etag", "last-modified", "accept-ranges"] {
        assert!(!order.has(untold), "{order:?}");
    }
    let later = "Tue, 02 Jan 2024 03:04:06 GMT";
    let earlier = "Tue, 02 Jan 2024 03:04:04 GMT";
    let weak = format!("W/{tag}");
    for (headers, status) in [
        (&[("If-None-Match", &*tag)][..], 304),
        (&[("If-None-Match", &*weak)], 304),
        (&[("If-None-Match", "*")], 304),
        (&[("If-None-Match", &*tag), ("If-Modified-Since", earlier)], 304),
        (&[("If-None-Match", "\"x\""), ("If-Modified-Since", later)], 200),
        (&[("If-Modified-Since", MODIFIED)], 304),
        (&[("If-Modified-Since", later)], 304),
        (&[("If-Modified-Since", earlier)], 200),
        (&[("If-Modified-Since", "garbage")], 200),
        (&[("If-Match", &*tag)], 200),
        (&[("If-Match", "\"x\"")], 412),
        (&[("If-Match", &*tag), ("If-Unmodified-Since", earlier)], 200),
        (&[("If-Unmodified-Since", earlier)], 412),
        (&[("If-Unmodified-Since", MODIFIED)], 200),
        (&[("Range", "bytes=5-7")], 206),
        (&[("Range", "bytes=5-7"), ("If-Range", &*tag)], 206),
        (&[("Range", "bytes=5-7"), ("If-Range", MODIFIED)], 206),
        (&[("Range", "bytes=5-7"), ("If-Range", "\"x\"")], 200),
        (&[("Range", "bytes=5-7"), ("If-Range", later)], 200),
        (&[("Range", "bytes=900-")], 416),
        (&[("Range", "bytes=5-7"), ("If-Match", &*tag)], 206),
    ] {
        let answer = files.ask_with("a%20b.txt", headers);
        assert_eq!(answer.status, status, "{headers:?}: {answer:?}");
        // Whoever answers, the application or nginx, it is the same tag.
        if status < 400 {
            assert_eq!(answer.header("etag"), Some(&*tag), "{headers:?}: {answer:?}");
        }
        match status {
            200 => assert_eq!(answer.body, OLD),
            206 => assert_eq!(answer.body, b"was"),
            _ => assert!(!answer.has("content-disposition") || status == 416, "{answer:?}"),
        }
        let head = send(files.front.address, "HEAD", "/a%20b.txt", headers);
        // A range is for GET, but nginx takes it for HEAD, too; what has a condition of that kind is answered by us.
        let by_us = headers.iter().any(|(name, _)| *name == "If-Match" || *name == "If-Unmodified-Since");
        let of_head = if by_us && status == 206 { 200 } else { status };
        assert_eq!(head.status, of_head, "HEAD, {headers:?}: {head:?}");
    }
}

/// Of a time that nobody may be told.
#[test]
fn a_file_of_tomorrow_has_no_date() {
    let files = Files::start();
    files.write("a.txt", OLD);
    let tomorrow = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 86_400;
    date(&files.root().join("a.txt"), tomorrow);
    for _ in 0..4 {
        let answer = files.ask("a.txt");
        assert_eq!((answer.status, &answer.body[..]), (200, OLD));
        assert!(answer.has("etag") && !answer.has("last-modified"), "{answer:?}");
    }
}

/// Nobody looks at the file again for a second or two but nginx, and nginx sees all.
#[test]
fn what_becomes_of_a_file_is_seen_at_once() {
    const NEW: &[u8] = b"what came in its place";
    type Change = fn(&Files, &Path);
    let changes: [(&str, Option<&[u8]>, Change); 9] = [
        ("replaced", Some(NEW), |files, at| {
            files.write("new", NEW);
            fs::rename(files.root().join("new"), at).unwrap();
        }),
        ("written", Some(NEW), |files, _| files.write("a.txt", NEW)),
        ("deleted", None, |_, at| fs::remove_file(at).unwrap()),
        ("moved", None, |files, at| fs::rename(at, files.root().join("b.txt")).unwrap()),
        ("a folder", None, |_, at| {
            fs::remove_file(at).unwrap();
            fs::create_dir(at).unwrap();
            fs::write(at.join("index.html"), "index").unwrap();
        }),
        ("a link to what is beside", None, |files, at| {
            fs::remove_file(at).unwrap();
            symlink(files.front.site.base.join("secret.txt"), at).unwrap();
        }),
        // For as long: nginx follows none. Then the application looks, and tells where it leads.
        ("a link within", None, |files, at| {
            fs::rename(at, files.root().join("b.txt")).unwrap();
            symlink("b.txt", at).unwrap();
        }),
        ("unreadable", None, |_, at| fs::set_permissions(at, fs::Permissions::from_mode(0o000)).unwrap()),
        ("nothing", Some(OLD), |_, _| {}),
    ];
    // To the superuser it makes no difference, and nginx may be one: it is started by us.
    let reads_all = |files: &Files| {
        files.write("mode", OLD);
        fs::set_permissions(files.root().join("mode"), fs::Permissions::from_mode(0o000)).unwrap();
        File::open(files.root().join("mode")).is_ok()
    };
    let mut unseen = 0;
    for (change, content, change_it) in changes {
        let files = Files::start();
        let content = if change == "unreadable" && reads_all(&files) { Some(OLD) } else { content };
        files.write("a.txt", OLD);
        for _ in 0..3 {
            assert_eq!(files.ask("a.txt").body, OLD);
        }
        change_it(&files, &files.root().join("a.txt"));
        for turn in 0..3 {
            let answer = files.ask("a.txt");
            // On a slow machine the application has looked again.
            let content = content.or(Some(OLD).filter(|_| change == "a link within" && answer.status == 200));
            let Some(content) = content else {
                assert_eq!(answer.status, 404, "{change}, {turn}: {answer:?}");
                assert!(!answer.has("etag") && !answer.has("location"), "{change}: {answer:?}");
                let by_nginx =
                    answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
                assert_eq!(
                    by_nginx,
                    answer.header("cache-control") == Some("no-store"),
                    "{change}: {answer:?}"
                );
                unseen += usize::from(by_nginx);
                continue;
            };
            assert_eq!((answer.status, &answer.body[..]), (200, content), "{change}, {turn}");
            assert_eq!(answer.header("etag"), Some(&*tag(content)), "{change}, {turn}: {answer:?}");
        }
    }
    assert!(unseen > 0, "the application has looked each time, so that nothing is shown");
}

/// What was changed just now may change again within the second, which nginx's tag would not show.
#[test]
fn a_file_of_just_now_has_our_validators() {
    let files = Files::start();
    // Of a machine so slow that the file is not of just now any more, the next try is looked at.
    for _ in 0..10 {
        let begun = Instant::now();
        let mut tags = Vec::new();
        for content in ["AAAA", "BBBBB", "CCCCCC"] {
            fs::write(files.root().join("a.txt"), content).unwrap();
            for _ in 0..3 {
                let answer = files.ask("a.txt");
                assert_eq!((answer.status, &answer.body[..]), (200, content.as_bytes()));
                tags.push(answer.header("etag").unwrap().to_owned());
            }
            let tag = tags.last().unwrap().clone();
            let same = files.ask_with("a.txt", &[("If-None-Match", &tag)]);
            let rest = files.ask_with("a.txt", &[("Range", "bytes=2-"), ("If-Range", &tag)]);
            let older = files.ask_with("a.txt", &[("Range", "bytes=2-"), ("If-Range", "\"older\"")]);
            if begun.elapsed() < Duration::from_secs(1) {
                assert_eq!((same.status, same.header("etag")), (304, Some(&*tag)));
                assert_eq!((rest.status, &rest.body[..]), (206, &content.as_bytes()[2..]));
                assert_eq!((older.status, &older.body[..]), (200, content.as_bytes()));
            }
        }
        if begun.elapsed() < Duration::from_secs(1) {
            // Size, seconds and nanoseconds; nginx has no such third part.
            let is_ours = |tag: &String| tag.matches('-').count() == 2;
            assert!(tags.iter().all(is_ours), "{tags:?}");
            return;
        }
    }
    panic!("eighteen answers took a second, ten times");
}
