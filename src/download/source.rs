use std::{
    borrow::Cow,
    fmt, io,
    ops::Range,
    path::{Path, PathBuf},
};

use actix_web::http::header::HeaderValue;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{
    LocalFile, Root, Unavailable, away::Found, condition::Validators, content::Content,
    entity_tag::EntityTag, kept::Called, reader_content::ReaderContent, seconds, stream_body::BoxStream,
};

/// Where the bytes come from.
#[allow(
    clippy::large_enum_variant,
    reason = "it lives as long as one answer is made; a box would cost each an allocation"
)]
pub(crate) enum Source {
    /// A name below a root, to be opened.
    Name(Root, PathBuf),
    /// The outcome of opening one.
    Opened(Result<LocalFile, Unavailable>, Option<(Root, PathBuf)>),
    Bytes(Bytes),
    Stream(BoxStream, Option<u64>),
    Reader(io::Result<(ReaderContent, u64)>),
    /// Something from elsewhere.
    Found(Supply, Found),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("path", &self.path()).finish_non_exhaustive()
    }
}

/// A source that is ready to be sent.
pub(crate) struct Ready {
    pub(crate) supply: Supply,
    pub(crate) validators: Validators,
    /// What the bytes are coded with already.
    pub(crate) encoding: Option<HeaderValue>,
    /// The root and the name, where variants may lie beside.
    pub(crate) beside: Option<(Root, PathBuf)>,
    pub(crate) naming: Naming,
}

/// Where a source's name comes from.
pub(crate) enum Naming {
    /// It is the file's.
    OfFile,
    /// The source tells it, or has none.
    Told(Option<String>),
}

impl Naming {
    pub(crate) fn called<'a>(&'a self, supply: &'a Supply) -> Called<'a> {
        match (self, supply) {
            (Self::Told(file_name), _) => Called::By(file_name.as_deref().map(Cow::Borrowed)),
            (Self::OfFile, Supply::File(file)) => file.called(),
            (Self::OfFile, _) => Called::By(None),
        }
    }
}

pub(crate) enum Supply {
    File(LocalFile),
    Bytes(Bytes),
    Stream(BoxStream, Option<u64>),
    Content(Box<dyn Content>, u64),
    /// As `Stream`, with validators that hold for these very bytes, and perhaps a source that would give parts if asked.
    #[cfg_attr(
        not(any(feature = "http-source", feature = "download-cache")),
        expect(dead_code, reason = "what is fetched over HTTP, or kept")
    )]
    Remote {
        stream: BoxStream,
        length: Option<u64>,
        ranges: bool,
    },
    /// None of the bytes that `Range` asks for, out of so many, as its source says.
    #[cfg_attr(not(feature = "http-source"), expect(dead_code, reason = "what is fetched over HTTP"))]
    Nothing(u64),
    #[cfg_attr(not(feature = "http-source"), expect(dead_code, reason = "what is fetched over HTTP"))]
    /// The one part that was asked for, and the length of the whole. Its source has judged `Range` and `If-Range`.
    Part(BoxStream, Range<u64>, u64),
}

impl Source {
    /// What the source itself is called.
    #[cfg(feature = "download-cache")]
    pub(crate) fn file_name(&self) -> Option<String> {
        if let Self::Found(_, found) = self {
            return found.file_name.clone();
        }
        Some(self.path()?.file_name()?.to_string_lossy().into_owned())
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Self::Name(_, name) | Self::Opened(_, Some((_, name))) => Some(name),
            Self::Opened(Ok(file), None) => Some(file.path()),
            _ => None,
        }
    }

    /// # Errors
    /// When there is nothing to send.
    pub(crate) fn ready(self, wants_tag: bool) -> Result<Ready, Unavailable> {
        let (file, beside) = match self {
            Self::Name(root, name) => (root.open(&name), Some((root, name))),
            Self::Opened(file, beside) => (file, beside),
            other => return other.told(wants_tag),
        };
        let file = file?;
        let validators = file_validators(&file);
        Ok(Ready { supply: Supply::File(file), validators, encoding: None, beside, naming: Naming::OfFile })
    }

    /// As [`ready`](Self::ready), for all but local files.
    fn told(self, wants_tag: bool) -> Result<Ready, Unavailable> {
        let mut told = (None, None);
        let (supply, validators) = match self {
            Self::Name(..) | Self::Opened(..) => return Err(Unavailable::Failed),
            Self::Bytes(bytes) => {
                let etag = if wants_tag { digest_tag(&bytes) } else { None };
                (Supply::Bytes(bytes), Validators { etag, last_modified: None })
            }
            Self::Stream(stream, length) => (Supply::Stream(stream, length), Validators::default()),
            Self::Reader(reader) => {
                let (reader, size) = reader.map_err(|error| {
                    tracing::error!(target: "actix_charter::download", %error, "a reader cannot be measured");
                    Unavailable::Failed
                })?;
                (Supply::Content(Box::new(reader), size), Validators::default())
            }
            Self::Found(supply, found) => {
                told = (found.encoding, found.file_name);
                (supply, found.validators)
            }
        };
        let (encoding, file_name) = told;
        Ok(Ready { supply, validators, encoding, beside: None, naming: Naming::Told(file_name) })
    }
}

impl Supply {
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Self::File(file) => Some(file.size()),
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Content(_, size) | Self::Part(.., size) | Self::Nothing(size) => Some(*size),
            Self::Stream(_, length) | Self::Remote { length, .. } => *length,
        }
    }

    /// Whether any part can be read.
    pub(crate) const fn has_ranges(&self) -> bool {
        !matches!(self, Self::Stream(..) | Self::Remote { .. })
    }
}

pub(crate) fn file_validators(file: &LocalFile) -> Validators {
    let found =
        || Validators { etag: file.entity_tag(), last_modified: file.modified().and_then(seconds::whole) };
    match file.kept() {
        Some(kept) => kept.validators.get_or_init(found).clone(),
        None => found(),
    }
}

/// Bytes that lie in memory have no other mark than themselves.
pub(crate) fn digest_tag(bytes: &[u8]) -> Option<EntityTag> {
    let digest = Sha256::digest(bytes);
    EntityTag::strong(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>())
}
