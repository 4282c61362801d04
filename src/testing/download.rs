use std::{fmt, ops::RangeInclusive};

use actix_web::http::{
    StatusCode,
    header::{CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE},
};
use percent_encoding::percent_decode_str;

use super::{TestResponse, response::Excerpt};

/// A file that was answered, from [`TestResponse::assert_download`].
///
/// ```
/// use actix_charter::testing::TestClient;
/// use actix_web::{HttpResponse, web};
///
/// # #[actix_web::main] async fn main() {
/// # let client = TestClient::configured(|config| {
/// #     config.route("/report", web::get().to(|| async {
/// #         HttpResponse::Ok()
/// #             .content_type("text/csv; charset=utf-8")
/// #             .insert_header(("content-disposition", "attachment; filename=\"resume.csv\"; filename*=UTF-8''r%C3%A9sum%C3%A9.csv"))
/// #             .body("a,b\n")
/// #     }));
/// # }).await;
/// let answer = client.get("/report").send().await;
/// answer
///     .assert_download()
///     .attachment()
///     .file_name("résumé.csv")
///     .media_type("text/csv")
///     .charset("utf-8")
///     .whole()
///     .content("a,b\n");
/// # }
/// ```
///
/// # Panics
/// All methods, at the line of the test, when it is another file than they say. The message shows the request line, the status and
/// all headers.
pub struct DownloadView<'a> {
    response: &'a TestResponse,
    disposition: Disposition,
}

/// `Content-Disposition`, read as RFC 6266 §4 has it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Disposition {
    kind: String,
    /// `filename`.
    plain: Option<String>,
    /// `filename*`, decoded.
    extended: Option<String>,
}

impl TestResponse {
    /// Asserts that the answer is a file, or a part of one: 200 or 206 with a `Content-Disposition` that can be read.
    ///
    /// It may have been handed over to a proxy; then all but its content can be asserted here.
    ///
    /// # Panics
    /// When it is not.
    #[must_use = "say what the download is: `.file_name(..)`, `.content(..)`"]
    #[track_caller]
    pub fn assert_download(&self) -> DownloadView<'_> {
        if !matches!(self.status(), StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
            panic!("expected a download: status 200, or 206 for a part\n{}", WithHeaders(self));
        }
        let mut fields = self.headers().get_all(CONTENT_DISPOSITION);
        let (first, second) = (fields.next(), fields.next());
        let Some(first) = first else {
            panic!("expected a download, but there is no `content-disposition`\n{}", WithHeaders(self));
        };
        if second.is_some() {
            panic!("expected one `content-disposition`, found more\n{}", WithHeaders(self));
        }
        match first.to_str().ok().and_then(Disposition::read) {
            Some(disposition) => DownloadView { response: self, disposition },
            None => panic!("the `content-disposition` is malformed (RFC 6266)\n{}", WithHeaders(self)),
        }
    }
}

