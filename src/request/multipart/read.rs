use std::collections::HashMap;

use actix_multipart::{Field, Multipart as Parts};
use actix_web::{
    HttpRequest,
    dev::Payload,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, Charset, ContentDisposition},
};
use futures_util::StreamExt;

use super::{
    deserialize::{Form, Shape},
    limits::MultipartLimits,
    metered::Metered,
    refusal::{
        broken, disk, fault, field_too_large, pointer, too_large, total_too_large, unsupported,
        unsupported_because,
    },
    spool::Spool,
    uploaded::UploadedFile,
};
use crate::{
    media::{Parsing, choose_parser},
    model::{UploadRule, WireField},
    problem::Faults,
    request::Refusal,
};

/// What the model says about its fields.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) wire: &'static [WireField],
    pub(super) shape: fn(&str) -> Shape,
}

/// Reads the whole body. Faults of single fields are gathered beside what was read; what breaks a limit or the format ends it at
/// once.
pub(super) async fn read(
    request: &HttpRequest,
    payload: Payload,
    wanted: Wanted,
    limits: &MultipartLimits,
) -> Result<(Form, Faults), Refusal> {
    let headers = request.headers();
    choose_parser(&[Parsing::Multipart], headers.get(CONTENT_TYPE)).map_err(unsupported)?;
    if headers
        .get(CONTENT_ENCODING)
        .is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(unsupported_because("the body must not have a Content-Encoding"));
    }
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limits.total) {
        return Err(total_too_large(limits.total));
    }

    let body = Metered::new(payload, limits.total);
    let mut reading = Reading {
        wanted,
        limits,
        body: body.clone(),
        form: Form::default(),
        faults: Faults::new(),
        files: 0,
        files_of: HashMap::new(),
    };
    let mut parts = Parts::new(headers, body.clone());
    let mut count = 0;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| broken(&error, &body, limits.total))?;
        count += 1;
        if count > limits.parts {
            return Err(too_large(format!("the body must have at most {} parts", limits.parts)));
        }
        reading.part(part).await?;
    }
    drop(parts);
    let Reading { form, faults, .. } = reading;
    body.clone().drain().await;
    if body.is_over() {
        return Err(total_too_large(limits.total));
    }
    Ok((form, faults))
}

struct Reading<'a> {
    wanted: Wanted,
    limits: &'a MultipartLimits,
    body: Metered,
    form: Form,
    faults: Faults,
    files: usize,
    /// How many files each field had so far, the refused ones included.
    files_of: HashMap<String, usize>,
}

