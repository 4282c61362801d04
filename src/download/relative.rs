use std::path::Path;

/// Whether a name may be looked up below a root at all. The file system has the last word; this keeps from it what no
/// honest name holds.
pub(crate) fn is_safe(name: &Path, hidden: bool) -> bool {
    let bytes = name.as_os_str().as_encoded_bytes();
    !bytes.is_empty()
        && !bytes.contains(&0)
        && bytes.split(|&byte| byte == b'/').all(|component| is_safe_component(component, hidden))
        && (!cfg!(windows) || name.to_str().is_some_and(is_safe_on_windows))
}

fn is_safe_component(component: &[u8], hidden: bool) -> bool {
    !component.is_empty()
        && component != b"."
        // A backslash is part of a name here, but whatever reads the name next may take it for a separator.
        && !component.split(|&byte| byte == b'\\').any(|part| part == b"..")
        && (hidden || !component.starts_with(b"."))
}

/// Windows reads more into names: other separators, drives and streams (`:`), devices in every directory, and it drops
/// dots and spaces at the end.
fn is_safe_on_windows(name: &str) -> bool {
    !name.contains([':', '\\'])
        && name.split('/').all(|component| !component.ends_with(['.', ' ']) && !is_device(component))
}

fn is_device(component: &str) -> bool {
    let stem = component.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" => true,
        stem => ["COM", "LPT"].iter().any(|port| {
            stem.strip_prefix(port).is_some_and(|number| {
                matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
            })
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_names_are_known() {
        for safe in ["a", "a/b.txt", "console", "com", "com10", "nulled.txt"] {
            assert!(is_safe_on_windows(safe), "{safe}");
        }
        for unsafe_name in [
            "C:\\x",
            "C:x",
            "a\\b",
            "a.txt:stream",
            "nul",
            "NUL.txt",
            "sub/con",
            "com1.log",
            "LPT9",
            "aux .txt",
            "a.",
            "a ",
            "a./b",
        ] {
            assert!(!is_safe_on_windows(unsafe_name), "{unsafe_name}");
        }
    }
}
