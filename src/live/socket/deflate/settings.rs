/// How sockets are compressed when the client asks for it. Off unless given to
/// [`SocketSettings::deflate`](crate::live::socket::SocketSettings::deflate).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Deflate {
    pub(in super::super) client_context: bool,
    pub(in super::super) smallest: usize,
}

impl Default for Deflate {
    fn default() -> Self {
        Self::new()
    }
}

impl Deflate {
    /// No context is kept in either direction; messages under 128 bytes go as they are.
    #[must_use]
    pub fn new() -> Self {
        Self { client_context: false, smallest: 128 }
    }

    /// Lets clients keep their compressor's context between messages. They compress better; each connection then costs a
    /// window of up to 32 KiB here.
    #[must_use]
    pub fn client_context(mut self, is_kept: bool) -> Self {
        self.client_context = is_kept;
        self
    }

    /// Messages shorter than this many bytes are not compressed.
    #[must_use]
    pub fn smallest(mut self, bytes: usize) -> Self {
        self.smallest = bytes;
        self
    }
}
