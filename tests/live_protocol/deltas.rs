//! Deltas. That the real client can apply them is shown by `node`.

use actix_charter::live::protocol::delta::{BadDelta, apply, create};
use proptest::{collection::vec, prelude::*};

/// Pairs that have much in common, some of them with nothing but long characters.
pub(crate) fn pairs() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let text = |old: &str, new: &str| (old.as_bytes().to_vec(), new.as_bytes().to_vec());
    pairs.push(text("", "null"));
    pairs.push(text("1", "2"));
    pairs.push(text(r#"{"a":1}"#, r#"{"a":1}"#));
    let scores = |round: u32| {
        format!(
            r#"{{"round":{round},"scores":[{}]}}"#,
            (0..200)
                .map(|n| (n * n + n / 150 * (round - 1) * u32::from(n < 152)).to_string())
                .collect::<Vec<_>>()
                .join(",")
        )
    };
    pairs.push(text(&scores(1), &scores(2)));
    // The last bytes of these characters are the same, the first ones are not.
    let (old, new) = (
        format!("\"{}\"", "äöü\u{1d11e}".repeat(20)),
        format!("\"{}ŤŤŤ{}\"", "äöü\u{1d11e}".repeat(10), "\u{1d21e}äöü".repeat(10)),
    );
    pairs.push(text(&old, &new));
    pairs.push(text(&new, &old));
    let mut state = 7_u32;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let words = [
        "null",
        "true",
        "\u{e4}\u{f6}",
        "\u{2713}\u{2714}",
        "\u{1f600}\u{1f601}",
        "chess",
        "0123456789",
        "board of the team",
    ];
    for _ in 0..100 {
        let old: Vec<_> = (0..random(80)).map(|_| words[random(words.len())]).collect();
        let mut new = old.clone();
        for _ in 0..random(4) {
            let (from, to) = (random(new.len() + 1), random(new.len() + 1));
            let cut = new.split_off(from.max(to));
            let middle = new.split_off(from.min(to));
            new.extend(cut);
            new.push(words[random(words.len())]);
            new.extend(middle);
        }
        pairs.push(text(&format!("\"{}\"", old.concat()), &format!("\"{}\"", new.concat())));
    }
    pairs
}

#[test]
fn what_has_much_in_common_gets_a_short_delta() {
    let (old, new) = &pairs()[3];
    let delta = create(old, new);
    assert!(delta.len() * 8 < new.len(), "{} of {}", delta.len(), new.len());
    assert_eq!(create(new, new).len(), "UU\nUU@0,XXXXXX;".len());
}

#[test]
fn texts_get_deltas_that_are_texts() {
    for (old, new) in pairs() {
        let delta = create(&old, &new);
        assert!(
            std::str::from_utf8(&delta).is_ok(),
            "{} to {}",
            String::from_utf8_lossy(&old),
            String::from_utf8_lossy(&new)
        );
        assert_eq!(apply(&old, &delta, new.len()).unwrap(), new);
    }
}

#[test]
fn data_that_repeats_itself_without_end_is_compared_all_the_same() {
    for unit in [&b"a"[..], b"abcdefgh", b"0123456789abcdefX", &[0; 16]] {
        let old = unit.repeat(200_000 / unit.len());
        let mut new = old.clone();
        for at in (0..new.len()).step_by(1009) {
            new[at] = b'#';
        }
        let delta = create(&old, &new);
        assert_eq!(apply(&old, &delta, new.len()).unwrap(), new);
    }
}

#[test]
fn hostile_deltas_are_refused() {
    let old = b"0123456789";
    for (delta, error) in [
        (&b""[..], BadDelta::Malformed),
        (b"5", BadDelta::Malformed),
        (b"5\n", BadDelta::Malformed),
        (b"5\n5", BadDelta::Malformed),
        (b"5\n5@", BadDelta::Malformed),
        (b"5\n5@0", BadDelta::Malformed),
        (b"5\n5?", BadDelta::Malformed),
        (b"5\n9:ab", BadDelta::Malformed),
        (b"~~~~~~~~\n", BadDelta::Malformed),
        (b"3~~~~~\n", BadDelta::TooLong),
        (b"1\n2:ab", BadDelta::TooLong),
        (b"1\n2@0,", BadDelta::TooLong),
        (b"5\n5@6,", BadDelta::OutOfRange),
        (b"5\n3~~~~~@3~~~~~,", BadDelta::OutOfRange),
        (b"2\n2:ab0;", BadDelta::WrongChecksum),
        (b"3\n2:ab0;", BadDelta::Malformed),
        (b"0\n0;more", BadDelta::Malformed),
    ] {
        assert_eq!(apply(old, delta, 100), Err(error), "{}", String::from_utf8_lossy(delta));
    }
    assert_eq!(apply(old, &create(old, old), 9), Err(BadDelta::TooLong));
    assert_eq!(apply(b"9876543210", &create(old, &[&old[..], old].concat()), 100).err(), None);
    assert_eq!(apply(old, b"0\n0;", 0), Ok(Vec::new()));
}

proptest! {
    #[test]
    fn any_delta_makes_the_new_of_the_old(parts in vec(vec(prop_oneof![Just(b'a'), any::<u8>()], 0..60), 1..6), old in vec(any::<prop::sample::Index>(), 0..12), new in vec(any::<prop::sample::Index>(), 0..12)) {
        let put = |order: Vec<prop::sample::Index>| order.iter().flat_map(|at| at.get(&parts).clone()).collect::<Vec<u8>>();
        let (old, new) = (put(old), put(new));
        let delta = create(&old, &new);
        prop_assert!(delta.len() <= new.len() + 24);
        prop_assert_eq!(apply(&old, &delta, new.len()), Ok(new));
    }

    #[test]
    fn any_texts_get_a_delta_that_is_text(parts in vec("[a-cäöü\u{1f600}-\u{1f610}]{0,40}", 1..6), old in vec(any::<prop::sample::Index>(), 0..12), new in vec(any::<prop::sample::Index>(), 0..12)) {
        let put = |order: Vec<prop::sample::Index>| order.iter().map(|at| at.get(&parts).as_str()).collect::<String>();
        let (old, new) = (put(old), put(new));
        let delta = create(old.as_bytes(), new.as_bytes());
        prop_assert!(std::str::from_utf8(&delta).is_ok());
        prop_assert_eq!(apply(old.as_bytes(), &delta, new.len()).unwrap(), new.as_bytes());
    }

    #[test]
    fn any_bytes_are_a_delta_or_an_error(delta in vec(prop_oneof![any::<u8>(), prop::sample::select(b"0123456789\n@,:;".to_vec())], 0..60)) {
        if let Ok(new) = apply(b"the quick brown fox", &delta, 64) {
            prop_assert!(new.len() <= 64);
        }
    }
}
