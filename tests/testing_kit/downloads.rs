//! Assertions on downloads: each is shown to pass where it should, and to fail where it should.

use std::time::Duration;

use actix_charter::testing::{TestClient, TestResponse};
use actix_web::{HttpResponse, HttpResponseBuilder, http::StatusCode, web};

use crate::panic_of;

/// The answer of an application that says just this.
async fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> TestResponse {
    let headers = headers.to_vec();
    let client = TestClient::configured(|config| {
        config.default_service(web::to(move || {
            let mut response = HttpResponseBuilder::new(StatusCode::from_u16(status).unwrap());
            for header in &headers {
                response.append_header(*header);
            }
            let response = response.body(body);
            async move { response }
        }));
    });
    client.await.get("/x?y=1").send().await
}

/// What is left of an assertion.
struct Done;

fn done<T>(_: T) -> Done {
    Done
}

/// Every closure panics, with a message that starts so, and ends with the whole answer.
#[track_caller]
fn assert_fails(answer: &TestResponse, cases: &[(&str, &dyn Fn() -> Done)]) {
    for (message, run) in cases {
        let panic = panic_of(run);
        assert!(panic.starts_with(message), "expected {message:?}, found {panic}");
        assert!(panic.contains(&format!("\n  GET /x?y=1 -> {}\n", answer.status())), "{panic}");
        for (name, value) in answer.headers() {
            assert!(panic.contains(&format!("\n  {name}: {}", value.to_str().unwrap())), "{panic}");
        }
    }
}

const NAMED: (&str, &str) = (
    "content-disposition",
    "attachment; filename=\"resume 1.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9%201.pdf",
);
const TYPE: (&str, &str) = ("content-type", "text/plain; charset=UTF-8");

#[actix_web::test]
async fn a_download_is_what_it_is() {
    let whole = answer(200, &[NAMED, TYPE], "Hello, world!").await;
    whole
        .assert_not_offloaded()
        .assert_download()
        .attachment()
        .file_name("résumé 1.pdf")
        .fallback_name("resume 1.pdf")
        .media_type("Text/Plain")
        .charset("utf-8")
        .whole()
        .content("Hello, world!");
    let shown = answer(200, &[("content-disposition", "inline")], "").await;
    shown.assert_download().inline().nameless().content("");
}

#[actix_web::test]
async fn another_download_fails() {
    let whole = answer(200, &[NAMED, TYPE], "Hello, world!").await;
    let view = whole.assert_download();
    assert_fails(
        &whole,
        &[
            ("expected the disposition `inline`, found `attachment`", &|| done(view.inline())),
            ("expected the file name \"resume 1.pdf\", found \"résumé 1.pdf\"", &|| {
                done(view.file_name("resume 1.pdf"))
            }),
            ("expected `filename` to be \"résumé 1.pdf\", found \"resume 1.pdf\"", &|| {
                done(view.fallback_name("résumé 1.pdf"))
            }),
            ("expected no file name, found \"résumé 1.pdf\"", &|| done(view.nameless())),
            ("expected the media type `text/csv`, found `text/plain; charset=UTF-8`", &|| {
                done(view.media_type("text/csv"))
            }),
            ("expected the charset `utf-16`", &|| done(view.charset("utf-16"))),
            ("expected the range `bytes 0-4/13`, found none", &|| done(view.range(0..=4, 13))),
            ("expected 2 ranges in `multipart/byteranges`", &|| done(view.ranges(&[0..=0, 2..=3], 13))),
            (
                "expected the content `Hello, earth!` of 13 bytes, found 13; they differ from byte 7 on",
                &|| done(view.content("Hello, earth!")),
            ),
            ("expected the content `Hello` of 5 bytes, found 13; they differ from byte 5 on", &|| {
                done(view.content("Hello"))
            }),
        ],
    );
}

