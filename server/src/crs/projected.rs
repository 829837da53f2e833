//! PROJ, one instance a thread and definition: an instance may not be shared, and making one takes milliseconds.

use chengtu_engine::geo::LonLat;
use proj::Proj;
use std::cell::RefCell;

/// A definition as PROJ works with it.
struct Made {
    definition: String,
    proj: Proj,
    /// Whether its numbers are degrees.
    degrees: bool,
}

thread_local! {
    static MADE: RefCell<Vec<Made>> = const { RefCell::new(Vec::new()) };
}

fn make(definition: &str) -> Result<Proj, String> {
    if definition.starts_with("+proj=pipeline") {
        return Proj::new(definition).map_err(|e| e.to_string());
    }
    // Axes come out as east, north whatever the authority says, and degrees whatever the units are.
    Proj::new_known_crs(definition, "EPSG:4326", None).map_err(|e| e.to_string())
}

fn with<T>(definition: &str, f: impl FnOnce(&Made) -> Result<T, String>) -> Result<T, String> {
    MADE.with_borrow_mut(|all| {
        if let Some(made) = all.iter().find(|m| m.definition == definition) {
            return f(made);
        }
        let proj = make(definition)?;
        let made = Made {
            definition: definition.to_owned(),
            degrees: moves_by_degrees(&proj),
            proj,
        };
        let result = f(&made);
        all.push(made);
        result
    })
}

/// Whether PROJ can work with a definition.
pub(super) fn check(definition: &str) -> Result<(), String> {
    with(definition, |_| Ok(()))
}

/// True where a definition's numbers are degrees, and not metres or feet.
pub(super) fn is_in_degrees(definition: &str) -> bool {
    with(definition, |made| Ok(made.degrees)).unwrap_or(false)
}

/// True where one unit north of the middle is a degree: a metre or a foot would hardly be seen.
fn moves_by_degrees(proj: &Proj) -> bool {
    let at = |y: f64| proj.convert((0.0, y)).ok();
    let (Some((_, south)), Some((_, north))) = (at(0.0), at(1.0)) else {
        return false;
    };
    (0.5..2.0).contains(&(north - south).abs())
}

/// WGS 84 degrees of easting and northing.
pub(super) fn lon_lat(definition: &str, x: f64, y: f64) -> Result<LonLat, String> {
    with(definition, |made| {
        let (lon, lat) = made.proj.convert((x, y)).map_err(|e| e.to_string())?;
        Ok(LonLat::new(lon, lat))
    })
}
