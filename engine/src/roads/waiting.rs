use super::cost::Cost;

/// Ends the list of a node.
const NO_ONE: u32 = u32::MAX;

/// Units waiting at nodes: a list for each node that has any.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    /// Per node: the round it was used in and the first entry of its list.
    heads: Vec<(u32, u32)>,
    round: u32,
    /// Unit, cost from unit to node, next entry.
    entries: Vec<(u32, Cost, u32)>,
    pub(super) best: Vec<Option<Cost>>,
}

impl Waiting {
    pub(super) fn begin(&mut self, nodes: usize, units: usize) {
        if self.heads.len() < nodes {
            self.heads.resize(nodes, (0, NO_ONE));
        }
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.heads.fill((0, NO_ONE));
            self.round = 1;
        }
        self.entries.clear();
        self.best.clear();
        self.best.resize(units, None);
    }

    pub(super) fn add(&mut self, node: u32, unit: u32, cost: Cost) {
        let head = &mut self.heads[node as usize];
        let next = if head.0 == self.round { head.1 } else { NO_ONE };
        *head = (self.round, self.entries.len() as u32);
        self.entries.push((unit, cost, next));
    }

    /// True where a unit waits at a place.
    pub(super) fn anyone_at(&self, place: u32) -> bool {
        self.heads[place as usize].0 == self.round
    }

    /// Notes a way for a unit; true when it is the unit's first.
    pub(super) fn offer(&mut self, unit: u32, cost: Cost) -> bool {
        let best = &mut self.best[unit as usize];
        let first = best.is_none();
        if best.is_none_or(|known| cost < known) {
            *best = Some(cost);
        }
        first
    }

    /// Offers the node's distance to the units waiting there; returns how many had no way before.
    pub(super) fn node_settled(&mut self, node: u32, to_target: Cost) -> usize {
        let (round, mut entry) = self.heads[node as usize];
        if round != self.round {
            return 0;
        }
        let mut found = 0;
        while entry != NO_ONE {
            let (unit, cost, next) = self.entries[entry as usize];
            if let Some(whole) = cost.checked_add(to_target) {
                found += usize::from(self.offer(unit, whole));
            }
            entry = next;
        }
        found
    }

    /// The `count`-th smallest time known so far.
    pub(super) fn nth_travel_ms(&self, count: usize) -> Option<u32> {
        let mut known: Vec<u32> = self.best.iter().flatten().map(|c| c.travel_ms).collect();
        let index = count.checked_sub(1).filter(|i| *i < known.len())?;
        Some(*known.select_nth_unstable(index).1)
    }
}