#[actix_web::test]
async fn what_is_no_download_fails() {
    let missing = answer(404, &[NAMED], "").await;
    assert_fails(
        &missing,
        &[("expected a download: status 200, or 206", &|| done(missing.assert_download()))],
    );
    let page = answer(200, &[TYPE], "<p>").await;
    assert_fails(
        &page,
        &[("expected a download, but there is no `content-disposition`", &|| done(page.assert_download()))],
    );
    let twice = answer(200, &[NAMED, NAMED], "").await;
    assert_fails(&twice, &[("expected one `content-disposition`", &|| done(twice.assert_download()))]);
    let malformed = answer(200, &[("content-disposition", "attachment; filename=a b.txt")], "").await;
    assert_fails(
        &malformed,
        &[("the `content-disposition` is malformed", &|| done(malformed.assert_download()))],
    );
    let nameless = answer(200, &[("content-disposition", "attachment")], "").await;
    assert_fails(
        &nameless,
        &[
            ("expected the file name \"a\", found none", &|| done(nameless.assert_download().file_name("a"))),
            ("expected the media type `text/plain`, found ``", &|| {
                done(nameless.assert_download().media_type("text/plain"))
            }),
        ],
    );
}

#[actix_web::test]
async fn a_part_is_what_it_is() {
    let part = answer(206, &[NAMED, TYPE, ("content-range", "bytes 7-11/13")], "world").await;
    let view = part.assert_download();
    view.range(7..=11, 13).content("world");
    assert_fails(
        &part,
        &[
            ("expected the whole file, found a part of it", &|| done(view.whole())),
            ("expected the range `bytes 7-11/14`, found \"bytes 7-11/13\"", &|| done(view.range(7..=11, 14))),
            ("expected the range `bytes 7-12/13`", &|| done(view.range(7..=12, 13))),
        ],
    );
    let short = answer(206, &[NAMED, TYPE, ("content-range", "bytes 7-11/13")], "worl").await;
    assert_fails(
        &short,
        &[("expected 5 bytes, found 4", &|| done(short.assert_download().range(7..=11, 13)))],
    );
    // The right words under the wrong status.
    let whole = answer(200, &[NAMED, TYPE, ("content-range", "bytes 7-11/13")], "world").await;
    let view = whole.assert_download();
    assert_fails(
        &whole,
        &[
            ("expected the range", &|| done(view.range(7..=11, 13))),
            ("expected the whole file", &|| done(view.whole())),
        ],
    );
}

#[actix_web::test]
async fn parts_are_what_they_are() {
    const MULTIPART: (&str, &str) = ("content-type", "multipart/byteranges; boundary=b");
    let body = "--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/13\r\n\r\nH\r\n\
                --b\r\nContent-Type: text/plain\r\nContent-Range: bytes 5-6/13\r\n\r\n, \r\n--b--\r\n";
    let parts = answer(206, &[NAMED, MULTIPART], body).await;
    let view = parts.assert_download();
    view.ranges(&[0..=0, 5..=6], 13).media_type("text/plain").content("H, ");
    assert_fails(
        &parts,
        &[
            ("expected the ranges [\"bytes 0-0/13\"], found", &|| done(view.ranges(&[0..=0], 13))),
            ("expected the ranges", &|| done(view.ranges(&[5..=6, 0..=0], 13))),
            ("expected the ranges", &|| done(view.ranges(&[0..=0, 5..=6], 14))),
            ("expected the media type `text/csv`", &|| done(view.media_type("text/csv"))),
            ("expected the content `H,`", &|| done(view.content("H,"))),
        ],
    );
    let short =
        answer(206, &[NAMED, MULTIPART], "--b\r\nContent-Range: bytes 0-4/13\r\n\r\nHell\r\n--b--\r\n").await;
    assert_fails(
        &short,
        &[("expected 5 bytes for `bytes 0-4/13`, found 4", &|| {
            done(short.assert_download().ranges(&[0..=4], 13))
        })],
    );
    let broken = answer(206, &[NAMED, MULTIPART], "--b\r\n").await;
    assert_fails(
        &broken,
        &[("the `multipart/byteranges` body is malformed", &|| done(broken.assert_download().content("")))],
    );
}