impl DownloadView<'_> {
    /// Asserts that it is to be kept as a file.
    #[track_caller]
    pub fn attachment(&self) -> &Self {
        self.kind("attachment")
    }

    /// Asserts that it is to be shown.
    #[track_caller]
    pub fn inline(&self) -> &Self {
        self.kind("inline")
    }

    #[track_caller]
    fn kind(&self, kind: &str) -> &Self {
        // RFC 6266 §4.2: other words count as `attachment`; here that would hide a mistake.
        if !self.disposition.kind.eq_ignore_ascii_case(kind) {
            panic!("expected the disposition `{kind}`, found `{}`\n{self}", self.disposition.kind);
        }
        self
    }

    /// Asserts the name that a client gives the file: that of `filename*`, decoded, else that of `filename`.
    #[track_caller]
    pub fn file_name(&self, name: &str) -> &Self {
        let found = self.disposition.extended.as_deref().or(self.disposition.plain.as_deref());
        if found != Some(name) {
            panic!("expected the file name {name:?}, found {}\n{self}", Named(found));
        }
        self
    }

    /// Asserts the name for clients that know `filename` only.
    #[track_caller]
    pub fn fallback_name(&self, name: &str) -> &Self {
        let found = self.disposition.plain.as_deref();
        if found != Some(name) {
            panic!("expected `filename` to be {name:?}, found {}\n{self}", Named(found));
        }
        self
    }

    /// Asserts that no name is said.
    #[track_caller]
    pub fn nameless(&self) -> &Self {
        let found = self.disposition.extended.as_deref().or(self.disposition.plain.as_deref());
        if found.is_some() {
            panic!("expected no file name, found {}\n{self}", Named(found));
        }
        self
    }

    /// Asserts the media type; parameters do not count. Of several ranges it is the type of every part.
    #[track_caller]
    pub fn media_type(&self, media_type: &str) -> &Self {
        for found in self.types() {
            let essence = found.split(';').next().unwrap_or_default().trim();
            if !essence.eq_ignore_ascii_case(media_type) {
                panic!("expected the media type `{media_type}`, found `{found}`\n{self}");
            }
        }
        self
    }

    /// Asserts the `charset` of the media type.
    #[track_caller]
    pub fn charset(&self, charset: &str) -> &Self {
        for found in self.types() {
            let value = found.split(';').skip(1).find_map(|parameter| {
                let (name, value) = parameter.split_once('=')?;
                name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
            });
            if !value.is_some_and(|value| value.eq_ignore_ascii_case(charset)) {
                panic!("expected the charset `{charset}`, found `{found}`\n{self}");
            }
        }
        self
    }

    #[track_caller]
    fn types(&self) -> Vec<String> {
        match self.parts() {
            Some(parts) => parts.into_iter().map(|part| part.media_type).collect(),
            None => vec![self.response.header(CONTENT_TYPE.as_str()).unwrap_or_default().to_owned()],
        }
    }

    /// Asserts that all of the file was sent.
    #[track_caller]
    pub fn whole(&self) -> &Self {
        if self.response.status() != StatusCode::OK || self.response.headers().contains_key(CONTENT_RANGE) {
            panic!("expected the whole file, found a part of it\n{self}");
        }
        self
    }

    /// Asserts that this part was sent, of a file of `size` bytes: `range(7..=11, 13)`. Both ends are within.
    #[track_caller]
    pub fn range(&self, range: RangeInclusive<u64>, size: u64) -> &Self {
        let expected = content_range(&range, size);
        let found = self.response.header(CONTENT_RANGE.as_str());
        if self.response.status() != StatusCode::PARTIAL_CONTENT || found != Some(expected.as_str()) {
            panic!("expected the range `{expected}`, found {}\n{self}", Named(found));
        }
        let length = range.end().saturating_sub(*range.start()).saturating_add(1);
        let body = self.response.bytes();
        // The answer to HEAD has none, and a proxy cuts the part out of what it was handed.
        if !body.is_empty() && body.len() as u64 != length {
            panic!("expected {length} bytes, found {}\n{self}", body.len());
        }
        self
    }

    /// Asserts that these parts were sent, in this order, as `multipart/byteranges` (RFC 9110 §14.6).
    #[track_caller]
    pub fn ranges(&self, ranges: &[RangeInclusive<u64>], size: u64) -> &Self {
        let Some(parts) = self.parts() else {
            panic!("expected {} ranges in `multipart/byteranges`\n{self}", ranges.len());
        };
        let expected: Vec<_> = ranges.iter().map(|range| content_range(range, size)).collect();
        let found: Vec<_> = parts.iter().map(|part| part.range.clone()).collect();
        if self.response.status() != StatusCode::PARTIAL_CONTENT || found != expected {
            panic!("expected the ranges {expected:?}, found {found:?}\n{self}");
        }
        for (part, range) in parts.iter().zip(ranges) {
            let length = range.end().saturating_sub(*range.start()).saturating_add(1);
            if part.content.len() as u64 != length {
                panic!("expected {length} bytes for `{}`, found {}\n{self}", part.range, part.content.len());
            }
        }
        self
    }

    /// Asserts what was sent, byte by byte; of several ranges, what they hold one after another.
    #[track_caller]
    pub fn content(&self, content: impl AsRef<[u8]>) -> &Self {
        let expected = content.as_ref();
        let joined =
            self.parts().map(|parts| parts.into_iter().flat_map(|part| part.content).collect::<Vec<_>>());
        let found = joined.as_deref().unwrap_or(self.response.bytes());
        if found == expected {
            return self;
        }
        if super::offloaded::orders(self.response.headers()).next().is_some() {
            panic!("expected content, but the file was handed over to a proxy\n{self}");
        }
        let same = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
        panic!(
            "expected the content `{}` of {} bytes, found {}; they differ from byte {same} on\n{self}",
            Excerpt(expected),
            expected.len(),
            found.len(),
        );
    }

    /// The parts of `multipart/byteranges`.
    #[track_caller]
    fn parts(&self) -> Option<Vec<Part>> {
        let media_type: mime::Mime = self.response.header(CONTENT_TYPE.as_str())?.parse().ok()?;
        if media_type.essence_str() != "multipart/byteranges" {
            return None;
        }
        let boundary = media_type.get_param("boundary").map(|boundary| boundary.as_str().to_owned());
        match boundary.and_then(|boundary| Part::read_all(self.response.bytes(), &boundary)) {
            Some(parts) => Some(parts),
            None => panic!("the `multipart/byteranges` body is malformed\n{self}"),
        }
    }
}

