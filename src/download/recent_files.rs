use std::{
    cell::RefCell,
    ffi::OsStr,
    fs::File,
    hash::BuildHasher,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

// Std's own, but for tests, which may halt it.
use actix_web::rt::time::{Instant, sleep};

use foldhash::fast::RandomState;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::{LocalFile, Root, Unavailable};

/// How many files a thread has open for it.
const MOST: usize = 64;

/// And all threads together: a quarter of what a process may have open where nobody said otherwise.
const MOST_OF_ALL: usize = 256;

/// How many names it remembers that were asked for.
const NAMES: usize = 256;

/// A file that is asked for twice within that time is kept open, for once to twice as long, whatever is asked for meanwhile. So a
/// deleted file fills its disk for two seconds longer at most.
const PERIOD: Duration = Duration::from_secs(1);

static OPEN: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static RECENT: RefCell<RecentFiles> = RefCell::new(RecentFiles::default());
}

/// Opens a file, or takes the one that was opened for another answer on this thread a moment ago.
///
/// Such a one is taken only when the system says, at each use, that the name leads to that very file still, and that nothing was
/// done to it: one `stat` instead of opening, looking, reading and closing, and the same answer. What was found out about a file
/// is not found out again, either. Each thread has its own, so that many workers that send the same file share nothing they would have to
/// wait for.
///
/// # Errors
/// As [`Root::open`].
pub(crate) fn open(root: &Root, name: &Path) -> Result<LocalFile, Unavailable> {
    let place = match with(|recent| recent.look(root, name)) {
        Some(Look::Open(file)) => return Ok(file),
        Some(Look::AskedBefore(place)) => Some(place),
        Some(Look::New) | None => None,
    };
    let mut opened = root.open_anew(name, false);
    // Too many may be open, and these are not needed.
    if matches!(opened, Err(Unavailable::Failed))
        && let Some(Some(closed)) = with(RecentFiles::close_all)
    {
        drop(closed);
        opened = root.open_anew(name, false);
    }
    match place {
        Some(place) => Ok(keep(place, root, name, opened?)),
        None => opened,
    }
}

/// What is made of the file, if it is open, without asking what became of it: at most two seconds ago that was nothing.
pub(crate) fn opened_lately<T>(
    root: &Root,
    name: &Path,
    make: impl FnOnce(&LocalFile) -> Option<T>,
) -> Option<T> {
    RECENT.try_with(|recent| make(recent.try_borrow().ok()?.opened_lately(root, name)?)).ok()?
}

/// Nothing is waited for: where they are in use already, or there are none any more, there are none.
fn with<T>(take: impl FnOnce(&mut RecentFiles) -> T) -> Option<T> {
    RECENT.try_with(|recent| recent.try_borrow_mut().ok().map(|mut recent| take(&mut recent))).ok()?
}

fn keep(place: Place, root: &Root, name: &Path, mut file: LocalFile) -> LocalFile {
    let Some(closer) = Closer::of_this_thread() else { return file };
    if !file.may_be_used_again(name) || !is_on_this_machine(file.as_file()) {
        with(|recent| recent.refuse(place));
        return file;
    }
    file.is_used_again();
    // Not while they are borrowed: a runtime that ends drops the task at once.
    if let Some(Some(watch)) = with(|recent| recent.keep(place, root, name, &file)) {
        closer.begin(watch);
    }
    file
}

/// Whether the file system is one whose `stat` tells what is so, not what was so when a server was asked last. Those that are not
/// known are taken for such.
fn is_on_this_machine(file: &File) -> bool {
    /// btrfs, erofs, ext2 to ext4, f2fs, overlay, squashfs, tmpfs, xfs, zfs: from the kernel's `magic.h`, but for the last.
    const KNOWN: [u32; 9] = [
        0x9123_683E,
        0xE0F5_E1E2,
        0xEF53,
        0xF2F5_2010,
        0x794C_7630,
        0x7371_7368,
        0x0102_1994,
        0x5846_5342,
        0x2FC1_2FC1,
    ];
    rustix::fs::fstatfs(file).is_ok_and(|system| KNOWN.contains(&(system.f_type as u32)))
}

#[derive(Default)]
struct RecentFiles {
    /// Each name has one place, by its hash.
    files: Vec<Option<Recent>>,
    /// By hash, too.
    asked: Vec<Option<Asked>>,
    hasher: RandomState,
    /// Counts the periods.
    turn: u64,
    /// Of whoever closes them; there is one at a time.
    watch: Option<Arc<Watch>>,
}

struct Recent {
    /// Of its root. As long as it is here, no other one is at its place in memory.
    directory: Arc<File>,
    hidden: bool,
    name: Box<OsStr>,
    file: LocalFile,
    since: u64,
}

impl Recent {
    fn is(&self, root: &Root, name: &Path) -> bool {
        *self.name == *name.as_os_str()
            && Arc::ptr_eq(&self.directory, root.directory())
            && self.hidden == root.serves_hidden()
    }
}

impl Drop for Recent {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Relaxed);
    }
}

#[derive(Clone, Copy)]
struct Asked {
    hash: u64,
    when: Instant,
    /// Its file was none that may be kept.
    refused: bool,
}

/// Where a name belongs.
#[derive(Clone, Copy)]
struct Place {
    hash: u64,
}

impl Place {
    const fn file(&self) -> usize {
        self.hash as usize % MOST
    }

    const fn asked(&self) -> usize {
        (self.hash >> 32) as usize % NAMES
    }
}

