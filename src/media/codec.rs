use std::{fmt, io::Write, sync::Arc};

use mime::Mime;
use serde::{Serialize, de::Deserializer};

/// A parser of your own: reads request bodies of one media type into any `Deserialize` type.
///
/// ```
/// use actix_charter::media::{ParseError, Parser, Target};
///
/// /// `application/x-ndjson`'s first line.
/// #[derive(Debug)]
/// struct FirstLine;
///
/// impl Parser for FirstLine {
///     fn media_type(&self) -> &str {
///         "application/x-ndjson"
///     }
///
///     fn parse(&self, body: &[u8], target: &mut Target<'_>) -> Result<(), ParseError> {
///         let line = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
///         target.read(&mut serde_json::Deserializer::from_slice(line))
///     }
/// }
/// ```
pub trait Parser: fmt::Debug + Send + Sync + 'static {
    /// The media type, without parameters: `application/xml`. A type such as `text/*` takes all of them.
    fn media_type(&self) -> &str;

    /// Reads `body` by handing a serde deserializer to `target`.
    ///
    /// # Errors
    /// [`ParseError`] when the body is not of this media type or does not fit the target.
    fn parse(&self, body: &[u8], target: &mut Target<'_>) -> Result<(), ParseError>;
}

/// What a [`Parser`] reads into.
pub struct Target<'a> {
    #[allow(clippy::type_complexity, reason = "the one place where the erased signature is spelled")]
    read: &'a mut dyn FnMut(&mut dyn erased_serde::Deserializer<'_>) -> Result<(), erased_serde::Error>,
}

impl<'a> Target<'a> {
    #[allow(clippy::type_complexity, reason = "the one place where the erased signature is spelled")]
    pub(crate) fn new(
        read: &'a mut dyn FnMut(&mut dyn erased_serde::Deserializer<'_>) -> Result<(), erased_serde::Error>,
    ) -> Self {
        Self { read }
    }

    /// Reads the value from a deserializer. Call it once.
    ///
    /// # Errors
    /// Whatever the deserializer or the type says, as a [`ParseError`].
    pub fn read<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), ParseError> {
        let mut erased = <dyn erased_serde::Deserializer<'_>>::erase(deserializer);
        (self.read)(&mut erased).map_err(ParseError::new)
    }
}

impl fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").finish_non_exhaustive()
    }
}

/// A body that could not be read. Its text goes to the log; the client is told only what is safe to tell.
#[derive(Debug)]
pub struct ParseError {
    message: String,
}

impl ParseError {
    /// An error with this text.
    pub fn new(error: impl fmt::Display) -> Self {
        Self { message: error.to_string() }
    }

    /// The text, as the parser wrote it; may hold parts of the body.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}

/// A renderer of your own: writes any `Serialize` value as one media type.
///
/// ```
/// use actix_charter::media::{RenderError, Renderer};
///
/// /// JSON for people.
/// #[derive(Debug)]
/// struct Pretty;
///
/// impl Renderer for Pretty {
///     fn media_type(&self) -> &str {
///         "application/x-pretty+json"
///     }
///
///     fn render(&self, value: &dyn erased_serde::Serialize, out: &mut Vec<u8>) -> Result<(), RenderError> {
///         serde_json::to_writer_pretty(out, value).map_err(RenderError::new)
///     }
/// }
/// ```
pub trait Renderer: fmt::Debug + Send + Sync + 'static {
    /// The media type, as it stands in `Content-Type`.
    fn media_type(&self) -> &str;

    /// Appends the rendered value to `out`.
    ///
    /// # Errors
    /// [`RenderError`] when the value cannot be written; it becomes a 500 and a line in the log.
    fn render(&self, value: &dyn erased_serde::Serialize, out: &mut Vec<u8>) -> Result<(), RenderError>;
}

/// A value that could not be rendered.
#[derive(Debug)]
pub struct RenderError {
    message: String,
}

impl RenderError {
    /// An error with this text.
    pub fn new(error: impl fmt::Display) -> Self {
        Self { message: error.to_string() }
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RenderError {}

/// How answers are written. JSON and MessagePack are called directly; your own go through `dyn`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Rendering {
    /// `application/json`.
    Json,
    /// `application/msgpack`, maps with names.
    #[cfg(feature = "msgpack")]
    MsgPack,
    /// A renderer of the application's own.
    Custom(Arc<dyn Renderer>),
}

impl Rendering {
    /// The media type that goes into `Content-Type`.
    #[must_use]
    pub fn media_type(&self) -> &str {
        match self {
            Self::Json => "application/json",
            #[cfg(feature = "msgpack")]
            Self::MsgPack => "application/msgpack",
            Self::Custom(renderer) => renderer.media_type(),
        }
    }

    /// Writes a value.
    ///
    /// # Errors
    /// [`RenderError`] when the value cannot be written in this media type.
    pub fn render<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), RenderError> {
        match self {
            Self::Json => serde_json::to_writer(Out(out), value).map_err(RenderError::new),
            #[cfg(feature = "msgpack")]
            Self::MsgPack => rmp_serde::encode::write_named(out, value).map_err(RenderError::new),
            Self::Custom(renderer) => renderer.render(&value, out),
        }
    }
}

impl<R: Renderer> From<R> for Rendering {
    fn from(renderer: R) -> Self {
        Self::Custom(Arc::new(renderer))
    }
}

/// Writes straight into the vector; `Vec`'s own `Write` does the same, but cannot be inlined as far.
struct Out<'a>(&'a mut Vec<u8>);

impl Write for Out<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    #[inline]
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How request bodies are read. The four of ours are called directly; your own go through `dyn`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Parsing {
    /// `application/json`, and `application/*+json`.
    Json,
    /// `application/msgpack`.
    #[cfg(feature = "msgpack")]
    MsgPack,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`.
    #[cfg(feature = "multipart")]
    Multipart,
    /// A parser of the application's own.
    Custom(Arc<dyn Parser>),
}

impl Parsing {
    /// The media type that the document names.
    #[must_use]
    pub fn media_type(&self) -> &str {
        match self {
            Self::Json => "application/json",
            #[cfg(feature = "msgpack")]
            Self::MsgPack => "application/msgpack",
            Self::Form => "application/x-www-form-urlencoded",
            #[cfg(feature = "multipart")]
            Self::Multipart => "multipart/form-data",
            Self::Custom(parser) => parser.media_type(),
        }
    }

    /// Whether this parser reads bodies of that media type; parameters do not count.
    #[must_use]
    pub fn takes(&self, content_type: &Mime) -> bool {
        let essence = content_type.essence_str();
        match self {
            Self::Json => {
                essence.eq_ignore_ascii_case("application/json")
                    || (content_type.type_() == mime::APPLICATION
                        && content_type.suffix() == Some(mime::JSON))
            }
            Self::Custom(parser) => match parser.media_type().strip_suffix("/*") {
                Some(kind) => content_type.type_().as_str().eq_ignore_ascii_case(kind),
                None => essence.eq_ignore_ascii_case(parser.media_type()),
            },
            _ => essence.eq_ignore_ascii_case(self.media_type()),
        }
    }
}

impl<P: Parser> From<P> for Parsing {
    fn from(parser: P) -> Self {
        Self::Custom(Arc::new(parser))
    }
}
