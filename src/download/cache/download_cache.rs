use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_web::rt::{task::spawn_blocking, time::Instant};

use super::{
    CacheError, Key,
    directory::Directory,
    fill::Writer,
    index::{Bounds, Index, weight},
    key::Secret,
    progress::{Phase, Receiver, Sender},
    tee,
};
use crate::download::{LocalFile, Root, Unavailable, source::Supply};

const MAX_SIZE: u64 = 1 << 30;
/// One file takes at most this part of the room, unless told: one request must not throw out all the others.
const SHARE_OF_ONE: u64 = 4;
/// How long a proxy may take to open a file that it was told: nginx, Apache and lighttpd do as soon as they read the answer.
const HANDED_OVER: Duration = Duration::from_secs(30);
/// Longer than proxies wait, and than sources of this crate do.
const STALL_TIMEOUT: Duration = Duration::from_secs(120);
/// What grew too old, or was handed over, is looked for when files are only read, too; not each time.
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// Keys of which it is remembered that their files are too large.
const MOST_TOO_LARGE: usize = 4096;

/// A directory of files that were made or fetched once: see the [module](super).
///
/// Cheap to clone. Make one where the program starts, not in the closure of `HttpServer::new`, which runs for each worker.
///
/// ```
/// use actix_charter::download::cache::{CacheError, DownloadCache};
/// use std::time::Duration;
///
/// let directory = tempfile::tempdir()?;
/// let cache = DownloadCache::new(directory.path())?
///     .max_size(10 << 30)
///     .max_file_size(1 << 30)
///     .max_age(Duration::from_secs(7 * 24 * 60 * 60));
/// assert_eq!(cache.path(), directory.path().canonicalize()?);
/// assert!(matches!(DownloadCache::new(directory.path()), Err(CacheError::InUse { .. })));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DownloadCache {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) directory: Directory,
    started: Instant,
    /// When it was started, since 1970.
    epoch: Duration,
    state: Mutex<State>,
}

/// Held for a moment each time, never while a file is touched.
struct State {
    bounds: Bounds,
    max_file_size: Option<u64>,
    stall_timeout: Duration,
    index: Index,
    filling: HashMap<Key, Filling>,
    /// What all of `filling` may take of the disk.
    reserved: u64,
    /// Evicted, and not removed from the directory yet.
    leaving: HashSet<Key>,
    too_large: HashSet<Key>,
    /// When it was last looked for what is to go; `None` when the bounds were changed since.
    tidied: Option<Duration>,
}

/// A file that somebody fills.
struct Filling {
    sender: Sender,
    /// What its source promised.
    size: Option<u64>,
    /// What it may take of the disk: all of it, or what is written so far when nobody knows how long it is.
    reserved: u64,
}

impl State {
    fn max_file_size(&self) -> u64 {
        let most = self.bounds.max_size;
        self.max_file_size.map_or(most / SHARE_OF_ONE, |size| size.min(most))
    }

    /// Whether fillings may take so much more of the disk.
    fn has_room(&self, more: u64) -> bool {
        self.reserved.saturating_add(more) <= self.bounds.max_size
    }

    fn begin(&mut self, key: Key, filling: Filling) {
        self.reserved = self.reserved.saturating_add(filling.reserved);
        self.filling.insert(key, filling);
    }

    /// Takes out the filling, unless somebody else began anew meanwhile.
    fn end(&mut self, key: &Key, sender: &Sender) {
        if let Entry::Occupied(entry) = self.filling.entry(*key)
            && Arc::ptr_eq(&entry.get().sender, sender)
        {
            self.reserved = self.reserved.saturating_sub(entry.remove().reserved);
        }
    }

    fn fits(&self, size: u64) -> bool {
        size <= self.max_file_size() && weight(size) <= self.bounds.max_size
    }
}

/// Who wants a file finds this.
pub(super) enum Joined {
    /// It is there.
    Kept(LocalFile),
    /// Somebody is filling it.
    Growing(Receiver),
    /// It is for who asks to fill it.
    Ours(Writer, Receiver),
    /// The cache takes no part.
    Alone,
}

/// What the cache has under a key before anybody reads.
enum Found {
    Kept(LocalFile),
    Nothing,
    /// And it cannot take it.
    NoPlace,
}

