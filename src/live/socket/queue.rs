//! What waits to be sent on one connection.

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
};

use bytes::{Bytes, BytesMut};

/// Frames are gathered into chunks of about this size; a larger frame goes alone and is not copied.
const CHUNK: usize = 16 * 1024;
/// What a waiting frame costs beside its bytes, about: its place here, of which a queue that grows has up to twice as many, its reference
/// count, and the allocator's rounding.
const PLACE: usize = 128;
/// A queue that grew beyond this many places gives them back when it is empty.
const KEPT: usize = 32;

thread_local! {
    /// Where small frames are gathered. Actix copies a chunk and drops it at once, so that the room can be used again.
    static GATHERED: RefCell<BytesMut> = RefCell::new(BytesMut::new());
}

/// What may happen to a frame that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// It has to be delivered.
    Certain,
    /// It may be dropped for newer ones.
    Lossy,
    /// It may be dropped, and a newer one with this key takes its place.
    Keyed(u64),
}

#[derive(Debug)]
struct Queued {
    /// Empty if it was dropped.
    frame: Bytes,
    manner: Manner,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    frames: VecDeque<Queued>,
    bytes: usize,
    /// Frames that were dropped while they waited and still have a place.
    dropped: usize,
    /// The number of the first frame, counted from the connection's beginning.
    first: u64,
    /// Before this number nothing can be dropped any more.
    lossy_from: u64,
    /// The number of the frame that holds a key. Boxed: most connections never have any.
    #[expect(clippy::box_collection, reason = "a map of its own is six words in every idle connection")]
    keyed: Option<Box<HashMap<u64, u64>>>,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.frames.len() - self.dropped
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The memory that a further frame would find taken, its own place included.
    pub(super) fn cost(&self) -> usize {
        self.bytes + (self.len() + 1) * PLACE
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of the frame a push under this key would replace.
    pub(super) fn replaces(&self, key: u64) -> Option<usize> {
        let number = *self.keyed.as_ref()?.get(&key)?;
        self.at(number).map(|queued| queued.frame.len())
    }

    pub(super) fn push(&mut self, frame: Bytes, manner: Manner) {
        if let Manner::Keyed(key) = manner {
            let next = self.first + self.frames.len() as u64;
            let keyed = self.keyed.get_or_insert_default();
            let place = keyed.get(&key).and_then(|number| usize::try_from(number - self.first).ok());
            if let Some(queued) = place.and_then(|place| self.frames.get_mut(place)) {
                self.bytes = self.bytes + frame.len() - queued.frame.len();
                queued.frame = frame;
                return;
            }
            keyed.insert(key, next);
        }
        self.bytes += frame.len();
        if self.frames.capacity() == 0 {
            // Most connections never have two that wait: not room for four.
            self.frames.reserve_exact(1);
        }
        self.frames.push_back(Queued { frame, manner });
    }

    /// Drops the oldest frame that may be dropped.
    pub(super) fn drop_oldest(&mut self) -> bool {
        let from = usize::try_from(self.lossy_from.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let found = (from..self.frames.len())
            .find(|&at| self.frames.get(at).is_some_and(|queued| queued.may_be_dropped()));
        self.lossy_from = self.first + found.map_or(self.frames.len(), |at| at + 1) as u64;
        let Some(queued) = found.and_then(|at| self.frames.get_mut(at)) else { return false };
        self.bytes -= queued.frame.len();
        self.dropped += 1;
        queued.frame = Bytes::new();
        let manner = queued.manner;
        self.forget(manner);
        // Behind a frame that cannot be sent, places of dropped ones would add up.
        if self.dropped > 64 && self.dropped > self.frames.len() / 2 {
            self.close_ranks();
        }
        true
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The next chunk: small frames gathered, a large one as it is.
    pub(super) fn take_chunk(&mut self) -> Option<Bytes> {
        let first = self.pop()?;
        let chunk = match self.peek() {
            Some(next) if first.len() + next <= CHUNK => self.gather(first),
            _ => first,
        };
        if self.frames.is_empty() && self.frames.capacity() > KEPT {
            self.frames = VecDeque::new();
        }
        Some(chunk)
    }

    fn gather(&mut self, first: Bytes) -> Bytes {
        GATHERED.with(|gathered| {
            let Ok(mut gathered) = gathered.try_borrow_mut() else { return first };
            gathered.reserve(CHUNK);
            gathered.extend_from_slice(&first);
            while self.peek().is_some_and(|next| gathered.len() + next <= CHUNK) {
                if let Some(frame) = self.pop() {
                    gathered.extend_from_slice(&frame);
                }
            }
            gathered.split().freeze()
        })
    }

    /// The next frame's size; those that were dropped are passed over.
    fn peek(&mut self) -> Option<usize> {
        while self.frames.front()?.frame.is_empty() {
            self.frames.pop_front();
            self.first += 1;
            self.dropped -= 1;
        }
        self.frames.front().map(|queued| queued.frame.len())
    }

    fn pop(&mut self) -> Option<Bytes> {
        self.peek()?;
        let queued = self.frames.pop_front()?;
        self.first += 1;
        self.bytes -= queued.frame.len();
        self.forget(queued.manner);
        Some(queued.frame)
    }

    fn forget(&mut self, manner: Manner) {
        let Manner::Keyed(key) = manner else { return };
        if let Some(keyed) = &mut self.keyed {
            keyed.remove(&key);
            if keyed.is_empty() {
                self.keyed = None;
            }
        }
    }

    fn at(&self, number: u64) -> Option<&Queued> {
        self.frames.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    fn close_ranks(&mut self) {
        self.frames.retain(|queued| !queued.frame.is_empty());
        self.dropped = 0;
        self.lossy_from = self.first;
        if let Some(keyed) = &mut self.keyed {
            for (number, queued) in (self.first..).zip(&self.frames) {
                if let Manner::Keyed(key) = queued.manner {
                    keyed.insert(key, number);
                }
            }
        }
    }
}

impl Queued {
    fn may_be_dropped(&self) -> bool {
        !self.frame.is_empty() && self.manner != Manner::Certain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Bytes {
        Bytes::copy_from_slice(text.as_bytes())
    }

    #[test]
    fn small_frames_are_gathered_and_large_ones_go_as_they_are() {
        let mut queue = Queue::default();
        for _ in 0..100 {
            queue.push(Bytes::from(vec![1; 200]), Manner::Certain);
        }
        let large = Bytes::from(vec![2; 100_000]);
        queue.push(large.clone(), Manner::Certain);
        queue.push(frame("end"), Manner::Certain);
        assert_eq!((queue.len(), queue.bytes()), (102, 120_003));
        let sizes: Vec<_> =
            std::iter::from_fn(|| queue.take_chunk()).map(|chunk| (chunk.len(), chunk.as_ptr())).collect();
        assert_eq!(sizes.iter().map(|(length, _)| *length).collect::<Vec<_>>(), [16_200, 3_800, 100_000, 3]);
        assert_eq!(sizes[2].1, large.as_ptr(), "not copied");
        assert!(queue.is_empty() && queue.frames.capacity() <= KEPT);
    }

    #[test]
    fn gathering_uses_the_same_room_again() {
        let mut queue = Queue::default();
        let mut room = || {
            queue.push(frame("a"), Manner::Certain);
            queue.push(frame("b"), Manner::Certain);
            queue.take_chunk().unwrap().as_ptr()
        };
        let first = room();
        // The room moves forward within its allocation and then begins anew.
        assert!((0..CHUNK).any(|_| room() == first));
    }

    #[test]
    fn a_key_holds_one_place() {
        let mut queue = Queue::default();
        queue.push(frame("a1"), Manner::Keyed(1));
        queue.push(frame("x"), Manner::Certain);
        queue.push(frame("b1"), Manner::Keyed(2));
        assert_eq!(queue.replaces(1), Some(2));
        queue.push(frame("a22"), Manner::Keyed(1));
        assert_eq!((queue.len(), queue.bytes()), (3, 6));
        assert_eq!(&queue.take_chunk().unwrap()[..], b"a22xb1");
        queue.push(frame("a3"), Manner::Keyed(1));
        assert_eq!(&queue.take_chunk().unwrap()[..], b"a3", "what was handed on is not replaced");
        assert!(queue.keyed.is_none());
    }

    #[test]
    fn the_oldest_that_may_be_dropped_is_dropped() {
        let mut queue = Queue::default();
        queue.push(frame("reply"), Manner::Certain);
        for n in 0..1_000_u64 {
            queue.push(frame("lossy"), if n % 2 == 0 { Manner::Lossy } else { Manner::Keyed(n) });
            if queue.len() > 4 {
                assert!(queue.drop_oldest());
            }
        }
        assert!(queue.frames.len() < 200, "dropped frames give up their places");
        assert_eq!((queue.len(), queue.bytes()), (4, 20));
        queue.push(frame("K"), Manner::Keyed(999));
        assert_eq!(&queue.take_chunk().unwrap()[..], b"replylossylossyK");
        assert!(!queue.drop_oldest());
    }
}
