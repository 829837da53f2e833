use super::bits::Bits;
use super::contraction::Heights;
use super::cost::{NO_WAY, Packed, plus};
use super::heap::Heap;
use super::shortcuts::Shortcuts;

/// What it costs to get to one target, from as many places as are asked.
///
/// From the target it goes against the arcs to ever higher places, in the core in order of travel time, and from there down to
/// the places that the answers follow from, each once. Exact: whatever the shortest way is, shortcuts make of it one
/// that goes up, through the core, and down.
///
/// Source: Strasser and Zeitz 2021, "A Fast and Tight Heuristic for A* in Road Networks" (lazy RPHAST). Cost: the places
/// above those asked, and of the core what is nearer than the farthest of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Climb {
    /// By height: cost from there to the target, so far as known. Valid where a set says so, and in the core.
    costs: Vec<Packed>,
    /// Below the core: where a way to the target goes down only. In the core: where the search in it begins.
    leading: Bits,
    /// Those asked for and all above them.
    asked: Bits,
    /// Places of the core that are asked for and not yet certain.
    open: usize,
    heap: Heap,
}

impl Climb {
    pub(super) fn begin(&mut self, heights: &Heights) {
        let count = heights.count();
        if self.costs.len() < count {
            self.costs.resize(count, NO_WAY);
        }
        self.costs[heights.core as usize..count].fill(NO_WAY);
        self.leading.begin(count);
        self.asked.begin(count);
        self.heap.clear();
        self.open = 0;
    }

    /// The target can be reached from a place at this cost.
    pub(super) fn lead(&mut self, height: u32, cost: Packed) {
        let known = &mut self.costs[height as usize];
        if self.leading.put(height) || cost < *known {
            *known = cost;
        }
    }

    /// The cost from a place is asked for.
    pub(super) fn ask(&mut self, height: u32) {
        self.asked.put(height);
    }

    /// Goes up from the target and from those asked, to where the core is.
    pub(super) fn ascend(&mut self, heights: &Heights, shortcuts: &Shortcuts) {
        let mut next = 0;
        while let Some(height) = self.leading.next(next).filter(|h| *h < heights.core) {
            let cost = self.costs[height as usize];
            for (from, before) in shortcuts.downward(heights, height) {
                if before != NO_WAY {
                    self.lead(from, plus(before, cost));
                }
            }
            next = height + 1;
        }
        let mut begin = heights.core;
        while let Some(height) = self.leading.next(begin) {
            let ms = self.costs[height as usize] >> 32;
            self.heap.push(ms << 32 | u64::from(height));
            begin = height + 1;
        }
        next = 0;
        while let Some(height) = self.asked.next(next).filter(|h| *h < heights.core) {
            for (to, cost) in shortcuts.upward(heights, height) {
                if cost != NO_WAY {
                    self.asked.put(to);
                }
            }
            next = height + 1;
        }
        begin = heights.core;
        while let Some(height) = self.asked.next(begin) {
            self.open += 1;
            begin = height + 1;
        }
    }

    /// Searches the core until all that is asked for is certain, or what takes up to `limit_ms`; true when there is no more
    /// to be found.
    pub(super) fn search_core(&mut self, shortcuts: &Shortcuts, limit_ms: u32) -> bool {
        while self.open > 0 {
            let Some(next) = self.heap.pop() else {
                return true;
            };
            let (ms, height) = (next >> 32, next as u32);
            let cost = self.costs[height as usize];
            if cost >> 32 != ms {
                continue;
            }
            if ms > u64::from(limit_ms) {
                self.heap.push(next);
                return false;
            }
            self.open -= usize::from(self.asked.has(height));
            for (from, before) in shortcuts.within_core(height) {
                let whole = plus(before, cost);
                let known = &mut self.costs[from as usize];
                if whole < *known {
                    // As quick and shorter: it waits already, and those before it take at least 1 ms more.
                    let waits = whole >> 32 == *known >> 32;
                    *known = whole;
                    if !waits {
                        self.heap.push(whole >> 32 << 32 | u64::from(from));
                    }
                }
            }
        }
        true
    }

    /// Goes down from the core to those asked for.
    pub(super) fn descend(&mut self, heights: &Heights, shortcuts: &Shortcuts) {
        let mut end = heights.core;
        while let Some(height) = self.asked.last_before(end) {
            let known = self.leading.has(height);
            let mut best = if known {
                self.costs[height as usize]
            } else {
                NO_WAY
            };
            for (to, cost) in shortcuts.upward(heights, height) {
                if cost != NO_WAY {
                    best = best.min(plus(cost, self.costs[to as usize]));
                }
            }
            self.costs[height as usize] = best;
            end = height;
        }
    }

    /// What a place asked for costs, after [`descend`](Self::descend).
    pub(super) fn cost(&self, height: u32) -> Packed {
        self.costs[height as usize]
    }
}
