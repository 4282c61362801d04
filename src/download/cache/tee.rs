use std::{
    cell::RefCell,
    future::Future,
    io,
    ops::Range,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::watch::error::RecvError;

use super::{
    Key,
    download_cache::{Joined, Shared},
    feed::Feed,
    fill::{Rest, fill},
    progress::{Phase, Receiver, broken},
};
use crate::download::{content::Content, file_content::FileContent, source::Supply, stream_body::BoxError};

/// Who wants bytes further ahead of what is filled than this reads them from a source that can jump, and waits otherwise.
const FAR: u64 = 8 * 1024 * 1024;

/// A supply that goes through the cache when it is read, not before.
pub(super) fn supply(shared: Arc<Shared>, key: Key, exact: bool, supply: Supply) -> Supply {
    let size = supply.size();
    match Feed::new(supply) {
        Err(other) => other,
        Ok(feed) => {
            let tee = Tee { shared, key, size, exact, state: State::Fresh(feed) };
            match size {
                Some(size) => Supply::Content(Box::new(tee), size),
                None => Supply::Stream(Box::pin(TeeStream { tee, at: 0 }), None),
            }
        }
    }
}

/// A supply whose filling is over: the file that it came to, or what can be had of it without.
pub(super) async fn whole(shared: Arc<Shared>, key: Key, exact: bool, supply: Supply) -> Supply {
    let size = supply.size();
    match Feed::new(supply) {
        Err(other) => other,
        Ok(feed) => {
            let mut tee = Tee { shared, key, size, exact, state: State::Fresh(feed) };
            let size = tee.settled().await.or(size);
            if let Ok(Some(file)) = tee.shared.kept(&key, size) {
                return Supply::File(file);
            }
            match size {
                Some(size) => Supply::Content(Box::new(tee), size),
                None => Supply::Stream(Box::pin(TeeStream { tee, at: 0 }), None),
            }
        }
    }
}

/// One client's view of a file that the cache lacked when it was asked for.
struct Tee {
    shared: Arc<Shared>,
    key: Key,
    size: Option<u64>,
    /// Another run of the source gives the same bytes.
    exact: bool,
    state: State,
}

enum State {
    Fresh(Feed),
    Kept(FileContent, u64),
    Following(Box<Following>),
    /// From the source, as if there were no cache.
    Alone(Feed),
    Lost,
}

struct Following {
    progress: Receiver,
    waiting: Option<Pin<Box<Waiting>>>,
    content: Option<FileContent>,
    instead: Instead,
}

/// Ends with the next progress, or an error when nobody will tell of any.
type Waiting = dyn Future<Output = Result<(), RecvError>>;

/// What gives the rest when the cache cannot.
enum Instead {
    /// What the filling leaves, for this client began it.
    Rest(Rest),
    Own(Feed),
}

impl Tee {
    /// Finds the file for who reads from `start` on.
    fn join(&mut self, feed: Feed, start: u64) {
        let following = |progress, instead| {
            State::Following(Box::new(Following { progress, waiting: None, content: None, instead }))
        };
        // A filling begins at the beginning, and would be of no use here.
        let fills = start <= FAR || !feed.can_jump();
        self.state = match self.shared.join(self.key, self.size, fills) {
            Joined::Kept(file) => {
                let size = file.size();
                State::Kept(FileContent::new(file.into_file()), size)
            }
            Joined::Growing(progress) => following(progress, Instead::Own(feed)),
            Joined::Ours(writer, progress) => {
                let rest = Rc::new(RefCell::new(None));
                actix_web::rt::spawn(fill(writer, feed, Rc::clone(&rest), self.size.is_some()));
                following(progress, Instead::Rest(rest))
            }
            Joined::Alone => State::Alone(feed),
        };
    }

    /// Waits until the filling is over. The length of the file, if that is known by then.
    async fn settled(&mut self) -> Option<u64> {
        if let State::Fresh(feed) = std::mem::replace(&mut self.state, State::Lost) {
            self.join(feed, 0);
        }
        match &mut self.state {
            State::Kept(_, size) => Some(*size),
            State::Following(following) => {
                let ended = following.progress.wait_for(|progress| progress.phase != Phase::Growing).await;
                ended.ok().filter(|progress| progress.phase == Phase::Whole).map(|progress| progress.written)
            }
            State::Fresh(_) | State::Alone(_) | State::Lost => None,
        }
    }

    /// The cache gave up, or is too slow; goes on from the source.
    fn go_on(&mut self, started: bool) -> io::Result<()> {
        let State::Following(following) = std::mem::replace(&mut self.state, State::Lost) else {
            return Ok(());
        };
        let feed = match following.instead {
            Instead::Rest(rest) => rest.take(),
            Instead::Own(feed) => (self.exact || !started).then_some(feed),
        };
        self.state = State::Alone(feed.ok_or_else(|| broken(None))?);
        Ok(())
    }
}

impl Content for Tee {
    fn poll_read(&mut self, context: &mut Context<'_>, span: Range<u64>) -> Poll<io::Result<Bytes>> {
        loop {
            match &mut self.state {
                State::Fresh(_) => {
                    if let State::Fresh(feed) = std::mem::replace(&mut self.state, State::Lost) {
                        self.join(feed, span.start);
                    }
                }
                State::Kept(content, size) => return read(content, context, &span, *size),
                State::Alone(feed) => return feed.poll_read(context, &span),
                State::Lost => return Poll::Ready(Err(broken(None))),
                State::Following(following) if following.is_far_behind(span.start, self.exact) => {
                    let started = following.content.is_some();
                    self.go_on(started)?;
                }
                State::Following(following) => match ready!(following.poll_read(context, &span)) {
                    Step::Read(read) => return Poll::Ready(read),
                    Step::Abandoned => {
                        let started = following.content.is_some();
                        self.go_on(started)?;
                    }
                },
            }
        }
    }
}

enum Step {
    Read(io::Result<Bytes>),
    Abandoned,
}

impl Following {
    /// Whether the client would wait long, and need not.
    fn is_far_behind(&self, start: u64, exact: bool) -> bool {
        let progress = self.progress.borrow();
        let another = exact || self.content.is_none();
        another
            && progress.phase == Phase::Growing
            && start.saturating_sub(progress.written) > FAR
            && matches!(&self.instead, Instead::Own(feed) if feed.can_jump())
    }

    fn poll_read(&mut self, context: &mut Context<'_>, span: &Range<u64>) -> Poll<Step> {
        loop {
            let gone = match &mut self.waiting {
                Some(waiting) => ready!(waiting.as_mut().poll(context)).is_err(),
                None => false,
            };
            self.waiting = None;
            let progress = self.progress.borrow_and_update().clone();
            if span.start < progress.written
                && let Some(file) = progress.file
            {
                let content = self.content.get_or_insert_with(|| FileContent::new(file));
                return read(content, context, span, progress.written).map(Step::Read);
            }
            match progress.phase {
                Phase::Whole => return Poll::Ready(Step::Read(Ok(Bytes::new()))),
                Phase::Abandoned => return Poll::Ready(Step::Abandoned),
                Phase::Broken(why) => return Poll::Ready(Step::Read(Err(broken(why)))),
                Phase::Growing if gone => return Poll::Ready(Step::Read(Err(broken(None)))),
                Phase::Growing => {
                    let mut progress = self.progress.clone();
                    self.waiting = Some(Box::pin(async move { progress.changed().await }));
                }
            }
        }
    }
}

/// Reads what is there of `span`. A file that somebody has cut short meanwhile must not look whole, whoever knows its length.
fn read(
    content: &mut FileContent,
    context: &mut Context<'_>,
    span: &Range<u64>,
    there: u64,
) -> Poll<io::Result<Bytes>> {
    if span.start >= there {
        return Poll::Ready(Ok(Bytes::new()));
    }
    content.poll_read(context, span.start..span.end.min(there)).map(|read| match read {
        Ok(chunk) if chunk.is_empty() => {
            Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a cached file was cut short"))
        }
        read => read,
    })
}

/// The whole, when nobody knows its length.
struct TeeStream {
    tee: Tee,
    at: u64,
}

impl Stream for TeeStream {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let span = self.at..u64::MAX;
        let read = ready!(self.tee.poll_read(context, span));
        Poll::Ready(match read {
            Ok(chunk) if chunk.is_empty() => None,
            Ok(chunk) => {
                self.at += chunk.len() as u64;
                Some(Ok(chunk))
            }
            Err(error) => Some(Err(error.into())),
        })
    }
}
