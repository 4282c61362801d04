use std::{
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    task::Poll,
};

use actix_web::{dev::Payload, error::PayloadError, test::TestRequest, web::Bytes};
use futures_util::{Stream, StreamExt, future, stream};
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, de::DeserializeOwned};

use super::*;
use crate::{
    model::{CheckContext, Model, SchemaOf, UploadRule, Violations, WireField},
    problem::{Fault, Problem},
    request::{Call, Component, Refusal},
};

#[derive(Debug, Deserialize, JsonSchema)]
struct NewAttachment {
    title: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    files: Vec<UploadedFile>,
    cover: Option<UploadedFile>,
    year: Option<u16>,
}

impl Model for NewAttachment {
    const NAME: &'static str = "NewAttachment";
    const WIRE: &'static [WireField] = &[
        WireField::new("title", "title"),
        WireField::new("tags", "tags"),
        WireField {
            upload: Some(UploadRule {
                max_size: Some(100_000),
                max_files: Some(3),
                accept: &["image/*", "text/plain"],
            }),
            ..WireField::new("files", "files")
        },
        WireField::new("cover", "cover"),
        WireField::new("year", "year"),
    ];

    fn check(&self, _: &CheckContext<'_>) -> Result<(), Violations> {
        if self.title == "forbidden" {
            return Err(Violations::one("/title", "forbidden", "must be another one"));
        }
        Ok(())
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Strict {
    #[serde(rename = "a~/b")]
    _a: String,
}

impl Model for Strict {
    const NAME: &'static str = "Strict";
}

fn text(name: &str, value: &str) -> Vec<u8> {
    part(&format!("Content-Disposition: form-data; name=\"{name}\""), value.as_bytes())
}

fn file(name: &str, file_name: &str, media_type: &str, content: &[u8]) -> Vec<u8> {
    let disposition = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"");
    part(&format!("{disposition}\r\nContent-Type: {media_type}"), content)
}

fn part(headers: &str, content: &[u8]) -> Vec<u8> {
    [b"--b\r\n", headers.as_bytes(), b"\r\n\r\n", content, b"\r\n"].concat()
}

fn closed(parts: &[Vec<u8>]) -> Vec<u8> {
    [&parts.concat()[..], b"--b--\r\n"].concat()
}

type Item = Result<Bytes, PayloadError>;

fn call(limits: &MultipartLimits, content_type: &str, body: impl Stream<Item = Item> + 'static) -> Call {
    let request = TestRequest::post().insert_header(("content-type", content_type)).app_data(limits.clone());
    let body: std::pin::Pin<Box<dyn Stream<Item = Item>>> = Box::pin(body);
    Call::for_tests(request.to_http_request(), Payload::from(body))
}

async fn chunked<T: DeserializeOwned + Model>(
    limits: &MultipartLimits,
    body: &[u8],
    size: usize,
) -> Result<T, Refusal> {
    let chunks: Vec<Item> = body.chunks(size.max(1)).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    let mut call = call(limits, "multipart/form-data; boundary=b", stream::iter(chunks));
    Multipart::<T>::extract(&mut call).await.map(Multipart::into_inner)
}

async fn attach(limits: &MultipartLimits, body: &[u8]) -> Result<NewAttachment, Refusal> {
    chunked(limits, body, 1000).await
}

#[track_caller]
fn faults<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Vec<(String, String)> {
    match result.unwrap_err() {
        Refusal::Faults(faults) => named(faults.iter()),
        other => panic!("{other:?}"),
    }
}

fn named<'a>(faults: impl Iterator<Item = &'a Fault>) -> Vec<(String, String)> {
    faults.map(|fault| (fault.pointer.clone(), fault.code.to_string())).collect()
}

fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[track_caller]
fn problem<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Problem {
    match result.unwrap_err() {
        Refusal::Problem(problem) => problem,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn too_large<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Vec<(String, String)> {
    let problem = problem(result);
    assert_eq!((problem.status().as_u16(), problem.get_code()), (413, Some("too-large")));
    named(problem.faults().iter())
}

fn entries(directory: &Path) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}

fn spooling() -> (tempfile::TempDir, MultipartLimits) {
    let directory = tempfile::tempdir().unwrap();
    let limits = MultipartLimits::new().memory_per_file(10).spool_directory(directory.path());
    (directory, limits)
}

#[actix_web::test]
async fn reads_text_lists_and_files_however_they_are_cut() {
    let big = b"\r\n--\r\n--x\r\r\n-b".repeat(3000);
    let body = closed(&[
        text("title", "Grüße\r\nzwei"),
        text("tags", "a"),
        file("files", "a.png", "image/png", b"small"),
        text("tags", ""),
        text("unknown", "ignored"),
        file("unknown", "x", "a/b", b"ignored"),
        file("files", "b.txt", "text/plain", &big),
        text("year", "2024"),
        file("cover", "", "application/octet-stream", b""),
    ]);
    let (directory, limits) = spooling();
    for size in [1, 2, 7, 4096, body.len()] {
        let form: NewAttachment = chunked(&limits, &body, size).await.unwrap();
        assert_eq!((form.title.as_str(), form.year), ("Grüße\r\nzwei", Some(2024)));
        assert_eq!(form.tags, ["a", ""]);
        assert!(form.cover.is_none(), "an empty file input is no file");
        let [first, second] = &form.files[..] else { panic!("{form:?}") };
        assert_eq!((first.file_name(), first.size(), first.is_spooled()), (Some("a.png"), 5, false));
        assert_eq!(first.content_type().unwrap(), &mime::IMAGE_PNG);
        assert_eq!(first.bytes().await.unwrap(), "small");
        assert_eq!((second.size(), second.is_spooled()), (big.len() as u64, true));
        assert_eq!(second.bytes().await.unwrap(), big);
        assert_eq!(entries(directory.path()), 1);
        drop(form);
        assert_eq!(entries(directory.path()), 0, "what was spooled is gone with the form");
    }
}

#[actix_web::test]
async fn limits_hold_to_the_byte() {
    let title = text("title", "12345");
    let files = |size| closed(&[title.clone(), file("cover", "c", "a/b", &vec![b'x'; size])]);
    let all = MultipartLimits::new();

    let body = closed(std::slice::from_ref(&title));
    assert!(attach(&all.clone().total(body.len() as u64), &body).await.is_ok());
    let less = all.clone().total(body.len() as u64 - 1);
    for size in [1, 3, body.len()] {
        assert_eq!(too_large(chunked::<NewAttachment>(&less, &body, size).await), []);
    }

    assert!(attach(&all.clone().text_field(5), &body).await.is_ok());
    assert_eq!(too_large(attach(&all.clone().text_field(4), &body).await), one("/title", "length"));

    assert!(attach(&all.clone().parts(2), &files(1)).await.is_ok());
    assert_eq!(too_large(attach(&all.clone().parts(1), &files(1)).await), []);

    assert!(attach(&all.clone().files(1), &files(1)).await.is_ok());
    assert_eq!(too_large(attach(&all.clone().files(0), &files(1)).await), one("/cover", "length"));

    // name + value + ": " + CRLF
    let headers = "Content-Disposition".len() + "form-data; name=\"title\"".len() + 4;
    assert!(attach(&all.clone().part_headers(headers), &body).await.is_ok());
    assert_eq!(too_large(attach(&all.clone().part_headers(headers - 1), &body).await), []);

    let spooled = |form: NewAttachment| form.cover.unwrap().is_spooled();
    assert!(!spooled(attach(&all.clone().memory_per_file(7), &files(7)).await.unwrap()));
    assert!(spooled(attach(&all.clone().memory_per_file(7), &files(8)).await.unwrap()));
}

#[actix_web::test]
async fn what_follows_the_last_boundary_counts_too() {
    let body = [closed(&[text("title", "a")]), vec![b'x'; 5000]].concat();
    assert!(attach(&MultipartLimits::new().total(body.len() as u64), &body).await.is_ok());
    let less = MultipartLimits::new().total(body.len() as u64 - 1);
    assert_eq!(too_large(attach(&less, &body).await), []);
}

#[actix_web::test]
async fn a_content_length_over_the_limit_is_refused_unread() {
    let limits = MultipartLimits::new().total(100);
    for (length, polled) in [("100", true), ("101", false), ("99999999999999999999", true)] {
        let was_polled = std::rc::Rc::new(std::cell::Cell::new(false));
        let noted = was_polled.clone();
        let body = stream::poll_fn(move |_| {
            noted.set(true);
            Poll::Ready(None::<Item>)
        });
        let mut call = call(&limits, "multipart/form-data; boundary=b", body);
        call.request = TestRequest::post()
            .insert_header(("content-type", "multipart/form-data; boundary=b"))
            .insert_header(("content-length", length))
            .app_data(limits.clone())
            .to_http_request();
        let result = Multipart::<NewAttachment>::extract(&mut call).await;
        assert_eq!(was_polled.get(), polled, "{length}");
        if !polled {
            assert_eq!(too_large(result), []);
        }
    }
}

#[actix_web::test]
async fn rules_of_a_field() {
    let limits = MultipartLimits::new();
    let size = |size| {
        closed(&[
            text("title", "a"),
            file("files", "a", "image/gif", b"x"),
            file("files", "b", "image/gif", &vec![0; size]),
        ])
    };
    assert_eq!(attach(&limits, &size(100_000)).await.unwrap().files[1].size(), 100_000);
    assert_eq!(too_large(attach(&limits, &size(100_001)).await), one("/files/1", "length"));

    let gif = || file("files", "a", "image/gif", b"x");
    assert_eq!(
        attach(&limits, &closed(&[text("title", "a"), gif(), gif(), gif()])).await.unwrap().files.len(),
        3
    );
    let many = closed(&[text("title", "a"), gif(), gif(), gif(), gif(), gif()]);
    assert_eq!(faults(attach(&limits, &many).await), one("/files", "length"));

    let types =
        |kinds: &[&str]| closed(&kinds.iter().map(|kind| file("files", "a", kind, b"x")).collect::<Vec<_>>());
    assert_eq!(
        faults(attach(&limits, &types(&["IMAGE/PNG", "application/pdf", "imagex/png"])).await),
        // What is missing is told beside what was refused.
        [one("/files/1", "media_type"), one("/files/2", "media_type"), one("/title", "required")].concat()
    );
    assert_eq!(
        faults(attach(&limits, &types(&["not a type"])).await),
        [one("/files/0", "media_type"), one("/title", "required")].concat()
    );
    // Without a Content-Type a part is plain text.
    let untyped = part("Content-Disposition: form-data; name=\"files\"; filename=\"a\"", b"x");
    assert!(attach(&limits, &closed(&[text("title", "a"), untyped])).await.is_ok());

    // An empty file is refused like any other; its part has ended by then.
    let empty = closed(&[
        text("title", "a"),
        file("files", "a", "application/pdf", b""),
        file("cover", "a", "a/b", b"x"),
        file("cover", "a", "a/b", b""),
    ]);
    assert_eq!(
        faults(attach(&limits, &empty).await),
        [one("/files/0", "media_type"), one("/cover", "duplicate")].concat()
    );

    let twice =
        closed(&[file("cover", "a", "a/b", b"x"), file("cover", "a", "a/b", b"x"), text("title", "a")]);
    assert_eq!(faults(attach(&limits, &twice).await), one("/cover", "duplicate"));
}

#[actix_web::test]
async fn faults_name_the_field() {
    let limits = MultipartLimits::new();
    let with = |more: Vec<u8>| closed(&[text("title", "a"), more]);
    for (body, pointer, code) in [
        (closed(&[]), "/title", "required"),
        (closed(&[text("tags", "a")]), "/title", "required"),
        (with(text("title", "b")), "/title", "duplicate"),
        (with(text("year", "MMXX")), "/year", "type"),
        (with(text("year", "65536")), "/year", "range"),
        (with(text("year", "-1")), "/year", "range"),
        (closed(&[text("title", "forbidden")]), "/title", "forbidden"),
        (closed(&[part("Content-Disposition: form-data; name=\"title\"", b"\xff")]), "/title", "encoding"),
        (
            closed(&[part(
                "Content-Disposition: form-data; name=\"title\"\r\nContent-Type: text/plain; charset=utf-16",
                b"ab",
            )]),
            "/title",
            "encoding",
        ),
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(faults(attach(&limits, &body).await), one(pointer, code), "{shown}");
    }
    // A file field without a file name is a file all the same, and a text field with one is text.
    let form = attach(&limits, &closed(&[file("title", "blob", "text/plain", b"t"), text("cover", "c")]))
        .await
        .unwrap();
    assert_eq!((form.title.as_str(), form.cover.unwrap().file_name()), ("t", None));

    let strict = chunked::<Strict>(&limits, &closed(&[text("a~/b", "x")]), 9).await.unwrap();
    assert_eq!(strict._a, "x");
    let body = closed(&[text("a~/b", "x"), file("c/d", "x", "a/b", b"")]);
    assert_eq!(faults(chunked::<Strict>(&limits, &body, 9).await), one("/c~1d", "unknown"));
    assert_eq!(faults(chunked::<Strict>(&limits, &closed(&[]), 9).await), one("/a~0~1b", "required"));
}

#[actix_web::test]
async fn malformed_bodies() {
    let limits = MultipartLimits::new();
    let title = text("title", "a");
    let closing = closed(std::slice::from_ref(&title));
    let mut bodies = vec![
        Vec::new(),
        b"title=a".to_vec(),
        title.clone(),
        [&title[..], b"--b"].concat(),
        [&title[..], b"--b-"].concat(),
        [&title[..], b"--c--\r\n"].concat(),
        closed(&[part("Content-Disposition: form-data", b"a")]),
        closed(&[part("Content-Disposition: attachment; name=\"title\"", b"a")]),
        closed(&[part("Content-Disposition: form-data; name=\"title", b"a")]),
        closed(&[part("Content-Type: text/plain", b"a")]),
        closed(&[part("Content Disposition: form-data; name=\"title\"", b"a")]),
        closed(&[part("Content-Disposition: form-data; name=\"title\"\r\nContent-Length: -1", b"a")]),
        closed(&[part(
            "Content-Disposition: form-data; name=\"title\"\r\nContent-Type: multipart/mixed; boundary=c",
            b"a",
        )]),
    ];
    bodies.extend((0..closing.len() - 4).map(|end| closing[..end].to_vec()));
    for body in bodies {
        for size in [1, 1000] {
            let shown = String::from_utf8_lossy(&body).into_owned();
            assert_eq!(
                faults(chunked::<NewAttachment>(&limits, &body, size).await),
                one("", "syntax"),
                "{shown}"
            );
        }
    }
    let line = [vec![b'x'; 70_000], closing.clone()].concat();
    assert_eq!(too_large(attach(&limits, &line).await), []);

    for content_type in
        ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\""]
    {
        let mut call = call(&limits, content_type, stream::iter([Ok(Bytes::from(closing.clone()))]));
        let result = Multipart::<NewAttachment>::extract(&mut call).await;
        match result.unwrap_err() {
            Refusal::Faults(all) => assert_eq!(named(all.iter()), one("", "syntax"), "{content_type}"),
            Refusal::Problem(problem) => assert_eq!(problem.status(), 415, "{content_type}"),
            Refusal::Actix(error) => panic!("{error:?}"),
        }
    }
}

