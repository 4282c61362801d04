use std::cmp::Ordering;

/// Compares two decimal numbers exactly, however long; `None` when one of them is none.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let (left, right) = (Decimal::read(left)?, Decimal::read(right)?);
    Some(match (left.negative, right.negative) {
        (false, false) => left.magnitude(&right),
        (true, true) => right.magnitude(&left),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    })
}

struct Decimal<'a> {
    negative: bool,
    /// Without leading zeros.
    whole: &'a str,
    /// Without trailing zeros.
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let only_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if !only_digits || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        // There is only one zero.
        Some(Self { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction })
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(other.whole));
        whole.then_with(|| self.fraction.cmp(other.fraction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        for (left, right, expected) in [
            ("9", "10", Some(Ordering::Less)),
            ("-9", "-10", Some(Ordering::Greater)),
            ("-0", "+0.00", Some(Ordering::Equal)),
            ("007.50", "7.5", Some(Ordering::Equal)),
            ("0.1", "0.09", Some(Ordering::Greater)),
            (".5", "0.5", Some(Ordering::Equal)),
            ("-1", "0", Some(Ordering::Less)),
            (
                "100000000000000000000000000000000000000.1",
                "100000000000000000000000000000000000000.2",
                Some(Ordering::Less),
            ),
            ("", "1", None),
            (".", "1", None),
            ("-", "1", None),
            ("1e3", "1", None),
            ("1", "one", None),
            ("1.2.3", "1", None),
            ("--1", "1", None),
        ] {
            assert_eq!(compare(left, right), expected, "{left} and {right}");
        }
    }
}
