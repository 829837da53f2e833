//! The drivable part of an extract as a road graph: junctions, one-ways and travel speeds.

use super::drivable::{Direction, drivable, level};
use super::error::ImportError;
use super::extract::Extract;
use super::turns::{self, EdgeEnds, TurnCounts};
use chengtu_engine::geo::{Position, distance_m};
use chengtu_engine::roads::{EdgeInput, NO_NAME, RoadClass, RoadGraph, Surroundings};
use std::collections::BTreeMap;

/// What must be the same for two pieces of road to be one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Kind {
    class: RoadClass,
    speed_mps: f32,
    oneway: bool,
    name: u32,
    level: i8,
}

/// A piece of road between two nodes of the file.
#[derive(Clone, Debug)]
struct Piece {
    kind: Kind,
    nodes: Vec<i64>,
    /// The ways of the file that it begins and ends on.
    ways: [i64; 2],
}

impl Piece {
    /// As restrictions see it; nobody turns at a bollard.
    fn ends(&self, barriers: &[i64]) -> EdgeEnds {
        let nodes = [self.nodes[0], self.nodes[self.nodes.len() - 1]];
        let way = |end: usize| match barriers.binary_search(&nodes[end]) {
            Ok(_) => 0,
            Err(_) => self.ways[end],
        };
        EdgeEnds {
            nodes,
            ways: [way(0), way(1)],
            oneway: self.kind.oneway,
        }
    }

    fn reverse(&mut self) {
        self.nodes.reverse();
        self.ways.reverse();
    }
}

/// Builds the road graph of an extract, and says what became of its turns.
///
/// Nodes are junctions, ends of ways and places where class, name, speed, level or direction change; a bend is no node.
///
/// # Errors
/// [`ImportError::Roads`] from the graph's own checks. An extract without roads gives a graph without edges.
pub fn build(extract: &Extract) -> Result<(RoadGraph, TurnCounts), ImportError> {
    let same = same_places(extract);
    let (pieces, names) = pieces(extract, &same);
    let pieces = join_at_bends(pieces, &extract.barriers);
    let (restrictions, mut counts) = extract.restrictions.clone();
    let ends: Vec<EdgeEnds> = pieces.iter().map(|p| p.ends(&extract.barriers)).collect();
    let same_node = |node: i64| *same.get(&node).unwrap_or(&node);
    let turns = turns::forbidden(&restrictions, &ends, same_node, &mut counts);
    let levels = (0..).zip(&pieces).map(|(edge, p)| (edge, p.kind.level));
    let surroundings = Surroundings {
        turns,
        levels: levels.filter(|(_, level)| *level != 0).collect(),
        banks: Vec::new(),
    };
    let (nodes, edges) = side_by_side(nodes_and_edges(extract, pieces));
    let graph = RoadGraph::build_with(nodes, edges, names, surroundings)?;
    Ok((graph, counts))
}

/// Every piece as an edge, in order, and the nodes that they join.
fn nodes_and_edges(extract: &Extract, pieces: Vec<Piece>) -> (Vec<Position>, Vec<EdgeInput>) {
    let mut index_of = BTreeMap::new();
    let mut nodes = Vec::new();
    let mut edges = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let shape: Vec<Position> = piece
            .nodes
            .iter()
            .filter_map(|n| extract.position(*n))
            .collect();
        let mut index = |id: i64, at: Position| {
            // Whoever comes to a bollard turns around there: each piece that ends at one has an end of its own.
            if extract.barriers.binary_search(&id).is_ok() {
                nodes.push(at);
                return nodes.len() as u32 - 1;
            }
            *index_of.entry(id).or_insert_with(|| {
                nodes.push(at);
                nodes.len() as u32 - 1
            })
        };
        let from = index(piece.nodes[0], shape[0]);
        let to = index(piece.nodes[piece.nodes.len() - 1], shape[shape.len() - 1]);
        let length_m = shape
            .windows(2)
            .map(|w| distance_m(w[0], w[1]))
            .sum::<f64>() as f32;
        let Kind {
            class,
            speed_mps,
            oneway,
            name,
            ..
        } = piece.kind;
        edges.push(EdgeInput {
            from,
            to,
            length_m,
            speed_mps,
            oneway,
            class,
            name,
            shape,
        });
    }
    (nodes, edges)
}

