//! The other HTTP server: one file, whatever the path; and none where it is called so.
//!
//! Of the file that it sends to clients itself, `.txt`, it says what is right; of others what they must never see.

use std::{io::Write, ops::Range};

use crate::{remote_server::Remote, site::MODIFIED};

pub(super) const ETAG: &str = "\"theirs\"";

/// What it says besides, and only it would be sorry about.
const WRONG: &str = "Content-Disposition: inline; filename=theirs\r\nContent-Type: text/html\r\nSet-Cookie: theirs=1\r\n\
    X-Accel-Redirect: /protected/theirs\r\nX-Sendfile: /etc/passwd\r\nX-Download-Url: http://theirs/\r\n";

pub(super) fn start(content: Vec<u8>) -> Remote {
    Remote::scripted(move |head, stream| {
        let mut buffer = Vec::new();
        let answered = answer(head, &mut buffer, &content);
        // At once: the end of what comes in pieces would wait for the acknowledgement of its beginning.
        stream.write_all(&buffer).and(answered).is_ok()
            && !head.to_ascii_lowercase().contains("\r\nconnection: close\r\n")
    })
}

fn answer(head: &str, stream: &mut Vec<u8>, content: &[u8]) -> std::io::Result<()> {
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    if path.contains("missing") {
        return write!(
            stream,
            "HTTP/1.1 404 Not Found\r\n{WRONG}ETag: {ETAG}\r\nContent-Length: 5\r\n\r\nTHEIR"
        );
    }
    if path == "/broken" {
        write!(stream, "HTTP/1.1 200 OK\r\nETag: \"broken\"\r\nContent-Length: {}\r\n\r\n", content.len())?;
        if method == "HEAD" {
            return Ok(());
        }
        stream.write_all(&content[..content.len() / 2])?;
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    let by_name = path.strip_prefix("/hostile/").map(super::hostile::content);
    let content = by_name.as_deref().unwrap_or(content);
    let head = head.to_ascii_lowercase();
    let header = |name: &str| head.split_once(&format!("\r\n{name}: "))?.1.split("\r\n").next();
    let said = if path.ends_with(".txt") { "Content-Type: text/plain; charset=utf-8\r\n" } else { WRONG };
    let size = content.len();
    let is_same = header("if-range").is_none_or(|tag| tag == ETAG);
    let (line, part) = match header("range")
        .filter(|range| is_same && method == "GET" && !range.contains(','))
    {
        None => ("200 OK", 0..size),
        Some(range) => match part(range, size) {
            Some(part) => ("206 Partial Content", part),
            None => {
                return write!(
                    stream,
                    "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{size}\r\nContent-Length: 0\r\n\r\n"
                );
            }
        },
    };
    write!(
        stream,
        "HTTP/1.1 {line}\r\n{said}ETag: {ETAG}\r\nLast-Modified: {MODIFIED}\r\nAccept-Ranges: bytes\r\n"
    )?;
    if line.starts_with("206") {
        write!(stream, "Content-Range: bytes {}-{}/{size}\r\n", part.start, part.end - 1)?;
    }
    write!(stream, "Content-Length: {}\r\n\r\n", part.len())?;
    if method == "HEAD" { Ok(()) } else { stream.write_all(&content[part]) }
}

fn part(range: &str, size: usize) -> Option<Range<usize>> {
    let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    let part = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) => first..size.min(last + 1),
        (Ok(first), Err(_)) => first..size,
        (Err(_), last) => size.saturating_sub(last.unwrap())..size,
    };
    (part.start < size).then_some(part)
}
