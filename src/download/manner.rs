use std::{
    borrow::Cow,
    num::NonZeroU64,
    ops::{Deref, DerefMut},
    time::SystemTime,
};

use actix_web::{
    HttpRequest,
    http::{
        Method, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
            ETAG, EXPIRES, HeaderName, HeaderValue, LAST_MODIFIED, VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
};

use super::{
    DownloadError,
    coding::Coding,
    condition::{Conditions, Validators, Verdict},
    disposition::Disposition,
    entity_tag::EntityTag,
    kept::Called,
    media_type, seconds,
    sheet::Sheet,
};

/// Scripts, forms, frames, and loads from elsewhere: none of them.
const SANDBOX: &str =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

/// The type is as it is told, whatever the bytes look like.
pub(crate) const NOSNIFF: &str = "nosniff";

/// What is said about a file, whatever its bytes are. It is small, for it goes through many hands.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    pub(crate) disposition: Disposition,
    pub(crate) active: Active,
    pub(crate) precompressed: bool,
    pub(crate) compressible: bool,
    /// Not to be written into the cache, nor read from it.
    #[cfg(feature = "download-cache")]
    pub(crate) uncached: bool,
    /// Of most files, nothing more is said.
    more: Option<Box<More>>,
}

/// What is said of few files: read, and written, as if it were part of [`Manner`].
#[derive(Debug, Clone)]
pub(crate) struct More {
    pub(crate) file_name: Option<String>,
    pub(crate) media_type: Option<HeaderValue>,
    /// What the source itself says; weaker than `media_type`, stronger than the name.
    pub(crate) source_type: Option<HeaderValue>,
    pub(crate) cache_control: Option<HeaderValue>,
    pub(crate) expires: Option<SystemTime>,
    pub(crate) etag: Tag,
    pub(crate) last_modified: Option<SystemTime>,
    pub(crate) rate_limit: Option<NonZeroU64>,
    /// A header that was given a value which cannot be sent.
    pub(crate) unsendable: Option<HeaderName>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            disposition: Disposition::Attachment,
            active: Active::Attached,
            precompressed: false,
            compressible: false,
            #[cfg(feature = "download-cache")]
            uncached: false,
            more: None,
        }
    }
}

impl More {
    const NOTHING: Self = Self {
        file_name: None,
        media_type: None,
        source_type: None,
        cache_control: None,
        expires: None,
        etag: Tag::OfSource,
        last_modified: None,
        rate_limit: None,
        unsendable: None,
    };
}

impl Deref for Manner {
    type Target = More;

    fn deref(&self) -> &More {
        static NOTHING: More = More::NOTHING;
        self.more.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Manner {
    fn deref_mut(&mut self) -> &mut More {
        self.more.get_or_insert_with(|| Box::new(More::NOTHING))
    }
}

/// What becomes of HTML, SVG and XML that is to be shown inline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Active {
    Attached,
    Sandboxed,
    Trusted,
}

/// All that there is to say of most files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Show {
    disposition: Disposition,
    active: Active,
    precompressed: bool,
}

/// Where the entity tag comes from.
#[derive(Debug, Clone)]
pub(crate) enum Tag {
    OfSource,
    Given(EntityTag),
    None,
}

