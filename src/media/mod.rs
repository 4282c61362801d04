//! Media types: how bodies are read and written, and how both are negotiated.

mod accept;
mod codec;
mod content_type;
mod media_type;

pub use codec::{ParseError, Parser, Parsing, RenderError, Renderer, Rendering, Target};

#[allow(unused_imports, reason = "the endpoint's pipeline uses them")]
pub(crate) use accept::{Choice, Offers};
#[allow(unused_imports, reason = "the endpoint's pipeline uses them")]
pub(crate) use content_type::{UnsupportedMediaType, choose_parser};
