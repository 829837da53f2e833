use super::bounds::Bounds;
use crate::geo::Position;

pub(super) const LEAF_MAX: usize = 64;
pub(super) const BRANCH_MAX: usize = 16;
pub(super) const NONE: u32 = u32::MAX;
/// A branch with fewer children is dissolved.
const BRANCH_MIN: usize = 3;

/// A mover in its bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member<K> {
    pub(super) position: Position,
    pub(super) slot: u32,
    pub(super) key: K,
}

/// A bucket of movers with their exact positions side by side, so that a query reads straight on.
#[derive(Clone, Debug)]
pub(super) struct Leaf<K> {
    pub(super) all: [Member<K>; LEAF_MAX],
    pub(super) len: u32,
    pub(super) parent: u32,
    /// True when the territory was stretched to take a mover in and may be drawn tighter.
    pub(super) loose: bool,
}

impl<K> Leaf<K> {
    pub(super) fn members(&self) -> &[Member<K>] {
        &self.all[..self.len as usize]
    }
}

/// A node over leaves (height 1) or over branches one lower. The boxes of its children lie in columns, so that all
/// can be compared at once; unused ones are empty.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    min: [[i32; BRANCH_MAX]; 2],
    max: [[i32; BRANCH_MAX]; 2],
    pub(super) children: [u32; BRANCH_MAX],
    pub(super) len: u32,
    pub(super) parent: u32,
    pub(super) height: u32,
}

impl Branch {
    fn new(height: u32) -> Self {
        Self {
            min: [[i32::MAX; BRANCH_MAX]; 2],
            max: [[i32::MIN; BRANCH_MAX]; 2],
            children: [NONE; BRANCH_MAX],
            len: 0,
            parent: NONE,
            height,
        }
    }

    pub(super) fn bounds_of(&self, i: usize) -> Bounds {
        Bounds {
            min: [self.min[0][i], self.min[1][i]],
            max: [self.max[0][i], self.max[1][i]],
        }
    }

    fn put(&mut self, i: usize, child: u32, bounds: Bounds) {
        self.children[i] = child;
        for axis in 0..2 {
            self.min[axis][i] = bounds.min[axis];
            self.max[axis][i] = bounds.max[axis];
        }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, Bounds)> {
        (0..self.len as usize).map(|i| (self.children[i], self.bounds_of(i)))
    }

    pub(super) fn union(&self) -> Bounds {
        self.entries()
            .fold(Bounds::EMPTY, |all, (_, b)| all.union(&b))
    }

    /// One bit for each child whose box touches `b`.
    // Comparing all without branching lets the compiler do several at once.
    #[allow(clippy::needless_bitwise_bool)]
    pub(super) fn touching(&self, b: &Bounds) -> u32 {
        let mut mask = 0;
        for i in 0..BRANCH_MAX {
            let touches = (self.min[0][i] <= b.max[0])
                & (self.max[0][i] >= b.min[0])
                & (self.min[1][i] <= b.max[1])
                & (self.max[1][i] >= b.min[1]);
            mask |= u32::from(touches) << i;
        }
        mask
    }
}

/// The territories and the nodes over them.
#[derive(Clone, Debug)]
pub(super) struct Tree<K> {
    pub(super) leaves: Vec<Leaf<K>>,
    /// The territory of each leaf, beside the leaves so that a move touches 16 bytes of them.
    pub(super) territories: Vec<Bounds>,
    leaves_free: Vec<u32>,
    pub(super) branches: Vec<Branch>,
    branches_free: Vec<u32>,
    pub(super) root: u32,
}

impl<K: Copy> Tree<K> {
    pub(super) fn new() -> Self {
        Self {
            leaves: Vec::new(),
            territories: Vec::new(),
            leaves_free: Vec::new(),
            branches: vec![Branch::new(1)],
            branches_free: Vec::new(),
            root: 0,
        }
    }

    pub(super) fn leaf_count(&self) -> usize {
        self.leaves.len() - self.leaves_free.len()
    }

    pub(super) fn branch(&self, branch: u32) -> &Branch {
        &self.branches[branch as usize]
    }

