//! What is taken out of an extract: the elements that a city pack needs, with every position they refer to.
//!
//! The file is read three times (relations, ways, nodes), so that only the nodes in use are ever held: 16 bytes a
//! node, 8 bytes a reference, 8 bytes a tag.

use super::error::ImportError;
use super::keep::{
    around, blocks_vehicles, is_area_relation, is_kept_point, is_kept_way, stated_bounds,
};
use super::progress::Progress;
use super::rings::Chain;
use super::source::{Element, MemberKind, Source, Wanted};
use super::tags::{Strings, TagView, Tags};
use super::turns::{self, Restriction, TurnCounts};
use chengtu_engine::geo::{GeoBox, Position};
use std::collections::BTreeSet;

/// A way that is kept.
#[derive(Debug)]
pub struct Way {
    /// OpenStreetMap's id.
    pub id: i64,
    tags: Tags,
    refs: std::ops::Range<usize>,
    /// Before which of its nodes the file lacks others; its length for those after the last.
    gaps: Box<[u32]>,
    /// True where it ends where it began, missing nodes counted.
    closed: bool,
}

impl Way {
    /// True where the whole way, as it was before the extract was cut, is a ring.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// True where the extract lacks some of its nodes.
    pub fn is_cut(&self) -> bool {
        !self.gaps.is_empty()
    }
}

/// A multipolygon or boundary that is kept.
#[derive(Debug)]
pub struct Relation {
    /// OpenStreetMap's id.
    pub id: i64,
    tags: Tags,
    /// Member ways: id and whether its role is `inner`.
    pub ways: Vec<(i64, bool)>,
    /// Nodes that stand for it: its label, the seat of its administration. They lie inside.
    pub centres: Vec<i64>,
    /// Relations that are parts of it.
    pub subareas: Vec<i64>,
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
    /// The rectangle the file says it covers; around all of them, where it names several.
    pub stated_bounds: Option<GeoBox>,
    /// Nodes that no vehicle passes, e.g. bollards; sorted.
    pub barriers: Vec<i64>,
    /// Turns that may not be made, and how many could not be taken over.
    pub restrictions: (Vec<Restriction>, TurnCounts),
    /// Counts for the report.
    pub counts: ReadCounts,
    strings: Strings,
    refs: Vec<i64>,
    node_ids: Vec<i64>,
    node_positions: Vec<Position>,
    /// Places of nodes that ways themselves give.
    given: Vec<(i64, Position)>,
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
        for (id, place) in std::mem::take(&mut extract.given) {
            if let Ok(at) = extract.node_ids.binary_search(&id) {
                extract.node_positions[at] = place;
            }
        }
        extract.read_nodes(source, progress)?;

