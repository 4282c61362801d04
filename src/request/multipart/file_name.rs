/// The longest name that is given out, in bytes; file systems take 255, and something may be added to it.
const MAX_BYTES: usize = 200;

/// The longest extension that survives when a name is cut.
const MAX_EXTENSION: usize = 16;

/// A name that can be used as a single component of a path on any system.
pub(super) fn safe(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_unwanted(*c)).collect();
    // A leading dot hides a file, a trailing one is dropped by Windows.
    let trimmed = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let name = cut(trimmed);
    if name.is_empty() {
        "upload".to_owned()
    } else if is_device(&name) {
        format!("_{name}")
    } else {
        name
    }
}

/// Shortens from the middle: what stands before the extension goes first.
fn cut(name: &str) -> String {
    if name.len() <= MAX_BYTES {
        return name.to_owned();
    }
    let extension = name.rfind('.').map_or("", |dot| name.split_at(dot).1);
    let extension = if extension.len() > MAX_EXTENSION { "" } else { extension };
    let mut stem = String::new();
    for c in name.chars() {
        if stem.len() + c.len_utf8() + extension.len() > MAX_BYTES {
            break;
        }
        stem.push(c);
    }
    format!("{}{extension}", stem.trim_end_matches(|c: char| c == '.' || c.is_whitespace()))
}

/// Characters that a file system reserves, that cannot be seen, or that turn the text around.
fn is_unwanted(c: char) -> bool {
    c.is_control()
        || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Names that Windows keeps for devices, whatever their extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let number = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    number.is_some_and(|rest| {
        let mut rest = rest.chars();
        rest.next().is_some_and(|c| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³'))
            && rest.next().is_none()
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::str_to_string,
    reason = "tests fail this way"
)]
mod tests {
    use proptest::prelude::*;

    use super::safe;

    #[test]
    fn table() {
        for (sent, expected) in [
            ("cat.png", "cat.png"),
            ("Katze mit Hut – 1.png", "Katze mit Hut – 1.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\cat.png", "cat.png"),
            ("cat/", "upload"),
            ("..", "upload"),
            ("", "upload"),
            (" .. .htaccess ", "htaccess"),
            ("a\0b\r\nc.txt", "abc.txt"),
            ("gnp.\u{202e}exe", "gnp.exe"),
            ("zero\u{200b}width", "zerowidth"),
            ("a<b>c:d\"e|f?g*h", "abcdefgh"),
            ("con", "_con"),
            ("Com1.tar.gz", "_Com1.tar.gz"),
            ("nul .txt", "_nul .txt"),
            ("com\u{b9}", "_com\u{b9}"),
            ("com10", "com10"),
            ("console.log", "console.log"),
            ("NU\u{200b}L", "_NUL"),
        ] {
            assert_eq!(safe(sent), expected, "{sent:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = safe(&format!("{}.jpeg", "ü".repeat(300)));
        assert!(name.ends_with("ü.jpeg") && name.len() <= 200, "{name}");
        assert_eq!(safe(&format!("a.{}", "b".repeat(300))).len(), 200);
    }

    proptest! {
        #[test]
        fn a_safe_name_is_one_component_and_stays(sent in "[a-z./\\\\ \u{202e}\u{0}:ü]{0,12}|\\PC{0,300}") {
            let name = safe(&sent);
            prop_assert!(!name.is_empty() && name != "." && name != "..");
            prop_assert!(name.len() <= 201 && !name.contains(['/', '\\', '\0', ':']));
            prop_assert_eq!(std::path::Path::new(&name).components().count(), 1);
            prop_assert_eq!(safe(&name), name);
        }
    }
}