#[actix_web::test]
async fn other_media_types_are_415() {
    let limits = MultipartLimits::new();
    let closing = closed(&[text("title", "a")]);
    for (content_type, encoding, refused) in [
        (Some("multipart/form-data; boundary=b"), None, false),
        (Some("Multipart/Form-Data; charset=utf-8; Boundary=\"b\""), Some("Identity"), false),
        (Some("multipart/form-data; boundary=b"), Some("gzip"), true),
        (Some("multipart/mixed; boundary=b"), None, true),
        (Some("application/json"), None, true),
        (Some("nonsense"), None, true),
        (None, None, true),
    ] {
        let mut request = TestRequest::post();
        for (name, value) in [("content-type", content_type), ("content-encoding", encoding)] {
            if let Some(value) = value {
                request = request.insert_header((name, value));
            }
        }
        let mut call = call(&limits, "", stream::iter([Ok(Bytes::from(closing.clone()))]));
        call.request = request.to_http_request();
        match Multipart::<NewAttachment>::extract(&mut call).await {
            Ok(form) => assert_eq!((form.title.as_str(), refused), ("a", false)),
            Err(Refusal::Problem(problem)) => assert_eq!((problem.status().as_u16(), refused), (415, true)),
            Err(other) => panic!("{content_type:?} {other:?}"),
        }
    }
}

