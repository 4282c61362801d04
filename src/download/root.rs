use std::{
    fmt,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use actix_web::rt::time::Instant;

use super::{
    local_file::{LocalFile, is_same},
    open_files::OpenFiles,
    relative,
    unavailable::Unavailable,
};

/// A directory out of which files are served, and nothing else is.
///
/// Names are relative to it and separated by `/`. Refused, as if there were no such file: `..`, absolute names, empty
/// components, hidden files, NUL, whatever is not a regular file, and symbolic links that lead out of the directory; on
/// Windows device names, drive letters and alternate streams, too. On Linux the kernel holds the walk below the directory
/// (`openat2` with `RESOLVE_BENEATH`), so that nobody who renames directories meanwhile can lead it out. Elsewhere, and on
/// kernels before 5.6, the canonical path is compared before and after the file is opened.
///
/// Names are taken as they are, never decoded: Actix has decoded the path of the request once already.
///
/// The directory is opened once. When another one is put in its place, make another `Root`.
///
/// ```
/// use actix_charter::download::Root;
///
/// let directory = tempfile::tempdir()?;
/// std::fs::write(directory.path().join("hello.txt"), "Hello, world!")?;
/// let root = Root::new(directory.path())?;
/// assert_eq!(root.open("hello.txt")?.size(), 13);
/// assert!(root.open("../hello.txt").is_err());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Root {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    /// Canonical.
    path: PathBuf,
    directory: Arc<File>,
    hidden: bool,
    forbids: bool,
    /// Whoever clones this shares it; which names may be looked up at all is told before.
    open_files: Option<Arc<OpenFiles>>,
}

