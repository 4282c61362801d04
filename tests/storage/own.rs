//! A storage of one's own, which does what it likes.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_charter::download::{
    Unavailable,
    storage::{ByteStream, Storage, Stored},
};
use actix_web::web::Bytes;
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};

use crate::{
    fixture::{AnyStorage, serve},
    wire::{get, send},
};

#[derive(Debug, Default)]
struct Own {
    reads: Arc<Mutex<Vec<Range<u64>>>>,
    polled_after_end: Arc<AtomicUsize>,
}

const SIZE: usize = 1_000_000;

fn content() -> Bytes {
    (0..SIZE).map(|at| (at % 251) as u8).collect::<Vec<_>>().into()
}

impl Storage for Own {
    fn name(&self) -> &str {
        "own"
    }

    fn find<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Stored, Unavailable>> {
        let size = if key == "missing" { Err(Unavailable::Missing) } else { Ok(SIZE as u64) };
        async move { Ok(Stored::new(size?)) }.boxed()
    }

    fn read<'a>(
        &'a self,
        key: &'a str,
        _: &'a Stored,
        span: Range<u64>,
    ) -> BoxFuture<'a, Result<ByteStream, Unavailable>> {
        self.reads.lock().unwrap().push(span.clone());
        let part = content().slice(span.start as usize..span.end as usize);
        let half = part.slice(..part.len() / 2);
        let rest = part.slice(part.len() / 2..);
        let chunks: Vec<Result<Bytes, Box<dyn std::error::Error + Send + Sync>>> = match key {
            "fails" => vec![Ok(half), Err("the secret of the storage".into())],
            "fails-at-once" => vec![Err("the secret of the storage".into())],
            "times-out-at-once" => vec![Err(Unavailable::Timeout.into())],
            "ends" | "panics" => vec![Ok(half)],
            "ends-at-once" => vec![],
            "too-much" => vec![Ok(half), Ok(part)],
            "with-nothing-between" => {
                vec![Ok(Bytes::new()), Ok(half), Ok(Bytes::new()), Ok(rest), Ok(Bytes::new())]
            }
            _ => vec![Ok(part)],
        };
        let panics = key == "panics";
        assert!(key != "panics-when-asked", "the storage broke");
        let told = Arc::clone(&self.polled_after_end);
        let mut ended = false;
        let mut chunks = chunks.into_iter();
        let mut given = 0;
        let stream = stream::poll_fn(move |_| {
            if ended {
                told.fetch_add(1, Ordering::Relaxed);
            }
            assert!(!panics || given < 1, "the stream broke");
            given += 1;
            let next = chunks.next();
            ended |= !matches!(next, Some(Ok(_)));
            std::task::Poll::Ready(next)
        });
        async { Ok(stream.boxed()) }.boxed()
    }
}

#[actix_web::test]
async fn nothing_that_breaks_looks_whole_and_nothing_takes_the_worker_along() {
    let own = Arc::new(Own::default());
    let server = serve(&(Arc::clone(&own) as AnyStorage));
    let at = server.addr();
    for (path, status) in [
        ("/missing", 404),
        ("/fails-at-once", 502),
        ("/times-out-at-once", 504),
        ("/ends-at-once", 502),
        ("/panics-when-asked", 500),
    ] {
        for range in [&[][..], &[("Range", "bytes=0-9,20-29")]] {
            let answer = get(at, path, range);
            assert_eq!(answer.status, status, "{path} {range:?}");
            assert!(!answer.text().contains("secret"));
        }
    }
    for path in ["/fails", "/ends", "/too-much", "/panics"] {
        let answer = get(at, path, &[]);
        assert_eq!((answer.status, answer.whole), (200, false), "{path}");
        assert!(content().starts_with(&answer.body) && !answer.body.is_empty());
    }
    assert!(get(at, "/with-nothing-between", &[]).body == content());
    assert!(get(at, "/large", &[]).body == content());
    assert_eq!(own.polled_after_end.load(Ordering::Relaxed), 0);
}

#[actix_web::test]
async fn each_range_is_read_once_and_only_when_it_is_sent() {
    let own = Arc::new(Own::default());
    let server = serve(&(Arc::clone(&own) as AnyStorage));
    let at = server.addr();
    let reads = || std::mem::take(&mut *own.reads.lock().unwrap());
    let head = send(at, "HEAD", "/large", &[]);
    assert_eq!((head.status, head.header("content-length")), (200, Some("1000000")));
    assert_eq!(get(at, "/large", &[("If-None-Match", "*")]).status, 304);
    assert_eq!(get(at, "/large", &[("Range", "bytes=1000000-")]).status, 416);
    assert_eq!(reads(), []);
    assert!(get(at, "/large", &[("Range", "bytes=500000-,0-99999,7-8")]).whole);
    assert_eq!(reads(), [500_000..1_000_000, 0..100_000]);
}