    /// A new bucket, not yet in the tree, of at least one mover.
    pub(super) fn new_leaf(&mut self, members: &[Member<K>], territory: Bounds) -> u32 {
        let mut leaf = Leaf {
            all: [members[0]; LEAF_MAX],
            len: members.len() as u32,
            parent: NONE,
            loose: false,
        };
        leaf.all[..members.len()].copy_from_slice(members);
        if let Some(id) = self.leaves_free.pop() {
            self.leaves[id as usize] = leaf;
            self.territories[id as usize] = territory;
            return id;
        }
        self.leaves.push(leaf);
        self.territories.push(territory);
        self.leaves.len() as u32 - 1
    }

    pub(super) fn new_branch(&mut self, height: u32, entries: &[(u32, Bounds)]) -> u32 {
        let id = self.branches_free.pop().unwrap_or_else(|| {
            self.branches.push(Branch::new(height));
            self.branches.len() as u32 - 1
        });
        self.fill(id, height, entries);
        id
    }

    fn fill(&mut self, branch: u32, height: u32, entries: &[(u32, Bounds)]) {
        let mut node = Branch {
            parent: self.branches[branch as usize].parent,
            ..Branch::new(height)
        };
        for (i, (child, bounds)) in entries.iter().enumerate() {
            node.put(i, *child, *bounds);
        }
        node.len = entries.len() as u32;
        self.branches[branch as usize] = node;
        for (child, _) in entries {
            *self.parent_of(height, *child) = branch;
        }
    }

    /// Where the parent of a child of a node of this height is noted.
    fn parent_of(&mut self, height: u32, child: u32) -> &mut u32 {
        if height == 1 {
            &mut self.leaves[child as usize].parent
        } else {
            &mut self.branches[child as usize].parent
        }
    }

    /// Puts a leaf or branch under a branch, which splits when it is full.
    pub(super) fn insert_child(&mut self, branch: u32, child: u32, bounds: Bounds) {
        let node = &mut self.branches[branch as usize];
        let height = node.height;
        let i = node.len as usize;
        if i < BRANCH_MAX {
            node.put(i, child, bounds);
            node.len += 1;
            *self.parent_of(height, child) = branch;
            self.refresh(branch);
            return;
        }
        let mut entries: Vec<(u32, Bounds)> = node.entries().chain([(child, bounds)]).collect();
        let all = entries
            .iter()
            .fold(Bounds::EMPTY, |all, (_, b)| all.union(b));
        let side = |axis: usize| i64::from(all.max[axis]) - i64::from(all.min[axis]);
        let axis = usize::from(side(1) > side(0));
        entries.sort_by_key(|(_, b)| b.middle_2()[axis]);
        let half = entries.split_off(entries.len() / 2);
        let sibling = self.new_branch(height, &half);
        self.fill(branch, height, &entries);
        let (union, sibling_union) = (self.branch(branch).union(), self.branch(sibling).union());
        let parent = self.branch(branch).parent;
        if parent == NONE {
            let root = self.new_branch(height + 1, &[(branch, union), (sibling, sibling_union)]);
            self.branches[root as usize].parent = NONE;
            self.root = root;
        } else {
            self.refresh(branch);
            self.insert_child(parent, sibling, sibling_union);
        }
    }

    /// Sets the territory of a leaf that is in the tree.
    pub(super) fn set_territory(&mut self, leaf: u32, territory: Bounds) {
        self.territories[leaf as usize] = territory;
        let parent = self.leaves[leaf as usize].parent;
        self.set_child_bounds(parent, leaf, territory);
    }

    fn set_child_bounds(&mut self, branch: u32, child: u32, bounds: Bounds) {
        let node = &mut self.branches[branch as usize];
        if let Some(i) = (0..node.len as usize).find(|i| node.children[*i] == child) {
            node.put(i, child, bounds);
            self.refresh(branch);
        }
    }

    /// Carries the union of a branch's children up as far as it changes anything.
    fn refresh(&mut self, branch: u32) {
        let mut child = branch;
        loop {
            let union = self.branch(child).union();
            let parent = self.branch(child).parent;
            if parent == NONE {
                return;
            }
            let node = &mut self.branches[parent as usize];
            let Some(i) = (0..node.len as usize).find(|i| node.children[*i] == child) else {
                return;
            };
            if node.bounds_of(i) == union {
                return;
            }
            node.put(i, child, union);
            child = parent;
        }
    }

