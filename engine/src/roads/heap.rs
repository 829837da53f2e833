/// A queue that gives the smallest value first: a heap with four children a node, which touches fewer cache lines
/// than one with two.
#[derive(Clone, Debug, Default)]
pub(super) struct Heap {
    values: Vec<u64>,
}

impl Heap {
    pub(super) fn clear(&mut self) {
        self.values.clear();
    }

    pub(super) fn push(&mut self, value: u64) {
        let mut at = self.values.len();
        self.values.push(value);
        while at > 0 {
            let parent = (at - 1) / 4;
            if self.values[parent] <= value {
                break;
            }
            self.values[at] = self.values[parent];
            at = parent;
        }
        self.values[at] = value;
    }

    pub(super) fn pop(&mut self) -> Option<u64> {
        let last = self.values.pop()?;
        let Some(top) = self.values.first().copied() else {
            return Some(last);
        };
        let mut at = 0;
        loop {
            let first = at * 4 + 1;
            // Without a branch: which of four is the smallest cannot be foreseen.
            let (best, smallest) = if let Some(&[a, b, c, d]) = self.values.get(first..first + 4) {
                let (ab, cd) = (a.min(b), c.min(d));
                let (at_ab, at_cd) = (usize::from(b < a), 2 + usize::from(d < c));
                (if cd < ab { at_cd } else { at_ab }, ab.min(cd))
            } else {
                let children = self.values.get(first..).unwrap_or_default();
                let children = children.iter().copied().enumerate();
                let least = children.min_by_key(|(_, child)| *child);
                least.unwrap_or((0, last))
            };
            if smallest >= last {
                break;
            }
            self.values[at] = smallest;
            at = first + best;
        }
        self.values[at] = last;
        Some(top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_comes_first_whatever_the_order_of_arrival() {
        let mut heap = Heap::default();
        let mut state = 7u64;
        let mut expected = Vec::new();
        for _ in 0..1000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            heap.push(state >> 54);
            expected.push(state >> 54);
        }
        expected.sort_unstable();
        let popped: Vec<u64> = core::iter::from_fn(|| heap.pop()).collect();
        assert_eq!(popped, expected);
    }
}
