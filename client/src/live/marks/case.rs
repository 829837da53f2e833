use super::{Beat, severity_shape};
use crate::live::cases::{AlarmMark, CaseMark};
use crate::live::paint::{Anchor, Letters, Pen, TextStyle};
use crate::live::style::LiveStyle;
use bevy::math::{Rect, Vec2};
use chengtu_engine::city::Severity;

/// What a case marker shows beside the case itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CaseLook {
    /// Under the pointer.
    pub hovered: bool,
    /// Nothing newer is known.
    pub stale: bool,
    /// It is marked to be bundled: a ring of its own.
    pub marked: bool,
    /// Radius of the place it may be in, logical pixels across and down; `None` if the place is certain.
    pub uncertain_px: Option<Vec2>,
}

/// Rim of the dark disc outside the ring.
const RIM: f32 = 2.0;
/// The second ring of an overdue case: distance and width.
const OVERDUE: [f32; 2] = [2.7, 1.4];
/// The ring of a selected or hovered one: distance from the ring.
const SELECTED: f32 = 6.5;
/// The ring of a marked one: distance from the ring, and width.
const MARKED: [f32; 2] = [3.4, 1.8];
/// Where the tick of an acknowledged alarm lies, and how far its disc reaches.
const TICK_AT: Vec2 = Vec2::new(11.5, -12.5);
const TICK_RIM: f32 = 8.1;
/// Rim of the dark ground around the pill.
const PILL_RIM: f32 = 1.6;
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
    pen.disc(c, rim(style, mark), style.marker_body);
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
    if look.marked {
        pen.ring(c, outer + MARKED[0], MARKED[1] + 1.6, style.marker_body);
        pen.ring(c, outer + MARKED[0], MARKED[1], style.hover);
    }
    if mark.alarm == AlarmMark::Acknowledged {
        tick(pen, style, c + TICK_AT * pen.scale);
    } else if let (Some(rect), Some(letters)) = (mark.pill, letters) {
        pill(pen, letters, style, rect, mark.reports);
    }
    pen.opacity = opacity;
}

/// Radius of the dark disc, logical pixels at scale 1.
fn rim(style: &LiveStyle, mark: &CaseMark) -> f32 {
    if mark.selected {
        style.case_ring + SELECTED + style.selected_px
    } else if mark.overdue {
        style.case_ring + OVERDUE[0] + OVERDUE[1] + 1.0
    } else {
        style.case_ring + RIM
    }
}

/// What a marker takes of the screen, logical pixels: its disc with the pulse at its widest, what is attached to it,
/// its stem and foot.
pub fn case_extent(style: &LiveStyle, mark: &CaseMark, scale: f32) -> Vec<Rect> {
    let disc = |at: Vec2, radius: f32| Rect::from_center_half_size(at, Vec2::splat(radius * scale));
    let reach = match (mark.alarm, mark.severity) {
        (AlarmMark::Open, Severity::Severe) => (style.case_ring + RIM) * 1.36 * 1.35 + 2.4,
        (AlarmMark::Open, _) => (style.case_ring + RIM + 4.0) * 1.35 + 1.2,
        _ => 0.0,
    };
    let mut rects = vec![disc(mark.centre, rim(style, mark).max(reach))];
    if mark.alarm == AlarmMark::Acknowledged {
        rects.push(disc(mark.centre + TICK_AT * scale, TICK_RIM));
    }
    rects.extend(mark.pill.map(|p| p.inflate(PILL_RIM * scale)));
    if mark.centre != mark.ground {
        let stem = Rect::from_corners(mark.ground, mark.centre).inflate(1.8 * scale);
        rects.extend([stem, disc(mark.ground, 3.9)]);
    }
    rects
}

/// Where the pill of a marker may lie: up to the right, and if somebody is there, at its other corners.
pub fn pill_places(
    letters: &mut Letters,
    style: &LiveStyle,
    mark: &CaseMark,
    scale: f32,
) -> [Rect; 4] {
    let text = pill_text(mark.reports);
    let half = Vec2::new(letters.width(&text, style.badge_px, true) / 2.0 + 4.5, 7.2);
    // Its edge towards the shape stays, so that it grows away from it.
    let away = Vec2::new(4.0 + half.x, 13.0);
    [[1.0, -1.0], [-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].map(|side| {
        let middle = mark.centre + away * Vec2::from(side) * scale;
        Rect::from_center_half_size(middle, half * scale)
    })
}

fn pill_text(reports: u32) -> String {
    format!("×{}", reports.min(9_999))
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
fn pill(pen: &mut Pen<'_>, letters: &mut Letters, style: &LiveStyle, rect: Rect, reports: u32) {
    let text = pill_text(reports);
    let size = style.badge_px;
    let (middle, half) = (rect.center(), rect.half_size() / pen.scale);
    pen.rect(
        middle,
        half + PILL_RIM,
        half.y + PILL_RIM,
        style.marker_body,
    );
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
    pen.disc(at, TICK_RIM, style.marker_body);
    pen.disc(at, 6.5, style.followers);
    let p = |x: f32, y: f32| at + Vec2::new(x, y) * pen.scale;
    let (a, b, c) = (p(-2.8, 0.2), p(-0.9, 2.2), p(2.9, -2.2));
    pen.line(a, b, 1.6, style.on_light, [0.0; 2]);
    pen.line(b, c, 1.6, style.on_light, [0.0; 2]);
}
