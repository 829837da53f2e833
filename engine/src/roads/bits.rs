/// A set of small numbers that is walked through upwards and downwards while it grows.
#[derive(Clone, Debug, Default)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Empty, with room for numbers below `count`.
    pub(super) fn begin(&mut self, count: usize) {
        self.words.clear();
        self.words.resize(count.div_ceil(64), 0);
    }

    pub(super) fn has(&self, n: u32) -> bool {
        self.words[n as usize / 64] & 1 << (n % 64) != 0
    }

    /// Puts a number in; true when it is new.
    pub(super) fn put(&mut self, n: u32) -> bool {
        let word = &mut self.words[n as usize / 64];
        let before = *word;
        *word |= 1 << (n % 64);
        before != *word
    }

    /// The smallest that is at least `from`.
    pub(super) fn next(&self, from: u32) -> Option<u32> {
        let first = from as usize / 64;
        let word = self.words.get(first)? & u64::MAX << (from % 64);
        if word != 0 {
            return Some(first as u32 * 64 + word.trailing_zeros());
        }
        let (at, word) = (first + 1..)
            .zip(&self.words[first + 1..])
            .find(|(_, w)| **w != 0)?;
        Some(at as u32 * 64 + word.trailing_zeros())
    }

    /// The largest that is less than `end`, which may be no more than the count.
    pub(super) fn last_before(&self, end: u32) -> Option<u32> {
        let whole = end as usize / 64;
        let part = self
            .words
            .get(whole)
            .map_or(0, |w| w & !(u64::MAX << (end % 64)));
        if part != 0 {
            return Some(whole as u32 * 64 + part.ilog2());
        }
        let at = self.words[..whole].iter().rposition(|w| *w != 0)?;
        Some(at as u32 * 64 + self.words[at].ilog2())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_in_order_from_both_ends() {
        for count in [1, 63, 64, 65, 200] {
            let some: Vec<u32> = [0, 1, 5, 62, 63, 64, 100, 127, 128, 199]
                .into_iter()
                .filter(|n| *n < count)
                .collect();
            let mut bits = Bits::default();
            bits.begin(count as usize);
            for n in some.iter().rev() {
                assert!(bits.put(*n) && !bits.put(*n) && bits.has(*n));
            }
            for n in 0..=count {
                let (low, high) = some.split_at(some.partition_point(|s| *s < n));
                assert_eq!(bits.next(n), high.first().copied(), "{n} of {count}");
                assert_eq!(bits.last_before(n), low.last().copied(), "{n} of {count}");
            }
            bits.begin(count as usize);
            assert_eq!((bits.next(0), bits.last_before(count)), (None, None));
        }
    }
}