impl Reading<'_> {
    async fn part(&mut self, mut part: Field) -> Result<(), Refusal> {
        let size: usize =
            part.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        if size > self.limits.part_headers {
            return Err(too_large(format!(
                "the headers of a part must have at most {} bytes",
                self.limits.part_headers
            )));
        }
        let name = part.name().unwrap_or_default().to_owned();
        let shape = (self.wanted.shape)(&name);
        let has_file_name = part
            .content_disposition()
            .is_some_and(|d| d.get_filename().is_some() || d.get_filename_ext().is_some());
        match shape {
            Shape::Ignored => self.skip(&mut part).await,
            Shape::Denied => {
                self.faults.push(fault(pointer(&name, None), "unknown", "is not a field of this form"));
                self.skip(&mut part).await
            }
            Shape::File { list } => self.file(&name, list, part).await,
            Shape::Any if has_file_name => self.file(&name, true, part).await,
            // A script that appends a `Blob` for a text field sends a file name; the model knows better.
            Shape::Text | Shape::Any => self.text(&name, part).await,
        }
    }

    async fn next(&self, part: &mut Field) -> Result<Option<bytes::Bytes>, Refusal> {
        part.next().await.transpose().map_err(|error| broken(&error, &self.body, self.limits.total))
    }

    async fn skip(&self, part: &mut Field) -> Result<(), Refusal> {
        while self.next(part).await?.is_some() {}
        Ok(())
    }

    async fn text(&mut self, name: &str, mut part: Field) -> Result<(), Refusal> {
        let limit = self.limits.text_field;
        let mut bytes = Vec::new();
        while let Some(chunk) = self.next(&mut part).await? {
            if bytes.len() + chunk.len() > limit {
                return Err(field_too_large(pointer(name, None), format!("must have at most {limit} bytes")));
            }
            bytes.extend_from_slice(&chunk);
        }
        let utf8 = part.content_type().and_then(|media_type| media_type.get_param(mime::CHARSET)).is_none_or(
            |charset| {
                ["utf-8", "utf8", "us-ascii"].iter().any(|known| charset.as_str().eq_ignore_ascii_case(known))
            },
        );
        let is_json = part.content_type().is_some_and(|kind| kind.essence_str() == "application/json");
        match String::from_utf8(bytes) {
            Ok(text) if is_json => match serde_json::from_str(&text) {
                Ok(value) => self.form.push_json(name, text, value),
                Err(_) => self.faults.push(fault(pointer(name, None), "syntax", "is not valid JSON")),
            },
            Ok(text) if utf8 => self.form.push_text(name, text),
            _ => self.faults.push(fault(pointer(name, None), "encoding", "must be text in UTF-8")),
        }
        Ok(())
    }

    async fn file(&mut self, name: &str, list: bool, mut part: Field) -> Result<(), Refusal> {
        let file_name = part.content_disposition().and_then(file_name);
        let mut chunk = self.next(&mut part).await?;
        if chunk.is_none() && file_name.as_deref().unwrap_or_default().is_empty() {
            // What a browser sends for a file input that was left empty.
            return Ok(());
        }
        self.files += 1;
        let count = self.files_of.entry(name.to_owned()).or_default();
        let index = *count;
        *count += 1;
        let place = pointer(name, list.then_some(index));
        if self.files > self.limits.files {
            return Err(field_too_large(
                place,
                format!("is one file too many; the body must have at most {}", self.limits.files),
            ));
        }
        let rule = WireField::find(self.wanted.wire, &|wire| wire == name).and_then(|field| field.upload);
        if let Some(fault) = refused(&part, rule.as_ref(), name, list, index, &place) {
            // One fault about the number of files is enough.
            if !self.faults.iter().any(|known| *known == fault) {
                self.faults.push(fault);
            }
            // An empty file has ended already, and must not be asked again.
            return if chunk.is_some() { self.skip(&mut part).await } else { Ok(()) };
        }

        let most = rule.and_then(|rule| rule.max_size).unwrap_or(u64::MAX);
        let mut spool = Spool::new(self.limits);
        while let Some(bytes) = chunk {
            if spool.size() + bytes.len() as u64 > most {
                return Err(field_too_large(place, format!("must have at most {most} bytes")));
            }
            // After a fault the handler is not called: the rest is only looked at.
            if self.faults.is_empty() {
                spool.write(&bytes).await.map_err(|error| disk(&error))?;
            } else {
                spool.skip(bytes.len());
            }
            chunk = self.next(&mut part).await?;
        }
        let size = spool.size();
        let content = spool.finish().await.map_err(|error| disk(&error))?;
        self.form.push_file(name, UploadedFile::new(file_name, part.content_type().cloned(), size, content));
        Ok(())
    }
}

/// What can be said against a file before its content is read.
fn refused(
    part: &Field,
    rule: Option<&UploadRule>,
    name: &str,
    list: bool,
    index: usize,
    place: &str,
) -> Option<crate::problem::Fault> {
    if !list && index > 0 {
        return Some(fault(place, "duplicate", "must be sent only once"));
    }
    let rule = rule?;
    if let Some(most) = rule.max_files.filter(|most| index >= *most) {
        return Some(fault(pointer(name, None), "length", format!("must have at most {most} files")));
    }
    if !rule.accept.is_empty() && !rule.accept.iter().any(|range| accepts(range, part)) {
        let detail = format!("must be of a media type in: {}", rule.accept.join(", "));
        return Some(fault(place, "media_type", detail));
    }
    None
}

/// Whether `range` (`image/png`, `image/*`, `*/*`) covers the part. A part without a `Content-Type` is plain text (RFC 7578 §4.4).
fn accepts(range: &str, part: &Field) -> bool {
    let (kind, essence) = match part.content_type() {
        Some(media_type) => (media_type.type_().as_str(), media_type.essence_str()),
        None if part.headers().contains_key(CONTENT_TYPE) => return range == "*/*",
        None => ("text", "text/plain"),
    };
    match range.strip_suffix("/*") {
        Some("*") => true,
        Some(wanted) => wanted.eq_ignore_ascii_case(kind),
        None => range.eq_ignore_ascii_case(essence),
    }
}

/// `filename*` when it is there: a client that sends both has an encoded form in `filename`.
fn file_name(disposition: &ContentDisposition) -> Option<String> {
    let extended = disposition.get_filename_ext().and_then(|name| match &name.charset {
        Charset::Iso_8859_1 => Some(name.value.iter().copied().map(char::from).collect()),
        Charset::Ext(charset) if charset.eq_ignore_ascii_case("utf-8") => {
            String::from_utf8(name.value.clone()).ok()
        }
        _ => None,
    });
    extended.or_else(|| disposition.get_filename().map(ToOwned::to_owned))
}
