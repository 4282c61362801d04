use std::{borrow::Cow, time::SystemTime};

use actix_web::web::Bytes;

/// A row of a database that stands for a file: what its columns know about it.
///
/// Only the content must be told. What else the row tells counts over what the storage says, and can be overruled by the
/// handler. Send it with [`Download::row`](crate::download::Download::row).
pub trait FileRow {
    /// Where the bytes are.
    fn content(&self) -> RowContent;

    /// The name for the client. Default: the last part of the key.
    fn file_name(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// The value of `Content-Type`. One that cannot be sent is passed over.
    fn media_type(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// The length of what lies in the storage, in bytes. A row that tells this and the [`etag`](Self::etag) spares a question to
    /// the storage; then nothing is taken from there but the bytes, and a type or a time that the row does not tell is not
    /// told. An object that lies compressed, with a `Content-Encoding`, must be asked for: tell no size.
    fn size(&self) -> Option<u64> {
        None
    }

    /// When the content was last changed.
    fn modified(&self) -> Option<SystemTime> {
        None
    }

    /// What [bytes in the row](RowContent::Bytes) are called in the cache of the [`Delivery`](crate::download::Delivery), if it has one:
    /// kept there once, they can be handed to the server in front. Say in it whatever the bytes depend on, such as the table and
    /// the row's key. Default: they are not kept, for they are in memory already.
    fn cache_key(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// The entity tag: `v7` and `"v7"` are the same strong one. It must change with every change of the content, such as a
    /// version number or a digest does. One that cannot be sent is passed over.
    fn etag(&self) -> Option<Cow<'_, str>> {
        None
    }
}

impl<R: FileRow + ?Sized> FileRow for &R {
    fn content(&self) -> RowContent {
        (**self).content()
    }

    fn file_name(&self) -> Option<Cow<'_, str>> {
        (**self).file_name()
    }

    fn media_type(&self) -> Option<Cow<'_, str>> {
        (**self).media_type()
    }

    fn size(&self) -> Option<u64> {
        (**self).size()
    }

    fn modified(&self) -> Option<SystemTime> {
        (**self).modified()
    }

    fn cache_key(&self) -> Option<Cow<'_, str>> {
        (**self).cache_key()
    }

    fn etag(&self) -> Option<Cow<'_, str>> {
        (**self).etag()
    }
}

/// Where a row's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowContent {
    /// Under this key of the storage. An empty one is no file.
    Key(String),
    /// In the row itself.
    Bytes(Bytes),
}
