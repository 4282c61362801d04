//! What ends before its time must not look whole; what nobody reads any more is not fetched any more.

use std::{
    io::{Read, Write},
    net::Shutdown,
    sync::mpsc,
    time::Duration,
};

use actix_charter::download::offload::Offload;

use crate::{
    remote::{Remote, wait_for_end},
    site::{get, is_error, origin, site, site_as},
    wire,
};

#[actix_web::test]
async fn a_short_body_ends_the_connection() {
    for short in [
        "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello",
        "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nHello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\nNOT HEX\r\n",
        // Content-Length does not count here (RFC 9112 §6.3).
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n",
    ] {
        let answer = get(&Remote::saying(short), "/a.txt", &[]);
        // Before the first byte it is an error, later the end of the connection.
        assert!(matches!((answer.status, answer.whole), (200, false) | (502, true)), "{short}: {answer:?}");
        assert_eq!(answer.status == 502, !short.contains("Hello"), "{short}: {answer:?}");
    }
    for short in [
        "Content-Range: bytes 0-9/13\r\nContent-Length: 10\r\n\r\nHello",
        "Content-Range: bytes 0-9/13\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n",
        "Content-Range: bytes 0-9/13\r\nConnection: close\r\n\r\nHello",
    ] {
        let remote = Remote::saying(format!("HTTP/1.1 206 Partial Content\r\n{short}"));
        let answer = get(&remote, "/a.txt", &[("Range", "bytes=0-9")]);
        assert!((answer.status == 206 || answer.status == 0) && !answer.whole, "{short}: {answer:?}");
    }
}

/// A server in front that would lose the break is told the length of what has none, or that it cannot be had.
#[actix_web::test]
async fn what_has_no_length_is_gathered_for_who_would_lose_its_end() {
    let gathered = |answer: &'static str, server: Offload| {
        let remote = Remote::saying(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n{answer}"
        ));
        let site = site_as(&origin(&[&remote]), remote.url("/a.txt"), server.into(), |download| download);
        wire::get(site.addr(), "/", &[])
    };
    let whole = gathered("8\r\n, world!\r\n0\r\n\r\n", Offload::caddy());
    assert_eq!((whole.text(), whole.header("content-length")), ("Hello, world!", Some("13")));
    for short in ["", "8\r\n, wor", "NOT HEX\r\n"] {
        is_error(&gathered(short, Offload::caddy()), 502);
        is_error(&gathered(short, Offload::lighttpd().gather(13)), 502);
        for streams in [Offload::lighttpd().gather(4), Offload::nginx()] {
            let answer = gathered(short, streams);
            assert_eq!((answer.status, answer.whole), (200, false), "{short}: {answer:?}");
        }
    }
}

#[actix_web::test]
async fn a_long_body_never_arrives_as_a_longer_one() {
    // What follows the declared length is no part of the answer (RFC 9112 §6.3), and no answer to anybody else.
    let remote = Remote::scripted(|_, stream| {
        let surplus = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON";
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello{surplus}");
        true
    });
    let site = site(&origin(&[&remote]), remote.url("/a.txt"));
    for _ in 0..5 {
        let answer = wire::get(site.addr(), "/", &[]);
        assert_eq!((answer.status, answer.text()), (200, "Hello"));
    }
    // Where the range says the length and the chunks say another.
    for long in [
        "Transfer-Encoding: chunked\r\n\r\n8\r\nHello+++\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n1\r\n+\r\n0\r\n\r\n",
        "Connection: close\r\n\r\nHello+++",
    ] {
        let remote =
            Remote::saying(format!("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/13\r\n{long}"));
        let answer = get(&remote, "/a.txt", &[("Range", "bytes=0-4")]);
        assert!(!answer.body.contains(&b'+'), "{long}: {answer:?}");
        assert!(answer.status == 502 || !answer.whole || answer.body == b"Hello", "{long}: {answer:?}");
    }
}

#[actix_web::test]
async fn a_file_that_turns_out_too_long_ends_the_connection() {
    let remote = Remote::saying(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n8\r\n, world!\r\n0\r\n\r\n",
    );
    for (most, whole) in [(12, false), (13, true)] {
        let site = site(&origin(&[&remote]).max_size(most), remote.url("/a.txt"));
        let answer = wire::get(site.addr(), "/", &[]);
        assert!(answer.whole == whole && answer.body.len() as u64 <= most, "{most}: {answer:?}");
    }
}

#[actix_web::test]
async fn a_server_that_stalls_is_left() {
    let (ended, end) = mpsc::channel();
    let remote = Remote::scripted(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello").unwrap();
        wait_for_end(stream);
        ended.send(()).unwrap();
        false
    });
    let site = site(&origin(&[&remote]).stall_timeout(Duration::from_millis(50)), remote.url("/a.txt"));
    let answer = wire::get(site.addr(), "/", &[]);
    assert_eq!((answer.status, &answer.body[..], answer.whole), (200, &b"Hello"[..], false));
    end.recv().unwrap();
    // Nothing was sent yet: there is still a status to tell it with.
    let remote = Remote::scripted(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n").unwrap();
        wait_for_end(stream);
        false
    });
    let site =
        crate::site::site(&origin(&[&remote]).stall_timeout(Duration::from_millis(50)), remote.url("/a.txt"));
    is_error(&wire::get(site.addr(), "/", &[]), 504);
}

#[actix_web::test]
async fn a_client_that_leaves_ends_the_fetching() {
    let (ended, end) = mpsc::channel();
    let remote = Remote::scripted(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nHello").unwrap();
        // Until nobody takes it any more.
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
        ended.send(()).unwrap();
        false
    });
    let site = site(&origin(&[&remote]), remote.url("/a.txt"));
    let mut client = wire::open(site.addr(), "GET", "/", &[]);
    let mut begin = [0; 64];
    client.read_exact(&mut begin).unwrap();
    client.shutdown(Shutdown::Both).unwrap();
    drop(client);
    end.recv().unwrap();
}

/// The body of an answer that is not needed (304) is not fetched.
#[actix_web::test]
async fn what_nobody_needs_is_not_fetched() {
    let (ended, end) = mpsc::channel();
    let remote = Remote::scripted(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 99999999999\r\n\r\n").unwrap();
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
        ended.send(()).unwrap();
        false
    });
    let answer = get(&remote, "/a.txt", &[("If-None-Match", "\"e\"")]);
    assert_eq!(answer.status, 304);
    end.recv().unwrap();
}

/// A connection that was closed while it was idle is no fault of the file's.
#[actix_web::test]
async fn a_connection_that_is_closed_is_made_anew() {
    let turn = std::sync::atomic::AtomicUsize::new(0);
    let remote = Remote::scripted(move |_, stream| {
        // Every second request finds the connection closing under it.
        if turn.fetch_add(1, std::sync::atomic::Ordering::SeqCst) % 2 == 1 {
            return false;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello").is_ok()
    });
    let site = site(&origin(&[&remote]), remote.url("/a.txt"));
    for _ in 0..4 {
        let answer = wire::get(site.addr(), "/", &[]);
        assert_eq!((answer.status, answer.text()), (200, "Hello"));
    }
}
