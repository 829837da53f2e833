use super::edge::Adjacency;
use super::heap::Heap;

/// A place with more neighbours than this stays: ways around it would be more than they save.
const NEIGHBOURS_MAX: u32 = 12;
/// No link follows; no height yet.
const NONE: u32 = u32::MAX;

/// The places of a net by height, and what joins each with higher ones.
///
/// Places are taken out of the net one by one, those with the fewest neighbours first; the neighbours of one that is taken out
/// are joined with each other, so that every way past it remains. The order in which they are taken out is their height. What is
/// left when every place has many neighbours is the core, higher than all others. Of several with as few neighbours the one
/// that fewest others had to go before, so that a long street is halved again and again and not taken up from one end.
///
/// Source: Dibbelt, Strasser and Wagner 2014, "Customizable Contraction Hierarchies", of which this is the part below a core; the
/// order is that of the smallest degree (Tinney and Walker 1967). Cost: nodes + arcs, by a constant that the most
/// neighbours bound.
#[derive(Debug, Default)]
pub(super) struct Heights {
    /// By place: its height, from 0 without gaps.
    pub(super) of_place: Vec<u32>,
    /// By height: where its joins begin, and at last where all end.
    pub(super) starts: Vec<u32>,
    /// The heights that each is joined with: higher than it, ascending.
    pub(super) higher: Vec<u32>,
    /// The lowest height of the core.
    pub(super) core: u32,
}

impl Heights {
    pub(super) fn new(ways_out: &Adjacency) -> Self {
        let places = ways_out.nodes();
        let mut links = Links::new(ways_out);
        let mut of_place = vec![NONE; places];
        let mut before = vec![0u32; places];
        let mut queue = Heap::default();
        let key = |links: &Links, before: &[u32], place: u32| {
            let i = place as usize;
            // To pass one with a single neighbour, or none, costs no more than to pass one with two.
            let count = links.counts[i].clamp(2, 255);
            u64::from(count << 24 | before[i].min(0xff_ffff)) << 32 | u64::from(place)
        };
        for place in 0..places as u32 {
            if links.counts[place as usize] <= NEIGHBOURS_MAX {
                queue.push(key(&links, &before, place));
            }
        }
        let mut starts = vec![0];
        let mut joined: Vec<u32> = Vec::with_capacity(places * 2);
        let mut around = Vec::new();
        while let Some(next) = queue.pop() {
            let place = next as u32;
            let i = place as usize;
            if of_place[i] != NONE || next != key(&links, &before, place) {
                continue;
            }
            of_place[i] = starts.len() as u32 - 1;
            around.clear();
            around.extend(links.of(place));
            let passed = before[i] + 1;
            for neighbour in &around {
                links.take_out(place, *neighbour, &around);
                let known = &mut before[*neighbour as usize];
                *known = (*known).max(passed);
                if links.counts[*neighbour as usize] <= NEIGHBOURS_MAX {
                    queue.push(key(&links, &before, *neighbour));
                }
            }
            joined.extend_from_slice(&around);
            starts.push(joined.len() as u32);
        }
        let core = starts.len() as u32 - 1;
        let left: Vec<u32> = (0..places as u32)
            .filter(|p| of_place[*p as usize] == NONE)
            .collect();
        for (place, height) in left.iter().zip(core..) {
            of_place[*place as usize] = height;
        }
        for place in left {
            let above = |p: &u32| of_place[*p as usize] > of_place[place as usize];
            joined.extend(links.of(place).filter(above));
            starts.push(joined.len() as u32);
        }
        for ends in starts.windows(2) {
            let higher = &mut joined[ends[0] as usize..ends[1] as usize];
            for place in higher.iter_mut() {
                *place = of_place[*place as usize];
            }
            higher.sort_unstable();
        }
        joined.shrink_to_fit();
        Self {
            of_place,
            starts,
            higher: joined,
            core,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.of_place.len()
    }

    /// The joins of a height, as indices into `higher`.
    pub(super) fn joins(&self, height: u32) -> core::ops::Range<usize> {
        let i = height as usize;
        self.starts[i] as usize..self.starts[i + 1] as usize
    }

    /// The join of two heights, the lower one first. They must be joined.
    pub(super) fn join(&self, low: u32, high: u32) -> usize {
        let joins = self.joins(low);
        let at = self.higher[joins.clone()].iter().position(|h| *h == high);
        joins.start + at.expect("whatever an arc joins is joined")
    }
}

/// Neighbours of places: lists in one pool.
struct Links {
    first: Vec<u32>,
    counts: Vec<u32>,
    /// A neighbour, and the next link of the list.
    pool: Vec<(u32, u32)>,
}

impl Links {
    fn new(ways_out: &Adjacency) -> Self {
        let places = ways_out.nodes();
        let mut links = Self {
            first: vec![NONE; places],
            counts: vec![0; places],
            pool: Vec::new(),
        };
        for place in 0..places as u32 {
            for arc in ways_out.of(place) {
                if arc.node != place && !links.of(place).any(|p| p == arc.node) {
                    links.add(place, arc.node);
                    links.add(arc.node, place);
                }
            }
        }
        links
    }

