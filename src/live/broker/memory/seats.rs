use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// How many of a kind there may be, over all stripes.
#[derive(Debug)]
pub(super) struct Seats {
    taken: AtomicUsize,
    max: usize,
}

/// One of them; given back when dropped.
#[derive(Debug)]
pub(super) struct Seat(Arc<Seats>);

impl Seats {
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { taken: AtomicUsize::new(0), max })
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    pub(super) fn take(self: &Arc<Self>) -> Option<Seat> {
        let before = self.taken.fetch_add(1, Ordering::Relaxed);
        let seat = Seat(Arc::clone(self));
        (before < self.max).then_some(seat)
    }

    /// Beyond the number, if need be.
    pub(super) fn take_anyway(self: &Arc<Self>) -> Seat {
        self.taken.fetch_add(1, Ordering::Relaxed);
        Seat(Arc::clone(self))
    }

    pub(super) fn are_full(&self) -> bool {
        self.taken() >= self.max
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}
