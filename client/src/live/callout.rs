//! Callouts: plates with two lines beside what is selected and what is offered, tied to it by a hairline.

use super::paint::{Anchor, Letters, Pen, TextStyle};
use super::style::LiveStyle;
use crate::look::Rgba8;
use bevy::math::{Rect, Vec2};

/// A plate to be placed.
#[derive(Clone, Debug, PartialEq)]
pub struct Callout {
    /// First line, bold.
    pub title: String,
    /// Second line, regular and smaller.
    pub text: String,
    /// What it belongs to: middle and radius, logical pixels.
    pub of: (Vec2, f32),
    /// Border; the action's colour for the unit that is offered.
    pub border: Rgba8,
    /// Side tried first: −1 left, 1 right, 0 below.
    pub side: i8,
}

/// From the marker to the plate.
const GAP: f32 = 14.0;
const PAD: f32 = 10.0;

/// The rectangle of a plate, so that it lies within `window`, off everything `taken` and off as many other `markers`
/// as it can; where nothing is free, on the side tried first.
pub fn place(
    letters: &mut Letters,
    style: &LiveStyle,
    callout: &Callout,
    scale: f32,
    window: Rect,
    taken: &[Rect],
    markers: &[Rect],
) -> Rect {
    let widest = letters
        .width(&callout.title, style.row_px, true)
        .max(letters.width(&callout.text, style.small_px, false));
    let half = Vec2::new(widest / 2.0 + PAD, style.callout_height / 2.0) * scale;
    let (c, r) = callout.of;
    let (dx, dy) = (r + GAP * scale + half.x, r + GAP * scale + half.y);
    let right = [
        (1.0, 0.0),
        (1.0, 0.5),
        (1.0, -0.5),
        (0.2, 1.0),
        (0.2, -1.0),
        (-1.0, 0.0),
        (-1.0, 0.5),
        (-1.0, -0.5),
    ];
    let left = right.map(|(x, y)| (-x, y));
    let below = [
        (0.0, 1.0),
        (0.6, 1.0),
        (-0.6, 1.0),
        (1.0, 0.3),
        (-1.0, 0.3),
        (0.0, -1.0),
        (1.0, -0.5),
        (-1.0, -0.5),
    ];
    let order = match callout.side {
        s if s < 0 => left,
        0 => below,
        _ => right,
    };
    let at = |(x, y): (f32, f32), far: f32| {
        let away = Vec2::new(x * (dx + far), y * (dy + far));
        Rect::from_center_half_size(c + away, half)
    };
    let cost = |r: Rect| {
        let outside = r.width() * r.height() - area(r.intersect(window));
        let covered: f32 = taken.iter().map(|t| area(r.intersect(*t))).sum();
        let others: f32 = markers.iter().map(|t| area(r.intersect(*t))).sum();
        outside * 4.0 + covered * 2.0 + others * 0.4
    };
    let mut best = at(order[0], 0.0);
    let mut least = cost(best);
    // A place further off must be worth the longer line.
    for (far, penalty) in [(0.0, 1.0), (34.0 * scale, 160.0), (80.0 * scale, 420.0)] {
        for side in order {
            let tried = at(side, far);
            let costs = cost(tried) + penalty * scale * scale;
            if costs < least {
                (best, least) = (tried, costs);
            }
        }
    }
    best
}

fn area(r: Rect) -> f32 {
    r.width().max(0.0) * r.height().max(0.0)
}

/// Paints a plate where [`place`] has put it.
pub fn paint(
    pen: &mut Pen<'_>,
    letters: &mut Letters,
    style: &LiveStyle,
    callout: &Callout,
    rect: Rect,
) {
    let (c, r) = callout.of;
    let foot = c.clamp(rect.min, rect.max);
    let towards = (foot - c).normalize_or_zero();
    if foot.distance(c) > r {
        pen.line(c + towards * r, foot, 1.2, style.t3, [0.0; 2]);
    }
    let scale = pen.scale;
    let half = rect.half_size() / scale;
    pen.plate(
        rect.center(),
        half,
        6.0,
        style.panel,
        (callout.border, 1.2),
        [0.0; 2],
    );
    let left = rect.min.x + PAD * scale;
    let line = |y: f32| Vec2::new(left, rect.center().y + y * scale);
    pen.text(
        letters,
        line(-9.5),
        &callout.title,
        TextStyle::new(style.row_px, style.t1).bold(),
        Anchor::Left,
    );
    pen.text(
        letters,
        line(10.0),
        &callout.text,
        TextStyle::new(style.small_px, style.t2),
        Anchor::Left,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::Tokens;

    #[test]
    fn a_plate_keeps_to_its_window_and_off_the_others() {
        let style = LiveStyle::new(&Tokens::shipped().unwrap());
        let mut letters = Letters::load().unwrap();
        let window = Rect::new(0.0, 0.0, 800.0, 600.0);
        let callout = |x: f32| Callout {
            title: "污水井盖 · 缺失".into(),
            text: "剩余 00:37:18 · 待派遣".into(),
            of: (Vec2::new(x, 300.0), 20.0),
            border: style.line_strong,
            side: 1,
        };
        let free = place(&mut letters, &style, &callout(400.0), 1.0, window, &[], &[]);
        assert!(free.min.x > 420.0 && (free.height() - 46.0).abs() < 1e-3);
        let edge = place(&mut letters, &style, &callout(790.0), 1.0, window, &[], &[]);
        assert!(edge.max.x < 790.0, "{edge:?}");
        let other = place(
            &mut letters,
            &style,
            &callout(400.0),
            1.0,
            window,
            &[free],
            &[],
        );
        assert!(other.intersect(free).is_empty(), "{other:?}");
    }
}
