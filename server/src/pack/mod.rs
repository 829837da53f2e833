//! A city pack: the directory that holds everything the server and its clients know about a city beforehand.

mod city;
mod classes;
pub(crate) mod files;
mod grid;
mod locate;
mod places;
mod rules;

pub use city::{Bounds, Calendar, Centre, CityConfig, Department, Depot, District, Fleet, Limits};
pub use classes::{
    CaseClassEntry, ClassTable, ClassTableError, Condition, RawClassRow, parse_limit,
};
pub use grid::{Grid, GridCell};
pub(crate) use locate::line_of_offset;
pub use places::Place;

use chengtu_engine::city::{Continued, Rules};
use chengtu_engine::roads::{RoadGraph, RoadGraphError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The city's description, for people to edit.
pub const CITY_FILE: &str = "city.toml";
/// The base map.
pub const BASEMAP_FILE: &str = "basemap.pmtiles";
/// The road graph.
pub const ROADS_FILE: &str = "roads.bin";
/// The search index; like the unit grid it is stored zipped where it is long, under its name and `.gz`.
pub const PLACES_FILE: &str = "places.json";
/// The unit grid.
pub const GRID_FILE: &str = "grid.geojson";
/// The table of case classes.
pub const CLASSES_FILE: &str = "case_classes.csv";
/// Where it all comes from.
pub const PROVENANCE_FILE: &str = "PROVENANCE.md";

/// A loaded city pack.
#[derive(Debug)]
pub struct Pack {
    /// Where it lies.
    pub dir: PathBuf,
    /// `city.toml`.
    pub city: CityConfig,
    /// The case classes that `city.toml` points to.
    pub classes: ClassTable,
    /// `roads.bin`.
    pub roads: Arc<RoadGraph>,
    /// `places.json`.
    pub places: Vec<Place>,
    /// `grid.geojson`.
    pub grid: Grid,
    /// Rules that the city had before, whose numbers its classes and departments keep.
    before: Option<Box<Rules>>,
}

/// Why a pack does not open.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file is missing or cannot be read.
    #[error("{}: cannot be read: {source}; a city pack is made with `chengtu-server import osm FILE --out DIR`", path.display())]
    Read {
        /// Path of the file of the pack.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// `city.toml` does not say what it must.
    #[error("{}:{line}: {key}: {detail}", path.display())]
    City {
        /// Path of the file of the pack.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// The key, e.g. `fleets[2].department`.
        key: String,
        /// What is wrong and what to write instead.
        detail: String,
    },
    /// The table of case classes.
    #[error(transparent)]
    Classes(#[from] ClassTableError),
    /// The road graph.
    #[error("{}: {source}", path.display())]
    Roads {
        /// Path of the file of the pack.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: RoadGraphError,
    },
    /// A JSON file.
    #[error("{}: {detail}; make the pack anew with `import osm`", path.display())]
    Json {
        /// Path of the file of the pack.
        path: PathBuf,
        /// What is wrong and where.
        detail: String,
    },
    /// The base map.
    #[error("{}: {detail}; make the pack anew with `import osm`", path.display())]
    Basemap {
        /// Path of the file of the pack.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
}

impl Pack {
    /// Reads and checks a pack.
    ///
    /// # Errors
    /// [`PackError`] naming the file and, where it has lines, the line.
    pub fn open(dir: &Path) -> Result<Self, PackError> {
        let read = |name: &str| {
            files::read(dir, name).map_err(|(path, source)| PackError::Read { path, source })
        };
        let (path, bytes) = read(CITY_FILE)?;
        let city = CityConfig::parse(&path, &bytes)?;
        let (path, bytes) = read(&city.case_classes)?;
        let classes = ClassTable::read_pack(&path, &bytes)?;
        classes.check_against(&path, &city)?;
        let (path, bytes) = read(ROADS_FILE)?;
        let roads =
            RoadGraph::decode(&bytes).map_err(|source| PackError::Roads { path, source })?;
        let (path, bytes) = read(PLACES_FILE)?;
        let places = serde_json::from_slice(&bytes).map_err(|e| PackError::Json {
            path,
            detail: e.to_string(),
        })?;
        let (path, bytes) = read(GRID_FILE)?;
        let grid = Grid::parse(&bytes).map_err(|detail| PackError::Json { path, detail })?;
        check_basemap(&dir.join(BASEMAP_FILE))?;
        Ok(Self {
            dir: dir.to_owned(),
            city,
            classes,
            roads: Arc::new(roads),
            places,
            grid,
            before: None,
        })
    }

    /// What the engine's decisions read about the city.
    pub fn rules(&self) -> Rules {
        self.continued().rules
    }

    /// The same pack for a city that has rules already: its classes and departments keep their numbers.
    #[must_use]
    pub fn continuing(self, before: &Rules) -> Self {
        Self {
            before: Some(Box::new(before.clone())),
            ..self
        }
    }

    /// The rules, and the classes that are no longer in the table.
    pub fn continued(&self) -> Continued {
        let rules = rules::rules(self);
        match &self.before {
            Some(before) => rules.continuing(before),
            None => Continued {
                rules,
                gone: Vec::new(),
            },
        }
    }
}

fn check_basemap(path: &Path) -> Result<(), PackError> {
    use std::io::Read;
    let mut head = [0; 8];
    let mut file = std::fs::File::open(path).map_err(|source| PackError::Read {
        path: path.to_owned(),
        source,
    })?;
    let detail = match file.read_exact(&mut head) {
        Ok(()) if head.starts_with(b"PMTiles") && head[7] == 3 => return Ok(()),
        Ok(()) => "not a PMTiles archive of version 3",
        Err(_) => "shorter than a PMTiles header",
    };
    Err(PackError::Basemap {
        path: path.to_owned(),
        detail: detail.into(),
    })
}

#[cfg(test)]
mod tests;
