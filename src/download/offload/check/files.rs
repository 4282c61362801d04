use std::{
    fs::{self, File},
    hash::{BuildHasher, RandomState},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use super::probe::NAME;

/// When the files were changed last, as it seems.
const MODIFIED: Duration = Duration::from_secs(1_600_000_000);

/// The files of one root that a check asks for. They are removed when this is dropped, also when the check fails or is given up.
#[derive(Debug)]
pub(super) struct ProbeFiles {
    /// The name below the root, and what it holds.
    pub(super) plain: (String, Vec<u8>),
    /// One whose name means something in URLs.
    pub(super) hard: Option<(String, Vec<u8>)>,
    /// A link below the root to the file beside it.
    pub(super) link: Option<String>,
    /// A file beside the root: what its name is after that of the root.
    pub(super) outside: Option<String>,
    /// What the file beside the root holds.
    pub(super) outside_content: Vec<u8>,
    written: Vec<PathBuf>,
}

/// Why there is nothing to ask for.
#[derive(Debug)]
pub(super) enum NoFile {
    /// The root cannot be written to, and nobody put a file there.
    ReadOnly(io::Error),
    /// The file that somebody put there cannot be read.
    Unreadable(io::Error),
}

impl ProbeFiles {
    pub(super) fn new(root: &Path) -> Result<Self, NoFile> {
        let base = format!("{NAME}-{:016x}{:016x}", random(), random());
        let content = content(&base);
        let mut files = Self {
            plain: (format!("{base}.txt"), content.clone()),
            hard: None,
            link: None,
            outside: None,
            outside_content: format!("outside, {base}").into_bytes(),
            written: Vec::new(),
        };
        if let Err(error) = files.write(root.join(&files.plain.0), &content) {
            files.plain = existing(root, error)?;
            return Ok(files);
        }
        let hard = format!("{base} 100%41 é+?#&;.txt");
        if files.write(root.join(&hard), &content).is_ok() {
            files.hard = Some((hard, content));
        }
        files.beside(root, &base);
        Ok(files)
    }

    /// What must not be served: a file beside the root whose path begins with the root's, and a link to it.
    fn beside(&mut self, root: &Path, base: &str) {
        let name = format!("{base}-outside.txt");
        let mut beside = root.as_os_str().to_owned();
        beside.push(&name);
        let beside = PathBuf::from(beside);
        let content = self.outside_content.clone();
        if self.write(beside.clone(), &content).is_err() {
            return;
        }
        self.outside = Some(name);
        #[cfg(unix)]
        {
            let link = format!("{base}-link.txt");
            if std::os::unix::fs::symlink(&beside, root.join(&link)).is_ok() {
                self.written.push(root.join(&link));
                self.link = Some(link);
            }
        }
    }

    fn write(&mut self, path: PathBuf, content: &[u8]) -> io::Result<()> {
        let mut file = File::create_new(&path)?;
        self.written.push(path);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Whether the proxy may enter the folder is the question, not what umask this program has.
            file.set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        file.write_all(content)?;
        // What was changed just now may change again within the second, and is told by the application.
        file.set_modified(UNIX_EPOCH + MODIFIED)
    }
}

impl Drop for ProbeFiles {
    fn drop(&mut self) {
        for path in &self.written {
            if let Err(error) = fs::remove_file(path) {
                let path = path.display();
                tracing::warn!(target: "actix_charter::download", %path, %error, "a file of the check is left behind");
            }
        }
    }
}

/// The file that somebody put into a root that cannot be written to.
fn existing(root: &Path, unwritable: io::Error) -> Result<(String, Vec<u8>), NoFile> {
    let name = format!("{NAME}.txt");
    match fs::read(root.join(&name)) {
        Ok(content) => Ok((name, content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(NoFile::ReadOnly(unwritable)),
        Err(error) => Err(NoFile::Unreadable(error)),
    }
}

/// Unguessable enough for a name; `create_new` sees to the rest.
fn random() -> u64 {
    RandomState::new().hash_one(NAME)
}

/// All bytes, line ends included, and longer than what anyone would read in one go by accident.
fn content(base: &str) -> Vec<u8> {
    let mut content = format!("{base}\r\n").into_bytes();
    content.extend((0..=u8::MAX).cycle().take(20_000));
    content
}

/// The folder on the way to this root, or the root, that others may not enter.
#[cfg(unix)]
pub(super) fn closed_folder(root: &Path) -> Option<(PathBuf, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let mut folders: Vec<_> = root.ancestors().collect();
    folders.reverse();
    folders.into_iter().find_map(|folder| {
        let mode = fs::metadata(folder).ok()?.permissions().mode() & 0o7777;
        (mode & 0o001 == 0).then(|| (folder.to_path_buf(), mode))
    })
}

#[cfg(not(unix))]
pub(super) fn closed_folder(_: &Path) -> Option<(PathBuf, u32)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn the_files_go_with_the_value() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        let files = ProbeFiles::new(&root).unwrap();
        assert_eq!(fs::read(root.join(&files.plain.0)).unwrap(), files.plain.1);
        assert!(names(&root).len() >= 2 && names(folder.path()).len() == 2);
        // Also when the check is given up in the middle.
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _files = files;
            panic!("given up");
        }));
        assert!(panic.is_err());
        assert_eq!((names(&root).len(), names(folder.path())), (0, vec!["root".to_owned()]));
    }

    #[test]
    fn a_file_that_was_put_there_will_do() {
        let folder = tempfile::tempdir().unwrap();
        let unwritable = || io::Error::from(io::ErrorKind::ReadOnlyFilesystem);
        assert!(matches!(existing(folder.path(), unwritable()), Err(NoFile::ReadOnly(_))));
        fs::write(folder.path().join("offload-check.txt"), "here").unwrap();
        let found = existing(folder.path(), unwritable()).unwrap();
        assert_eq!(found, ("offload-check.txt".to_owned(), b"here".to_vec()));
        fs::remove_file(folder.path().join("offload-check.txt")).unwrap();
        fs::create_dir(folder.path().join("offload-check.txt")).unwrap();
        assert!(matches!(existing(folder.path(), unwritable()), Err(NoFile::Unreadable(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_closed_to_others_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        mode(folder.path(), 0o755);
        mode(&root, 0o750);
        assert_eq!(closed_folder(&root), Some((root.clone(), 0o750)));
        mode(&root, 0o711);
        assert_eq!(closed_folder(&root), None);
    }
}
