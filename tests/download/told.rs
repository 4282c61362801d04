use actix_charter::download::Download;
use actix_web::{Responder, http::header, test::TestRequest};

use crate::{
    fixture::{Files, serve},
    wire::get,
};

fn header(download: Download, name: header::HeaderName) -> Option<String> {
    let answer = download.respond_to(&TestRequest::get().to_http_request());
    answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

fn disposition(download: Download) -> String {
    header(download, header::CONTENT_DISPOSITION).unwrap()
}

fn media_type(download: Download) -> String {
    header(download, header::CONTENT_TYPE).unwrap()
}

#[test]
fn names() {
    assert_eq!(disposition(Download::bytes("x")), "attachment");
    assert_eq!(disposition(Download::bytes("x").inline()), "inline");
    assert_eq!(
        disposition(Download::bytes("x").inline().attachment().file_name("a.txt")),
        "attachment; filename=\"a.txt\""
    );
    assert_eq!(disposition(Download::bytes("x").inline().file_name("a.png")), "inline; filename=\"a.png\"");
    let files = Files::new();
    let path = || Download::path(&files.root, "hello.txt");
    assert_eq!(disposition(path()), "attachment; filename=\"hello.txt\"");
    assert_eq!(
        disposition(path().file_name("報告.pdf")),
        "attachment; filename=\"download.pdf\"; filename*=UTF-8''%E5%A0%B1%E5%91%8A.pdf"
    );
}

#[actix_web::test]
async fn no_name_splits_the_head() {
    let server =
        serve(|_| Download::bytes("x").file_name("a\r\nX-Evil: 1\r\n\r\n\0\u{202E}gpj.exe\"; x=\"y"));
    let answer = get(server.addr(), "/", &[]);
    assert_eq!(answer.text(), "x");
    assert_eq!(answer.header("x-evil"), None);
    assert_eq!(
        answer.header("content-disposition").unwrap(),
        "attachment; filename=\"aX-Evil: 1gpj.exe\\\"; x=\\\"y\"; filename*=UTF-8''aX-Evil%3A%201gpj.exe%22%3B%20x%3D%22y"
    );
}

#[test]
fn media_types() {
    let files = Files::new();
    files.write("archive.tar.gz", "x");
    let hello = || Download::path(&files.root, "hello.txt");
    assert_eq!(media_type(hello()), "text/plain; charset=utf-8");
    assert_eq!(
        media_type(hello().media_type("text/x-log; charset=iso-8859-1")),
        "text/x-log; charset=iso-8859-1"
    );
    assert_eq!(media_type(hello().file_name("a.png")), "image/png");
    assert_eq!(media_type(Download::path(&files.root, "archive.tar.gz")), "application/gzip");
    assert_eq!(header(Download::path(&files.root, "archive.tar.gz"), header::CONTENT_ENCODING), None);
    assert_eq!(media_type(Download::bytes("x")), "application/octet-stream");
    assert_eq!(media_type(Download::bytes("x").file_name("noextension")), "application/octet-stream");
    assert_eq!(media_type(Download::text("x")), "text/plain; charset=utf-8");
    assert_eq!(media_type(Download::text("x").media_type("text/csv")), "text/csv");
}

#[test]
fn scripts_are_shown_to_those_who_ask_for_it() {
    for name in ["a.html", "a.svg", "a.xml", "a.xhtml", "a.rss"] {
        let given = || Download::bytes("<script>").file_name(name);
        let attachment = format!("attachment; filename=\"{name}\"");
        let inline = format!("inline; filename=\"{name}\"");
        assert_eq!(disposition(given().inline()), attachment);
        assert_eq!(disposition(given().inline_sandboxed()), inline);
        assert_eq!(disposition(given().inline_trusted()), inline);
        assert!(
            header(given().inline_sandboxed(), header::CONTENT_SECURITY_POLICY)
                .unwrap()
                .starts_with("sandbox;")
        );
        assert_eq!(header(given().inline_trusted(), header::CONTENT_SECURITY_POLICY), None);
        assert_eq!(header(given().inline_trusted(), header::X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
    }
    // The type decides, not the name.
    let download = Download::bytes("<script>").file_name("a.png").media_type("text/html");
    assert!(disposition(download.inline()).starts_with("attachment"));
}

#[test]
fn times() {
    let at = crate::fixture::modified();
    let download = || Download::bytes("x").expires(at).last_modified(at).cache_control("no-store");
    assert_eq!(header(download(), header::EXPIRES).unwrap(), crate::fixture::MODIFIED);
    assert_eq!(header(download(), header::LAST_MODIFIED).unwrap(), crate::fixture::MODIFIED);
    assert_eq!(header(download(), header::CACHE_CONTROL).unwrap(), "no-store");
}
