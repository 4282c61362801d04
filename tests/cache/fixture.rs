//! A cache, a client in the same thread, and sources that give what the test tells them to.

use std::{
    fs,
    future::poll_fn,
    io,
    path::Path,
    pin::Pin,
    sync::{
        Arc, LazyLock, Mutex, Once,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_charter::download::{
    Away, Delivery, Download,
    cache::{CacheError, DownloadCache},
};
use actix_web::{
    HttpResponse, Responder,
    body::{BoxBody, MessageBody},
    http::StatusCode,
    test::TestRequest,
    web::Bytes,
};
use futures_util::{Stream, stream};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::log::Listener;

pub(crate) struct Shelf {
    pub(crate) directory: TempDir,
    pub(crate) cache: DownloadCache,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        Self::with(|cache| cache)
    }

    pub(crate) fn with(bounds: impl FnOnce(DownloadCache) -> DownloadCache) -> Self {
        listen();
        let directory = tempfile::tempdir().unwrap();
        let cache = bounds(DownloadCache::new(directory.path().join("cache")).unwrap());
        Self { directory, cache }
    }

    pub(crate) fn delivery(&self) -> Delivery {
        Delivery::new().cache(self.cache.clone())
    }

    /// The process ends and begins anew.
    pub(crate) async fn again(self) -> Self {
        let Self { directory, cache } = self;
        let path = cache.path().to_owned();
        drop(cache);
        loop {
            match DownloadCache::new(&path) {
                Ok(cache) => return Self { directory, cache },
                // What filled last has not ended its turn.
                Err(CacheError::InUse { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Sends GET and takes the whole answer.
    pub(crate) async fn get(&self, download: Download<Away>) -> Taken {
        self.send(TestRequest::get(), download).await
    }

    pub(crate) async fn send(&self, request: TestRequest, download: Download<Away>) -> Taken {
        taken(answer(self.delivery(), request, download).await).await
    }

    /// Begins to read an answer to GET.
    pub(crate) fn open(&self, download: Download<Away>) -> Client {
        Client::of(answer(self.delivery(), TestRequest::get(), download))
    }

    /// What is in the directory, the lock left out.
    pub(crate) fn names(&self) -> Vec<String> {
        names(self.cache.path())
    }

    /// What the blocking pool logged of this directory since the last time.
    pub(crate) fn logged(&self) -> Vec<String> {
        let path = self.cache.path().to_str().unwrap();
        LINES.lock().unwrap().extract_if(.., |line| line.contains(path)).collect()
    }

    /// Nothing is there, nor half there.
    #[track_caller]
    pub(crate) fn assert_empty(&self) {
        assert_eq!(self.names(), [""; 0]);
    }

    #[track_caller]
    pub(crate) fn assert_holds(&self, files: usize) {
        let names = self.names();
        assert_eq!(names.len(), files, "{names:?}");
        assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?}");
    }
}

pub(crate) fn names(directory: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.filter(|name| name != ".lock").collect();
    names.sort();
    names
}

pub(crate) async fn answer(
    delivery: Delivery,
    request: TestRequest,
    download: Download<Away>,
) -> HttpResponse {
    let request = request.app_data(delivery).to_http_request();
    download.fetched(&request).await.respond_to(&request)
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Taken {
    head: HttpResponse<()>,
    pub(crate) body: Vec<u8>,
    /// Whether the body ended without an error.
    pub(crate) whole: bool,
}

impl Taken {
    pub(crate) fn status(&self) -> StatusCode {
        self.head.status()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        Some(self.head.headers().get(name)?.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        assert!(self.whole, "the body was cut");
        std::str::from_utf8(&self.body).unwrap()
    }
}

pub(crate) async fn taken(response: HttpResponse) -> Taken {
    let (head, body) = response.into_parts();
    let mut client = Client { asked: None, body, head: None };
    let mut body = Vec::new();
    loop {
        match client.next().await {
            Some(Ok(chunk)) => body.extend_from_slice(&chunk),
            end => return Taken { head, body, whole: end.is_none() },
        }
    }
}

/// Somebody who asks when they read first, and reads piece by piece; they leave when this is dropped.
pub(crate) struct Client {
    asked: Option<Pin<Box<dyn Future<Output = HttpResponse>>>>,
    body: BoxBody,
    pub(crate) head: Option<HttpResponse<()>>,
}

impl Client {
    pub(crate) fn of(asked: impl Future<Output = HttpResponse> + 'static) -> Self {
        Self { asked: Some(Box::pin(asked)), head: None, body: BoxBody::new(()) }
    }

    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Box<dyn std::error::Error>>> {
        if let Some(asked) = &mut self.asked {
            let (head, body) = asked.await.into_parts();
            (self.asked, self.head, self.body) = (None, Some(head), body);
        }
        poll_fn(|context| Pin::new(&mut self.body).poll_next(context)).await
    }

    pub(crate) async fn reads(&mut self, text: &str) {
        let mut read = Vec::new();
        while read.len() < text.len() {
            read.extend_from_slice(&self.next().await.expect("more").unwrap());
        }
        assert_eq!(String::from_utf8_lossy(&read), text);
    }

    pub(crate) async fn ends(&mut self) {
        assert!(self.next().await.is_none());
    }

    pub(crate) async fn is_aborted(&mut self) {
        assert!(matches!(self.next().await, Some(Err(_))));
        assert!(self.next().await.is_none());
    }
}

/// Makes streams whose other ends the test holds, and counts them.
#[derive(Clone)]
pub(crate) struct Spring {
    tell: mpsc::UnboundedSender<Tap>,
    made: Arc<AtomicUsize>,
}

/// The other end of a stream; the stream ends when this is dropped.
pub(crate) struct Tap(mpsc::UnboundedSender<io::Result<Bytes>>);

pub(crate) struct Taps(mpsc::UnboundedReceiver<Tap>);

impl Spring {
    pub(crate) fn new() -> (Self, Taps) {
        let (tell, told) = mpsc::unbounded_channel();
        (Self { tell, made: Arc::default() }, Taps(told))
    }

    pub(crate) fn made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }

    pub(crate) fn stream(&self) -> impl Stream<Item = io::Result<Bytes>> + use<> {
        self.made.fetch_add(1, Ordering::SeqCst);
        let (give, mut take) = mpsc::unbounded_channel();
        let _ = self.tell.send(Tap(give));
        stream::poll_fn(move |context| take.poll_recv(context))
    }

    /// A download of unknown length.
    pub(crate) fn download(&self, key: &str) -> Download<Away> {
        let spring = self.clone();
        Download::generated(key, move || spring.stream()).etag("v1")
    }

    /// One whose length is known; the stream is made when it is first polled.
    pub(crate) fn sized(&self, key: &str, length: u64) -> Download<Away> {
        let spring = self.clone();
        let lazy = stream::once(async move { spring.stream() });
        Download::stream(futures_util::StreamExt::flatten(lazy)).length(length).etag("v1").cached(key)
    }
}

impl Taps {
    /// The next stream that is made.
    pub(crate) async fn next(&mut self) -> Tap {
        self.0.recv().await.unwrap()
    }

    pub(crate) fn none(&mut self) {
        assert!(self.0.try_recv().is_err(), "a stream was made");
    }
}

impl Tap {
    pub(crate) fn give(&self, bytes: impl Into<Bytes>) {
        self.0.send(Ok(bytes.into())).unwrap();
    }

    pub(crate) fn fail(self) {
        self.0.send(Err(io::Error::other("the spring ran dry"))).unwrap();
    }

    /// Whether somebody reads, or may.
    pub(crate) fn is_read(&self) -> bool {
        !self.0.is_closed()
    }

    /// Until nobody reads any more.
    pub(crate) async fn closed(&self) {
        self.0.closed().await;
    }
}

/// A download that is not made a second time.
pub(crate) fn never(key: &str) -> Download<Away> {
    Download::generated(key, || -> stream::Empty<io::Result<Bytes>> { panic!("it was made again") })
        .etag("v1")
}

/// Bytes in which any wrong place shows.
pub(crate) fn pattern(length: usize) -> Bytes {
    let bytes: Vec<u8> = (0..length as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    bytes.into()
}

/// What no [`Log`](crate::log::Log) hears: the blocking pool's events, of all tests. Without it, moreover, an event that a thread
/// without a `Log` meets first would be off for all threads.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Listener(Arc::clone(&LINES))).unwrap());
}

static LINES: LazyLock<Arc<Mutex<Vec<String>>>> = LazyLock::new(Arc::default);
