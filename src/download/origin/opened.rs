use std::{ops::Range, time::Duration};

use actix_web::{
    HttpRequest,
    http::header::{HeaderValue, RANGE},
    rt::time::timeout,
};
use futures_util::stream::try_unfold;
use reqwest::{
    Response, StatusCode,
    header::{
        ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName,
        LAST_MODIFIED, TRANSFER_ENCODING,
    },
};

use super::origin::Inner;
use crate::download::{
    Unavailable,
    condition::{Conditions, Validators},
    entity_tag::EntityTag,
    range::Asked,
    source::Supply,
    stream_body::{BoxError, BoxStream},
};

/// What a remote server's answer comes to.
pub(super) enum Opened {
    File {
        supply: Supply,
        validators: Validators,
        media_type: Option<HeaderValue>,
    },
    /// Not what was asked for, or not sure to be: it must be asked for without a range.
    AskForAll,
}

/// Judges an answer to a request for all of a file.
///
/// # Errors
/// A sentence for the log, unless the file is missing.
pub(super) fn whole(response: Response, inner: &Inner, has_body: bool) -> Result<Opened, Refused> {
    status(&response, StatusCode::OK)?;
    plain(&response)?;
    let length = declared_length(&response)?;
    sized(inner, length)?;
    if has_body
        && length.is_none()
        && !response.headers().contains_key(TRANSFER_ENCODING)
        && !inner.end_at_close
    {
        return Err(Refused::For("the answer does not say where it ends"));
    }
    let ranges =
        text(&response, &ACCEPT_RANGES).is_some_and(|units| units.trim().eq_ignore_ascii_case("bytes"));
    let (validators, media_type) = (validators(&response), media_type(&response));
    let stream = stream(response, inner.stall_timeout, inner.max_size);
    Ok(Opened::File { supply: Supply::Remote { stream, length, ranges }, validators, media_type })
}

/// Judges an answer to a request for a range.
///
/// # Errors
/// As [`whole`].
pub(super) fn part(response: Response, inner: &Inner, request: &HttpRequest) -> Result<Opened, Refused> {
    let Some(range) = request.headers().get(RANGE) else { return Ok(Opened::AskForAll) };
    match response.status() {
        StatusCode::PARTIAL_CONTENT => {}
        StatusCode::RANGE_NOT_SATISFIABLE => return Ok(nothing(&response, range, request)),
        _ => return whole(response, inner, true),
    }
    plain(&response)?;
    let stated = text(&response, &CONTENT_RANGE).and_then(content_range);
    let Some((part, size)) = stated else { return Err(Refused::For("it is not said which part it is")) };
    let Some(size) = size else { return Ok(Opened::AskForAll) };
    sized(inner, Some(size))?;
    let length = part.end.saturating_sub(part.start);
    if declared_length(&response)?.is_some_and(|declared| declared != length) {
        return Err(Refused::For("the part is not as long as is said"));
    }
    let is_asked_for = match Asked::parse(range.as_bytes(), size) {
        Asked::Parts(parts) => {
            matches!(parts.as_slice(), [asked] if asked.start <= part.start && part.end <= asked.end)
        }
        Asked::Whole | Asked::Nothing => false,
    };
    if !is_asked_for || part.end > size {
        return Err(Refused::For("it is another part than the one asked for"));
    }
    let (validators, media_type) = (validators(&response), media_type(&response));
    // Not every server knows `If-Range`: the part may be one of another state than the client's.
    let now = std::time::SystemTime::now;
    if validators.range(&Conditions::of(request.head()), now).is_none() {
        return Ok(Opened::AskForAll);
    }
    let supply = Supply::Part(stream(response, inner.stall_timeout, Some(length)), part, size);
    Ok(Opened::File { supply, validators, media_type })
}

/// 416. It stands when nothing else of the request could make it another answer.
fn nothing(response: &Response, range: &HeaderValue, request: &HttpRequest) -> Opened {
    let size = text(response, &CONTENT_RANGE)
        .and_then(|value| value.trim().strip_prefix("bytes */"))
        .and_then(number)
        .filter(|size| Asked::parse(range.as_bytes(), *size) == Asked::Nothing);
    match size {
        Some(size) if !super::http_download::has_conditions(request) => Opened::File {
            supply: Supply::Nothing(size),
            validators: Validators::default(),
            media_type: None,
        },
        _ => Opened::AskForAll,
    }
}

/// Why an answer is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Missing,
    For(&'static str),
}

impl Refused {
    pub(super) const fn unavailable(self) -> Unavailable {
        match self {
            Self::Missing => Unavailable::Missing,
            Self::For(_) => Unavailable::Upstream,
        }
    }
}