#[actix_web::test]
async fn names_of_files() {
    for (parameters, expected) in [
        ("filename=\"plain.txt\"", Some("plain.txt")),
        ("filename=plain.txt", Some("plain.txt")),
        ("filename=\"Grüße 文件.webp\"", Some("Grüße 文件.webp")),
        ("filename=\"a \\\"b\\\"; name=\\\"title.txt\"", Some("a \"b\"; name=\"title.txt")),
        ("filename=\"a%22b.txt\"", Some("a%22b.txt")),
        ("filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt", Some("Grüße.txt")),
        ("filename=\"fallback\"; filename*=utf-8''%E6%96%87", Some("文")),
        ("filename*=iso-8859-1''%E4.txt", Some("ä.txt")),
        ("filename=\"fallback\"; filename*=utf-8''%FF", Some("fallback")),
        ("filename=\"fallback\"; filename*=koi8-r''%FF", Some("fallback")),
        ("filename=\"\"", Some("")),
        ("x=y", None),
    ] {
        let cover = part(&format!("Content-Disposition: form-data; name=\"cover\"; {parameters}"), b"x");
        let body = closed(&[text("title", "a"), cover]);
        let form: NewAttachment = chunked(&MultipartLimits::new(), &body, 3).await.unwrap();
        assert_eq!(form.cover.unwrap().file_name(), expected, "{parameters}");
    }
    let nested = part("Content-Disposition: form-data; name=\"\\\"title\\\"\"", b"x");
    let body = closed(&[text("title", "a"), nested]);
    assert_eq!(attach(&MultipartLimits::new(), &body).await.unwrap().title, "a");
}

