use super::admin::Survey;
use super::areas;
use super::banks;
use super::border::{self, Sea, Stands};
use super::city;
use super::districts::Districts;
use super::duties;
use super::error::ImportError;
use super::extent;
use super::extract::Extract;
use super::features::{self, BuildingCounts};
use super::grid::{self, Home, Raster};
use super::identity::{self, Identity, Said};
use super::lines;
use super::places::{self, Named};
use super::progress::Progress;
use super::report::{GridReport, ImportReport, Lost};
use super::roads;
use super::source::Source;
use super::staging::Staging;
use super::tiles::{self, About, Feature};
use super::turns::TurnCounts;
use crate::pack::{self, ClassTable, ClassTableError, Pack, Place};
use chengtu_engine::city::Language;
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::roads::{Bank, RoadGraph, Surroundings};
use chengtu_engine::sim::CitySize;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

/// What the user may say about an import.
#[derive(Clone, Debug, Default)]
pub struct OsmOptions {
    /// The city's name.
    pub name: Option<String>,
    /// Its name in English.
    pub name_en: Option<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// `west,south,east,north` in degrees.
    pub bounds: Option<String>,
    /// Table of case classes.
    pub case_classes: Option<PathBuf>,
    /// Only where no pack is yet.
    pub new_only: bool,
}

/// Cities with more cells than this get only those with something in them.
const FULL_GRID_CELLS_MAX: usize = 100_000;
/// No more cells than this are written: more districts, towns and villages in one pack make larger cells.
const USED_CELLS_MAX: usize = 500_000;
/// No larger raster is held, used or not.
const RASTER_CELLS_MAX: usize = 20_000_000;

/// Makes the city pack `out` from the extract `file`. The same input gives the same bytes.
///
/// The pack is written beside `out`, opened once to check it, and then moved into place. A city on both sides of 180° of
/// longitude becomes two, since maps are flat: the larger side at `out`, the other beside it, in a folder of that name with
/// `-east` or `-west` behind it.
///
/// # Errors
/// [`ImportError`]; an old pack at `out` is then untouched.
pub fn import_osm(
    file: &Path,
    out: &Path,
    options: &OsmOptions,
    progress: &Progress,
) -> Result<ImportReport, ImportError> {
    let (mut report, other) = import_side(file, (out, options), None, progress)?;
    let Some(other) = other else {
        return Ok(report);
    };
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(if other.max.lon_e7 > 0 {
        "-east"
    } else {
        "-west"
    });
    let beside = out.with_file_name(name);
    let options = OsmOptions {
        name: Some(report.identity.name.clone()),
        name_en: Some(report.identity.name_en.clone()),
        ..options.clone()
    };
    let both = "the city lies on both sides of 180° of longitude, where a flat map ends: this is the larger side";
    report.notes.push(
        match import_side(file, (&beside, &options), Some(other), progress) {
            Ok((smaller, _)) => format!(
                "{both}; the other, of {} streets, is a city pack of its own: {}",
                smaller.roads.1,
                beside.display()
            ),
            Err(ImportError::NoRoads { .. } | ImportError::EmptyMap { .. }) => {
                format!("{both}; no street lies wholly on the other")
            }
            Err(other) => return Err(other),
        },
    );
    Ok(report)
}