fn status(response: &Response, wanted: StatusCode) -> Result<(), Refused> {
    match response.status() {
        status if status == wanted => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(Refused::Missing),
        _ => Err(Refused::For("the status is another one than 200")),
    }
}

fn plain(response: &Response) -> Result<(), Refused> {
    let only = |name: HeaderName, coding: &[u8]| {
        response.headers().get_all(name).iter().all(|value| value.as_bytes().eq_ignore_ascii_case(coding))
    };
    // Chunks are undone by now; another transfer coding is not.
    if only(CONTENT_ENCODING, b"identity") && only(TRANSFER_ENCODING, b"chunked") {
        Ok(())
    } else {
        Err(Refused::For("the answer is encoded, which it was asked not to be"))
    }
}

fn sized(inner: &Inner, length: Option<u64>) -> Result<(), Refused> {
    match (inner.max_size, length) {
        (Some(most), Some(length)) if length > most => {
            Err(Refused::For("the file is longer than is allowed"))
        }
        _ => Ok(()),
    }
}

/// What `Content-Length` says; with chunks, it says nothing (RFC 9112 §6.3).
fn declared_length(response: &Response) -> Result<Option<u64>, Refused> {
    if response.headers().contains_key(TRANSFER_ENCODING) || !response.headers().contains_key(CONTENT_LENGTH)
    {
        return Ok(None);
    }
    let length = text(response, &CONTENT_LENGTH).and_then(|length| number(length.trim()));
    length.map(Some).ok_or(Refused::For("the length is no number"))
}

/// `bytes 0-4/13`; the length of the whole may be unknown (RFC 9110 §14.4).
fn content_range(value: &str) -> Option<(Range<u64>, Option<u64>)> {
    let (span, size) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = span.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    let size = if size == "*" { None } else { Some(number(size)?) };
    (first <= last).then_some((first..last.checked_add(1)?, size))
}

fn number(digits: &str) -> Option<u64> {
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

fn validators(response: &Response) -> Validators {
    let etag = text(response, &ETAG)
        .map(str::trim)
        .filter(|tag| tag.ends_with('"') && tag.len() > 1)
        .and_then(EntityTag::written);
    let last_modified =
        text(response, &LAST_MODIFIED).and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    Validators { etag, last_modified }
}

fn media_type(response: &Response) -> Option<HeaderValue> {
    let value = text(response, &CONTENT_TYPE)?.trim();
    let _: mime::Mime = value.parse().ok()?;
    HeaderValue::from_str(value).ok()
}

/// The header's value, when it stands there once and is text.
fn text<'r>(response: &'r Response, name: &HeaderName) -> Option<&'r str> {
    let mut values = response.headers().get_all(name).into_iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The body, read when it is asked for. Dropping it closes the connection to the server.
///
/// It fails with [`Unavailable`]: before the first byte that is an answer yet.
fn stream(response: Response, stall: Duration, most: Option<u64>) -> BoxStream {
    let host = response.url().host_str().unwrap_or_default().to_owned();
    let failed = move |reason: &dyn std::fmt::Display, unavailable| {
        tracing::warn!(target: "actix_charter::download", host, %reason, "a remote file ends before its time");
        BoxError::from(unavailable)
    };
    Box::pin(try_unfold((response, 0_u64, failed), move |(mut response, read, failed)| async move {
        let chunk = match timeout(stall, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return Ok(None),
            Ok(Err(error)) => return Err(failed(&error.without_url(), Unavailable::Upstream)),
            Err(_) => return Err(failed(&"no more came in time", Unavailable::Timeout)),
        };
        let read = read.saturating_add(chunk.len() as u64);
        if most.is_some_and(|most| read > most) {
            return Err(failed(&"it is longer than was said or is allowed", Unavailable::Upstream));
        }
        Ok(Some((chunk, (response, read, failed))))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_are_read_strictly() {
        for (value, read) in [
            ("bytes 0-4/13", Some((0..5, Some(13)))),
            ("bytes 5-5/*", Some((5..6, None))),
            (" bytes 0-0/1 ", Some((0..1, Some(1)))),
            ("bytes 4-0/13", None),
            ("bytes */13", None),
            ("bytes 0-4", None),
            ("bytes=0-4/13", None),
            ("items 0-4/13", None),
            ("bytes 0-18446744073709551615/18446744073709551615", None),
            ("bytes +0-4/13", None),
            ("bytes 0-4/", None),
            ("bytes 0-4/1 3", None),
            ("bytes -4/13", None),
        ] {
            assert_eq!(content_range(value), read, "{value}");
        }
    }
}
