use std::{borrow::Cow, path::Path, time::SystemTime};

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
    condition::{Conditions, Validators},
    delivery::FileAsked,
    file_content::FileContent,
    gathered::Ungathered,
    manner::{Manner, Tag},
    media_type,
    paced_body::PacedBody,
    range::Asked,
    sized_body::{Extent, SizedBody},
    source::{Ready, Source, Supply},
    stream_body::StreamBody,
};
use crate::router::Bodiless;

impl Download {
    /// The answer to this request.
    ///
    /// # Errors
    /// 404, 412, 416, or 500.
    pub(crate) fn answer(self, request: &HttpRequest) -> Result<HttpResponse, DownloadError> {
        let conditions = Conditions::of(request.head());
        let may_be_handed_over = self.source.0.may_be_file() && is_read(request);
        let delivery = if may_be_handed_over { Delivery::of(request) } else { None };
        // Little code, which the processor has at hand: the rest is much.
        if let Some(delivery) = delivery.as_deref()
            && let Some(response) = self.left_to_others(request, &conditions, delivery)
        {
            return Ok(response);
        }
        self.answer_looked_at(request, conditions, delivery)
    }

    /// The answer that leaves all but the name to the server in front, of a file that was opened a moment ago, and about which
    /// nothing particular is said. Whether it is still there, and what state it is in, that server will see, which opens it after us
    /// in any case.
    fn left_to_others(
        &self,
        request: &HttpRequest,
        conditions: &Conditions<'_>,
        delivery: &Delivery,
    ) -> Option<HttpResponse> {
        let Source::Name(root, name) = &self.source.0 else { return None };
        let show = self.manner.show()?;
        let teller = delivery.teller()?;
        if conditions.headers().is_some() || !teller.is_open_to(request.head()) {
            return None;
        }
        root.opened_lately(name, |file| {
            file.kept()?.told(teller, show, || {
                let offer = teller.offer_untold(request, file, None)?;
                let mut validators = Cow::Owned(Validators::default());
                let mut sheet = self.manner.head(conditions, &mut validators, &file.called(), None).ok()?;
                offer.rewrite(&sheet.survey, &mut sheet.response).then_some(sheet.response)
            })
        })
    }

    #[inline(never)]
    fn answer_looked_at(
        mut self,
        request: &HttpRequest,
        conditions: Conditions<'_>,
        delivery: Option<Cow<'_, Delivery>>,
    ) -> Result<HttpResponse, DownloadError> {
        let ungathered = self.ungathered(request);
        let teller =
            delivery.as_deref().and_then(Delivery::teller).filter(|_| self.manner.leaves_validators());
        let manner = &self.manner;
        // The tag that such a condition speaks of is the one that the server told of the file as it is now.
        let now = teller.is_some_and(|teller| teller.leaves(&conditions));
        let ready = self.source.0.ready(matches!(manner.etag, Tag::OfSource), now)?;
        let mut coded = None;
        if manner.precompressed
            && let Ready::File(file, Some((root, name))) = &ready
            && !delivery.as_ref().is_some_and(|delivery| delivery.takes(request, file, manner.rate_limit))
        {
            coded = variant(request, root, name, file);
        }
        let told = match (teller, &ready, &coded) {
            (Some(teller), Ready::File(file, _), None) => {
                teller.offer_told(request, &conditions, file, manner.rate_limit)
            }
            _ => None,
        };
        let (coding, mut validators, offer) = match (&coded, told) {
            (Some((coding, variant)), _) => (Some(*coding), variant.validators(), None),
            (None, Some((validators, offer))) => (None, Cow::Owned(validators), offer),
            (None, None) => (None, ready.validators(), None),
        };
        let called = ready.called();
        let mut sheet = manner.head(&conditions, &mut validators, &called, coding)?;
        if sheet.is_complete() {
            return Ok(sheet.response);
        }
        if let Some(offer) = offer
            && offer.rewrite(&sheet.survey, &mut sheet.response)
        {
            return Ok(sheet.response);
        }
        sheet.put_validators(&called, &validators);
        sheet.put_if(CONTENT_ENCODING, ready.encoding());
        if coding.is_none()
            && let (Some(delivery), Some(file)) = (delivery, ready.file())
        {
            let asked = FileAsked { request, conditions, file, rate_limit: manner.rate_limit };
            if delivery.relay_file(&asked, &mut sheet) {
                return Ok(sheet.response);
            }
        }
        let range = validators.range(&conditions, SystemTime::now);
        let supply = match coded {
            Some((_, variant)) => Supply::File(variant),
            None => ready.into_supply(),
        };
        let mut response = Sending { request, range, manner }.send(supply, sheet.response)?;
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
        (most > 0).then(|| Ungathered { most, rate_limit: self.manner.unpaced() })
    }
}

