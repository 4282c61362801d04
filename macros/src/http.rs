//! What HTTP says of names and statuses, checked while the program is compiled.

use syn::LitStr;

use crate::faults::Faults;

/// Headers that the server writes itself; RFC 9110 §7.6.1 and §6.6.1, RFC 9112 §6.
const SERVER_MANAGED: &[&str] = &[
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether `text` is a token (RFC 9110 §5.6.2).
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// The header's name in lower case, when an answer may declare it. `cookies` says how cookies are set instead.
pub(crate) fn header_name(name: &LitStr, cookies: &str, faults: &mut Faults) -> Option<String> {
    let text = name.value();
    let lower = text.to_ascii_lowercase();
    let message = if !is_token(&text) {
        format!("`{text}` is not a header name: letters, digits and !#$%&'*+-.^_`|~ are allowed (RFC 9110)")
    } else if lower == "set-cookie" {
        format!("a cookie is not declared as a header; {cookies}")
    } else if lower == "content-type" {
        "the renderer sets `Content-Type`; leave it out".to_owned()
    } else if SERVER_MANAGED.contains(&lower.as_str()) {
        format!("the server manages `{text}` itself; leave it out")
    } else {
        return Some(lower);
    };
    faults.against("header_name", name, message);
    None
}

/// Whether a value may be sent in a header (RFC 9110 §5.5): visible ASCII, spaces and tabs inside.
pub(crate) fn is_header_value(text: &str) -> bool {
    text.trim() == text && text.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b))
}

/// Whether an answer with this status never has a body (RFC 9110 §15.2, §15.3.5, §15.3.6, §15.4.5).
pub(crate) fn is_bodiless(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 205 | 304)
}