/// Makes a city pack of what lies on one `side` of 180°, or on the larger where the city has two; gives the other then.
fn import_side(
    file: &Path,
    (out, options): (&Path, &OsmOptions),
    side: Option<GeoBox>,
    progress: &Progress,
) -> Result<(ImportReport, Option<GeoBox>), ImportError> {
    let given_bounds = check(options)?;
    let classes = case_classes(options.case_classes.as_deref())?;
    let source = Source::open(file)?;
    let staging = Staging::beside(out, !options.new_only)?;
    let mut extract = Extract::read(&source, progress)?;
    if let Some(bounds) = given_bounds {
        extract.crop(bounds);
    }
    let other = one_side(&mut extract, side, given_bounds);

    let mut notes = Vec::new();
    let (graph, turns, bounds) = streets(&extract, file, options, given_bounds, &mut notes)?;
    let survey = Survey::new(&extract, bounds);
    let said = Said {
        name: options.name.as_deref(),
        name_en: options.name_en.as_deref(),
        time_zone: options.time_zone.as_deref(),
    };
    let identity = identity::find(&extract, &survey, bounds, file, said);

    // What is done with goes at once: a province fills the memory of a small machine.
    let (nodes, edges, road_names) = (graph.node_count(), graph.edge_count(), graph.names().len());
    let plan = GridPlan::new(&extract, bounds);
    let districts = Districts::find(
        &extract,
        &survey,
        bounds,
        plan.raster,
        (&identity.name, &identity.name_en),
    );
    drop(survey);
    let config = city::describe(&identity, bounds, &districts, &graph);
    staging.write(pack::CITY_FILE, city::to_toml(&config).as_bytes())?;
    let cells = plan.write(&staging, &districts)?;

    let drawn = draw(
        &extract,
        bounds,
        (&districts, &identity),
        &mut notes,
        &staging,
    )?;
    let read = extract.counts;
    drop(extract);
    write_roads(&staging, graph, drawn.banks)?;
    let tiles = write_map(&staging, &drawn.features, &identity.name, bounds, progress)?;
    if tiles == 0 {
        return Err(ImportError::EmptyMap {
            path: file.to_owned(),
        });
    }
    let streets = districts.street_count();
    let (lost, buildings) = (drawn.lost, drawn.buildings);
    drop(drawn.features);

    write_tables(&staging, classes, &source, &identity)?;

    let opened = Pack::open(staging.dir()).map_err(Box::new)?;
    let report = ImportReport {
        read,
        identity,
        lost,
        notes,
        buildings,
        roads: (nodes, edges),
        turns,
        road_names,
        places: opened.places.len(),
        districts: districts.list,
        grid: GridReport {
            streets,
            cells,
            cell_m: plan.cell_m,
            sparse: plan.used.is_some(),
        },
        units: proposed(&opened, bounds),
        tiles,
        case_classes: opened.classes.classes.len(),
        bytes: size(staging.dir()),
    };
    staging.publish()?;
    Ok((report, other))
}

/// Cuts a city on both sides of 180° to one of them: the one asked for, the one that the given bounds lie on, or the larger,
/// and gives the other of the last.
fn one_side(extract: &mut Extract, asked: Option<GeoBox>, given: Option<GeoBox>) -> Option<GeoBox> {
    let [larger, smaller] = extent::both_sides(extract)?;
    let holds = |side: &GeoBox| given.is_some_and(|g| side.contains(g.min) && side.contains(g.max));
    let meant = asked.or_else(|| [larger, smaller].into_iter().find(holds));
    extract.cut(meant.unwrap_or(larger));
    meant.is_none().then_some(smaller)
}

/// Kilometres of street, and the units that are proposed for them.
fn proposed(pack: &Pack, city: GeoBox) -> (u32, u32) {
    let size = CitySize::of(&pack.roads, city);
    (size.street_km.round() as u32, pack.city.units())
}

/// Writes the table of case classes in the city's language, and where all comes from.
fn write_tables(
    staging: &Staging,
    classes: ClassTable,
    source: &Source,
    identity: &Identity,
) -> Result<(), ImportError> {
    let language = Language::of_code(identity.language);
    let classes = match language {
        Language::Zh => classes,
        Language::En => classes.in_english(duties::group_in_english),
    };
    staging.write(pack::CLASSES_FILE, &classes.to_pack_csv())?;
    let provenance = provenance(source, &identity.name, language);
    staging.write(pack::PROVENANCE_FILE, provenance.as_bytes())
}

/// The rectangle that the user gives, and an error for what makes no sense.
fn check(options: &OsmOptions) -> Result<Option<GeoBox>, ImportError> {
    if let Some(zone) = &options.time_zone {
        jiff::tz::TimeZone::get(zone).map_err(|_| ImportError::TimeZone {
            given: zone.clone(),
        })?;
    }
    options.bounds.as_deref().map(extent::parse).transpose()
}

/// The road graph, and the rectangle that the city covers.
fn streets(
    extract: &Extract,
    file: &Path,
    options: &OsmOptions,
    given: Option<GeoBox>,
    notes: &mut Vec<String>,
) -> Result<(RoadGraph, TurnCounts, GeoBox), ImportError> {
    let (graph, turns) = roads::build(extract)?;
    let of_roads = extent::of_roads(extract).filter(|_| graph.edge_count() > 0);
    let of_roads = of_roads.ok_or_else(|| no_roads(extract, file, options))?;
    let (covered, note) = match given {
        Some(given) => (given, None),
        None => extent::honest(extract.stated_bounds, of_roads),
    };
    notes.extend(note);
    Ok((graph, turns, extent::at_least(covered)))
}

