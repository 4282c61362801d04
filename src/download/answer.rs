use std::{collections::VecDeque, path::Path, time::SystemTime};

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    http::{
        ConnectionType, Method, StatusCode, Version,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE,
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue,
            LAST_MODIFIED, VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
};

use super::{
    Download, DownloadError, LocalFile, Root,
    byteranges::{content_range, multipart},
    coding::{self, Coding},
    condition::{Validators, Verdict},
    disposition::Disposition,
    download::{Active, Tag},
    file_content::FileContent,
    media_type,
    paced_body::PacedBody,
    range::Asked,
    relay::Relayed,
    seconds,
    sized_body::{Segment, SizedBody},
    source::{Ready, Supply, file_validators},
    stream_body::StreamBody,
};
use crate::router::Bodiless;

/// Scripts, forms, frames, and loads from elsewhere: none of them.
const SANDBOX: &str =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

impl Download {
    /// The answer to this request.
    ///
    /// # Errors
    /// 404, 412, 416, or 500.
    pub(crate) fn answer(mut self, request: &HttpRequest) -> Result<HttpResponse, DownloadError> {
        if let Some(header) = &self.unsendable {
            tracing::error!(target: "actix_charter::download", %header, "a header has a value that cannot be sent");
            return Err(DownloadError::Internal);
        }
        let (media_type, disposition) = self.told();
        let mut variants = self.precompressed;
        let source = std::mem::replace(&mut self.source, super::source::Source::Bytes(bytes::Bytes::new()));
        let Ready { mut supply, mut validators, beside } =
            source.ready(matches!(self.etag, Tag::OfSource))?;

        let relay = match &supply {
            Supply::File(file) if is_read(request) => Relayed::of(request).map(|relay| (relay, file.clone())),
            _ => None,
        };
        if variants && let Some((relay, file)) = &relay {
            variants = !relay.takes(request, file, self.rate_limit);
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
        self.settle(&mut validators, coding);

        let mut response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(()));
        let headers = response.headers_mut();
        put(headers, CACHE_CONTROL, self.cache_control.take());
        put(headers, EXPIRES, self.expires.and_then(seconds::date));
        put(headers, ETAG, validators.etag.as_ref().and_then(super::entity_tag::EntityTag::to_value));
        if self.precompressed {
            headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        match validators.judge(request.method(), request.headers()) {
            Verdict::Proceed => {}
            Verdict::Failed => return Err(DownloadError::PreconditionFailed),
            Verdict::NotModified => {
                if validators.etag.is_none() {
                    put(headers, LAST_MODIFIED, validators.last_modified.and_then(seconds::date));
                }
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                return Ok(response);
            }
        }
        put(headers, LAST_MODIFIED, validators.last_modified.and_then(seconds::date));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(CONTENT_TYPE, media_type.clone());
        headers.insert(CONTENT_DISPOSITION, disposition);
        if self.disposition == Disposition::Inline && self.active == Active::Sandboxed {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
        }
        if let Some(coding) = coding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name));
        } else if let Some((relay, file)) = relay {
            response = match relay.relay(request, &file, self.rate_limit, response) {
                Ok(relayed) => return Ok(relayed),
                Err(response) => response,
            };
        }
        self.send(request, supply, &validators, &media_type, response)
    }

    /// Content type and disposition. What could run scripts is not shown inline unless that was asked for.
    fn told(&mut self) -> (HeaderValue, HeaderValue) {
        let of_path =
            self.source.path().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let given = self.media_type.take().or_else(|| self.source_type.take());
        let media_type = given.or_else(|| {
            let names = [self.file_name.as_deref(), of_path.as_deref()];
            let known = names.into_iter().flatten().find_map(media_type::of_name)?;
            HeaderValue::from_str(&known).ok()
        });
        let media_type = media_type.unwrap_or_else(|| HeaderValue::from_static(media_type::OCTET_STREAM));
        let shown = match self.active {
            Active::Attached => {
                media_type.to_str().is_ok_and(|media_type| !media_type::is_active(media_type))
            }
            Active::Sandboxed | Active::Trusted => true,
        };
        let disposition = if shown { self.disposition } else { Disposition::Attachment };
        let disposition = disposition.value(self.file_name.take().or(of_path).as_deref());
        (media_type, disposition)
    }

    /// What the builder says about validators, over what the source says.
    fn settle(&mut self, validators: &mut Validators, coding: Option<Coding>) {
        match std::mem::replace(&mut self.etag, Tag::None) {
            Tag::OfSource => {}
            Tag::Given(tag) => validators.etag = Some(tag),
            Tag::None => validators.etag = None,
        }
        if let Some(coding) = coding {
            validators.etag = validators.etag.take().map(|tag| tag.variant(coding.name));
        }
        if self.compressible {
            validators.etag = validators.etag.take().map(super::entity_tag::EntityTag::weakened);
        }
        if let Some(given) = self.last_modified {
            validators.last_modified = seconds::whole(given);
        }
        // A date yet to come must not be told (RFC 9110 §8.8.2.1).
        validators.last_modified = validators.last_modified.filter(|modified| *modified <= SystemTime::now());
    }

    /// Sends it ourselves: all of it, or the ranges that were asked for.
    fn send(
        self,
        request: &HttpRequest,
        supply: Supply,
        validators: &Validators,
        media_type: &HeaderValue,
        mut response: HttpResponse,
    ) -> Result<HttpResponse, DownloadError> {
        let headers = response.headers_mut();
        let ranged = supply.size().filter(|_| supply.has_ranges() && !self.compressible);
        let Some(size) = ranged else {
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static("none"));
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
                if !headers.contains_key(CONTENT_ENCODING) && coding::invites_compression(request.headers()) {
                    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
                }
                return Ok(self.embody(request, supply, VecDeque::from([Segment::Span(0..size)]), response));
            }
            Asked::Parts(parts) => parts,
        };
        let segments = if let [part] = parts.as_slice() {
            put(headers, CONTENT_RANGE, HeaderValue::from_str(&content_range(part, size)).ok());
            VecDeque::from([Segment::Span(part.clone())])
        } else {
            let (boundary, segments) =
                multipart(parts, size, media_type.to_str().unwrap_or(media_type::OCTET_STREAM));
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
                Supply::Stream(stream, length) => StreamBody::new(stream, length).boxed(),
            }
        };
        response.set_body(match self.rate_limit {
            Some(rate) => PacedBody::new(body, rate).boxed(),
            None => body,
        })
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    if let Some(value) = value {
        headers.insert(name, value);
    }
}

fn is_read(request: &HttpRequest) -> bool {
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
