use std::ops::Range;

/// More ranges than this in one request are no download, but an attempt to make us work (RFC 9110 §14.2).
const MAX_RANGES: usize = 100;

/// Which bytes a `Range` header asks for (RFC 9110 §14.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All of them: there is no header, or it is to be ignored.
    Whole,
    /// None that there are: 416.
    Nothing,
    /// These, in the order they were asked for; neither empty nor overlapping nor touching one another.
    Parts(Vec<Range<u64>>),
}

impl Asked {
    /// Reads the value of a `Range` header for a representation of `size` bytes.
    ///
    /// What is malformed, in another unit, or asks for too many ranges is ignored, as if there were no header.
    pub(crate) fn parse(value: &[u8], size: u64) -> Self {
        let Some(specs) = std::str::from_utf8(value).ok().and_then(specs) else { return Self::Whole };
        let mut parts = Vec::new();
        for (index, spec) in specs.split(',').enumerate() {
            let spec = spec.trim_matches([' ', '\t']);
            // A recipient takes empty list elements (RFC 9110 §5.6.1.2).
            if spec.is_empty() {
                continue;
            }
            let Some(spec) = Spec::parse(spec).filter(|_| index < MAX_RANGES) else { return Self::Whole };
            match spec.resolve(size) {
                Resolved::Bytes(bytes) => parts.push(bytes),
                // "the entire representation is used", and no Content-Range can say "all of nothing".
                Resolved::Everything => return Self::Whole,
                Resolved::Nothing => {}
            }
        }
        if specs.bytes().all(|byte| matches!(byte, b',' | b' ' | b'\t')) {
            return Self::Whole;
        }
        if parts.is_empty() { Self::Nothing } else { Self::Parts(merge(parts)) }
    }
}

/// Whether this asks for one range in bytes, well-formed, whatever the length of the representation is.
pub(crate) fn is_single(value: &[u8]) -> bool {
    let specs = std::str::from_utf8(value).ok().and_then(specs);
    specs.is_some_and(|spec| Spec::parse(spec.trim_matches([' ', '\t'])).is_some())
}

fn specs(value: &str) -> Option<&str> {
    let (unit, specs) = value.split_once('=')?;
    unit.trim().eq_ignore_ascii_case("bytes").then_some(specs)
}

/// One range as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spec {
    From(u64),
    Between(u64, u64),
    Last(u64),
}

enum Resolved {
    Bytes(Range<u64>),
    Everything,
    Nothing,
}

impl Spec {
    fn parse(spec: &str) -> Option<Self> {
        let (first, last) = spec.split_once('-')?;
        match (first.is_empty(), last.is_empty()) {
            (true, true) => None,
            (true, false) => Some(Self::Last(number(last)?)),
            (false, true) => Some(Self::From(number(first)?)),
            (false, false) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::Between(first, last))
            }
        }
    }

    fn resolve(self, size: u64) -> Resolved {
        let bytes = match self {
            Self::From(first) => first..size,
            Self::Between(first, last) => first..last.saturating_add(1).min(size),
            Self::Last(0) => return Resolved::Nothing,
            Self::Last(_) if size == 0 => return Resolved::Everything,
            Self::Last(length) => size.saturating_sub(length)..size,
        };
        if bytes.start < bytes.end { Resolved::Bytes(bytes) } else { Resolved::Nothing }
    }
}

/// A number of digits only; one that no `u64` can hold is as good as the greatest that one can.
fn number(digits: &str) -> Option<u64> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