/// We send it ourselves.
struct Sending<'r> {
    request: &'r HttpRequest,
    /// What of it is asked for.
    range: Option<&'r HeaderValue>,
    manner: &'r Manner,
}

impl Sending<'_> {
    /// All of it, or the ranges that were asked for.
    fn send(&self, supply: Supply, mut response: HttpResponse) -> Result<HttpResponse, DownloadError> {
        let headers = response.headers_mut();
        if let Supply::Nothing(size) = supply {
            return Err(DownloadError::RangeNotSatisfiable { size });
        }
        if let Supply::Part(stream, part, size) = supply {
            headers.insert(ACCEPT_RANGES, const { HeaderValue::from_static("bytes") });
            put(headers, CONTENT_RANGE, HeaderValue::from_str(&content_range(&part, size)).ok());
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let length = part.end.saturating_sub(part.start);
            let supply = Supply::Stream(stream, Some(length));
            return Ok(self.embody(supply, Extent::Span(0..length), response));
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
                keep_as_it_is(self.request, headers);
            }
            let extent = Extent::Span(0..supply.size().unwrap_or_default());
            return Ok(self.embody(supply, extent, response));
        };
        headers.insert(ACCEPT_RANGES, const { HeaderValue::from_static("bytes") });
        let asked = self.range.map_or(Asked::Whole, |range| Asked::parse(range.as_bytes(), size));
        let parts = match asked {
            Asked::Nothing => return Err(DownloadError::RangeNotSatisfiable { size }),
            Asked::Whole => {
                keep_as_it_is(self.request, headers);
                return Ok(self.embody(supply, Extent::Span(0..size), response));
            }
            Asked::Parts(parts) => parts,
        };
        let extent = if let [part] = parts.as_slice() {
            put(headers, CONTENT_RANGE, HeaderValue::from_str(&content_range(part, size)).ok());
            Extent::Span(part.clone())
        } else {
            let media_type = headers.get(CONTENT_TYPE).and_then(|media_type| media_type.to_str().ok());
            let (boundary, segments) = multipart(parts, size, media_type.unwrap_or(media_type::OCTET_STREAM));
            let kind = format!("multipart/byteranges; boundary={boundary}");
            put(headers, CONTENT_TYPE, HeaderValue::from_str(&kind).ok());
            Extent::Parts(segments)
        };
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        Ok(self.embody(supply, extent, response))
    }

    fn embody(&self, supply: Supply, extent: Extent, mut response: HttpResponse) -> HttpResponse {
        if supply.size().is_none() && self.request.version() < Version::HTTP_11 {
            // Such a client knows no chunks (RFC 9112 §6.1), and Actix would send them all the same.
            let head = response.head_mut();
            head.no_chunking(true);
            head.set_connection_type(ConnectionType::Close);
        }
        let body = if self.request.method() == Method::HEAD {
            let size = supply.size().map_or(BodySize::Stream, |_| BodySize::Sized(extent.length()));
            return response.set_body(BoxBody::new(Bodiless(size)));
        } else {
            match supply {
                Supply::File(file) => match FileContent::read_at_once(&file, &extent) {
                    Some(bytes) => BoxBody::new(bytes),
                    None => SizedBody::new(FileContent::new(file.into_file()), extent).boxed(),
                },
                Supply::Bytes(bytes) => match extent {
                    Extent::Span(span) => BoxBody::new(super::content::slice(&bytes, &span)),
                    Extent::Parts(segments) => SizedBody::new(bytes, segments).boxed(),
                },
                Supply::Content(content, _) => SizedBody::new(content, extent).boxed(),
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
    if coding::invites_compression(request.headers()) && !headers.contains_key(CONTENT_ENCODING) {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
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
        let variant = root.open_for_answer(beside.as_ref()).ok()?;
        (variant.modified() >= file.modified()).then_some((coding, variant))
    })
}
