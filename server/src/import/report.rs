use super::districts::District;
use super::extract::ReadCounts;
use super::features::BuildingCounts;
use super::identity::Identity;
use std::fmt;

/// What an import made of an extract.
#[derive(Clone, Debug)]
pub struct ImportReport {
    /// What was read and what had to be dropped.
    pub read: ReadCounts,
    /// Name, language and time zone of the city.
    pub identity: Identity,
    /// Multipolygons that the extract's edge cuts.
    pub incomplete_areas: u64,
    /// How many buildings of which knowledge of their height.
    pub buildings: BuildingCounts,
    /// Nodes and edges of the road graph.
    pub roads: (usize, usize),
    /// Distinct road names.
    pub road_names: usize,
    /// Entries of the search index.
    pub places: usize,
    /// Districts, by code.
    pub districts: Vec<District>,
    /// Cells of the unit grid.
    pub cells: usize,
    /// Edge of a cell, metres: 100, or more for extracts too large for that.
    pub cell_m: u32,
    /// True where the city is so large that only cells with a road, a building or a place were made.
    pub sparse_grid: bool,
    /// Tiles of the base map.
    pub tiles: u64,
    /// Rows of the table of case classes.
    pub case_classes: usize,
    /// Size of the pack.
    pub bytes: u64,
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let r = &self.read;
        writeln!(
            f,
            "city        {} ({}), names in {}",
            self.identity.name, self.identity.name_en, self.identity.language
        )?;
        writeln!(
            f,
            "time zone   {} ({})",
            self.identity.time_zone, self.identity.time_zone_rule
        )?;
        writeln!(
            f,
            "read        {} nodes, {} ways, {} relations",
            r.nodes, r.ways, r.relations
        )?;
        if r.missing_nodes > 0 {
            writeln!(
                f,
                "dropped     {} references to nodes that the extract lacks, {} ways left without a line (normal at its edge)",
                r.missing_nodes, r.dropped_ways
            )?;
        }
        if self.incomplete_areas > 0 {
            writeln!(
                f,
                "incomplete  {} areas cut by the extract's edge, closed along it where that is possible",
                self.incomplete_areas
            )?;
        }
        writeln!(
            f,
            "roads       {} nodes, {} edges, {} names",
            self.roads.0, self.roads.1, self.road_names
        )?;
        let b = self.buildings;
        writeln!(
            f,
            "buildings   {}, {} with mapped height, {} under ground left out",
            b.drawn, b.known, b.underground
        )?;
        writeln!(f, "places      {}", self.places)?;
        for d in &self.districts {
            let note = if d.official {
                ""
            } else {
                " (no official code known: made up; set it in city.toml)"
            };
            writeln!(f, "district    {} {}{note}", d.code, d.name)?;
        }
        let note = if self.sparse_grid {
            ", only where there is a road, building or place"
        } else {
            ""
        };
        writeln!(
            f,
            "grid        {} cells of {} m{note}",
            self.cells, self.cell_m
        )?;
        writeln!(f, "classes     {}", self.case_classes)?;
        write!(
            f,
            "base map    {} tiles; pack {} KiB",
            self.tiles,
            self.bytes.div_ceil(1024)
        )
    }
}
