//! Files of other servers, kept in the cache.

use std::{
    fs,
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_charter::download::{
    Delivery,
    cache::DownloadCache,
    origin::{Origin, Remote as Server},
};

use crate::{
    remote::Remote,
    site::{LOOPBACK, origin, site_as},
    wire::{get, send},
};

/// Says that its file is in this state, and gives it.
fn versioned(version: Arc<AtomicUsize>, header: fn(usize) -> String) -> Remote {
    Remote::scripted(move |head, stream| {
        let version = version.load(Ordering::SeqCst);
        let body = format!("This is state {version}.");
        let length = body.len();
        let body = if head.starts_with("HEAD") { "" } else { &body };
        let header = header(version);
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nAccept-Ranges: bytes\r\n{header}\r\n{body}"
        )
        .is_ok()
    })
}

fn methods(remote: &Remote) -> Vec<String> {
    let methods = remote.heads().iter().map(|head| head.split(' ').next().unwrap().to_owned()).collect();
    remote.forget();
    methods
}

fn kept(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count() - 1
}

#[actix_web::test]
async fn its_bytes_are_asked_for_once_for_each_state() {
    let version = Arc::new(AtomicUsize::new(1));
    let remote = versioned(Arc::clone(&version), |version| format!("ETag: \"v{version}\"\r\n"));
    let directory = tempfile::tempdir().unwrap();
    let delivery = Delivery::new().cache(DownloadCache::new(directory.path()).unwrap());
    let site = site_as(&origin(&[&remote]), remote.url("/a.txt"), delivery, |download| download);
    let at = site.addr();

    // What needs no bytes asks for none, while the cache is cold, too.
    let told = send(at, "HEAD", "/", &[]);
    assert_eq!((told.header("content-length"), told.header("etag")), (Some("16"), Some("\"v1\"")));
    assert_eq!(get(at, "/", &[("If-None-Match", "\"v1\"")]).status, 304);
    assert_eq!(get(at, "/", &[("If-Match", "\"v0\"")]).status, 412);
    assert_eq!(methods(&remote), ["head", "head", "head"]);
    assert_eq!(kept(directory.path()), 0);

    let first = get(at, "/", &[]);
    assert_eq!((first.status, first.text(), first.header("etag")), (200, "This is state 1.", Some("\"v1\"")));
    assert_eq!(methods(&remote), ["head", "get"]);
    for (headers, status, text) in [
        (&[][..], 200, "This is state 1."),
        (&[("Range", "bytes=5-6")], 206, "is"),
        (&[("If-None-Match", "\"v1\"")], 304, ""),
    ] {
        let again = get(at, "/", headers);
        assert_eq!((again.status, again.text(), again.header("etag")), (status, text, Some("\"v1\"")));
        assert_eq!(methods(&remote), ["head"], "{headers:?}");
    }
    assert_eq!(send(at, "HEAD", "/", &[]).header("content-length"), Some("16"));
    assert_eq!(methods(&remote), ["head"]);

    version.store(2, Ordering::SeqCst);
    assert_eq!(get(at, "/", &[("If-None-Match", "\"v1\"")]).text(), "This is state 2.");
    assert_eq!(methods(&remote), ["head", "get"]);
    assert_eq!(kept(directory.path()), 2);
}

#[actix_web::test]
async fn what_has_no_state_is_asked_for_each_time() {
    let remote = versioned(Arc::new(AtomicUsize::new(1)), |_| String::new());
    let directory = tempfile::tempdir().unwrap();
    let delivery = Delivery::new().cache(DownloadCache::new(directory.path()).unwrap());
    let site = site_as(&origin(&[&remote]), remote.url("/a.txt"), delivery, |download| download);
    for _ in 0..2 {
        assert_eq!(get(site.addr(), "/", &[]).text(), "This is state 1.");
        assert_eq!(methods(&remote), ["head", "get"]);
        // A part is asked for as a part.
        assert_eq!(get(site.addr(), "/", &[("Range", "bytes=5-6")]).text(), "This is state 1.");
        assert_eq!(methods(&remote), ["head", "get", "get"]);
    }
    assert_eq!(kept(directory.path()), 0);
}

/// What is sent and kept is what was read, whatever was said before; the next one who asks gets what is there then.
#[actix_web::test]
async fn what_changes_while_it_is_asked_for_is_sent_as_it_is() {
    let state = AtomicUsize::new(0);
    let remote = Remote::scripted(move |head, stream| {
        let version = state.fetch_add(1, Ordering::SeqCst);
        let body = if head.starts_with("HEAD") { String::new() } else { format!("State {version}") };
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nETag: \"{version}\"\r\n\r\n{body}").is_ok()
    });
    let directory = tempfile::tempdir().unwrap();
    let delivery = Delivery::new().cache(DownloadCache::new(directory.path()).unwrap());
    let site = site_as(&origin(&[&remote]), remote.url("/a.txt"), delivery, |download| download);
    for version in [1, 3] {
        let answer = get(site.addr(), "/", &[]);
        assert_eq!((answer.status, answer.text()), (200, format!("State {version}").as_str()));
        assert_eq!(answer.header("etag"), Some(format!("\"{version}\"").as_str()));
    }
}

