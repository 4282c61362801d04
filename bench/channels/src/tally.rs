//! What came, and how long it was under way.

use std::{collections::VecDeque, time::Instant};

/// Bytes of a published text.
pub const TEXT: usize = 200;
/// What a text begins with, and nothing else on the wire holds.
pub const MARK: u8 = b'@';

/// Counts the deliveries of numbered texts.
#[derive(Debug)]
pub struct Tally {
    began: Instant,
    /// The number of the next text.
    next: u64,
    /// The oldest that not all have.
    oldest: u64,
    /// Who has the texts from the oldest on.
    have: VecDeque<usize>,
    subscribers: usize,
    times: Times,
    pub delivered: u64,
    pub wrong: u64,
}

impl Tally {
    #[must_use]
    pub fn new(subscribers: usize) -> Self {
        Self {
            began: Instant::now(),
            next: 1,
            oldest: 1,
            have: VecDeque::new(),
            subscribers,
            times: Times::default(),
            delivered: 0,
            wrong: 0,
        }
    }

    /// A text to publish, of this length.
    pub fn text(&mut self, length: usize) -> String {
        let text = format!("@{:016x}{:016x}", self.next, self.now());
        self.next += 1;
        self.have.push_back(0);
        text.clone() + &"x".repeat(length.saturating_sub(text.len()))
    }

    #[must_use]
    pub fn now(&self) -> u64 {
        self.began.elapsed().as_nanos() as u64
    }

    /// How many texts are under way: not all have them.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.have.len()
    }

    /// How many texts there were.
    #[must_use]
    pub fn published(&self) -> u64 {
        self.next - 1
    }

    /// One subscriber, who has everything before `expected`, got what follows the mark.
    pub fn arrived(&mut self, text: &[u8], expected: &mut u64, now: u64) {
        let read = |at: std::ops::Range<usize>| {
            let digits = std::str::from_utf8(text.get(at)?).ok()?;
            u64::from_str_radix(digits, 16).ok()
        };
        let (Some(number), Some(sent)) = (read(0..16), read(16..32)) else {
            self.wrong += 1;
            return;
        };
        self.delivered += 1;
        self.wrong += u64::from(number != *expected);
        *expected = number + 1;
        self.times.add(now.saturating_sub(sent) / 1000);
        let place = number.checked_sub(self.oldest).and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| self.have.get_mut(place)) {
            Some(have) => *have += 1,
            None => self.wrong += 1,
        }
        while self.have.front().is_some_and(|have| *have >= self.subscribers) {
            self.have.pop_front();
            self.oldest += 1;
        }
    }

    /// What is counted from here on is new; what is under way goes on.
    pub fn begin(&mut self) {
        self.times = Times::default();
        self.delivered = 0;
    }

    /// Takes the times since the beginning.
    pub fn take_times(&mut self) -> Times {
        std::mem::take(&mut self.times)
    }

    /// Microseconds within which this part of the deliveries came.
    #[must_use]
    pub fn within(&self, part: f64) -> u64 {
        self.times.within(part)
    }
}

/// Microseconds: each one up to 4 ms, then in steps of 64.
#[derive(Debug)]
pub struct Times(Vec<u32>);

const FINE: u64 = 4096;
const STEP: u64 = 64;

impl Default for Times {
    fn default() -> Self {
        Self(vec![0; 200_000])
    }
}

impl Times {
    fn add(&mut self, micros: u64) {
        let place = if micros < FINE { micros } else { FINE + (micros - FINE) / STEP };
        let last = self.0.len() - 1;
        self.0[(place as usize).min(last)] += 1;
    }

    /// Counts another's, too.
    pub fn join(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            *count += more;
        }
    }

    /// Microseconds within which this part of them is.
    #[must_use]
    pub fn within(&self, part: f64) -> u64 {
        let all: u64 = self.0.iter().map(|count| u64::from(*count)).sum();
        let wanted = (all as f64 * part).ceil() as u64;
        let mut seen = 0;
        for (place, count) in self.0.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                let place = place as u64;
                return if place < FINE { place } else { FINE + (place - FINE) * STEP };
            }
        }
        0
    }
}
