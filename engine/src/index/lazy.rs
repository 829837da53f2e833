use super::bounds::Bounds;
use super::tree::Tree;
use crate::geo::{GeoBox, Position};
use std::collections::BTreeMap;

/// A mover's place in the index's flat array: stays the same until the mover is removed, and saves looking up its
/// key at every move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub(super) u32);

/// What is known of one mover.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<K> {
    pub(super) position: Position,
    /// The bucket it is filed in; [`super::tree::NONE`] for a free slot.
    pub(super) leaf: u32,
    pub(super) key: K,
}

/// An index over things that move, exact at any moment.
///
/// Answers do not depend on the order in which things were put in: lists are sorted by key, or by distance and then
/// key. Longitudes are compared as numbers in [`visit_box`](Self::visit_box): cut a box that crosses ±180° in two.
/// [`within`](Self::within) and [`nearest`](Self::nearest) look across ±180° and the poles themselves. Positions
/// must lie on Earth; others are found by boxes only.
///
/// Memory: about 60 bytes a mover with 8-byte keys. Cost of a move inside the territory: one write, one comparison.
#[derive(Clone, Debug)]
pub struct LazyIndex<K> {
    keys: BTreeMap<K, u32>,
    pub(super) slots: Vec<Entry<K>>,
    free: Vec<u32>,
    pub(super) tree: Tree,
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
        let entry = Entry {
            position,
            leaf: super::tree::NONE,
            key,
        };
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = entry;
            slot
        } else {
            self.slots.push(entry);
            self.slots.len() as u32 - 1
        };
        self.keys.insert(key, slot);
        self.file(slot, position);
        Slot(slot)
    }

    /// Moves a mover; false when there is none of this key.
    pub fn move_to(&mut self, key: K, position: Position) -> bool {
        let slot = self.keys.get(&key).copied();
        if let Some(slot) = slot {
            self.move_slot(Slot(slot), position);
        }
        slot.is_some()
    }

    /// Moves the mover of a slot; does nothing for a slot that is free.
    pub fn move_slot(&mut self, slot: Slot, position: Position) {
        let Some(entry) = self.slots.get_mut(slot.0 as usize) else {
            return;
        };
        let Some(territory) = self.tree.territories.get(entry.leaf as usize) else {
            return;
        };
        if territory.contains(position) {
            entry.position = position;
            return;
        }
        self.unfile(slot.0);
        self.slots[slot.0 as usize].position = position;
        self.file(slot.0, position);
    }

    /// Takes a mover out and says where it was.
    pub fn remove(&mut self, key: K) -> Option<Position> {
        let slot = self.keys.remove(&key)?;
        self.unfile(slot);
        let entry = &mut self.slots[slot as usize];
        entry.leaf = super::tree::NONE;
        self.free.push(slot);
        Some(entry.position)
    }

    /// Where a mover is.
    pub fn position(&self, key: K) -> Option<Position> {
        self.keys
            .get(&key)
            .map(|slot| self.slots[*slot as usize].position)
    }

    /// The slot of a mover, for [`move_slot`](Self::move_slot).
    pub fn slot(&self, key: K) -> Option<Slot> {
        self.keys.get(&key).copied().map(Slot)
    }

    /// All movers by key.
    pub fn iter(&self) -> impl Iterator<Item = (K, Position)> + '_ {
        self.keys
            .iter()
            .map(|(key, slot)| (*key, self.slots[*slot as usize].position))
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
            for slot in self.tree.leaves[child as usize].members() {
                let entry = &self.slots[*slot as usize];
                if b.contains(entry.position) {
                    visit(entry.key, entry.position);
                }
            }
        }
    }

    pub(super) fn from_parts(
        keys: BTreeMap<K, u32>,
        slots: Vec<Entry<K>>,
        tree: Tree,
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
        let filed = self.tree.check(|slot| self.slots[slot as usize].position);
        assert_eq!(filed, self.len());
        assert_eq!(self.slots.len(), self.len() + self.free.len());
        for (key, slot) in &self.keys {
            let entry = &self.slots[*slot as usize];
            assert!(
                entry.key == *key
                    && self.tree.leaves[entry.leaf as usize]
                        .members()
                        .contains(slot)
            );
        }
    }
}

impl<K: Copy + Ord> Default for LazyIndex<K> {
    fn default() -> Self {
        Self::new()
    }
}
