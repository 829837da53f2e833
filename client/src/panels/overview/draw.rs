//! The right panel when nothing is chosen: alarms that wait, hotspots by where and since when.

use super::OverviewScene;
use crate::facts::hotspot::how_sure;
use crate::input::Zone;
use crate::panels::alarms::{self, AlarmState, can_ring};
use crate::panels::console::Acts;
use crate::panels::detail::{PAD, close};
use crate::panels::map::MapAct;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::row_ground;
use bevy_egui::egui::{CursorIcon, Id, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
use chengtu_engine::geo::LonLat;
use chengtu_engine::hotspot::HotspotArea;

const SPOT: f32 = 46.0;
/// Its two lines from its middle.
const LINE_APART: f32 = 10.0;

/// Draws the panel.
pub fn draw(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &OverviewScene<'_>,
    st: &mut AlarmState,
    rect: Rect,
    out: &mut Acts,
) {
    let (skin, w) = (s.skin, s.words);
    let x = rect.min.x + PAD;
    if !s.layout.wide {
        close(ui, pen, s, rect, out);
    }
    let waiting = if s.mirror.is_ready() {
        s.strip.figures.alarms.to_string()
    } else {
        w.t("figure.loading").to_string()
    };
    let title = span(w.t("alarms.title"), skin.bold(Role::Heading), skin.t1);
    pen.spans(
        pos2(x, rect.min.y + 25.0),
        300.0,
        &[
            title,
            span(&waiting, skin.regular(Role::Body), skin.t3).after(8.0),
        ],
    );
    let sound = if can_ring() {
        "alarms.bell"
    } else {
        "alarms.silent"
    };
    let edge = rect.max.x - if s.layout.wide { PAD } else { PAD + 24.0 };
    pen.right(
        pos2(edge, rect.min.y + 25.0),
        w.t(sound),
        skin.regular(Role::Small),
        skin.t3,
    );
    pen.hline(
        rect.min.x + 1.0,
        rect.max.x - 1.0,
        rect.min.y + 48.0,
        skin.line,
    );
    let spots = s.mirror.hotspots.len() as f32;
    let spots_height = 80.0 + (spots.max(1.0) * SPOT).min(rect.height() * 0.4);
    let list = Rect::from_min_max(
        pos2(rect.min.x + 1.0, rect.min.y + 48.5),
        pos2(rect.max.x - 1.0, rect.max.y - spots_height),
    );
    alarms::list(ui, s, st, list, out);
    if s.zone == Zone::Alarms {
        pen.focus_ring(list, 4);
    }
    list_spots(ui, pen, s, rect, list.max.y, out);
}

/// Hotspots below `top`, with their heading.
fn list_spots(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &OverviewScene<'_>,
    rect: Rect,
    top: f32,
    out: &mut Acts,
) {
    let (skin, w) = (s.skin, s.words);
    let x = rect.min.x + PAD;
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, top, skin.line);
    let title = span(w.t("hotspots.title"), skin.bold(Role::Heading), skin.t1);
    pen.spans(
        pos2(x, top + 25.0),
        380.0,
        &[
            title,
            span(w.t("hotspots.what"), skin.regular(Role::Small), skin.t3).after(8.0),
        ],
    );
    let right = rect.max.x - PAD;
    let counts = right - since_width(pen, s);
    for (at, key) in [(counts, "hotspots.cases"), (right, "hotspots.since")] {
        pen.right(
            pos2(at, top + 60.0),
            w.t(key),
            skin.regular(Role::Small),
            skin.t3,
        );
    }
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, top + 72.0, skin.line);
    let area = Rect::from_min_max(
        pos2(rect.min.x + 1.0, top + 72.5),
        rect.max - vec2(1.0, 8.0),
    );
    if s.mirror.hotspots.is_empty() {
        pen.centre(
            pos2(area.center().x, area.min.y + 22.0),
            w.t(if s.mirror.is_ready() {
                "hotspots.none"
            } else {
                "queue.waiting"
            }),
            skin.regular(Role::Body),
            skin.t3,
        );
    }
    scroll(
        ui,
        "hotspots",
        area,
        s.mirror.hotspots.len(),
        SPOT,
        |ui, r, i| spot(ui, s, (r, counts), &s.mirror.hotspots[i], out),
    );
}

/// A list of rows of one height, only those in sight drawn.
pub fn scroll(
    ui: &mut Ui,
    name: &str,
    rect: Rect,
    n: usize,
    row: f32,
    mut draw: impl FnMut(&mut Ui, Rect, usize),
) {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.set_clip_rect(rect);
    ScrollArea::vertical()
        .id_salt(name)
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, viewport| {
            ui.set_height(n as f32 * row);
            let origin = ui.min_rect().min;
            let first = (viewport.min.y / row).floor().max(0.0) as usize;
            let last = (viewport.max.y / row).ceil().max(0.0) as usize;
            for i in first..last.min(n) {
                let r = Rect::from_min_size(
                    pos2(rect.min.x, origin.y + i as f32 * row),
                    vec2(rect.width(), row),
                );
                draw(ui, r, i);
            }
        });
}

/// Width of the column that says since when, with the room before it: as wide as its longest moment, which has a date
/// where it lies before midnight.
fn since_width(pen: &Pen<'_>, s: &OverviewScene<'_>) -> f32 {
    let font = || pen.skin.regular(Role::Body);
    let spots = s.mirror.hotspots.iter();
    let widths = spots.map(|h| pen.width(&s.time.when(h.since, s.now), font()));
    widths.fold(44.0, f32::max) + 20.0
}

/// A line; `counts` is where the figure of cases ends.
fn spot(ui: &Ui, s: &OverviewScene<'_>, (r, counts): (Rect, f32), h: &HotspotArea, out: &mut Acts) {
    let (skin, w) = (s.skin, s.words);
    let pen = Pen {
        painter: ui.painter(),
        skin,
    };
    let response = ui.interact(r, Id::new(("hotspot", h.rank)), Sense::click());
    row_ground(&pen, r, response.hovered(), false, skin.t1);
    let (x, right) = (r.min.x + PAD - 1.0, r.max.x - PAD + 1.0);
    let y = r.center().y;
    pen.centre(
        pos2(x + 8.0, y),
        &h.rank.to_string(),
        skin.bold(Role::Row),
        skin.contour,
    );
    pen.left_within(
        pos2(x + 26.0, y - LINE_APART),
        counts - 44.0 - x - 26.0,
        &h.name,
        skin.bold(Role::Row),
        skin.t1,
    );
    pen.left_within(
        pos2(x + 26.0, y + LINE_APART),
        right - x - 26.0,
        &how_sure(h, w),
        skin.regular(Role::Small),
        skin.t3,
    );
    let y = y - LINE_APART;
    pen.right(
        pos2(counts, y),
        &h.cases.to_string(),
        skin.bold(Role::Row),
        skin.t1,
    );
    // Since when is known only where time has run without a leap.
    if !s.is_past() {
        pen.right(
            pos2(right, y),
            &s.time.when(h.since, s.now),
            skin.regular(Role::Body),
            skin.t2,
        );
    }
    pen.hline(r.min.x, r.max.x, r.max.y - 0.5, skin.row_line);
    if response
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text(w.n("hotspots.fly", &h.name))
        .clicked()
    {
        out.push(MapAct::Fly(LonLat::new(h.centre.0, h.centre.1), Some(15.6)));
    }
}
