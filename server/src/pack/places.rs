use serde::{Deserialize, Serialize};

/// A named thing that the search finds: an entry of `places.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its name in the city's own language.
    pub name: String,
    /// Its name in English; empty where none is mapped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name_en: String,
    /// Other names it goes by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alt: Vec<String>,
    /// `road`, or a class of the base map's place layer: district, quarter, station, square, park, water, public,
    /// landmark, building, poi, `bus_stop`.
    pub kind: String,
    /// OpenStreetMap's own word, e.g. `hospital` or `primary`; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// 1 most important … 10 least, for the order of results.
    pub rank: u8,
    /// Longitude, degrees.
    pub lon: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// Name of the district it lies in; empty where that is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub district: String,
}
