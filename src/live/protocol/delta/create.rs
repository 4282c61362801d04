use super::number;

/// Blocks of the old data that are looked for in the new.
const BLOCK: usize = 16;
/// How many blocks of the same hash are tried; among data that repeats itself without end there would be no end.
const TRIES: usize = 32;
/// A match this long is taken without looking for a longer one.
const LONG: usize = 512;
const NONE: u32 = u32::MAX;

/// How to make `new` of `old`. When both are strange to each other this is longer than `new`, by some 20 bytes.
///
/// When `new` is UTF-8, so is the delta: no character is cut in two. JSON clients get deltas as strings.
#[must_use]
pub fn create(old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(new.len() / 4 + 64);
    number::write(new.len(), &mut out);
    out.push(b'\n');
    let literal = |part: &[u8], out: &mut Vec<u8>| {
        if !part.is_empty() {
            number::write(part.len(), out);
            out.push(b':');
            out.extend_from_slice(part);
        }
    };
    let mut rest = new;
    let blocks = Blocks::new(old);
    let is_text = std::str::from_utf8(new).is_ok();
    // What of `new` is in the delta already.
    let mut done = 0;
    let mut scan = Scan::new(new);
    while let Some(found) = blocks.as_ref().and_then(|blocks| blocks.next_match(&mut scan, done, is_text)) {
        let (before, after) = rest.split_at_checked(found.new - done).unwrap_or((rest, &[]));
        literal(before, &mut out);
        number::write(found.length, &mut out);
        out.push(b'@');
        number::write(found.old, &mut out);
        out.push(b',');
        rest = after.get(found.length..).unwrap_or_default();
        done = found.new + found.length;
        scan.seek(done);
    }
    literal(rest, &mut out);
    number::write(number::checksum(new) as usize, &mut out);
    out.push(b';');
    out
}

/// A part of the new data that is in the old.
#[derive(Clone, Copy)]
struct Match {
    old: usize,
    new: usize,
    length: usize,
}

impl Match {
    /// Whether saying it is shorter than the part itself.
    fn pays(&self) -> bool {
        self.length > number::length(self.length) + number::length(self.old) + 2
    }
}

/// The blocks of the old data by their hashes.
struct Blocks<'a> {
    old: &'a [u8],
    /// The last block of each hash.
    heads: Vec<u32>,
    /// For each block the one before it with the same hash.
    earlier: Vec<u32>,
    shift: u32,
}

impl<'a> Blocks<'a> {
    fn new(old: &'a [u8]) -> Option<Self> {
        let count = u32::try_from(old.len() / BLOCK).ok().filter(|count| (1..NONE).contains(count))?;
        let bits = count.next_power_of_two().ilog2().max(1);
        let mut blocks = Self {
            old,
            heads: vec![NONE; 1 << bits],
            earlier: Vec::with_capacity(count as usize),
            shift: 32 - bits,
        };
        for (at, block) in (0..count).zip(old.chunks_exact(BLOCK)) {
            let slot = blocks.slot(hash(block));
            if let Some(head) = blocks.heads.get_mut(slot) {
                blocks.earlier.push(*head);
                *head = at;
            }
        }
        Some(blocks)
    }

    fn slot(&self, hash: u32) -> usize {
        (hash.wrapping_mul(0x9e37_79b1) >> self.shift) as usize
    }

    /// The next match, not before `done`.
    fn next_match(&self, scan: &mut Scan<'_>, done: usize, is_text: bool) -> Option<Match> {
        while let Some(window) = scan.window() {
            let mut best: Option<Match> = None;
            let mut block = self.heads.get(self.slot(scan.hash)).copied().unwrap_or(NONE);
            for _ in 0..TRIES {
                let Some(earlier) = self.earlier.get(block as usize) else { break };
                let old = block as usize * BLOCK;
                if self.old.get(old..old + BLOCK) == Some(window) {
                    let found = self.grown(scan.new, old, scan.at, done, is_text);
                    if found.pays() && best.is_none_or(|best| best.length < found.length) {
                        best = Some(found);
                    }
                    if found.length >= LONG {
                        break;
                    }
                }
                block = *earlier;
            }
            if best.is_some() {
                return best;
            }
            scan.step();
        }
        None
    }

    /// A block that was found, with all that is the same around it.
    fn grown(&self, data: &[u8], old: usize, new: usize, done: usize, is_text: bool) -> Match {
        let same = |left: &[u8], right: &[u8]| {
            left.iter().zip(right).take_while(|(left, right)| left == right).count()
        };
        let after = same(self.old.get(old..).unwrap_or_default(), data.get(new..).unwrap_or_default());
        let before_old = self.old.get(..old).unwrap_or_default().iter().rev();
        let before_new = data.get(done..new).unwrap_or_default().iter().rev();
        let before = before_old.zip(before_new).take_while(|(left, right)| left == right).count();
        let (mut start, mut end) = (new - before, new + after);
        if is_text {
            let inside = |at: usize| data.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
            while start < end && inside(start) {
                start += 1;
            }
            while start < end && inside(end) {
                end -= 1;
            }
        }
        // Never below zero: no more was added in front than there is of the old data.
        Match { old: old + start - new, new: start, length: end - start }
    }
}

/// A window that goes over the new data, and its hash.
struct Scan<'a> {
    new: &'a [u8],
    at: usize,
    hash: u32,
}

impl<'a> Scan<'a> {
    fn new(new: &'a [u8]) -> Self {
        let mut scan = Self { new, at: 0, hash: 0 };
        scan.seek(0);
        scan
    }

    fn window(&self) -> Option<&'a [u8]> {
        self.new.get(self.at..self.at + BLOCK)
    }

    fn seek(&mut self, at: usize) {
        self.at = at;
        self.hash = self.window().map_or(0, hash);
    }

    fn step(&mut self) {
        let (gone, come) = (self.new.get(self.at), self.new.get(self.at + BLOCK));
        if let (Some(gone), Some(come)) = (gone, come) {
            let gone = u32::from(*gone).wrapping_mul(FIRST);
            self.hash = self.hash.wrapping_sub(gone).wrapping_mul(FACTOR).wrapping_add((*come).into());
        }
        self.at += 1;
    }
}

const FACTOR: u32 = 0x0100_0193;
/// By what the first byte of a block was multiplied when the last one is there.
const FIRST: u32 = FACTOR.wrapping_pow(BLOCK as u32 - 1);

fn hash(block: &[u8]) -> u32 {
    block.iter().fold(0, |hash, byte| hash.wrapping_mul(FACTOR).wrapping_add((*byte).into()))
}