/// The same with nodes numbered so that neighbours on the ground are neighbours in memory: a search reads a half as much of
/// it (Morton 1966).
fn side_by_side(
    (nodes, mut edges): (Vec<Position>, Vec<EdgeInput>),
) -> (Vec<Position>, Vec<EdgeInput>) {
    let spread = |e7: i32| {
        let bits = u64::from((e7 as u32) ^ (1 << 31));
        (0..32).fold(0u64, |all, bit| all | (bits >> bit & 1) << (2 * bit))
    };
    let code = |p: &Position| spread(p.lon_e7) << 1 | spread(p.lat_e7);
    let mut order: Vec<(u64, usize)> = nodes.iter().map(code).zip(0..).collect();
    order.sort_unstable();
    let mut number = vec![0u32; nodes.len()];
    for (new, (_, old)) in order.iter().enumerate() {
        number[*old] = new as u32;
    }
    for edge in &mut edges {
        edge.from = number[edge.from as usize];
        edge.to = number[edge.to as usize];
    }
    let nodes = order.iter().map(|(_, old)| nodes[*old]).collect();
    (nodes, edges)
}

/// Drivable ways cut at every node that two of them share.
fn pieces(extract: &Extract, same: &BTreeMap<i64, i64>) -> (Vec<Piece>, Vec<String>) {
    let mut names: Vec<String> = Vec::new();
    let mut name_index: BTreeMap<&str, u32> = BTreeMap::new();
    let mut ways: Vec<(Kind, i64, Vec<i64>)> = Vec::new();
    let mut uses: Vec<i64> = Vec::new();
    for way in &extract.ways {
        let tags = extract.way_tags(way);
        let Some((class, speed_mps, direction)) = drivable(tags) else {
            continue;
        };
        let name = tags
            .get("name")
            .or_else(|| tags.get("ref"))
            .map_or(NO_NAME, |n| {
                *name_index.entry(n).or_insert_with(|| {
                    names.push(n.to_owned());
                    names.len() as u32 - 1
                })
            });
        let kind = Kind {
            class,
            speed_mps,
            oneway: direction != Direction::Both,
            name,
            level: level(tags),
        };
        for part in extract.parts(way) {
            // Nodes in one place are one node.
            let mut refs: Vec<i64> = part.iter().map(|n| *same.get(n).unwrap_or(n)).collect();
            refs.dedup();
            if refs.len() < 2 {
                continue;
            }
            if direction == Direction::Backward {
                refs.reverse();
            }
            uses.extend_from_slice(&refs);
            uses.extend([refs[0], refs[refs.len() - 1]]);
            ways.push((kind, way.id, refs));
        }
    }
    uses.sort_unstable();
    let mut shared: Vec<i64> = uses
        .chunk_by(|a, b| a == b)
        .filter(|c| c.len() > 1)
        .map(|c| c[0])
        .collect();
    shared.shrink_to_fit();
    let mut pieces = Vec::new();
    for (kind, way, refs) in ways {
        let mut from = 0;
        for at in 1..refs.len() {
            if shared.binary_search(&refs[at]).is_ok()
                || extract.barriers.binary_search(&refs[at]).is_ok()
            {
                pieces.push(Piece {
                    kind,
                    nodes: refs[from..=at].to_vec(),
                    ways: [way, way],
                });
                from = at;
            }
        }
    }
    (pieces, names)
}

