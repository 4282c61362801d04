use std::{cell::RefCell, ffi::OsStr, fs::File, hash::BuildHasher, path::Path, time::Duration};

// Std's own, but for tests, which may halt it.
use actix_web::rt::time::{Instant, sleep};

use foldhash::fast::RandomState;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::{LocalFile, Root, Unavailable};

/// How many files a thread has open for it.
const MOST: usize = 64;

/// How many names it remembers that were asked for.
const NAMES: usize = 256;

/// A file that is asked for twice within that time is kept open, for once to twice as long, whatever is asked for meanwhile. So a
/// deleted file fills its disk for two seconds longer at most.
const PERIOD: Duration = Duration::from_secs(1);

thread_local! {
    static RECENT: RefCell<RecentFiles> = RefCell::new(RecentFiles::default());
}

/// Opens a file, or takes the one that was opened for another answer on this thread a moment ago.
///
/// Such a one is taken only when the system says, at each use, that the name leads to that very file still, and that nothing was
/// done to it: one `stat` instead of opening, looking and closing, and the same answer. What was found out about a file is not
/// found out again, either. Each thread has its own, so that many workers that send the same file share nothing they would have to
/// wait for.
///
/// # Errors
/// As [`Root::open`].
pub(crate) fn open(root: &Root, name: &Path) -> Result<LocalFile, Unavailable> {
    let known = RECENT.try_with(|recent| Some(recent.try_borrow_mut().ok()?.look(root, name)));
    match known.ok().flatten() {
        Some(Look::Open(file)) => Ok(file),
        Some(Look::AskedBefore(at)) => {
            let Some(closer) = Closer::new() else { return root.open_anew(name, false) };
            let file = root.open_anew(name, true)?;
            if file.may_be_used_again(name) && is_on_this_machine(file.as_file()) {
                keep(at, root, name, &file, closer);
            }
            Ok(file)
        }
        Some(Look::New) | None => root.open_anew(name, false),
    }
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

fn keep(at: usize, root: &Root, name: &Path, file: &LocalFile, closer: Closer) {
    let begins = RECENT.try_with(|recent| {
        let mut recent = recent.try_borrow_mut().ok()?;
        recent.keep(at, root, name, file);
        Some(!std::mem::replace(&mut recent.is_swept, true))
    });
    // Not while they are borrowed: a runtime that ends drops the task at once.
    if begins == Ok(Some(true)) {
        closer.begin();
    }
}

#[derive(Default)]
struct RecentFiles {
    /// Each name has one place, by its hash.
    files: Vec<Option<Recent>>,
    /// By hash, too.
    asked: Vec<Option<(u64, Instant)>>,
    hasher: RandomState,
    /// Counts the periods.
    turn: u64,
    /// Whether somebody will close them.
    is_swept: bool,
}

struct Recent {
    root: Root,
    name: Box<OsStr>,
    file: LocalFile,
    since: u64,
}

enum Look {
    Open(LocalFile),
    /// And where its file belongs.
    AskedBefore(usize),
    New,
}

impl RecentFiles {
    fn look(&mut self, root: &Root, name: &Path) -> Look {
        let hash = self.hasher.hash_one(name.as_os_str());
        let at = hash as usize % MOST;
        if let Some(Some(recent)) = self.files.get(at)
            && *recent.name == *name.as_os_str()
            && recent.root.is(root)
            && recent.file.is_unchanged(root.directory(), name)
        {
            return Look::Open(recent.file.clone());
        }
        let now = Instant::now();
        if self.asked.is_empty() {
            self.asked.resize(NAMES, None);
        }
        let Some(asked) = self.asked.get_mut((hash >> 32) as usize % NAMES) else { return Look::New };
        match asked.replace((hash, now)) {
            Some((before, when)) if before == hash && now.duration_since(when) <= PERIOD => {
                Look::AskedBefore(at)
            }
            _ => Look::New,
        }
    }

    fn keep(&mut self, at: usize, root: &Root, name: &Path, file: &LocalFile) {
        if self.files.is_empty() {
            self.files.resize_with(MOST, || None);
        }
        if let Some(place) = self.files.get_mut(at) {
            *place = Some(Recent {
                root: root.clone(),
                name: name.as_os_str().into(),
                file: file.clone(),
                since: self.turn,
            });
        }
    }

    /// Closes what was open for a whole period. Whether none is left.
    fn sweep(&mut self) -> bool {
        let since = self.turn;
        self.turn += 1;
        let mut is_empty = true;
        for place in &mut self.files {
            match place {
                Some(recent) if recent.since < since => *place = None,
                Some(_) => is_empty = false,
                None => {}
            }
        }
        is_empty
    }
}

/// Who closes the files of this thread when their time is over, or the runtime ends.
struct Closer(Handle);

impl Closer {
    /// `None` where nobody could: outside of a runtime, and in one whose tasks wander between threads.
    fn new() -> Option<Self> {
        let runtime = Handle::try_current().ok()?;
        (runtime.runtime_flavor() == RuntimeFlavor::CurrentThread).then_some(Self(runtime))
    }

    fn begin(self) {
        let end = End;
        self.0.spawn(async move {
            let _end = end;
            loop {
                sleep(PERIOD).await;
                let is_over =
                    RECENT.try_with(|recent| recent.try_borrow_mut().is_ok_and(|mut it| it.sweep()));
                if is_over != Ok(false) {
                    break;
                }
            }
        });
    }
}

/// Nothing is left open when nobody would close it.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        // The thread may be ending, too.
        let _ = RECENT.try_with(|recent| {
            if let Ok(mut recent) = recent.try_borrow_mut() {
                recent.files.clear();
                recent.is_swept = false;
            }
        });
    }
}
