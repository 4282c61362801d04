use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The longest name that common file systems take, in bytes.
const MAX_NAME: usize = 255;
/// What still counts as an extension when a name is cut: `.tar.gz`, but not half a sentence after a dot.
const MAX_EXTENSION: usize = 24;

/// A file name as it may be told to a client: one component, without anything that ends a header, hides from the eye,
/// or turns the direction of the text. `None` when nothing is left of it.
pub(crate) fn cleaned(name: &str) -> Option<String> {
    let mut clean: String = name
        .chars()
        .filter(|&char| !char.is_control() && !is_hidden(char))
        .map(|char| if matches!(char, '/' | '\\') { '_' } else { char })
        .collect();
    let trimmed = clean.trim();
    if trimmed.len() != clean.len() {
        clean = trimmed.to_owned();
    }
    if clean.chars().all(|char| char == '.' || char.is_whitespace()) {
        return None;
    }
    Some(shortened(clean))
}

/// Whether the name is letters, digits, dots, hyphens and underscores of ASCII only: such a one is [`cleaned`] already.
pub(crate) fn is_plain(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && name.bytes().any(|byte| byte != b'.')
}

/// Characters that are not seen but change what is: bidirectional controls (`exe.gpj` shown as `gpj.exe`), line and
/// paragraph separators, zero-width space, byte order mark, and what stands for bytes that are no text. The joiners stay; some
/// scripts and emoji need them.
const fn is_hidden(char: char) -> bool {
    matches!(
        char,
        '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'
            | '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFD}'
    )
}

/// Cuts the stem, and keeps the extension.
fn shortened(name: String) -> String {
    if name.len() <= MAX_NAME {
        return name;
    }
    let (stem, extension) = match split(&name) {
        (stem, extension) if extension.len() <= MAX_EXTENSION => (stem, extension),
        _ => (name.as_str(), ""),
    };
    let stem = prefix(stem, MAX_NAME - extension.len()).trim_end();
    format!("{stem}{extension}")
}

/// The longest prefix of at most `length` bytes that ends between two characters.
fn prefix(text: &str, length: usize) -> &str {
    let end = (0..=length.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// Stem and extension, the latter with its dot, and two parts long for `.tar.gz` and its like.
fn split(name: &str) -> (&str, &str) {
    let Some(dot) = name.rfind('.').filter(|&dot| dot > 0) else { return (name, "") };
    let dot = name
        .get(..dot)
        .filter(|stem| stem.len() > 4 && stem.to_ascii_lowercase().ends_with(".tar"))
        .map_or(dot, |stem| stem.len() - 4);
    name.split_at_checked(dot).unwrap_or((name, ""))
}

/// The name in ASCII, for clients that read nothing else: accents fall off (`é` becomes `e`), other scripts are left
/// out, and when the stem is gone it is `download`. No `%`, which some clients would decode.
pub(crate) fn ascii(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| matches!(byte, 0x20..=0x7E) && byte != b'%') {
        return Cow::Borrowed(name);
    }
    let (stem, extension) = split(name);
    let (stem, extension) = (folded(stem), folded(extension));
    let said = |text: &str| text.bytes().any(|byte| byte.is_ascii_alphanumeric());
    let stem = if said(&stem) { stem.trim() } else { "download" };
    let extension = if said(&extension) { extension.trim() } else { "" };
    Cow::Owned(format!("{stem}{extension}"))
}

fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for char in text.nfkd().filter(|&char| !is_combining_mark(char)) {
        match char {
            '%' => folded.push('_'),
            ' '..='~' => folded.push(char),
            // Letters of Latin alphabets that do not decompose.
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'Æ' => folded.push_str("AE"),
            'œ' => folded.push_str("oe"),
            'Œ' => folded.push_str("OE"),
            'ø' => folded.push('o'),
            'Ø' => folded.push('O'),
            'đ' | 'ð' => folded.push('d'),
            'Đ' | 'Ð' => folded.push('D'),
            'ł' => folded.push('l'),
            'Ł' => folded.push('L'),
            'ı' => folded.push('i'),
            'þ' => folded.push_str("th"),
            'Þ' => folded.push_str("Th"),
            '‐'..='―' | '−' => folded.push('-'),
            '‘' | '’' => folded.push('\''),
            _ => {}
        }
    }
    // NFKD may bring separators along: `℅` is `c/o`.
    folded.replace(['/', '\\'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned() {
        for (name, clean) in [
            ("a b.txt", Some("a b.txt")),
            ("../../etc/passwd", Some(".._.._etc_passwd")),
            ("C:\\fakepath\\x.txt", Some("C:_fakepath_x.txt")),
            ("a\r\nSet-Cookie: b\0.txt", Some("aSet-Cookie: b.txt")),
            ("\u{202E}gpj.exe", Some("gpj.exe")),
            ("\u{2066}a\u{2069}\u{200F}.txt", Some("a.txt")),
            ("می\u{200C}خواهم.txt", Some("می\u{200C}خواهم.txt")),
            (" .. ", None),
            ("", None),
            ("\r\n", None),
            (".env", Some(".env")),
            ("\u{85}x", Some("x")),
        ] {
            assert_eq!(cleaned(name).as_deref(), clean, "{name:?}");
            assert!(!is_plain(name) || cleaned(name).as_deref() == Some(name));
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let long = |extension: &str| cleaned(&format!("{}{extension}", "é".repeat(300))).unwrap();
        assert_eq!(long(".tar.gz").len(), 255);
        assert!(long(".tar.gz").ends_with("é.tar.gz"));
        assert!(long(".pdf").ends_with("é.pdf"));
        assert!(long(&format!(".{}", "x".repeat(300))).len() <= 255);
    }

    #[test]
    fn ascii_is_useful() {
        for (name, ascii_name) in [
            ("a b.txt", "a b.txt"),
            ("é.txt", "e.txt"),
            ("Straße № 5.pdf", "Strasse No 5.pdf"),
            ("報告.pdf", "download.pdf"),
            ("報告2024.tar.gz", "2024.tar.gz"),
            ("報告.報告", "download"),
            ("報告", "download"),
            ("50%.txt", "50_.txt"),
            ("℅.txt", "c_o.txt"),
            ("“x” – y.txt", "x - y.txt"),
        ] {
            assert_eq!(ascii(name), ascii_name, "{name}");
        }
    }
}
