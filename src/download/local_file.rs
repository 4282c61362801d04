use std::{
    borrow::Cow,
    ffi::OsStr,
    fs::{File, Metadata},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

#[cfg(target_os = "linux")]
use bytes::Bytes;
#[cfg(target_os = "linux")]
use rustix::fs::Stat;

#[cfg(target_os = "linux")]
use super::mark::{Mark, folders};
use super::{
    condition::Validators,
    entity_tag::EntityTag,
    kept::{Called, Kept, Named},
    seconds,
    unavailable::Unavailable,
};

/// A regular file that is open, with what was true of it at that moment.
///
/// It is the file that is sent, whatever its name leads to by then.
#[derive(Debug, Clone)]
pub struct LocalFile {
    opened: Arc<Opened>,
}

#[derive(Debug)]
struct Opened {
    file: Arc<File>,
    path: PathBuf,
    size: u64,
    modified: Option<SystemTime>,
    #[cfg(target_os = "linux")]
    mark: Mark,
    /// Whether a link may have been followed to the file.
    links: bool,
    /// There while the file may be used again.
    kept: Option<Kept>,
}

impl LocalFile {
    /// # Errors
    /// When it is not a regular file.
    #[cfg(any(test, feature = "actix-files"))]
    pub(crate) fn new(file: File, path: PathBuf) -> Result<Self, Unavailable> {
        Self::opened(file, path, true, false)
    }

    /// `links` is whether one may have been followed below the root; `kept`, whether the file will be used again, without
    /// another look at where it lies.
    ///
    /// # Errors
    /// When it is not a regular file.
    pub(crate) fn opened(file: File, path: PathBuf, links: bool, kept: bool) -> Result<Self, Unavailable> {
        let now = State::of(&file)?;
        if !now.regular {
            return Err(Unavailable::Missing);
        }
        let opened = Opened {
            size: now.size,
            modified: now.modified,
            file: Arc::new(file),
            path,
            #[cfg(target_os = "linux")]
            mark: now.mark,
            links,
            kept: kept.then(Kept::default),
        };
        Ok(Self { opened: Arc::new(opened) })
    }

    /// Where it was found: the root's canonical path, and the name. For a proxy that sends it in our place.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.opened.path
    }

    /// Its length in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.opened.size
    }

    /// When it was last changed.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        self.opened.modified
    }

    /// The open file. Others may have it, too, when it is [kept open](super::Root::keep_open), or was opened for an
    /// answer: read it by position.
    #[must_use]
    pub fn into_file(self) -> Arc<File> {
        Arc::clone(&self.opened.file)
    }

    pub(crate) fn as_file(&self) -> &File {
        &self.opened.file
    }

    /// Strong: size, and the time of the last change as exactly as the file system knows it. No inode, so that all
    /// replicas of a service agree.
    fn entity_tag(&self) -> Option<EntityTag> {
        let since = self.opened.modified?.duration_since(UNIX_EPOCH).ok()?;
        let mut opaque = Vec::with_capacity(3 * 16 + 4);
        opaque.push(b'"');
        for (number, end) in
            [(self.opened.size, b'-'), (since.as_secs(), b'-'), (since.subsec_nanos().into(), b'"')]
        {
            push_hex(&mut opaque, number);
            opaque.push(end);
        }
        EntityTag::quoted(opaque)
    }

    /// What tells this state of it from others.
    pub(crate) fn validators(&self) -> Cow<'_, Validators> {
        let found = || Validators {
            etag: self.entity_tag(),
            last_modified: self.modified().and_then(seconds::whole),
        };
        match self.kept() {
            Some(kept) => Cow::Borrowed(kept.validators.get_or_init(found)),
            None => Cow::Owned(found()),
        }
    }

    /// What was found out about it, when it is used again.
    pub(crate) fn kept(&self) -> Option<&Kept> {
        self.opened.kept.as_ref()
    }

    /// What it is called; and what that comes to, when it is used again.
    pub(crate) fn called(&self) -> Called<'_> {
        let name = || self.path().file_name().map(text);
        match self.kept() {
            Some(kept) => {
                Called::Kept(kept, kept.named.get_or_init(|| Named::new(name().map(Cow::into_owned))))
            }
            None => Called::By(name()),
        }
    }

    /// Where the file lies, without links on the way. `None` when that place holds another file by now, or none.
    ///
    /// For a proxy that is to open it by its name. Between the look here and that opening somebody may still put
    /// another file there; whoever can write into the directory decides what is sent.
    #[must_use]
    pub fn canonical_path(&self) -> Option<PathBuf> {
        let path = self.opened.path.canonicalize().ok()?;
        self.is_at(&path).then_some(path)
    }

    /// As [`canonical_path`](Self::canonical_path), for a file that was opened just now. When no link was followed then, the
    /// path that it was found at is canonical, and need not be resolved again from the top: one look tells whether it
    /// leads to this very file still. Of a file that is kept open, what the first look told is told again.
    pub(crate) fn found_at(&self) -> Option<Cow<'_, Path>> {
        let opened = &*self.opened;
        let Some(Kept { place, .. }) = &opened.kept else { return self.look() };
        if let Some(place) = place.get() {
            return Some(Cow::Borrowed(place));
        }
        let found = self.look()?.into_owned();
        Some(Cow::Borrowed(place.get_or_init(|| found)))
    }

    fn look(&self) -> Option<Cow<'_, Path>> {
        if self.opened.links {
            return self.canonical_path().map(Cow::Owned);
        }
        self.is_at(&self.opened.path).then_some(Cow::Borrowed(&*self.opened.path))
    }

    #[cfg(target_os = "linux")]
    fn is_at(&self, path: &Path) -> bool {
        Mark::at(path).is_some_and(|named| named.file == self.opened.mark.file)
    }

    /// Whether [`is_unchanged`](Self::is_unchanged) can tell, and for less than opening it costs. Through a link, a look at the
    /// link itself would tell nothing.
    #[cfg(target_os = "linux")]
    pub(crate) fn may_be_used_again(&self, name: &Path) -> bool {
        !self.opened.links && folders(name).count() <= 2
    }

    /// Whether this name below this directory leads to it still, on a way without links, and nothing was done to it since it was
    /// opened: then to open it anew would come to the same. Once a proxy could find it, it must be found there, too.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_unchanged(&self, directory: &File, name: &Path) -> bool {
        use rustix::fs::{AtFlags, FileType, statat};
        let look = |name: &Path| statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).ok();
        let is_folder = |stat: Stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory;
        // The outermost first: a link is looked at, never followed.
        if !folders(name).all(|folder| look(folder).is_some_and(is_folder)) {
            return false;
        }
        let now = match self.kept().and_then(|kept| kept.place.get()) {
            Some(place) => Mark::at(place),
            None => look(name).map(|stat| Mark::new(&stat)),
        };
        now == Some(self.opened.mark)
    }

    /// Begins to remember what is found out about it, as each use will ask whether [nothing was done](Self::is_unchanged) to it.
    /// Nobody else has it yet.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_used_again(&mut self) {
        if let Some(opened) = Arc::get_mut(&mut self.opened) {
            opened.kept = Some(Kept::asked_about());
        }
    }

    /// Its bytes, where they are remembered.
    #[cfg(target_os = "linux")]
    pub(crate) fn content(&self) -> Option<&Bytes> {
        self.kept()?.content.as_ref()?.get()
    }

    /// Remembers its bytes, if the next one who writes to it will leave a later time than the last one did.
    #[cfg(target_os = "linux")]
    pub(crate) fn remember(&self, content: &Bytes) {
        /// File systems keep time by the tick of the kernel, which is 10 ms at most, those of old by the second.
        const TICK: Duration = Duration::from_millis(100);
        let Some(kept) = self.kept().and_then(|kept| kept.content.as_ref()) else { return };
        let (seconds, nanos) = self.opened.mark.changed;
        let changed = moment(Some(seconds), u32::try_from(nanos).ok().filter(|nanos| *nanos > 0));
        let age = changed.and_then(|changed| SystemTime::now().duration_since(changed).ok());
        if content.len() as u64 == self.size() && age.is_some_and(|age| age >= TICK) {
            // Whoever was first has read the same.
            let _ = kept.set(content.clone());
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn is_at(&self, path: &Path) -> bool {
        match (self.opened.file.metadata(), path.symlink_metadata()) {
            (Ok(opened), Ok(named)) => is_same(&opened, &named),
            _ => false,
        }
    }

    /// Reads without ever waiting for the disk.
    #[cfg(target_os = "linux")]
    pub(crate) fn read_cached(file: &File, buffer: &mut [u8], at: u64) -> Cached {
        use rustix::io::{Errno, ReadWriteFlags, preadv2};
        match preadv2(file, &mut [io::IoSliceMut::new(buffer)], at, ReadWriteFlags::NOWAIT) {
            Ok(length) => Cached::Read(length),
            Err(Errno::AGAIN | Errno::INTR) => Cached::OnDisk,
            // Not every file system can tell. Other errors will come again from the read that may wait.
            Err(_) => Cached::Unknown,
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn read_cached(_: &File, _: &mut [u8], _: u64) -> Cached {
        Cached::Unknown
    }

    /// Reads, and waits for the disk when it must.
    pub(crate) fn read(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        #[cfg(unix)]
        use std::os::unix::fs::FileExt;
        #[cfg(windows)]
        use std::os::windows::fs::FileExt;
        loop {
            #[cfg(unix)]
            let read = file.read_at(buffer, at);
            #[cfg(windows)]
            let read = file.seek_read(buffer, at);
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

/// Nearly every name is UTF-8, which is quicker to tell by itself.
fn text(name: &OsStr) -> Cow<'_, str> {
    name.to_str().map_or_else(|| name.to_string_lossy(), Cow::Borrowed)
}

/// What is true of an open file just now.
struct State {
    regular: bool,
    size: u64,
    modified: Option<SystemTime>,
    #[cfg(target_os = "linux")]
    mark: Mark,
}

impl State {
    /// Asks for no more than this: `statx`, as std has it, costs more.
    #[cfg(target_os = "linux")]
    fn of(file: &File) -> io::Result<Self> {
        use rustix::fs::{FileType, fstat};
        let stat = fstat(file)?;
        Ok(Self {
            regular: FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile,
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            #[allow(clippy::useless_conversion, reason = "the types are not the same on all machines")]
            modified: moment(i64::try_from(stat.st_mtime).ok(), u32::try_from(stat.st_mtime_nsec).ok()),
            mark: Mark::new(&stat),
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { regular: metadata.is_file(), size: metadata.len(), modified: metadata.modified().ok() })
    }
}

/// Seconds before or after 1970, and a fraction after them.
#[cfg(target_os = "linux")]
fn moment(seconds: Option<i64>, nanos: Option<u32>) -> Option<SystemTime> {
    let (seconds, nanos) = (seconds?, Duration::from_nanos(nanos?.into()));
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let second = if seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
    second?.checked_add(nanos)
}

/// What reading without waiting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cached {
    /// So many bytes lay in memory.
    Read(usize),
    /// They must come from the disk.
    OnDisk,
    /// The system cannot tell, and need not be asked again.
    Unknown,
}

#[cfg(unix)]
pub(crate) fn is_same(opened: &Metadata, named: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (opened.dev(), opened.ino()) == (named.dev(), named.ino())
}

fn push_hex(text: &mut Vec<u8>, number: u64) {
    let digits = [hex((number >> 32) as u32), hex(number as u32)];
    let leading = (number.leading_zeros() as usize / 4).min(15);
    text.extend_from_slice(digits.as_flattened().get(leading..).unwrap_or_default());
}

/// All eight digits, at once: one in each byte, first as a number, then as a character.
fn hex(number: u32) -> [u8; 8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut digits = u64::from(number);
    digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF;
    digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF;
    digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F;
    let is_letter = (digits + 6 * EACH) >> 4 & EACH;
    let characters = digits + u64::from(b'0') * EACH + is_letter * u64::from(b'a' - b'9' - 1);
    characters.to_be_bytes()
}

/// Std tells no identity of files here; that there is one of the same length and age must do.
#[cfg(not(unix))]
pub(crate) fn is_same(opened: &Metadata, named: &Metadata) -> bool {
    named.is_file() && opened.len() == named.len() && opened.modified().ok() == named.modified().ok()
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_what_std_says_of_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, "Hello, world!").unwrap();
        for (seconds, nanos) in [(0, 0), (1_704_164_645, 5), (-1, 999_999_999), (-100, 1)] {
            let time = moment(Some(seconds), Some(nanos)).unwrap();
            file.as_file().set_modified(time).unwrap();
            let opened = LocalFile::new(File::open(&file).unwrap(), file.path().into()).unwrap();
            assert_eq!(opened.modified(), Some(time));
            assert_eq!(opened.modified(), file.as_file().metadata().unwrap().modified().ok());
            assert_eq!(opened.size(), 13);
            assert_eq!(opened.canonical_path(), file.path().canonicalize().ok());
        }
        assert!(LocalFile::new(File::open("/dev/null").unwrap(), PathBuf::new()).is_err());
    }

    #[test]
    fn a_file_is_found_where_it_lies() {
        use std::os::unix::fs::symlink;

        use crate::download::Root;
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().canonicalize().unwrap().join("root").join(name);
        fs::create_dir_all(at("sub")).unwrap();
        for name in ["a", "other", "sub/b"] {
            fs::write(at(name), name).unwrap();
        }
        symlink("sub", at("link")).unwrap();
        symlink("sub/b", at("to-b")).unwrap();
        let root = Root::new(at("")).unwrap();
        let found = |file: &LocalFile| file.found_at().map(Cow::into_owned);
        for (name, place) in [("a", "a"), ("sub/b", "sub/b"), ("link/b", "sub/b"), ("to-b", "sub/b")] {
            let file = root.open(name).unwrap();
            assert_eq!(found(&file), Some(at(place)), "{name}");
            assert_eq!(file.canonical_path(), Some(at(place)), "{name}");
        }
        let (a, b, by_link) =
            (root.open("a").unwrap(), root.open("sub/b").unwrap(), root.open("link/b").unwrap());
        // Another file, a link to another file, and nothing at all, in its place.
        fs::rename(at("other"), at("a")).unwrap();
        assert_eq!((found(&a), a.canonical_path()), (None, None));
        fs::remove_file(at("a")).unwrap();
        symlink("sub/b", at("a")).unwrap();
        assert_eq!(found(&a), None);
        fs::remove_file(at("sub/b")).unwrap();
        assert_eq!((found(&b), found(&by_link)), (None, None));
        // The root was moved, and another one put there.
        fs::write(at("c"), "c").unwrap();
        let c = root.open("c").unwrap();
        assert_eq!(found(&c), Some(at("c")));
        fs::rename(at(""), directory.path().join("moved")).unwrap();
        fs::create_dir(at("")).unwrap();
        fs::write(at("c"), "c").unwrap();
        assert_eq!(found(&root.open("c").unwrap()), None);
    }

    #[test]
    fn a_change_of_permissions_is_one() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let directory = tempfile::tempdir().unwrap();
        let at = directory.path().join("a");
        fs::write(&at, "a").unwrap();
        let file = LocalFile::opened(File::open(&at).unwrap(), at.clone(), false, true).unwrap();
        let is_unchanged = || file.is_unchanged(&File::open(directory.path()).unwrap(), Path::new("a"));
        assert!(is_unchanged());
        let changed = |at: &Path| (at.metadata().unwrap().ctime(), at.metadata().unwrap().ctime_nsec());
        let before = changed(&at);
        // The clock of a file system may stand still for some milliseconds.
        while changed(&at) == before {
            fs::set_permissions(&at, fs::Permissions::from_mode(0o600)).unwrap();
        }
        assert!(!is_unchanged());
    }

    #[test]
    fn numbers_are_written_as_std_writes_them() {
        for number in [0, 1, 0xF, 0x10, 0xABC, 1_704_164_645, u64::MAX] {
            let mut text = Vec::new();
            push_hex(&mut text, number);
            assert_eq!(text, format!("{number:x}").into_bytes());
        }
    }
}
