//! What breaks in the middle never looks whole, whoever stands between, and is never kept.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use actix_charter::download::{Away, Download};
use actix_web::http::Method;
use futures_util::{FutureExt, StreamExt, stream};

use super::{
    delivered::Delivered,
    source::{KEY, Places, Source},
    world::World,
};
use crate::stub::Fault;

/// Breaks after half of it.
pub(super) async fn broken(source: Source, places: &Places) -> Download<Away> {
    let half = || {
        let mut content = source.content();
        content.truncate(content.len() / 2);
        content
    };
    let rows = || half().chunks(7_000).map(|rows| Ok(rows.to_vec())).collect::<Vec<_>>();
    match source {
        Source::S3 => Download::stored(&places.s3, KEY),
        Source::Opendal => Download::stored(&places.opendal, KEY),
        Source::Http => Download::http(&places.origin, format!("{}/broken", places.remote)),
        Source::Reader => {
            let reader = Breaking { content: io::Cursor::new(source.content()), end: half().len() as u64 };
            Download::reader(reader).await.etag("v1").cached("broken reader")
        }
        Source::Stream => {
            let failure = Box::pin(begun(places).map(|()| Err(io::Error::other("as told"))));
            let rows = stream::iter(rows()).chain(stream::once(failure));
            Download::stream(rows).etag("v1").cached("broken stream")
        }
        _ => {
            let (rows, panic) = (rows(), begun(places).map(|()| panic!("as told")));
            Download::generated("panicking", || stream::iter(rows).chain(stream::once(panic))).etag("v1")
        }
    }
}

/// It breaks when the client has begun to read, which by then takes it for a file; or at once, where it is gathered before.
fn begun(places: &Places) -> impl Future<Output = ()> + 'static {
    let begun = Arc::clone(&places.begun);
    async move { begun.acquire().await.unwrap().forget() }
}

struct Breaking {
    content: io::Cursor<Vec<u8>>,
    end: u64,
}

impl io::Read for Breaking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.content.position() >= self.end {
            return Err(io::Error::other("as told"));
        }
        self.content.read(buffer)
    }
}

impl io::Seek for Breaking {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.content.seek(to)
    }
}

/// No head of a chunk is as long.
const CHUNK_HEAD: usize = 16;

/// Status, how many bytes of the body came, and whether a client would take that for all of it.
fn get(world: &World, path: &str) -> (u16, usize, bool) {
    let mut stream = TcpStream::connect(world.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    let mut ended = Ok(1);
    while matches!(ended, Ok(1..)) {
        let mut chunk = [0; 1024];
        ended = stream.read(&mut chunk).inspect(|read| bytes.extend_from_slice(&chunk[..*read]));
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if end.is_some_and(|end| bytes.len() > end + 4 + CHUNK_HEAD) && world.begun.available_permits() == 0 {
            world.begun.add_permits(1);
        }
    }
    world.begun.forget_permits(usize::MAX);
    assert!(
        !ended.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock),
        "{path}: the connection stays open"
    );
    if bytes.is_empty() {
        return (0, 0, false);
    }
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let body = &bytes[end + 4..];
    let length = head.split_once("\r\ncontent-length: ").map(|(_, rest)| rest.split("\r\n").next().unwrap());
    let looks_whole = match length {
        Some(length) => length.parse::<usize>().unwrap() == body.len(),
        None => !head.contains("\r\ntransfer-encoding: chunked") || body.ends_with(b"0\r\n\r\n"),
    };
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.len(), looks_whole)
}

async fn nothing_looks_whole(delivered: Delivered) {
    let world = World::start(delivered);
    for source in
        [Source::S3, Source::Opendal, Source::Http, Source::Reader, Source::Stream, Source::Generated]
    {
        // The clients for S3 take a body up where it broke, a few times.
        world.stub.fail(Method::GET, Fault::Truncate, 1_000);
        // What was not kept breaks again.
        for time in 1..=2 {
            world.statuses();
            let is_gathered = delivered.loses_breaks() && source.has_no_length();
            if is_gathered {
                world.begun.add_permits(1);
            }
            let (status, length, looks_whole) = get(&world, &format!("/{source:?}/broken"));
            let at = format!("{source:?} {delivered:?}, time {time}: {status}, {length} bytes");
            assert!(!(status == 200 && looks_whole), "it looks whole: {at}");
            assert!(matches!(status, 0 | 200 | 500 | 502), "{at}");
            if source.has_no_length() {
                assert_eq!(world.statuses(), [if is_gathered { 500 } else { 200 }], "{at}");
                assert!(status == 500 || !is_gathered, "{at}");
            }
            assert_eq!(world.kept(), [""; 0], "{at}");
        }
    }
    world.stub.fail(Method::GET, Fault::Truncate, 0);
    let (answer, _) = world.ask("GET", "/S3/here", &[]);
    assert!(answer.status == 200 && answer.body == Source::S3.content(), "it is whole again");
}

macro_rules! each {
    ($($name:ident $delivered:ident)*) => {$(
        #[actix_web::test]
        async fn $name() { nothing_looks_whole(Delivered::$delivered).await; }
    )*};
}
each! {
    by_us Us
    by_us_with_a_cache UsWithCache
    by_nginx Nginx
    by_apache Apache
    by_lighttpd Lighttpd
    by_lighttpd_without_a_cache LighttpdWithoutCache
    by_caddy Caddy
    by_caddy_without_a_cache CaddyWithoutCache
}
