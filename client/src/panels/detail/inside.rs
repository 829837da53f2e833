use super::DetailAct;
use crate::live::Selection;
use crate::panels::console::{Acts, Scene};
use crate::panels::map::MapAct;
use crate::panels::pen::Pen;
use crate::panels::widgets::{area, panel, press};
use bevy_egui::egui::{Id, Order, Rect, Ui, pos2, vec2};

/// Inside margin of the panel, logical pixels.
pub const PAD: f32 = 17.0;

/// Draws inside the right panel, where there is room for it.
pub fn show_inside(s: &Scene<'_>, draw: impl FnOnce(&mut Ui, &Pen<'_>, Rect)) {
    let Some(rect) = s.layout.detail else { return };
    area(&s.ctx, "detail", rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        draw(ui, &pen, rect);
    });
}

/// A button that closes the panel: a cross, or an angle where the panel covers the queue.
pub fn close(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, rect: Rect, out: &mut Acts) {
    let hit = Rect::from_center_size(pos2(rect.max.x - 20.0, rect.min.y + 20.0), vec2(28.0, 28.0));
    let response = press(ui, hit, Id::new("detail-close"), pen, 6);
    let color = if response.hovered() {
        s.skin.t1
    } else {
        s.skin.t3
    };
    if s.layout.wide {
        pen.cross(hit.center(), 4.5, color);
    } else {
        pen.back(hit.center(), color);
    }
    if response.clicked() {
        out.push(DetailAct::Close);
        out.push(MapAct::Select(Selection::None));
    }
}
