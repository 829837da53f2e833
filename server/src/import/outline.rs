//! Outlines from ways: whole, closed along the edge of what the extract covers, or broken.

use super::border::{self, Cut};
use super::extract::{Extract, Relation, Way};
use super::rings::{self, Chain, Polygon, Ring};
use chengtu_engine::geo::GeoBox;
use std::collections::BTreeSet;

/// What has become of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outline {
    /// All of it is in the extract.
    Whole(Vec<Polygon>),
    /// The extract cuts it; closed along the edge. Empty where none of it lies within.
    AtEdge(Vec<Polygon>),
    /// Cut, and it cannot be closed.
    Broken,
}

impl Outline {
    /// The polygons, if it has any.
    pub fn polygons(self) -> Vec<Polygon> {
        match self {
            Self::Whole(polygons) | Self::AtEdge(polygons) => polygons,
            Self::Broken => Vec::new(),
        }
    }
}

/// The outline of a relation. With `open`, what is cut is closed along the edge of that rectangle, at the least `cost`.
pub fn of_relation(
    extract: &Extract,
    relation: &Relation,
    open: Option<(GeoBox, Cut)>,
    cost: &dyn Fn(&[Ring]) -> u64,
) -> Outline {
    let mut complete = true;
    let mut ends = BTreeSet::new();
    let mut sides = [Vec::new(), Vec::new()];
    for (id, inner) in &relation.ways {
        let Some(way) = extract.way(*id) else {
            complete = false;
            continue;
        };
        complete &= !way.is_cut();
        let chains = extract.chains(way);
        note_ends(extract, way, &chains, &mut ends);
        sides[usize::from(*inner)].extend(chains);
    }
    let [outer, inner] = sides;
    closed(outer, inner, complete, open, ends, cost)
}

/// The outline of one closed way that the extract cuts.
pub fn of_way(
    extract: &Extract,
    way: &Way,
    open: Option<(GeoBox, Cut)>,
    cost: &dyn Fn(&[Ring]) -> u64,
) -> Outline {
    let mut ends = BTreeSet::new();
    let chains = extract.chains(way);
    note_ends(extract, way, &chains, &mut ends);
    closed(chains, Vec::new(), false, open, ends, cost)
}

/// Ends behind which the file was cut: where it lacks further nodes of the same way, or, in a file that was clipped without
/// complete ways, every end, since there whatever has a node within is here.
fn note_ends(extract: &Extract, way: &Way, chains: &[Chain], ends: &mut BTreeSet<i64>) {
    if way.is_cut() || extract.is_clipped() {
        for chain in chains {
            ends.extend(
                [chain.first(), chain.last()]
                    .into_iter()
                    .flatten()
                    .map(|(id, _)| *id),
            );
        }
    }
}

