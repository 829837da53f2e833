//! Significant areas: outlines on the map, each with its rank, its cases and what an even city would have there.

use super::lines::{Line, LineLayer, LineStyle, Lines};
use super::outlines::Outlines;
use super::paint::{Anchor, Letters, Pen, TextStyle};
use super::style::LiveStyle;
use super::{LayerVisibility, MarkerScale};
use crate::camera::MapCamera;
use crate::net::City;
use bevy::math::DVec2;
use bevy::prelude::*;
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use chengtu_engine::hotspot::HotspotArea;

/// Width of an outline, logical pixels.
const OUTLINE_PX: f32 = 2.6;
/// How often each corner is drawn towards its neighbours: stairs of cells become a curve.
const EVEN: usize = 2;

/// Lays the outlines of significant areas above everything built; none while the layer is off.
pub(super) fn lay(
    city: Res<City>,
    layers: Res<LayerVisibility>,
    style: Res<LiveStyle>,
    scale: Res<MarkerScale>,
    time: Res<Time>,
    mut outlines: ResMut<Outlines>,
    mut lines: ResMut<Lines>,
) {
    let areas: &[HotspotArea] = if layers.hotspots {
        &city.mirror.hotspots
    } else {
        &[]
    };
    let rings = areas
        .iter()
        .flat_map(|a| a.outline.iter().map(|ring| rounded(ring)));
    // A moment that stands, and one that was leapt to, show what is, not the way there.
    let cut = outlines.is_cut(city.frozen_frame(), city.discontinuities());
    let length_s = if cut { 0.0 } else { style.heat_s };
    outlines.follow(rings.collect(), length_s);
    outlines.advance(time.delta_secs());
    let width_px = OUTLINE_PX * scale.0;
    let out = outlines.shown().map(|(course, opacity)| {
        let casing = style.marker_body.with_alpha(0.5 * opacity);
        Line {
            course,
            style: LineStyle {
                casing: (casing, 1.2),
                ..LineStyle::plain(style.contour.with_alpha(opacity), width_px)
            },
            layer: LineLayer::Above,
        }
    });
    lines.set("hotspots", out.collect());
}

/// A closed ring evened out, then with its corners cut twice (Chaikin): cells have corners, places have none.
/// Mercator.
fn rounded(ring: &[(f64, f64)]) -> Vec<DVec2> {
    let mut points: Vec<DVec2> = ring
        .iter()
        .map(|(lon, lat)| mercator_from_lon_lat(LonLat::new(*lon, *lat)).into())
        .collect();
    if points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    for _ in 0..EVEN {
        let n = points.len();
        let at = |i: usize| points[i % n];
        points = (0..n)
            .map(|i| at(i + n - 1) * 0.25 + at(i) * 0.5 + at(i + 1) * 0.25)
            .collect();
    }
    for _ in 0..2 {
        let next = points.iter().cycle().skip(1);
        points = points
            .iter()
            .zip(next)
            .flat_map(|(a, b)| [*a * 0.75 + *b * 0.25, *a * 0.25 + *b * 0.75])
            .collect();
    }
    points.extend(points.first().copied());
    points
}

