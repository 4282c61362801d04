use std::{fmt, time::Duration};

use actix_web::http::{
    StatusCode,
    header::{CONTENT_LENGTH, HeaderMap},
};
use percent_encoding::percent_decode;

use super::{DownloadView, TestResponse, download::WithHeaders};

/// The headers that make one proxy or another send a file.
const TELLING: [&str; 5] =
    ["x-accel-redirect", "x-sendfile", "x-litespeed-location", "x-lighttpd-send-file", "x-sendfile2"];

/// The names of all orders to proxies in an answer.
pub(super) fn orders(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let is_order = |name: &str| {
        name.starts_with("x-accel-") || name == "x-sendfile-temporary" || TELLING.contains(&name)
    };
    headers.keys().map(|name| name.as_str()).filter(move |name| is_order(name))
}

/// A file that was handed over to the proxy in front, from [`TestResponse::assert_offloaded`].
///
/// ```
/// use actix_charter::testing::TestClient;
/// use actix_web::{HttpResponse, web};
///
/// # #[actix_web::main] async fn main() {
/// # let client = TestClient::configured(|config| {
/// #     config.route("/report", web::get().to(|| async {
/// #         HttpResponse::Ok()
/// #             .insert_header(("content-disposition", "attachment; filename=\"a.txt\""))
/// #             .insert_header(("x-accel-redirect", "/protected/a%20b.txt"))
/// #             .insert_header(("x-accel-limit-rate", "500000"))
/// #             .finish()
/// #     }));
/// # }).await;
/// let answer = client.get("/report").send().await;
/// answer
///     .assert_offloaded()
///     .by("X-Accel-Redirect")
///     .to("/protected/a b.txt")
///     .limit_rate(500_000)
///     .buffering(None)
///     .download()
///     .file_name("a.txt");
/// # }
/// ```
///
/// # Panics
/// All methods, at the line of the test, when it was handed over in another way than they say. The message shows the request
/// line, the status and all headers.
pub struct OffloadView<'a> {
    response: &'a TestResponse,
    header: String,
    value: &'a [u8],
}

impl TestResponse {
    /// Asserts that the answer hands a file over to the proxy in front: status 200, one header that names the file, no body, and a
    /// `Content-Length` that says so.
    ///
    /// # Panics
    /// When it does not.
    #[must_use = "say where to: `.to(..)`"]
    #[track_caller]
    pub fn assert_offloaded(&self) -> OffloadView<'_> {
        let told: Vec<_> = TELLING.into_iter().filter(|name| self.headers().contains_key(*name)).collect();
        match told[..] {
            [header] => self.offloaded_by(header),
            [] => panic!(
                "expected the file to be handed over to a proxy, but no header names one\n{}",
                WithHeaders(self)
            ),
            _ => panic!(
                "expected one header that names the file, found {}\n{}",
                told.join(", "),
                WithHeaders(self)
            ),
        }
    }

    /// As [`assert_offloaded`](Self::assert_offloaded), by a header of your own.
    ///
    /// # Panics
    /// When it does not.
    #[must_use = "say where to: `.to(..)`"]
    #[track_caller]
    pub fn assert_offloaded_by(&self, header: &str) -> OffloadView<'_> {
        self.offloaded_by(&header.to_ascii_lowercase())
    }

    #[track_caller]
    fn offloaded_by(&self, header: &str) -> OffloadView<'_> {
        let Some(value) = only(self, header) else {
            panic!("expected the header `{header}`\n{}", WithHeaders(self));
        };
        if self.status() != StatusCode::OK {
            panic!(
                "expected status 200: a proxy sends the file whatever the status says\n{}",
                WithHeaders(self)
            );
        }
        if !self.bytes().is_empty() {
            panic!("expected no body beside `{header}`\n{}", WithHeaders(self));
        }
        // The server adds it; a client in the same process sees what the application said.
        if let Some(length) = only(self, CONTENT_LENGTH.as_str())
            && length != b"0"
        {
            let length = String::from_utf8_lossy(length);
            panic!("expected `content-length: 0` beside `{header}`, found {length}\n{}", WithHeaders(self));
        }
        OffloadView { response: self, header: header.to_owned(), value }
    }

    /// Asserts that the answer has no order to any proxy, and so is sent by the application itself.
    ///
    /// # Panics
    /// When it has one.
    #[track_caller]
    pub fn assert_not_offloaded(&self) -> &Self {
        if let Some(order) = orders(self.headers()).next() {
            panic!("expected no order to a proxy, found `{order}`\n{}", WithHeaders(self));
        }
        self
    }
}

impl<'a> OffloadView<'a> {
    /// Asserts the header that names the file, such as `X-Sendfile`.
    #[track_caller]
    pub fn by(&self, header: &str) -> &Self {
        if !self.header.eq_ignore_ascii_case(header) {
            panic!("expected the file to be named by `{header}`, found `{}`\n{self}", self.header);
        }
        self
    }

