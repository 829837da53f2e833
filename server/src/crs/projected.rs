//! PROJ, one instance a thread and definition: an instance may not be shared, and making one takes milliseconds.

use chengtu_engine::geo::LonLat;
use proj::Proj;
use std::cell::RefCell;

thread_local! {
    static MADE: RefCell<Vec<(String, Proj)>> = const { RefCell::new(Vec::new()) };
}

fn make(definition: &str) -> Result<Proj, String> {
    if definition.starts_with("+proj=pipeline") {
        return Proj::new(definition).map_err(|e| e.to_string());
    }
    // Axes come out as east, north whatever the authority says, and degrees whatever the units are.
    Proj::new_known_crs(definition, "EPSG:4326", None).map_err(|e| e.to_string())
}

fn with<T>(definition: &str, f: impl FnOnce(&Proj) -> Result<T, String>) -> Result<T, String> {
    MADE.with_borrow_mut(|made| {
        if let Some((_, proj)) = made.iter().find(|(d, _)| d == definition) {
            return f(proj);
        }
        let proj = make(definition)?;
        let result = f(&proj);
        made.push((definition.to_owned(), proj));
        result
    })
}

/// Whether PROJ can work with a definition.
pub(super) fn check(definition: &str) -> Result<(), String> {
    with(definition, |_| Ok(()))
}

/// WGS 84 degrees of easting and northing.
pub(super) fn lon_lat(definition: &str, x: f64, y: f64) -> Result<LonLat, String> {
    with(definition, |proj| {
        let (lon, lat) = proj.convert((x, y)).map_err(|e| e.to_string())?;
        Ok(LonLat::new(lon, lat))
    })
}
