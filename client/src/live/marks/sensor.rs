use super::Beat;
use crate::live::paint::{Anchor, Letters, Pen, TextStyle};
use crate::live::sensors::{SensorLook, SensorMark};
use crate::live::style::LiveStyle;
use crate::look::Rgba8;
use bevy::math::{Rect, Vec2};

/// Half a chip: 68 × 24.
pub const CHIP_HALF: Vec2 = Vec2::new(34.0, 12.0);
/// From the chip's lower edge to the ground point.
pub const CHIP_STEM: f32 = 14.0;
/// Share of opacity of a sensor that is in order.
const WHISPER: f32 = 0.9;
/// The level bar: 7 × 16.
const BAR: Vec2 = Vec2::new(3.5, 8.0);

/// A sensor: a chip with level, threshold and value above its place, or a dot.
pub fn sensor(
    pen: &mut Pen<'_>,
    letters: Option<&mut Letters>,
    style: &LiveStyle,
    mark: &SensorMark,
    hovered: bool,
    beat: Beat,
) {
    let color = match mark.look {
        SensorLook::Normal => style.sensor_normal,
        SensorLook::Warning => style.sensor_warning,
        SensorLook::Alarm => style.sensor_alarm,
        SensorLook::Stale => style.sensor_stale,
        SensorLook::Fault => style.sensor_fault,
    };
    let radius = dot_radius(mark);
    let whole = pen.opacity;
    if mark.whispers() {
        pen.opacity *= WHISPER;
    }
    pen.disc(mark.ground, radius + 1.3, style.marker_body);
    pen.disc(mark.ground, radius, color);
    pen.opacity = whole;
    if !mark.chip {
        if hovered {
            pen.ring(mark.ground, 6.5, 1.4, style.hover);
        }
        return;
    }
    let scale = pen.scale;
    let text = mark.text.as_str();
    let half = chip_half(text);
    let foot = mark.ground - Vec2::Y * (CHIP_STEM * scale + mark.raised);
    let c = foot - Vec2::Y * (half.y * scale);
    pen.line(mark.ground, foot, 1.4, color, [0.0; 2]);
    if let Some(since) = mark.pulses {
        let whole = pen.opacity;
        for grown in beat.pulse(since).into_iter().flatten() {
            pen.opacity = whole * (1.0 - grown);
            let grow = Vec2::splat(2.0 + 14.0 * grown);
            pen.plate(
                c,
                half + grow,
                6.0 + grow.x,
                Rgba8::default(),
                (style.sensor_alarm, 2.2),
                [0.0; 2],
            );
        }
        pen.opacity = whole;
    }
    let dashed = matches!(mark.look, SensorLook::Stale | SensorLook::Fault);
    let border = match (mark.selected, mark.look) {
        (true, _) => style.selected,
        (_, SensorLook::Normal) if mark.pulses.is_none() => style.line_strong,
        (_, SensorLook::Normal) => style.sensor_alarm,
        _ => color,
    };
    let border_px = 1.4 + f32::from(u8::from(hovered || mark.selected));
    let dash = if dashed { [4.0, 3.0] } else { [0.0; 2] };
    pen.plate(c, half, 6.0, style.marker_body, (border, border_px), dash);
    bar(
        pen,
        style,
        mark,
        c + Vec2::new(-half.x + 10.5, 0.0) * scale,
        color,
    );
    if let Some(letters) = letters {
        let value = TextStyle::new(style.row_px, if dashed { style.t3 } else { style.t1 });
        let value = if dashed { value } else { value.bold() };
        pen.text(
            letters,
            c + Vec2::new(half.x - 8.0, 0.0) * scale,
            text,
            value,
            Anchor::Right,
        );
    }
}

/// Radius of a sensor's dot: what is in order is small.
pub fn dot_radius(mark: &SensorMark) -> f32 {
    match mark.look {
        _ if mark.whispers() => 1.9,
        SensorLook::Warning | SensorLook::Alarm => 3.6,
        _ => 2.6,
    }
}

/// What a sensor takes of the screen, logical pixels: chip with its pulse at the widest, stem and dot.
pub fn sensor_extent(mark: &SensorMark, scale: f32) -> Vec<Rect> {
    let dot = Vec2::splat((dot_radius(mark) + 1.3) * scale);
    let mut rects = vec![Rect::from_center_half_size(mark.ground, dot)];
    if mark.chip {
        let chip = chip_rect(mark, scale);
        let pulse = if mark.pulses.is_some() { 17.0 } else { 0.0 };
        let foot = Rect::from_corners(mark.ground, Vec2::new(mark.ground.x, chip.max.y));
        rects.extend([chip.inflate(pulse * scale), foot.inflate(0.7 * scale)]);
    }
    rects
}

/// Where a sensor's chip lies.
pub fn chip_rect(mark: &SensorMark, scale: f32) -> Rect {
    let half = chip_half(&mark.text) * scale;
    let centre = mark.ground - Vec2::Y * (CHIP_STEM * scale + mark.raised + half.y);
    Rect::from_center_half_size(centre, half)
}

/// Half a chip: as the tokens say, wider only where its text asks for it.
pub fn chip_half(text: &str) -> Vec2 {
    let wide = text.chars().filter(|c| !c.is_ascii()).count() as f32;
    let narrow = text.chars().count() as f32 - wide;
    Vec2::new(
        CHIP_HALF.x.max((wide * 13.5 + narrow * 8.0 + 27.0) / 2.0),
        CHIP_HALF.y,
    )
}

/// The level between nothing and full, and the threshold as a white line; crossed out where the sensor is broken.
fn bar(pen: &mut Pen<'_>, style: &LiveStyle, mark: &SensorMark, at: Vec2, color: Rgba8) {
    let s = pen.scale;
    pen.rect(at, BAR, 1.0, style.ring_track);
    if let Some((level, threshold)) = mark.level {
        let height = 2.0 * BAR.y * level;
        let middle = at + Vec2::Y * ((BAR.y - height / 2.0) * s);
        pen.rect(middle, Vec2::new(BAR.x, height / 2.0), 1.0, color);
        let y = at.y + (BAR.y - 2.0 * BAR.y * threshold) * s;
        let reach = (BAR.x + 2.5) * s;
        pen.line(
            Vec2::new(at.x - reach, y),
            Vec2::new(at.x + reach, y),
            1.6,
            style.t1,
            [0.0; 2],
        );
    }
    if mark.look == SensorLook::Fault {
        let d = Vec2::new(BAR.x + 1.0, BAR.y) * s;
        pen.line(at - d, at + d, 1.6, style.t2, [0.0; 2]);
        pen.line(
            at + Vec2::new(-d.x, d.y),
            at + Vec2::new(d.x, -d.y),
            1.6,
            style.t2,
            [0.0; 2],
        );
    }
}