    fn of(&self, place: u32) -> impl Iterator<Item = u32> {
        let link = |at: u32| self.pool.get(at as usize);
        let first = link(self.first[place as usize]);
        core::iter::successors(first, move |(_, next)| link(*next)).map(|(to, _)| *to)
    }

    fn add(&mut self, place: u32, to: u32) {
        let first = &mut self.first[place as usize];
        self.pool.push((to, *first));
        *first = self.pool.len() as u32 - 1;
        self.counts[place as usize] += 1;
    }

    /// Takes a place out of the neighbours of one that lies around it, and makes all others around it neighbours.
    fn take_out(&mut self, place: u32, of: u32, around: &[u32]) {
        let mut free = self.unlink(place, of);
        for other in around {
            if *other == of || self.of(of).any(|p| p == *other) {
                continue;
            }
            match free.take() {
                Some(link) => {
                    let first = &mut self.first[of as usize];
                    self.pool[link as usize] = (*other, *first);
                    *first = link;
                    self.counts[of as usize] += 1;
                }
                None => self.add(of, *other),
            }
        }
    }

    /// Takes a neighbour off a list; the link that it stood in.
    fn unlink(&mut self, neighbour: u32, of: u32) -> Option<u32> {
        let (mut before, mut at) = (NONE, self.first[of as usize]);
        while let Some((to, next)) = self.pool.get(at as usize).copied() {
            if to == neighbour {
                match self.pool.get_mut(before as usize) {
                    Some(link) => link.1 = next,
                    None => self.first[of as usize] = next,
                }
                self.counts[of as usize] -= 1;
                return Some(at);
            }
            (before, at) = (at, next);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{GridBuilder, Rng, random_grid};
    use super::*;

    #[test]
    fn every_height_is_one_places_and_whatever_lies_above_a_place_is_joined() {
        for seed in 0..10 {
            let graph = random_grid(&mut Rng(seed + 60), 12, 11);
            let heights = Heights::new(graph.ways_out());
            let mut seen = heights.of_place.clone();
            seen.sort_unstable();
            assert!(seen.iter().zip(0..).all(|(a, b)| *a == b));
            for place in 0..heights.count() as u32 {
                for arc in graph
                    .ways_out()
                    .of(place)
                    .iter()
                    .filter(|a| a.node != place)
                {
                    let ends = [place, arc.node].map(|p| heights.of_place[p as usize]);
                    heights.join(ends[0].min(ends[1]), ends[0].max(ends[1]));
                }
            }
            for height in 0..heights.core {
                let higher = &heights.higher[heights.joins(height)];
                assert!(higher.len() <= NEIGHBOURS_MAX as usize);
                for (i, low) in higher.iter().enumerate() {
                    assert!(*low > height);
                    for high in &higher[i + 1..] {
                        heights.join(*low, *high);
                    }
                }
            }
        }
    }

    #[test]
    fn a_long_street_is_halved_again_and_again() {
        let mut grid = GridBuilder::new(1_000, 1, 20.0);
        grid.connect_all();
        let heights = Heights::new(grid.build().ways_out());
        assert_eq!(heights.core, 1_000, "nothing is left");
        let mut steps = vec![0; 1_000];
        for height in 0..1_000 {
            let step = steps[height as usize] + 1;
            for higher in &heights.higher[heights.joins(height)] {
                let up = &mut steps[*higher as usize];
                *up = (*up).max(step);
            }
        }
        assert!(steps.iter().max() < Some(&40), "{:?}", steps.iter().max());
    }

    #[test]
    fn a_net_of_many_crossings_keeps_a_core() {
        let mut grid = GridBuilder::new(40, 40, 100.0);
        grid.connect_all();
        let heights = Heights::new(grid.build().ways_out());
        assert!((800..1_599).contains(&heights.core), "{}", heights.core);
    }
}
