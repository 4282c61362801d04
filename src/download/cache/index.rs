use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use super::Key;

/// A file takes at least a block of the disk, and its entry some memory.
const BLOCK: u64 = 4096;

/// What lies in the directory, as far as this process knows. Times are since some fixed moment.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: HashMap<Key, Entry>,
    /// The one that was not used for longest comes first.
    by_use: BTreeMap<u64, Key>,
    by_age: BTreeSet<(Duration, Key)>,
    /// Of the disk.
    total: u64,
    /// Counts insertions and uses.
    ticks: u64,
}

#[derive(Debug)]
struct Entry {
    size: u64,
    written: Duration,
    /// The tick of the last use.
    used: u64,
    /// The tick of the insertion: tells this file from a later one of the same key.
    serial: u64,
    pinned_until: Duration,
    /// The file is not what was written.
    spoiled: bool,
}

/// An entry that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) size: u64,
    pub(super) serial: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) max_size: u64,
    pub(super) max_age: Option<Duration>,
}

impl Bounds {
    fn is_too_old(&self, written: Duration, now: Duration) -> bool {
        self.max_age.is_some_and(|most| now.saturating_sub(written) >= most)
    }
}

impl Index {
    /// Takes in a file that was just written. Gives the size of the one whose place it takes.
    pub(super) fn insert(&mut self, key: Key, size: u64, written: Duration) -> Option<u64> {
        let tick = self.tick();
        let entry = Entry {
            size,
            written,
            used: tick,
            serial: tick,
            // It may have been handed over before it grew too old.
            pinned_until: self.entries.get(&key).map_or(Duration::ZERO, |old| old.pinned_until),
            spoiled: false,
        };
        let replaced = self.remove(&key);
        self.total = self.total.saturating_add(weight(size));
        self.by_use.insert(tick, key);
        self.by_age.insert((written, key));
        self.entries.insert(key, entry);
        replaced
    }

    /// Finds a file that may be used, and counts it as used.
    pub(super) fn find(&mut self, key: &Key, bounds: &Bounds, now: Duration) -> Option<Hit> {
        let tick = self.tick();
        let entry = self.entries.get_mut(key)?;
        if entry.spoiled || bounds.is_too_old(entry.written, now) {
            return None;
        }
        self.by_use.remove(&entry.used);
        self.by_use.insert(tick, *key);
        entry.used = tick;
        Some(Hit { size: entry.size, serial: entry.serial })
    }

    /// Keeps the file in its place until then.
    pub(super) fn pin(&mut self, key: &Key, until: Duration) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.pinned_until = entry.pinned_until.max(until);
        }
    }

    /// The file is gone.
    pub(super) fn forget(&mut self, key: &Key, hit: Hit) {
        if self.entries.get(key).is_some_and(|entry| entry.serial == hit.serial) {
            self.remove(key);
        }
    }

    /// The file is not what was written: it is not used any more, and goes with the next eviction.
    pub(super) fn spoil(&mut self, key: &Key, hit: Hit) {
        if let Some(entry) = self.entries.get_mut(key).filter(|entry| entry.serial == hit.serial) {
            entry.spoiled = true;
            entry.pinned_until = Duration::ZERO;
            // To the front of both lines.
            self.by_age.remove(&(entry.written, *key));
            entry.written = Duration::ZERO;
            self.by_age.insert((entry.written, *key));
        }
    }

    /// Drops what is too old or too much, and tells what that was. What is pinned or `busy` stays.
    pub(super) fn evict(
        &mut self,
        bounds: &Bounds,
        now: Duration,
        busy: impl Fn(&Key) -> bool,
    ) -> Vec<(Key, u64)> {
        let stays =
            |key: &Key| busy(key) || self.entries.get(key).is_some_and(|entry| entry.pinned_until > now);
        let mut leaving: Vec<Key> = self
            .by_age
            .iter()
            .take_while(|(written, key)| {
                bounds.is_too_old(*written, now) || self.entries.get(key).is_some_and(|entry| entry.spoiled)
            })
            .map(|(_, key)| *key)
            .filter(|key| !stays(key))
            .collect();
        let weight_of = |key: &Key| self.entries.get(key).map_or(0, |entry| weight(entry.size));
        let mut total = self.total - leaving.iter().map(weight_of).sum::<u64>();
        if total > bounds.max_size {
            let old: BTreeSet<Key> = leaving.iter().copied().collect();
            for key in self.by_use.values().filter(|key| !old.contains(*key) && !stays(key)) {
                if total <= bounds.max_size {
                    break;
                }
                total -= weight_of(key);
                leaving.push(*key);
            }
        }
        leaving.into_iter().filter_map(|key| self.remove(&key).map(|size| (key, size))).collect()
    }

    fn remove(&mut self, key: &Key) -> Option<u64> {
        let entry = self.entries.remove(key)?;
        self.by_use.remove(&entry.used);
        self.by_age.remove(&(entry.written, *key));
        self.total = self.total.saturating_sub(weight(entry.size));
        Some(entry.size)
    }

    fn tick(&mut self) -> u64 {
        self.ticks += 1;
        self.ticks
    }
}

