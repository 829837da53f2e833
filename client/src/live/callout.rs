//! Callouts: plates with two lines beside what is selected and what is offered, tied to it by a hairline.

use super::paint::{Anchor, Letters, Pen, TextStyle};
use super::plates::CalloutOf;
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
    /// What kind of callout it is.
    pub kind: CalloutOf,
}

/// From the marker to the plate.
const GAP: f32 = 14.0;
const PAD: f32 = 10.0;

/// Places around a marker: shares of the way to the right and down.
const RIGHT: [(f32, f32); 8] = [
    (1.0, 0.0),
    (1.0, 0.5),
    (1.0, -0.5),
    (0.2, 1.0),
    (0.2, -1.0),
    (-1.0, 0.0),
    (-1.0, 0.5),
    (-1.0, -0.5),
];
const BELOW: [(f32, f32); 8] = [
    (0.0, 1.0),
    (0.6, 1.0),
    (-0.6, 1.0),
    (1.0, 0.3),
    (-1.0, 0.3),
    (0.0, -1.0),
    (1.0, -0.5),
    (-1.0, -0.5),
];
/// How far off a plate may stand, logical pixels, and what that costs: a place further off must be worth the longer
/// line.
const FAR: [(f32, f32); 5] = [
    (0.0, 1.0),
    (34.0, 160.0),
    (80.0, 420.0),
    (140.0, 800.0),
    (210.0, 1_300.0),
];
/// What another place must be better by than the one that the plate has.
const MOVE_COST: f32 = 400.0;
/// What it costs to lie on anything that is taken, however little of it.
const TAKEN_COST: f32 = 900.0;

/// What lies about a plate.
pub struct Around<'a> {
    /// Where plates may lie.
    pub window: Rect,
    /// What they must not lie on: what they belong to, one another, clusters, panels.
    pub taken: &'a [Rect],
    /// Other markers, which they lie on only where nothing else is left.
    pub markers: &'a [Rect],
}

/// The rectangle of a plate, and which of its places that is: within the window, off everything taken and off as many
/// other markers as it can; where nothing is free, on the side tried first. `before` is the place that it had.
pub fn place(
    letters: &mut Letters,
    style: &LiveStyle,
    callout: &Callout,
    scale: f32,
    around: &Around<'_>,
    before: Option<usize>,
) -> (Rect, usize) {
    let widest = letters
        .width(&callout.title, style.row_px, true)
        .max(letters.width(&callout.text, style.small_px, false));
    let half = Vec2::new(widest / 2.0 + PAD, style.callout_height / 2.0) * scale;
    let (c, r) = callout.of;
    let (dx, dy) = (r + GAP * scale + half.x, r + GAP * scale + half.y);
    let order = match callout.side {
        s if s < 0 => RIGHT.map(|(x, y)| (-x, y)),
        0 => BELOW,
        _ => RIGHT,
    };
    let cost = |r: Rect| {
        let over = |all: &[Rect]| all.iter().map(|t| area(r.intersect(*t))).sum::<f32>();
        let outside = r.width() * r.height() - area(r.intersect(around.window));
        let touched = around.taken.iter().filter(|t| area(r.intersect(**t)) > 0.0);
        let touched = touched.count() as f32 * TAKEN_COST * scale * scale;
        outside * 4.0 + touched + over(around.taken) * 2.0 + over(around.markers) * 1.2
    };
    let all = FAR
        .into_iter()
        .flat_map(|far| order.map(|side| (far, side)));
    let tried = all.enumerate().map(|(i, ((far, penalty), (x, y)))| {
        let far = far * scale;
        let away = Vec2::new(x * (dx + far), y * (dy + far));
        let rect = Rect::from_center_half_size(c + away, half);
        let kept = if before == Some(i) { MOVE_COST } else { 0.0 };
        let first = if i == 0 { 0.0 } else { penalty };
        (rect, i, cost(rect) + (first - kept) * scale * scale)
    });
    let best = tried.min_by(|a, b| a.2.total_cmp(&b.2).then(a.1.cmp(&b.1)));
    best.map_or((Rect::from_center_half_size(c, half), 0), |(rect, i, _)| {
        (rect, i)
    })
}

fn area(r: Rect) -> f32 {
    r.width().max(0.0) * r.height().max(0.0)
}

/// What the hairline between a plate and what it belongs to takes of the screen, in small steps.
pub fn leader(callout: &Callout, rect: Rect) -> impl Iterator<Item = Rect> + use<> {
    let (c, r) = callout.of;
    let foot = c.clamp(rect.min, rect.max);
    let from = c + (foot - c).normalize_or_zero() * r;
    let steps = ((foot.distance(c) - r).max(0.0) / LEADER_STEP).ceil() as usize;
    (0..steps).map(move |i| {
        let at = |k: usize| from.lerp(foot, k as f32 / steps as f32);
        Rect::from_corners(at(i), at(i + 1)).inflate(1.0)
    })
}

/// Length of a step along a hairline, logical pixels.
const LEADER_STEP: f32 = 8.0;

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
            kind: CalloutOf::Case,
        };
        let mut at = |x: f32, taken: &[Rect], markers: &[Rect], before| {
            let around = Around {
                window,
                taken,
                markers,
            };
            place(&mut letters, &style, &callout(x), 1.0, &around, before)
        };
        let (free, first) = at(400.0, &[], &[], None);
        assert!(free.min.x > 420.0 && (free.height() - 46.0).abs() < 1e-3);
        let (edge, _) = at(790.0, &[], &[], None);
        assert!(edge.max.x < 790.0, "{edge:?}");
        let (other, second) = at(400.0, &[free], &[], None);
        // It keeps the place that it has had to take, until that will not do.
        assert_eq!(at(400.0, &[], &[], Some(second)).0, other);
        assert_eq!(at(400.0, &[], &[other], Some(second)), (free, first));
        assert!(other.intersect(free).is_empty(), "{other:?}");
        // A panel that reaches over its edge by a hair is as bad as one that hides it.
        let hair = Rect::new(free.max.x - 2.0, 0.0, 800.0, 600.0);
        let (off, _) = at(400.0, &[hair], &[], Some(first));
        assert!(off.intersect(hair).is_empty(), "{off:?}");
    }
}