fn content_range(range: &RangeInclusive<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", range.start(), range.end())
}

/// One part of `multipart/byteranges`.
struct Part {
    media_type: String,
    range: String,
    content: Vec<u8>,
}

impl Part {
    fn read_all(body: &[u8], boundary: &str) -> Option<Vec<Self>> {
        let opening = format!("--{boundary}\r\n");
        let between = format!("\r\n--{boundary}");
        let mut rest = body.strip_prefix(b"\r\n").unwrap_or(body).strip_prefix(opening.as_bytes())?;
        let mut parts = Vec::new();
        loop {
            let (head, after) = split(rest, b"\r\n\r\n")?;
            let head = std::str::from_utf8(head).ok()?;
            let field = |wanted: &str| {
                head.split("\r\n").find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
                })
            };
            let (content, after) = split(after, between.as_bytes())?;
            let media_type = field("content-type").unwrap_or_default();
            parts.push(Self { media_type, range: field("content-range")?, content: content.to_vec() });
            if after.starts_with(b"--") {
                return Some(parts);
            }
            rest = after.strip_prefix(b"\r\n")?;
        }
    }
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    Some((bytes.get(..place)?, bytes.get(place + at.len()..)?))
}

impl Disposition {
    /// `None` when it is malformed: a client may take any name from it then.
    fn read(value: &str) -> Option<Self> {
        let (kind, mut rest) = value.split_at(value.find(';').unwrap_or(value.len()));
        let mut read = Self { kind: kind.trim().to_owned(), ..Self::default() };
        if !is_token(&read.kind) {
            return None;
        }
        while let Some(after) = rest.trim_start().strip_prefix(';') {
            let (name, after) = after.split_once('=')?;
            let (name, after) = (name.trim().to_ascii_lowercase(), after.trim_start());
            let (value, after) = parameter(after)?;
            let place = match name.as_str() {
                "filename" => &mut read.plain,
                "filename*" => &mut read.extended,
                other if is_token(other) => {
                    rest = after;
                    continue;
                }
                _ => return None,
            };
            let value = if name.ends_with('*') { extended(&value)? } else { value };
            if place.replace(value).is_some() {
                return None;
            }
            rest = after;
        }
        rest.trim().is_empty().then_some(read)
    }
}

