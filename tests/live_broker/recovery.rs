use std::sync::Arc;

use actix_charter::live::{
    Position, Publication,
    broker::{
        Accept, Gap, History, LivePublication, RECOVERY_LIMIT, Recovery, merge, recover, recover_newest,
    },
};

fn publication(offset: u64) -> Arc<Publication> {
    Arc::new(Publication { offset, ..Publication::default() })
}

fn run(offsets: impl IntoIterator<Item = u64>) -> Vec<Arc<Publication>> {
    offsets.into_iter().map(publication).collect()
}

fn live(offsets: &[u64], epoch: &str) -> Vec<LivePublication> {
    let told = offsets.iter().map(|offset| LivePublication {
        publication: publication(*offset),
        epoch: epoch.into(),
        previous: None,
    });
    told.collect()
}

fn at(offset: u64, epoch: &str) -> Position {
    Position { offset, epoch: epoch.into() }
}

fn offsets(publications: &[Arc<Publication>]) -> Vec<u64> {
    publications.iter().map(|publication| publication.offset).collect()
}

/// What the broker answers about a stream that holds `first..=top`.
fn found(requested: &Position, first: u64, top: u64, limit: usize) -> History {
    let same = requested.epoch.is_empty() || requested.epoch.as_str() == "e";
    let after = (first..=top).filter(|offset| same && *offset > requested.offset);
    History { publications: run(after.take(limit + 1)), position: at(top, "e") }
}

#[test]
fn all_small_streams_against_the_rule_said_plainly() {
    let mut seen = [0, 0];
    for top in 0..7 {
        for first in 1..=top + 1 {
            for offset in 0..9 {
                for epoch in ["e", "", "other"] {
                    for limit in 0..8 {
                        let requested = at(offset, epoch);
                        let recovery = recover(&requested, found(&requested, first, top, limit), limit);
                        // Everything between is there, and not too much of it.
                        let possible = epoch != "other"
                            && offset <= top
                            && (offset + 1..=top).all(|missed| missed >= first)
                            && top - offset <= limit as u64;
                        let case = format!("{first}..={top}, {requested:?}, {limit}");
                        assert_eq!(recovery.recovered, possible, "{case}");
                        let expected = if possible { (offset + 1..=top).collect() } else { vec![] };
                        assert_eq!(offsets(&recovery.publications), expected, "{case}");
                        let told = if possible { offset } else { top };
                        assert_eq!(recovery.position, at(told, "e"), "{case}");
                        seen[usize::from(possible)] += 1;
                    }
                }
            }
        }
    }
    assert!(seen.iter().all(|times| *times > 500), "{seen:?}");
}

#[test]
fn three_hundred_and_no_more() {
    for (missed, recovered) in [(300, true), (301, false)] {
        let requested = at(5, "e");
        let found = found(&requested, 1, 5 + missed, RECOVERY_LIMIT);
        assert_eq!(recover(&requested, found, RECOVERY_LIMIT).recovered, recovered);
    }
}

#[test]
fn the_last_offset_there_is_does_not_wrap() {
    let history = History { publications: run([u64::MAX]), position: at(u64::MAX, "e") };
    assert!(recover(&at(u64::MAX - 1, "e"), history.clone(), 300).recovered);
    assert!(!recover(&at(u64::MAX, "e"), history, 300).recovered);
    assert_eq!(at(u64::MAX, "e").accept(1, &"e".into()), Accept::Skip);
}

#[test]
fn of_whole_states_only_the_newest() {
    let newest = |offset| History { publications: run([offset]), position: at(6, "e") };
    // (asked for, found, recovered, delivered, told, after the merge with 7 and 8)
    let none = History { publications: vec![], position: at(6, "e") };
    let cases = [
        (Position::default(), newest(6), true, vec![6], 0, vec![8]),
        (at(6, "e"), newest(6), true, vec![], 6, vec![8]),
        (at(5, "e"), newest(6), true, vec![6], 5, vec![8]),
        (at(6, "other"), newest(6), true, vec![6], 6, vec![8]),
        (at(9, "other"), newest(6), true, vec![6], 9, vec![8]),
        (at(6, "e"), newest(5), false, vec![], 6, vec![7, 8]),
        (at(6, "e"), none, false, vec![], 6, vec![7, 8]),
    ];
    for (requested, found, recovered, delivered, told, merged) in cases {
        let recovery = recover_newest(&requested, found);
        assert_eq!(recovery.recovered, recovered, "{requested:?}");
        assert_eq!(offsets(&recovery.publications), delivered, "{requested:?}");
        assert_eq!(recovery.position, at(told, "e"), "{requested:?}");
        let after = recovery.merge(live(&[5, 6, 7, 8], "e")).unwrap();
        assert_eq!(offsets(&after.publications), merged, "{requested:?}");
        assert_eq!(after.position, at(8, "e"), "{requested:?}");
    }
}

