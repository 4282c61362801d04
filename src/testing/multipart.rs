use std::fmt::Write;

use bytes::{BufMut, Bytes, BytesMut};

/// A `multipart/form-data` body (RFC 7578).
///
/// ```
/// use actix_charter::testing::MultipartForm;
///
/// let form = MultipartForm::new().text("title", "Holiday").file("photo", "sea.jpg", "image/jpeg", b"\xff\xd8".as_slice());
/// # let _ = form;
/// ```
#[derive(Debug, Clone, Default)]
pub struct MultipartForm {
    body: BytesMut,
}

/// Fixed, so that requests are the same in every run; no test file has it inside.
const BOUNDARY: &str = "----actix-charter-3f7b1c9e5d2a8046";

impl MultipartForm {
    /// A form without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field with text in it.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.part(&format!("form-data; name=\"{}\"", escaped(name)), None, value.as_bytes());
        self
    }

    /// Adds a file.
    #[must_use]
    pub fn file(
        mut self,
        name: &str,
        file_name: &str,
        content_type: &str,
        content: impl AsRef<[u8]>,
    ) -> Self {
        let disposition =
            format!("form-data; name=\"{}\"; filename=\"{}\"", escaped(name), escaped(file_name));
        self.part(&disposition, Some(content_type), content.as_ref());
        self
    }

    fn part(&mut self, disposition: &str, content_type: Option<&str>, content: &[u8]) {
        let mut head = format!("--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n");
        if let Some(content_type) = content_type {
            // Writing to a string cannot fail.
            let _ = write!(head, "Content-Type: {content_type}\r\n");
        }
        head.push_str("\r\n");
        self.body.put(head.as_bytes());
        self.body.put(content);
        self.body.put(b"\r\n".as_slice());
    }

    /// The content type and the body.
    pub(super) fn finish(mut self) -> (String, Bytes) {
        self.body.put(format!("--{BOUNDARY}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={BOUNDARY}"), self.body.freeze())
    }
}

/// As browsers do it (HTML, "multipart/form-data encoding algorithm").
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