        if extract.counts.nodes + extract.counts.ways + extract.counts.relations == 0 {
            return Err(ImportError::Empty {
                path: source.path().to_owned(),
            });
        }
        extract.counts.missing_nodes = extract.drop_missing();
        // Files put together of several hold what they share twice.
        extract.ways.sort_by_key(|w| w.id);
        extract.ways.dedup_by_key(|w| w.id);
        extract.relations.sort_by_key(|r| r.id);
        extract.relations.dedup_by_key(|r| r.id);
        extract.points.sort_by_key(|p| p.id);
        extract.points.dedup_by_key(|p| p.id);
        extract.barriers.sort_unstable();
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
                        let (found, counts) = &mut self.restrictions;
                        found.extend(turns::read(all, tags, counts));
                        if is_area_relation(tags) {
                            let ways = all.iter().filter(|m| m.kind == MemberKind::Way);
                            let ways: Vec<_> = ways.map(|m| (m.id, m.role == "inner")).collect();
                            wanted.ways.extend(ways.iter().map(|(id, _)| *id));
                            let centres: Vec<i64> = all
                                .iter()
                                .filter(|m| m.kind == MemberKind::Node)
                                .filter(|m| matches!(m.role, "label" | "admin_centre"))
                                .map(|m| m.id)
                                .collect();
                            wanted.labels.extend(&centres);
                            let subareas = all
                                .iter()
                                .filter(|m| m.kind == MemberKind::Relation && m.role == "subarea")
                                .map(|m| m.id)
                                .collect();
                            let tags = Tags::keep(tags, &mut self.strings);
                            self.relations.push(Relation {
                                id,
                                tags,
                                ways,
                                centres,
                                subareas,
                            });
                        }
                    }
                    Element::Bounds(b) => {
                        let both = [self.stated_bounds, stated_bounds(b)];
                        self.stated_bounds = both.into_iter().flatten().reduce(around);
                    }
                    Element::Remark(text) if text.to_lowercase().contains("error") => {
                        return Err(ImportError::Remark {
                            path: source.path().to_owned(),
                            remark: text.to_owned(),
                        });
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
                if let Element::Way {
                    id,
                    refs,
                    places,
                    tags,
                } = element
                {
                    self.counts.ways += 1;
                    if is_kept_way(tags) || wanted.ways.contains(&id) {
                        let from = self.refs.len();
                        self.refs.extend_from_slice(refs);
                        let places = places.iter().map(|(lon, lat)| Position::new(*lon, *lat));
                        self.given.extend(refs.iter().copied().zip(places));
                        let tags = Tags::keep(tags, &mut self.strings);
                        self.ways.push(Way {
                            id,
                            tags,
                            refs: from..self.refs.len(),
                            gaps: Box::default(),
                            closed: refs.len() >= 4 && refs.first() == refs.last(),
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
                    if blocks_vehicles(tags) {
                        self.barriers.push(id);
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

    /// Takes references to nodes that the file lacks out of the ways, and ways without two nodes side by side out
    /// altogether; returns how many references.
    fn drop_missing(&mut self) -> u64 {
        let mut kept = Vec::with_capacity(self.refs.len());
        let mut missing = 0;
        let mut ways = std::mem::take(&mut self.ways);
        for way in &mut ways {
            let from = kept.len();
            let mut gaps: Vec<u32> = Vec::new();
            for (i, node) in self.refs[way.refs.clone()].iter().enumerate() {
                let here = self.position(*node).is_some();
                // What was a gap before is one still.
                if !here || way.gaps.contains(&(i as u32)) {
                    gaps.push((kept.len() - from) as u32);
                }
                if here {
                    kept.push(*node);
                } else {
                    missing += 1;
                }
            }
            if way.gaps.contains(&(way.refs.len() as u32)) {
                gaps.push((kept.len() - from) as u32);
            }
            gaps.dedup();
            way.gaps = gaps.into();
            way.refs = from..kept.len();
        }
        let before = ways.len();
        self.refs = kept;
        ways.retain(|w| self.parts(w).next().is_some());
        self.counts.dropped_ways += (before - ways.len()) as u64;
        self.ways = ways;
        missing
    }

    /// Forgets every node outside `bounds`, as if the file had been cut there.
    pub fn cut(&mut self, bounds: GeoBox) {
        for place in &mut self.node_positions {
            if !bounds.contains(*place) {
                *place = NOWHERE;
            }
        }
        self.points.retain(|p| bounds.contains(p.position));
        self.drop_missing();
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

    /// True where the file was clipped to a rectangle without completing ways: many of its references dangle.
    pub fn is_clipped(&self) -> bool {
        self.counts.missing_nodes * 1_000 > self.refs.len() as u64
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

    /// The stretches of a way between the nodes that the file lacks, each of two nodes or more.
    pub fn parts<'a>(&'a self, way: &'a Way) -> impl Iterator<Item = &'a [i64]> + 'a {
        let refs = self.refs(way);
        let starts = std::iter::once(0).chain(way.gaps.iter().map(|g| *g as usize));
        let ends = way.gaps.iter().map(|g| *g as usize);
        starts
            .zip(ends.chain(std::iter::once(refs.len())))
            .map(|(from, to)| &refs[from..to])
            .filter(|part| part.len() >= 2)
    }

    /// The stretches of a way as chains of nodes with their places.
    pub fn chains(&self, way: &Way) -> Vec<Chain> {
        let placed = |r: &i64| Some((*r, self.position(*r)?));
        self.parts(way)
            .map(|part| part.iter().filter_map(placed).collect())
            .collect()
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

    /// The relation of an id, if it is kept.
    pub fn relation(&self, id: i64) -> Option<&Relation> {
        self.relations
            .binary_search_by_key(&id, |r| r.id)
            .ok()
            .map(|at| &self.relations[at])
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