#[test]
fn what_came_meanwhile_goes_behind() {
    // (start, recovered, buffered, merged or a gap)
    type Case<'a> = (u64, &'a [u64], &'a [u64], Result<&'a [u64], Gap>);
    let cases: [Case<'_>; 14] = [
        (0, &[], &[], Ok(&[])),
        (3, &[4, 5], &[], Ok(&[4, 5])),
        (3, &[4, 5], &[6, 7], Ok(&[4, 5, 6, 7])),
        (3, &[4, 5], &[4, 5, 6], Ok(&[4, 5, 6])),
        (3, &[4, 5], &[5, 5, 6, 6], Ok(&[4, 5, 6])),
        (3, &[4, 5], &[2, 3], Ok(&[4, 5])),
        (3, &[4, 5], &[7, 6, 5], Ok(&[4, 5, 6, 7])),
        (3, &[4, 5], &[7], Err(Gap)),
        (3, &[4, 5], &[6, 8], Err(Gap)),
        (3, &[4, 6], &[], Err(Gap)),
        (3, &[], &[4, 5], Ok(&[4, 5])),
        (3, &[], &[5], Err(Gap)),
        (3, &[], &[1, 2, 3], Ok(&[])),
        (3, &[4], &[0, 5, 0], Ok(&[4, 0, 5, 0])),
    ];
    for (start, recovered, buffered, expected) in cases {
        let merged = merge(at(start, "e"), run(recovered.iter().copied()), live(buffered, "e"));
        match (merged, expected) {
            (Ok(merged), Ok(expected)) => {
                assert_eq!(offsets(&merged.publications), expected);
                let last = expected.iter().copied().max().unwrap_or(0).max(start);
                assert_eq!(merged.position, at(last, "e"));
            }
            (merged, expected) => {
                assert_eq!(merged.map(|it| offsets(&it.publications)), expected.map(<[u64]>::to_vec));
            }
        }
    }
}

#[test]
fn publications_without_a_place_keep_theirs_when_others_are_sorted() {
    let merged = merge(at(3, "e"), vec![], live(&[0, 5, 0, 4, 0], "e")).unwrap();
    assert_eq!(offsets(&merged.publications), [0, 4, 0, 5, 0]);
}

#[test]
fn another_life_of_the_stream_is_a_gap() {
    assert_eq!(merge(at(3, "e"), run([4]), live(&[5], "other")), Err(Gap));
    assert_eq!(merge(at(3, "e"), run([4]), live(&[1], "other")), Err(Gap));
    let merged = merge(at(0, ""), vec![], live(&[1, 2], "first")).unwrap();
    assert_eq!(merged.position, at(2, "first"), "an unknown one is learned");
    assert_eq!(merge(at(0, ""), vec![], [live(&[1], "a"), live(&[2], "b")].concat()), Err(Gap));
}

#[test]
fn who_recovers_nothing_begins_at_the_top() {
    let merged = Recovery::none(at(6, "e")).merge(live(&[5, 6, 7], "e")).unwrap();
    assert_eq!((offsets(&merged.publications), merged.position), (vec![7], at(7, "e")));
}

#[test]
fn all_small_live_publications_against_the_rule_said_plainly() {
    for own_epoch in ["e", ""] {
        for own in 0..6 {
            for epoch in ["e", "other"] {
                for offset in 0..8 {
                    let mut position = at(own, own_epoch);
                    let accept = position.accept(offset, &epoch.into());
                    let known = own_epoch == epoch || own_epoch.is_empty();
                    let expected = match offset {
                        0 => Accept::Deliver,
                        _ if !known => Accept::Insufficient,
                        _ if offset == own + 1 => Accept::Deliver,
                        _ if offset <= own => Accept::Skip,
                        _ => Accept::Insufficient,
                    };
                    let case = format!("{own_epoch}:{own} <- {epoch}:{offset}");
                    assert_eq!(accept, expected, "{case}");
                    let moved = offset != 0 && accept == Accept::Deliver;
                    assert_eq!(position.offset, if moved { offset } else { own }, "{case}");
                }
            }
        }
    }
}
