//! Where uploaded files lie: a folder on this machine, one file for each key.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use actix_charter::prelude::*;
use uuid::Uuid;

/// The folder, and its two parts.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    folder: PathBuf,
    pub(crate) attachments: Root,
    pub(crate) avatars: Root,
}

impl Files {
    pub(crate) fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        let part = |name: &str| {
            fs::create_dir_all(folder.join(name))?;
            Root::new(folder.join(name))
        };
        Ok(Self { attachments: part("attachments")?, avatars: part("avatars")?, folder })
    }

    /// What a proxy may send.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// Keeps an uploaded file under a new key.
    pub(crate) async fn keep(root: &Root, file: UploadedFile) -> io::Result<String> {
        let key = Uuid::new_v4().to_string();
        let path = root.path().join(&key);
        file.persist(&path).await?;
        readable(&path)?;
        Ok(key)
    }

    pub(crate) fn remove(root: &Root, key: &str) -> io::Result<()> {
        match fs::remove_file(root.path().join(key)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The file of the one attachment that a fresh board has.
    pub(crate) fn seed(&self) -> io::Result<()> {
        let path = self.attachments.path().join("seed");
        if !path.exists() {
            fs::write(&path, SEED.repeat(200))?;
            readable(&path)?;
        }
        Ok(())
    }
}

/// Large enough that a proxy is worth it.
const SEED: &str = "Open the login page. Press the button. Nothing happens.\n";

/// An upload is readable by us alone; the proxy runs as somebody else.
fn readable(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    Ok(())
}
