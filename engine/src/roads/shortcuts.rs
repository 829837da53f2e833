use super::contraction::Heights;
use super::cost::{Cost, NO_WAY, Packed, plus};
use super::edge::Adjacency;
use crate::chance::mixed;

/// What the ways between places cost that [`Heights`] joins: the arc itself, or the best way past lower places.
#[derive(Clone, Debug, Default)]
pub(super) struct Shortcuts {
    /// By join: from the lower place to the higher.
    up: Vec<Packed>,
    /// By join: from the higher place to the lower.
    down: Vec<Packed>,
    /// The lowest height of the core.
    core: u32,
    /// By height less that of the core: where the ways into a place of the core begin, and at last where all end.
    into_starts: Vec<u32>,
    into: Vec<Inward>,
}

/// A way to a place of the core from another.
#[derive(Clone, Copy, Debug)]
struct Inward {
    from: u32,
    cost: Cost,
}

impl Shortcuts {
    /// With some edges closed.
    ///
    /// Cost: arcs, and for each place the pairs of its higher neighbours.
    pub(super) fn new(
        heights: &Heights,
        ways_out: &Adjacency,
        is_closed: impl Fn(u32) -> bool,
    ) -> Self {
        let joins = heights.higher.len();
        let mut shortcuts = Self {
            up: vec![NO_WAY; joins],
            down: vec![NO_WAY; joins],
            core: heights.core,
            ..Self::default()
        };
        for (place, from) in heights.of_place.iter().enumerate() {
            for arc in ways_out.of(place as u32) {
                let to = heights.of_place[arc.node as usize];
                if *from == to || is_closed(arc.edge()) {
                    continue;
                }
                let ways = if *from < to {
                    &mut shortcuts.up
                } else {
                    &mut shortcuts.down
                };
                let known = &mut ways[heights.join(*from.min(&to), *from.max(&to))];
                let cost = Cost {
                    travel_ms: arc.travel_ms,
                    length_cm: arc.length_cm,
                };
                *known = (*known).min(cost.packed());
            }
        }
        for height in 0..heights.core {
            shortcuts.lead_past(heights, height);
        }
        shortcuts.note_core(heights);
        shortcuts
    }

    /// Lets the ways between the higher neighbours of a place lead past it where that is better.
    fn lead_past(&mut self, heights: &Heights, height: u32) {
        let joins = heights.joins(height);
        for i in joins.clone() {
            let (up, down) = (self.up[i], self.down[i]);
            // Both lists ascend, and the first holds whatever is left of the second.
            let mut join = heights.joins(heights.higher[i]).start;
            for j in i + 1..joins.end {
                while heights.higher[join] != heights.higher[j] {
                    join += 1;
                }
                self.up[join] = self.up[join].min(plus(down, self.up[j]));
                self.down[join] = self.down[join].min(plus(self.down[j], up));
            }
        }
    }

    fn note_core(&mut self, heights: &Heights) {
        let places = heights.count() as u32 - heights.core;
        let between = || {
            (heights.core..heights.core + places).flat_map(|low| {
                heights.joins(low).flat_map(move |join| {
                    let high = heights.higher[join];
                    [(low, high, join, true), (high, low, join, false)]
                })
            })
        };
        let cost = |join: usize, up: bool| {
            Cost::unpacked(if up { self.up[join] } else { self.down[join] })
        };
        let mut starts = vec![0u32; places as usize + 2];
        for (_, to, join, up) in between() {
            let known = cost(join, up).is_some();
            starts[(to - heights.core) as usize + 2] += u32::from(known);
        }
        for i in 2..starts.len() {
            starts[i] += starts[i - 1];
        }
        let none = Inward {
            from: 0,
            cost: Cost::default(),
        };
        let mut into = vec![none; starts.last().map_or(0, |s| *s as usize)];
        for (from, to, join, up) in between() {
            if let Some(cost) = cost(join, up) {
                let next = &mut starts[(to - heights.core) as usize + 1];
                into[*next as usize] = Inward { from, cost };
                *next += 1;
            }
        }
        starts.pop();
        (self.into_starts, self.into) = (starts, into);
        self.drop_needless();
    }

    /// Leaves out the ways within the core that are no better than two others one after the other. Each of the two is
    /// shorter, so that whatever is left out is made up of what stays.
    fn drop_needless(&mut self) {
        let places = self.into_starts.len() - 1;
        let core = self.core;
        let mut alone = vec![NO_WAY; places];
        let mut kept = Vec::with_capacity(self.into.len());
        let mut starts = vec![0];
        for place in 0..places {
            let direct = self.core_ways(place);
            for way in direct {
                alone[(way.from - core) as usize] = way.cost.packed();
            }
            for last in direct {
                for first in self.core_ways((last.from - core) as usize) {
                    let both = plus(first.cost.packed(), last.cost.packed());
                    let direct = &mut alone[(first.from - core) as usize];
                    if both <= *direct {
                        *direct = NO_WAY;
                    }
                }
            }
            for way in direct {
                let alone = &mut alone[(way.from - core) as usize];
                if *alone != NO_WAY {
                    kept.push(*way);
                    *alone = NO_WAY;
                }
            }
            starts.push(kept.len() as u32);
        }
        kept.shrink_to_fit();
        (self.into_starts, self.into) = (starts, kept);
    }

    /// The ways into a place of the core that has so many lower ones in it.
    fn core_ways(&self, place: usize) -> &[Inward] {
        &self.into[self.into_starts[place] as usize..self.into_starts[place + 1] as usize]
    }

    /// What leads from higher places down to one: where from, and what it costs.
    pub(super) fn downward<'a>(
        &'a self,
        heights: &'a Heights,
        height: u32,
    ) -> impl Iterator<Item = (u32, Packed)> {
        let joins = heights.joins(height);
        let higher = heights.higher[joins.clone()].iter();
        higher.copied().zip(self.down[joins].iter().copied())
    }

    /// What leads from a place up to higher ones: where to, and what it costs.
    pub(super) fn upward<'a>(
        &'a self,
        heights: &'a Heights,
        height: u32,
    ) -> impl Iterator<Item = (u32, Packed)> {
        let joins = heights.joins(height);
        let higher = heights.higher[joins.clone()].iter();
        higher.copied().zip(self.up[joins].iter().copied())
    }

    /// What leads within the core to a place of it: where from, and what it costs.
    pub(super) fn within_core(&self, height: u32) -> impl Iterator<Item = (u32, Packed)> {
        let ways = self.core_ways((height - self.core) as usize);
        ways.iter().map(|w| (w.from, w.cost.packed()))
    }
}

/// A number that tells nets apart: made from all arcs, and which edges they are.
pub(super) fn fingerprint(ways_out: &Adjacency) -> u64 {
    let mut all = ways_out.nodes() as u64;
    for place in 0..ways_out.nodes() as u32 {
        for arc in ways_out.of(place) {
            all = mixed(all ^ (u64::from(place) << 32 | u64::from(arc.node)));
            let cost = Cost {
                travel_ms: arc.travel_ms,
                length_cm: arc.length_cm,
            };
            all = mixed(all ^ cost.packed());
            all = mixed(all ^ u64::from(arc.edge_and_side()));
        }
    }
    all
}
