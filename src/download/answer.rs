use std::{collections::VecDeque, path::Path, time::SystemTime};

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    http::{
        ConnectionType, Method, StatusCode, Version,
        header::{
            ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
        },
    },
};

use super::{
    Delivery, Download, DownloadError, LocalFile, Root,
    byteranges::{content_range, multipart},
    coding::{self, Coding},
    condition::Validators,
    file_content::FileContent,
    gathered::Ungathered,
    kept::Called,
    manner::Tag,
    media_type,
    paced_body::PacedBody,
    range::Asked,
    sized_body::{Segment, SizedBody},
    source::{Ready, Source, Supply, file_validators},
    stream_body::StreamBody,
};
use crate::router::Bodiless;

/// The answer as far as it does not depend on who sends the bytes.
pub(crate) enum Head {
    /// 304, complete.
    NotModified(HttpResponse),
    /// 200 without a body.
    Whole(HttpResponse),
}

impl Download {
    /// The answer to this request.
    ///
    /// # Errors
    /// 404, 412, 416, or 500.
    pub(crate) fn answer(mut self, request: &HttpRequest) -> Result<HttpResponse, DownloadError> {
        let mut variants = self.manner.precompressed;
        let ungathered = self.ungathered(request);
        let source = std::mem::replace(&mut self.source.0, Source::Bytes(bytes::Bytes::new())).opened();
        let kept = source.kept_file().cloned();
        let named = kept.as_ref().and_then(LocalFile::named);
        let file_name = if named.is_some() { None } else { source.file_name() };
        let called = named.map_or(Called::By(file_name.as_deref()), Called::Known);
        let Ready { mut supply, mut validators, encoding, beside } =
            source.ready(matches!(self.manner.etag, Tag::OfSource))?;

        let delivered = match &supply {
            Supply::File(file) if is_read(request) => {
                Delivery::of(request).map(|delivery| (delivery, file.clone()))
            }
            _ => None,
        };
        if variants && let Some((delivery, file)) = &delivered {
            variants = !delivery.takes(request, file, self.manner.rate_limit);
        }
        let mut coding = None;
        if variants
            && let (Supply::File(file), Some((root, name))) = (&supply, &beside)
            && let Some((found, variant)) = variant(request, root, name, file)
        {
            validators = file_validators(&variant);
            coding = Some(found);
            supply = Supply::File(variant);
        }
        let mut response = match self.manner.head(request, &mut validators, called, coding)? {
            Head::NotModified(response) => return Ok(response),
            Head::Whole(response) => response,
        };
        put(response.headers_mut(), CONTENT_ENCODING, encoding);
        if coding.is_none()
            && let Some((delivery, file)) = delivered
        {
            response = match delivery.relay_file(request, &file, self.manner.rate_limit, response) {
                Ok(relayed) => return Ok(relayed),
                Err(response) => response,
            };
        }
        let mut response = self.send(request, supply, &validators, response)?;
        if let Some(ungathered) = ungathered {
            response.extensions_mut().insert(ungathered);
        }
        Ok(response)
    }

    /// What a middleware around the handler is to gather. What was fetched is gathered already.
    fn ungathered(&mut self, request: &HttpRequest) -> Option<Ungathered> {
        if !matches!(self.source.0, Source::Stream(_, None)) || request.method() == Method::HEAD {
            return None;
        }
        let most = Delivery::around(request).map_or(0, |delivery| delivery.gathers(request));
        (most > 0).then(|| Ungathered { most, rate_limit: self.manner.rate_limit.take() })
    }