const TO: (&str, &str) = ("x-accel-redirect", "/protected/a%20b.txt");
const RATE: (&str, &str) = ("x-accel-limit-rate", "500000");
const BUFFERING: (&str, &str) = ("x-accel-buffering", "no");
const EXPIRES: (&str, &str) = ("x-accel-expires", "60");
const CHARSET: (&str, &str) = ("x-accel-charset", "UTF-8");

#[actix_web::test]
async fn a_file_is_handed_over() {
    let all =
        answer(200, &[NAMED, TYPE, TO, RATE, BUFFERING, EXPIRES, CHARSET, ("content-length", "0")], "").await;
    let view = all.assert_offloaded();
    view.by("X-Accel-Redirect")
        .to("/protected/a b.txt")
        .to("/protected/a%20b.txt")
        .to_exactly("/protected/a%20b.txt")
        .limit_rate(500_000)
        .buffering(false)
        .expires(Duration::from_secs(60))
        .charset("utf-8")
        .download()
        .file_name("résumé 1.pdf")
        .media_type("text/plain");
    let nothing_more = answer(200, &[TO], "").await;
    nothing_more.assert_offloaded().limit_rate(None).buffering(None).expires(None).charset(None);
    let off = answer(200, &[TO, ("x-accel-limit-rate", "off"), ("x-accel-expires", "off")], "").await;
    off.assert_offloaded().limit_rate(0).expires(Duration::ZERO);
    for header in ["x-sendfile", "x-litespeed-location"] {
        let path = answer(200, &[(header, "/srv/media files/é.txt")], "").await;
        path.assert_offloaded().by(header).to("/srv/media files/é.txt");
    }
    answer(200, &[("x-mine", "/a")], "").await.assert_offloaded_by("X-Mine").to("/a");
}

/// Which of its two locations nginx is told is a matter of the file's age, too.
#[actix_web::test]
async fn the_file_is_the_same_in_nginxs_other_location() {
    let own = answer(200, &[("x-accel-redirect", "/protected~own/a%20b~own/c.txt")], "").await;
    let view = own.assert_offloaded();
    view.to("/protected/a b~own/c.txt").to("/protected~own/a b~own/c.txt");
    assert_fails(
        &own,
        &[
            ("expected the file `/protected~own/a b/c.txt`", &|| done(view.to("/protected~own/a b/c.txt"))),
            ("expected the file `/protected/a b/c.txt`", &|| done(view.to("/protected/a b/c.txt"))),
            ("expected `x-accel-redirect: /protected/a%20b", &|| {
                done(view.to_exactly("/protected/a%20b~own/c.txt"))
            }),
        ],
    );
    let path = answer(200, &[("x-sendfile", "/srv/a~own/b.txt")], "").await;
    assert_fails(
        &path,
        &[("expected the file `/srv/a/b.txt`", &|| done(path.assert_offloaded().to("/srv/a/b.txt")))],
    );
}

