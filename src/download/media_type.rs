use actix_web::http::header::HeaderValue;

/// What bytes are when nothing says more.
pub(crate) const OCTET_STREAM: &str = "application/octet-stream";

/// The media type that a file's name tells, with a charset when it is text.
///
/// A compressed file is what it is: `.tar.gz` is `application/gzip`, not a tar archive with a `Content-Encoding`, which
/// clients would undo while saving.
pub(crate) fn of_name(file_name: &str) -> Option<HeaderValue> {
    let (_, extension) = file_name.rsplit_once('.')?;
    common(extension).or_else(|| of_extension(extension))
}

/// What most files are, as [`of_extension`] has it, without the search through a thousand of them.
fn common(extension: &str) -> Option<HeaderValue> {
    // Looked through when it is compiled: otherwise each answer would look at every letter again.
    macro_rules! value {
        ($text:expr) => {
            const { HeaderValue::from_static($text) }
        };
    }
    Some(match extension {
        "pdf" => value!("application/pdf"),
        "jpg" | "jpeg" => value!("image/jpeg"),
        "png" => value!("image/png"),
        "gif" => value!("image/gif"),
        "webp" => value!("image/webp"),
        "svg" => value!("image/svg+xml"),
        "mp4" => value!("video/mp4"),
        "webm" => value!("video/webm"),
        "mp3" => value!("audio/mpeg"),
        "zip" => value!("application/zip"),
        "bin" => value!(OCTET_STREAM),
        "json" => value!("application/json"),
        "txt" => value!("text/plain; charset=utf-8"),
        "html" => value!("text/html; charset=utf-8"),
        "css" => value!("text/css; charset=utf-8"),
        "csv" => value!("text/csv; charset=utf-8"),
        "js" => value!("text/javascript; charset=utf-8"),
        _ => return None,
    })
}

fn of_extension(extension: &str) -> Option<HeaderValue> {
    let compressed = ["svgz", "tgz", "gz", "emz", "wmz"];
    if compressed.iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        return Some(HeaderValue::from_static("application/gzip"));
    }
    let guess = mime_guess::from_ext(extension).first_raw()?;
    if guess.starts_with("text/") {
        return HeaderValue::from_str(&format!("{guess}; charset=utf-8")).ok();
    }
    Some(HeaderValue::from_static(guess))
}

/// Whether a browser would run scripts of it in the site's name: HTML, SVG and all other XML, web archives, and whatever is
/// no plain `type/subtype`. Of `image/png, text/html`, which an uploader may have said, browsers take the last.
pub(crate) fn is_active(media_type: &str) -> bool {
    if media_type.contains(',') {
        return true;
    }
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let Some((_, subtype)) =
        essence.split_once('/').filter(|(kind, subtype)| is_token(kind) && is_token(subtype))
    else {
        return true;
    };
    matches!(
        subtype,
        "html" | "xml" | "xsl" | "xslt" | "related" | "x-mixed-replace" | "rfc822" | "x-shockwave-flash"
    ) || subtype.ends_with("+xml")
        || subtype.ends_with("xhtml")
        || subtype.contains("xml-")
}

/// As [`is_active`]; what is no text counts as such.
pub(crate) fn is_active_value(media_type: &HeaderValue) -> bool {
    !media_type.to_str().is_ok_and(|media_type| !is_active(media_type))
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_types_are_those_of_the_long_list() {
        for extension in [
            "pdf", "jpg", "jpeg", "png", "gif", "webp", "svg", "mp4", "webm", "mp3", "zip", "bin", "json",
            "txt", "html", "css", "csv", "js",
        ] {
            assert_eq!(common(extension), of_extension(extension), "{extension}");
            assert!(common(extension).is_some());
        }
    }

    #[test]
    fn names_tell_types() {
        for (file_name, media_type) in [
            ("hello.txt", Some("text/plain; charset=utf-8")),
            ("a.csv", Some("text/csv; charset=utf-8")),
            ("a.md", Some("text/markdown; charset=utf-8")),
            ("a.PNG", Some("image/png")),
            ("a.json", Some("application/json")),
            ("a.tar.gz", Some("application/gzip")),
            ("a.tgz", Some("application/gzip")),
            ("a.svgz", Some("application/gzip")),
            ("a.tar", Some("application/x-tar")),
            ("a.svg", Some("image/svg+xml")),
            ("README", None),
            ("a.nosuchthing", None),
        ] {
            let told = of_name(file_name);
            assert_eq!(told.as_ref().map(|told| told.to_str().unwrap()), media_type, "{file_name}");
        }
    }

    #[test]
    fn what_runs_scripts_is_known() {
        for active in [
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "image/svg+xml",
            "application/xml",
            "text/xml",
            "application/xhtml+xml",
            "application/atom+xml",
            "multipart/related",
            "message/rfc822",
            "nonsense",
            "image/png, text/html",
            "image/png; a=b, text/html",
            "image/png x",
            "image/",
            "",
        ] {
            assert!(is_active(active), "{active}");
        }
        for passive in
            ["text/plain", "image/png", "application/pdf", "application/json", "application/octet-stream"]
        {
            assert!(!is_active(passive), "{passive}");
        }
    }
}
