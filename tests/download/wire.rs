//! A client that takes answers apart by itself, and believes nothing.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
};

/// An answer as it came over the socket.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// Chunked coding undone.
    pub(crate) body: Vec<u8>,
    /// Whether the body is as long as was promised, or its last chunk came.
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "{name} was sent twice");
        value
    }

    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        assert!(self.whole, "the body was cut");
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Sends one request on a connection of its own.
pub(crate) fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut answer = open(address, method, path, headers);
    let mut raw = Vec::new();
    // An aborted connection may end in an error.
    let _ = answer.read_to_end(&mut raw);
    parse(method, &raw)
}

pub(crate) fn get(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    send(address, "GET", path, headers)
}

/// Sends a request and leaves the answer in the socket.
pub(crate) fn open(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> TcpStream {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

pub(crate) fn parse(method: &str, raw: &[u8]) -> Answer {
    let Some(end) = raw.windows(4).position(|window| window == b"\r\n\r\n") else {
        // Aborted before anything was written.
        assert!(raw.is_empty());
        return Answer { status: 0, headers: Vec::new(), body: Vec::new(), whole: false };
    };
    let head = std::str::from_utf8(&raw[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        })
        .collect();
    let find =
        |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let rest = &raw[end + 4..];
    let (body, whole) = if method == "HEAD" || status == 304 {
        (rest.to_vec(), true)
    } else if find("transfer-encoding") == Some("chunked") {
        dechunk(rest)
    } else {
        let length: usize = find("content-length").expect("a length").parse().unwrap();
        (rest.to_vec(), rest.len() == length)
    };
    Answer { status, headers, body, whole }
}

fn dechunk(mut raw: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(line) = raw.windows(2).position(|window| window == b"\r\n") else { return (body, false) };
        let size = usize::from_str_radix(std::str::from_utf8(&raw[..line]).unwrap(), 16).unwrap();
        raw = &raw[line + 2..];
        if raw.len() < size + 2 {
            body.extend_from_slice(&raw[..size.min(raw.len())]);
            return (body, false);
        }
        body.extend_from_slice(&raw[..size]);
        raw = &raw[size + 2..];
        if size == 0 {
            assert!(raw.is_empty(), "something follows the last chunk");
            return (body, true);
        }
    }
}
