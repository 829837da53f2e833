//! What is on the screen in words: every text that was drawn, and where.

use bevy::prelude::{App, IntoScheduleConfigs, PostUpdate, Query, ResMut, Resource, With};
use bevy_egui::egui::epaint::ClippedShape;
use bevy_egui::egui::{Rect, Shape};
use bevy_egui::{EguiFullOutput, EguiPostUpdateSet, PrimaryEguiContext};

/// A text as far as it is seen.
#[derive(Clone, Debug)]
pub struct Text {
    pub words: String,
    /// Where its ink lies, logical pixels.
    pub at: Rect,
}

/// The texts of the frame on the screen, in the order of drawing.
#[derive(Resource, Default)]
pub struct Shown {
    pub texts: Vec<Text>,
}

/// Notes what is drawn, frame by frame.
pub fn watch(app: &mut App) {
    app.init_resource::<Shown>().add_systems(
        PostUpdate,
        note.after(EguiPostUpdateSet::EndPass)
            .before(EguiPostUpdateSet::ProcessOutput),
    );
}

fn note(outputs: Query<&EguiFullOutput, With<PrimaryEguiContext>>, mut shown: ResMut<Shown>) {
    for output in &outputs {
        if let Some(output) = &output.0 {
            shown.texts = texts(&output.shapes);
        }
    }
}

fn texts(shapes: &[ClippedShape]) -> Vec<Text> {
    let mut found = Vec::new();
    for shape in shapes {
        gather(&shape.shape, shape.clip_rect, &mut found);
    }
    found
}

fn gather(shape: &Shape, clip: Rect, found: &mut Vec<Text>) {
    match shape {
        Shape::Vec(list) => list.iter().for_each(|s| gather(s, clip, found)),
        Shape::Text(t) => {
            let ink = t.visual_bounding_rect();
            let at = ink.intersect(clip);
            if at.is_positive() && !t.galley.text().is_empty() {
                found.push(Text {
                    // Where its lines were broken says nothing.
                    words: t.galley.text().replace('\n', ""),
                    at,
                });
            }
        }
        _ => {}
    }
}