#[actix_web::test]
async fn nothing_stays_on_disk() {
    let (directory, limits) = spooling();
    let big = file("files", "a", "image/png", &[7; 1000]);

    // A fault afterwards, of any kind.
    for after in [closed(&[]), b"--b--".to_vec(), b"".to_vec(), closed(&[file("files", "a", "a/b", b"x")])] {
        let body = [&big[..], &after].concat();
        assert!(attach(&limits, &body).await.is_err());
        assert_eq!(entries(directory.path()), 0);
    }
    let over = closed(&[big.clone(), file("files", "a", "image/png", &[7; 100_001])]);
    assert_eq!(too_large(attach(&limits, &over).await), one("/files/1", "length"));
    assert_eq!(entries(directory.path()), 0);

    // The connection breaks.
    let broken = stream::iter([Ok(Bytes::from(big.clone())), Err(PayloadError::Incomplete(None))]);
    let mut broken = call(&limits, "multipart/form-data; boundary=b", broken);
    assert_eq!(faults(Multipart::<NewAttachment>::extract(&mut broken).await), one("", "syntax"));
    assert_eq!(entries(directory.path()), 0);

    // The request is dropped midway. The parser buffers 64 KiB, so when it wants more after 90,000 bytes, some were spooled.
    let start = file("files", "a", "image/png", &[7; 90_000]);
    let start = Bytes::from(start[..start.len() - 2].to_vec());
    let hungry = std::rc::Rc::new(std::cell::Cell::new(false));
    let noted = hungry.clone();
    let endless = stream::iter([Ok(start)]).chain(stream::poll_fn(move |_| {
        noted.set(true);
        Poll::Pending
    }));
    let mut endless = call(&limits, "multipart/form-data; boundary=b", endless);
    let mut reading = Box::pin(Multipart::<NewAttachment>::extract(&mut endless));
    future::poll_fn(|cx| match reading.as_mut().poll(cx) {
        Poll::Ready(_) => panic!("the body has no end"),
        Poll::Pending if hungry.get() => Poll::Ready(()),
        Poll::Pending => Poll::Pending,
    })
    .await;
    assert_eq!(entries(directory.path()), 1);
    drop(reading);
    assert_eq!(entries(directory.path()), 0);
}

