#[cfg(feature = "compress")]
use std::sync::OnceLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, EntityTag, VARY, X_CONTENT_TYPE_OPTIONS,
    },
};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{
    Document,
    coding::{Coding, is_known},
};

/// What the document is served as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `application/json`
    Json,
    /// `application/yaml` (RFC 9512)
    #[cfg(feature = "yaml")]
    Yaml,
}

/// The document, ready to be sent. Made once and shared by all workers.
#[derive(Debug)]
pub(crate) struct Served {
    json: Representation,
    #[cfg(feature = "yaml")]
    yaml: Representation,
}

impl Served {
    pub(crate) fn new(document: &Document) -> Self {
        Self::of(
            document.to_value().to_string(),
            #[cfg(feature = "yaml")]
            document.to_yaml(),
        )
    }

    /// A document that is written already.
    pub(crate) fn of(json: String, #[cfg(feature = "yaml")] yaml: String) -> Self {
        Self {
            json: Representation::new("application/json", json),
            #[cfg(feature = "yaml")]
            yaml: Representation::new("application/yaml", yaml),
        }
    }

    /// Answers a GET or HEAD request; Actix leaves out the body for HEAD.
    pub(crate) fn respond(&self, request: &HttpRequest, format: Format) -> HttpResponse {
        match format {
            Format::Json => self.json.respond(request),
            #[cfg(feature = "yaml")]
            Format::Yaml => self.yaml.respond(request),
        }
    }
}

#[derive(Debug)]
struct Representation {
    content_type: &'static str,
    /// Of the uncompressed text. The coding is added to it, since each coding is a representation of its own.
    digest: String,
    plain: Bytes,
    /// Compressed when the first client asks, then never again: the start of the server does not wait for it.
    #[cfg(feature = "compress")]
    gzip: OnceLock<Bytes>,
    #[cfg(feature = "compress")]
    brotli: OnceLock<Bytes>,
}

impl Representation {
    fn new(content_type: &'static str, text: String) -> Self {
        Self {
            content_type,
            digest: digest(text.as_bytes()),
            plain: text.into(),
            #[cfg(feature = "compress")]
            gzip: OnceLock::new(),
            #[cfg(feature = "compress")]
            brotli: OnceLock::new(),
        }
    }

    fn respond(&self, request: &HttpRequest) -> HttpResponse {
        let coding = Coding::negotiate(
            request,
            &[
                #[cfg(feature = "compress")]
                Coding::Brotli,
                #[cfg(feature = "compress")]
                Coding::Gzip,
                Coding::Identity,
            ],
        );
        answer(
            request,
            coding,
            &format!("{}-{}", self.digest, coding.as_str()),
            "no-cache",
            self.content_type,
            || self.bytes(coding),
        )
    }

    fn bytes(&self, coding: Coding) -> Bytes {
        match coding {
            #[cfg(feature = "compress")]
            Coding::Brotli => self.brotli.get_or_init(|| brotli(&self.plain)).clone(),
            #[cfg(feature = "compress")]
            Coding::Gzip => self.gzip.get_or_init(|| gzip(&self.plain)).clone(),
            _ => self.plain.clone(),
        }
    }
}

/// A 200 with all that makes it cacheable, or a 304.
pub(super) fn answer(
    request: &HttpRequest,
    coding: Coding,
    tag: &str,
    cache_control: &'static str,
    content_type: &'static str,
    body: impl FnOnce() -> Bytes,
) -> HttpResponse {
    let tag = EntityTag::new_strong(tag.to_owned());
    let mut response = if is_known(request, &tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag.to_string()))
        .insert_header((CACHE_CONTROL, cache_control))
        .insert_header((VARY, "accept-encoding"));
    if is_known(request, &tag) {
        return response.finish();
    }
    response.insert_header((CONTENT_TYPE, content_type)).insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if coding != Coding::Identity {
        response.insert_header((CONTENT_ENCODING, coding.as_str()));
    }
    response.body(body())
}

/// Enough of a hash to tell two documents apart.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(feature = "compress")]
fn gzip(plain: &[u8]) -> Bytes {
    use std::io::Write;

    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    // Writing into a vector cannot fail.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default().into()
}

#[cfg(feature = "compress")]
fn brotli(plain: &[u8]) -> Bytes {
    use std::io::Write;

    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 9, 22);
    // Writing into a vector cannot fail.
    let _ = encoder.write_all(plain);
    encoder.into_inner().into()
}