/// Those of django-downloadview compare the header's name with what is expected, and so can never be right about the value: charset,
/// buffering and expires.
#[actix_web::test]
async fn every_order_is_compared_by_its_value() {
    let all = answer(200, &[NAMED, TO, RATE, BUFFERING, EXPIRES, CHARSET], "").await;
    let view = all.assert_offloaded();
    assert_fails(
        &all,
        &[
            ("expected \"utf-16\" in `x-accel-charset`, found `UTF-8`", &|| done(view.charset("utf-16"))),
            ("expected \"x-accel-charset\" in `x-accel-charset`", &|| done(view.charset("X-Accel-Charset"))),
            ("expected true in `x-accel-buffering`, found `no`", &|| done(view.buffering(true))),
            ("expected 61 in `x-accel-expires`, found `60`", &|| done(view.expires(Duration::from_secs(61)))),
            ("expected 0 in `x-accel-expires`, found `60`", &|| done(view.expires(Duration::ZERO))),
            ("expected 1 in `x-accel-limit-rate`, found `500000`", &|| done(view.limit_rate(1))),
            ("expected no `x-accel-charset`, found `UTF-8`", &|| done(view.charset(None))),
            ("expected no `x-accel-buffering`, found `no`", &|| done(view.buffering(None))),
            ("expected no `x-accel-expires`, found `60`", &|| done(view.expires(None))),
            ("expected no `x-accel-limit-rate`, found `500000`", &|| done(view.limit_rate(None))),
        ],
    );
    let none = answer(200, &[TO], "").await;
    let view = none.assert_offloaded();
    assert_fails(
        &none,
        &[
            ("expected \"utf-8\" in `x-accel-charset`, found `none`", &|| done(view.charset("utf-8"))),
            ("expected false in `x-accel-buffering`, found `none`", &|| done(view.buffering(false))),
            ("expected 0 in `x-accel-expires`, found `none`", &|| done(view.expires(Duration::ZERO))),
            ("expected 0 in `x-accel-limit-rate`, found `none`", &|| done(view.limit_rate(0))),
        ],
    );
    let nonsense = [
        TO,
        ("x-accel-buffering", "x-accel-buffering"),
        ("x-accel-expires", "soon"),
        ("x-accel-limit-rate", "5k"),
    ];
    let nonsense = answer(200, &nonsense, "").await;
    let view = nonsense.assert_offloaded();
    assert_fails(
        &nonsense,
        &[
            ("expected false in `x-accel-buffering`, found `x-accel-buffering`", &|| {
                done(view.buffering(false))
            }),
            ("expected no `x-accel-buffering`", &|| done(view.buffering(None))),
            ("expected 60 in `x-accel-expires`, found `soon`", &|| {
                done(view.expires(Duration::from_secs(60)))
            }),
            ("expected no `x-accel-limit-rate`", &|| done(view.limit_rate(None))),
        ],
    );
    let twice = answer(200, &[TO, BUFFERING, ("x-accel-buffering", "yes")], "").await;
    assert_fails(
        &twice,
        &[("expected `x-accel-buffering` once", &|| done(twice.assert_offloaded().buffering(false)))],
    );
}

#[actix_web::test]
async fn a_file_elsewhere_fails() {
    let there = answer(200, &[NAMED, TO], "").await;
    let view = there.assert_offloaded();
    assert_fails(
        &there,
        &[
            (
                "expected the file `/protected/b.txt`, found `/protected/a%20b.txt`, which is `/protected/a b.txt` decoded",
                &|| done(view.to("/protected/b.txt")),
            ),
            ("expected `x-accel-redirect: /protected/a b.txt`", &|| {
                done(view.to_exactly("/protected/a b.txt"))
            }),
            ("expected the file to be named by `X-Sendfile`", &|| done(view.by("X-Sendfile"))),
            ("expected no order to a proxy, found `x-accel-redirect`", &|| {
                done(there.assert_not_offloaded())
            }),
            ("expected content, but the file was handed over", &|| {
                done(there.assert_download().content("Hello"))
            }),
            ("expected the header `x-mine`", &|| done(there.assert_offloaded_by("x-mine"))),
        ],
    );
}

