use crate::{
    fixture::{Files, HELLO},
    wire::get,
};

#[actix_web::test]
async fn the_variant_that_the_client_likes_best() {
    let files = Files::new();
    files.write("hello.txt.br", "BR");
    files.write("hello.txt.gz", "GZIPPED");
    let server = files.serve_as(|download| download.precompressed());
    let ask = |accept: &str, more: &[(&str, &str)]| {
        let mut headers = vec![("Accept-Encoding", accept)];
        headers.extend_from_slice(more);
        get(server.addr(), "/hello.txt", &headers)
    };
    let mut tags = std::collections::BTreeSet::new();
    for (accept, coding, body) in [
        ("gzip, br", Some("br"), "BR"),
        ("gzip;q=1, br;q=0.5", Some("gzip"), "GZIPPED"),
        ("gzip, br;q=0", Some("gzip"), "GZIPPED"),
        ("zstd", Some("identity"), HELLO),
        ("identity", None, HELLO),
        ("gzip;q=0", Some("identity"), HELLO),
    ] {
        let answer = ask(accept, &[]);
        assert_eq!((answer.text(), answer.header("content-encoding")), (body, coding), "{accept}");
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"hello.txt\""));
        let tag = answer.header("etag").unwrap().to_owned();
        let again = ask(accept, &[("If-None-Match", &tag)]);
        assert_eq!((again.status, again.header("vary")), (304, Some("accept-encoding")));
        tags.insert(tag);
    }
    assert_eq!(tags.len(), 3, "each variant has its own tag");
    let part = ask("gzip", &[("Range", "bytes=0-1")]);
    assert_eq!((part.status, part.text(), part.header("content-encoding")), (206, "GZ", Some("gzip")));
    assert_eq!(part.header("content-range"), Some("bytes 0-1/7"));
}

#[actix_web::test]
async fn a_variant_is_not_sent_when_it_is_stale_or_alone() {
    let files = Files::new();
    let path = files.write("hello.txt.gz", "OLD");
    let older = crate::fixture::modified() - std::time::Duration::from_secs(1);
    std::fs::File::options().write(true).open(path).unwrap().set_modified(older).unwrap();
    files.write("alone.txt.gz", "x");
    let server = files.serve_as(|download| download.precompressed());
    assert_eq!(get(server.addr(), "/hello.txt", &[("Accept-Encoding", "gzip")]).text(), HELLO);
    assert_eq!(get(server.addr(), "/alone.txt", &[("Accept-Encoding", "gzip")]).status, 404);
}

#[actix_web::test]
async fn variants_are_only_sent_when_that_was_said() {
    let files = Files::new();
    files.write("hello.txt.gz", "GZIPPED");
    let answer = get(files.serve().addr(), "/hello.txt", &[("Accept-Encoding", "gzip")]);
    assert_eq!((answer.text(), answer.header("vary")), (HELLO, None));
}
