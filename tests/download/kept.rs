//! Files that are kept open. The clock stands still, and is put forward by hand.

use std::{
    fs::{self, File},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use actix_charter::download::{Delivery, Download, Root, Unavailable, offload::Offload};
use actix_test::TestServerConfig;
use actix_web::{
    App, HttpRequest,
    dev::{Service, ServiceResponse},
    http::header,
    test::{TestRequest, init_service, read_body},
    web,
};
use tokio::time::{advance, pause};

use crate::{
    fixture::{Files, modified, name},
    wire::get,
};

const PERIOD: Duration = Duration::from_secs(5);

impl Files {
    fn kept(&self, most: usize) -> Root {
        self.root.clone().keep_open(PERIOD, most)
    }

    /// Puts another file there, as it should be done.
    fn replace(&self, name: &str, content: &str) {
        self.write("new", content);
        fs::rename(self.path().join("new"), self.path().join(name)).unwrap();
    }

    /// The files below the directory that this process has open.
    fn open_files(&self) -> usize {
        let below = self.path().canonicalize().unwrap();
        let is_file = |path: &Path| path.starts_with(&below) && path != below;
        let descriptors = fs::read_dir("/proc/self/fd").unwrap().flatten();
        descriptors.filter(|fd| fs::read_link(fd.path()).is_ok_and(|path| is_file(&path))).count()
    }
}

fn read(root: &Root, name: &str) -> Result<String, Unavailable> {
    use std::os::unix::fs::FileExt;
    let file = root.open(name)?;
    let mut content = vec![0; file.size().try_into().unwrap()];
    file.into_file().read_exact_at(&mut content, 0).unwrap();
    Ok(String::from_utf8(content).unwrap())
}

#[actix_web::test]
async fn another_file_is_seen_when_the_period_is_over() {
    pause();
    let files = Files::new();
    let root = files.kept(10);
    for name in ["replaced", "deleted", "sub/moved"] {
        files.write(name, "old");
        assert_eq!(read(&root, name).unwrap(), "old");
    }
    let opened = root.open("replaced").unwrap();
    files.replace("replaced", "a newer one");
    fs::remove_file(files.path().join("deleted")).unwrap();
    fs::rename(files.path().join("sub"), files.path().join("elsewhere")).unwrap();
    advance(PERIOD - Duration::from_millis(1)).await;
    for name in ["replaced", "deleted", "sub/moved"] {
        assert_eq!(read(&root, name).unwrap(), "old", "{name}");
        // A use does not make it last longer.
        assert_eq!(read(&files.root, name).ok().as_deref(), (name == "replaced").then_some("a newer one"));
    }
    advance(Duration::from_millis(1)).await;
    assert_eq!(read(&root, "replaced").unwrap(), "a newer one");
    assert_eq!(read(&root, "deleted"), Err(Unavailable::Missing));
    assert_eq!(read(&root, "sub/moved"), Err(Unavailable::Missing));
    // Whoever holds it holds that one.
    assert_eq!((opened.size(), opened.canonical_path()), (3, None));
}

#[actix_web::test]
async fn refusals_are_not_kept() {
    pause();
    let files = Files::new();
    let root = files.kept(10);
    for _ in 0..2 {
        assert_eq!(read(&root, "later"), Err(Unavailable::Missing));
    }
    files.write("later", "here");
    assert_eq!(read(&root, "later").unwrap(), "here");
}

#[actix_web::test]
async fn nothing_is_kept_unless_told() {
    let files = Files::new();
    for root in [
        files.root.clone(),
        files.root.clone().keep_open(Duration::ZERO, 10),
        files.kept(0),
        files.kept(10).keep_open(PERIOD, 0),
    ] {
        files.replace("a", "old");
        assert_eq!(read(&root, "a").unwrap(), "old");
        assert_eq!(files.open_files(), 0);
        files.replace("a", "new");
        assert_eq!(read(&root, "a").unwrap(), "new");
    }
}

#[actix_web::test]
async fn the_least_recently_used_goes() {
    pause();
    let files = Files::new();
    let root = files.kept(3);
    let names = ["a", "b", "c", "d", "e"];
    for name in names {
        files.write(name, "old");
    }
    // b was used longest ago when d comes, then c when e comes.
    for name in ["a", "b", "c", "b", "c", "a", "a", "d", "a", "d", "e"] {
        read(&root, name).unwrap();
    }
    for name in names {
        files.replace(name, "new");
    }
    for (name, content) in [("a", "old"), ("d", "old"), ("e", "old"), ("b", "new"), ("c", "new")] {
        assert_eq!(read(&root, name).unwrap(), content, "{name}");
    }
    // They have put out a and d.
    for (name, content) in [("e", "old"), ("a", "new"), ("d", "new")] {
        assert_eq!(read(&root, name).unwrap(), content, "{name}");
    }
}

#[actix_web::test]
async fn no_more_files_are_open_than_were_said() {
    pause();
    let files = Files::new();
    let root = files.kept(4);
    let clone = root.clone();
    for number in 0..50 {
        let name = format!("{number}");
        files.write(&name, "x");
        for root in [&root, &clone] {
            read(root, &name).unwrap();
            assert_eq!(files.open_files(), 4.min(number + 1), "all clones have one memory");
        }
    }
    // What is over is closed, whatever is asked for next.
    advance(PERIOD).await;
    assert_eq!(files.open_files(), 4);
    assert_eq!(read(&root, "missing"), Err(Unavailable::Missing));
    assert_eq!(files.open_files(), 0);
    read(&root, "1").unwrap();
    assert_eq!(files.open_files(), 1);
    drop((root, clone));
    assert_eq!(files.open_files(), 0);
}

#[actix_web::test]
async fn names_are_checked_before_and_taken_exactly() {
    let files = Files::new();
    files.write(".hidden", "hidden");
    files.write("sub/a", "a");
    let root = files.kept(10);
    let with_hidden = root.clone().with_hidden();
    assert_eq!(read(&with_hidden, ".hidden").unwrap(), "hidden");
    assert_eq!(read(&root, "sub/a").unwrap(), "a");
    for name in
        [".hidden", "./sub/a", "sub//a", "sub/a/", "sub/../sub/a", "SUB/A", "/sub/a", "sub/a\0", "sub"]
    {
        assert_eq!(read(&root, name), Err(Unavailable::Missing), "{name}");
    }
}

/// Calls a handler that sends the files of a root; the clock is that of this thread.
async fn application(
    root: &Root,
    delivery: Delivery,
    with: fn(Download) -> Download,
) -> impl AsyncFn(&str, &[(&str, &str)]) -> Told + use<> {
    let root = root.clone();
    let app = App::new().app_data(delivery).route(
        "/{name:.*}",
        web::to(move |request: HttpRequest| {
            let download = with(Download::path(&root, name(&request)));
            async move { download }
        }),
    );
    let app = init_service(app).await;
    async move |path: &str, headers: &[(&str, &str)]| {
        let mut request = TestRequest::get().uri(path);
        for header in headers {
            request = request.insert_header(*header);
        }
        Told::of(app.call(request.to_request()).await.unwrap()).await
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Told {
    status: u16,
    body: String,
    tag: Option<String>,
    encoding: Option<String>,
    redirect: Option<String>,
}

impl Told {
    async fn of(answer: ServiceResponse) -> Self {
        let told = |name: &str| Some(answer.headers().get(name)?.to_str().unwrap().to_owned());
        let (tag, encoding, redirect) = (told("etag"), told("content-encoding"), told("x-accel-redirect"));
        let status = answer.status().as_u16();
        let body = String::from_utf8(read_body(answer).await.to_vec()).unwrap();
        Self { status, body, tag, encoding, redirect }
    }
}

#[actix_web::test]
async fn conditions_and_ranges_are_about_the_file_that_is_kept() {
    pause();
    let files = Files::new();
    let ask = application(&files.kept(10), Delivery::new(), |download| download).await;
    let old = ask("/hello.txt", &[]).await;
    let tag = old.tag.clone().unwrap();
    files.replace("hello.txt", "Something else, and more of it");
    assert_eq!(ask("/hello.txt", &[]).await, old);
    assert_eq!(ask("/hello.txt", &[("if-none-match", &tag)]).await.status, 304);
    let part = ask("/hello.txt", &[("range", "bytes=7-"), ("if-range", &tag)]).await;
    assert_eq!((part.status, part.body.as_str()), (206, "world!"));
    advance(PERIOD).await;
    let new = ask("/hello.txt", &[("range", "bytes=7-"), ("if-range", &tag)]).await;
    assert_eq!((new.status, new.body.as_str()), (200, "Something else, and more of it"));
    assert_ne!(new.tag.unwrap(), tag);
}

#[actix_web::test]
async fn variants_are_kept_as_files_are() {
    pause();
    let files = Files::new();
    files.write("hello.txt.gz", "GZIPPED");
    let ask = application(&files.kept(10), Delivery::new(), Download::precompressed).await;
    let accept = [(header::ACCEPT_ENCODING.as_str(), "gzip")];
    let old = ask("/hello.txt", &accept).await;
    assert_eq!((old.body.as_str(), old.encoding.as_deref()), ("GZIPPED", Some("gzip")));
    files.replace("hello.txt.gz", "GZIPPED ANEW");
    assert_eq!(ask("/hello.txt", &accept).await, old);
    assert_eq!(ask("/hello.txt", &[]).await.body, "Hello, world!");
    advance(PERIOD).await;
    assert_eq!(ask("/hello.txt", &accept).await.body, "GZIPPED ANEW");
}

#[actix_web::test]
async fn what_is_kept_is_handed_over() {
    pause();
    let files = Files::new();
    files.write("sub/a b.txt", "old");
    std::os::unix::fs::symlink("sub/a b.txt", files.path().join("link.txt")).unwrap();
    let offload = Offload::nginx().map(files.path(), "/protected/").unwrap().min_size(0);
    // Where nginx tells the validators, there is nothing else that we would say of it.
    let untold = application(&files.kept(10), offload.clone().into(), |download| download).await;
    let ask = application(&files.kept(10), offload.own_validators().into(), |download| download).await;
    for _ in 0..2 {
        let link = ask("/link.txt", &[]).await;
        assert_eq!(
            (link.redirect.as_deref(), link.body.as_str()),
            (Some("/protected~own/sub/a%20b.txt"), "")
        );
        let link = untold("/link.txt", &[]).await;
        assert_eq!((link.redirect.as_deref(), link.tag), (Some("/protected/sub/a%20b.txt"), None));
    }
    let old = ask("/sub/a%20b.txt", &[]).await;
    assert_eq!(old.redirect.as_deref(), Some("/protected~own/sub/a%20b.txt"));
    files.replace("sub/a b.txt", "newer");
    assert_eq!(ask("/sub/a%20b.txt", &[]).await, old);
    advance(PERIOD).await;
    let new = ask("/sub/a%20b.txt", &[]).await;
    assert_eq!(new.redirect, old.redirect);
    assert_ne!(new.tag, old.tag);
    fs::remove_file(files.path().join("sub/a b.txt")).unwrap();
    assert_eq!(ask("/sub/a%20b.txt", &[]).await, new);
    advance(PERIOD).await;
    assert_eq!(ask("/sub/a%20b.txt", &[]).await.status, 404);
}

/// nginx has told the tag of the file that is there now, and the condition is about that one.
#[actix_web::test]
async fn a_condition_on_what_nginx_told_is_judged_by_the_file_of_now() {
    pause();
    let files = Files::new();
    files.write("a.txt", "old");
    let offload = Offload::nginx().map(files.path(), "/protected/").unwrap().min_size(0);
    let ask = application(&files.kept(10), offload.into(), |download| download).await;
    let seconds = 1_704_164_645_u64;
    let tag = |content: &str| format!("\"{seconds:x}-{:x}\"", content.len());
    assert_eq!(ask("/a.txt", &[]).await.status, 200);
    files.replace("a.txt", "newer");
    // By the name alone; nginx finds the new one.
    assert_eq!(ask("/a.txt", &[]).await.redirect.as_deref(), Some("/protected/a.txt"));
    let held = ask("/a.txt", &[("if-match", &tag("newer")), ("range", "bytes=3-")]).await;
    assert_eq!((held.status, held.body.as_str()), (206, "er"));
    assert_eq!(ask("/a.txt", &[("if-match", &tag("old"))]).await.status, 412);
}

/// One memory of open files, and two servers in front that know the same files by different names.
#[actix_web::test]
async fn each_server_in_front_is_told_its_own_name() {
    let files = Files::new();
    files.write("big/a.txt", "a");
    let root = files.kept(10);
    let plain = Offload::nginx().map(files.path(), "/plain/").unwrap().min_size(0);
    let other = Offload::nginx().map(files.path().join("big"), "/other/").unwrap().min_size(0);
    let plain = application(&root, plain.into(), |download| download).await;
    let other = application(&root, other.into(), |download| download.inline().file_name("b.html")).await;
    for _ in 0..3 {
        assert_eq!(plain("/big/a.txt", &[]).await.redirect.as_deref(), Some("/plain/big/a.txt"));
        assert_eq!(other("/big/a.txt", &[]).await.redirect.as_deref(), Some("/other/a.txt"));
        assert_eq!(other("/hello.txt", &[]).await.redirect, None);
    }
}

#[actix_web::test]
async fn what_is_said_of_a_file_stays_what_the_handler_says() {
    let files = Files::new();
    files.write("page.html", "<p>");
    let root = files.kept(10);
    let server = crate::fixture::serve(move |request| {
        let download = Download::path(&root, "page.html");
        match request.path() {
            "/inline" => download.inline(),
            "/sandboxed" => download.inline_sandboxed(),
            "/named" => download.file_name("a b.svg"),
            "/typed" => download.inline().media_type("text/plain"),
            "/tagged" => download.etag("v1").last_modified(modified() - Duration::from_secs(1)),
            "/weak" => download.compressible(),
            _ => download,
        }
    });
    let attachment = "attachment; filename=\"page.html\"";
    let html = "text/html; charset=utf-8";
    let tag = get(server.addr(), "/", &[]).header("etag").unwrap().to_owned();
    let weak = format!("W/{tag}");
    for _ in 0..2 {
        for (path, disposition, media_type, etag) in [
            ("/", attachment, html, &*tag),
            ("/inline", attachment, html, &tag),
            ("/sandboxed", "inline; filename=\"page.html\"", html, &tag),
            ("/named", "attachment; filename=\"a b.svg\"; filename*=UTF-8''a%20b.svg", "image/svg+xml", &tag),
            ("/typed", "inline; filename=\"page.html\"", "text/plain", &tag),
            ("/tagged", attachment, html, "\"v1\""),
            ("/weak", attachment, html, &weak),
        ] {
            let answer = get(server.addr(), path, &[]);
            assert_eq!(answer.header("content-disposition"), Some(disposition), "{path}");
            assert_eq!(answer.header("content-type"), Some(media_type), "{path}");
            assert_eq!(answer.header("etag"), Some(etag), "{path}");
            let time = if path == "/tagged" { crate::fixture::EARLIER } else { crate::fixture::MODIFIED };
            assert_eq!(answer.header("last-modified"), Some(time), "{path}");
        }
    }
}

#[actix_web::test]
async fn a_kept_file_that_shrinks_aborts() {
    let files = Files::new();
    let root = files.root.clone().keep_open(Duration::from_secs(3600), 10);
    for (name, size, left) in [("small", 1000, 999), ("large", 1_000_000, 500_000), ("emptied", 200_000, 0)] {
        let path = files.write(name, vec![b'x'; size]);
        let root = root.clone();
        let server = crate::fixture::serve(move |_| Download::path(&root, name));
        let before = get(server.addr(), "/", &[]);
        assert!(before.whole && before.body.len() == size);
        File::options().write(true).open(path).unwrap().set_len(left).unwrap();
        let answer = get(server.addr(), "/", &[]);
        assert!(!answer.whole && answer.body.len() <= usize::try_from(left).unwrap(), "{name}");
    }
}

#[actix_web::test]
async fn workers_share_them_and_send_one_file_each_time() {
    let files = Files::new();
    // So short that it is over again and again.
    let root = files.root.clone().keep_open(Duration::from_micros(300), 2);
    let names = ["a", "b", "c"];
    let content = |round: usize| format!("{round} ").repeat(round % 7 * 1000 + 1);
    for name in names {
        files.replace(name, &content(0));
    }
    let server = actix_test::start_with(TestServerConfig::default().workers(4), {
        let root = root.clone();
        move || {
            let root = root.clone();
            App::new().route(
                "/{name}",
                web::to(move |name: web::Path<String>| {
                    let download = Download::path(&root, name.into_inner());
                    async move { download }
                }),
            )
        }
    });
    let (address, ended) = (server.addr(), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..100 {
                    let answer = get(address, &format!("/{}", names[number % names.len()]), &[]);
                    let text = answer.text();
                    let round = text.split(' ').next().unwrap().parse().unwrap();
                    assert!(text == content(round), "one file, and all of it");
                    // All have the same time: the tag begins with the size.
                    let tag = answer.header("etag").unwrap();
                    assert!(tag.starts_with(&format!("\"{:x}-", text.len())), "{tag}");
                }
                ended.store(true, Ordering::Relaxed);
            });
        }
        let mut round = 0;
        while !ended.load(Ordering::Relaxed) {
            round += 1;
            files.replace(names[round % names.len()], &content(round));
        }
    });
    server.stop().await;
    assert!(files.open_files() <= 2);
}
