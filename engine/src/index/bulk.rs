use super::bounds::{Bounds, Pad};
use super::lazy::{Filed, LazyIndex};
use super::tree::{Member, Tree};
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
        let keys: BTreeMap<K, u32> = movers.keys().copied().zip(0..).collect();
        let mut slots = vec![Filed { leaf: 0, at: 0 }; movers.len()];
        let member = |((key, position), slot)| Member {
            position,
            slot,
            key,
        };
        let mut members: Vec<Member<K>> = movers.into_iter().zip(0..).map(member).collect();
        tile(&mut members, LEAF_FILL, |m| {
            [m.position.lon_e7.into(), m.position.lat_e7.into()]
        });

        let mut tree = Tree::new();
        let mut nodes: Vec<(u32, Bounds)> = Vec::with_capacity(slots.len() / LEAF_FILL + 1);
        for bucket in members.chunks(LEAF_FILL) {
            let extent = bucket
                .iter()
                .fold(Bounds::EMPTY, |all, m| all.union(&Bounds::of(m.position)));
            let pad = Pad::new(pad_m, (extent.middle_2()[1] / 2) as i32);
            let leaf = tree.new_leaf(bucket, extent.padded(pad));
            for (at, member) in (0..).zip(bucket) {
                slots[member.slot as usize] = Filed { leaf, at };
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
        Self::from_parts(keys, slots, tree, pad_m)
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
