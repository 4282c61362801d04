use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

const STRIPES: usize = 64;

/// A value for each part of the channels, behind a lock of its own. Two are never locked at once by one thread.
pub(super) struct Striped<T> {
    stripes: Box<[Stripe<T>; STRIPES]>,
    hasher: RandomState,
}

/// Apart from its neighbours, so that threads do not fight for one cache line.
#[repr(align(128))]
#[derive(Default)]
struct Stripe<T>(Mutex<T>);

impl<T: Default> Default for Striped<T> {
    fn default() -> Self {
        Self { stripes: Box::new(std::array::from_fn(|_| Stripe::default())), hasher: RandomState::new() }
    }
}

impl<T> Striped<T> {
    /// The part that a channel belongs to.
    #[expect(clippy::indexing_slicing, reason = "a remainder is less than the divisor")]
    pub(super) fn of(&self, channel: &str) -> MutexGuard<'_, T> {
        self.stripes[self.hasher.hash_one(channel) as usize % STRIPES].lock()
    }

    /// All parts, one after another.
    pub(super) fn each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.stripes.iter().map(Stripe::lock)
    }

    /// All parts, beginning with another one each time that `start` is another.
    pub(super) fn each_from(&self, start: usize) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.stripes.iter().cycle().skip(start % STRIPES).take(STRIPES).map(Stripe::lock)
    }
}

impl<T> Stripe<T> {
    /// Somebody who panicked while holding the lock did so in an event sink, when the value was whole again.
    fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Striped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Striped").finish_non_exhaustive()
    }
}

/// Gives back the room that a map needed in busier times.
pub(super) fn shrink<K: Eq + Hash, V>(map: &mut HashMap<K, V>) {
    if map.capacity() > 64 && map.len() < map.capacity() / 4 {
        map.shrink_to(map.len() * 2);
    }
}
