//! Doc comments as the document's texts.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// A doc comment in two parts.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Doc {
    /// The first paragraph on one line, without its full stop.
    pub(crate) summary: Option<String>,
    /// What follows, CommonMark.
    pub(crate) description: Option<String>,
}

impl Doc {
    /// The doc comment among `attributes`.
    pub(crate) fn of(attributes: &[Attribute]) -> Self {
        let lines =
            attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| {
                match &attribute.meta {
                    Meta::NameValue(pair) => match &pair.value {
                        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
                        _ => None,
                    },
                    _ => None,
                }
            });
        Self::parse(&lines.collect::<Vec<_>>().join("\n"))
    }

    fn parse(text: &str) -> Self {
        // rustc keeps the one space after `///`.
        let lines: Vec<&str> =
            text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
        let text = lines.join("\n");
        let text = text.trim();
        let (first, rest) = text.split_once("\n\n").unwrap_or((text, ""));
        let first = first.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        let first = first.strip_suffix('.').filter(|cut| !cut.ends_with('.')).unwrap_or(&first);
        let some = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        Self { summary: some(first), description: some(rest) }
    }
}

#[cfg(test)]
mod tests {
    use super::Doc;

    #[test]
    fn the_first_paragraph_is_the_summary() {
        let doc = Doc::parse(" List users,\n newest first.\n\n At most 100.\n\n - one\n   - two");
        assert_eq!(doc.summary.as_deref(), Some("List users, newest first"));
        assert_eq!(doc.description.as_deref(), Some("At most 100.\n\n- one\n  - two"));
    }

    #[test]
    fn nothing_said_is_nothing_told() {
        assert_eq!(Doc::parse("  \n"), Doc::default());
        assert_eq!(Doc::parse(" And so on...").summary.as_deref(), Some("And so on..."));
    }
}
