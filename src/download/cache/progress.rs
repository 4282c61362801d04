use std::{fs::File, io, sync::Arc};

use tokio::sync::watch;

use crate::download::Unavailable;

/// How far a filling is. Followers on any thread wait for the next.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// The growing file; `None` before its first bytes.
    pub(super) file: Option<Arc<File>>,
    /// So many bytes can be read. The last ones are told together with [`Phase::Whole`].
    pub(super) written: u64,
    pub(super) phase: Phase,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Growing,
    /// All bytes are there, and the file is in its place.
    Whole,
    /// The source failed, or who filled is gone.
    Broken(Option<Unavailable>),
    /// The cache cannot take more; the source could give it.
    Abandoned,
}

pub(super) type Sender = Arc<watch::Sender<Progress>>;
pub(super) type Receiver = watch::Receiver<Progress>;

/// Whether an error of a source says what became of the place where the file lies.
pub(super) fn unavailable(error: &io::Error) -> Option<Unavailable> {
    error.get_ref()?.downcast_ref().copied()
}

/// What a follower's connection is aborted with.
pub(super) fn broken(why: Option<Unavailable>) -> io::Error {
    why.map_or_else(|| io::Error::other("the source of a cached file failed"), io::Error::other)
}
