//! Filing movers under territories: taking in, letting go, splitting and dissolving.

use super::bounds::{Bounds, Pad};
use super::lazy::{Filed, LazyIndex};
use super::tree::{LEAF_MAX, Member, NONE};
use crate::geo::Position;

/// A bucket left with no more movers than this is dissolved.
const LEAF_MIN: u32 = 4;
/// So many territories are looked at for one with room and a margin before the best seen is taken.
const CANDIDATES_MAX: u32 = 24;
/// A territory is not stretched beyond so many times its size or its pad ...
const STRETCH_MAX: f64 = 2.0;
const STRETCHED_PADS_MAX: f64 = 24.0;
/// ... as long as buckets hold at least so many movers on average.
const LEAF_MEAN_MIN: usize = 16;

impl<K: Copy + Ord> LazyIndex<K> {
    pub(super) fn file(&mut self, member: Member<K>) {
        let p = member.position;
        let pad = Pad::new(self.pad_m, p.lat_e7);
        if let Some(leaf) = self.territory_for(p, pad) {
            self.take_in(leaf, member, pad);
            return;
        }
        let alone = Bounds::of(p).padded(pad);
        let root = self.tree.root;
        if self.tree.branch(root).len == 0 {
            self.found(member, alone);
            return;
        }
        let mut at = root;
        while self.tree.branch(at).height > 1 {
            at = self.tree.least_enlarged(at, &alone, |b| b.size(pad));
        }
        let leaf = self.tree.least_enlarged(at, &alone, |b| b.size(pad));
        let territory = self.tree.territories[leaf as usize];
        let stretched = territory.union(&alone);
        let (before, after) = (territory.size(pad), stretched.size(pad));
        let room = self.tree.leaf_count() * LEAF_MEAN_MIN <= self.len() + LEAF_MAX;
        if room && after > (before * STRETCH_MAX).max(STRETCHED_PADS_MAX) {
            self.found(member, alone);
            return;
        }
        self.tree.set_territory(leaf, stretched);
        self.tree.leaves[leaf as usize].loose = true;
        self.take_in(leaf, member, pad);
    }

    /// A territory of its own for a mover.
    fn found(&mut self, member: Member<K>, territory: Bounds) {
        let leaf = self.tree.new_leaf(&[member], territory);
        self.slots[member.slot as usize] = Filed { leaf, at: 0 };
        self.tree.adopt(1, leaf, territory);
    }

    /// A territory that contains `p`: the first with room where `p` is well inside, else the best of those seen.
    fn territory_for(&self, p: Position, pad: Pad) -> Option<u32> {
        let at = Bounds::of(p);
        let mut best: Option<(bool, f64, u32)> = None;
        let mut seen = 0;
        let mut open = [NONE; 128];
        open[0] = self.tree.root;
        let mut depth = 1;
        while depth > 0 && seen < CANDIDATES_MAX {
            depth -= 1;
            let node = self.tree.branch(open[depth]);
            let mut mask = node.touching(&at);
            while mask != 0 {
                let child = node.children[mask.trailing_zeros() as usize];
                mask &= mask - 1;
                if node.height > 1 {
                    if depth < open.len() {
                        open[depth] = child;
                        depth += 1;
                    }
                    continue;
                }
                let room = (self.tree.leaves[child as usize].len as usize) < LEAF_MAX;
                let margin = self.tree.territories[child as usize].margin(p, pad);
                if room && margin >= 0.75 {
                    return Some(child);
                }
                seen += 1;
                if best.is_none_or(|(r, m, _)| (room, margin) > (r, m)) {
                    best = Some((room, margin, child));
                }
            }
        }
        best.map(|(_, _, leaf)| leaf)
    }

    fn take_in(&mut self, leaf: u32, member: Member<K>, pad: Pad) {
        let bucket = &mut self.tree.leaves[leaf as usize];
        let at = bucket.len;
        if (at as usize) < LEAF_MAX {
            bucket.all[at as usize] = member;
            bucket.len += 1;
            self.slots[member.slot as usize] = Filed { leaf, at };
            return;
        }
        self.split(leaf, member, pad);
    }

    /// Halves a full bucket and one more mover across the longer side; both territories are computed again.
    fn split(&mut self, leaf: u32, member: Member<K>, pad: Pad) {
        let mut members: Vec<Member<K>> = self.tree.leaves[leaf as usize].members().to_vec();
        members.push(member);
        let extent = around(&members);
        let side = |axis: usize| (i64::from(extent.max[axis]) - i64::from(extent.min[axis])) as f64;
        if side(0) / f64::from(pad.lon) > side(1) / f64::from(pad.lat) {
            members.sort_by_key(|m| (m.position.lon_e7, m.slot));
        } else {
            members.sort_by_key(|m| (m.position.lat_e7, m.slot));
        }
        let half = members.split_off(members.len() / 2);
        let (first, second) = (around(&members).padded(pad), around(&half).padded(pad));
        let bucket = &mut self.tree.leaves[leaf as usize];
        bucket.all[..members.len()].copy_from_slice(&members);
        bucket.len = members.len() as u32;
        bucket.loose = false;
        let parent = bucket.parent;
        self.tree.set_territory(leaf, first);
        let sibling = self.tree.new_leaf(&half, second);
        for (leaf, members) in [(leaf, members), (sibling, half)] {
            for (at, member) in (0..).zip(members) {
                self.slots[member.slot as usize] = Filed { leaf, at };
            }
        }
        self.tree.insert_child(parent, sibling, second);
    }

    /// Takes a mover out of its bucket. A bucket left nearly empty is dissolved, a stretched territory drawn tighter.
    pub(super) fn unfile(&mut self, slot: u32) -> Member<K> {
        let Filed { leaf, at } = self.slots[slot as usize];
        let alone = self.tree.leaf_count() == 1;
        let bucket = &mut self.tree.leaves[leaf as usize];
        let last = bucket.len as usize - 1;
        let member = bucket.all[at as usize];
        let moved = bucket.all[last];
        bucket.all[at as usize] = moved;
        bucket.len -= 1;
        self.slots[moved.slot as usize].at = at;
        if bucket.len == 0 || (bucket.len <= LEAF_MIN && !alone) {
            let orphans = bucket.members().to_vec();
            self.tree.remove_leaf(leaf);
            for orphan in orphans {
                self.file(orphan);
            }
        } else if bucket.loose {
            bucket.loose = false;
            let extent = around(bucket.members());
            let lat_e7 = (extent.middle_2()[1] / 2) as i32;
            self.tree
                .set_territory(leaf, extent.padded(Pad::new(self.pad_m, lat_e7)));
        }
        member
    }
}

fn around<K>(members: &[Member<K>]) -> Bounds {
    members
        .iter()
        .fold(Bounds::EMPTY, |all, m| all.union(&Bounds::of(m.position)))
}
