//! The world one is in, told four ways at once: colour, pattern, width of the frame, words.

use super::skin::color32;
use crate::look::Tokens;
use bevy_egui::egui::{
    Color32, Context, CornerRadius, Id, LayerId, Order, Painter, Rect, Shape, Stroke, pos2, vec2,
};
use chengtu_engine::record::World;

/// Pattern of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A plain line: live.
    Solid,
    /// The edge of a film: replay, and what branches from it.
    Film,
    /// Stripes: drill.
    Hatched,
}

/// How a world looks.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldLook {
    /// Its colour.
    pub color: Color32,
    /// Second colour of its pattern.
    pub second: Color32,
    /// Width of its frame.
    pub frame: f32,
    /// Its pattern.
    pub pattern: Pattern,
    /// Its words, both languages in one.
    pub words: String,
    /// Top bar.
    pub top_bar: Color32,
    /// Ground of the clock.
    pub clock_ground: Color32,
    /// Time strip.
    pub time_bar: Color32,
}

impl WorldLook {
    /// The look of a world. A drill can never look live: every value comes from the drill's own table.
    pub fn new(tokens: &Tokens, world: World) -> Self {
        let (name, pattern) = match world {
            World::Live => ("live", Pattern::Solid),
            World::Replay(_) | World::Fork(_) => ("replay", Pattern::Film),
            World::Drill(_) => ("drill", Pattern::Hatched),
        };
        let c = |key: &str| color32(tokens.color(key));
        let color = c(&format!("world.{name}"));
        // The stripe's darker partner: the world's colour at 64 %, as `world_form.drill.pattern` writes it out.
        let second = Color32::from_rgb(scaled(color.r()), scaled(color.g()), scaled(color.b()));
        Self {
            color,
            second,
            frame: tokens.number(&format!("world_form.{name}.frame_px")),
            pattern,
            words: tokens
                .try_words(&format!("world_form.{name}.words"))
                .unwrap_or(name)
                .to_string(),
            top_bar: c(&format!("world_form.{name}.top_bar")),
            clock_ground: c(&format!("world_form.{name}.clock_ground")),
            time_bar: c(&format!("world_form.{name}.time_bar")),
        }
    }

    /// Draws the frame around the whole screen, above everything.
    pub fn draw(&self, ctx: &Context, screen: Rect, width: f32) {
        let painter = ctx.layer_painter(LayerId::new(Order::Tooltip, Id::new("world-frame")));
        for side in sides(screen, width) {
            painter.rect_filled(side, CornerRadius::ZERO, self.color);
            let inside = painter.with_clip_rect(side);
            match self.pattern {
                Pattern::Solid => {}
                Pattern::Film => self.holes(&inside, side),
                Pattern::Hatched => self.stripes(&inside, side),
            }
        }
    }

    /// Light perforations along the longer way of a side.
    fn holes(&self, painter: &Painter, side: Rect) {
        painter.rect_filled(side, CornerRadius::ZERO, self.second);
        let wide = side.width() >= side.height();
        let (start, end) = if wide {
            (side.min.x, side.max.x)
        } else {
            (side.min.y, side.max.y)
        };
        let (hole, step) = if wide {
            (vec2(14.0, 7.0), 24.0)
        } else {
            (vec2(7.0, 14.0), 24.0)
        };
        let mut at = start + step / 2.0;
        while at < end {
            let middle = if wide {
                pos2(at, side.center().y)
            } else {
                pos2(side.center().x, at)
            };
            painter.rect_filled(
                Rect::from_center_size(middle, hole),
                CornerRadius::same(1),
                self.color,
            );
            at += step;
        }
    }

    fn stripes(&self, painter: &Painter, side: Rect) {
        let mut x = side.min.x - side.height();
        while x < side.max.x {
            let (bottom, top) = (pos2(x, side.max.y), pos2(x + side.height(), side.min.y));
            let stripe = vec![bottom, bottom + vec2(14.0, 0.0), top + vec2(14.0, 0.0), top];
            painter.add(Shape::convex_polygon(stripe, self.second, Stroke::NONE));
            x += 28.0;
        }
    }
}

fn scaled(channel: u8) -> u8 {
    (f32::from(channel) * 0.64) as u8
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
    fn live_and_drill_differ_in_colour_pattern_width_and_words() {
        let tokens = Tokens::shipped().unwrap();
        let (live, drill) = (
            WorldLook::new(&tokens, World::Live),
            WorldLook::new(&tokens, World::Drill(1)),
        );
        assert_eq!((live.frame, drill.frame), (4.0, 22.0));
        assert!(
            live.color != drill.color
                && live.pattern != drill.pattern
                && live.top_bar != drill.top_bar
        );
        assert!(live.words.contains("LIVE") && drill.words.contains("DRILL"));
    }

    #[test]
    fn the_frame_goes_all_around() {
        let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 50.0));
        let area: f32 = sides(screen, 4.0).iter().map(Rect::area).sum();
        assert_eq!(area, 100.0 * 50.0 - 92.0 * 42.0);
    }
}
