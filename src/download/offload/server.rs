use actix_web::http::header::{
    ACCEPT_RANGES, HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, X_CONTENT_TYPE_OPTIONS,
};

use super::{Encoding, OffloadError, rule::Target};

/// Whose configuration a fragment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Nginx,
    Apache,
    Lighttpd,
    Caddy,
    Unknown,
}

/// What one server does, as data. The facts are held to by `tests/proxies`.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) language: Language,
    /// The header that names the file.
    pub(super) header: HeaderName,
    pub(super) target: Target,
    pub(super) encoding: Encoding,
    /// Reads `X-Accel-Limit-Rate`, `-Buffering`, `-Expires` and `-Charset`.
    pub(super) accelerates: bool,
    /// Passes `Content-Encoding` on. Without it an encoded file would arrive unlabelled.
    pub(super) keeps_encoding: bool,
    /// Tells validators of its own, which hold for the bytes that it sends, where it is not told the application's.
    pub(super) tells_validators: bool,
    /// Makes up a validator that is wrong where the application sends none.
    pub(super) needs_etag: bool,
    /// Sends ranges of files, and leaves it to the application to say so.
    pub(super) is_silent_on_ranges: bool,
    /// Ends an answer of unknown length that broke off as if it were whole.
    pub(super) loses_breaks: bool,
    /// What it adds by itself, and would send twice.
    pub(super) adds: Vec<HeaderName>,
    /// Conditions that it judges again, by the file's own time and tag, and so differently than the application.
    pub(super) judges: Vec<HeaderName>,
    /// The most bytes of an answer's headers.
    pub(super) max_header_size: usize,
}

/// nginx keeps the headers in one buffer of a page (`proxy_buffer_size`). What middleware adds later must fit too.
const ONE_PAGE: usize = 3_584;
/// Apache and lighttpd take 8 KiB a line or more.
const TWO_PAGES: usize = 7_168;

impl Server {
    /// Whether it would judge this request by its own lights.
    pub(super) fn judges(&self, headers: &HeaderMap) -> bool {
        self.judges.iter().any(|condition| {
            // No server looks at the time where there is a tag (RFC 9110 §13.2.2).
            headers.contains_key(condition)
                && (condition != IF_MODIFIED_SINCE || !headers.contains_key(IF_NONE_MATCH))
        })
    }

    pub(super) fn nginx() -> Self {
        Self {
            language: Language::Nginx,
            header: HeaderName::from_static("x-accel-redirect"),
            target: Target::Location,
            encoding: Encoding::Percent,
            accelerates: true,
            keeps_encoding: false,
            tells_validators: true,
            needs_etag: false,
            is_silent_on_ranges: false,
            loses_breaks: false,
            adds: vec![ACCEPT_RANGES],
            judges: vec![IF_MATCH, IF_UNMODIFIED_SINCE],
            max_header_size: ONE_PAGE,
        }
    }

    pub(super) fn apache() -> Self {
        Self {
            language: Language::Apache,
            header: HeaderName::from_static("x-sendfile"),
            target: Target::Directory,
            encoding: Encoding::Raw,
            accelerates: false,
            keeps_encoding: false,
            tells_validators: false,
            // Its own is "0" for every file: a client that holds any file would be told that nothing has changed.
            needs_etag: true,
            is_silent_on_ranges: true,
            loses_breaks: false,
            adds: Vec::new(),
            judges: Vec::new(),
            max_header_size: TWO_PAGES,
        }
    }

    pub(super) fn lighttpd() -> Self {
        Self {
            language: Language::Lighttpd,
            encoding: Encoding::PercentText,
            keeps_encoding: true,
            needs_etag: false,
            is_silent_on_ranges: false,
            // 1.4.69, when the break comes before it has passed on the first bytes.
            loses_breaks: true,
            adds: vec![ACCEPT_RANGES],
            judges: vec![IF_MODIFIED_SINCE],
            ..Self::apache()
        }
    }

    pub(super) fn caddy() -> Self {
        Self {
            language: Language::Caddy,
            encoding: Encoding::RawUri,
            accelerates: false,
            tells_validators: false,
            // Before 2.7.6, always.
            loses_breaks: true,
            judges: vec![IF_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE],
            max_header_size: TWO_PAGES,
            ..Self::nginx()
        }
    }

    pub(super) fn litespeed() -> Self {
        Self {
            language: Language::Unknown,
            header: HeaderName::from_static("x-litespeed-location"),
            accelerates: false,
            tells_validators: false,
            judges: vec![IF_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE],
            ..Self::nginx()
        }
    }

    pub(super) fn custom(header: &str, encoding: Encoding, target: Target) -> Result<Self, OffloadError> {
        let name = HeaderName::try_from(header)
            .ok()
            .filter(|name| name.as_str().starts_with("x-") && name != X_CONTENT_TYPE_OPTIONS)
            .ok_or_else(|| OffloadError::Header { header: header.to_owned() })?;
        Ok(Self { header: name, encoding, target, ..Self::litespeed() })
    }
}

/// What stands in the tag by which nginx tells a file of that length, changed so many seconds after 1970 the last time.
pub(super) fn told_tag(seconds: u64, length: u64) -> String {
    format!("{seconds:x}-{length:x}")
}

/// Whether this header is an order to some proxy. Only an [`Offload`](super::Offload) gives orders.
pub(super) fn is_order(name: &str) -> bool {
    name.starts_with("x-accel-")
        || matches!(
            name,
            "x-sendfile"
                | "x-sendfile2"
                | "x-sendfile-temporary"
                | "x-lighttpd-send-file"
                | "x-litespeed-location"
                | "x-download-url"
                | "x-download-authorization"
                | "x-download-cache-control"
                | "x-download-content-disposition"
                | "x-download-expires"
        )
}