/// Where the plate of an area may lie: on a wall its rank in the middle, or else close about it; on a desk rank and cases on the outline, near
/// `before`, a place on the ground where it lay, or else as high on the screen as there is room. Each with its place on
/// the ground.
pub(super) fn plate_places(
    letters: &mut Letters,
    style: &LiveStyle,
    camera: &MapCamera,
    (area, told): (&HotspotArea, &str),
    before: Option<(f64, f64)>,
    (wall, scale): (bool, f32),
) -> Vec<(Rect, (f64, f64))> {
    let screen = Rect::from_corners(Vec2::ZERO, camera.viewport);
    let seen = |place: &(f64, f64)| {
        let at = camera.screen_from_world(LonLat::new(place.0, place.1))?.pos;
        screen.contains(at).then_some((at, *place))
    };
    if wall {
        let half = Vec2::splat(WALL_HALF) * scale;
        let places = seen(&area.centre).into_iter().flat_map(|(at, place)| {
            let about = ABOUT.map(|(x, y)| at + Vec2::new(x, y) * (half.x + WALL_GAP * scale));
            let at = about.into_iter().filter(|at| screen.contains(*at));
            at.map(move |at| (Rect::from_center_half_size(at, half), place))
        });
        return places.collect();
    }
    let half = desk_half(letters, style, told) * scale;
    let mut places: Vec<_> = area.outline.iter().flatten().filter_map(seen).collect();
    let near = before.and_then(|p| seen(&p)).map(|(at, _)| at);
    places.sort_by(|a, b| match near {
        Some(near) => a.0.distance(near).total_cmp(&b.0.distance(near)),
        None => a.0.y.total_cmp(&b.0.y).then(a.0.x.total_cmp(&b.0.x)),
    });
    let rect = |(at, place)| (Rect::from_center_half_size(at, half), place);
    places.into_iter().map(rect).collect()
}

/// Half the side of a rank on a wall, and of the square with the rank on a desk, logical pixels.
const WALL_HALF: f32 = 27.0;
/// Between two ranks on a wall.
const WALL_GAP: f32 = 2.0;
/// From the middle of an area to where its rank may lie on a wall, in halves of a plate: itself, then two rings.
const ABOUT: [(f32, f32); 17] = [
    (0.0, 0.0),
    (2.0, 0.0),
    (-2.0, 0.0),
    (0.0, -2.0),
    (0.0, 2.0),
    (2.0, -2.0),
    (-2.0, -2.0),
    (2.0, 2.0),
    (-2.0, 2.0),
    (4.0, 0.0),
    (-4.0, 0.0),
    (0.0, -4.0),
    (0.0, 4.0),
    (4.0, -2.0),
    (-4.0, -2.0),
    (4.0, 2.0),
    (-4.0, 2.0),
];
const DESK_HALF: f32 = 12.0;

fn desk_half(letters: &mut Letters, style: &LiveStyle, told: &str) -> Vec2 {
    let width = letters.width(told, style.small_px, false);
    Vec2::new(DESK_HALF + width / 2.0 + 5.0, DESK_HALF)
}

/// Paints the plate of an area about its middle.
pub(super) fn plate(
    pen: &mut Pen<'_>,
    letters: &mut Letters,
    style: &LiveStyle,
    at: Vec2,
    (area, told): (&HotspotArea, &str),
    wall: bool,
) {
    let rank = area.rank.to_string();
    let body = style.marker_body;
    if wall {
        let half = Vec2::splat(WALL_HALF);
        pen.plate(at, half, 6.0, body, (style.contour, 2.0), [0.0; 2]);
        let text = TextStyle::new(38.0, style.contour).bold();
        pen.text(letters, at, &rank, text, Anchor::Middle);
        return;
    }
    let half = desk_half(letters, style, told);
    pen.plate(at, half, 4.0, body, (style.contour, 1.4), [0.0; 2]);
    let left = at - Vec2::X * (half.x * pen.scale);
    let place = |x: f32| left + Vec2::X * (x * pen.scale);
    let (rank_at, told_at) = (place(DESK_HALF), place(2.0 * DESK_HALF + 1.0));
    let text = TextStyle::new(style.row_px, style.contour).bold();
    pen.text(letters, rank_at, &rank, text, Anchor::Middle);
    let small = TextStyle::new(style.small_px, style.t2);
    pen.text(letters, told_at, told, small, Anchor::Left);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_are_closed_and_have_no_sharp_corners() {
        let square = [
            (118.78, 32.04),
            (118.79, 32.04),
            (118.79, 32.05),
            (118.78, 32.05),
            (118.78, 32.04),
        ];
        let ring = rounded(&square);
        assert_eq!(ring.len(), 17);
        assert_eq!(ring.first(), ring.last());
        for w in ring.windows(3) {
            let turn = (w[1] - w[0]).angle_to(w[2] - w[1]).abs();
            assert!(turn < 0.9, "{turn}");
        }
        assert!(rounded(&[]).is_empty());
    }
}
