//! The whole of a text that has no room: it is shown while the pointer rests on what is seen of it. Whatever is drawn
//! with a [`Pen`](super::Pen) and cut is noted here by itself; no panel has to think of it.

use super::skin::{Role, Skin};
use bevy_egui::egui::{Context, Id, Label, LayerId, Painter, PopupAnchor, Rect, RichText, Tooltip};
use std::time::Duration;

/// How long the pointer rests before the whole is shown, seconds: who runs down a list is not followed by words.
const RESTS_S: f32 = 0.35;
/// Width of the lines, logical pixels.
const WIDTH: f32 = 420.0;

/// A text that is seen in part.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cut {
    /// What it says in whole.
    pub words: String,
    /// Where its part is seen.
    pub at: Rect,
    layer: LayerId,
}

/// Texts cut in one pass of drawing.
#[derive(Clone, Debug, Default)]
struct Cuts {
    pass: u64,
    list: Vec<Cut>,
    /// Places that tell their whole words themselves.
    told: Vec<Rect>,
}

fn with<T>(ctx: &Context, act: impl FnOnce(&mut Cuts) -> T) -> T {
    let pass = ctx.cumulative_pass_nr();
    ctx.data_mut(|data| {
        let cuts = data.get_temp_mut_or_default::<Cuts>(Id::new("texts that are cut"));
        if cuts.pass != pass {
            *cuts = Cuts {
                pass,
                ..Cuts::default()
            };
        }
        act(cuts)
    })
}

/// Notes a text of which only a part is drawn, in a place.
pub(super) fn note(painter: &Painter, at: Rect, words: String) {
    let at = at.intersect(painter.clip_rect());
    if at.is_positive() {
        let layer = painter.layer_id();
        with(painter.ctx(), |cuts| {
            cuts.list.push(Cut { words, at, layer });
        });
    }
}

/// What is in this place says its whole words itself.
pub(super) fn told(ctx: &Context, at: Rect) {
    with(ctx, |cuts| cuts.told.push(at));
}

/// Texts cut so far in this pass.
#[cfg(test)]
pub(super) fn cuts(ctx: &Context) -> Vec<Cut> {
    with(ctx, |cuts| cuts.list.clone())
}

/// Shows the whole of the text under the pointer. Called once everything is drawn.
pub(super) fn show(ctx: &Context, skin: &Skin) {
    let Some(pointer) = ctx.input(|i| i.pointer.hover_pos()) else {
        return;
    };
    let top = ctx.layer_id_at(pointer);
    let found = with(ctx, |cuts| {
        let told = cuts.told.iter().any(|r| r.contains(pointer));
        let under = |c: &&Cut| c.at.expand(2.0).contains(pointer) && Some(c.layer) == top;
        cuts.list
            .iter()
            .rev()
            .find(under)
            .filter(|_| !told)
            .cloned()
    });
    let Some(cut) = found else { return };
    let rested_s = ctx.input(|i| i.pointer.time_since_last_movement());
    if rested_s < RESTS_S || ctx.input(|i| i.pointer.any_down()) {
        ctx.request_repaint_after(Duration::from_secs_f32((RESTS_S - rested_s).max(0.02)));
        return;
    }
    let id = Id::new("the whole text");
    Tooltip::always_open(ctx.clone(), cut.layer, id, PopupAnchor::Pointer)
        .width(WIDTH)
        .show(|ui| {
            let words = RichText::new(&cut.words).font(skin.regular(Role::Body));
            ui.add(Label::new(words.color(skin.t1)).wrap());
        });
}
