use std::{fmt, ops::Range, sync::Arc};

use actix_web::web::Bytes;
use futures_util::{future::BoxFuture, stream::BoxStream};

use super::Stored;
use crate::download::{Link, LinkTerms, LocalFile, Root, Unavailable};

/// The bytes of a file, or of a part of it, as they come.
pub type ByteStream = BoxStream<'static, Result<Bytes, Box<dyn std::error::Error + Send + Sync>>>;

/// A place where files lie under keys, such as a bucket of an object store.
///
/// A key is taken as it is: no part of it is decoded, and `..` and the like are the storage's to refuse.
pub trait Storage: fmt::Debug + Send + Sync + 'static {
    /// Tells this storage from others: the cache puts it before the keys.
    fn name(&self) -> &str;

    /// What lies under the key.
    ///
    /// # Errors
    /// [`Unavailable::Missing`] when nothing does; [`Unavailable::Upstream`] and [`Unavailable::Timeout`] when the storage
    /// does not say.
    fn find<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Stored, Unavailable>>;

    /// Reads these bytes of what [`find`](Self::find) found, and fails when something else lies there by now, if the storage can tell.
    ///
    /// The stream gives these bytes and ends; what is more or less aborts the download. An [`Unavailable`] as its first item, or
    /// instead of it, is told to the client with its status; any other error counts as [`Unavailable::Upstream`].
    ///
    /// # Errors
    /// As `find`. What goes wrong later is in the stream.
    fn read<'a>(
        &'a self,
        key: &'a str,
        file: &'a Stored,
        span: Range<u64>,
    ) -> BoxFuture<'a, Result<ByteStream, Unavailable>>;

    /// Whether it makes links at all.
    fn has_links(&self) -> bool {
        false
    }

    /// A URL for this key that needs no more credentials, good for GET. `None` when this key has none.
    ///
    /// # Errors
    /// When it should give one and cannot.
    fn link<'a>(
        &'a self,
        _key: &'a str,
        _terms: LinkTerms<'a>,
    ) -> BoxFuture<'a, Result<Option<Link>, Unavailable>> {
        Box::pin(async { Ok(None) })
    }

    /// The file itself, when the storage is a directory of this machine. `None` for all others.
    fn local(&self, _key: &str) -> Option<Result<LocalFile, Unavailable>> {
        None
    }
}

/// One of several, chosen when the program starts.
impl Storage for Arc<dyn Storage> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn find<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Stored, Unavailable>> {
        (**self).find(key)
    }

    fn read<'a>(
        &'a self,
        key: &'a str,
        file: &'a Stored,
        span: Range<u64>,
    ) -> BoxFuture<'a, Result<ByteStream, Unavailable>> {
        (**self).read(key, file, span)
    }

    fn has_links(&self) -> bool {
        (**self).has_links()
    }

    fn link<'a>(
        &'a self,
        key: &'a str,
        terms: LinkTerms<'a>,
    ) -> BoxFuture<'a, Result<Option<Link>, Unavailable>> {
        (**self).link(key, terms)
    }

    fn local(&self, key: &str) -> Option<Result<LocalFile, Unavailable>> {
        (**self).local(key)
    }
}

/// A directory: keys are names below it.
impl Storage for Root {
    fn name(&self) -> &str {
        // A root's files are never put into the cache, which is another directory of the same machine.
        "directory"
    }

    fn find<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Stored, Unavailable>> {
        Box::pin(async move {
            let file = self.open(key)?;
            Ok(Stored { modified: file.modified(), ..Stored::new(file.size()) })
        })
    }

    fn read<'a>(
        &'a self,
        _: &'a str,
        _: &'a Stored,
        _: Range<u64>,
    ) -> BoxFuture<'a, Result<ByteStream, Unavailable>> {
        // `local` gives the file.
        Box::pin(async { Err(Unavailable::Failed) })
    }

    fn local(&self, key: &str) -> Option<Result<LocalFile, Unavailable>> {
        Some(self.open(key))
    }
}
