//! What is taken out of an extract: the elements that a city pack needs, with every position they refer to.
//!
//! The file is read three times (relations, ways, nodes), so that only the nodes in use are ever held: 16 bytes a
//! node, 8 bytes a reference, 8 bytes a tag.

use super::error::ImportError;
use super::progress::Progress;
use super::source::{Element, MemberKind, RawTags, Source, Wanted};
use super::tags::{Strings, TagView, Tags};
use chengtu_engine::geo::{GeoBox, LonLat, Position};
use std::collections::BTreeSet;

/// A way that is kept.
#[derive(Debug)]
pub struct Way {
    /// OpenStreetMap's id.
    pub id: i64,
    tags: Tags,
    refs: std::ops::Range<usize>,
}

/// A multipolygon or boundary that is kept.
#[derive(Debug)]
pub struct Relation {
    /// OpenStreetMap's id.
    pub id: i64,
    tags: Tags,
    /// Member ways: id and whether its role is `inner`.
    pub ways: Vec<(i64, bool)>,
    /// The node that labels it, if it has one.
    pub label: Option<i64>,
}

/// A tagged node that is kept.
#[derive(Debug)]
pub struct Point {
    /// OpenStreetMap's id.
    pub id: i64,
    /// Where it is.
    pub position: Position,
    tags: Tags,
}

/// How much was read and what was dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadCounts {
    /// Nodes in the file.
    pub nodes: u64,
    /// Ways in the file.
    pub ways: u64,
    /// Relations in the file.
    pub relations: u64,
    /// References of kept ways to nodes that the file lacks; they were left out.
    pub missing_nodes: u64,
    /// Kept ways that lost every node or all but one.
    pub dropped_ways: u64,
}

/// The kept elements, sorted by id.
#[derive(Debug, Default)]
pub struct Extract {
    /// Ways that are drawn, driven on, or part of an area.
    pub ways: Vec<Way>,
    /// Relations that are areas.
    pub relations: Vec<Relation>,
    /// Nodes that are kept for themselves.
    pub points: Vec<Point>,
    /// The rectangle the file says it covers.
    pub stated_bounds: Option<GeoBox>,
    /// Counts for the report.
    pub counts: ReadCounts,
    strings: Strings,
    refs: Vec<i64>,
    node_ids: Vec<i64>,
    node_positions: Vec<Position>,
}

/// No place on Earth: a node that was asked for and not found.
const NOWHERE: Position = Position::new(i32::MAX, i32::MAX);

/// Ids of what relations are made of.
#[derive(Default)]
struct Members {
    ways: BTreeSet<i64>,
    /// Nodes that bear an area's name.
    labels: BTreeSet<i64>,
}

impl Extract {
    /// Reads an extract.
    ///
    /// # Errors
    /// Whatever is wrong with the file; [`ImportError::Empty`] where it holds nothing.
    pub fn read(source: &Source, progress: &Progress) -> Result<Self, ImportError> {
        let mut extract = Self::default();
        let wanted = extract.read_relations(source, progress)?;
        extract.read_ways(source, progress, &wanted)?;
        extract.node_ids.clone_from(&extract.refs);
        extract.node_ids.extend(wanted.labels);
        extract.node_ids.sort_unstable();
        extract.node_ids.dedup();
        extract.node_ids.shrink_to_fit();
        extract.node_positions = vec![NOWHERE; extract.node_ids.len()];
        extract.read_nodes(source, progress)?;

        if extract.counts.nodes + extract.counts.ways + extract.counts.relations == 0 {
            return Err(ImportError::Empty {
                path: source.path().to_owned(),
            });
        }
        extract.drop_missing();
        extract.ways.sort_by_key(|w| w.id);
        extract.relations.sort_by_key(|r| r.id);
        extract.points.sort_by_key(|p| p.id);
        Ok(extract)
    }

    /// Reads areas, and gives what they are made of.
    fn read_relations(
        &mut self,
        source: &Source,
        progress: &Progress,
    ) -> Result<Members, ImportError> {
        let mut wanted = Members::default();
        progress.bytes("reading relations", source.size_bytes());
        source.read(
            Wanted {
                relations: true,
                ..Wanted::default()
            },
            progress,
            |element| {
                match element {
                    Element::Relation {
                        id,
                        members: all,
                        tags,
                    } => {
                        self.counts.relations += 1;
                        if is_area_relation(tags) {
                            let ways = all.iter().filter(|m| m.kind == MemberKind::Way);
                            let ways: Vec<_> = ways.map(|m| (m.id, m.role == "inner")).collect();
                            wanted.ways.extend(ways.iter().map(|(id, _)| *id));
                            let label = all
                                .iter()
                                .find(|m| m.kind == MemberKind::Node && m.role == "label")
                                .map(|m| m.id);
                            wanted.labels.extend(label);
                            let tags = Tags::keep(tags, &mut self.strings);
                            self.relations.push(Relation {
                                id,
                                tags,
                                ways,
                                label,
                            });
                        }
                    }
                    Element::Bounds(b) => {
                        self.stated_bounds = stated_bounds(b).or(self.stated_bounds);
                    }
                    _ => {}
                }
                Ok(())
            },
        )?;
        Ok(wanted)
    }

    /// Reads the ways that are kept and those that areas are made of.
    fn read_ways(
        &mut self,
        source: &Source,
        progress: &Progress,
        wanted: &Members,
    ) -> Result<(), ImportError> {
        progress.bytes("reading ways", source.size_bytes());
        source.read(
            Wanted {
                ways: true,
                ..Wanted::default()
            },
            progress,
            |element| {
                if let Element::Way { id, refs, tags } = element {
                    self.counts.ways += 1;
                    if is_kept_way(tags) || wanted.ways.contains(&id) {
                        let from = self.refs.len();
                        self.refs.extend_from_slice(refs);
                        let tags = Tags::keep(tags, &mut self.strings);
                        self.ways.push(Way {
                            id,
                            tags,
                            refs: from..self.refs.len(),
                        });
                    }
                }
                Ok(())
            },
        )
    }

