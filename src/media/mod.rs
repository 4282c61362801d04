//! Media types: how bodies are read and written, and how both are negotiated.

mod codec;

pub use codec::{ParseError, Parser, Parsing, RenderError, Renderer, Rendering, Target};
