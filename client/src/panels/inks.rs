//! Texts as they are seen: what was to be drawn, what cuts it off, what lies over it, and on which ground it stands.

use bevy_egui::egui::epaint::ClippedShape;
use bevy_egui::egui::{Rect, Shape};

/// A text as it was to be drawn.
pub(super) struct Ink {
    pub words: String,
    pub whole: Rect,
    pub clip: Rect,
    pub elided: bool,
    /// The opaque ground under its middle; `None` on the map.
    pub ground: Option<Rect>,
    /// Something was drawn over a part of it.
    pub covered: bool,
}

impl Ink {
    /// What is seen of it.
    pub fn seen(&self) -> Rect {
        self.whole.intersect(self.clip)
    }
}

/// Every text among shapes that is seen, in the order of drawing.
pub(super) fn inks_of(shapes: &[ClippedShape]) -> Vec<Ink> {
    let mut found = Found::default();
    for s in shapes {
        found.take(&s.shape, s.clip_rect);
    }
    found.inks
}

/// Grounds smaller than this are marks, not what something is written on, logical pixels.
const GROUND_MIN: f32 = 18.0;

#[derive(Default)]
struct Found {
    inks: Vec<Ink>,
    grounds: Vec<Rect>,
}

impl Found {
    fn take(&mut self, shape: &Shape, clip: Rect) {
        match shape {
            Shape::Vec(list) => list.iter().for_each(|s| self.take(s, clip)),
            Shape::Rect(r) if r.fill.a() == 255 => self.cover(r.rect.intersect(clip)),
            Shape::Text(t) => {
                let ink = t.visual_bounding_rect();
                let words = t.galley.text().replace('\n', "");
                if words.is_empty() || !ink.intersect(clip).is_positive() {
                    return;
                }
                let under = |g: &&Rect| g.contains(ink.intersect(clip).center());
                let ground = self.grounds.iter().rev().find(under).copied();
                self.inks.push(Ink {
                    words,
                    whole: ink,
                    clip,
                    elided: t.galley.elided,
                    ground,
                    covered: false,
                });
            }
            _ => {}
        }
    }

    /// What lies under an opaque ground is not seen.
    fn cover(&mut self, ground: Rect) {
        if !ground.is_positive() {
            return;
        }
        for t in &mut self.inks {
            let both = t.seen().intersect(ground);
            if both.width() > 0.5 && both.height() > 0.5 {
                t.covered = true;
                t.clip = left_over(t.seen(), ground);
            }
        }
        self.inks.retain(|t| t.seen().is_positive());
        if ground.width() >= GROUND_MIN && ground.height() >= GROUND_MIN {
            self.grounds.push(ground);
        }
    }
}

/// The largest part of a rectangle that another one leaves free.
fn left_over(of: Rect, under: Rect) -> Rect {
    let mut parts = [of; 4];
    parts[0].max.x = of.max.x.min(under.min.x);
    parts[1].min.x = of.min.x.max(under.max.x);
    parts[2].max.y = of.max.y.min(under.min.y);
    parts[3].min.y = of.min.y.max(under.max.y);
    let area = |r: &Rect| if r.is_positive() { r.area() } else { 0.0 };
    let largest = parts.into_iter().max_by(|a, b| area(a).total_cmp(&area(b)));
    largest.filter(Rect::is_positive).unwrap_or(Rect::NOTHING)
}
