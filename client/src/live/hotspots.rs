//! Significant areas: outlines on the map, each with its rank and z.

use super::lines::{Line, LineLayer, LineStyle, Lines};
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
    mut lines: ResMut<Lines>,
) {
    let areas: &[HotspotArea] = if layers.hotspots {
        &city.mirror.hotspots
    } else {
        &[]
    };
    let style = LineStyle {
        casing: (style.marker_body.with_alpha(0.5), 1.2),
        ..LineStyle::plain(style.contour, OUTLINE_PX * scale.0)
    };
    let rings = areas.iter().flat_map(|a| &a.outline);
    let out = rings
        .map(|ring| Line {
            course: rounded(ring),
            style,
            layer: LineLayer::Above,
        })
        .collect();
    lines.set("hotspots", out);
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

/// The plate of an area: on a wall its rank in the middle; on a desk rank and z on its upper edge, where clusters do
/// not cover them. Returns where it is.
pub(super) fn plate(
    pen: &mut Pen<'_>,
    letters: &mut Letters,
    style: &LiveStyle,
    camera: &MapCamera,
    area: &HotspotArea,
    wall: bool,
) -> Option<Rect> {
    let on_screen = |(lon, lat): (f64, f64)| {
        camera
            .screen_from_world(LonLat::new(lon, lat))
            .map(|p| p.pos)
    };
    let at = if wall {
        on_screen(area.centre)?
    } else {
        let points = area.outline.iter().flatten().filter_map(|p| on_screen(*p));
        points.min_by(|a, b| a.y.total_cmp(&b.y))?
    };
    if at.cmplt(Vec2::ZERO).any() || at.cmpgt(camera.viewport).any() {
        return None;
    }
    let rank = area.rank.to_string();
    let half = if wall {
        Vec2::splat(27.0)
    } else {
        Vec2::splat(12.0)
    };
    let radius = if wall { 12.0 } else { 4.0 };
    let text = TextStyle::new(if wall { 38.0 } else { style.row_px }, style.contour).bold();
    let scale = pen.scale;
    if wall {
        pen.plate(
            at,
            half,
            radius / 2.0,
            style.marker_body,
            (style.contour, 2.0),
            [0.0; 2],
        );
        pen.text(letters, at, &rank, text, Anchor::Middle);
        return Some(Rect::from_center_half_size(at, half * scale));
    }
    let z = format!("z {:.1}", area.z);
    let z_width = letters.width(&z, style.small_px, false);
    let whole = Vec2::new(half.x + z_width / 2.0 + 5.0, half.y);
    pen.plate(
        at,
        whole,
        radius,
        style.marker_body,
        (style.contour, 1.4),
        [0.0; 2],
    );
    let left = at - Vec2::X * (whole.x * scale);
    pen.text(
        letters,
        left + Vec2::X * (half.x * scale),
        &rank,
        text,
        Anchor::Middle,
    );
    let z_style = TextStyle::new(style.small_px, style.t2);
    pen.text(
        letters,
        left + Vec2::X * ((2.0 * half.x + 1.0) * scale),
        &z,
        z_style,
        Anchor::Left,
    );
    Some(Rect::from_center_half_size(at, whole * scale))
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
