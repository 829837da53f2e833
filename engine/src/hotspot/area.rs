use crate::time::Timestamp;

/// A significant area of open cases.
#[derive(Clone, Debug, PartialEq)]
pub struct HotspotArea {
    /// Place in the order of significance, from 1: the least likely first.
    pub rank: u32,
    /// Name of the place, in words.
    pub name: String,
    /// Its middle, longitude and latitude.
    pub centre: (f64, f64),
    /// Open cases in it.
    pub cases: u32,
    /// Open cases that it would hold if those of the city were spread evenly over it; 0 where the sender does not say.
    pub expected: f64,
    /// Largest Getis–Ord z in it.
    pub z: f64,
    /// In a city whose cases are anywhere by chance: how likely an area as unlikely as this is listed at all; 0 where the
    /// sender does not say.
    pub q: f64,
    /// Since when it has been significant.
    pub since: Timestamp,
    /// Rings of longitude, latitude around its cells, closed.
    pub outline: Vec<Vec<(f64, f64)>>,
}