/// Joins what overlaps or touches. Each joined range stands where the first of its members stood.
fn merge(parts: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut sorted: Vec<(usize, Range<u64>)> = parts.into_iter().enumerate().collect();
    sorted.sort_unstable_by_key(|(_, part)| part.start);
    let mut merged: Vec<(usize, Range<u64>)> = Vec::with_capacity(sorted.len());
    for (index, part) in sorted {
        match merged.last_mut() {
            Some((first, last)) if part.start <= last.end => {
                last.end = last.end.max(part.end);
                *first = index.min(*first);
            }
            _ => merged.push((index, part)),
        }
    }
    merged.sort_unstable_by_key(|(index, _)| *index);
    merged.into_iter().map(|(_, part)| part).collect()
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "one range is what is meant")]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_cases_of_the_rfc() {
        let whole = Asked::Whole;
        let nothing = Asked::Nothing;
        let parts = |parts: &[Range<u64>]| Asked::Parts(parts.to_vec());
        for (value, size, asked) in [
            ("bytes=5-", 13, parts(&[5..13])),
            ("bytes=-3", 13, parts(&[10..13])),
            ("bytes=12-12", 13, parts(&[12..13])),
            ("bytes=-100", 13, parts(&[0..13])),
            ("bytes=13-", 13, nothing.clone()),
            ("bytes=-0", 13, nothing.clone()),
            ("bytes=0-0,-0", 13, parts(&[0..1])),
            ("items=0-1", 13, whole.clone()),
            ("BYTES=0-1", 13, parts(&[0..2])),
            ("bytes=0-0,5-6", 13, parts(&[0..1, 5..7])),
            ("bytes=50-,60-", 13, nothing.clone()),
            ("bytes=0-4,2-8", 13, parts(&[0..9])),
            ("bytes=0-4,5-8", 13, parts(&[0..9])),
            ("bytes=9-9, 0-4,\t5-6 ,,", 13, parts(&[9..10, 0..7])),
            ("bytes=0-", 0, nothing.clone()),
            ("bytes=-5", 0, whole.clone()),
            ("bytes=5-4", 13, whole.clone()),
            ("bytes=abc", 13, whole.clone()),
            ("bytes=-", 13, whole.clone()),
            ("bytes=", 13, whole.clone()),
            ("bytes=,", 13, whole.clone()),
            ("bytes=+1-2", 13, whole.clone()),
            ("bytes=1-2-3", 13, whole.clone()),
            ("bytes=0-0;1", 13, whole.clone()),
            ("bytes 0-1", 13, whole.clone()),
            ("bytes=0-18446744073709551615", 13, parts(&[0..13])),
            ("bytes=4-99999999999999999999", 13, parts(&[4..13])),
            ("bytes=99999999999999999999-", 13, nothing.clone()),
            ("bytes=0-18446744073709551615", u64::MAX, parts(&[0..u64::MAX])),
        ] {
            assert_eq!(Asked::parse(value.as_bytes(), size), asked, "{value} of {size}");
        }
    }

    #[test]
    fn ignores_too_many() {
        let ask = |count: usize| format!("bytes={}", vec!["0-"; count].join(","));
        assert_eq!(Asked::parse(ask(100).as_bytes(), 13), Asked::Parts(vec![Range { start: 0, end: 13 }]));
        assert_eq!(Asked::parse(ask(101).as_bytes(), 13), Asked::Whole);
    }

    fn spec() -> impl Strategy<Value = Spec> {
        prop_oneof![
            (0..40u64).prop_map(Spec::From),
            (0..40u64, 0..40u64).prop_map(|(a, b)| Spec::Between(a.min(b), a.max(b))),
            (0..40u64).prop_map(Spec::Last),
        ]
    }

    proptest! {
        /// The model looks at every byte by itself and knows nothing of ranges.
        #[test]
        fn agrees_with_the_naive_model(specs in prop::collection::vec(spec(), 1..12), size in 0..32u64) {
            let text = specs.iter().map(|spec| match spec {
                Spec::From(a) => format!("{a}-"),
                Spec::Between(a, b) => format!("{a}-{b}"),
                Spec::Last(n) => format!("-{n}"),
            }).collect::<Vec<_>>().join(" , ");
            let wanted: BTreeSet<u64> = (0..size).filter(|&byte| specs.iter().any(|spec| match *spec {
                Spec::From(a) => byte >= a,
                Spec::Between(a, b) => byte >= a && byte <= b,
                Spec::Last(n) => byte + n >= size,
            })).collect();
            let asked = Asked::parse(format!("bytes={text}").as_bytes(), size);
            match asked {
                Asked::Whole => {
                    prop_assert!(size == 0 && specs.iter().any(|spec| matches!(spec, Spec::Last(1..))));
                }
                Asked::Nothing => prop_assert!(wanted.is_empty()),
                Asked::Parts(parts) => {
                    let sent: Vec<u64> = parts.iter().cloned().flatten().collect();
                    let set: BTreeSet<u64> = sent.iter().copied().collect();
                    prop_assert_eq!(set.len(), sent.len(), "a byte is sent twice");
                    prop_assert_eq!(set, wanted);
                    for (i, a) in parts.iter().enumerate() {
                        prop_assert!(parts.iter().skip(i + 1).all(|b| a.end < b.start || b.end < a.start));
                    }
                }
            }
        }

        #[test]
        fn never_leaves_the_representation(value in "(bytes=)?[0-9,\\- =a-z]{0,40}", size: u64) {
            if let Asked::Parts(parts) = Asked::parse(value.as_bytes(), size) {
                prop_assert!(parts.iter().all(|part| part.start < part.end && part.end <= size));
            }
        }
    }
}
