use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsStr,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

// Std's own, but for tests, which may halt it.
use actix_web::rt::time::Instant;

use foldhash::fast::RandomState;

use super::{LocalFile, relative};

/// Files that were opened a short while ago, by the names that they were opened by.
///
/// One for all workers: a bound on open files is of use only when it is the whole process's. What happens under the lock is
/// one look-up; files are closed after it.
pub(crate) struct OpenFiles {
    period: Duration,
    most: usize,
    state: Mutex<State>,
}

struct State {
    files: HashMap<Arc<OsStr>, Entry, RandomState>,
    /// Each name once, by a use of its file that may be older than the last, and is never younger: so a use need not be
    /// put down here, and the first whose use is the last is the least recently used.
    uses: BTreeMap<u64, Arc<OsStr>>,
    use_count: u64,
    /// When the next of them may be over; `None` is never.
    sweep_at: Option<Instant>,
}

struct Entry {
    file: LocalFile,
    opened: Instant,
    /// `None` is never.
    over: Option<Instant>,
    /// Whether the name is one that only a root with hidden files may look up.
    hidden: bool,
    used: u64,
    /// Where `uses` has it.
    listed: u64,
}

impl OpenFiles {
    /// `None` when nothing could be kept.
    pub(crate) fn new(period: Duration, most: usize) -> Option<Self> {
        (!period.is_zero() && most > 0).then(|| {
            let state = State {
                files: HashMap::default(),
                uses: BTreeMap::new(),
                use_count: 0,
                sweep_at: Instant::now().checked_add(period),
            };
            Self { period, most, state: Mutex::new(state) }
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file that was opened by this name, unless that is too long ago. A name that is here was looked at when its file was
    /// opened, so it need not be again; but another root may have asked, which was told to serve hidden files, too.
    pub(crate) fn find(&self, name: &OsStr, hidden: bool, now: Instant) -> Option<LocalFile> {
        let mut state = self.state();
        if is_over(state.sweep_at, now) {
            state.sweep_at = now.checked_add(self.period);
            let expired = state.sweep(now);
            drop(state);
            drop(expired);
            state = self.state();
        }
        let used = state.next_use();
        let entry = state.files.get_mut(name)?;
        if is_over(entry.over, now) || (entry.hidden && !hidden) {
            return None;
        }
        entry.used = used;
        Some(entry.file.clone())
    }

    /// Keeps a file that was opened no sooner than at `opened`.
    pub(crate) fn keep(&self, name: &OsStr, file: &LocalFile, opened: Instant) {
        let mut state = self.state();
        // Another worker opened it meanwhile, and later.
        if state.files.get(name).is_some_and(|entry| entry.opened > opened) {
            return;
        }
        let replaced = state.remove(name);
        let evicted = if state.files.len() >= self.most { state.evict() } else { None };
        let used = state.next_use();
        let hidden = !relative::is_safe(name.as_ref(), false);
        let name: Arc<OsStr> = name.into();
        state.uses.insert(used, Arc::clone(&name));
        let over = opened.checked_add(self.period);
        state.files.insert(name, Entry { file: file.clone(), opened, over, hidden, used, listed: used });
        drop(state);
        drop((replaced, evicted));
    }
}

fn is_over(end: Option<Instant>, now: Instant) -> bool {
    end.is_some_and(|end| now >= end)
}

impl State {
    fn next_use(&mut self) -> u64 {
        self.use_count += 1;
        self.use_count
    }

    fn remove(&mut self, name: &OsStr) -> Option<LocalFile> {
        let entry = self.files.remove(name)?;
        self.uses.remove(&entry.listed);
        Some(entry.file)
    }

    /// Takes out the least recently used.
    fn evict(&mut self) -> Option<LocalFile> {
        loop {
            let (listed, name) = self.uses.pop_first()?;
            match self.files.get_mut(&name) {
                Some(entry) if entry.used > listed => {
                    entry.listed = entry.used;
                    self.uses.insert(entry.used, name);
                }
                _ => return self.files.remove(&name).map(|entry| entry.file),
            }
        }
    }

    /// Takes out what nobody will be given any more: an open file that was deleted still fills its disk.
    fn sweep(&mut self, now: Instant) -> Vec<LocalFile> {
        let uses = &mut self.uses;
        let expired = self.files.extract_if(|_, entry| is_over(entry.over, now));
        expired
            .map(|(_, entry)| {
                uses.remove(&entry.listed);
                entry.file
            })
            .collect()
    }
}

impl fmt::Debug for OpenFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenFiles")
            .field("period", &self.period)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}
