use crate::time::Timestamp;

/// How sure a significant area is, and against what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HotspotChance {
    /// Open cases that it would hold if those of the city were spread evenly over it, not below 0.
    pub expected: f64,
    /// In a city whose cases are anywhere by chance: how likely an area as unlikely as this is listed at all, 0 … 1.
    pub q: f64,
}

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
    /// By how many standard deviations a normal variable would have to be off to be as unlikely.
    pub z: f64,
    /// How sure it is; a server of before protocol 1.4 does not say.
    pub chance: Option<HotspotChance>,
    /// Since when it has been significant.
    pub since: Timestamp,
    /// Rings of longitude, latitude around its cells, closed.
    pub outline: Vec<Vec<(f64, f64)>>,
}