impl DownloadCache {
    /// A cache in this directory, which is made when it is not there, or holds what a cache left.
    ///
    /// Reads the directory, and so may wait for the disk: call it before the server runs.
    ///
    /// # Errors
    /// When the directory cannot be made or written, holds anything that is not a cache's, or is in use.
    pub fn new(directory: impl AsRef<Path>) -> Result<Self, CacheError> {
        let (directory, left) = Directory::open(directory.as_ref())?;
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut index = Index::default();
        for file in left {
            // What a clock that was wrong dated ahead is taken for new.
            if let Some(size) = index.insert(file.key, file.size, file.written.min(epoch)) {
                directory.remove(&file.key, size);
            }
        }
        let state = State {
            bounds: Bounds { max_size: MAX_SIZE, max_age: None },
            max_file_size: None,
            stall_timeout: STALL_TIMEOUT,
            index,
            filling: HashMap::new(),
            reserved: 0,
            leaving: HashSet::new(),
            too_large: HashSet::new(),
            tidied: None,
        };
        let shared = Shared { directory, started: Instant::now(), epoch, state: Mutex::new(state) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The most bytes of disk that its files take; 1 GiB unless told. A file counts in blocks of 4 KiB. Files that are being
    /// filled come on top, and may take as much again, all together.
    #[must_use]
    pub fn max_size(self, bytes: u64) -> Self {
        self.change(|state| state.bounds.max_size = bytes)
    }

    /// How long after it was written a file is used. Default: as long as there is room.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        self.change(|state| state.bounds.max_age = Some(age))
    }

    /// The most bytes of one file; what is longer is sent without the cache. Default: a quarter of
    /// [`max_size`](Self::max_size), and never more than all of it.
    #[must_use]
    pub fn max_file_size(self, bytes: u64) -> Self {
        self.change(|state| state.max_file_size = Some(bytes))
    }

    /// How long a source may give nothing while its file is filled; two minutes unless told. Then the filling ends, for all who
    /// follow it (504, if nothing was sent), and the next request tries anew. A generator that thinks for longer before its
    /// first bytes needs more.
    #[must_use]
    pub fn stall_timeout(self, silence: Duration) -> Self {
        self.change(|state| state.stall_timeout = silence)
    }

    fn change(self, change: impl FnOnce(&mut State)) -> Self {
        {
            let mut state = self.shared.state();
            change(&mut state);
            state.tidied = None;
            state.too_large.clear();
        }
        self
    }

    /// The directory's canonical path, for an [`Offload`](crate::download::offload::Offload) to map.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.root().path()
    }

    /// The directory as a root.
    #[must_use]
    pub fn root(&self) -> &Root {
        &self.shared.directory.root
    }

    pub(crate) fn secret(&self) -> Secret {
        self.shared.directory.secret
    }

    /// The file out of the cache, or a supply that fills it when it is read, or the supply itself.
    ///
    /// `exact`: the validator promises the same bytes each time.
    pub(crate) fn supply(&self, key: Key, exact: bool, supply: Supply) -> Supply {
        match self.found(&key, supply.size()) {
            Found::Kept(file) => Supply::File(file),
            Found::Nothing => tee::supply(Arc::clone(&self.shared), key, exact, supply),
            Found::NoPlace => supply,
        }
    }

    /// As [`supply`](Self::supply), of a file that is filled now, and sent when that has come to its end, whichever that is.
    pub(crate) async fn whole(&self, key: Key, exact: bool, supply: Supply) -> Supply {
        match self.found(&key, supply.size()) {
            Found::Kept(file) => Supply::File(file),
            Found::Nothing => tee::whole(Arc::clone(&self.shared), key, exact, supply).await,
            Found::NoPlace => supply,
        }
    }

    fn found(&self, key: &Key, size: Option<u64>) -> Found {
        {
            let mut state = self.shared.state();
            if size.is_some_and(|size| !state.fits(size)) {
                return Found::NoPlace;
            }
            let now = self.shared.now();
            if state.tidied.is_none_or(|tidied| now.saturating_sub(tidied) >= TIDY_EVERY) {
                let leaving = state.evict(now);
                let shared = Arc::clone(&self.shared);
                drop(state);
                if !leaving.is_empty() {
                    drop(spawn_blocking(move || shared.remove(leaving)));
                }
            }
        }
        match self.shared.kept(key, size) {
            Ok(Some(file)) => Found::Kept(file),
            Ok(None) => Found::Nothing,
            Err(_) => Found::NoPlace,
        }
    }

    /// Whether the file is there, or on its way there; it may go at any time.
    pub(crate) fn has(&self, key: &Key, size: Option<u64>) -> bool {
        let mut state = self.shared.state();
        let State { index, bounds, filling, .. } = &mut *state;
        filling.contains_key(key)
            || index
                .find(key, bounds, self.shared.now())
                .is_some_and(|hit| size.is_none_or(|size| size == hit.size))
    }

    /// A proxy is told of this file: it stays in its place until the proxy has opened it.
    pub(crate) fn hand_over(&self, key: &Key) {
        let until = self.shared.now().saturating_add(HANDED_OVER);
        self.shared.state().index.pin(key, until);
    }
}

