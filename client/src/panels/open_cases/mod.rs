//! How many cases are open, on a plate over the map.

use super::console::{AddPanel, Covered, View};
use super::pen::{Pen, span};
use super::skin::Role;
use super::widgets::{area, panel};
use bevy::prelude::*;
use bevy_egui::egui::{Order, Rect, vec2};
use chengtu_engine::stream::Mirror;

/// Counts open cases.
pub struct OpenCasesPlugin;

impl Plugin for OpenCasesPlugin {
    fn build(&self, app: &mut App) {
        app.add_panel(draw_panel);
    }
}

fn count(mirror: &Mirror) -> usize {
    mirror.cases.values().filter(|c| c.stage.is_open()).count()
}

fn draw_panel(view: View, mut covered: ResMut<Covered>) {
    let s = view.scene();
    let corner = s.layout.legend() - vec2(0.0, 72.0);
    let rect = Rect::from_min_size(corner, vec2(120.0, 34.0));
    area(&s.ctx, "open-cases", rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        let number = count(s.mirror).to_string();
        let label = span(
            s.words.t("figure.open"),
            s.skin.regular(Role::Small),
            s.skin.t3,
        );
        let number = span(&number, s.skin.bold(Role::Row), s.skin.t1).after(8.0);
        pen.spans(
            rect.left_center() + vec2(12.0, 0.0),
            100.0,
            &[label, number],
        );
    });
    covered.0.push(rect);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;

    #[test]
    fn ended_cases_are_not_counted() {
        let city = sample::city();
        let all = city.cases.len();
        assert!(count(&city) > 0 && count(&city) < all);
    }
}
