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
    entity_tag::EntityTag, kept::Called, reader_content::ReaderContent, stream_body::BoxStream,
};

/// Where the bytes come from. It is small, for it goes through many hands: what must be fetched costs more than a box.
pub(crate) enum Source {
    /// A name below a root, to be opened.
    Name(Root, PathBuf),
    /// The outcome of opening one.
    Opened(Result<LocalFile, Unavailable>, Option<(Root, PathBuf)>),
    Bytes(Bytes),
    Stream(BoxStream, Option<u64>),
    Reader(io::Result<(ReaderContent, u64)>),
    /// Something from elsewhere.
    Found(Box<(Supply, Found)>),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("path", &self.path()).finish_non_exhaustive()
    }
}

/// A source that is ready to be sent.
pub(crate) enum Ready {
    /// All that is told of it is told by the file. The root and the name are where variants may lie beside.
    File(LocalFile, Option<(Root, PathBuf)>),
    Told(Supply, Told),
}

/// What a source says of its bytes.
#[derive(Default)]
pub(crate) struct Told {
    validators: Validators,
    /// What the bytes are coded with already.
    encoding: Option<HeaderValue>,
    file_name: Option<String>,
}

impl Ready {
    pub(crate) fn file(&self) -> Option<&LocalFile> {
        match self {
            Self::File(file, _) | Self::Told(Supply::File(file), _) => Some(file),
            Self::Told(..) => None,
        }
    }

    pub(crate) fn validators(&self) -> Cow<'_, Validators> {
        match self {
            Self::File(file, _) => file.validators(),
            Self::Told(_, told) => Cow::Borrowed(&told.validators),
        }
    }

    pub(crate) fn called(&self) -> Called<'_> {
        match self {
            Self::File(file, _) => file.called(),
            Self::Told(_, told) => Called::By(told.file_name.as_deref().map(Cow::Borrowed)),
        }
    }

    pub(crate) fn encoding(&self) -> Option<HeaderValue> {
        match self {
            Self::File(..) => None,
            Self::Told(_, told) => told.encoding.clone(),
        }
    }

    pub(crate) fn into_supply(self) -> Supply {
        match self {
            Self::File(file, _) => Supply::File(file),
            Self::Told(supply, _) => supply,
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
        if let Self::Found(found) = self {
            return found.1.file_name.clone();
        }
        Some(self.path()?.file_name()?.to_string_lossy().into_owned())
    }

    /// Whether it may come to a file of this machine.
    pub(crate) fn may_be_file(&self) -> bool {
        match self {
            Self::Name(..) | Self::Opened(..) => true,
            Self::Found(found) => matches!(found.0, Supply::File(_)),
            Self::Bytes(_) | Self::Stream(..) | Self::Reader(_) => false,
        }
    }

    fn path(&self) -> Option<&Path> {
        match self {
            Self::Name(_, name) | Self::Opened(_, Some((_, name))) => Some(name),
            Self::Opened(Ok(file), None) => Some(file.path()),
            _ => None,
        }
    }

    /// `now`: a file is to be as it is, whatever its root says of keeping files open.
    ///
    /// # Errors
    /// When there is nothing to send.
    pub(crate) fn ready(self, wants_tag: bool, now: bool) -> Result<Ready, Unavailable> {
        let (file, beside) = match self {
            Self::Name(root, name) if now => (root.open_anew(&name, false), Some((root, name))),
            Self::Name(root, name) => (root.open_for_answer(&name), Some((root, name))),
            Self::Opened(file, beside) => (file, beside),
            other => return other.told(wants_tag),
        };
        Ok(Ready::File(file?, beside))
    }

    /// As [`ready`](Self::ready), for all but local files.
    fn told(self, wants_tag: bool) -> Result<Ready, Unavailable> {
        let mut told = Told::default();
        let supply = match self {
            Self::Name(..) | Self::Opened(..) => return Err(Unavailable::Failed),
            Self::Bytes(bytes) => {
                told.validators.etag = if wants_tag { digest_tag(&bytes) } else { None };
                Supply::Bytes(bytes)
            }
            Self::Stream(stream, length) => Supply::Stream(stream, length),
            Self::Reader(reader) => {
                let (reader, size) = reader.map_err(|error| {
                    tracing::error!(target: "actix_charter::download", %error, "a reader cannot be measured");
                    Unavailable::Failed
                })?;
                Supply::Content(Box::new(reader), size)
            }
            Self::Found(found) => {
                let (supply, found) = *found;
                let Found { validators, encoding, file_name, .. } = found;
                told = Told { validators, encoding, file_name };
                supply
            }
        };
        Ok(Ready::Told(supply, told))
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

/// Bytes that lie in memory have no other mark than themselves.
pub(crate) fn digest_tag(bytes: &[u8]) -> Option<EntityTag> {
    let digest = Sha256::digest(bytes);
    EntityTag::strong(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>())
}
