//! A middleware that compresses leaves alone what later answers tell validators and ranges of.

use std::{
    io,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_charter::download::{Away, Download};
use actix_web::{
    App, HttpRequest,
    middleware::Compress,
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use futures_util::stream;

use crate::fixture::Shelf;

type Validated = fn(Download<Away>, SystemTime) -> Download<Away>;

fn lines() -> impl stream::Stream<Item = io::Result<String>> {
    stream::iter((0..2000).map(|number| Ok(format!("{number},Ann\n"))))
}

#[actix_web::test]
async fn a_first_answer_that_broke_off_is_resumed_from_the_kept_file() {
    let whole: String = (0..2000).map(|number| format!("{number},Ann\n")).collect();
    let modified = UNIX_EPOCH + Duration::from_secs(1_704_164_645);
    let ways: [(Validated, &str); 2] = [
        (|download, _| download.etag("v7"), "\"v7\""),
        // Its date is as strong, when it is old.
        (|download, modified| download.last_modified(modified), "Tue, 02 Jan 2024 03:04:05 GMT"),
    ];
    for (validated, condition) in ways {
        let shelf = Shelf::new();
        let export = move |request: HttpRequest| {
            let download = Download::generated("a", lines).file_name("a.csv");
            async move { validated(download, modified).fetched(&request).await }
        };
        let app =
            App::new().wrap(shelf.delivery()).wrap(Compress::default()).default_service(web::to(export));
        let app = init_service(app).await;
        let ask = |range: Option<&str>| {
            let request = TestRequest::get().insert_header(("accept-encoding", "gzip"));
            match range {
                Some(range) => request.insert_header(("range", range)).insert_header(("if-range", condition)),
                None => request,
            }
            .to_request()
        };
        let first = call_service(&app, ask(None)).await;
        let coding = first.headers().get("content-encoding").cloned();
        let first = read_body(first).await;
        let second = call_service(&app, ask(Some("bytes=1000-"))).await;
        assert_eq!(second.status(), 206, "{condition}");
        let second = read_body(second).await;
        assert!(first.len() > 1000 && second == whole[1000..], "{condition}: {coding:?}");
        assert!([&first[..1000], &second[..]].concat() == whole.as_bytes(), "{condition}: {coding:?}");
    }
}

#[actix_web::test]
async fn what_may_be_compressed_is() {
    let shelf = Shelf::new();
    let export = |request: HttpRequest| async move {
        Download::generated("a", lines).etag("v7").file_name("a.csv").compressible().fetched(&request).await
    };
    let app = App::new().wrap(shelf.delivery()).wrap(Compress::default()).default_service(web::to(export));
    let app = init_service(app).await;
    for _ in 0..2 {
        let request = TestRequest::get().insert_header(("accept-encoding", "gzip")).to_request();
        let answer = call_service(&app, request).await;
        assert_eq!(answer.headers().get("content-encoding").unwrap(), "gzip");
        assert_eq!(answer.headers().get("etag").unwrap(), "W/\"v7\"");
        assert!(read_body(answer).await.len() < 20_000);
    }
    shelf.assert_holds(1);
}
