//! What holds behind every server.

use std::os::unix::fs::symlink;

use crate::{
    Case, Front, Kind,
    client::{get, get_with, send},
    site::MODIFIED,
};

macro_rules! everywhere {
    ($($test:ident)*) => {
        mod nginx { $(#[test] fn $test() { super::$test(crate::Kind::Nginx); })* }
        mod apache { $(#[test] fn $test() { super::$test(crate::Kind::Apache); })* }
        mod lighttpd { $(#[test] fn $test() { super::$test(crate::Kind::Lighttpd); })* }
        mod caddy { $(#[test] fn $test() { super::$test(crate::Kind::Caddy); })* }
    };
}

everywhere! {
    a_download_is_the_one_that_the_application_means
    ranges_are_the_servers
    conditions_hold
    only_a_200_is_handed_over
    nothing_is_reachable_without_the_application
    a_client_gives_no_orders
    a_handler_gives_no_orders
    what_the_server_cannot_do_the_application_does
    several_roots
    a_file_that_is_gone_is_a_404_that_nobody_keeps
}

fn a_download_is_the_one_that_the_application_means(kind: Kind) {
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let front =
        Front::start(kind, vec![Case::new("hello.txt"), Case::new("deep/er/large.bin").content(large)]);
    for number in 0..2 {
        let path = format!("/{number}");
        let content = &front.site.case(number).content;
        for method in ["GET", "HEAD"] {
            let answer = send(front.address, method, &path, &[]);
            assert!(!answer.has("x-sent-by"), "{answer:?}");
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("content-length"), Some(content.len().to_string().as_str()));
            for (name, value) in &front.site.case(number).headers {
                assert_eq!(
                    answer.header(name),
                    Some(value.as_str()),
                    "{name} of {method} {:?}",
                    answer.headers
                );
            }
            for order in ["x-accel-redirect", "x-sendfile"] {
                assert!(!answer.has(order), "{answer:?}");
            }
            assert!(method == "HEAD" || answer.body == *content);
        }
    }
    assert_eq!(front.site.handed_over(), 4);
}

fn ranges_are_the_servers(kind: Kind) {
    let front = Front::start(kind, vec![Case::new("hello.txt").content("Hello, world!")]);
    let range = |range: &str| get_with(front.address, "/0", &[("Range", range)]);
    for (wanted, stated, body) in [
        ("bytes=0-4", "bytes 0-4/13", "Hello"),
        ("bytes=7-", "bytes 7-12/13", "world!"),
        ("bytes=-1", "bytes 12-12/13", "!"),
    ] {
        let answer = range(wanted);
        assert_eq!(answer.status, 206, "{answer:?}");
        assert_eq!(answer.header("content-range"), Some(stated));
        assert_eq!(answer.body, body.as_bytes());
        assert_eq!(answer.header("etag"), Some("\"ours\""));
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"report.txt\""));
    }
    assert_eq!(range("bytes=13-").status, 416);
    assert_eq!(range("lines=1-2").status, if kind == Kind::Caddy { 416 } else { 200 });
    assert_eq!(front.site.handed_over(), 5);

    // A part of what has not changed, or all of what has.
    let if_range =
        |validator: &str| get_with(front.address, "/0", &[("Range", "bytes=0-4"), ("If-Range", validator)]);
    let by_server =
        |answer: &crate::Answer| assert_eq!(answer.has("x-sent-by"), kind == Kind::Caddy, "{answer:?}");
    let same = if_range("\"ours\"");
    by_server(&same);
    if kind != Kind::Caddy {
        assert_eq!((same.status, &same.body[..]), (206, &b"Hello"[..]), "{same:?}");
    }
    let other = if_range("\"older\"");
    by_server(&other);
    assert_eq!((other.status, &other.body[..]), (200, &b"Hello, world!"[..]));
}

fn conditions_hold(kind: Kind) {
    // The row in a database was changed after the file: the later time is the one that counts.
    const LATER: &str = "Wed, 03 Jan 2024 00:00:00 GMT";
    let front =
        Front::start(kind, vec![Case::new("a.txt"), Case::new("b.txt").header("last-modified", LATER)]);

    let same = get_with(front.address, "/0", &[("If-None-Match", "\"ours\"")]);
    assert_eq!((same.status, same.header("etag")), (304, Some("\"ours\"")), "{same:?}");
    assert!(same.body.is_empty());
    let both =
        get_with(front.address, "/0", &[("If-None-Match", "\"older\""), ("If-Modified-Since", MODIFIED)]);
    assert_eq!(both.status, 200, "If-Modified-Since is not looked at beside If-None-Match: {both:?}");
    let older = get_with(front.address, "/0", &[("If-None-Match", "\"older\"")]);
    assert_eq!((older.status, &older.body), (200, &front.site.case(0).content));

    let later = get(front.address, "/1");
    assert_eq!(later.header("last-modified"), Some(LATER));
    for older in [
        &[("If-Modified-Since", MODIFIED)][..],
        &[("If-Modified-Since", MODIFIED), ("If-None-Match", "\"older\"")],
    ] {
        let changed = get_with(front.address, "/1", older);
        assert_eq!((changed.status, &changed.body), (200, &front.site.case(1).content), "{changed:?}");
        let judges = matches!(kind, Kind::Lighttpd | Kind::Caddy) && older.len() == 1;
        assert_eq!(changed.has("x-sent-by"), judges, "{older:?}: {changed:?}");
    }

    // The application has found these to hold, and the server must not find otherwise.
    for condition in [("If-Match", "\"ours\""), ("If-Unmodified-Since", LATER)] {
        let answer = get_with(front.address, "/1", &[condition]);
        assert_eq!(
            (answer.status, &answer.body),
            (200, &front.site.case(1).content),
            "{condition:?}: {answer:?}"
        );
        assert_eq!(answer.has("x-sent-by"), matches!(kind, Kind::Nginx | Kind::Caddy), "{answer:?}");
    }
}

fn only_a_200_is_handed_over(kind: Kind) {
    let statuses = [201, 203, 403, 404, 500];
    let front = Front::start(kind, statuses.map(|status| Case::new("x.txt").status(status)).to_vec());
    for (number, status) in statuses.into_iter().enumerate() {
        let answer = get(front.address, &format!("/{number}"));
        assert_eq!((answer.status, answer.header("x-sent-by")), (status, Some("application")));
    }
    for method in ["POST", "PUT", "DELETE"] {
        let answer = send(front.address, method, "/0", &[("Content-Length", "0")]);
        assert_eq!(answer.header("x-sent-by"), Some("application"), "{method}: {answer:?}");
    }
    assert_eq!(front.site.handed_over(), 0);
}

fn nothing_is_reachable_without_the_application(kind: Kind) {
    let front = Front::start(kind, vec![Case::new("hello.txt")]);
    symlink(front.site.base.join("secret.txt"), front.site.root.join("link.txt")).unwrap();
    let absolute = front.site.path(0).to_str().unwrap().replace(' ', "%20");
    for path in [
        "/protected/hello.txt",
        "/protected/",
        "/protected",
        "/protected/../secret.txt",
        "/protected/%2e%2e/secret.txt",
        "/protected../secret.txt",
        "/protected/link.txt",
        "/hello.txt",
        "/media%20files/hello.txt",
        absolute.as_str(),
    ] {
        let answer = get(front.address, path);
        assert!(answer.status >= 400, "{path}: {answer:?}");
        let body = String::from_utf8_lossy(&answer.body);
        assert!(!body.contains("The file named") && !body.contains("secret"), "{path}: {answer:?}");
    }
    assert_eq!(front.site.handed_over(), 0);
}

fn a_client_gives_no_orders(kind: Kind) {
    let front = Front::start(kind, vec![Case::new("hello.txt")]);
    let secret = front.site.base.join("secret.txt");
    let secret = secret.to_str().unwrap();
    for order in [
        ("X-Accel-Redirect", "/protected/../secret.txt"),
        ("X-Accel-Mapping", "/=/protected/"),
        ("X-Sendfile", secret),
        ("X-Sendfile-Type", "X-Accel-Redirect"),
        ("X-Forwarded-For", "127.0.0.1"),
    ] {
        let answer = get_with(front.address, "/0", &[order]);
        assert_eq!(
            (answer.status, &answer.body),
            (200, &front.site.case(0).content),
            "{order:?}: {answer:?}"
        );
        let missing = get_with(front.address, "/missing", &[order]);
        assert_eq!(
            (missing.status, &missing.body[..]),
            (404, &b"no such case"[..]),
            "{order:?}: {missing:?}"
        );
    }
}

fn a_handler_gives_no_orders(kind: Kind) {
    let cases = [200, 403].map(|status| {
        Case::new("hello.txt")
            .status(status)
            .header("x-accel-redirect", "/protected/other.txt")
            .header("x-sendfile", "/etc/passwd")
            .header("x-accel-limit-rate", "1")
    });
    let front = Front::start(kind, cases.to_vec());
    for (number, status) in [200, 403].into_iter().enumerate() {
        let answer = get(front.address, &format!("/{number}"));
        assert_eq!((answer.status, &answer.body), (status, &front.site.case(number).content), "{answer:?}");
        for order in ["x-accel-redirect", "x-sendfile", "x-accel-limit-rate"] {
            assert!(!answer.has(order), "{answer:?}");
        }
    }
    assert_eq!(front.site.handed_over(), 1);
}

fn what_the_server_cannot_do_the_application_does(kind: Kind) {
    let gzip = Case::new("a.txt.gz").header("content-encoding", "gzip");
    let long = Case::new("b.txt").header("link", &"x".repeat(3_000));
    let longer = Case::new("c.txt").header("link", &"x".repeat(7_000));
    let no_etag = Case::new("d.txt").without("etag");
    let slow = Case::new("e.txt").rate_limit(1_000_000);
    let front = Front::start(kind, vec![gzip, long, longer, no_etag, slow]);
    let sent_by_us = match kind {
        Kind::Nginx => [true, false, true, false, false],
        Kind::Apache => [true, false, true, true, true],
        Kind::Lighttpd => [false, false, true, false, true],
        Kind::Caddy => [true, false, true, false, true],
    };
    for (number, ours) in sent_by_us.into_iter().enumerate() {
        let case = front.site.case(number);
        // Without Accept-Encoding, Caddy would ask for gzip by itself, and decode it.
        let answer = get_with(front.address, &format!("/{number}"), &[("Accept-Encoding", "gzip")]);
        if kind == Kind::Nginx && number == 2 {
            // Nor can nginx pass such an answer on.
            assert_eq!((answer.status, front.site.handed_over()), (502, 1));
            continue;
        }
        assert_eq!((answer.status, answer.has("x-sent-by")), (200, ours), "{number}: {answer:?}");
        assert_eq!(answer.body, case.content);
        for (name, value) in case.headers.iter().filter(|(name, _)| *name != "accept-ranges") {
            assert_eq!(answer.header(name), Some(value.as_str()), "{number}, {name}: {answer:?}");
        }
    }
}

fn several_roots(kind: Kind) {
    let front = Front::with(
        kind,
        vec![Case::new("a.txt"), Case::new("thumbs/b.txt"), Case::new("../secret.txt")],
        |_, offload| offload,
    );
    // The third leads out of the root, uncanonical as it is.
    let outside = get(front.address, "/2");
    assert_eq!(outside.header("x-sent-by"), Some("application"));
    drop(front);

    let cases = vec![Case::new("a.txt"), Case::new("thumbs/b.txt"), Case::new("thumbs-2/c.txt")];
    let front = Front::with(kind, cases, |base, offload| {
        let thumbs = base.join("media files/thumbs");
        match kind {
            Kind::Nginx | Kind::Caddy => offload.map(thumbs, "/thumbs/").unwrap(),
            Kind::Apache | Kind::Lighttpd => offload.root(thumbs).unwrap(),
        }
    });
    for number in 0..3 {
        let answer = get(front.address, &format!("/{number}"));
        assert_eq!((answer.status, &answer.body), (200, &front.site.case(number).content), "{answer:?}");
    }
    assert_eq!(front.site.handed_over(), 3);
}

fn a_file_that_is_gone_is_a_404_that_nobody_keeps(kind: Kind) {
    let front = Front::start(kind, vec![Case::new("a.txt")]);
    std::fs::remove_file(front.site.path(0)).unwrap();
    let answer = get(front.address, "/0");
    assert_eq!(answer.status, 404, "{answer:?}");
    let kept =
        answer.headers.iter().filter(|(name, _)| name == "cache-control").map(|(_, value)| value.as_str());
    let kept = kept.collect::<Vec<_>>().join(", ");
    assert!(kept.is_empty() || kept.contains("no-store"), "{answer:?}");
    assert_eq!(front.site.handed_over(), 1);
}