/// A token or a quoted string, and what follows it.
fn parameter(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (token, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        let token = token.trim();
        return is_token(token).then(|| (token.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((place, char)) = chars.next() {
        match char {
            '"' => return Some((value, quoted.get(place + 1..)?)),
            '\\' => value.push(chars.next()?.1),
            char => value.push(char),
        }
    }
    None
}

/// RFC 8187 §3.2: `UTF-8'en'%C3%A9`.
fn extended(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    let bytes = percent_decode_str(encoded);
    if charset.eq_ignore_ascii_case("utf-8") {
        return bytes.decode_utf8().ok().map(|text| text.into_owned());
    }
    charset.eq_ignore_ascii_case("iso-8859-1").then(|| bytes.map(char::from).collect())
}

/// RFC 9110 §5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

struct Named<'a>(Option<&'a str>);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(name) => write!(f, "{name:?}"),
            None => f.write_str("none"),
        }
    }
}

/// Request line, status, all headers, and the start of the body: for answers of which the headers are the point.
pub(super) struct WithHeaders<'a>(pub(super) &'a TestResponse);

impl fmt::Display for WithHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TestResponse { method, target, received } = self.0;
        write!(f, "  {method} {target} -> {}", received.status)?;
        let mut fields: Vec<_> = received.headers.iter().collect();
        fields.sort_by_key(|(name, _)| name.as_str());
        for (name, value) in fields {
            write!(f, "\n  {name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        if received.body.is_empty() {
            return f.write_str("\n  (no body)");
        }
        write!(f, "\n{}", Excerpt(&received.body))
    }
}

impl fmt::Display for DownloadView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        WithHeaders(self.response).fmt(f)
    }
}

impl fmt::Debug for DownloadView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadView").field("disposition", &self.disposition).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<(String, Option<String>, Option<String>)> {
        Disposition::read(value).map(|read| (read.kind, read.plain, read.extended))
    }

    #[test]
    fn dispositions_are_read_as_the_rfc_has_them() {
        let some = |text: &str| Some(text.to_owned());
        for (value, kind, plain, extended) in [
            ("attachment", "attachment", None, None),
            ("INLINE; FileName=a.txt", "INLINE", some("a.txt"), None),
            ("attachment; filename=\"a;b \\\"c\\\\.txt\"", "attachment", some("a;b \"c\\.txt"), None),
            (
                "attachment ;filename = \"x\" ; filename*= utf-8'en'%c3%a9;x=1",
                "attachment",
                some("x"),
                some("é"),
            ),
            ("attachment; filename*=ISO-8859-1''%e9", "attachment", None, some("é")),
        ] {
            assert_eq!(read(value), Some((kind.to_owned(), plain, extended)), "{value}");
        }
        for malformed in [
            "",
            ";filename=a",
            "attachment; filename=a b.txt",
            "attachment; filename=\"a",
            "attachment; filename=a; filename=b",
            "attachment; filename",
            "attachment; filename=",
            "attachment; filename=\"a\" b",
            "attachment; filename*=UTF-8''%FF",
            "attachment; filename*=a.txt",
            "attachment; filename*=KOI8-R''a",
        ] {
            assert_eq!(read(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn parts_are_read() {
        let body = b"--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/9\r\n\r\n\r\r\n--b\r\ncontent-range: bytes 2-3/9\r\n\r\n\r\n\r\n--b--\r\n";
        let parts = Part::read_all(body, "b").unwrap();
        let parts: Vec<_> = parts.iter().map(|part| (part.range.as_str(), &part.content[..])).collect();
        assert_eq!(parts, [("bytes 0-0/9", &b"\r"[..]), ("bytes 2-3/9", b"\r\n")]);
        for broken in [&body[..20], &body[..body.len() - 5], b"", b"--b--\r\n"] {
            assert!(Part::read_all(broken, "b").is_none());
        }
    }
}