enum Look {
    Open(LocalFile),
    AskedBefore(Place),
    New,
}

impl RecentFiles {
    fn place(&self, root: &Root, name: &Path) -> Place {
        let hash =
            self.hasher.hash_one((Arc::as_ptr(root.directory()), root.serves_hidden(), name.as_os_str()));
        Place { hash }
    }

    fn opened_lately(&self, root: &Root, name: &Path) -> Option<&LocalFile> {
        self.watch.as_ref().filter(|watch| watch.state() == Watch::AT_WORK)?;
        let recent = self.files.get(self.place(root, name).file())?.as_ref()?;
        recent.is(root, name).then_some(&recent.file)
    }

    fn look(&mut self, root: &Root, name: &Path) -> Look {
        let place = self.place(root, name);
        if let Some(Some(recent)) = self.files.get(place.file()) {
            match self.watch.as_ref().map(|watch| watch.state()) {
                Some(Watch::AT_WORK) => {
                    let is_it = recent.is(root, name);
                    if is_it && recent.file.is_unchanged(root.directory(), name) {
                        return Look::Open(recent.file.clone());
                    }
                    // It goes soon. To make room for each other, two would be opened more often than without it.
                    if !is_it {
                        return Look::New;
                    }
                }
                Some(Watch::BEGUN) => return Look::New,
                // What nobody closes is not used, either.
                _ => drop(self.close_all()),
            }
        }
        let now = Instant::now();
        if self.asked.is_empty() {
            self.asked.resize(NAMES, None);
        }
        let Some(asked) = self.asked.get_mut(place.asked()) else { return Look::New };
        let before =
            asked.filter(|asked| asked.hash == place.hash && now.duration_since(asked.when) <= PERIOD);
        if before.is_some_and(|before| before.refused) {
            return Look::New;
        }
        *asked = Some(Asked { hash: place.hash, when: now, refused: false });
        if before.is_some() { Look::AskedBefore(place) } else { Look::New }
    }

    /// It is not tried again for a period.
    fn refuse(&mut self, place: Place) {
        if let Some(Some(asked)) = self.asked.get_mut(place.asked()) {
            asked.refused = asked.hash == place.hash;
        }
    }

    /// The watch of whoever is to close them, when nobody is there yet.
    fn keep(&mut self, place: Place, root: &Root, name: &Path, file: &LocalFile) -> Option<Arc<Watch>> {
        if OPEN.fetch_add(1, Relaxed) >= MOST_OF_ALL {
            OPEN.fetch_sub(1, Relaxed);
            self.refuse(place);
            return None;
        }
        let recent = Recent {
            directory: Arc::clone(root.directory()),
            hidden: root.serves_hidden(),
            name: name.as_os_str().into(),
            file: file.clone(),
            since: self.turn,
        };
        let is_watched = self.watch.as_ref().is_some_and(|watch| watch.state() != Watch::OVER);
        if !is_watched {
            self.close_all();
        }
        if self.files.is_empty() {
            self.files.resize_with(MOST, || None);
        }
        *self.files.get_mut(place.file())? = Some(recent);
        (!is_watched).then(|| Arc::clone(self.watch.insert(Arc::default())))
    }

    /// Takes out what was open for a whole period. The second is whether none is left.
    fn sweep(&mut self) -> (Vec<Recent>, bool) {
        let since = self.turn;
        self.turn += 1;
        let over = |place: &mut Option<Recent>| place.take_if(|recent| recent.since < since);
        let closed = self.files.iter_mut().filter_map(over).collect();
        (closed, self.files.iter().all(Option::is_none))
    }

    /// `None` when none was open. Whoever closes them goes on, and ends when there are none.
    fn close_all(&mut self) -> Option<Vec<Option<Recent>>> {
        let files = std::mem::take(&mut self.files);
        files.iter().any(Option::is_some).then_some(files)
    }
}

/// What becomes of the one who closes files.
#[derive(Default)]
struct Watch(AtomicU8);

impl Watch {
    /// Not yet known to be on the thread whose files they are.
    const BEGUN: u8 = 0;
    const AT_WORK: u8 = 1;
    const OVER: u8 = 2;

    fn state(&self) -> u8 {
        self.0.load(Relaxed)
    }
}

/// Who closes the files of this thread when their time is over, or the runtime ends.
struct Closer(Handle);

impl Closer {
    /// `None` where nobody could: outside of a runtime, and in one whose tasks wander between threads.
    fn of_this_thread() -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        (runtime.runtime_flavor() == RuntimeFlavor::CurrentThread).then_some(Self(runtime))
    }

    fn begin(self, watch: Arc<Watch>) {
        let thread = thread::current().id();
        let end = End(watch);
        self.0.spawn(async move {
            // A thread of the blocking pool has its runtime's handle, too, and another one polls the tasks.
            if thread::current().id() != thread {
                return;
            }
            end.0.0.store(Watch::AT_WORK, Relaxed);
            loop {
                sleep(PERIOD).await;
                // They are closed when nothing is borrowed any more.
                let Some((_closed, false)) = with(RecentFiles::sweep) else { break };
            }
        });
    }
}

/// Nothing is used, or left open, when nobody would close it.
struct End(Arc<Watch>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.0.store(Watch::OVER, Relaxed);
        let closed = with(|recent| {
            let is_own = recent.watch.as_ref().is_some_and(|watch| Arc::ptr_eq(watch, &self.0));
            if is_own { recent.close_all() } else { None }
        });
        drop(closed);
    }
}