    /// Sends it ourselves: all of it, or the ranges that were asked for.
    fn send(
        self,
        request: &HttpRequest,
        supply: Supply,
        validators: &Validators,
        mut response: HttpResponse,
    ) -> Result<HttpResponse, DownloadError> {
        let headers = response.headers_mut();
        if let Supply::Nothing(size) = supply {
            return Err(DownloadError::RangeNotSatisfiable { size });
        }
        if let Supply::Part(stream, part, size) = supply {
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            put(headers, CONTENT_RANGE, HeaderValue::from_str(&content_range(&part, size)).ok());
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let supply = Supply::Stream(stream, Some(part.end.saturating_sub(part.start)));
            return Ok(self.embody(request, supply, VecDeque::new(), response));
        }
        let ranged = supply.size().filter(|_| supply.has_ranges() && !self.manner.compressible);
        let Some(size) = ranged else {
            let (is_exact, ranges) = match supply {
                Supply::Remote { ranges, .. } if !self.manner.compressible => (true, ranges),
                _ => (false, false),
            };
            let unit = if ranges { "bytes" } else { "none" };
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static(unit));
            if is_exact {
                keep_as_it_is(request, headers);
            }
            let segments =
                supply.size().map(|size| VecDeque::from([Segment::Span(0..size)])).unwrap_or_default();
            return Ok(self.embody(request, supply, segments, response));
        };
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let range = validators.range(request.method(), request.headers(), SystemTime::now);
        let asked = range.map_or(Asked::Whole, |range| Asked::parse(range.as_bytes(), size));
        let parts = match asked {
            Asked::Nothing => return Err(DownloadError::RangeNotSatisfiable { size }),
            Asked::Whole => {
                keep_as_it_is(request, headers);
                return Ok(self.embody(request, supply, VecDeque::from([Segment::Span(0..size)]), response));
            }
            Asked::Parts(parts) => parts,
        };
        let segments = if let [part] = parts.as_slice() {
            put(headers, CONTENT_RANGE, HeaderValue::from_str(&content_range(part, size)).ok());
            VecDeque::from([Segment::Span(part.clone())])
        } else {
            let media_type = headers.get(CONTENT_TYPE).and_then(|media_type| media_type.to_str().ok());
            let (boundary, segments) = multipart(parts, size, media_type.unwrap_or(media_type::OCTET_STREAM));
            let kind = format!("multipart/byteranges; boundary={boundary}");
            put(headers, CONTENT_TYPE, HeaderValue::from_str(&kind).ok());
            segments
        };
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        Ok(self.embody(request, supply, segments, response))
    }

    fn embody(
        &self,
        request: &HttpRequest,
        supply: Supply,
        segments: VecDeque<Segment>,
        mut response: HttpResponse,
    ) -> HttpResponse {
        if supply.size().is_none() && request.version() < Version::HTTP_11 {
            // Such a client knows no chunks (RFC 9112 §6.1), and Actix would send them all the same.
            let head = response.head_mut();
            head.no_chunking(true);
            head.set_connection_type(ConnectionType::Close);
        }
        let body = if request.method() == Method::HEAD {
            let length = segments.iter().map(Segment::length).sum();
            let size = supply.size().map_or(BodySize::Stream, |_| BodySize::Sized(length));
            return response.set_body(BoxBody::new(Bodiless(size)));
        } else {
            match supply {
                Supply::File(file) => {
                    let file = file.into_file();
                    match FileContent::read_at_once(&file, &segments) {
                        Some(bytes) => BoxBody::new(bytes),
                        None => SizedBody::new(FileContent::new(file), segments).boxed(),
                    }
                }
                Supply::Bytes(bytes) => match segments.iter().collect::<Vec<_>>().as_slice() {
                    [Segment::Span(span)] => BoxBody::new(super::content::slice(&bytes, span)),
                    _ => SizedBody::new(bytes, segments).boxed(),
                },
                Supply::Content(content, _) => SizedBody::new(content, segments).boxed(),
                Supply::Stream(stream, length) | Supply::Remote { stream, length, .. } => {
                    StreamBody::new(stream, length).boxed()
                }
                Supply::Nothing(_) => BoxBody::new(()),
                Supply::Part(stream, part, _) => {
                    StreamBody::new(stream, Some(part.end.saturating_sub(part.start))).boxed()
                }
            }
        };
        response.set_body(match self.manner.rate_limit {
            Some(rate) => PacedBody::new(body, rate).boxed(),
            None => body,
        })
    }
}

/// Keeps a middleware from compressing what validators and ranges speak of.
fn keep_as_it_is(request: &HttpRequest, headers: &mut HeaderMap) {
    if !headers.contains_key(CONTENT_ENCODING) && coding::invites_compression(request.headers()) {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
    }
}

pub(crate) fn put(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        headers.insert(name, value);
    }
}

pub(crate) fn is_read(request: &HttpRequest) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

/// The file in a coding that the client likes better. One that is older than the file was made of another one.
fn variant(request: &HttpRequest, root: &Root, name: &Path, file: &LocalFile) -> Option<(Coding, LocalFile)> {
    coding::accepted(request.headers()).into_iter().find_map(|coding| {
        let mut beside = name.as_os_str().to_owned();
        beside.push(".");
        beside.push(coding.extension);
        let variant = root.open(&beside).ok()?;
        (variant.modified() >= file.modified()).then_some((coding, variant))
    })
}
