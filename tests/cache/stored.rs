//! What lies in a storage goes through the cache by itself.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_charter::download::{
    Download, Link, LinkTerms, Unavailable,
    storage::{ByteStream, Storage, Stored},
};
use actix_web::{http::Method, test::TestRequest, web::Bytes};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};

use crate::{
    fixture::{Shelf, answer, pattern},
    log::Log,
};

/// Its entity tag, and its bytes.
type File = (Option<String>, Bytes);

#[derive(Debug, Clone)]
struct Bucket {
    name: &'static str,
    files: Arc<Mutex<HashMap<String, File>>>,
    reads: Arc<AtomicUsize>,
    /// Connections break after so many bytes.
    breaks: Arc<AtomicUsize>,
    /// They do not break then, but hang.
    hangs: bool,
    links: bool,
}

impl Bucket {
    fn new(name: &'static str) -> Self {
        let breaks = Arc::new(AtomicUsize::new(usize::MAX));
        Self { name, files: Arc::default(), reads: Arc::default(), breaks, hangs: false, links: false }
    }

    fn put(&self, key: &str, etag: Option<&str>, bytes: impl Into<Bytes>) {
        let file = (etag.map(|tag| format!("\"{tag}\"")), bytes.into());
        self.files.lock().unwrap().insert(key.to_owned(), file);
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

impl Storage for Bucket {
    fn name(&self) -> &str {
        self.name
    }

    fn find<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Stored, Unavailable>> {
        let file = self.files.lock().unwrap().get(key).cloned();
        let found = file.ok_or(Unavailable::Missing).map(|(etag, bytes)| {
            let mut stored = Stored::new(bytes.len() as u64);
            stored.etag = etag;
            stored.media_type = Some("text/x-stored".into());
            stored
        });
        std::future::ready(found).boxed()
    }

    fn read<'a>(
        &'a self,
        key: &'a str,
        _: &'a Stored,
        span: Range<u64>,
    ) -> BoxFuture<'a, Result<ByteStream, Unavailable>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let bytes = self.files.lock().unwrap()[key].1.slice(span.start as usize..span.end as usize);
        let breaks = self.breaks.load(Ordering::SeqCst);
        let pieces: Vec<_> =
            bytes.slice(..bytes.len().min(breaks)).chunks(70_000).map(Bytes::copy_from_slice).collect();
        let pieces = stream::iter(pieces).map(Ok);
        let hangs = self.hangs && bytes.len() > breaks;
        let stream = if hangs { pieces.chain(stream::pending()).boxed() } else { pieces.boxed() };
        std::future::ready(Ok(stream)).boxed()
    }

    fn has_links(&self) -> bool {
        self.links
    }

    fn link<'a>(
        &'a self,
        key: &'a str,
        _: LinkTerms<'a>,
    ) -> BoxFuture<'a, Result<Option<Link>, Unavailable>> {
        let url = format!("https://bucket.example/{key}");
        let link = Link { url, authorization: None, public: true, overrides: true };
        std::future::ready(Ok(Some(link))).boxed()
    }
}

#[actix_web::test]
async fn it_is_read_once() {
    let shelf = Shelf::new();
    let bucket = Bucket::new("bucket");
    bucket.put("reports/a.txt", Some("1"), pattern(300_000));
    let head = TestRequest::with_uri("/").method(Method::HEAD);
    let head = shelf.send(head, Download::stored(&bucket, "reports/a.txt")).await;
    assert_eq!((head.status().as_u16(), bucket.reads()), (200, 0));
    for _ in 0..3 {
        let answer = shelf.get(Download::stored(&bucket, "reports/a.txt")).await;
        assert!(answer.whole && answer.body == pattern(300_000));
        assert_eq!(answer.header("etag"), Some("\"1\""));
        assert_eq!(answer.header("content-type"), Some("text/x-stored"));
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"a.txt\""));
    }
    let part = TestRequest::get().insert_header(("range", "bytes=299990-"));
    let part = shelf.send(part, Download::stored(&bucket, "reports/a.txt")).await;
    assert_eq!((part.status().as_u16(), &part.body[..]), (206, &pattern(300_000)[299_990..]));
    assert_eq!(bucket.reads(), 1);
    assert_eq!(shelf.get(Download::stored(&bucket, "missing")).await.status().as_u16(), 404);
}

#[actix_web::test]
async fn the_first_may_be_a_range() {
    let shelf = Shelf::new();
    let bucket = Bucket::new("bucket");
    bucket.put("a", Some("1"), pattern(300_000));
    let part = TestRequest::get().insert_header(("range", "bytes=200000-200009,5-6"));
    let part = shelf.send(part, Download::stored(&bucket, "a")).await;
    assert!(part.whole);
    assert!(part.body.windows(10).any(|window| window == &pattern(300_000)[200_000..200_010]));
    let answer = shelf.get(Download::stored(&bucket, "a")).await;
    assert!(answer.whole && answer.body == pattern(300_000));
    assert_eq!(bucket.reads(), 1);
}

#[actix_web::test]
async fn another_state_or_another_storage_is_another_file() {
    let shelf = Shelf::new();
    let (one, two) = (Bucket::new("one"), Bucket::new("two"));
    one.put("a", Some("1"), "one");
    two.put("a", Some("1"), "two");
    assert_eq!(shelf.get(Download::stored(&one, "a")).await.text(), "one");
    assert_eq!(shelf.get(Download::stored(&two, "a")).await.text(), "two");
    one.put("a", Some("2"), "eins");
    assert_eq!(shelf.get(Download::stored(&one, "a")).await.text(), "eins");
    // Nor is it what a handler calls so.
    assert_eq!(shelf.get(Download::text("mine").etag("1").cached("a")).await.text(), "mine");
    assert_eq!((one.reads(), two.reads()), (2, 1));
    shelf.assert_holds(4);
}

