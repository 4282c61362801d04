//! What nginx alone is told.

use std::{fs, os::unix::fs::symlink, time::Duration};

use actix_web::http::header::HeaderName;

use crate::{
    Case, Front, Kind, Site,
    client::{get, get_with},
    site::MODIFIED,
};

#[test]
fn a_link_put_in_a_files_place_is_not_followed() {
    let front = Front::start(Kind::Nginx, vec![Case::new("a.txt"), Case::new("folder/b.txt")]);
    // After the application has looked, as far as nginx can tell.
    fs::remove_file(front.site.path(0)).unwrap();
    symlink(front.site.base.join("secret.txt"), front.site.path(0)).unwrap();
    fs::remove_dir_all(front.site.root.join("folder")).unwrap();
    fs::write(front.site.base.join("media files-private/b.txt"), "secret").unwrap();
    symlink(front.site.base.join("media files-private"), front.site.root.join("folder")).unwrap();
    for path in ["/0", "/1"] {
        let answer = get(front.address, path);
        assert_eq!(answer.status, 404, "{answer:?}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
    }
    assert_eq!(front.site.handed_over(), 2);
}

#[test]
fn all_orders_are_taken_and_none_is_seen() {
    let front = Front::with(
        Kind::Nginx,
        vec![Case::new("a.txt"), Case::new("b.txt").rate_limit(1_000_000)],
        |_, offload| {
            offload
                .limit_rate(2_000_000)
                .buffering(false)
                .expires(Duration::from_secs(60))
                .charset("utf-8")
                .unwrap()
        },
    );
    for number in 0..2 {
        let answer = get(front.address, &format!("/{number}"));
        assert_eq!((answer.status, &answer.body), (200, &front.site.case(number).content), "{answer:?}");
        assert!(!answer.headers.iter().any(|(name, _)| name.starts_with("x-accel")), "{answer:?}");
    }
    assert_eq!(front.site.handed_over(), 2);
}

#[test]
fn a_header_of_ones_own_is_passed_on_where_told() {
    let case = Case::new("a.txt").header("x-build", "7").header("x-other", "8");
    let front = Front::with(Kind::Nginx, vec![case], |_, offload| {
        offload.pass_header(HeaderName::from_static("x-build"))
    });
    let answer = get(front.address, "/0");
    assert_eq!((answer.header("x-build"), answer.header("x-other")), (Some("7"), None));
    let part = get_with(front.address, "/0", &[("Range", "bytes=0-2")]);
    assert_eq!((part.status, part.header("x-build")), (206, Some("7")));
}

/// The least that anyone writes, without our fragment: what arrives is right, if less.
#[test]
fn a_configuration_of_three_lines_will_do() {
    let case = Case::new("a?b.txt").content("Hello, world!").without("etag").without("last-modified");
    let site = Site::start(vec![case], |_, root| Kind::Nginx.offload(root));
    let fragment = format!(
        "location / {{ proxy_pass http://{}; }} location /protected/ {{ internal; alias \"{}/\"; }}",
        site.application,
        site.root.display()
    );
    let front = Front::before(Kind::Nginx, site, &fragment);
    let whole = get(front.address, "/0");
    assert_eq!((whole.status, &whole.body[..]), (200, &b"Hello, world!"[..]));
    assert_eq!(whole.header("last-modified"), Some(MODIFIED));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    // The validator is nginx's, and nginx answers for it.
    let etag = whole.header("etag").unwrap().to_owned();
    let same = get_with(front.address, "/0", &[("If-None-Match", &etag), ("If-Modified-Since", MODIFIED)]);
    assert_eq!(same.status, 304, "{same:?}");
    let rest = get_with(front.address, "/0", &[("Range", "bytes=7-"), ("If-Range", &etag)]);
    assert_eq!((rest.status, &rest.body[..]), (206, &b"world!"[..]));
    assert_eq!(front.site.handed_over(), 3);
}
