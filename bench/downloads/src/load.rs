//! A client that asks for the same file over and over on some connections, and checks each answer.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How many files there are where many are asked for.
pub const MANY: usize = 2000;

/// What is asked, and what must come.
#[derive(Debug, Clone)]
pub struct Asked {
    pub address: SocketAddr,
    /// A `#` stands for a number below [`MANY`], another one each time.
    pub path: String,
    /// The body's length.
    pub length: u64,
    /// Bytes that must stand in the head.
    pub holds: Option<String>,
}

/// What came.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Answers that were complete and right.
    pub right: u64,
    /// Answers with another status or length, without what the head must hold, or cut short.
    pub wrong: u64,
    /// Bytes of bodies, those of unfinished answers too.
    pub bytes: u64,
    /// From sending a request to the last byte of its answer.
    pub times: Vec<Duration>,
}

impl Outcome {
    /// Adds another connection's.
    pub fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.bytes += other.bytes;
        self.times.extend(other.times);
    }

    /// The time within which that share of the answers came, in microseconds.
    #[must_use]
    pub fn within(&mut self, share: f64) -> u128 {
        self.times.sort_unstable();
        let place = (self.times.len() as f64 * share) as usize;
        self.times.get(place.min(self.times.len().saturating_sub(1))).map_or(0, Duration::as_micros)
    }
}

/// One connection's load, until `end`. An answer that is not complete by then counts only its bytes.
pub async fn connection(asked: &Asked, end: Instant) -> Outcome {
    let mut outcome = Outcome::default();
    let _ = tokio::time::timeout_at(end.into(), repeat(asked, end, &mut outcome)).await;
    outcome
}

async fn repeat(asked: &Asked, end: Instant, outcome: &mut Outcome) {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let count = if asked.path.contains('#') { MANY } else { 1 };
    let requests: Vec<String> = (0..count)
        .map(|number| asked.path.replace('#', &number.to_string()))
        .map(|path| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .collect();
    let mut buffer = vec![0; 256 * 1024];
    let mut stream = None;
    while Instant::now() < end {
        let started = Instant::now();
        let mut open = match stream.take() {
            Some(open) => open,
            None => match connect(asked.address).await {
                Ok(open) => open,
                Err(_) => {
                    outcome.wrong += 1;
                    continue;
                }
            },
        };
        // All connections count together, so that each file is asked for as seldom as any other.
        let request = &requests[ASKED.fetch_add(1, Ordering::Relaxed) % count];
        match exchange(&mut open, request, asked, &mut buffer, &mut outcome.bytes).await {
            Some(keep) => {
                outcome.right += 1;
                outcome.times.push(started.elapsed());
                stream = keep.then_some(open);
            }
            None => outcome.wrong += 1,
        }
    }
}

/// # Errors
/// When nobody listens.
pub async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Whether the connection stays; `None` when the answer is wrong.
async fn exchange(
    stream: &mut TcpStream,
    request: &str,
    asked: &Asked,
    buffer: &mut [u8],
    bytes: &mut u64,
) -> Option<bool> {
    stream.write_all(request.as_bytes()).await.ok()?;
    let (head, mut body) = head(stream, buffer).await?;
    *bytes += body;
    let text = std::str::from_utf8(&buffer[..head]).ok()?;
    if !is_right(text, asked) {
        return None;
    }
    let keep = !header(text, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
    while body < asked.length {
        let read = stream.read(buffer).await.ok().filter(|read| *read > 0)? as u64;
        body += read;
        *bytes += read;
    }
    (body == asked.length).then_some(keep)
}

/// The head's length, and how many bytes of the body came along.
pub async fn head(stream: &mut TcpStream, buffer: &mut [u8]) -> Option<(usize, u64)> {
    let mut filled = 0;
    loop {
        let read = stream.read(buffer.get_mut(filled..)?).await.ok().filter(|read| *read > 0)?;
        let from = filled.saturating_sub(3);
        filled += read;
        // Never further than a head can reach, however much of the body is there.
        let until = filled.min(8192);
        if let Some(at) = buffer.get(from..until)?.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = from + at + 4;
            return Some((head, (filled - head) as u64));
        }
    }
}

/// Status, length, and what the head must hold.
#[must_use]
pub fn is_right(head: &str, asked: &Asked) -> bool {
    head.starts_with("HTTP/1.1 200 ")
        && header(head, "content-length").and_then(|value| value.parse().ok()) == Some(asked.length)
        && asked.holds.as_deref().is_none_or(|holds| head.contains(holds))
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