#[actix_web::test]
async fn without_a_validator_it_is_read_each_time() {
    let shelf = Shelf::new();
    let log = Log::start();
    let bucket = Bucket::new("bucket");
    bucket.put("a", None, "Hello");
    for _ in 0..2 {
        assert_eq!(shelf.get(Download::stored(&bucket, "a")).await.text(), "Hello");
    }
    assert_eq!(bucket.reads(), 2);
    shelf.assert_empty();
    // Nobody asked for it.
    assert_eq!(log.take(), [""; 0]);
}

#[actix_web::test]
async fn a_storage_that_breaks_off_leaves_nothing() {
    let shelf = Shelf::new();
    let bucket = Bucket::new("bucket");
    bucket.put("a", Some("1"), pattern(3_000_000));
    bucket.breaks.store(1_500_000, Ordering::SeqCst);
    let answer = shelf.get(Download::stored(&bucket, "a")).await;
    assert!(answer.status() == 200 && !answer.whole && answer.body.len() <= 1_500_000);
    shelf.assert_empty();
    bucket.breaks.store(usize::MAX, Ordering::SeqCst);
    let answer = shelf.get(Download::stored(&bucket, "a")).await;
    assert!(answer.whole && answer.body == pattern(3_000_000));
}

#[actix_web::test]
async fn a_link_saves_more_than_the_cache() {
    let shelf = Shelf::new();
    let bucket = Bucket { links: true, ..Bucket::new("bucket") };
    bucket.put("a", Some("1"), "Hello");
    let sent_on =
        answer(shelf.delivery().redirect(), TestRequest::get(), Download::stored(&bucket, "a")).await;
    assert_eq!(sent_on.status(), 307);
    // Who limits the rate must send it, and does so from the cache.
    for _ in 0..2 {
        let limited = Download::stored(&bucket, "a").rate_limit(1_000_000);
        let sent = answer(shelf.delivery().redirect(), TestRequest::get(), limited).await;
        assert_eq!(crate::fixture::taken(sent).await.text(), "Hello");
    }
    assert_eq!(bucket.reads(), 1);
}

#[actix_web::test]
async fn a_range_far_ahead_does_not_wait_for_the_filling() {
    const SIZE: usize = 20_000_000;
    let shelf = Shelf::new();
    let bucket = Bucket { hangs: true, ..Bucket::new("bucket") };
    bucket.put("a", Some("1"), pattern(SIZE));
    // Who waits for the filling waits until it is given up.
    tokio::time::pause();
    bucket.breaks.store(1_000_000, Ordering::SeqCst);
    let whole = pattern(SIZE);
    let part = async |asked: &str| {
        let part = TestRequest::get().insert_header(("range", asked));
        let part = shelf.send(part, Download::stored(&bucket, "a")).await;
        (part.status().as_u16(), part.body)
    };
    // Nothing is filled yet, and nothing is begun for it: its bytes would come too late.
    assert!(part("bytes=19000000-19000009").await == (206, whole[19_000_000..19_000_010].to_vec()));
    shelf.assert_empty();
    let mut first = shelf.open(Download::stored(&bucket, "a"));
    let mut read = first.next().await.unwrap().unwrap().len();
    while read < 900_000 {
        read += first.next().await.unwrap().unwrap().len();
    }
    // Somebody fills it, and is far behind.
    assert!(part("bytes=19000000-19000009").await == (206, whole[19_000_000..19_000_010].to_vec()));
    assert!(part("bytes=-7").await == (206, whole[SIZE - 7..].to_vec()));
    // What is there is read from there, and what will be there soon is waited for.
    let reads = bucket.reads();
    assert!(part("bytes=800000-800009").await == (206, whole[800_000..800_010].to_vec()));
    assert_eq!(part("bytes=1500000-1500009").await.0, 504);
    assert_eq!(bucket.reads(), reads);
}

#[actix_web::test]
async fn several_ranges_far_apart_are_of_one_file() {
    let shelf = Shelf::new();
    let bucket = Bucket::new("bucket");
    let whole = pattern(20_000_000);
    bucket.put("a", Some("1"), whole.clone());
    bucket.put("weak", None, whole.clone());
    for key in ["a", "weak"] {
        for asked in ["bytes=5-9,19000000-19000009", "bytes=19000000-19000009,5-9"] {
            let part = TestRequest::get().insert_header(("range", asked));
            let download = || Download::stored(&bucket, key).etag("W/\"1\"");
            let part =
                shelf.send(part, if key == "a" { Download::stored(&bucket, key) } else { download() }).await;
            assert!(part.whole, "{key} {asked}");
            for (start, end) in [(5, 10), (19_000_000, 19_000_010)] {
                let wanted = &whole[start..end];
                assert!(part.body.windows(wanted.len()).any(|window| window == wanted), "{key} {asked}");
            }
        }
    }
}

#[actix_web::test]
async fn what_must_not_be_kept_is_not() {
    let shelf = Shelf::new();
    let bucket = Bucket::new("bucket");
    bucket.put("a", Some("1"), "Hello");
    let log = Log::start();
    for _ in 0..2 {
        assert_eq!(shelf.get(Download::stored(&bucket, "a").uncached()).await.text(), "Hello");
        assert_eq!(shelf.get(Download::text("Hello").uncached().cached("a")).await.text(), "Hello");
    }
    assert_eq!(bucket.reads(), 2);
    shelf.assert_empty();
    assert_eq!(log.take(), [""; 0]);
    // Nor is what is kept read, when this one must come from its source.
    shelf.get(Download::stored(&bucket, "a")).await;
    shelf.get(Download::stored(&bucket, "a").uncached()).await;
    assert_eq!(bucket.reads(), 4);
}
