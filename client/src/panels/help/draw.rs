//! The overlay with every key, made from the table that handles them.

use crate::input::{BINDINGS, Binding, Zone};
use crate::panels::console::Scene;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel};
use bevy_egui::egui::{Context, Key, Order, Rect, pos2, vec2};

const ROW: f32 = 28.0;
/// Least and most width of a column.
const COLUMN: f32 = 380.0;
const WIDEST: f32 = 460.0;
/// Title above and margin below.
const HEAD: f32 = 84.0;

fn zone_words(zone: Option<Zone>) -> &'static str {
    match zone {
        None => "help.everywhere",
        Some(Zone::Map) => "help.map",
        Some(Zone::Queue) => "help.queue",
        Some(Zone::Dispatch) => "help.dispatch",
        Some(Zone::Layers) => "help.layers",
        Some(Zone::Alarms) => "help.alarms",
    }
}

fn caps(b: &Binding) -> Vec<String> {
    match b.keys.first().map(|k| k.key) {
        Some(Key::Num1) => {
            let last = BINDINGS
                .iter()
                .filter(|o| o.zone == b.zone && o.words == b.words)
                .count();
            vec![format!("1 – {last}")]
        }
        _ => b
            .keys
            .iter()
            // A key that has two names is listed once.
            .filter(|k| !(k.shift && k.key == Key::Slash))
            .filter(|k| !matches!(k.key, Key::OpenCurlyBracket | Key::CloseCurlyBracket))
            .map(|k| k.label())
            .collect(),
    }
}

/// Draws the overlay.
pub fn draw(ctx: &Context, s: &Scene<'_>) {
    let zones = [
        None,
        Some(Zone::Queue),
        Some(Zone::Dispatch),
        Some(Zone::Alarms),
        Some(Zone::Layers),
        Some(Zone::Map),
    ];
    // Lines of the table: a heading per zone, then its keys. Two columns, cut between lines.
    let mut lines: Vec<(Option<&str>, Option<&Binding>)> = Vec::new();
    for zone in zones {
        lines.push((Some(zone_words(zone)), None));
        lines.extend(
            BINDINGS
                .iter()
                .filter(|b| b.zone == zone && b.told)
                .map(|b| (None, Some(b))),
        );
    }
    // As few columns as the screen's height allows, as many as its width does.
    let room = s.layout.screen.size() - vec2(16.0, 16.0);
    let rows = (((room.y - HEAD) / ROW) as usize).max(1);
    let most = (((room.x - 40.0) / COLUMN) as usize).max(1);
    let columns = lines.len().div_ceil(rows).max(2).min(most);
    let per = lines.len().div_ceil(columns);
    // Every key is told: where they are too many for the screen, the lines come closer.
    let row_h = ROW.min((room.y - HEAD) / per as f32);
    let column = ((room.x - 40.0) / columns as f32).clamp(COLUMN, WIDEST);
    let size = vec2(column * columns as f32 + 40.0, per as f32 * row_h + HEAD);
    let rect = Rect::from_center_size(
        s.layout.screen.center(),
        size.min(s.layout.screen.size() - vec2(16.0, 16.0)),
    );
    area(ctx, "help", rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        let (skin, w) = (s.skin, s.words);
        panel(&pen, rect);
        pen.left(
            rect.min + vec2(24.0, 30.0),
            w.t("help.title"),
            skin.bold(Role::Title),
            skin.t1,
        );
        pen.key_cap(
            pos2(rect.max.x - 24.0, rect.min.y + 30.0),
            "Esc",
            skin.line_strong,
            skin.t2,
        );
        for (i, (heading, binding)) in lines.iter().enumerate() {
            let x = rect.min.x + 24.0 + (i / per) as f32 * column;
            let y = rect.min.y + 66.0 + (i % per) as f32 * row_h + row_h / 2.0;
            if let Some(key) = heading {
                pen.left(pos2(x, y + 3.0), w.t(key), skin.bold(Role::Body), skin.t2);
            }
            if let Some(b) = binding {
                let mut cap_x = x + 124.0;
                for cap in caps(b).iter().rev() {
                    cap_x = pen.key_cap(pos2(cap_x, y), cap, skin.line_strong, skin.t1) - 4.0;
                }
                pen.left_within(
                    pos2(x + 138.0, y),
                    column - 160.0,
                    w.t(b.words),
                    skin.regular(Role::Body),
                    skin.t1,
                );
            }
        }
    });
}