#[actix_web::test]
async fn a_file_can_be_read_kept_and_handed_on() {
    let (directory, limits) = spooling();
    let content: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let outside = tempfile::tempdir().unwrap();
    for size in [5, 5000] {
        let content = &content[..size];
        let body = closed(&[text("title", "a"), file("cover", "../c.bin", "a/b", content)]);
        let cover = || async { attach(&limits, &body).await.unwrap().cover.unwrap() };

        let mut reader = cover().await.reader().await.unwrap();
        let mut read = Vec::new();
        reader.seek(SeekFrom::Start(2)).unwrap();
        reader.read_to_end(&mut read).unwrap();
        assert_eq!(read, &content[2..]);

        let path = outside.path().join(cover().await.safe_name());
        for _ in 0..2 {
            cover().await.persist(&path).await.unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), content);
        }
        assert_eq!(entries(outside.path()), 1);
        assert!(cover().await.persist(outside.path().join("no/such/directory")).await.is_err());

        let path = cover().await.into_temp_path().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), content);
        let gone = path.to_path_buf();
        drop(path);
        assert!(!gone.exists());
        assert_eq!(entries(directory.path()), 0);
    }
}

#[actix_web::test]
async fn a_full_or_missing_disk_is_our_fault() {
    let limits = MultipartLimits::new().memory_per_file(1).spool_directory("/no/such/directory");
    let body = closed(&[text("title", "a"), file("cover", "c", "a/b", b"content")]);
    assert_eq!(problem(attach(&limits, &body).await).status(), 500);
}

/// Tells how many files are left once everything that was declared after it is gone.
struct Tell(std::sync::mpsc::Sender<usize>, std::path::PathBuf);

impl Drop for Tell {
    fn drop(&mut self) {
        self.0.send(entries(&self.1)).unwrap();
    }
}

fn server(
    limits: MultipartLimits,
    directory: &Path,
) -> (actix_test::TestServer, std::sync::mpsc::Receiver<usize>) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let directory = directory.to_owned();
    let server = actix_test::start(move || {
        let (sender, directory) = (sender.clone(), directory.clone());
        let upload = move |request: actix_web::HttpRequest, payload: actix_web::web::Payload| {
            let tell = Tell(sender.clone(), directory.clone());
            async move {
                let _tell = tell;
                let mut call = Call::for_tests(request, payload.into_inner());
                match Multipart::<NewAttachment>::extract(&mut call).await {
                    Ok(form) => actix_web::HttpResponse::Ok().body(form.files.len().to_string()),
                    Err(Refusal::Problem(problem)) => actix_web::HttpResponse::new(problem.status()),
                    Err(_) => actix_web::HttpResponse::BadRequest().finish(),
                }
            }
        };
        actix_web::App::new().app_data(limits.clone()).default_service(actix_web::web::to(upload))
    });
    (server, receiver)
}

