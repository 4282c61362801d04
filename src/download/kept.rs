use std::{borrow::Cow, path::PathBuf, sync::OnceLock};

use actix_web::http::header::HeaderValue;

use super::{condition::Validators, disposition::Disposition, media_type, offload::Offload};

/// What was found out about a file that is used again.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Its canonical path, once it was found there.
    pub(crate) place: OnceLock<PathBuf>,
    pub(crate) validators: OnceLock<Validators>,
    pub(crate) named: OnceLock<Named>,
    handed: OnceLock<(Offload, HeaderValue)>,
}

impl Kept {
    /// How this server is told the file. Of several servers the first is remembered.
    pub(crate) fn handed(
        &self,
        offload: &Offload,
        tell: impl FnOnce() -> Option<HeaderValue>,
    ) -> Option<HeaderValue> {
        if let Some((whose, value)) = self.handed.get()
            && whose.is(offload)
        {
            return Some(value.clone());
        }
        let value = tell()?;
        // Another worker may have been there first.
        let _ = self.handed.set((offload.clone(), value.clone()));
        Some(value)
    }
}

/// What a file's name comes to where nothing else is said.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) file_name: Option<String>,
    pub(crate) media_type: HeaderValue,
    /// Whether a browser would run scripts of it.
    pub(crate) is_active: bool,
    attachment: HeaderValue,
    inline: HeaderValue,
}

impl Named {
    pub(crate) fn new(file_name: Option<String>) -> Self {
        let told = file_name.as_deref().and_then(media_type::of_name);
        let media_type = told.unwrap_or_else(|| HeaderValue::from_static(media_type::OCTET_STREAM));
        Self {
            is_active: media_type::is_active_value(&media_type),
            media_type,
            attachment: Disposition::Attachment.value(file_name.as_deref()),
            inline: Disposition::Inline.value(file_name.as_deref()),
            file_name,
        }
    }

    pub(crate) fn disposition(&self, disposition: Disposition) -> HeaderValue {
        match disposition {
            Disposition::Attachment => self.attachment.clone(),
            Disposition::Inline => self.inline.clone(),
        }
    }
}

/// What a source is called.
#[derive(Debug)]
pub(crate) enum Called<'a> {
    By(Option<Cow<'a, str>>),
    /// And what that comes to.
    Known(&'a Named),
}

impl Called<'_> {
    pub(crate) fn file_name(&self) -> Option<&str> {
        match self {
            Self::By(file_name) => file_name.as_deref(),
            Self::Known(named) => named.file_name.as_deref(),
        }
    }
}