impl Manner {
    /// Judges the request's conditions, and says all that does not depend on who sends the bytes: a 304, or a 200 without a body
    /// and without [validators](Sheet::put_validators).
    ///
    /// `called` is what the source is. `validators` become what the client is told.
    ///
    /// # Errors
    /// 412 or 500.
    pub(crate) fn head(
        &self,
        conditions: &Conditions<'_>,
        validators: &mut Cow<'_, Validators>,
        called: &Called<'_>,
        coding: Option<Coding>,
    ) -> Result<Sheet, DownloadError> {
        if let Some(header) = &self.unsendable {
            tracing::error!(target: "actix_charter::download", %header, "a header has a value that cannot be sent");
            return Err(DownloadError::Internal);
        }
        self.settle(validators, coding);
        let is_modified = match validators.judge(conditions) {
            Verdict::Proceed => true,
            Verdict::NotModified => false,
            Verdict::Failed => return Err(DownloadError::PreconditionFailed),
        };
        let mut sheet = Sheet::new(if is_modified { StatusCode::OK } else { StatusCode::NOT_MODIFIED });
        sheet.put_if(CACHE_CONTROL, self.cache_control.clone());
        sheet.put_if(EXPIRES, self.expires.and_then(seconds::date));
        if self.precompressed {
            sheet.put(VARY, HeaderValue::from_static("accept-encoding"));
        }
        if !is_modified {
            match validators.etag.as_ref().map(EntityTag::to_value) {
                Some(etag) => sheet.put(ETAG, etag),
                None => sheet.put_if(LAST_MODIFIED, validators.last_modified.and_then(seconds::date)),
            }
            return Ok(sheet);
        }
        self.put_name(called, &mut sheet);
        if self.disposition == Disposition::Inline && self.active == Active::Sandboxed {
            sheet.put(CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
        }
        sheet.put_if(CONTENT_ENCODING, coding.map(|coding| HeaderValue::from_static(coding.name)));
        Ok(sheet)
    }

    /// What the source says of its type, unless that was told.
    pub(crate) fn known_as(&mut self, media_type: Option<HeaderValue>) {
        if self.source_type.is_none() && media_type.is_some() {
            self.source_type = media_type;
        }
    }

    /// How the file is shown, if nothing else is said of it.
    pub(crate) fn show(&self) -> Option<Show> {
        let &Self { disposition, active, precompressed, compressible, ref more, .. } = self;
        (more.is_none() && !compressible).then_some(Show { disposition, active, precompressed })
    }

    /// Takes the limit out.
    pub(crate) fn unpaced(&mut self) -> Option<NonZeroU64> {
        self.more.as_mut()?.rate_limit.take()
    }

    /// Whether the validators are those of the source, whatever these are.
    pub(crate) fn leaves_validators(&self) -> bool {
        matches!(self.etag, Tag::OfSource) && self.last_modified.is_none() && !self.compressible
    }

    /// Whether something is said that another place would not say by itself.
    pub(crate) fn insists(&self) -> bool {
        self.media_type.is_some() || self.file_name.is_some() || self.disposition == Disposition::Attachment
    }

    /// Content type and disposition. What could run scripts is not shown inline unless that was asked for.
    fn put_name(&self, called: &Called<'_>, sheet: &mut Sheet) {
        let given = self.media_type.as_ref().or(self.source_type.as_ref());
        if let Called::Kept(_, named) = called
            && given.is_none()
            && self.file_name.is_none()
        {
            sheet.put_all(named.lines(self.shown(|| named.is_active)));
            return;
        }
        let of_source = called.file_name();
        let media_type = given.cloned().or_else(|| {
            let names = [self.file_name.as_deref(), of_source];
            names.into_iter().flatten().find_map(media_type::of_name)
        });
        let media_type = media_type.unwrap_or_else(|| HeaderValue::from_static(media_type::OCTET_STREAM));
        let disposition = self.shown(|| media_type::is_active_value(&media_type));
        sheet.put(CONTENT_DISPOSITION, disposition.value(self.file_name.as_deref().or(of_source)));
        sheet.put(CONTENT_TYPE, media_type);
        sheet.put(X_CONTENT_TYPE_OPTIONS, const { HeaderValue::from_static(NOSNIFF) });
    }

    fn shown(&self, is_active: impl FnOnce() -> bool) -> Disposition {
        match (self.disposition, self.active) {
            (Disposition::Inline, Active::Attached) if is_active() => Disposition::Attachment,
            (disposition, _) => disposition,
        }
    }

    /// Whether the answer to this request has bytes of the file: not for HEAD, and not when a condition already decides it.
    pub(crate) fn sends_bytes(&self, request: &HttpRequest, of_source: &Validators) -> bool {
        let mut validators = Cow::Borrowed(of_source);
        self.settle(&mut validators, None);
        *request.method() != Method::HEAD
            && validators.judge(&Conditions::of(request.head())) == Verdict::Proceed
    }

    /// What the builder says about validators, over what the source says. What it does not touch stays borrowed.
    fn settle(&self, validators: &mut Cow<'_, Validators>, coding: Option<Coding>) {
        match &self.etag {
            Tag::OfSource => {}
            Tag::Given(tag) => validators.to_mut().etag = Some(tag.clone()),
            Tag::None => validators.to_mut().etag = None,
        }
        if let Some(coding) = coding {
            let etag = &mut validators.to_mut().etag;
            *etag = etag.take().map(|tag| tag.variant(coding.name));
        }
        if self.compressible {
            let etag = &mut validators.to_mut().etag;
            *etag = etag.take().map(EntityTag::weakened);
        }
        if let Some(given) = self.last_modified {
            validators.to_mut().last_modified = seconds::whole(given);
        }
        // A date yet to come must not be told (RFC 9110 §8.8.2.1).
        if validators.last_modified.is_some_and(|modified| !seconds::has_come(modified)) {
            validators.to_mut().last_modified = None;
        }
    }
}
