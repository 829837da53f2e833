//! Texts as they were to be drawn, before anything cut them off.

use bevy_egui::egui::{self, Rect};

/// A text as it was to be drawn.
pub(super) struct Ink {
    pub words: String,
    pub ink: Rect,
    pub clip: Rect,
    pub elided: bool,
}

/// Every text among shapes.
pub(super) fn inks_of(shapes: &[egui::epaint::ClippedShape]) -> Vec<Ink> {
    fn gather(shape: &egui::Shape, clip: Rect, out: &mut Vec<Ink>) {
        match shape {
            egui::Shape::Vec(list) => list.iter().for_each(|s| gather(s, clip, out)),
            egui::Shape::Text(t) => {
                let ink = t.visual_bounding_rect();
                if ink.intersect(clip).is_positive() {
                    out.push(Ink {
                        words: t.galley.text().to_owned(),
                        ink,
                        clip,
                        elided: t.galley.elided,
                    });
                }
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    for s in shapes {
        gather(&s.shape, s.clip_rect, &mut out);
    }
    out
}
