use chengtu_engine::geo::{Position, mercator_from_lon_lat};

/// A point in units of 1/2³² of the Web Mercator world, x from the west, y from the north: 9 mm at the equator.
/// A tile unit of zoom z is 2^(20 − z) of them.
pub type WorldPoint = [u32; 2];

/// The Web Mercator point of a position; latitudes beyond ±85.05° are held there.
pub fn world_from_position(p: Position) -> WorldPoint {
    mercator_from_lon_lat(p.lon_lat())
        .map(|v| libm::round(v * 4_294_967_296.0).clamp(0.0, 4_294_967_295.0) as u32)
}

/// A line or ring of positions in world units.
pub fn world_line(line: &[Position]) -> Vec<WorldPoint> {
    line.iter().map(|p| world_from_position(*p)).collect()
}