impl fmt::Debug for DownloadCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadCache").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that could panic is done under it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.epoch.saturating_add(self.started.elapsed())
    }

    /// The file, if it lies there as it was written.
    ///
    /// # Errors
    /// When it cannot be opened just now.
    pub(super) fn kept(&self, key: &Key, size: Option<u64>) -> Result<Option<LocalFile>, Unavailable> {
        let hit = {
            let mut state = self.state();
            let State { index, bounds, .. } = &mut *state;
            index.find(key, bounds, self.now())
        };
        let Some(hit) = hit else { return Ok(None) };
        match self.directory.root.open(key.file_name(hit.size)) {
            Ok(file) if file.size() == hit.size && size.is_none_or(|size| size == hit.size) => Ok(Some(file)),
            Ok(_) => {
                self.state().index.spoil(key, hit);
                Ok(None)
            }
            // An operator may remove what they like.
            Err(Unavailable::Missing) => {
                self.state().index.forget(key, hit);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Finds the file, whoever fills it, or nobody. Who asks `fills` it then, or goes alone.
    pub(super) fn join(self: &Arc<Self>, key: Key, size: Option<u64>, fills: bool) -> Joined {
        // A filling ends with the file in its place, so one that is found nowhere now, and is not being filled, is missing.
        for _ in 0..2 {
            if let Some(filling) = self.state().filling.get(&key) {
                // What is promised in another length is another file, whatever its validators say. Of one whose length nobody
                // knows yet, nobody knows whether it is this one.
                return if size.is_none() || size == filling.size {
                    Joined::Growing(filling.sender.subscribe())
                } else {
                    Joined::Alone
                };
            }
            match self.kept(&key, size) {
                Ok(Some(file)) => return Joined::Kept(file),
                Ok(None) => {}
                Err(_) => return Joined::Alone,
            }
            let mut state = self.state();
            let State { index, bounds, filling, leaving, too_large, .. } = &mut *state;
            if leaving.contains(&key) || too_large.contains(&key) {
                return Joined::Alone;
            }
            // Between the looks above somebody may have begun, or even ended.
            if filling.contains_key(&key) || index.find(&key, bounds, self.now()).is_some() {
                continue;
            }
            let reserved = size.map_or(0, weight);
            if !fills || !state.has_room(reserved) {
                return Joined::Alone;
            }
            let (sender, receiver) = tokio::sync::watch::channel(super::progress::Progress::default());
            let sender = Arc::new(sender);
            state.begin(key, Filling { sender: Arc::clone(&sender), size, reserved });
            let (limit, stall_timeout) = (state.max_file_size(), state.stall_timeout);
            return Joined::Ours(Writer::new(Arc::clone(self), key, sender, limit, stall_timeout), receiver);
        }
        Joined::Alone
    }

    /// Ends a filling without a file, unless somebody follows it and `if_alone` is set. Nobody joins it from now on.
    pub(super) fn leave(&self, key: &Key, sender: &Sender, if_alone: bool) -> bool {
        let mut state = self.state();
        if if_alone && sender.receiver_count() > 0 {
            return false;
        }
        state.end(key, sender);
        true
    }

    /// Makes room for a filling that grows to this size. `false` when there is none.
    pub(super) fn grow(&self, key: &Key, sender: &Sender, size: u64) -> bool {
        let mut state = self.state();
        let Some(filling) = state.filling.get(key).filter(|filling| Arc::ptr_eq(&filling.sender, sender))
        else {
            return false;
        };
        let more = weight(size).saturating_sub(filling.reserved);
        if !state.has_room(more) {
            return false;
        }
        state.reserved = state.reserved.saturating_add(more);
        if let Some(filling) = state.filling.get_mut(key) {
            filling.reserved = filling.reserved.saturating_add(more);
        }
        true
    }

    pub(super) fn is_too_large(&self, key: Key) {
        let mut state = self.state();
        if state.too_large.len() >= MOST_TOO_LARGE {
            state.too_large.clear();
        }
        state.too_large.insert(key);
    }

    /// The file is in its place: it is used from now on. Called in the blocking pool.
    pub(super) fn filled(&self, key: Key, size: u64, sender: &Sender) {
        let now = self.now();
        let mut state = self.state();
        let replaced = state.index.insert(key, size, now);
        state.end(&key, sender);
        let leaving = state.evict(now);
        drop(state);
        if let Some(old) = replaced.filter(|old| *old != size) {
            self.directory.remove(&key, old);
        }
        self.remove(leaving);
        sender.send_modify(|progress| {
            progress.written = size;
            progress.phase = Phase::Whole;
        });
    }

    fn remove(&self, leaving: Vec<(Key, u64)>) {
        for (key, size) in leaving {
            self.directory.remove(&key, size);
            self.state().leaving.remove(&key);
        }
    }
}

impl State {
    fn evict(&mut self, now: Duration) -> Vec<(Key, u64)> {
        self.tidied = Some(now);
        let filling = &self.filling;
        let leaving = self.index.evict(&self.bounds, now, |key| filling.contains_key(key));
        // None of them is filled again before it is removed: its new file would be.
        self.leaving.extend(leaving.iter().map(|(key, _)| *key));
        leaving
    }
}