/// Nodes that follow each other on a road in one and the same place, each with the one that stands for them all.
fn same_places(extract: &Extract) -> BTreeMap<i64, i64> {
    let mut same: BTreeMap<i64, i64> = BTreeMap::new();
    for way in &extract.ways {
        if drivable(extract.way_tags(way)).is_none() {
            continue;
        }
        for pair in extract.parts(way).flat_map(|part| part.windows(2)) {
            if pair[0] != pair[1] && extract.position(pair[0]) == extract.position(pair[1]) {
                let [a, b] = [pair[0], pair[1]].map(|n| *same.get(&n).unwrap_or(&n));
                let (one, other) = (a.min(b), a.max(b));
                for stands_for in same.values_mut().filter(|n| **n == other) {
                    *stands_for = one;
                }
                same.extend([pair[0], pair[1], other].map(|n| (n, one)));
            }
        }
    }
    same
}

/// Joins pieces of one kind that meet, alone, at a node: the cut between them means nothing to a driver.
fn join_at_bends(pieces: Vec<Piece>, barriers: &[i64]) -> Vec<Piece> {
    let mut ends: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (at, p) in pieces.iter().enumerate() {
        ends.entry(p.nodes[0]).or_default().push(at);
        ends.entry(p.nodes[p.nodes.len() - 1]).or_default().push(at);
    }
    let mut pieces: Vec<Option<Piece>> = pieces.into_iter().map(Some).collect();
    let nodes: Vec<i64> = ends.keys().copied().collect();
    for node in nodes {
        let &[a, b] = &ends[&node][..] else { continue };
        if a == b || barriers.binary_search(&node).is_ok() {
            continue;
        }
        let (Some(first), Some(second)) = (&pieces[a], &pieces[b]) else {
            continue;
        };
        let Some(joined) = joined(first, second, node) else {
            continue;
        };
        let far_end = if second.nodes[0] == node {
            second.nodes[second.nodes.len() - 1]
        } else {
            second.nodes[0]
        };
        pieces[a] = Some(joined);
        pieces[b] = None;
        ends.remove(&node);
        if let Some(at_far_end) = ends.get_mut(&far_end) {
            for e in at_far_end.iter_mut().filter(|e| **e == b) {
                *e = a;
            }
        }
    }
    pieces.into_iter().flatten().collect()
}