impl Root {
    /// The directory at `path`.
    ///
    /// # Errors
    /// When it cannot be opened, or is no directory.
    pub fn new(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().canonicalize()?;
        let directory = open_directory(&path)?;
        if !directory.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self {
            inner: Arc::new(Inner {
                path,
                directory: Arc::new(directory),
                hidden: false,
                forbids: false,
                open_files: None,
            }),
        })
    }

    /// Serves files and directories whose names begin with a dot, too.
    #[must_use]
    pub fn with_hidden(mut self) -> Self {
        Arc::make_mut(&mut self.inner).hidden = true;
        self
    }

    /// Answers 403, not 404, where the system does not let the application read a file. Either way the log tells which.
    ///
    /// It tells clients that the file is there. In a controller say it: `declares(403)`.
    #[must_use]
    pub fn unreadable_is_forbidden(mut self) -> Self {
        Arc::make_mut(&mut self.inner).forbids = true;
        self
    }

    /// Keeps the files open that were opened last, at most so many, and uses each again for that long without asking the file
    /// system: as nginx's `open_file_cache` does. Off unless told: then [the kernel is asked](super::Download::path) at each answer.
    ///
    /// A file that is replaced, renamed or deleted goes on being sent, as it was, for up to `period` after it was opened. Of one
    /// answer size, time, tag and bytes are always those of one file. So put new files in place by renaming: one that is
    /// **written to** is sent, for as long, with the new bytes under the old `ETag`, and aborts when it got shorter. The server
    /// in front opens by name, and [is told](super::Delivery) the old `ETag` with a new file for as long, unless it is nginx, which
    /// tells [its own](super::offload::Offload::own_validators).
    ///
    /// All workers and all clones share the files, and of more than `most` the least recently used is closed: so many more
    /// descriptors may be open than answers need. What is over is closed when the root is asked the next time. That there is
    /// no such file is never kept, and neither is that it may not be served. Nothing is kept when either is zero.
    ///
    /// ```
    /// use std::{fs, time::Duration};
    ///
    /// use actix_charter::download::Root;
    ///
    /// let directory = tempfile::tempdir()?;
    /// let at = |name: &str| directory.path().join(name);
    /// fs::write(at("report.txt"), "old")?;
    /// let root = Root::new(directory.path())?.keep_open(Duration::from_secs(60), 1000);
    /// assert_eq!(root.open("report.txt")?.size(), 3);
    ///
    /// fs::write(at("new.txt"), "a newer one")?;
    /// fs::rename(at("new.txt"), at("report.txt"))?;
    /// assert_eq!(root.open("report.txt")?.size(), 3);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keep_open(mut self, period: Duration, most: usize) -> Self {
        Arc::make_mut(&mut self.inner).open_files = OpenFiles::new(period, most).map(Arc::new);
        self
    }

    /// The directory's canonical path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Opens a regular file below the directory. Never waits for the other end of a pipe.
    ///
    /// # Errors
    /// When there is no such file, or none that may be served; or when the system cannot open one just now.
    pub fn open(&self, name: impl AsRef<Path>) -> Result<LocalFile, Unavailable> {
        let name = name.as_ref();
        let Some(open_files) = &self.inner.open_files else { return self.open_anew(name, false) };
        let now = Instant::now();
        if let Some(file) = open_files.find(name.as_os_str(), self.inner.hidden, now) {
            return Ok(file);
        }
        let file = self.open_anew(name, true)?;
        open_files.keep(name.as_os_str(), &file, now);
        Ok(file)
    }

    /// As [`open`](Self::open), for an answer. It may be another one's file, of a moment ago.
    pub(crate) fn open_for_answer(&self, name: &Path) -> Result<LocalFile, Unavailable> {
        #[cfg(target_os = "linux")]
        if self.inner.open_files.is_none() {
            return super::recent_files::open(self, name);
        }
        self.open(name)
    }

    /// What is made of a file that was opened by this name a moment ago, in which something may have become of it since.
    pub(crate) fn opened_lately<T>(
        &self,
        name: &Path,
        make: impl FnOnce(&LocalFile) -> Option<T>,
    ) -> Option<T> {
        if let Some(open_files) = &self.inner.open_files {
            return make(&open_files.find(name.as_os_str(), self.inner.hidden, Instant::now())?);
        }
        #[cfg(target_os = "linux")]
        return super::recent_files::opened_lately(self, name, make);
        #[cfg(not(target_os = "linux"))]
        return None;
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn directory(&self) -> &Arc<File> {
        &self.inner.directory
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn serves_hidden(&self) -> bool {
        self.inner.hidden
    }

    /// `kept` is whether the file will be used again.
    pub(crate) fn open_anew(&self, name: &Path, kept: bool) -> Result<LocalFile, Unavailable> {
        if !relative::is_safe(name, self.inner.hidden) {
            return Err(Unavailable::Missing);
        }
        let (file, links) = self.open_below(name)?;
        // To join them would allocate twice.
        let mut path = PathBuf::with_capacity(self.inner.path.as_os_str().len() + 1 + name.as_os_str().len());
        path.push(&self.inner.path);
        path.push(name);
        LocalFile::opened(file, path, links, kept)
    }

    /// Why the file of this name cannot be opened.
    fn unavailable(&self, name: &Path, error: io::Error) -> Unavailable {
        if error.kind() != io::ErrorKind::PermissionDenied {
            return error.into();
        }
        // Told here, where it is known which file it is.
        tracing::warn!(
            target: "actix_charter::download", root = ?self.inner.path, ?name,
            "a file is there and may not be read; let the user that the application runs as read it"
        );
        if self.inner.forbids { Unavailable::Forbidden } else { Unavailable::Missing }
    }

    /// The second is whether there may be links on the way.
    #[cfg(target_os = "linux")]
    fn open_below(&self, name: &Path) -> Result<(File, bool), Unavailable> {
        use rustix::{
            fs::{Mode, OFlags, ResolveFlags, openat2},
            io::Errno,
        };
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let follow = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        // Few names are links, and of one that is none the kernel tells so for nothing.
        let mut resolve = follow | ResolveFlags::NO_SYMLINKS;
        // EAGAIN: a rename somewhere on the machine kept the kernel from being sure. It asks for another try.
        for _ in 0..32 {
            match openat2(&*self.inner.directory, name, flags, Mode::empty(), resolve) {
                Ok(file) => return Ok((file.into(), resolve == follow)),
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(Errno::LOOP) if resolve != follow => resolve = follow,
                // Not in this kernel, or hidden by a sandbox that does not know it.
                Err(Errno::NOSYS | Errno::PERM) => return Ok((self.open_canonical(name)?, true)),
                Err(error) => return Err(self.unavailable(name, error.into())),
            }
        }
        tracing::error!(target: "actix_charter::download", "a file cannot be opened: the kernel asks to try again, and again");
        Err(Unavailable::Failed)
    }

    #[cfg(not(target_os = "linux"))]
    fn open_below(&self, name: &Path) -> Result<(File, bool), Unavailable> {
        Ok((self.open_canonical(name)?, true))
    }

    /// Opens what the name leads to when that lies below the directory, and did not move meanwhile.
    fn open_canonical(&self, name: &Path) -> Result<File, Unavailable> {
        let unavailable = |error| self.unavailable(name, error);
        let path = self.inner.path.join(name).canonicalize().map_err(unavailable)?;
        if !path.starts_with(&self.inner.path) {
            return Err(Unavailable::Missing);
        }
        let file = open_file(&path).map_err(unavailable)?;
        let again = path.canonicalize()?;
        if again != path || !is_same(&file.metadata()?, &path.symlink_metadata()?) {
            return Err(Unavailable::Missing);
        }
        Ok(file)
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root")
            .field("path", &self.inner.path)
            .field("hidden", &self.inner.hidden)
            .field("open_files", &self.inner.open_files)
            .finish()
    }
}

#[cfg(unix)]
fn open_directory(path: &Path) -> io::Result<File> {
    open_file(path)
}

/// Windows opens directories for those who say that they mean it.
#[cfg(not(unix))]
fn open_directory(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;
    const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
    File::options().read(true).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)
}

