use super::districts::District;
use super::extract::ReadCounts;
use super::features::BuildingCounts;
use super::identity::Identity;
use super::turns::TurnCounts;
use std::fmt;

/// Most names that are listed of what was lost.
const NAMES_MAX: usize = 20;

/// Areas that the extract's edge cuts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Closed along the edge of the city.
    pub closed_at_edge: u64,
    /// Left out, since they cannot be closed.
    pub areas: u64,
    /// Names of those that have one.
    pub names: Vec<String>,
}

/// The unit grid of a city.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GridReport {
    /// Streets (street offices, wards) whose borders give the middle digits of cells' codes.
    pub streets: usize,
    /// Its cells.
    pub cells: usize,
    /// Edge of a cell, metres: 100, or more for extracts too large for that.
    pub cell_m: u32,
    /// True where the city is so large that only cells with a road, a building or a place were made.
    pub sparse: bool,
}

/// What an import made of an extract.
#[derive(Clone, Debug)]
pub struct ImportReport {
    /// What was read and what had to be dropped.
    pub read: ReadCounts,
    /// Name, language and time zone of the city.
    pub identity: Identity,
    /// What the extract's edge cuts.
    pub lost: Lost,
    /// What else is to be said, a sentence each.
    pub notes: Vec<String>,
    /// How many buildings of which knowledge of their height.
    pub buildings: BuildingCounts,
    /// Nodes and edges of the road graph.
    pub roads: (usize, usize),
    /// What became of forbidden turns.
    pub turns: TurnCounts,
    /// Distinct road names.
    pub road_names: usize,
    /// Entries of the search index.
    pub places: usize,
    /// Districts, by code.
    pub districts: Vec<District>,
    /// The unit grid.
    pub grid: GridReport,
    /// Streets, kilometres, and the units that are proposed for them.
    pub units: (u32, u32),
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
        self.write_lost(f)?;
        for note in &self.notes {
            writeln!(f, "note        {note}")?;
        }
        writeln!(
            f,
            "roads       {} nodes, {} edges, {} names",
            self.roads.0, self.roads.1, self.road_names
        )?;
        self.write_turns(f)?;
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
        if self.grid.streets > 0 {
            writeln!(
                f,
                "streets     {} with a border, which gives the middle digits of the grid's codes",
                self.grid.streets
            )?;
        }
        let note = if self.grid.sparse {
            ", only where there is a road, building or place"
        } else {
            ""
        };
        writeln!(
            f,
            "grid        {} cells of {} m{note}",
            self.grid.cells, self.grid.cell_m
        )?;
        writeln!(
            f,
            "units       {} proposed for {} km of street; set them right in city.toml",
            self.units.1, self.units.0
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

impl ImportReport {
    fn write_turns(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let turns = self.turns;
        if turns == TurnCounts::default() {
            return Ok(());
        }
        write!(f, "turns       {} forbidden", turns.kept)?;
        let left_out = [
            (turns.conditional, "at certain times only"),
            (turns.of_others, "not for vehicles on duty"),
            (turns.unplaced, "that fit no roads here"),
        ];
        let left_out = left_out.iter().filter(|(count, _)| *count > 0);
        let left_out: Vec<String> = left_out.map(|(n, why)| format!("{n} {why}")).collect();
        if !left_out.is_empty() {
            write!(f, "; left out: {}", left_out.join(", "))?;
        }
        writeln!(f)
    }

    fn write_lost(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = &self.lost;
        if lost.closed_at_edge > 0 {
            writeln!(
                f,
                "cut         {} areas cut by the extract's edge and closed along it",
                lost.closed_at_edge
            )?;
        }
        if lost.areas > 0 {
            let names = &lost.names[..lost.names.len().min(NAMES_MAX)];
            let more = match lost.names.len() - names.len() {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            writeln!(
                f,
                "lost        {} areas cut by the extract's edge that cannot be closed{}{}{more}",
                lost.areas,
                if names.is_empty() { "" } else { ": " },
                names.join(", ")
            )?;
        }
        Ok(())
    }
}
