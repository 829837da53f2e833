use crate::panels::pen::Pen;
use bevy_egui::egui::epaint::TextShape;
use bevy_egui::egui::{Color32, CornerRadius, Pos2, Rect, Shape, Vec2, pos2, vec2};
use std::f32::consts::FRAC_PI_2;

/// Plates on a long side and on a short one.
const COUNT: (usize, usize) = (4, 2);
/// Room at the ends of a side that carries no plate, logical pixels.
const MARGIN: f32 = 70.0;
/// Beside the words of a plate.
const PAD: f32 = 30.0;

/// Where a plate lies and how its words are turned.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Plate {
    middle: Pos2,
    /// Radians, clockwise.
    angle: f32,
}

/// Plates with the world's words on all four sides.
pub(super) fn draw(pen: &Pen<'_>, screen: Rect, width: f32, words: &str, color: Color32) {
    let font = pen.skin.bold_px((width * 0.64).clamp(12.0, 14.0));
    let words = words.replacen(' ', "\u{2002}", 2);
    let galley = pen.painter.layout_no_wrap(words, font, color);
    let text = galley.size();
    for plate in places(screen, width) {
        let upright = plate.angle != 0.0;
        let long = text.x + 2.0 * PAD;
        let size = if upright {
            vec2(width, long)
        } else {
            vec2(long, width)
        };
        let rect = Rect::from_center_size(plate.middle, size);
        pen.painter
            .rect_filled(rect, CornerRadius::ZERO, pen.skin.on_light);
        let at = plate.middle - turned(text / 2.0, plate.angle);
        let shape = TextShape::new(at, galley.clone(), color).with_angle(plate.angle);
        pen.painter.add(Shape::Text(shape));
    }
}

fn turned(v: Vec2, angle: f32) -> Vec2 {
    let (s, c) = angle.sin_cos();
    vec2(v.x * c - v.y * s, v.x * s + v.y * c)
}

fn places(screen: Rect, width: f32) -> Vec<Plate> {
    let half = width / 2.0;
    let along = |from: f32, to: f32, count: usize| {
        let cell = (to - from - 2.0 * MARGIN) / count as f32;
        (0..count).map(move |i| from + MARGIN + (i as f32 + 0.5) * cell)
    };
    let (a, b) = (screen.min, screen.max);
    let level = along(a.x, b.x, COUNT.0).flat_map(|x| [(x, a.y + half), (x, b.y - half)]);
    let level = level.map(|(x, y)| Plate {
        middle: pos2(x, y),
        angle: 0.0,
    });
    let upright = along(a.y, b.y, COUNT.1).flat_map(|y| {
        [(a.x + half, -FRAC_PI_2), (b.x - half, FRAC_PI_2)].map(|(x, angle)| Plate {
            middle: pos2(x, y),
            angle,
        })
    });
    level.chain(upright).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_plates_on_each_long_side_and_two_on_each_short_one() {
        let screen = Rect::from_min_size(Pos2::ZERO, vec2(1920.0, 1080.0));
        let plates = places(screen, 22.0);
        let on = |f: &dyn Fn(&Plate) -> bool| plates.iter().filter(|p| f(p)).count();
        assert_eq!(on(&|p| p.middle.y == 11.0), 4);
        assert_eq!(on(&|p| p.middle.y == 1069.0), 4);
        assert_eq!(on(&|p| p.middle.x == 11.0), 2);
        assert_eq!(on(&|p| p.middle.x == 1909.0), 2);
        assert_eq!(plates.len(), 12);
    }
}
