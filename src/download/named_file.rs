use actix_files::NamedFile;
use actix_web::http::header::{DispositionParam, DispositionType, HeaderValue};

use super::{Download, LocalFile, Unavailable, disposition::Disposition, source::Source};

impl Download {
    /// A file of `actix-files`, with the type, the disposition and the name that it has. It is sent by us: its own
    /// settings for validators and reading count for nothing.
    ///
    /// `NamedFile::open` follows links and waits for pipes; [`path`](Self::path) does neither.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "the download takes its place")]
    pub fn named_file(named: NamedFile) -> Self {
        let media_type = named.content_type();
        let plain = media_type.type_() == mime::TEXT && media_type.get_param(mime::CHARSET).is_none();
        let charset = if plain { "; charset=utf-8" } else { "" };
        let media_type = HeaderValue::from_str(&format!("{media_type}{charset}")).ok();
        let disposition = named.content_disposition();
        let shown = matches!(disposition.disposition, DispositionType::Inline);
        let mut file_name = None;
        for parameter in &disposition.parameters {
            match parameter {
                DispositionParam::FilenameExt(name) => file_name = String::from_utf8(name.value.clone()).ok(),
                DispositionParam::Filename(name) if file_name.is_none() => file_name = Some(name.clone()),
                _ => {}
            }
        }
        let path = named.path().to_owned();
        let opened =
            named.file().try_clone().map_err(Unavailable::from).and_then(|file| LocalFile::new(file, path));
        let mut download = Self::new(Source::Opened(opened, None));
        download.manner.source_type = media_type;
        download.manner.file_name = file_name;
        download.manner.disposition = if shown { Disposition::Inline } else { Disposition::Attachment };
        download
    }
}
