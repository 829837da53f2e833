use super::bounds::Bounds;
use super::tree::{Member, NONE, Tree};
use crate::geo::{GeoBox, Position};
use std::collections::BTreeMap;

/// A mover's number in the index: stays the same until the mover is removed, and saves looking up its
/// key at every move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub(super) u32);

/// Where a slot's mover is filed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filed {
    /// The bucket; [`NONE`] for a free slot.
    pub(super) leaf: u32,
    /// Its number within the bucket.
    pub(super) at: u32,
}

/// An index over things that move, exact at any moment.
///
/// Answers do not depend on the order in which things were put in: lists are sorted by key, or by distance and then
/// key. Longitudes are compared as numbers in [`visit_box`](Self::visit_box): cut a box that crosses ±180° in two.
/// [`within`](Self::within) and [`nearest`](Self::nearest) look across ±180° and the poles themselves. Positions
/// must lie on Earth; others are found by boxes only.
///
/// Memory: about 70 bytes a mover with 8-byte keys. Cost of a move inside the territory: one comparison, one write.
#[derive(Clone, Debug)]
pub struct LazyIndex<K> {
    keys: BTreeMap<K, u32>,
    pub(super) slots: Vec<Filed>,
    free: Vec<u32>,
    pub(super) tree: Tree<K>,
    pub(super) pad_m: f64,
}

impl<K: Copy + Ord> LazyIndex<K> {
    /// How far a mover may stray, by default, from where the others of its territory were, metres.
    pub const PAD_M: f64 = 75.0;

    /// An empty index with territories padded by [`PAD_M`](Self::PAD_M).
    pub fn new() -> Self {
        Self::with_pad_m(Self::PAD_M)
    }

    /// An empty index. A wider pad makes moves cheaper and queries dearer; 0.1 … 10,000 m, else the default.
    pub fn with_pad_m(pad_m: f64) -> Self {
        let pad_m = if (0.1..=10_000.0).contains(&pad_m) {
            pad_m
        } else {
            Self::PAD_M
        };
        Self {
            keys: BTreeMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            tree: Tree::new(),
            pad_m,
        }
    }

    /// Number of movers.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Puts a mover in, or moves it when it is there.
    pub fn insert(&mut self, key: K, position: Position) -> Slot {
        if let Some(slot) = self.keys.get(&key).copied() {
            self.move_slot(Slot(slot), position);
            return Slot(slot);
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            crate::growth::push(&mut self.slots, Filed { leaf: NONE, at: 0 });
            self.slots.len() as u32 - 1
        });
        self.keys.insert(key, slot);
        self.file(Member {
            position,
            slot,
            key,
        });
        Slot(slot)
    }

    /// Moves a mover; false if this key is not in the index.
    pub fn move_to(&mut self, key: K, position: Position) -> bool {
        let slot = self.keys.get(&key).copied();
        if let Some(slot) = slot {
            self.move_slot(Slot(slot), position);
        }
        slot.is_some()
    }

    /// Moves the mover of a slot; does nothing for a slot that is free.
    pub fn move_slot(&mut self, slot: Slot, position: Position) {
        let Some(filed) = self.slots.get(slot.0 as usize).copied() else {
            return;
        };
        let Some(territory) = self.tree.territories.get(filed.leaf as usize) else {
            return;
        };
        if territory.contains(position) {
            self.tree.leaves[filed.leaf as usize].all[filed.at as usize].position = position;
            return;
        }
        let member = self.unfile(slot.0);
        self.file(Member { position, ..member });
    }

    /// Takes a mover out and says where it was.
    pub fn remove(&mut self, key: K) -> Option<Position> {
        let slot = self.keys.remove(&key)?;
        let member = self.unfile(slot);
        self.slots[slot as usize].leaf = NONE;
        self.free.push(slot);
        Some(member.position)
    }

    /// The exact position of a mover, if it is indexed.
    pub fn position(&self, key: K) -> Option<Position> {
        self.keys.get(&key).map(|slot| self.member(*slot).position)
    }

    fn member(&self, slot: u32) -> &Member<K> {
        let filed = self.slots[slot as usize];
        &self.tree.leaves[filed.leaf as usize].all[filed.at as usize]
    }

    /// The slot of a mover, for [`move_slot`](Self::move_slot).
    pub fn slot(&self, key: K) -> Option<Slot> {
        self.keys.get(&key).copied().map(Slot)
    }

    /// All movers by key.
    pub fn iter(&self) -> impl Iterator<Item = (K, Position)> + '_ {
        self.keys
            .iter()
            .map(|(key, slot)| (*key, self.member(*slot).position))
    }

    /// Calls `visit` for every mover inside the box or on its edge, in no particular order.
    ///
    /// Cost: log n, and the movers of the territories that touch the box.
    pub fn visit_box(&self, b: &GeoBox, mut visit: impl FnMut(K, Position)) {
        self.visit_branch(self.tree.root, &Bounds::from_box(b), &mut visit);
    }

    /// The keys of all movers inside the box or on its edge, sorted.
    pub fn in_box(&self, b: &GeoBox) -> Vec<K> {
        let mut keys = Vec::new();
        self.visit_box(b, |key, _| keys.push(key));
        keys.sort_unstable();
        keys
    }

    fn visit_branch(&self, branch: u32, b: &Bounds, visit: &mut impl FnMut(K, Position)) {
        let node = self.tree.branch(branch);
        let mut mask = node.touching(b);
        while mask != 0 {
            let child = node.children[mask.trailing_zeros() as usize];
            mask &= mask - 1;
            if node.height > 1 {
                self.visit_branch(child, b, visit);
                continue;
            }
            for member in self.tree.leaves[child as usize].members() {
                if b.contains(member.position) {
                    visit(member.key, member.position);
                }
            }
        }
    }

    pub(super) fn from_parts(
        keys: BTreeMap<K, u32>,
        slots: Vec<Filed>,
        tree: Tree<K>,
        pad_m: f64,
    ) -> Self {
        Self {
            keys,
            slots,
            free: Vec::new(),
            tree,
            pad_m,
        }
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        assert_eq!(self.tree.check(), self.len());
        assert_eq!(self.slots.len(), self.len() + self.free.len());
        for (key, slot) in &self.keys {
            let member = self.member(*slot);
            assert!(member.key == *key && member.slot == *slot);
        }
    }
}

impl<K: Copy + Ord> Default for LazyIndex<K> {
    fn default() -> Self {
        Self::new()
    }
}
