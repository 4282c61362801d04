use super::Unavailable;

/// No object store that matters takes longer keys than this many characters.
const LONGEST: usize = 1024;

/// Refuses keys that a store, or the client for it, would take for another key or for a place outside: empty parts, `.` and
/// `..`, control characters, and what is longer than any key.
///
/// # Errors
/// Nothing can lie under such a key.
pub(crate) fn check(key: &str) -> Result<(), Unavailable> {
    let parts = key.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let text = !key.bytes().any(|byte| byte.is_ascii_control()) && key.chars().count() <= LONGEST;
    if parts && text { Ok(()) } else { Err(Unavailable::Missing) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_key_that_stays_itself_is_taken() {
        for key in
            ["a", "a/b.txt", "a b", " a ", "%2e%2e/a", "..a/...", "a\\..\\b", "é#?%25", &"x".repeat(1024)]
        {
            assert_eq!(check(key), Ok(()), "{key}");
        }
        for key in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/.",
            "a\0",
            "a\nb",
            &"x".repeat(1025),
        ] {
            assert_eq!(check(key), Err(Unavailable::Missing), "{key}");
        }
    }
}