#[cfg(unix)]
fn open_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
    File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open_file(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use proptest::prelude::*;

    use super::*;

    /// A root with a secret beside it, and links of every kind.
    fn tree() -> (tempfile::TempDir, Root) {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::create_dir_all(at("root/sub/deep")).unwrap();
        fs::create_dir_all(at("root-sibling")).unwrap();
        for file in
            ["secret", "root-sibling/secret", "root/a", "root/sub/b", "root/sub/deep/c", "root/.hidden"]
        {
            fs::write(at(file), if file.contains("secret") { "secret" } else { "public" }).unwrap();
        }
        symlink("../secret", at("root/link-out")).unwrap();
        symlink(at("secret"), at("root/link-absolute")).unwrap();
        symlink("..", at("root/link-up")).unwrap();
        symlink("../../root-sibling", at("root/sub/link-sibling")).unwrap();
        symlink("sub/b", at("root/link-in")).unwrap();
        symlink("loop", at("root/loop")).unwrap();
        symlink("/proc/self/cwd", at("root/magic")).unwrap();
        let root = Root::new(at("root")).unwrap();
        (directory, root)
    }

    fn read(file: Result<LocalFile, Unavailable>) -> Option<String> {
        io::read_to_string(file.ok()?.into_file()).ok()
    }

    #[test]
    fn only_what_lies_below_is_opened() {
        let (directory, root) = tree();
        assert_eq!(root.path(), directory.path().canonicalize().unwrap().join("root"));
        let canonical = |name: &str| match relative::is_safe(Path::new(name), false) {
            true => {
                root.open_canonical(Path::new(name)).and_then(|file| LocalFile::new(file, PathBuf::new()))
            }
            false => Err(Unavailable::Missing),
        };
        for name in ["a", "sub/b", "sub/deep/c", "link-in"] {
            assert_eq!(read(root.open(name)).as_deref(), Some("public"), "{name}");
            assert_eq!(read(canonical(name)).as_deref(), Some("public"), "{name}");
        }
        for name in [
            "",
            ".",
            "/",
            "..",
            "../secret",
            "sub/../../secret",
            "sub/../a",
            "./a",
            "a/",
            "sub//b",
            "/a",
            "sub",
            "sub/",
            "link-out",
            "link-absolute",
            "link-up",
            "link-up/secret",
            "sub/link-sibling/secret",
            "loop",
            "magic",
            "magic/a",
            ".hidden",
            "a\0",
            "a\0/../../secret",
            "..\\secret",
            "sub\\..\\..\\secret",
            "%2e%2e/secret",
            "..%2fsecret",
            "%252e%252e/secret",
            "a/b",
            "nothing",
            "../root-sibling/secret",
        ] {
            assert!(matches!(root.open(name), Err(Unavailable::Missing)), "{name:?}");
            assert!(matches!(canonical(name), Err(Unavailable::Missing)), "{name:?}");
        }
        let absolute = directory.path().join("root/a");
        assert!(root.open(absolute).is_err());
        assert!(root.open("x".repeat(300)).is_err());
        assert!(root.open("x/".repeat(3000)).is_err());
        assert_eq!(read(root.with_hidden().open(".hidden")).as_deref(), Some("public"));
    }

    #[test]
    fn names_of_any_bytes_are_opened() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        let (_directory, root) = tree();
        for name in [&b"\xFF\xFE"[..], b"a b ", b"100%25.txt", b"a\\b", b"a\nb", "é".as_bytes(), b"#?;\"&,$+"]
        {
            let name = OsStr::from_bytes(name);
            fs::write(root.path().join(name), "public").unwrap();
            assert_eq!(read(root.open(name)).as_deref(), Some("public"), "{name:?}");
        }
    }

    #[test]
    fn a_root_is_a_directory() {
        let (directory, _) = tree();
        assert!(Root::new(directory.path().join("secret")).is_err());
        assert!(Root::new(directory.path().join("nothing")).is_err());
        // A link to the root itself is the administrator's, not an attacker's.
        symlink("root", directory.path().join("link")).unwrap();
        assert!(Root::new(directory.path().join("link")).unwrap().open("a").is_ok());
    }

    proptest! {
        #[test]
        fn no_name_leads_out(parts in prop::collection::vec(prop::sample::select(&[
            "..", ".", "", "a", "sub", "deep", "link-out", "link-up", "link-sibling", "link-absolute", "secret", "magic",
            "root", "root-sibling", "%2e%2e", "..\\", "\0", "~", "b", "c",
        ][..]), 0..7)) {
            let (directory, root) = tree();
            let name = parts.join("/");
            for opened in [read(root.open(&name)), read(root.open(directory.path().join(&name)))] {
                prop_assert_ne!(opened.as_deref(), Some("secret"), "{}", name);
            }
        }
    }
}
