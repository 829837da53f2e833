//! How the branches differ, and the way over into the running city.

use super::state::Branches;
use crate::panels::console::Scene;
use crate::panels::model::fork::{Better, lines};
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::world::WorldLook;
use bevy_egui::egui::{
    CornerRadius, CursorIcon, Id, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2,
};

const HEAD: f32 = 36.0;
const ROW: f32 = 35.0;
const FOOT: f32 = 84.0;
const PAD: f32 = 16.0;

/// Draws the table; true where the plan is to be taken over.
pub(super) fn draw(ui: &Ui, s: &Scene<'_>, view: &Branches, world: &WorldLook, rect: Rect) -> bool {
    let painter = ui.painter().clone();
    let pen = Pen {
        painter: &painter,
        skin: s.skin,
    };
    let (skin, w) = (s.skin, s.words);
    pen.plate(rect, 8, skin.panel, world.line);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    // Right edges of the columns.
    let columns = [right - 158.0, right - 72.0, right];
    let y = rect.min.y + HEAD / 2.0;
    pen.left(
        pos2(x, y),
        w.t("fork.differences"),
        skin.bold(Role::Row),
        skin.t1,
    );
    let small = skin.regular(Role::Small);
    let heads = ["fork.actual", "fork.other", "fork.change"];
    for ((key, at), color) in heads.iter().zip(columns).zip([skin.t3, skin.fork, skin.t3]) {
        pen.right(pos2(at, y), w.t(key), small.clone(), color);
    }
    pen.hline(rect.min.x, rect.max.x, rect.min.y + HEAD, world.line);
    let lines = lines(&view.report, &s.time, w);
    let room = rect.height() - HEAD - FOOT;
    let row_h = ROW.min(room / lines.len().max(1) as f32);
    for (i, line) in lines.iter().enumerate() {
        let y = rect.min.y + HEAD + row_h * (i as f32 + 0.5);
        let label_room = columns[0] - x - 70.0;
        pen.left_within(
            pos2(x, y),
            label_room,
            &line.label,
            skin.regular(Role::Body),
            skin.t2,
        );
        pen.right(
            pos2(columns[0], y),
            &line.values[0],
            skin.regular(Role::Body),
            skin.t1,
        );
        pen.right(
            pos2(columns[1], y),
            &line.values[1],
            skin.bold(Role::Body),
            skin.t1,
        );
        if let Some((change, better)) = &line.change {
            let color = match better {
                Better::Yes => skin.better,
                Better::No => skin.worse,
                Better::Same => skin.t3,
            };
            pen.right(pos2(columns[2], y), change, skin.bold(Role::Body), color);
        }
        if i + 1 < lines.len() {
            pen.hline(x, right, y + row_h / 2.0, skin.row_line);
        }
    }
    foot(ui, &pen, s, view, world, rect)
}

fn foot(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    view: &Branches,
    world: &WorldLook,
    rect: Rect,
) -> bool {
    let (skin, w) = (s.skin, s.words);
    let count = view.report.plan.len();
    let text = if count == 0 {
        w.t("fork.no_plan").to_owned()
    } else {
        w.n("fork.plan", count)
    };
    let at = pos2(rect.min.x + PAD, rect.max.y - 70.0);
    pen.left_within(
        at,
        rect.width() - 2.0 * PAD,
        &text,
        skin.regular(Role::Small),
        skin.t3,
    );
    let button = Rect::from_min_max(
        pos2(rect.min.x + PAD, rect.max.y - PAD - 42.0),
        rect.max - vec2(PAD, PAD),
    );
    let able = count > 0;
    let sense = if able { Sense::click() } else { Sense::hover() };
    let response = ui.interact(button, Id::new("fork-take-over"), sense);
    let fill = if able && response.hovered() {
        skin.selected
    } else if able {
        world.chip_on
    } else {
        skin.panel
    };
    let line = if able { world.color } else { world.line };
    let radius = CornerRadius::same(6);
    pen.painter.rect(
        button,
        radius,
        fill,
        Stroke::new(1.0, line),
        StrokeKind::Inside,
    );
    if response.has_focus() {
        pen.focus_ring(button, 6);
    }
    let color = if able { skin.t1 } else { skin.t4 };
    pen.centre(
        button.center(),
        w.t("fork.take_over"),
        skin.bold(Role::Row),
        color,
    );
    able && response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}
