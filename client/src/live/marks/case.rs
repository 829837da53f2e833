use super::{Beat, severity_shape};
use crate::live::cases::{AlarmMark, CaseMark};
use crate::live::paint::{Anchor, Letters, Pen, TextStyle};
use crate::live::style::LiveStyle;
use bevy::math::Vec2;
use chengtu_engine::city::Severity;

/// What a case marker shows beside the case itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CaseLook {
    /// Under the pointer.
    pub hovered: bool,
    /// Nothing newer is known.
    pub stale: bool,
    /// Radius of the place it may be in, logical pixels across and down; `None` if the place is certain.
    pub uncertain_px: Option<Vec2>,
}

/// Rim of the dark disc outside the ring.
const RIM: f32 = 2.0;
/// The second ring of an overdue case: distance and width.
const OVERDUE: [f32; 2] = [2.7, 1.4];
/// The ring of a selected or hovered one: distance from the ring.
const SELECTED: f32 = 6.5;
/// Opacity of what is stale.
const STALE: f32 = 0.45;

/// Ground point and stem, below all markers so that no marker is cut by its neighbour's foot.
pub fn stem_foot(pen: &mut Pen<'_>, style: &LiveStyle, mark: &CaseMark) {
    if mark.centre == mark.ground {
        return;
    }
    let (color, _) = style.severity(mark.severity);
    pen.line(mark.ground, mark.centre, 3.6, style.marker_body, [0.0; 2]);
    pen.line(mark.ground, mark.centre, 1.4, color, [0.0; 2]);
    pen.disc(mark.ground, 3.9, style.marker_body);
    pen.disc(mark.ground, 2.3, color);
}

/// A case: disc, age ring, shape, pill, tick, pulse.
pub fn case(
    pen: &mut Pen<'_>,
    letters: Option<&mut Letters>,
    style: &LiveStyle,
    mark: &CaseMark,
    look: CaseLook,
    beat: Beat,
) {
    let c = mark.centre;
    let opacity = pen.opacity;
    if look.stale {
        pen.opacity *= STALE;
    }
    if let Some(size) = look.uncertain_px {
        uncertain(pen, style, mark.ground, size);
    }
    if mark.alarm == AlarmMark::Open {
        outlines(pen, style, mark, beat);
    }
    let outer = style.case_ring;
    let ring = outer - style.ring_px / 2.0;
    let mut rim = outer + RIM;
    if mark.overdue {
        rim = outer + OVERDUE[0] + OVERDUE[1] + 1.0;
    }
    if mark.selected {
        rim = outer + SELECTED + style.selected_px;
    }
    pen.disc(c, rim, style.marker_body);
    if mark.overdue {
        pen.ring(c, ring, style.ring_px, style.ring_overdue);
        pen.ring(
            c,
            outer + OVERDUE[0] + OVERDUE[1] / 2.0,
            OVERDUE[1],
            style.ring_overdue,
        );
    } else {
        pen.ring(c, ring, style.ring_px, style.ring_track);
        if let Some(age) = mark.age {
            let color = if age >= style.age_ring_late {
                style.ring_late
            } else {
                style.ring
            };
            pen.arc(c, ring, style.ring_px, [0.0, age], color);
        }
    }
    let radius = match (mark.selected, look.hovered) {
        (true, _) => style.case_selected_radius,
        (false, true) => style.case_radius + 1.0,
        _ => style.case_radius,
    };
    severity_shape(pen, style, c, radius, mark.severity);
    if mark.selected {
        pen.ring(c, outer + SELECTED, style.selected_px, style.selected);
    } else if look.hovered {
        pen.ring(c, outer + SELECTED, 1.4, style.hover);
    }
    let badge = c + Vec2::new(14.5, -13.0) * pen.scale;
    if mark.alarm == AlarmMark::Acknowledged {
        tick(pen, style, c + Vec2::new(11.5, -12.5) * pen.scale);
    } else if mark.reports > 1
        && let Some(letters) = letters
    {
        pill(pen, letters, style, badge, mark.reports);
    }
    pen.opacity = opacity;
}

/// The pulse of an alarm nobody has acknowledged: its shape's outline grows and fades.
fn outlines(pen: &mut Pen<'_>, style: &LiveStyle, mark: &CaseMark, beat: Beat) {
    let (color, _) = style.severity(mark.severity);
    let since = mark.alarm_at.unwrap_or(beat.now);
    let whole = pen.opacity;
    let base = style.case_ring + RIM;
    for grown in beat.pulse(since).into_iter().flatten() {
        pen.opacity = whole * (1.0 - grown);
        let factor = 1.0 + 0.35 * grown;
        if mark.severity == Severity::Severe {
            // Around the disc: a square on its corner that touches it.
            pen.diamond_ring(mark.centre, base * 1.36 * factor, 2.4, color);
        } else {
            pen.ring(mark.centre, (base + 4.0) * factor, 2.4, color);
        }
    }
    pen.opacity = whole;
    if mark.severity == Severity::Severe {
        pen.diamond_ring(mark.centre, base * 1.36, 1.4, color.with_alpha(0.55));
    }
}

fn uncertain(pen: &mut Pen<'_>, style: &LiveStyle, ground: Vec2, size: Vec2) {
    let mut prim =
        crate::live::paint::Prim::new(crate::live::paint::PrimKind::Disc, ground, size, 0)
            .outlined(
                crate::live::paint::rgba(style.ring, pen.opacity),
                1.4 * pen.scale,
            );
    prim.p = [4.0 * pen.scale, 4.0 * pen.scale, 0.0, 0.0];
    pen.push(prim);
}

/// `×4`: reports bundled in the case.
fn pill(pen: &mut Pen<'_>, letters: &mut Letters, style: &LiveStyle, at: Vec2, reports: u32) {
    let text = format!("×{}", reports.min(9_999));
    let size = style.badge_px;
    let half = Vec2::new(letters.width(&text, size, true) / 2.0 + 4.5, 7.2);
    // Its left edge stays, so that it grows away from the shape.
    let middle = at + Vec2::X * ((half.x - 10.5) * pen.scale);
    pen.rect(middle, half + 1.6, half.y + 1.6, style.marker_body);
    pen.rect(middle, half, half.y, style.followers);
    pen.text(
        letters,
        middle,
        &text,
        TextStyle::new(size, style.on_light).bold(),
        Anchor::Middle,
    );
}

/// A tick in a white disc: the alarm has been acknowledged.
fn tick(pen: &mut Pen<'_>, style: &LiveStyle, at: Vec2) {
    pen.disc(at, 8.1, style.marker_body);
    pen.disc(at, 6.5, style.followers);
    let p = |x: f32, y: f32| at + Vec2::new(x, y) * pen.scale;
    let (a, b, c) = (p(-2.8, 0.2), p(-0.9, 2.2), p(2.9, -2.2));
    pen.line(a, b, 1.6, style.on_light, [0.0; 2]);
    pen.line(b, c, 1.6, style.on_light, [0.0; 2]);
}
