//! Where things are: exact positions, degrees, local ground metres and tiles, each its own type.

mod frame;
mod position;
mod rows;
mod tile;
mod viewport;

pub use frame::{LocalFrame, Metres};
pub use position::{LonLat, LonLatError, Position};
pub use rows::TileRows;
pub use tile::{GeoBox, TileId, lon_lat_from_mercator, mercator_from_lon_lat};
pub use viewport::Viewport;

/// Mean metres of one degree of latitude on the WGS 84 authalic sphere.
pub const METRES_PER_DEGREE: f64 = 111_194.926_644_558_73;

/// Great-circle distance of two positions in metres.
///
/// Haversine on a sphere of 6,371,007 m (WGS 84 authalic); error against the ellipsoid < 0.5 %.
pub fn distance_m(a: Position, b: Position) -> f64 {
    const RADIUS_M: f64 = 6_371_007.2;
    let (a, b) = (a.lon_lat(), b.lon_lat());
    let rad = core::f64::consts::PI / 180.0;
    let (lat_a, lat_b) = (a.lat_deg * rad, b.lat_deg * rad);
    let s_lat = libm::sin((lat_b - lat_a) / 2.0);
    let s_lon = libm::sin((b.lon_deg - a.lon_deg) * rad / 2.0);
    let h = s_lat * s_lat + libm::cos(lat_a) * libm::cos(lat_b) * s_lon * s_lon;
    2.0 * RADIUS_M * libm::asin(libm::sqrt(h.clamp(0.0, 1.0)))
}
