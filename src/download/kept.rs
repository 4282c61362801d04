use std::{borrow::Cow, path::PathBuf, sync::OnceLock};

use actix_web::{
    HttpResponse,
    http::header::{
        CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED, X_CONTENT_TYPE_OPTIONS,
    },
};
#[cfg(target_os = "linux")]
use bytes::Bytes;

use super::{
    condition::Validators,
    disposition::Disposition,
    entity_tag::EntityTag,
    manner::{NOSNIFF, Show},
    media_type,
    offload::{Offload, Place},
    seconds,
    sheet::Lines,
};

/// What was found out about a file that is used again.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Its canonical path, once it was found there.
    pub(crate) place: OnceLock<PathBuf>,
    pub(crate) validators: OnceLock<Validators>,
    pub(crate) named: OnceLock<Named>,
    /// All its bytes, of a small one which the system is asked about at each use.
    #[cfg(target_os = "linux")]
    pub(crate) content: Option<OnceLock<Bytes>>,
    stamps: OnceLock<Lines>,
    handed: OnceLock<(Offload, Place)>,
    told: OnceLock<(Offload, Show, Lines)>,
}

impl Kept {
    /// Of a file about which the system is asked at each use.
    #[cfg(target_os = "linux")]
    pub(crate) fn asked_about() -> Self {
        Self { content: Some(OnceLock::new()), ..Self::default() }
    }

    /// How its validators are told, which are these.
    pub(crate) fn stamps(&self, validators: &Validators) -> &Lines {
        self.stamps.get_or_init(|| {
            let etag = validators.etag.as_ref().map(EntityTag::to_value);
            let date = validators.last_modified.and_then(seconds::date);
            let stamps = [(ETAG, etag), (LAST_MODIFIED, date)];
            stamps.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
        })
    }

    /// How this server is told the file. Of several servers the first is remembered.
    pub(crate) fn handed(&self, offload: &Offload, tell: impl FnOnce() -> Option<Place>) -> Option<Place> {
        if let Some((whose, place)) = self.handed.get()
            && whose.is(offload)
        {
            return Some(place.clone());
        }
        let place = tell()?;
        // Another worker may have been there first.
        let _ = self.handed.set((offload.clone(), place.clone()));
        Some(place)
    }

    /// The whole answer that this server is given, when it depends on nothing but these. Of several the first is remembered.
    pub(crate) fn told(
        &self,
        offload: &Offload,
        show: Show,
        make: impl FnOnce() -> Option<HttpResponse>,
    ) -> Option<HttpResponse> {
        if let Some((whose, shown, lines)) = self.told.get()
            && whose.is(offload)
            && *shown == show
        {
            return Some(lines.answer());
        }
        let answer = make()?;
        let headers = answer.headers().iter();
        let lines = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
        // Another worker may have been there first.
        let _ = self.told.set((offload.clone(), show, lines));
        Some(answer)
    }
}

/// What a file's name comes to where nothing else is said.
#[derive(Debug)]
pub(crate) struct Named {
    file_name: Option<String>,
    /// Whether a browser would run scripts of it.
    pub(crate) is_active: bool,
    attachment: Lines,
    inline: Lines,
}

impl Named {
    pub(crate) fn new(file_name: Option<String>) -> Self {
        let told = file_name.as_deref().and_then(media_type::of_name);
        let media_type = told.unwrap_or_else(|| HeaderValue::from_static(media_type::OCTET_STREAM));
        let lines = |disposition: Disposition| {
            let disposition = disposition.value(file_name.as_deref());
            let nosniff = HeaderValue::from_static(NOSNIFF);
            // In the order in which a file that is not kept has them.
            [
                (CONTENT_DISPOSITION, disposition),
                (CONTENT_TYPE, media_type.clone()),
                (X_CONTENT_TYPE_OPTIONS, nosniff),
            ]
            .into_iter()
            .collect()
        };
        Self {
            is_active: media_type::is_active_value(&media_type),
            attachment: lines(Disposition::Attachment),
            inline: lines(Disposition::Inline),
            file_name,
        }
    }

    /// Type and disposition, and that they hold.
    pub(crate) fn lines(&self, disposition: Disposition) -> &Lines {
        match disposition {
            Disposition::Attachment => &self.attachment,
            Disposition::Inline => &self.inline,
        }
    }
}

/// What a source is called.
#[derive(Debug)]
pub(crate) enum Called<'a> {
    By(Option<Cow<'a, str>>),
    /// As its name has it, whose file is used again.
    Kept(&'a Kept, &'a Named),
}

impl Called<'_> {
    pub(crate) fn file_name(&self) -> Option<&str> {
        match self {
            Self::By(file_name) => file_name.as_deref(),
            Self::Kept(_, named) => named.file_name.as_deref(),
        }
    }
}
