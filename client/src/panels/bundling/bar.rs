//! What is marked, at the foot of the queue: how many, the button that bundles them, and what was refused.

use super::acts::{BundlingAct, refused};
use super::question;
use super::state::{Bundling, MARKED_MAX};
use crate::panels::console::{Acts, Scene};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::small_button;
use bevy_egui::egui::{CornerRadius, Id, Rect, Ui, pos2};

const HEAD: f32 = 46.0;
const LINE: f32 = 24.0;
/// Refusals that are written out.
const TOLD: usize = 4;

/// How high it is, logical pixels; 0 where there is nothing to say.
pub fn height(state: &Bundling) -> f32 {
    if state.marks.is_empty() && state.refusals.is_empty() {
        return 0.0;
    }
    HEAD + LINE * state.refusals.len().min(TOLD) as f32
}

/// Draws it.
pub fn draw(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, state: &Bundling, rect: Rect, out: &mut Acts) {
    let (skin, w) = (s.skin, s.words);
    pen.painter
        .rect_filled(rect, CornerRadius::ZERO, skin.group);
    pen.hline(rect.min.x, rect.max.x, rect.min.y, skin.line);
    let y = rect.min.y + HEAD / 2.0;
    let (x, right) = (rect.min.x + 14.0, rect.max.x - 12.0);
    let id = Id::new("bundling-clear");
    let label = w.t("bundling.clear");
    let (clear, left) = small_button(ui, pen, right, y, id, label, true);
    if clear {
        out.push(BundlingAct::Clear);
    }
    let id = Id::new("bundling-do");
    let ready = question::may_ask(s, state);
    let label = w.t("bundling.do");
    let (asks, left) = small_button(ui, pen, left - 8.0, y, id, label, ready);
    if asks {
        question::ask(s, state, out);
    }
    let count = if state.is_full {
        w.n("bundling.full", MARKED_MAX)
    } else if state.sending.is_empty() {
        w.n("bundling.marked", state.marks.len())
    } else {
        w.t("bundling.sending").to_owned()
    };
    let ids: Vec<String> = state.cases().map(|c| format!("#{c}")).collect();
    let ids = ids.join(" ");
    let spans = [
        span(&count, skin.bold(Role::Body), skin.t1),
        span(&ids, skin.regular(Role::Small), skin.t3).after(8.0),
    ];
    pen.spans(pos2(x, y), left - 10.0 - x, &spans);
    for (i, refusal) in state.refusals.iter().take(TOLD).enumerate() {
        let y = rect.min.y + HEAD + LINE * (i as f32 + 0.4);
        let text = refused(s, refusal);
        let font = skin.regular(Role::Small);
        pen.left_within(pos2(x, y), right - x, &text, font, skin.late);
    }
}
