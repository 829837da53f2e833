//! The current world, shown in four ways at once: colour, pattern, width of the frame, words.

mod chip;
mod double;
mod film;
mod frame;
mod hatched;
mod look;
mod plates;

pub use chip::chip;
pub use frame::WorldFramePlugin;
pub use look::{Pattern, WorldLook};

use super::pen::Pen;
use super::skin::Skin;
use bevy_egui::egui::{Context, CornerRadius, Id, LayerId, Order, Rect, pos2, vec2};

impl WorldLook {
    /// Draws the frame around the whole screen, above everything.
    pub fn draw(&self, ctx: &Context, skin: &Skin, screen: Rect, width: f32) {
        let painter = ctx.layer_painter(LayerId::new(Order::Tooltip, Id::new("world-frame")));
        for side in sides(screen, width) {
            painter.rect_filled(side, CornerRadius::ZERO, self.color);
            let inside = painter.with_clip_rect(side);
            match self.pattern {
                Pattern::Solid => {}
                Pattern::Film => film::draw(&inside, side, self),
                Pattern::Double => double::draw(&inside, screen, width, self),
                Pattern::Hatched => hatched::draw(&inside, screen, self),
            }
        }
        if let Some(text) = self.plate_text {
            let pen = Pen {
                painter: &painter,
                skin,
            };
            plates::draw(&pen, screen, width, &self.words, text);
        }
    }

    /// The frame while the server is lost, in place of the world's own: grey, and broken all around. Plates stay: a
    /// drill that is lost is a drill.
    pub fn draw_lost(&self, ctx: &Context, skin: &Skin, screen: Rect, width: f32) {
        let painter = ctx.layer_painter(LayerId::new(Order::Tooltip, Id::new("world-frame")));
        let width = width.max(LOST_MIN);
        for side in sides(screen, width) {
            painter.rect_filled(side, CornerRadius::ZERO, skin.void);
            for dash in dashes(side) {
                painter.rect_filled(dash, CornerRadius::ZERO, skin.t3);
            }
        }
        if self.plate_text.is_some() {
            let pen = Pen {
                painter: &painter,
                skin,
            };
            plates::draw(&pen, screen, width, &self.words, skin.t2);
        }
    }
}

/// Least width of a lost world's frame, and its dashes along a side: length and step. Logical pixels.
const LOST_MIN: f32 = 6.0;
const DASH: (f32, f32) = (36.0, 60.0);

fn dashes(side: Rect) -> Vec<Rect> {
    let wide = side.width() >= side.height();
    let long = if wide { side.width() } else { side.height() };
    let count = (long / DASH.1).ceil() as usize;
    let dash = |i: usize| {
        let from = i as f32 * DASH.1;
        let (a, b) = if wide {
            (vec2(from, 0.0), vec2(DASH.0, side.height()))
        } else {
            (vec2(0.0, from), vec2(side.width(), DASH.0))
        };
        Rect::from_min_size(side.min + a, b).intersect(side)
    };
    (0..count).map(dash).collect()
}

/// The four sides of a frame inside `screen`.
pub fn sides(screen: Rect, width: f32) -> [Rect; 4] {
    let (a, b) = (screen.min, screen.max);
    [
        Rect::from_min_max(a, pos2(b.x, a.y + width)),
        Rect::from_min_max(pos2(a.x, b.y - width), b),
        Rect::from_min_max(pos2(a.x, a.y + width), pos2(a.x + width, b.y - width)),
        Rect::from_min_max(pos2(b.x - width, a.y + width), pos2(b.x, b.y - width)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_goes_all_around() {
        let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 50.0));
        let area: f32 = sides(screen, 4.0).iter().map(Rect::area).sum();
        assert_eq!(area, 100.0 * 50.0 - 92.0 * 42.0);
    }
}
