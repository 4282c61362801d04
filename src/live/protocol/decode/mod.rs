//! What comes in.

mod bad_frame;
mod commands;
mod json;
mod limits;
mod protobuf;
mod text;

pub use bad_frame::BadFrame;
pub use commands::Commands;
pub use limits::Limits;
pub use text::is_json;
