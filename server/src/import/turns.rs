//! Turns that may not be made: the restrictions of an extract, put onto the edges of the road graph.

use super::source::{Member, MemberKind, RawTags};
use chengtu_engine::roads::TURN_ARCS_MAX;
use std::collections::{BTreeMap, BTreeSet};

/// What of the restrictions an extract has became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TurnCounts {
    /// Restrictions that are kept.
    pub kept: u64,
    /// That hold at some times or for some vehicles only: left out.
    pub conditional: u64,
    /// That do not hold for vehicles on duty, or for no car: left out.
    pub of_others: u64,
    /// That say nothing that could be put onto the roads: incomplete, ambiguous, or of ways that nobody drives.
    pub unplaced: u64,
}

/// A restriction as the extract has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    from: i64,
    via: Via,
    to: i64,
    /// True where all but `to` are forbidden.
    only: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Via {
    Node(i64),
    Ways(BTreeSet<i64>),
}

/// The restrictions that a relation is; nothing, with a count, where it is none that holds here.
pub fn read(
    members: &[Member<'_>],
    tags: &RawTags<'_>,
    counts: &mut TurnCounts,
) -> Vec<Restriction> {
    let get = |key: &str| tags.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
    if get("type") != Some("restriction") {
        return Vec::new();
    }
    let ours = [
        "restriction",
        "restriction:motor_vehicle",
        "restriction:motorcar",
    ];
    let Some(what) = ours.iter().find_map(|k| get(k)) else {
        if tags.iter().any(|(k, _)| k.ends_with(":conditional")) {
            counts.conditional += 1;
        } else {
            counts.of_others += 1;
        }
        return Vec::new();
    };
    if get("hour_on").is_some() || get("day_on").is_some() {
        counts.conditional += 1;
        return Vec::new();
    }
    // Units are on duty: what is open to the emergency services is open to them, as on roads.
    let open_to = |v: &str| matches!(v.trim(), "emergency" | "motorcar" | "motor_vehicle");
    if get("except").is_some_and(|v| v.split(';').any(open_to)) {
        counts.of_others += 1;
        return Vec::new();
    }
    let found = placed(members, what);
    if found.is_empty() {
        counts.unplaced += 1;
    }
    found
}

fn placed(members: &[Member<'_>], what: &str) -> Vec<Restriction> {
    let only = what.starts_with("only_");
    if !only && !what.starts_with("no_") {
        return Vec::new();
    }
    let of = |role: &str, kind| {
        let of = members
            .iter()
            .filter(move |m| m.role == role && m.kind == kind);
        of.map(|m| m.id).collect::<Vec<i64>>()
    };
    let (from, to) = (of("from", MemberKind::Way), of("to", MemberKind::Way));
    let (nodes, ways) = (of("via", MemberKind::Node), of("via", MemberKind::Way));
    let via = match (&nodes[..], &ways[..]) {
        ([node], []) => Via::Node(*node),
        ([], [_, ..]) => Via::Ways(ways.iter().copied().collect()),
        _ => return Vec::new(),
    };
    // Several to leave (`no_exit`) or to come from (`no_entry`), never both.
    if from.len() > 1 && to.len() > 1 || only && from.len() + to.len() != 2 {
        return Vec::new();
    }
    let pairs = from.iter().flat_map(|f| to.iter().map(move |t| (*f, *t)));
    pairs
        .map(|(from, to)| Restriction {
            from,
            via: via.clone(),
            to,
            only,
        })
        .collect()
}

/// An edge as restrictions see it.
#[derive(Clone, Copy, Debug)]
pub struct EdgeEnds {
    /// First and last node.
    pub nodes: [i64; 2],
    /// The ways of the extract that it begins and ends on.
    pub ways: [i64; 2],
    /// True where it is driven from its first node to its last only.
    pub oneway: bool,
}

/// A directed edge at a node, and the way that it lies on there.
#[derive(Clone, Copy)]
struct Arm {
    arc: u32,
    way: i64,
}

/// The directed edges that come to and leave every node.
struct Junctions<'a> {
    edges: &'a [EdgeEnds],
    into: BTreeMap<i64, Vec<Arm>>,
    out: BTreeMap<i64, Vec<Arm>>,
    /// Where edges of a way begin and end.
    ends: BTreeMap<i64, BTreeSet<i64>>,
}

/// The forbidden sequences of directed edges; restrictions that cannot be put anywhere are counted.
pub fn forbidden(
    restrictions: &[Restriction],
    edges: &[EdgeEnds],
    same_node: impl Fn(i64) -> i64,
    counts: &mut TurnCounts,
) -> Vec<Vec<u32>> {
    if restrictions.is_empty() {
        return Vec::new();
    }
    let junctions = Junctions::new(edges);
    let mut found = BTreeSet::new();
    for restriction in restrictions {
        let way = match &restriction.via {
            Via::Node(node) => junctions.turn(restriction, same_node(*node)),
            Via::Ways(via) => junctions.way(restriction, via),
        };
        let Some(way) = way else {
            counts.unplaced += 1;
            continue;
        };
        counts.kept += 1;
        if restriction.only {
            let (to, before) = way.split_last().expect("a turn has two edges");
            let others = junctions.out_of(junctions.head(before[before.len() - 1]));
            let others = others.iter().filter(|arm| arm.arc != *to);
            found.extend(others.map(|arm| [before, &[arm.arc]].concat()));
        } else {
            found.insert(way);
        }
    }
    found.into_iter().collect()
}

impl<'a> Junctions<'a> {
    fn new(edges: &'a [EdgeEnds]) -> Self {
        let (mut into, mut out): (BTreeMap<i64, Vec<Arm>>, BTreeMap<i64, Vec<Arm>>) =
            Default::default();
        let mut ends: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for (i, e) in edges.iter().enumerate() {
            for way in e.ways {
                ends.entry(way).or_default().extend(e.nodes);
            }
            for side in 0..if e.oneway { 1 } else { 2 } {
                let arc = (i << 1 | side) as u32;
                let arm = |end: usize| {
                    (
                        e.nodes[end],
                        Arm {
                            arc,
                            way: e.ways[end],
                        },
                    )
                };
                let ((from, leaves), (to, comes)) = (arm(side), arm(1 - side));
                out.entry(from).or_default().push(leaves);
                into.entry(to).or_default().push(comes);
            }
        }
        Self {
            edges,
            into,
            out,
            ends,
        }
    }

    fn out_of(&self, node: i64) -> &[Arm] {
        self.out.get(&node).map_or(&[], Vec::as_slice)
    }

    fn head(&self, arc: u32) -> i64 {
        self.edges[(arc >> 1) as usize].nodes[1 - (arc & 1) as usize]
    }

    /// The one directed edge among arms that lies on a way; `None` where there is none, or more than one to choose from.
    fn one(arms: &[Arm], way: i64) -> Option<u32> {
        let mut on = arms.iter().filter(|a| a.way == way);
        let first = on.next()?;
        on.next().is_none().then_some(first.arc)
    }

    fn turn(&self, restriction: &Restriction, via: i64) -> Option<Vec<u32>> {
        let from = Self::one(self.into.get(&via)?, restriction.from)?;
        let to = Self::one(self.out_of(via), restriction.to)?;
        Some(vec![from, to])
    }

    /// The way from one street along others into a third, if there is just one.
    fn way(&self, restriction: &Restriction, via: &BTreeSet<i64>) -> Option<Vec<u32>> {
        let begins = via.iter().filter_map(|way| self.ends.get(way)).flatten();
        let begins: BTreeSet<i64> = begins.copied().collect();
        let into = begins
            .iter()
            .filter_map(|node| self.into.get(node))
            .flatten();
        let from = into.filter(|arm| arm.way == restriction.from);
        let mut open: Vec<Vec<u32>> = from.map(|arm| vec![arm.arc]).collect();
        let mut whole = Vec::new();
        while let Some(way) = open.pop() {
            let last = way[way.len() - 1];
            let arms = self.out_of(self.head(last));
            if way.len() > 1
                && let Some(to) = Self::one(arms, restriction.to)
            {
                whole.push([&way[..], &[to]].concat());
            }
            if way.len() + 2 <= TURN_ARCS_MAX {
                let fresh = |arm: &&Arm| way.iter().all(|a| a >> 1 != arm.arc >> 1);
                let on = arms
                    .iter()
                    .filter(|arm| via.contains(&arm.way))
                    .filter(fresh);
                open.extend(on.map(|arm| [&way[..], &[arm.arc]].concat()));
            }
        }
        if whole.len() == 1 { whole.pop() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn street(nodes: [i64; 2], way: i64) -> EdgeEnds {
        EdgeEnds {
            nodes,
            ways: [way, way],
            oneway: false,
        }
    }

    fn member(kind: MemberKind, id: i64, role: &str) -> Member<'_> {
        Member { kind, id, role }
    }

    fn simple(via: Member<'_>) -> Vec<Member<'_>> {
        vec![
            member(MemberKind::Way, 1, "from"),
            via,
            member(MemberKind::Way, 2, "to"),
        ]
    }

    fn check(tags: &[(&str, &str)], expected: TurnCounts) {
        let mut counts = TurnCounts::default();
        let all: Vec<_> = [("type", "restriction")]
            .iter()
            .chain(tags)
            .copied()
            .collect();
        let members = simple(member(MemberKind::Node, 9, "via"));
        let found = read(&members, &all, &mut counts);
        assert_eq!(
            counts,
            TurnCounts {
                kept: 0,
                ..expected
            },
            "{tags:?}"
        );
        assert_eq!(found.len() as u64, expected.kept, "{tags:?}");
    }

    #[test]
    fn only_what_always_holds_for_units_is_read() {
        let none = TurnCounts::default();
        let kept = TurnCounts { kept: 1, ..none };
        let conditional = TurnCounts {
            conditional: 1,
            ..none
        };
        let of_others = TurnCounts {
            of_others: 1,
            ..none
        };
        let unplaced = TurnCounts {
            unplaced: 1,
            ..none
        };
        check(&[("restriction", "no_left_turn")], kept);
        check(&[("restriction", "only_straight_on")], kept);
        check(&[("restriction:motorcar", "no_u_turn")], kept);
        check(
            &[("restriction", "no_left_turn"), ("except", "psv;bicycle")],
            kept,
        );
        check(
            &[("restriction", "no_left_turn"), ("except", "psv;emergency")],
            of_others,
        );
        check(&[("restriction:hgv", "no_left_turn")], of_others);
        check(
            &[("restriction:conditional", "no_left_turn @ (Mo-Fr)")],
            conditional,
        );
        check(
            &[("restriction", "no_left_turn"), ("hour_on", "07:00")],
            conditional,
        );
        check(&[("restriction", "give_way")], unplaced);
    }

    #[test]
    fn a_turn_lies_between_the_edges_of_its_ways() {
        let edges = [street([5, 9], 1), street([9, 6], 2), street([7, 9], 3)];
        let mut counts = TurnCounts::default();
        let restriction = |only| Restriction {
            from: 1,
            via: Via::Node(9),
            to: 2,
            only,
        };
        let found = forbidden(&[restriction(false)], &edges, |n| n, &mut counts);
        assert_eq!(found, [[0, 2]]);
        // Only straight on: neither into the third street nor back.
        let found = forbidden(&[restriction(true)], &edges, |n| n, &mut counts);
        assert_eq!(found, [[0, 1], [0, 5]]);
        assert_eq!((counts.kept, counts.unplaced), (2, 0), "both are placed");
        // A way that goes on beyond the crossing comes to it from one side only where it is one-way.
        let mut on = street([9, 4], 1);
        on.oneway = true;
        let found = forbidden(
            &[restriction(false)],
            &[edges[0], on, edges[1]],
            |n| n,
            &mut counts,
        );
        assert_eq!(found, [[0, 4]]);
        let both = [edges[0], edges[1], street([9, 4], 2)];
        assert_eq!(
            forbidden(&[restriction(false)], &both, |n| n, &mut counts),
            [[0u32; 0]; 0]
        );
        assert_eq!(counts.unplaced, 1);
    }

    #[test]
    fn a_turn_over_a_street_between_is_the_whole_way() {
        let edges = [
            street([5, 9], 1),
            street([9, 10], 3),
            street([10, 11], 3),
            street([11, 6], 2),
        ];
        let restriction = Restriction {
            from: 1,
            via: Via::Ways([3].into()),
            to: 2,
            only: false,
        };
        let mut counts = TurnCounts::default();
        let found = forbidden(&[restriction], &edges, |n| n, &mut counts);
        assert_eq!(found, [[0, 2, 4, 6]]);
        assert_eq!(counts.kept, 1);
    }
}
