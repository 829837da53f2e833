//! The drivable part of an extract as a road graph: junctions, one-ways and travel speeds.

use super::error::ImportError;
use super::extract::Extract;
use super::tags::TagView;
use chengtu_engine::geo::{Position, distance_m};
use chengtu_engine::roads::{EdgeInput, NO_NAME, RoadClass, RoadGraph};
use std::collections::BTreeMap;

/// How a way may be driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// In both directions.
    Both,
    /// Along its nodes only.
    Forward,
    /// Against its nodes only.
    Backward,
}

/// The class and free travel speed (km/h) of a kind of road that vehicles may use; `None` for all others.
fn class_and_speed(highway: &str) -> Option<(RoadClass, f64)> {
    use RoadClass::{Living, Primary, Residential, Secondary, Service, Tertiary, Trunk};
    Some(match highway {
        "motorway" => (Trunk, 90.0),
        "trunk" => (Trunk, 60.0),
        "motorway_link" | "trunk_link" => (Trunk, 45.0),
        "primary" => (Primary, 50.0),
        "primary_link" => (Primary, 40.0),
        "secondary" => (Secondary, 45.0),
        "secondary_link" => (Secondary, 35.0),
        "tertiary" => (Tertiary, 40.0),
        "tertiary_link" => (Tertiary, 30.0),
        "unclassified" | "residential" | "road" => (Residential, 30.0),
        "living_street" => (Living, 20.0),
        "service" => (Service, 15.0),
        "track" => (Service, 10.0),
        _ => return None,
    })
}

/// The class, free travel speed (m/s) and direction of a way for vehicles; `None` where they may not or cannot go.
///
/// The speed is the `maxspeed` tag where it can be read, else a default by class.
pub fn drivable(tags: TagView<'_>) -> Option<(RoadClass, f32, Direction)> {
    let (class, default_kmh) = class_and_speed(tags.get("highway")?)?;
    let access = ["motorcar", "motor_vehicle", "vehicle", "access"]
        .iter()
        .find_map(|k| tags.get(k));
    // Units of a city are on duty: what is kept free for the emergency services is open to them.
    let on_duty = matches!(
        tags.get("emergency"),
        Some("yes" | "designated" | "official")
    ) || access == Some("emergency");
    let closed = matches!(access, Some("no" | "private" | "agricultural" | "forestry"));
    if closed && !on_duty || tags.is("area", "yes") {
        return None;
    }
    let kmh = tags
        .get("maxspeed")
        .and_then(maxspeed_kmh)
        .unwrap_or(default_kmh)
        .clamp(5.0, 130.0);
    Some((class, (kmh / 3.6) as f32, direction(tags)))
}

fn direction(tags: TagView<'_>) -> Direction {
    match tags.get("oneway") {
        Some("yes" | "true" | "1") => Direction::Forward,
        Some("-1" | "reverse") => Direction::Backward,
        None if matches!(tags.get("junction"), Some("roundabout" | "circular"))
            || tags.is("highway", "motorway") =>
        {
            Direction::Forward
        }
        _ => Direction::Both,
    }
}

fn maxspeed_kmh(text: &str) -> Option<f64> {
    let text = text.split([';', '|']).next()?.trim();
    if let Some(mph) = text.strip_suffix("mph") {
        return mph
            .trim()
            .parse::<f64>()
            .ok()
            .map(|v| v * 1.609_344)
            .filter(|v| *v > 0.0);
    }
    match text {
        "walk" => Some(7.0),
        _ => text
            .trim_end_matches("km/h")
            .trim()
            .parse()
            .ok()
            .filter(|v: &f64| v.is_finite() && *v > 0.0),
    }
}

/// What must be the same for two pieces of road to be one.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Kind {
    class: RoadClass,
    speed_mps: f32,
    oneway: bool,
    name: u32,
}

/// A piece of road between two nodes of the file.
#[derive(Clone, Debug)]
struct Piece {
    kind: Kind,
    nodes: Vec<i64>,
}