/// What a file takes of the disk.
pub(super) fn weight(size: u64) -> u64 {
    size.max(1).checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Action {
        Insert(u8, u64),
        Find(u8),
        Pin(u8),
        Spoil(u8),
        Forget(u8),
        Wait(u64),
        Evict(Vec<u8>),
    }

    fn action() -> impl Strategy<Value = Action> {
        let key = 0..12u8;
        prop_oneof![
            4 => (key.clone(), 0..5 * BLOCK).prop_map(|(key, size)| Action::Insert(key, size)),
            4 => key.clone().prop_map(Action::Find),
            2 => key.clone().prop_map(Action::Pin),
            1 => key.clone().prop_map(Action::Spoil),
            1 => key.clone().prop_map(Action::Forget),
            3 => (0..40u64).prop_map(Action::Wait),
            4 => prop::collection::vec(key, 0..3).prop_map(Action::Evict),
        ]
    }

    /// The same, as a plain list, the least recently used first.
    #[derive(Debug, Default)]
    struct Naive(Vec<Line>);

    #[derive(Debug, Clone)]
    struct Line {
        key: u8,
        size: u64,
        written: u64,
        pinned_until: u64,
        spoiled: bool,
    }

    impl Naive {
        fn take(&mut self, key: u8) -> Option<Line> {
            let at = self.0.iter().position(|line| line.key == key)?;
            Some(self.0.remove(at))
        }

        fn total(&self) -> u64 {
            self.0.iter().map(|line| weight(line.size)).sum()
        }
    }

    const PIN: u64 = 30;
    const AGE: u64 = 100;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn it_is_the_naive_model(
            actions in prop::collection::vec(action(), 0..120),
            blocks in 1..20u64,
            aged: bool,
        ) {
            let bounds = Bounds { max_size: blocks * BLOCK, max_age: aged.then_some(Duration::from_secs(AGE)) };
            let (mut index, mut naive, mut now) = (Index::default(), Naive::default(), 1000);
            let too_old = |line: &Line, now: u64| aged && now - line.written >= AGE;
            for action in actions {
                let at = Duration::from_secs(now);
                match action {
                    Action::Insert(key, size) => {
                        let old = naive.take(key);
                        let replaced = index.insert(Key::of_number(key), size, at);
                        prop_assert_eq!(replaced, old.as_ref().map(|old| old.size));
                        let pinned_until = old.map_or(0, |old| old.pinned_until);
                        naive.0.push(Line { key, size, written: now, pinned_until, spoiled: false });
                    }
                    Action::Find(key) => {
                        let found = index.find(&Key::of_number(key), &bounds, at).map(|hit| hit.size);
                        let wanted = naive.0.iter().find(|line| line.key == key).cloned();
                        let wanted = wanted.filter(|line| !line.spoiled && !too_old(line, now));
                        prop_assert_eq!(found, wanted.as_ref().map(|line| line.size));
                        if let Some(line) = wanted {
                            naive.take(key);
                            naive.0.push(line);
                        }
                    }
                    Action::Pin(key) => {
                        index.pin(&Key::of_number(key), at + Duration::from_secs(PIN));
                        if let Some(line) = naive.0.iter_mut().find(|line| line.key == key) {
                            line.pinned_until = now + PIN;
                        }
                    }
                    Action::Spoil(key) | Action::Forget(key) => {
                        // Only what was found can turn out to be wrong.
                        let Some(hit) = index.find(&Key::of_number(key), &bounds, at) else { continue };
                        let mut line = naive.take(key).unwrap();
                        let stale = Hit { serial: hit.serial + 1, ..hit };
                        index.spoil(&Key::of_number(key), stale);
                        index.forget(&Key::of_number(key), stale);
                        if matches!(action, Action::Spoil(_)) {
                            index.spoil(&Key::of_number(key), hit);
                            (line.spoiled, line.pinned_until) = (true, 0);
                            naive.0.push(line);
                        } else {
                            index.forget(&Key::of_number(key), hit);
                        }
                    }
                    Action::Wait(seconds) => now += seconds,
                    Action::Evict(busy) => {
                        let keys: Vec<_> = busy.iter().map(|key| Key::of_number(*key)).collect();
                        let stays = |line: &Line| busy.contains(&line.key) || line.pinned_until > now;
                        let mut gone: Vec<_> = naive.0.clone();
                        gone.retain(|line| !stays(line) && (line.spoiled || too_old(line, now)));
                        naive.0.retain(|line| gone.iter().all(|old| old.key != line.key));
                        while naive.total() > bounds.max_size {
                            let Some(at) = naive.0.iter().position(|line| !stays(line)) else { break };
                            gone.push(naive.0.remove(at));
                        }
                        let mut gone: Vec<_> =
                            gone.iter().map(|line| (Key::of_number(line.key), line.size)).collect();
                        let mut evicted = index.evict(&bounds, at, |key| keys.contains(key));
                        gone.sort();
                        evicted.sort();
                        prop_assert_eq!(evicted, gone);
                        prop_assert!(
                            index.total <= bounds.max_size || naive.0.iter().all(stays),
                            "the bound is kept where nothing is in the way"
                        );
                    }
                }
                prop_assert_eq!(index.total, naive.total());
                let lengths = [index.entries.len(), index.by_use.len(), index.by_age.len()];
                prop_assert_eq!(lengths, [naive.0.len(); 3]);
            }
        }
    }

    #[test]
    fn small_files_count_as_a_block() {
        assert_eq!(
            [0, 1, BLOCK, BLOCK + 1, u64::MAX].map(weight),
            [BLOCK, BLOCK, BLOCK, 2 * BLOCK, u64::MAX]
        );
    }
}