/// Why nothing can be made where there are no roads.
fn no_roads(extract: &Extract, file: &Path, options: &OsmOptions) -> ImportError {
    if let Some(given) = &options.bounds {
        return ImportError::Bounds {
            given: given.clone(),
            detail: "holds no road of the extract".into(),
        };
    }
    ImportError::NoRoads {
        path: file.to_owned(),
        ways: extract.counts.ways,
        missing_nodes: extract.counts.missing_nodes,
    }
}

/// What is drawn on the map, and what could not be.
struct Drawn {
    features: Vec<Feature>,
    /// Where water begins, for whoever walks to a road.
    banks: Vec<Bank>,
    buildings: BuildingCounts,
    lost: Lost,
}

/// Everything that is drawn on the map; writes the search index beside it.
fn draw(
    extract: &Extract,
    bounds: GeoBox,
    (districts, identity): (&Districts, &Identity),
    notes: &mut Vec<String>,
    staging: &Staging,
) -> Result<Drawn, ImportError> {
    let stands = Stands::of(extract, bounds);
    let found = areas::assemble(extract, bounds, &stands);
    let mut named = places::collect(extract, &found.list);
    // Stops along a whole line come with the extract, however far away; roads are kept, so that every name is found.
    named.retain(|n| n.class == "road" || bounds.contains(n.position));
    places::add_districts(&mut named, districts);
    let middle = Position::new(
        i32::midpoint(bounds.min.lon_e7, bounds.max.lon_e7),
        i32::midpoint(bounds.min.lat_e7, bounds.max.lat_e7),
    );
    places::add_city(&mut named, (&identity.name, &identity.name_en), middle);
    staging.write_text(pack::PLACES_FILE, &places_json(&named, districts))?;

    let mut buildings = BuildingCounts::default();
    let mut features = features::features(&found.list, &mut buildings);
    let sea = border::sea(extract, bounds, &stands);
    let banks = banks::of(extract, &found.list, &sea, &stands);
    match sea {
        Sea::None => {}
        Sea::Known(water) => features.extend(features::sea(&water)),
        Sea::Unknown => notes.push(
            "there is a coast, but which side of it is sea cannot be known: however it is closed, streets and \
             buildings stand in the water; none is drawn. An extract with complete ways and a wider margin helps"
                .into(),
        ),
    }
    features.extend(lines::features(extract));
    features.extend(places::features(&named));
    let (mut names, areas) = found.lost;
    names.extend(districts.lost.iter().cloned());
    Ok(Drawn {
        features,
        banks,
        buildings,
        lost: Lost {
            closed_at_edge: found.closed_at_edge,
            areas: areas + districts.lost.len() as u64,
            names,
        },
    })
}

/// Writes the road graph with the water that lies between its roads.
fn write_roads(staging: &Staging, graph: RoadGraph, banks: Vec<Bank>) -> Result<(), ImportError> {
    let surroundings = Surroundings {
        banks,
        ..graph.surroundings().clone()
    };
    staging.write(pack::ROADS_FILE, &graph.with(surroundings)?.encode())
}

/// Writes the map's tiles.
fn write_map(
    staging: &Staging,
    features: &[Feature],
    name: &str,
    bounds: GeoBox,
    progress: &Progress,
) -> Result<u64, ImportError> {
    let about = About {
        name: name.to_owned(),
        bounds,
        attribution: format!(
            "<a href=\"https://www.openstreetmap.org/copyright\">{}</a>",
            tiles::ATTRIBUTION
        ),
    };
    let path = staging.dir().join(pack::BASEMAP_FILE);
    let map = File::create(&path).map_err(|source| ImportError::Write { path, source })?;
    Ok(tiles::write(features, &about, map, progress)?)
}

/// How large the cells are and which of them are made.
struct GridPlan {
    raster: Raster,
    cell_m: u32,
    /// In a large city, the cells with something in them.
    used: Option<BTreeSet<usize>>,
}

impl GridPlan {
    /// Cells of 100 m; larger ones only where a whole country would need more than can be handled.
    fn new(extract: &Extract, bounds: GeoBox) -> Self {
        let mut cell_m = 100;
        loop {
            let raster = Raster::over(bounds, f64::from(cell_m));
            if raster.cells() <= FULL_GRID_CELLS_MAX {
                return Self {
                    raster,
                    cell_m,
                    used: None,
                };
            }
            if raster.cells() <= RASTER_CELLS_MAX {
                let used = used_cells(extract, &raster);
                if used.len() <= USED_CELLS_MAX {
                    return Self {
                        raster,
                        cell_m,
                        used: Some(used),
                    };
                }
            }
            cell_m *= 2;
        }
    }

