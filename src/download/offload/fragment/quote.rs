//! Text in double quotes. What a language has no escape for is refused rather than guessed at.

/// nginx: `$` begins a variable and cannot be escaped.
pub(super) fn nginx(text: &str) -> Option<String> {
    quoted(text, &['"', '\\'], &['$'])
}

/// Apache: `${` is replaced while the file is read.
pub(super) fn apache(text: &str) -> Option<String> {
    quoted(text, &['"', '\\'], &['$'])
}

/// lighttpd: how a backslash is read depends on what follows it.
pub(super) fn lighttpd(text: &str) -> Option<String> {
    quoted(text, &[], &['"', '\\'])
}

/// Caddy: `{` begins a placeholder.
pub(super) fn caddy(text: &str) -> Option<String> {
    quoted(text, &[], &['"', '\\', '{', '}', '`'])
}

fn quoted(text: &str, escaped: &[char], refused: &[char]) -> Option<String> {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for character in text.chars() {
        if character.is_control() || refused.contains(&character) {
            return None;
        }
        if escaped.contains(&character) {
            written.push('\\');
        }
        written.push(character);
    }
    written.push('"');
    Some(written)
}
