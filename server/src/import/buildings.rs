//! Heights of buildings: mapped where they are, guessed by a stated rule where they are not.

use super::areas::{Area, AreaKind};
use super::rings::{self, Polygon};
use super::tags::TagView;
use chengtu_engine::chance::Chance;
use chengtu_engine::geo::{METRES_PER_DEGREE, Position};

/// Metres of a storey.
const STOREY_M: f64 = 3.2;
/// No building is higher.
const HEIGHT_M_MAX: f64 = 900.0;

/// A building's bottom and top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Height {
    /// Its top, metres above the ground.
    pub top_m: f64,
    /// Its bottom, metres above the ground; 0 for most.
    pub bottom_m: f64,
    /// True where the height or the storeys are mapped, false where they are guessed.
    pub known: bool,
}

/// True for what is under the ground and must not be drawn above it.
pub fn is_underground(tags: TagView<'_>) -> bool {
    tags.is("location", "underground") || tags.number("layer").is_some_and(|l| l < 0.0)
}

/// The height of a building or part.
///
/// `height` and `building:levels` (3.2 m each, and 1 m of roof) are taken as mapped. Without them the height is
/// guessed from the kind of building and the ground it covers, varied by a hash of its id, so that the same building
/// always gets the same guess.
pub fn height(id: u64, tags: TagView<'_>, footprint_m2: f64) -> Height {
    let levels = tags.number("building:levels").filter(|l| *l > 0.0);
    let mapped = tags
        .metres("height")
        .or_else(|| tags.metres("building:height"))
        .filter(|h| *h > 0.0);
    let mapped = mapped.or_else(|| levels.map(|l| l * STOREY_M + 1.0));
    let known = mapped.is_some();
    let top_m = mapped
        .unwrap_or_else(|| guessed_storeys(id, tags, footprint_m2) * STOREY_M + 1.0)
        .min(HEIGHT_M_MAX);
    let bottom = tags
        .metres("min_height")
        .or_else(|| tags.number("building:min_level").map(|l| l * STOREY_M));
    let bottom_m = bottom.filter(|b| *b > 0.0 && *b < top_m).unwrap_or(0.0);
    Height {
        top_m,
        bottom_m,
        known,
    }
}

fn guessed_storeys(id: u64, tags: TagView<'_>, footprint_m2: f64) -> f64 {
    let (low, high) = match tags.get("building").or_else(|| tags.get("building:part")) {
        Some(
            "garage" | "garages" | "shed" | "hut" | "kiosk" | "carport" | "roof" | "toilets"
            | "service",
        ) => (1, 1),
        Some("house" | "detached" | "terrace" | "bungalow" | "farm") => (2, 3),
        Some("apartments" | "residential" | "dormitory") => (5, 7),
        Some(
            "school" | "kindergarten" | "university" | "college" | "hospital" | "civic"
            | "government",
        ) => (4, 6),
        Some("office" | "commercial" | "hotel") => (6, 14),
        Some("industrial" | "warehouse" | "hangar" | "supermarket" | "train_station") => (1, 3),
        Some("retail" | "mall") => (2, 5),
        Some("church" | "temple" | "mosque") => (2, 4),
        _ if footprint_m2 < 60.0 => (1, 2),
        _ if footprint_m2 < 200.0 => (2, 4),
        _ if footprint_m2 < 1_200.0 => (4, 7),
        _ if footprint_m2 < 4_000.0 => (4, 9),
        _ => (3, 6),
    };
    (low + Chance::new(id).bits() % (high - low + 1)) as f64
}

/// Ground that polygons cover, square metres.
pub fn footprint_m2(polygons: &[Polygon]) -> f64 {
    polygons
        .iter()
        .map(|p| ring_m2(&p.outer) - p.holes.iter().map(|h| ring_m2(h)).sum::<f64>())
        .sum()
}

fn ring_m2(ring: &[Position]) -> f64 {
    let Some(first) = ring.first() else {
        return 0.0;
    };
    let metre = METRES_PER_DEGREE / 1e7;
    let squeeze = libm::cos(first.lon_lat().lat_deg.to_radians());
    rings::doubled_area(ring).unsigned_abs() as f64 / 2.0 * metre * metre * squeeze
}

