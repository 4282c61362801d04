use std::{
    borrow::Cow,
    path::{Component, Path, PathBuf},
};

use super::OffloadError;

/// One folder of files, and how the server is told about what lies in it.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// Canonical.
    pub(super) root: PathBuf,
    /// An internal location or a directory; with a slash at the end.
    pub(super) target: Vec<u8>,
}

/// What comes after the name of the location of a rule, in that of the other one.
pub(super) const OWN: &str = "~own";

/// What the server's header holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The path of an internal location.
    Location,
    /// A path in the file system, as the server sees it.
    Directory,
}

impl Rule {
    /// `None` as the target is the root itself.
    pub(super) fn new(root: &Path, target: Option<&str>, kind: Target) -> Result<Self, OffloadError> {
        let canonical = root
            .canonicalize()
            .ok()
            .filter(|canonical| canonical.is_dir())
            .ok_or_else(|| OffloadError::Root { root: root.to_path_buf() })?;
        if canonical.parent().is_none() {
            return Err(OffloadError::WholeFileSystem);
        }
        let target = match (kind, target) {
            (Target::Location, Some(prefix)) if is_location(prefix) => prefix.as_bytes().to_vec(),
            (Target::Location, Some(prefix)) => {
                return Err(OffloadError::Prefix { prefix: prefix.to_owned() });
            }
            (Target::Location, None) => return Err(OffloadError::PrefixMissing),
            (Target::Directory, Some(directory)) if is_directory(directory) => {
                let mut bytes = directory.trim_end_matches('/').as_bytes().to_vec();
                bytes.push(b'/');
                bytes
            }
            (Target::Directory, Some(directory)) => {
                return Err(OffloadError::Directory { directory: directory.to_owned() });
            }
            (Target::Directory, None) => {
                let mut bytes = canonical.as_os_str().as_encoded_bytes().to_vec();
                bytes.push(b'/');
                bytes
            }
        };
        Ok(Self { root: canonical, target })
    }

    /// The same folder in the location that is told the application's validators, too. No rule has it as its own, for no
    /// [location](is_location) has a tilde.
    pub(super) fn own(&self) -> Self {
        let target = self.target.strip_suffix(b"/").unwrap_or(&self.target);
        Self { root: self.root.clone(), target: [target, OWN.as_bytes(), b"/"].concat() }
    }

    /// How the server names this file; `None` if it does not lie below the root.
    pub(super) fn apply(&self, path: &Path) -> Option<Vec<u8>> {
        let below = self.below(path)?;
        let mut told = Vec::with_capacity(self.target.len() + below.len());
        told.extend_from_slice(&self.target);
        told.extend_from_slice(&below);
        Some(told)
    }

    /// The rest of the path, with slashes, if its first components are the root's. A canonical path has no other components than
    /// names; one with `..` is not what was checked. Both are canonical, so that bytes will do, and cost less.
    #[cfg(unix)]
    fn below<'a>(&self, path: &'a Path) -> Option<Cow<'a, [u8]>> {
        use std::os::unix::ffi::OsStrExt;
        let below = path.as_os_str().as_bytes().strip_prefix(self.root.as_os_str().as_bytes())?;
        let below = below.strip_prefix(b"/")?;
        let is_name = |component: &[u8]| !matches!(component, b"" | b"." | b"..");
        below.split(|&byte| byte == b'/').all(is_name).then_some(Cow::Borrowed(below))
    }

    #[cfg(not(unix))]
    fn below<'a>(&self, path: &'a Path) -> Option<Cow<'a, [u8]>> {
        let names = path.strip_prefix(&self.root).ok()?.components().map(|component| match component {
            Component::Normal(name) => Some(name.as_encoded_bytes()),
            _ => None,
        });
        let names = names.collect::<Option<Vec<_>>>().filter(|names| !names.is_empty())?;
        Some(names.join(&b'/').into())
    }

    /// The deeper the root, the earlier its rule is tried.
    pub(super) fn depth(&self) -> usize {
        self.root.components().count()
    }
}

/// Only characters that mean the same in every server's configuration, with and without encoding.
pub(super) fn is_location(prefix: &str) -> bool {
    prefix.len() > 1
        && prefix.starts_with('/')
        && prefix.ends_with('/')
        && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
        && prefix.trim_matches('/').split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && !prefix.starts_with("//")
        && !prefix.ends_with("//")
}

fn is_directory(directory: &str) -> bool {
    let path = Path::new(directory);
    directory.starts_with('/')
        && !directory.chars().any(char::is_control)
        && path.components().any(|part| matches!(part, Component::Normal(_)))
        && path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_plain_location() {
        for good in ["/protected/", "/a/b-c/", "/_/", "/.well/"] {
            assert!(is_location(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "//",
            "protected/",
            "/protected",
            "/a//b/",
            "//a/",
            "/a//",
            "/../",
            "/a/./",
            "/a b/",
            "/a?/",
            "/é/",
            "/$a/",
        ] {
            assert!(!is_location(bad), "{bad}");
        }
    }

    #[test]
    fn a_directory_is_absolute() {
        for good in ["/srv", "/srv/media/", "/srv/with space"] {
            assert!(is_directory(good), "{good}");
        }
        for bad in ["", "/", "srv", "/srv/../etc", "/a\nb"] {
            assert!(!is_directory(bad), "{bad}");
        }
    }

    #[test]
    fn only_what_lies_below_the_root_is_told() {
        let rule = Rule { root: PathBuf::from("/srv/media"), target: b"/protected/".to_vec() };
        let told = |path: &str| rule.apply(Path::new(path)).map(|told| String::from_utf8(told).unwrap());
        assert_eq!(told("/srv/media/a/b.txt").as_deref(), Some("/protected/a/b.txt"));
        for outside in [
            "/srv/media",
            "/srv/media/",
            "/srv/media-private/x",
            "/srv/mediax",
            "/srv/media/../x",
            "/srv/media/a/../../x",
            "srv/media/x",
            "x",
            "",
        ] {
            assert_eq!(told(outside), None, "{outside}");
        }
    }
}