fn closed(
    outer: Vec<Chain>,
    inner: Vec<Chain>,
    complete: bool,
    at: Option<(GeoBox, Cut)>,
    ends: BTreeSet<i64>,
    cost: &dyn Fn(&[Ring]) -> u64,
) -> Outline {
    let no_outline = outer.is_empty();
    let (outer_closed, outer_open) = rings::join(outer);
    let (inner_closed, inner_open) = rings::join(inner);
    let mut outers: Vec<Ring> = outer_closed.iter().filter_map(|c| rings::ring(c)).collect();
    let mut holes: Vec<Ring> = inner_closed.iter().filter_map(|c| rings::ring(c)).collect();
    if outer_open.is_empty() && inner_open.is_empty() && complete {
        return Outline::Whole(rings::polygons(outers, holes));
    }
    let Some((bounds, mut cut)) = at else {
        // What is whole of it is kept.
        return if outers.is_empty() {
            Outline::Broken
        } else {
            Outline::AtEdge(rings::polygons(outers, holes))
        };
    };
    cut.ends = ends;
    let closing = border::close(&outer_open, bounds, &cut, cost);
    let hollow = border::close(&inner_open, bounds, &cut, &|_| 0);
    let (Some(closing), Some(hollow)) = (closing, hollow) else {
        return if outers.is_empty() {
            Outline::Broken
        } else {
            Outline::AtEdge(rings::polygons(outers, holes))
        };
    };
    let nothing_found = closing.is_empty() && outers.is_empty() && !outer_open.is_empty();
    outers.extend(closing);
    holes.extend(hollow);
    if nothing_found
        && outer_open
            .iter()
            .flatten()
            .any(|(_, p)| bounds.contains(*p))
    {
        return Outline::Broken;
    }
    // Only its hollows are here: the outline lies all around the city.
    if no_outline && !holes.is_empty() {
        let frame = border::corners(bounds);
        if cost(std::slice::from_ref(&frame)) == 0 {
            outers.push(frame);
        }
    }
    Outline::AtEdge(rings::polygons(outers, holes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::tests::{extract_of, nd, tag};
    use chengtu_engine::geo::Position;
    use std::fmt::Write;

    /// The outline of relation 1, made of ways with roles, over nodes of which those outside 0 … 1 degree are missing.
    fn outline(ways: &[(&[i32], &str)], nodes: &[(i32, f64, f64)]) -> Outline {
        let mut text = String::new();
        for (id, x, y) in nodes {
            if (0.0..=1.0).contains(x) && (0.0..=1.0).contains(y) {
                let _ = write!(text, "<node id=\"{id}\" lon=\"{x}\" lat=\"{y}\"/>");
            }
        }
        let mut members = String::new();
        for (i, (refs, role)) in ways.iter().enumerate() {
            let refs: String = refs.iter().map(nd).collect::<Vec<_>>().concat();
            let _ = write!(text, "<way id=\"{i}\">{refs}</way>");
            let _ = write!(
                members,
                "<member type=\"way\" ref=\"{i}\" role=\"{role}\"/>"
            );
        }
        let _ = write!(
            text,
            "<relation id=\"1\">{members}{}{}</relation>",
            tag(&("type", "multipolygon")),
            tag(&("natural", "water"))
        );
        let extract = extract_of(&text);
        let bounds = GeoBox::new(Position::new(0, 0), Position::new(10_000_000, 10_000_000));
        let open = Some((bounds, Cut::default()));
        of_relation(&extract, &extract.relations[0], open, &|_| 0)
    }

    fn area(outline: Outline) -> f64 {
        let one = |r: &Ring| rings::doubled_area(r).unsigned_abs() as f64 / 2e14;
        outline
            .polygons()
            .iter()
            .map(|p| one(&p.outer) - p.holes.iter().map(one).sum::<f64>())
            .sum()
    }

    #[test]
    fn a_way_that_leaves_the_extract_and_comes_back_is_closed_along_the_edge() {
        // A river of one ring whose middle third alone lies within: clipped without complete ways.
        let nodes = [
            (1, -1.0, 0.4),
            (2, 0.02, 0.4),
            (3, 0.98, 0.4),
            (4, 2.0, 0.4),
            (5, 2.0, 0.6),
            (6, 0.97, 0.6),
            (7, 0.03, 0.6),
            (8, -1.0, 0.6),
        ];
        let river = outline(&[(&[1, 2, 3, 4, 5, 6, 7, 8, 1], "outer")], &nodes);
        assert!(matches!(river, Outline::AtEdge(_)));
        assert!((area(river) - 0.2).abs() < 1e-6);
    }

    #[test]
    fn an_island_that_the_edge_cuts_stays_an_island() {
        let nodes = [
            (1, -1.0, 0.3),
            (2, 0.02, 0.3),
            (3, 0.98, 0.3),
            (4, 2.0, 0.3),
            (5, 2.0, 0.7),
            (6, 0.97, 0.7),
            (7, 0.03, 0.7),
            (8, -1.0, 0.7),
            (9, -1.0, 0.4),
            (10, 0.3, 0.4),
            (11, 0.3, 0.6),
            (12, -1.0, 0.6),
        ];
        let river = outline(
            &[
                (&[1, 2, 3, 4, 5, 6, 7, 8, 1], "outer"),
                (&[9, 10, 11, 12, 9], "inner"),
            ],
            &nodes,
        );
        assert!((area(river) - (0.4 - 0.3 * 0.2)).abs() < 1e-6);
    }

    #[test]
    fn where_only_a_hollow_is_here_the_area_lies_around_it() {
        let nodes = [
            (1, 5.0, 5.0),
            (2, 6.0, 5.0),
            (3, 6.0, 6.0),
            (10, 0.2, 0.2),
            (11, 0.4, 0.2),
            (12, 0.4, 0.4),
            (13, 0.2, 0.4),
        ];
        let lake = outline(
            &[(&[1, 2, 3, 1], "outer"), (&[10, 11, 12, 13, 10], "inner")],
            &nodes,
        );
        assert!((area(lake) - 0.96).abs() < 1e-6);
    }
}