/// Builds the road graph of an extract.
///
/// Nodes are junctions, ends of ways and places where class, name, speed or direction change; a bend is no node.
///
/// # Errors
/// [`ImportError::Roads`] from the graph's own checks. An extract without roads gives a graph without edges.
pub fn build(extract: &Extract) -> Result<RoadGraph, ImportError> {
    let (pieces, names) = pieces(extract);
    let pieces = join_at_bends(pieces, &extract.barriers);
    let mut index_of = BTreeMap::new();
    let mut nodes = Vec::new();
    let mut edges = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let shape: Vec<Position> = piece
            .nodes
            .iter()
            .filter_map(|n| extract.position(*n))
            .collect();
        let (Some(first), Some(last)) = (piece.nodes.first(), piece.nodes.last()) else {
            continue;
        };
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
        let from = index(*first, shape[0]);
        let to = index(*last, shape[shape.len() - 1]);
        let length_m = shape
            .windows(2)
            .map(|w| distance_m(w[0], w[1]))
            .sum::<f64>() as f32;
        let Kind {
            class,
            speed_mps,
            oneway,
            name,
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
    Ok(RoadGraph::build(nodes, edges, names)?)
}

/// Drivable ways cut at every node that two of them share.
fn pieces(extract: &Extract) -> (Vec<Piece>, Vec<String>) {
    let mut names: Vec<String> = Vec::new();
    let mut name_index: BTreeMap<&str, u32> = BTreeMap::new();
    let mut ways: Vec<(Kind, Vec<i64>)> = Vec::new();
    let mut uses: Vec<i64> = Vec::new();
    let same = same_places(extract);
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
            ways.push((kind, refs));
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
    for (kind, refs) in ways {
        let mut from = 0;
        for at in 1..refs.len() {
            if shared.binary_search(&refs[at]).is_ok()
                || extract.barriers.binary_search(&refs[at]).is_ok()
            {
                pieces.push(Piece {
                    kind,
                    nodes: refs[from..=at].to_vec(),
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
            a.nodes.reverse();
        }
        if b.nodes[0] != node {
            b.nodes.reverse();
        }
    }
    if a.nodes.last() != Some(&node) || b.nodes[0] != node {
        return None;
    }
    a.nodes.extend_from_slice(&b.nodes[1..]);
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
        build(&extract_of(&format!("{NODES}{ways}"))).unwrap()
    }

    fn way(id: i64, refs: &[i64], tags: &[(&str, &str)]) -> String {
        let refs: String = refs.iter().map(nd).collect::<Vec<_>>().concat();
        let tags: String = tags.iter().map(tag).collect::<Vec<_>>().concat();
        format!("<way id=\"{id}\">{refs}{tags}</way>")
    }

    fn check(tags: &[(&str, &str)], expected: Option<(RoadClass, f32, bool)>) {
        let g = graph(&way(1, &[1, 2], tags));
        let found = g
            .edge(0)
            .map(|e| (e.class, (e.speed_mps * 3.6).round(), e.oneway));
        assert_eq!(found, expected, "{tags:?}");
    }

    #[test]
    fn tags_decide_class_speed_and_direction() {
        check(
            &[("highway", "primary")],
            Some((RoadClass::Primary, 50.0, false)),
        );
        check(
            &[("highway", "motorway")],
            Some((RoadClass::Trunk, 90.0, true)),
        );
        check(
            &[("highway", "residential"), ("maxspeed", "20 mph")],
            Some((RoadClass::Residential, 32.0, false)),
        );
        check(
            &[("highway", "tertiary"), ("junction", "roundabout")],
            Some((RoadClass::Tertiary, 40.0, true)),
        );
        check(
            &[("highway", "tertiary"), ("maxspeed", "CN:urban")],
            Some((RoadClass::Tertiary, 40.0, false)),
        );
        check(&[("highway", "service"), ("access", "private")], None);
        check(
            &[
                ("highway", "service"),
                ("access", "no"),
                ("motor_vehicle", "yes"),
            ],
            Some((RoadClass::Service, 15.0, false)),
        );
        check(
            &[
                ("highway", "service"),
                ("access", "no"),
                ("emergency", "designated"),
            ],
            Some((RoadClass::Service, 15.0, false)),
        );
        check(&[("highway", "footway")], None);
        check(&[("highway", "construction")], None);
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
        let g = build(&extract_of(&format!("{nodes}{street}"))).unwrap();
        assert_eq!((g.node_count(), g.edge_count()), (4, 2));
        let open = nodes.replace(
            "bollard\"/>",
            "bollard\"/><tag k=\"motor_vehicle\" v=\"yes\"/>",
        );
        let g = build(&extract_of(&format!("{open}{street}"))).unwrap();
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
        let g = build(&extract_of(&format!("{NODES}{twin}{}", ways.concat()))).unwrap();
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