const HEAD: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n";

#[test]
fn a_client_that_goes_away_leaves_no_file() {
    let system = actix_web::rt::System::new();
    let (directory, limits) = spooling();
    let (server, left) = system.block_on(async { server(limits, directory.path()) });
    let mut client = std::net::TcpStream::connect(server.addr()).unwrap();
    let body = file("files", "a", "image/png", &[7; 90_000]);
    write!(client, "{HEAD}Content-Length: {}\r\n\r\n", body.len() + 1000).unwrap();
    client.write_all(&body).unwrap();
    drop(client);
    assert_eq!(left.recv().unwrap(), 0);
}

#[test]
fn connections_live_on_unless_a_body_is_left_unread() {
    let system = actix_web::rt::System::new();
    let (directory, limits) = spooling();
    let (server, left) = system.block_on(async { server(limits.total(10_000), directory.path()) });
    let body = closed(&[text("title", "a"), file("files", "a", "image/png", &[7; 1000])]);
    let mut client = std::net::TcpStream::connect(server.addr()).unwrap();
    // With a length and in chunks, twice each on one connection; an epilogue is read, too.
    for _ in 0..2 {
        write!(client, "{HEAD}Content-Length: {}\r\n\r\n", body.len() + 5).unwrap();
        client.write_all(&body).unwrap();
        client.write_all(b"after").unwrap();
        assert!(head_of_answer(&mut client).starts_with("HTTP/1.1 200"));
        assert_eq!(left.recv().unwrap(), 0);
        write!(client, "{HEAD}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", body.len()).unwrap();
        client.write_all(&body).unwrap();
        client.write_all(b"\r\n0\r\n\r\n").unwrap();
        assert!(head_of_answer(&mut client).starts_with("HTTP/1.1 200"));
        assert_eq!(left.recv().unwrap(), 0);
    }
    // Refused before a byte of it was sent.
    write!(client, "{HEAD}Content-Length: 10001\r\n\r\n").unwrap();
    let answer = head_of_answer(&mut client);
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("connection: close"), "{answer}");
}