/// Two pieces as one through `node`, if their kinds and directions allow it.
fn joined(a: &Piece, b: &Piece, node: i64) -> Option<Piece> {
    if a.kind != b.kind {
        return None;
    }
    let mut a = a.clone();
    let mut b = b.clone();
    if a.kind.oneway {
        if a.nodes[0] == node {
            std::mem::swap(&mut a, &mut b);
        }
    } else {
        if a.nodes[0] == node {
            a.reverse();
        }
        if b.nodes[0] != node {
            b.reverse();
        }
    }
    if a.nodes.last() != Some(&node) || b.nodes[0] != node {
        return None;
    }
    a.nodes.extend_from_slice(&b.nodes[1..]);
    a.ways[1] = b.ways[1];
    Some(a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::tests::{extract_of, nd, tag};

    const NODES: &str = r#"
        <node id="1" lon="118.780" lat="32.040"/><node id="2" lon="118.781" lat="32.040"/>
        <node id="3" lon="118.782" lat="32.040"/><node id="4" lon="118.783" lat="32.040"/>
        <node id="5" lon="118.781" lat="32.041"/>"#;

    fn graph(ways: &str) -> RoadGraph {
        build(&extract_of(&format!("{NODES}{ways}"))).unwrap().0
    }

    fn way(id: i64, refs: &[i64], tags: &[(&str, &str)]) -> String {
        let refs: String = refs.iter().map(nd).collect::<Vec<_>>().concat();
        let tags: String = tags.iter().map(tag).collect::<Vec<_>>().concat();
        format!("<way id=\"{id}\">{refs}{tags}</way>")
    }

    #[test]
    fn a_way_against_its_nodes_is_turned() {
        let g = graph(&way(
            1,
            &[1, 2, 3],
            &[("highway", "primary"), ("oneway", "-1")],
        ));
        let e = g.edge(0).unwrap();
        assert!(e.oneway);
        assert_eq!(g.node(e.from).unwrap().lon_e7, 1_187_820_000);
        assert_eq!(g.node(e.to).unwrap().lon_e7, 1_187_800_000);
    }

    #[test]
    fn bends_and_cuts_of_one_road_are_no_nodes_but_junctions_are() {
        let one = [("highway", "primary"), ("name", "中山路")];
        let cut = format!("{}{}", way(1, &[1, 2], &one), way(2, &[4, 3, 2], &one));
        let g = graph(&cut);
        assert_eq!(
            (g.node_count(), g.edge_count(), g.shape(0).len()),
            (2, 1, 4)
        );
        let crossed = format!("{cut}{}", way(3, &[2, 5], &[("highway", "residential")]));
        let g = graph(&crossed);
        assert_eq!((g.node_count(), g.edge_count()), (4, 3));
        let renamed = format!(
            "{}{}",
            way(1, &[1, 2], &one),
            way(2, &[2, 3], &[("highway", "primary"), ("name", "汉中路")])
        );
        assert_eq!(graph(&renamed).edge_count(), 2);
    }

    #[test]
    fn one_ways_that_meet_head_on_stay_apart() {
        let tags = [("highway", "primary"), ("oneway", "yes")];
        let g = graph(&format!(
            "{}{}",
            way(1, &[1, 2], &tags),
            way(2, &[3, 2], &tags)
        ));
        assert_eq!(g.edge_count(), 2);
        let g = graph(&format!(
            "{}{}",
            way(1, &[2, 3], &tags),
            way(2, &[1, 2], &tags)
        ));
        assert_eq!(g.edge_count(), 1);
    }

    #[test]
    fn a_ring_alone_is_one_edge() {
        let g = graph(&way(1, &[1, 2, 5, 1], &[("highway", "residential")]));
        assert_eq!((g.node_count(), g.edge_count()), (1, 1));
    }

    #[test]
    fn nobody_drives_through_a_bollard() {
        let nodes = NODES.replace(
            "<node id=\"2\" lon=\"118.781\" lat=\"32.040\"/>",
            "<node id=\"2\" lon=\"118.781\" lat=\"32.040\"><tag k=\"barrier\" v=\"bollard\"/></node>",
        );
        let street = way(1, &[1, 2, 3], &[("highway", "residential")]);
        let g = build(&extract_of(&format!("{nodes}{street}"))).unwrap().0;
        assert_eq!((g.node_count(), g.edge_count()), (4, 2));
        let open = nodes.replace(
            "bollard\"/>",
            "bollard\"/><tag k=\"motor_vehicle\" v=\"yes\"/>",
        );
        let g = build(&extract_of(&format!("{open}{street}"))).unwrap().0;
        assert_eq!((g.node_count(), g.edge_count()), (2, 1));
    }

    #[test]
    fn nodes_in_one_place_make_no_road_of_no_length() {
        let twin = "<node id=\"9\" lon=\"118.781\" lat=\"32.040\"/>";
        let tags = [("highway", "residential")];
        let ways = [
            way(1, &[1, 2], &tags),
            way(2, &[2, 9], &tags),
            way(3, &[9, 5], &tags),
        ];
        let g = build(&extract_of(&format!("{NODES}{twin}{}", ways.concat())))
            .unwrap()
            .0;
        assert_eq!((g.node_count(), g.edge_count()), (2, 1));
        assert!((0..g.edge_count() as u32).all(|e| g.edge(e).unwrap().length_m > 1.0));
    }

    #[test]
    fn a_road_that_leaves_the_extract_and_comes_back_is_two() {
        let street = way(1, &[1, 2, 77, 78, 3, 4], &[("highway", "residential")]);
        let g = graph(&street);
        assert_eq!((g.node_count(), g.edge_count()), (4, 2));
    }

    #[test]
    fn lengths_are_ground_metres() {
        let g = graph(&way(1, &[1, 2], &[("highway", "primary")]));
        assert!((g.edge(0).unwrap().length_m - 94.26).abs() < 0.1);
    }
}