    /// Takes a leaf out of the tree for good.
    pub(super) fn remove_leaf(&mut self, leaf: u32) {
        let parent = self.leaves[leaf as usize].parent;
        self.leaves[leaf as usize].len = 0;
        self.leaves_free.push(leaf);
        self.remove_child(parent, leaf);
    }

    fn remove_child(&mut self, branch: u32, child: u32) {
        let node = &mut self.branches[branch as usize];
        let last = node.len as usize - 1;
        let Some(i) = (0..=last).find(|i| node.children[*i] == child) else {
            return;
        };
        let moved = (node.children[last], node.bounds_of(last));
        node.put(i, moved.0, moved.1);
        node.put(last, NONE, Bounds::EMPTY);
        node.len -= 1;
        let (parent, height) = (node.parent, node.height);
        if parent == NONE {
            if height > 1 && node.len == 1 {
                self.root = node.children[0];
                self.branches[self.root as usize].parent = NONE;
                self.branches_free.push(branch);
            }
        } else if last < BRANCH_MIN {
            let orphans: Vec<(u32, Bounds)> = self.branch(branch).entries().collect();
            self.branches_free.push(branch);
            self.remove_child(parent, branch);
            for (orphan, bounds) in orphans {
                self.adopt(height, orphan, bounds);
            }
        } else {
            self.refresh(branch);
        }
    }

    /// Puts a leaf or branch under the branch of the given height that grows least.
    pub(super) fn adopt(&mut self, height: u32, child: u32, bounds: Bounds) {
        if self.branch(self.root).height < height {
            // The tree has shrunk below the child's own height: its children are taken in one by one.
            let entries: Vec<(u32, Bounds)> = self.branch(child).entries().collect();
            self.branches_free.push(child);
            for (orphan, b) in entries {
                self.adopt(height - 1, orphan, b);
            }
            return;
        }
        let mut at = self.root;
        while self.branch(at).height > height {
            at = self.least_enlarged(at, &bounds, |b| side_sum(&b));
        }
        self.insert_child(at, child, bounds);
    }

    /// The child of a branch whose box grows least to take `bounds` in; of equals the smallest.
    pub(super) fn least_enlarged(
        &self,
        branch: u32,
        bounds: &Bounds,
        size: impl Fn(Bounds) -> f64,
    ) -> u32 {
        let mut best = (
            f64::INFINITY,
            f64::INFINITY,
            self.branch(branch).children[0],
        );
        for (child, b) in self.branch(branch).entries() {
            let before = size(b);
            let growth = size(b.union(bounds)) - before;
            if (growth, before) < (best.0, best.1) {
                best = (growth, before, child);
            }
        }
        best.2
    }

    #[cfg(test)]
    pub(super) fn check(&self) -> usize {
        fn walk<K: Copy>(tree: &Tree<K>, branch: u32, leaves: &mut usize) -> usize {
            let node = tree.branch(branch);
            assert!(node.len > 0 || branch == tree.root);
            let mut movers = 0;
            for (child, bounds) in node.entries() {
                if node.height == 1 {
                    let leaf = &tree.leaves[child as usize];
                    assert_eq!(
                        (leaf.parent, tree.territories[child as usize]),
                        (branch, bounds)
                    );
                    assert!(leaf.len > 0);
                    assert!(leaf.members().iter().all(|m| bounds.contains(m.position)));
                    movers += leaf.len as usize;
                    *leaves += 1;
                } else {
                    let below = tree.branch(child);
                    let expected = (branch, node.height, bounds);
                    assert_eq!((below.parent, below.height + 1, below.union()), expected);
                    movers += walk(tree, child, leaves);
                }
            }
            movers
        }
        let mut leaves = 0;
        let movers = walk(self, self.root, &mut leaves);
        assert_eq!(leaves, self.leaf_count());
        movers
    }
}

fn side_sum(b: &Bounds) -> f64 {
    let side = |i: usize| (i64::from(b.max[i]) - i64::from(b.min[i])) as f64;
    side(0) + side(1)
}
