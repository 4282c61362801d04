/// Whether a name fits a pattern in which `*` is any run of characters and `?` is one of them.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut from) = (0, 0);
    // Where to go on when the rest does not fit: behind the last star, which takes one character more.
    let mut again = None;
    loop {
        match (pattern.get(at), name.get(from)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                again = Some((at, from));
                at += 1;
            }
            (Some(b'?'), Some(_)) => (at, from) = (at + 1, from + 1),
            (Some(expected), Some(byte)) if expected == byte => (at, from) = (at + 1, from + 1),
            _ => match again {
                Some((star, taken)) if taken < name.len() => {
                    again = Some((star, taken + 1));
                    (at, from) = (star + 1, taken + 1);
                }
                _ => return false,
            },
        }
    }
}

/// Whether it has nothing else in it that means something in Centrifugo's patterns.
pub(super) fn is_plain(pattern: &str) -> bool {
    !pattern.contains(['[', ']', '{', '}', '\\', '!'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::matches;

    /// As it is told.
    fn plainly(pattern: &[u8], name: &[u8]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some((b'*', rest)) => (0..=name.len()).any(|taken| plainly(rest, &name[taken..])),
            Some((first, rest)) => name
                .split_first()
                .is_some_and(|(byte, name)| (byte == first || *first == b'?') && plainly(rest, name)),
        }
    }

    #[test]
    fn stars_take_any_run_and_question_marks_one() {
        for (pattern, name) in
            [("*", ""), ("*", "a:b"), ("a:*", "a:b:c"), ("a:*:c", "a::b:c"), ("?:1", "a:1")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("", "a"), ("a:*", "b:a:"), ("a:?", "a:"), ("*:a", "a:b")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
        let many = "*a".repeat(40);
        assert!(!matches(&many, &"b".repeat(20_000)), "and it takes no longer than it has to");
    }

    proptest! {
        #[test]
        fn as_it_is_told(pattern in "[ab*?]{0,8}", name in "[ab]{0,8}") {
            prop_assert_eq!(matches(&pattern, &name), plainly(pattern.as_bytes(), name.as_bytes()));
        }
    }
}