    /// Reads the places of the nodes that are asked for, and the nodes that are kept for themselves.
    fn read_nodes(&mut self, source: &Source, progress: &Progress) -> Result<(), ImportError> {
        progress.bytes("reading nodes", source.size_bytes());
        source.read(
            Wanted {
                nodes: true,
                ..Wanted::default()
            },
            progress,
            |element| {
                if let Element::Node {
                    id,
                    lon_e7,
                    lat_e7,
                    tags,
                } = element
                {
                    self.counts.nodes += 1;
                    let position = Position::new(lon_e7, lat_e7);
                    if let Ok(at) = self.node_ids.binary_search(&id) {
                        self.node_positions[at] = position;
                    }
                    if is_kept_point(tags) {
                        let tags = Tags::keep(tags, &mut self.strings);
                        self.points.push(Point { id, position, tags });
                    }
                }
                Ok(())
            },
        )
    }

    /// Takes references to nodes that the file lacks out of the ways, and ways without two nodes out altogether.
    fn drop_missing(&mut self) {
        let mut kept = Vec::with_capacity(self.refs.len());
        let mut ways = std::mem::take(&mut self.ways);
        for way in &mut ways {
            let from = kept.len();
            kept.extend(
                self.refs[way.refs.clone()]
                    .iter()
                    .filter(|r| self.position(**r).is_some()),
            );
            self.counts.missing_nodes += (way.refs.len() - (kept.len() - from)) as u64;
            way.refs = from..kept.len();
        }
        let before = ways.len();
        ways.retain(|w| w.refs.len() >= 2);
        self.counts.dropped_ways += (before - ways.len()) as u64;
        self.ways = ways;
        self.refs = kept;
    }

    /// Leaves out every way and point without a node inside `bounds`, and relations left without ways.
    pub fn crop(&mut self, bounds: GeoBox) {
        let mut ways = std::mem::take(&mut self.ways);
        ways.retain(|w| {
            self.refs(w)
                .iter()
                .any(|r| self.position(*r).is_some_and(|p| bounds.contains(p)))
        });
        self.ways = ways;
        self.points.retain(|p| bounds.contains(p.position));
        let mut relations = std::mem::take(&mut self.relations);
        relations.retain(|r| r.ways.iter().any(|(id, _)| self.way(*id).is_some()));
        self.relations = relations;
    }

    /// A node's position, if the file has it and something kept refers to it.
    pub fn position(&self, node: i64) -> Option<Position> {
        let at = self.node_ids.binary_search(&node).ok()?;
        Some(self.node_positions[at]).filter(|p| *p != NOWHERE)
    }

    /// The nodes of a way, all of them with a position.
    pub fn refs(&self, way: &Way) -> &[i64] {
        &self.refs[way.refs.clone()]
    }

    /// The positions along a way.
    pub fn line(&self, way: &Way) -> Vec<Position> {
        self.refs(way)
            .iter()
            .filter_map(|r| self.position(*r))
            .collect()
    }

    /// The way of an id, if it is kept.
    pub fn way(&self, id: i64) -> Option<&Way> {
        self.ways
            .binary_search_by_key(&id, |w| w.id)
            .ok()
            .map(|at| &self.ways[at])
    }

    /// A way's tags.
    pub fn way_tags<'a>(&'a self, way: &'a Way) -> TagView<'a> {
        way.tags.view(&self.strings)
    }

    /// A relation's tags.
    pub fn relation_tags<'a>(&'a self, relation: &'a Relation) -> TagView<'a> {
        relation.tags.view(&self.strings)
    }

    /// A point's tags.
    pub fn point_tags<'a>(&'a self, point: &'a Point) -> TagView<'a> {
        point.tags.view(&self.strings)
    }
}

/// Keys that make a way worth keeping.
const WAY_KEYS: [&str; 19] = [
    "addr:district",
    "aeroway",
    "amenity",
    "boundary",
    "building",
    "building:part",
    "healthcare",
    "highway",
    "historic",
    "landuse",
    "leisure",
    "military",
    "natural",
    "office",
    "place",
    "public_transport",
    "railway",
    "shop",
    "tourism",
];

fn is_kept_way(tags: &RawTags<'_>) -> bool {
    tags.iter()
        .any(|(k, _)| *k == "waterway" || WAY_KEYS.binary_search(k).is_ok())
}

fn is_area_relation(tags: &RawTags<'_>) -> bool {
    let kind = tags.iter().find(|(k, _)| *k == "type").map(|(_, v)| *v);
    matches!(kind, Some("multipolygon" | "boundary"))
}

/// Keys that, beside a name or alone for evidence of the address, make a node worth keeping.
fn is_kept_point(tags: &RawTags<'_>) -> bool {
    tags.iter().any(|(k, _)| {
        matches!(
            *k,
            "name" | "place" | "addr:district" | "addr:city" | "addr:country"
        )
    })
}

fn stated_bounds([west, south, east, north]: [f64; 4]) -> Option<GeoBox> {
    let min = LonLat::new(west, south).position().ok()?;
    let max = LonLat::new(east, north).position().ok()?;
    let whole_world = max.lon_e7.abs_diff(min.lon_e7) > 3_000_000_000;
    (min.lon_e7 < max.lon_e7 && min.lat_e7 < max.lat_e7 && !whole_world)
        .then(|| GeoBox::new(min, max))
}