/// Handlers of HEAD that were written by hand: no length, no tag, or another than GET has.
#[actix_web::test]
async fn a_head_that_lies_costs_a_question_and_no_more() {
    for lie in [
        "Content-Length: 0\r\nLast-Modified: Tue, 02 Jan 2024 03:04:05 GMT\r\n",
        "Content-Length: 99\r\nETag: \"v1\"\r\n",
        "Content-Length: 5\r\nETag: \"other\"\r\n",
        "Content-Length: 5\r\nLast-Modified: Tue, 02 Jan 2024 03:04:05 GMT\r\n",
    ] {
        let remote = Remote::scripted(move |head, stream| {
            let said = if head.starts_with("HEAD") { lie } else { "Content-Length: 5\r\nETag: \"v1\"\r\n" };
            let body = if head.starts_with("HEAD") { "" } else { "Hello" };
            write!(stream, "HTTP/1.1 200 OK\r\n{said}\r\n{body}").is_ok()
        });
        let directory = tempfile::tempdir().unwrap();
        let delivery = Delivery::new().cache(DownloadCache::new(directory.path()).unwrap());
        let site = site_as(&origin(&[&remote]), remote.url("/a.txt"), delivery, |download| download);
        for _ in 0..2 {
            let answer = get(site.addr(), "/", &[]);
            assert_eq!((answer.status, answer.text(), answer.whole), (200, "Hello", true), "{lie}");
            assert_eq!(answer.header("etag"), Some("\"v1\""), "{lie}");
        }
        assert_eq!(kept(directory.path()), 1, "{lie}");
    }
}

#[actix_web::test]
async fn redirects_are_followed_for_the_cache_too() {
    let remote = Remote::scripted(|head, stream| {
        let moved = head.split(' ').nth(1) == Some("/a.txt");
        let body = if head.starts_with("HEAD") { "" } else { "Hello" };
        if moved {
            return write!(stream, "HTTP/1.1 302 Found\r\nLocation: /b.txt\r\nContent-Length: 0\r\n\r\n")
                .is_ok();
        }
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"v1\"\r\n\r\n{body}").is_ok()
    });
    let directory = tempfile::tempdir().unwrap();
    let delivery = Delivery::new().cache(DownloadCache::new(directory.path()).unwrap());
    let site = site_as(&origin(&[&remote]), remote.url("/a.txt"), delivery, |download| download);
    for asked in [4, 2] {
        assert_eq!(get(site.addr(), "/", &[]).text(), "Hello");
        assert_eq!(methods(&remote).len(), asked);
    }
}

#[actix_web::test]
async fn a_server_that_knows_no_head_is_asked_all_the_same() {
    let remote = Remote::scripted(|head, stream| {
        let (status, body) =
            if head.starts_with("HEAD") { ("405 Method Not Allowed", "") } else { ("200 OK", "Hello") };
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 5\r\nETag: \"v1\"\r\n\r\n{body}").is_ok()
    });
    let directory = tempfile::tempdir().unwrap();
    let delivery = Delivery::new().cache(DownloadCache::new(directory.path()).unwrap());
    let site = site_as(&origin(&[&remote]), remote.url("/a.txt"), delivery, |download| download);
    for _ in 0..2 {
        assert_eq!(get(site.addr(), "/", &[]).text(), "Hello");
    }
    assert_eq!(kept(directory.path()), 1);
}

#[actix_web::test]
async fn other_credentials_have_files_of_their_own() {
    let remote = Remote::scripted(|head, stream| {
        let head = head.to_ascii_lowercase();
        let body = if head.contains("bearer ann") { "Ann's" } else { "Bob's" };
        let body = if head.starts_with("head") { "" } else { body };
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"v1\"\r\n\r\n{body}").is_ok()
    });
    let directory = tempfile::tempdir().unwrap();
    let cache = DownloadCache::new(directory.path()).unwrap();
    for (token, text) in [("ann", "Ann's"), ("bob", "Bob's"), ("ann", "Ann's")] {
        let server = Server::new(&remote.url("")).unwrap().bearer(token).unwrap();
        let origin = Origin::new().allow(server).unwrap().allow_private(LOOPBACK).unwrap();
        let delivery = Delivery::new().cache(cache.clone());
        let site = site_as(&origin, remote.url("/a.txt"), delivery, |download| download);
        assert_eq!(get(site.addr(), "/", &[]).text(), text);
    }
    assert_eq!(kept(directory.path()), 2);
}

#[actix_web::test]
async fn a_file_that_breaks_off_is_not_kept() {
    let remote = Remote::scripted(|head, stream| {
        let body = if head.starts_with("HEAD") { "" } else { "Hel" };
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"v1\"\r\n\r\n{body}");
        head.starts_with("HEAD")
    });
    let directory = tempfile::tempdir().unwrap();
    let delivery = Delivery::new().cache(DownloadCache::new(directory.path()).unwrap());
    let site = site_as(&origin(&[&remote]), remote.url("/a.txt"), delivery, |download| download);
    let answer = get(site.addr(), "/", &[]);
    assert!(answer.status == 502 || !answer.whole, "{answer:?}");
    assert_eq!(kept(directory.path()), 0);
}