/// Reads one answer, its body of a known length included, and returns its head.
fn head_of_answer(client: &mut std::net::TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    client.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
    head
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Flat {
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, Either>,
    file: UploadedFile,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Either {
    File(UploadedFile),
    Text(String),
}

impl Model for Flat {
    const NAME: &'static str = "Flat";
}

#[actix_web::test]
async fn flattened_and_untagged_models_take_files() {
    let body =
        closed(&[text("a", "0"), file("b", "b", "a/b", b"second"), file("file", "f", "a/b", b"third")]);
    let form: Flat = chunked(&MultipartLimits::new(), &body, 50).await.unwrap();
    assert_eq!(form.file.bytes().await.unwrap(), "third");
    let Either::Text(a) = &form.rest["a"] else { panic!("{form:?}") };
    let Either::File(b) = &form.rest["b"] else { panic!("{form:?}") };
    assert_eq!((a.as_str(), b.bytes().await.unwrap()), ("0", Bytes::from("second")));
}

#[test]
fn outside_of_a_form_a_file_cannot_be_read() {
    for json in ["0", "\"a\"", "null", "[0]", "{}"] {
        let error = serde_json::from_str::<UploadedFile>(json).unwrap_err().to_string();
        assert!(error.contains("multipart/form-data"), "{error}");
    }
}

#[test]
fn shapes() {
    use deserialize::{Shape, shape_of};
    assert_eq!(shape_of::<NewAttachment>("title"), Shape::Text);
    assert_eq!(shape_of::<NewAttachment>("tags"), Shape::Text);
    assert_eq!(shape_of::<NewAttachment>("files"), Shape::File { list: true });
    assert_eq!(shape_of::<NewAttachment>("cover"), Shape::File { list: false });
    assert_eq!(shape_of::<NewAttachment>("other"), Shape::Ignored);
    assert_eq!(shape_of::<Strict>("other"), Shape::Denied);
    assert_eq!(shape_of::<Flat>("file"), Shape::File { list: false });
    assert_eq!(shape_of::<Flat>("other"), Shape::Any);
}

#[test]
fn describes_itself() {
    let mut spec = crate::endpoint::OperationSpec::new(actix_web::http::Method::POST, "/".into());
    Multipart::<NewAttachment>::describe(&mut spec);
    let crate::endpoint::Input::Body { schema, media_types, .. } = &spec.inputs[0] else {
        panic!("{spec:?}")
    };
    assert_eq!(media_types[0], "multipart/form-data");
    assert_eq!(*schema, Some(SchemaOf::of::<NewAttachment>()));
    assert_eq!(
        spec.outputs.iter().filter_map(|output| output.status).collect::<Vec<_>>(),
        [400, 408, 413, 415]
    );
    let schema = schemars::schema_for!(NewAttachment).to_value();
    assert_eq!(
        schema["properties"]["files"]["items"],
        serde_json::json!({"type": "string", "format": "binary"})
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the contents and however they are cut, what went in comes out.
    #[test]
    fn round_trip(
        title in "[ab\r\n-]{0,40}",
        tags in prop::collection::vec("\\PC{0,10}", 0..4),
        files in prop::collection::vec(prop::collection::vec(prop::sample::select(b"\r\n-bx\0".to_vec()), 0..300), 0..4),
        size in 1_usize..500,
    ) {
        prop_assume!(!format!("\r\n{title}").contains("\n--b") && !format!("\r{title}").contains("\r--b"));
        let clean = |content: &Vec<u8>| {
            let shown = [b"\r\n", &content[..]].concat();
            !shown.windows(4).any(|w| w == b"\r--b" || w == b"\n--b")
        };
        prop_assume!(files.iter().all(clean));
        let mut parts = vec![text("title", &title)];
        parts.extend(tags.iter().map(|tag| text("tags", tag)));
        parts.extend(files.iter().map(|content| file("files", "f", "image/png", content)));
        let (directory, limits) = spooling();
        let form = actix_web::rt::System::new().block_on(async {
            let form: NewAttachment = chunked(&limits, &closed(&parts), size).await.unwrap();
            let mut read = Vec::new();
            for file in &form.files {
                read.push(file.bytes().await.unwrap().to_vec());
            }
            (form.title, form.tags, read)
        });
        prop_assert_eq!(form, (title, tags, files));
        prop_assert_eq!(entries(directory.path()), 0);
    }

    /// Damage at any place gives an answer, and leaves no file.
    #[test]
    fn damaged_bodies_leave_nothing(
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b"\r\n-b\";=:\0\xff".to_vec())), 1..6),
        cut in any::<prop::sample::Index>(),
        size in 1_usize..200,
    ) {
        let mut body = closed(&[text("title", "a"), file("files", "f\\\"", "image/png", &[1; 100]), text("tags", "b")]);
        for (index, byte) in edits {
            let at = index.index(body.len());
            body[at] = byte;
        }
        body.truncate(cut.index(body.len() * 2).max(1));
        let (directory, limits) = spooling();
        actix_web::rt::System::new().block_on(async {
            if let Err(Refusal::Problem(problem)) = chunked::<NewAttachment>(&limits, &body, size).await {
                assert!(!problem.status().is_server_error(), "{problem}");
            }
        });
        prop_assert_eq!(entries(directory.path()), 0);
    }
}
