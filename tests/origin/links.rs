//! Files that somebody else fetches.

use std::num::NonZeroU64;

use actix_charter::download::{Delivery, Link, LocalFile, Relay, origin::Remote as Allowed};
use actix_web::{HttpRequest, HttpResponse, http::header::HeaderName};

use crate::{
    remote::Remote,
    site::{is_error, origin, site_as},
    wire,
};

/// Takes all links.
#[derive(Debug)]
struct Proxy;

impl Relay for Proxy {
    fn takes(&self, _: &HttpRequest, _: &LocalFile, _: Option<NonZeroU64>) -> bool {
        false
    }

    fn relay(
        &self,
        _: &HttpRequest,
        _: &LocalFile,
        _: Option<NonZeroU64>,
        whole: HttpResponse,
    ) -> Result<HttpResponse, HttpResponse> {
        Err(whole)
    }

    fn takes_links(&self, _: &HttpRequest) -> bool {
        true
    }

    fn relay_link(
        &self,
        _: &HttpRequest,
        link: &Link,
        _: Option<NonZeroU64>,
        mut whole: HttpResponse,
    ) -> Result<HttpResponse, HttpResponse> {
        let told = format!("{} {:?}", link.url, link.authorization);
        whole.headers_mut().insert(HeaderName::from_static("x-told"), told.parse().unwrap());
        Ok(whole)
    }
}

fn hello() -> Remote {
    Remote::saying("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 5\r\n\r\nHello")
}

#[actix_web::test]
async fn a_proxy_is_told_the_url() {
    let remote = hello();
    let url = remote.url("/a%2Fb/c.txt?d=%20&X-Amz-Signature=%2B#here");
    let site = site_as(&origin(&[&remote]), &url, Delivery::new().relay(Proxy), |download| download);
    let answer = wire::get(site.addr(), "/", &[("Range", "bytes=0-1")]);
    let told = format!("{} None", url.trim_end_matches("#here"));
    assert_eq!((answer.status, answer.header("x-told")), (200, Some(told.as_str())));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"c.txt\""));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(remote.heads().is_empty());
    // Whether these hold, only the file can tell.
    for (condition, status) in [
        (("If-None-Match", "\"v1\""), 304),
        (("If-None-Match", "\"v0\""), 200),
        (("If-Match", "\"v1\""), 200),
        (("If-Match", "\"v0\""), 412),
        (("If-Modified-Since", "Tue, 02 Jan 2024 03:04:05 GMT"), 200),
        (("If-Unmodified-Since", "Tue, 02 Jan 2024 03:04:05 GMT"), 200),
    ] {
        let answer = wire::get(site.addr(), "/", &[condition]);
        assert_eq!((answer.status, answer.header("x-told")), (status, None), "{condition:?}");
    }
    assert_eq!(remote.heads().len(), 6);
}

#[actix_web::test]
async fn a_proxy_is_told_credentials_that_it_can_use_and_no_limit_that_it_would_not_hold_to() {
    let remote = hello();
    let allowed = Allowed::new(&remote.url("")).unwrap().bearer("s3cr3t").unwrap();
    let with = |allowed: Allowed, most: Option<u64>| {
        let mut origin = origin(&[]).allow(allowed).unwrap();
        if let Some(most) = most {
            origin = origin.max_size(most);
        }
        let site = site_as(&origin, remote.url("/a"), Delivery::new().relay(Proxy), |download| download);
        wire::get(site.addr(), "/", &[])
    };
    let told = format!("{} Some(\"Bearer s3cr3t\")", remote.url("/a"));
    assert_eq!(with(allowed.clone(), None).header("x-told"), Some(told.as_str()));
    for ours in [with(allowed.clone().header("x-key", "k").unwrap(), None), with(allowed, Some(5))] {
        assert_eq!((ours.text(), ours.header("x-told")), ("Hello", None));
    }
}

#[actix_web::test]
async fn a_url_that_is_not_allowed_is_told_nobody() {
    let remote = hello();
    let delivery = Delivery::new().relay(Proxy).redirect();
    for url in [
        remote.url("/a").replace("127.0.0.1", "localhost"),
        remote.url("/a").replace("127.0.0.1", "user@127.0.0.1"),
        "http://169.254.169.254/".to_owned(),
        "file:///etc/passwd".to_owned(),
        remote.url("/a\r\nX-Accel-Redirect: /"),
    ] {
        let site = site_as(&origin(&[&remote]), url, delivery.clone(), |download| download);
        let answer = wire::get(site.addr(), "/", &[]);
        is_error(&answer, 502);
        assert_eq!((answer.header("x-told"), answer.header("location")), (None, None));
    }
    assert!(remote.heads().is_empty());
}

#[actix_web::test]
async fn a_client_is_sent_to_public_servers_only() {
    let remote = hello();
    let public = || Allowed::new(&remote.url("")).unwrap().public();
    let ask = |allowed: Allowed, attached: bool| {
        let origin = origin(&[]).allow(allowed).unwrap();
        let site =
            site_as(&origin, remote.url("/a.txt?b=%2F"), Delivery::new().redirect(), move |download| {
                if attached { download } else { download.inline() }
            });
        wire::get(site.addr(), "/", &[])
    };
    let answer = ask(public(), false);
    let there = remote.url("/a.txt?b=%2F");
    assert_eq!((answer.status, answer.header("location")), (307, Some(there.as_str())));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(remote.heads().is_empty());
    // Not public; public and yet with a password; public, but would not say that it is to be kept as a file.
    for ours in [
        ask(Allowed::new(&remote.url("")).unwrap(), false),
        ask(public().bearer("s3cr3t").unwrap(), false),
        ask(public(), true),
    ] {
        assert_eq!((ours.status, ours.text(), ours.header("location")), (200, "Hello", None));
    }
}