    /// Asserts the file: the internal location or the path, as it stands in the header or percent-decoded.
    ///
    /// `/protected/a.txt` is also the file that nginx is told as `/protected~own/a.txt`, because the download has validators of its own,
    /// or was changed just now, as files of tests are.
    ///
    /// Which of the two the proxy takes is its own matter; [`to_exactly`](Self::to_exactly) holds to what stands there.
    #[track_caller]
    pub fn to(&self, file: impl AsRef<[u8]>) -> &Self {
        let file = file.as_ref();
        let decoded: Vec<u8> = percent_decode(self.value).collect();
        let is_nginx = self.header == "x-accel-redirect";
        let is_it =
            |told: &[u8]| told == file || (is_nginx && without_own(told).is_some_and(|told| told == file));
        if !is_it(self.value) && !is_it(&decoded) {
            panic!(
                "expected the file `{}`, found `{}`, which is `{}` decoded\n{self}",
                String::from_utf8_lossy(file),
                String::from_utf8_lossy(self.value),
                String::from_utf8_lossy(&decoded),
            );
        }
        self
    }

    /// Asserts the header's value as it stands there, encoded or not.
    #[track_caller]
    pub fn to_exactly(&self, value: impl AsRef<[u8]>) -> &Self {
        let value = value.as_ref();
        if self.value != value {
            panic!(
                "expected `{}: {}`, found `{}`\n{self}",
                self.header,
                String::from_utf8_lossy(value),
                String::from_utf8_lossy(self.value),
            );
        }
        self
    }

    /// Asserts `X-Accel-Limit-Rate`, in bytes a second; `0` is none (`off`), `None` that nothing is said.
    #[track_caller]
    pub fn limit_rate(&self, bytes_per_second: impl Into<Option<u64>>) -> &Self {
        self.order("x-accel-limit-rate", bytes_per_second.into().as_ref(), read_number)
    }

    /// Asserts `X-Accel-Buffering`; `None` that nothing is said.
    #[track_caller]
    pub fn buffering(&self, on: impl Into<Option<bool>>) -> &Self {
        self.order("x-accel-buffering", on.into().as_ref(), |value| match value {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        })
    }

    /// Asserts `X-Accel-Expires`; zero is not at all (`off`), `None` that nothing is said.
    #[track_caller]
    pub fn expires(&self, after: impl Into<Option<Duration>>) -> &Self {
        let seconds = after.into().map(|after| after.as_secs());
        self.order("x-accel-expires", seconds.as_ref(), read_number)
    }

    /// Asserts `X-Accel-Charset`, without regard to case; `None` that nothing is said.
    #[track_caller]
    pub fn charset<'c>(&self, charset: impl Into<Option<&'c str>>) -> &Self {
        let charset = charset.into().map(str::to_ascii_lowercase);
        self.order("x-accel-charset", charset.as_ref(), |value| Some(value.to_ascii_lowercase()))
    }

    /// What the client will be told about the file: its name, its type.
    #[must_use]
    #[track_caller]
    pub fn download(&self) -> DownloadView<'a> {
        self.response.assert_download()
    }

    #[track_caller]
    fn order<T: PartialEq + fmt::Debug>(
        &self,
        header: &str,
        expected: Option<&T>,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> &Self {
        let found = only(self.response, header).map(String::from_utf8_lossy);
        let value = found.as_deref().and_then(read);
        if found.is_some() != expected.is_some() || value.as_ref() != expected {
            let found = found.as_deref().unwrap_or("none");
            match expected {
                Some(expected) => panic!("expected {expected:?} in `{header}`, found `{found}`\n{self}"),
                None => panic!("expected no `{header}`, found `{found}`\n{self}"),
            }
        }
        self
    }
}

/// The same place without the mark of nginx's other location, which no location has otherwise.
fn without_own(told: &[u8]) -> Option<Vec<u8>> {
    const MARK: &[u8] = b"~own/";
    let at = told.windows(MARK.len()).position(|part| part == MARK)?;
    Some([told.get(..at)?, told.get(at + MARK.len() - 1..)?].concat())
}

fn read_number(value: &str) -> Option<u64> {
    if value == "off" { Some(0) } else { value.parse().ok() }
}

/// The only value of a header.
#[track_caller]
pub(super) fn only<'a>(response: &'a TestResponse, header: &str) -> Option<&'a [u8]> {
    let mut values = response.headers().get_all(header);
    let value = values.next();
    if values.next().is_some() {
        panic!("expected `{header}` once, found it several times\n{}", WithHeaders(response));
    }
    value.map(|value| value.as_bytes())
}

impl fmt::Display for OffloadView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        WithHeaders(self.response).fmt(f)
    }
}

impl fmt::Debug for OffloadView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffloadView").field("header", &self.header).finish_non_exhaustive()
    }
}
