use actix_charter::download::Download;
use actix_files::NamedFile;

use crate::{
    fixture::{Files, HELLO, serve},
    wire::get,
};

#[actix_web::test]
async fn a_named_file_keeps_its_type_and_name() {
    let files = Files::new();
    files.write("page.html", "<script>");
    let directory = files.path().to_owned();
    let server = serve(move |request| {
        Download::named_file(NamedFile::open(directory.join(request.path().trim_start_matches('/'))).unwrap())
    });
    let answer = get(server.addr(), "/hello.txt", &[]);
    assert_eq!(answer.text(), HELLO);
    assert_eq!(answer.header("content-disposition"), Some("inline; filename=\"hello.txt\""));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    // What actix-files answers with the first range only.
    let answer = get(server.addr(), "/hello.txt", &[("Range", "bytes=0-0,5-6")]);
    assert!(answer.header("content-type").unwrap().starts_with("multipart/byteranges"));
    let answer = get(server.addr(), "/page.html", &[]);
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"page.html\""));
}
