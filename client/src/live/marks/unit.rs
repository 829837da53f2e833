use crate::live::paint::{Anchor, Letters, Pen, TextStyle};
use crate::live::style::LiveStyle;
use crate::live::units::{Freshness, UnitMark};
use crate::look::Rgba8;
use crate::render::IconUv;
use bevy::math::{Rect, Vec2};
use chengtu_engine::model::UnitStatus;

/// What a unit's marker shows beside the unit itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnitLook {
    /// The trade's glyph.
    pub glyph: Option<IconUv>,
    /// Under the pointer.
    pub hovered: bool,
    /// The age of its position in words, beside a stale one.
    pub age: String,
    /// Its name beside it.
    pub name: String,
    /// Where both stand; none where there is no room for them.
    pub beside: Option<Rect>,
}

/// Width of the ring.
const RING: f32 = 2.0;
/// Distance of the ring of a selected one.
const SELECTED: f32 = 3.6;
const DASH: [f32; 2] = [2.6, 2.4];
const STALE: f32 = 0.5;
/// Between a unit's name and its age.
const BESIDE_GAP: f32 = 6.0;
/// Size of the glyph, of the radius.
const GLYPH: f32 = 1.22;

/// A unit near: dark disc, form by status, glyph of its trade, nose to its heading.
pub fn unit(
    pen: &mut Pen<'_>,
    letters: Option<&mut Letters>,
    style: &LiveStyle,
    mark: &UnitMark,
    look: &UnitLook,
) {
    let (opacity, scale) = (pen.opacity, pen.scale);
    pen.scale *= mark.size;
    let offline = mark.freshness == Freshness::Offline;
    if mark.freshness == Freshness::Stale {
        pen.opacity *= STALE;
    }
    let status = if offline {
        UnitStatus::OutOfService
    } else {
        mark.status
    };
    let s = style.status(status);
    let (c, r) = (mark.pos, style.unit_radius);
    let rim = rim(style, mark);
    if let Some(turns) = mark.heading {
        pen.nose(
            c,
            r + 0.2,
            style.unit_heading + 1.6,
            7.4,
            turns,
            style.marker_body,
        );
    }
    pen.disc(c, r + rim, style.marker_body);
    if let Some(turns) = mark.heading {
        let out = if mark.selected || mark.best {
            SELECTED + style.selected_px
        } else {
            1.0
        };
        pen.nose(c, r + out, style.unit_heading - 1.0, 5.0, turns, s.color);
    }
    match status {
        UnitStatus::Available => {
            pen.disc(c, r, s.body);
            pen.ring(c, r - RING / 2.0, RING, s.color);
        }
        UnitStatus::Assigned => {
            pen.disc(c, r, s.body);
            pen.lower_half(c, r - 0.5, s.color.with_alpha(0.42));
            pen.ring(c, r - RING / 2.0, RING, s.color);
        }
        UnitStatus::EnRoute => pen.disc(c, r, s.color),
        UnitStatus::OnScene => pen.rect(c, Vec2::splat(r * 0.95), 4.0, s.color),
        UnitStatus::OutOfService => {
            pen.disc(c, r, s.body);
            pen.dashed_ring(c, r - RING / 2.0, RING * 0.9, s.color, DASH);
        }
    }
    if let Some(glyph) = look.glyph {
        pen.icon(c, r * GLYPH, glyph, s.glyph);
    }
    if offline {
        let d = Vec2::new(r * 0.72, -r * 0.72) * pen.scale;
        pen.line(c - d, c + d, 3.4, style.marker_body, [0.0; 2]);
        pen.line(c - d, c + d, 1.5, s.color, [0.0; 2]);
    }
    if mark.selected || mark.best {
        let color = if mark.selected {
            style.selected
        } else {
            style.status(UnitStatus::Available).color
        };
        pen.ring(c, r + SELECTED, style.selected_px, color);
    } else if look.hovered {
        pen.ring(c, r + SELECTED, 1.4, style.hover);
    }
    pen.opacity = opacity;
    pen.scale = scale;
    if let (Some(letters), Some(rect)) = (letters, look.beside) {
        beside(pen, letters, style, look, rect);
    }
}