    /// Writes the cells; returns how many.
    fn write(&self, staging: &Staging, districts: &Districts) -> Result<usize, ImportError> {
        let codes: Vec<String> = districts.list.iter().map(|d| d.code.clone()).collect();
        let names: Vec<String> = districts.list.iter().map(|d| d.name.clone()).collect();
        let cells = grid::number(&self.raster, &codes, |column, row| {
            let at = self.raster.index(column, row);
            self.used
                .as_ref()
                .is_none_or(|u| u.contains(&at))
                .then(|| Home {
                    district: districts.of_cell(column, row),
                    street: districts.street_of_cell(column, row).map(|s| s.number),
                })
        });
        let street = |cell: &grid::Cell| {
            let street = districts.street_of_cell(cell.at.0, cell.at.1)?;
            Some(street.name.as_str())
        };
        let text = grid::geojson(&self.raster, &cells, &names, street);
        staging.write_text(pack::GRID_FILE, text.as_bytes())?;
        Ok(cells.len())
    }
}

fn case_classes(given: Option<&Path>) -> Result<ClassTable, ImportError> {
    let Some(path) = given else {
        return Ok(ClassTable::read_standard(
            Path::new("case_classes.csv"),
            duties::STANDARD.as_bytes(),
            duties::decide,
        )?);
    };
    let bytes = std::fs::read(path).map_err(|e| ClassTableError {
        path: path.to_owned(),
        row: 0,
        detail: format!("cannot be read: {e}"),
    })?;
    Ok(ClassTable::read_standard(path, &bytes, duties::decide)?)
}

/// Cells that a road, a building or a place touches.
fn used_cells(extract: &Extract, raster: &Raster) -> BTreeSet<usize> {
    let mut used = BTreeSet::new();
    let mut touch = |p| {
        used.extend(
            raster
                .cell_at(p)
                .map(|(column, row)| raster.index(column, row)),
        );
    };
    for way in &extract.ways {
        let tags = extract.way_tags(way);
        if tags.has("highway") || tags.has("building") {
            extract.line(way).into_iter().for_each(&mut touch);
        }
    }
    extract.points.iter().for_each(|p| touch(p.position));
    used
}

/// The search index: one place a line, so that a change is seen.
fn places_json(named: &[Named], districts: &Districts) -> Vec<u8> {
    let mut out = b"[\n".to_vec();
    for (i, n) in named.iter().enumerate() {
        let at = n.position.lon_lat();
        let place = Place {
            name: n.name.clone(),
            name_en: n.name_en.clone(),
            alt: n.alt.clone(),
            kind: n.class.to_owned(),
            detail: n.detail.clone(),
            rank: n.rank,
            lon: at.lon_deg,
            lat: at.lat_deg,
            district: districts
                .at(n.position)
                .map_or_else(String::new, |d| d.name.clone()),
        };
        out.extend(serde_json::to_vec(&place).expect("text and numbers can be written as JSON"));
        out.extend_from_slice(if i + 1 < named.len() { b",\n" } else { b"\n" });
    }
    out.extend_from_slice(b"]\n");
    out
}

fn provenance(source: &Source, city: &str, language: Language) -> String {
    let file = source
        .path()
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    format!(
        "# Where this city pack comes from\n\n\
         | file | made from | licence |\n|---|---|---|\n\
         | `basemap.pmtiles`, `roads.bin`, `places.json` | OpenStreetMap, extract `{file}` ({city}) | Open Database License (ODbL) 1.0 |\n\
         | `grid.geojson` (a large one zipped) | computed: a raster of 100 m, district borders from the same extract; street parts of the codes where their borders are mapped; other street parts and all community parts are regular blocks, not the city's own | ODbL 1.0 |\n\
         | `case_classes.csv` | facts of a municipal opening-and-closing standard{standard}, or the table given with `--case-classes`; English names, departments and skills are this project's | as the project |\n\
         | `city.toml` | name, bounds and districts from the extract; departments, fleets and depots are proposals, not the city's own | ODbL 1.0 for what is from the extract |\n\n\
         {attribution}. The data is available under the Open Database License: \
         <https://www.openstreetmap.org/copyright>. Wherever the map is shown, \"{attribution}\" must be shown with it; \
         whoever passes on a changed database must pass it on under the same licence.\n\n\
         Heights of buildings without a mapped height or number of storeys are guesses (`levels_known` is false in the base map).\n",
        attribution = tiles::ATTRIBUTION,
        standard = language.of(" (立结案标准)", ""),
    )
}

fn size(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .filter_map(|e| e.metadata().ok())
        .map(|m| m.len())
        .sum()
}