#[actix_web::test]
async fn what_is_not_handed_over_fails() {
    let ours = answer(200, &[NAMED, TYPE], "Hello").await;
    assert_fails(&ours, &[("expected the file to be handed over", &|| done(ours.assert_offloaded()))]);
    let both = answer(200, &[TO, ("x-sendfile", "/a")], "").await;
    assert_fails(&both, &[("expected one header that names the file", &|| done(both.assert_offloaded()))]);
    let twice = answer(200, &[TO, TO], "").await;
    assert_fails(&twice, &[("expected `x-accel-redirect` once", &|| done(twice.assert_offloaded()))]);
    let forbidden = answer(403, &[TO], "").await;
    assert_fails(
        &forbidden,
        &[("expected status 200: a proxy sends the file", &|| done(forbidden.assert_offloaded()))],
    );
    let body = answer(200, &[TO], "Hello").await;
    assert_fails(&body, &[("expected no body beside `x-accel-redirect`", &|| done(body.assert_offloaded()))]);
    let length = answer(200, &[TO, ("content-length", "13")], "").await;
    assert_fails(
        &length,
        &[("expected `content-length: 0` beside `x-accel-redirect`, found 13", &|| {
            done(length.assert_offloaded())
        })],
    );
    // Orders that name no file are orders all the same.
    let order = answer(200, &[NAMED, BUFFERING], "Hello").await;
    assert_fails(
        &order,
        &[("expected no order to a proxy, found `x-accel-buffering`", &|| {
            done(order.assert_not_offloaded())
        })],
    );
}

#[actix_web::test]
async fn over_a_socket_the_length_is_seen() {
    let server = actix_test::start(|| {
        actix_web::App::new()
            .default_service(web::to(|| async { HttpResponse::Ok().append_header(TO).finish() }))
    });
    let client = TestClient::at(&format!("http://{}", server.addr()));
    let answer = client.get("/").send().await;
    answer.assert_header("content-length", "0").assert_offloaded().to("/protected/a b.txt");
}

const NO_STORE: (&str, &str) = ("cache-control", "private, no-store");
const LINK: (&str, &str) = (
    "location",
    "https://Media.s3.example.org:444/bucket/a%20b.txt?X-Amz-Expires=60&response-content-type=text%2Fplain",
);

#[actix_web::test]
async fn a_client_is_sent_on() {
    let sent = answer(307, &[LINK, NO_STORE], "").await;
    let view = sent.assert_sent_on();
    view.host("media.s3.example.org")
        .path("/bucket/a b.txt")
        .parameter("response-content-type", "text/plain")
        .holds_at_most(Duration::from_secs(60));
    assert_fails(
        &sent,
        &[
            ("expected the host `other.example.org`", &|| done(view.host("other.example.org"))),
            ("expected the path `/bucket/b.txt`, found `/bucket/a b.txt`", &|| {
                done(view.path("/bucket/b.txt"))
            }),
            ("expected the parameter `response-content-type=text/csv`", &|| {
                done(view.parameter("response-content-type", "text/csv"))
            }),
            ("expected the parameter `versionId=1`, found []", &|| done(view.parameter("versionId", "1"))),
            ("expected a link for at most 59s, found 60 seconds", &|| {
                done(view.holds_at_most(Duration::from_secs(59)))
            }),
        ],
    );
    let ours = answer(307, &[("location", "/files/a?expires=1700003600&signature=k1.x"), NO_STORE], "").await;
    let view = ours.assert_sent_on();
    view.path("/files/a");
    assert_fails(
        &ours,
        &[
            ("expected the host `a`, found `none`", &|| done(view.host("a"))),
            ("expected a link that says its lifetime", &|| done(view.holds_at_most(Duration::from_secs(60)))),
        ],
    );
}

#[actix_web::test]
async fn who_is_not_sent_on_well_fails() {
    for (status, headers, message) in [
        (302, &[LINK, NO_STORE][..], "expected status 307"),
        (200, &[LINK, NO_STORE], "expected status 307"),
        (307, &[NO_STORE], "expected a `location`"),
        (307, &[LINK, LINK, NO_STORE], "expected `location` once"),
        (307, &[("location", "a b"), NO_STORE], "the `location` is no URL"),
        (307, &[LINK], "expected `cache-control: no-store`"),
        (307, &[LINK, ("cache-control", "max-age=60")], "expected `cache-control: no-store`"),
        (
            307,
            &[("location", "https://a.example.org/x?X-Amz-Expires="), NO_STORE],
            "expected a link that ends",
        ),
    ] {
        let answer = answer(status, headers, "").await;
        assert_fails(&answer, &[(message, &|| done(answer.assert_sent_on()))]);
    }
}
