use crate::live::paint::{Anchor, Letters, Pen, TextStyle};
use crate::live::style::LiveStyle;
use crate::live::units::{Freshness, UnitMark};
use crate::look::Rgba8;
use crate::render::IconUv;
use bevy::math::Vec2;
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
}

/// Width of the ring.
const RING: f32 = 2.0;
/// Distance of the ring of a selected one.
const SELECTED: f32 = 3.6;
const DASH: [f32; 2] = [2.6, 2.4];
const STALE: f32 = 0.5;
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
    let rim = if mark.selected || mark.best {
        SELECTED + style.selected_px
    } else {
        2.0
    };
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
    if let Some(letters) = letters {
        beside(pen, letters, style, mark, look, r + rim);
    }
    pen.scale = scale;
}

fn beside(
    pen: &mut Pen<'_>,
    letters: &mut Letters,
    style: &LiveStyle,
    mark: &UnitMark,
    look: &UnitLook,
    from: f32,
) {
    let size = style.small_px / mark.size.max(0.1);
    let mut at = mark.pos + Vec2::X * ((from + 4.0) * pen.scale);
    for (text, color) in [(&look.name, style.t1), (&look.age, style.t2)] {
        if !text.is_empty() {
            let text_style = TextStyle::new(size, color)
                .halo(style.halo.with_alpha(0.9), 3.4 / mark.size.max(0.1));
            at.x += pen.text(letters, at, text, text_style, Anchor::Left) + 6.0 * pen.scale;
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