/// How far the dark disc reaches beyond the icon, logical pixels.
fn rim(style: &LiveStyle, mark: &UnitMark) -> f32 {
    if mark.selected || mark.best {
        SELECTED + style.selected_px
    } else {
        2.0
    }
}

/// What a unit takes of the screen with its nose, logical pixels; without what stands beside it.
pub fn unit_extent(style: &LiveStyle, mark: &UnitMark, scale: f32) -> Rect {
    let scale = scale * mark.size;
    let (radius, tip) = if mark.icon {
        let radius = style.unit_radius + rim(style, mark);
        (
            radius,
            radius.max(style.unit_radius + 1.8) + style.unit_heading,
        )
    } else {
        (style.unit_dot + 1.3, style.unit_dot + 4.8)
    };
    let disc = Rect::from_center_half_size(mark.pos, Vec2::splat(radius * scale));
    match mark.heading {
        Some(turns) => {
            let (sin, cos) = (turns * std::f32::consts::TAU).sin_cos();
            disc.union_point(mark.pos + Vec2::new(sin, -cos) * (tip * scale))
        }
        None => disc,
    }
}

/// Where a unit's name and age may stand: to the right of it, or else to the left.
pub fn beside_places(
    letters: &mut Letters,
    style: &LiveStyle,
    mark: &UnitMark,
    look: &UnitLook,
    scale: f32,
) -> [Rect; 2] {
    let size = style.small_px * scale;
    let texts = [&look.name, &look.age]
        .into_iter()
        .filter(|t| !t.is_empty());
    let widths: Vec<f32> = texts.map(|t| letters.width(t, size, false)).collect();
    let gaps = widths.len().saturating_sub(1) as f32 * BESIDE_GAP * scale;
    let whole = Vec2::new(widths.iter().sum::<f32>() + gaps, size * 1.2);
    let half = whole * 0.5;
    let away = (style.unit_radius + rim(style, mark)) * mark.size * scale + 4.0 * scale + half.x;
    [away, -away].map(|x| Rect::from_center_half_size(mark.pos + Vec2::X * x, half))
}

fn beside(
    pen: &mut Pen<'_>,
    letters: &mut Letters,
    style: &LiveStyle,
    look: &UnitLook,
    rect: Rect,
) {
    let mut at = Vec2::new(rect.min.x, rect.center().y);
    for (text, color) in [(&look.name, style.t1), (&look.age, style.t2)] {
        if !text.is_empty() {
            let halo = style.halo.with_alpha(0.9);
            let text_style = TextStyle::new(style.small_px, color).halo(halo, 3.4);
            let width = pen.text(letters, at, text, text_style, Anchor::Left);
            at.x += width + BESIDE_GAP * pen.scale;
        }
    }
}

/// A unit far away: a dot with the same nose.
pub fn unit_dot(pen: &mut Pen<'_>, style: &LiveStyle, mark: &UnitMark, hovered: bool) {
    let (opacity, scale) = (pen.opacity, pen.scale);
    pen.scale *= mark.size;
    let color: Rgba8 = if mark.freshness == Freshness::Offline {
        style.status(UnitStatus::OutOfService).color
    } else {
        style.status(mark.status).color
    };
    if mark.freshness == Freshness::Stale {
        pen.opacity *= STALE;
    }
    let (c, r) = (mark.pos, style.unit_dot);
    if let Some(turns) = mark.heading {
        pen.nose(c, r - 0.4, 5.2, 3.6, turns, style.marker_body);
    }
    pen.disc(c, r + 1.3, style.marker_body);
    if let Some(turns) = mark.heading {
        pen.nose(c, r - 0.4, 3.8, 2.6, turns, color);
    }
    pen.disc(c, r, color);
    if hovered {
        pen.ring(c, r + SELECTED, 1.4, style.hover);
    }
    (pen.opacity, pen.scale) = (opacity, scale);
}