/// Which whole buildings are drawn by their parts instead: those whose parts cover four fifths of their ground.
/// Returns, for each area, true where its outline is to be left out.
pub fn drawn_by_parts(areas: &[Area<'_>]) -> Vec<bool> {
    let mut cell_of_parts: std::collections::BTreeMap<(i32, i32), Vec<(Position, f64)>> =
        std::collections::BTreeMap::new();
    // Cells of about a kilometre, so that only parts nearby are looked at.
    let cell = |p: Position| (p.lon_e7 >> 17, p.lat_e7 >> 17);
    for part in areas.iter().filter(|a| a.kind == AreaKind::BuildingPart) {
        let middle = middle(&part.polygons[0].outer);
        cell_of_parts
            .entry(cell(middle))
            .or_default()
            .push((middle, footprint_m2(&part.polygons)));
    }
    let covered = |area: &Area<'_>| {
        if area.kind != AreaKind::Building || cell_of_parts.is_empty() {
            return false;
        }
        let (x, y) = cell(middle(&area.polygons[0].outer));
        let near = (x - 1..=x + 1).flat_map(|x| (y - 1..=y + 1).map(move |y| (x, y)));
        let parts = near.filter_map(|c| cell_of_parts.get(&c)).flatten();
        let inside =
            parts.filter(|(p, _)| area.polygons.iter().any(|a| rings::contains(&a.outer, *p)));
        inside.map(|(_, m2)| m2).sum::<f64>() >= 0.8 * footprint_m2(&area.polygons)
    };
    areas.iter().map(covered).collect()
}

/// The middle of a ring's corners.
pub fn middle(ring: &[Position]) -> Position {
    let n = ring.len().max(1) as i64;
    let sum = |axis: fn(&Position) -> i32| {
        ring.iter()
            .map(|p| i64::from(axis(p)))
            .sum::<i64>()
            .div_euclid(n) as i32
    };
    Position::new(sum(|p| p.lon_e7), sum(|p| p.lat_e7))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::tags::{Strings, Tags};

    fn of(tags: &[(&str, &str)], m2: f64) -> Height {
        let mut strings = Strings::default();
        let tags = Tags::keep(tags, &mut strings);
        height(4_711, tags.view(&strings), m2)
    }

    #[test]
    fn mapped_heights_win_over_storeys_and_storeys_over_guesses() {
        let h = of(
            &[
                ("building", "yes"),
                ("height", "80"),
                ("building:levels", "6"),
            ],
            500.0,
        );
        assert_eq!((h.top_m, h.known), (80.0, true));
        let h = of(&[("building", "yes"), ("building:levels", "6")], 500.0);
        assert!((h.top_m - 20.2).abs() < 1e-9 && h.known);
        let h = of(&[("building", "yes")], 500.0);
        assert!((4.0 * STOREY_M..=7.0 * STOREY_M + 1.0).contains(&h.top_m) && !h.known);
    }

    #[test]
    fn nonsense_heights_are_held() {
        assert_eq!(
            of(&[("building", "yes"), ("height", "99999")], 10.0).top_m,
            HEIGHT_M_MAX
        );
        assert!(!of(&[("building", "yes"), ("height", "-3")], 10.0).known);
        assert_eq!(
            of(
                &[("building", "yes"), ("height", "20"), ("min_height", "30")],
                10.0
            )
            .bottom_m,
            0.0
        );
        assert_eq!(
            of(
                &[
                    ("building:part", "yes"),
                    ("height", "20"),
                    ("min_height", "8")
                ],
                10.0
            )
            .bottom_m,
            8.0
        );
    }

    #[test]
    fn footprints_are_ground_metres() {
        let d = 10_000; // 0.001 degrees
        let ring = [(0, 0), (d, 0), (d, d), (0, d)]
            .map(|(x, y)| Position::new(1_187_800_000 + x, 320_400_000 + y));
        let m2 = footprint_m2(&[Polygon {
            outer: ring.to_vec(),
            holes: vec![],
        }]);
        assert!((m2 / (111.19 * 111.19 * 0.8477) - 1.0).abs() < 0.01, "{m2}");
    }
}
