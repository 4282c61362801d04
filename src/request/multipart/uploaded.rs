use std::{
    borrow::Cow,
    cell::RefCell,
    fmt,
    fs::File,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use mime::Mime;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use tempfile::TempPath;

use super::{
    file_name,
    spool::{blocking, create},
};
use crate::model::Model;

/// What `UploadedFile` asks serde for. No other type has this name, and no format but ours gives it a meaning.
pub(super) const TOKEN: &str = "$actix_charter::UploadedFile";

/// A file that came with a `multipart/form-data` body, in memory or spooled to disk.
///
/// A model takes one, an `Option` of one or a `Vec` of them; see [`Multipart`](super::Multipart). What was spooled is deleted when this is
/// dropped: [`persist`](Self::persist) what should stay.
///
/// ```
/// use actix_charter::request::UploadedFile;
///
/// async fn keep(file: UploadedFile) -> std::io::Result<()> {
///     let path = format!("uploads/{}", file.safe_name());
///     file.persist(path).await
/// }
/// ```
pub struct UploadedFile {
    file_name: Option<String>,
    content_type: Option<Mime>,
    size: u64,
    content: Content,
}

/// Where the bytes are.
#[derive(Debug)]
pub(super) enum Content {
    Memory(Bytes),
    /// Deleted on drop.
    Disk(TempPath),
}

impl UploadedFile {
    pub(super) fn new(
        file_name: Option<String>,
        content_type: Option<Mime>,
        size: u64,
        content: Content,
    ) -> Self {
        Self { file_name, content_type, size, content }
    }

    /// The name as the client sent it. Do not use it as a path: it may hold separators, `..`, control characters or anything else.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// The name made harmless: one component of a path, without separators, control and direction characters, characters and names that
    /// some system reserves, or a leading dot; at most about 200 bytes. `upload` when nothing is left.
    ///
    /// Two files may still have the same name.
    #[must_use]
    pub fn safe_name(&self) -> String {
        file_name::safe(self.file_name.as_deref().unwrap_or_default())
    }

    /// The media type that the client claims. Nobody has looked into the file.
    #[must_use]
    pub fn content_type(&self) -> Option<&Mime> {
        self.content_type.as_ref()
    }

    /// The size in bytes, as it was received.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether the file is on disk.
    #[must_use]
    pub fn is_spooled(&self) -> bool {
        matches!(self.content, Content::Disk(_))
    }

    /// The whole content. Costs nothing for a file in memory; a spooled one is read, off the worker's thread.
    ///
    /// # Errors
    /// When the spooled file cannot be read.
    pub async fn bytes(&self) -> io::Result<Bytes> {
        match &self.content {
            Content::Memory(bytes) => Ok(bytes.clone()),
            Content::Disk(path) => {
                let path = path.to_path_buf();
                blocking(move || std::fs::read(path)).await.map(Bytes::from)
            }
        }
    }

    /// A reader from the start of the file. It blocks: use it inside [`actix_web::web::block`].
    ///
    /// # Errors
    /// When the spooled file cannot be opened.
    pub async fn reader(&self) -> io::Result<UploadReader> {
        match &self.content {
            Content::Memory(bytes) => Ok(UploadReader(Inner::Memory(Cursor::new(bytes.clone())))),
            Content::Disk(path) => {
                let path = path.to_path_buf();
                blocking(move || File::open(path)).await.map(|file| UploadReader(Inner::Disk(file)))
            }
        }
    }

    /// The file on disk, wherever it was before. It is deleted when the path is dropped.
    ///
    /// # Errors
    /// When a file that was in memory cannot be written.
    pub async fn into_temp_path(self) -> io::Result<TempPath> {
        match self.content {
            Content::Disk(path) => Ok(path),
            Content::Memory(bytes) => {
                blocking(move || {
                    let mut file = create(None)?;
                    file.write_all(&bytes)?;
                    Ok(file.into_temp_path())
                })
                .await
            }
        }
    }

    /// Keeps the file at `path`. A file that is there already is replaced, in one step: nobody sees half a file.
    ///
    /// The file belongs to the process's user and, on Unix, no one else may read it until its permissions are changed.
    ///
    /// # Errors
    /// When the file cannot be moved or written; `path` is then untouched.
    pub async fn persist(self, path: impl Into<PathBuf>) -> io::Result<()> {
        let path = path.into();
        let content = self.content;
        blocking(move || match content {
            Content::Memory(bytes) => write_beside(&path, &mut &*bytes),
            Content::Disk(spooled) => match spooled.persist(&path) {
                Ok(()) => Ok(()),
                // Another file system; `error.path` is the spooled file and still deletes itself.
                Err(error) => write_beside(&path, &mut File::open(&error.path)?),
            },
        })
        .await
    }
}

/// Writes a temporary file in the directory of `path`, then renames it.
fn write_beside(path: &Path, content: &mut dyn Read) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = create(Some(directory))?;
    io::copy(content, &mut file)?;
    file.persist(path)?;
    Ok(())
}

impl fmt::Debug for UploadedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadedFile")
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .field("size", &self.size)
            .field("is_spooled", &self.is_spooled())
            .finish_non_exhaustive()
    }
}

/// Reads an [`UploadedFile`]; see [`UploadedFile::reader`].
#[derive(Debug)]
pub struct UploadReader(Inner);

#[derive(Debug)]
enum Inner {
    Memory(Cursor<Bytes>),
    Disk(File),
}

impl Read for UploadReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Inner::Memory(cursor) => cursor.read(buffer),
            Inner::Disk(file) => file.read(buffer),
        }
    }
}

impl Seek for UploadReader {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match &mut self.0 {
            Inner::Memory(cursor) => cursor.seek(position),
            Inner::Disk(file) => file.seek(position),
        }
    }
}

impl JsonSchema for UploadedFile {
    fn schema_name() -> Cow<'static, str> {
        "UploadedFile".into()
    }

    fn schema_id() -> Cow<'static, str> {
        "actix_charter::UploadedFile".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "binary" })
    }
}

impl Model for UploadedFile {
    const NAME: &'static str = "actix_charter::UploadedFile";
}

thread_local! {
    /// The files of the form that is being deserialized on this thread.
    static LENT: RefCell<Option<Vec<Option<UploadedFile>>>> = const { RefCell::new(None) };
}

/// Makes files available to `UploadedFile::deserialize` until the guard is dropped.
pub(super) fn lend(files: Vec<Option<UploadedFile>>) -> Lent {
    Lent { previous: LENT.replace(Some(files)) }
}

/// Puts back what was lent before, on unwinding too; files that nobody took are dropped.
pub(super) struct Lent {
    previous: Option<Vec<Option<UploadedFile>>>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        LENT.set(self.previous.take());
    }
}

impl<'de> Deserialize<'de> for UploadedFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(TOKEN, Taken)
    }
}

struct Taken;

impl<'de> Visitor<'de> for Taken {
    type Value = UploadedFile;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file in a multipart/form-data body")
    }

    fn visit_u64<E: Error>(self, index: u64) -> Result<UploadedFile, E> {
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        LENT.with_borrow_mut(|lent| lent.as_mut()?.get_mut(index)?.take()).ok_or_else(|| {
            E::custom("an UploadedFile can only be read from a multipart/form-data body, and once")
        })
    }

    /// Other formats end up here, and values that serde has buffered.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<UploadedFile, D::Error> {
        if LENT.with_borrow(Option::is_none) {
            return Err(D::Error::custom("an UploadedFile can only be read from a multipart/form-data body"));
        }
        deserializer.deserialize_u64(self)
    }
}
