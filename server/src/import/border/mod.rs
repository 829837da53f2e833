//! Closing, along the city's edge, of what the edge of an extract has cut open: the sea, rivers, parks, districts.

mod close;
mod frame;
mod sea;
mod stands;

pub use close::{Cut, close};
pub use sea::{Sea, sea};
pub use stands::Stands;

use super::rings::Ring;
use chengtu_engine::geo::{GeoBox, Position};

/// The corners of a rectangle as a ring.
pub fn corners(bounds: GeoBox) -> Ring {
    let corner = |[x, y]: [i64; 2]| Position::new(x as i32, y as i32);
    frame::Frame::new(bounds).corners().map(corner).to_vec()
}
