//! The case queue.

use super::QueueState;
use super::header::header;
use crate::facts::case;
use crate::i18n::countdown;
use crate::input::Zone;
use crate::live::Selection;
use crate::panels::bundling::{self, Bundling, BundlingAct};
use crate::panels::console::{Acts, FocusZone, Scene};
use crate::panels::elsewhere;
use crate::panels::map::MapAct;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel, row_ground};
use bevy_egui::egui::{
    Align, Color32, Context, CursorIcon, Id, Order, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2,
    vec2,
};
use chengtu_engine::ids::CaseId;
use chengtu_engine::model::Stage;
use chengtu_engine::stream::CaseView;

const ROW: f32 = 46.0;

/// Draws the queue.
pub fn draw(ctx: &Context, s: &Scene<'_>, st: &mut QueueState, marked: &Bundling, out: &mut Acts) {
    let Some(rect) = s.layout.queue else {
        st.over_list = false;
        return;
    };
    area(ctx, "queue", rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        let top = header(ui, &pen, s, st, rect);
        let inside = Rect::from_min_max(pos2(rect.min.x + 1.0, top), rect.max - vec2(1.0, 2.0));
        // The foot takes its room from the end of the list: no row moves.
        let foot = inside.max.y - bundling::height(marked);
        let (rows, bar) = inside.split_top_bottom_at_y(foot);
        list(ui, s, (st, marked), rows, out);
        if bar.height() > 1.0 {
            bundling::draw(ui, &pen, s, marked, bar, out);
        }
        if s.zone == Zone::Queue {
            pen.focus_ring(rect, 8);
        }
    });
}

fn list(
    ui: &mut Ui,
    s: &Scene<'_>,
    (st, marked): (&mut QueueState, &Bundling),
    rect: Rect,
    out: &mut Acts,
) {
    let pointer = ui.input(|i| i.pointer.hover_pos());
    st.over_list = !s.picture && pointer.is_some_and(|p| rect.contains(p));
    let cases = st.order.shown().cases.clone();
    if cases.is_empty() {
        return nothing(ui, s, st, rect);
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.set_clip_rect(rect);
    ScrollArea::vertical()
        .id_salt("queue-list")
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, viewport| {
            ui.set_height(cases.len() as f32 * ROW);
            let origin = ui.min_rect().min;
            let at = |y: f32| {
                Rect::from_min_size(pos2(rect.min.x, origin.y + y), vec2(rect.width(), ROW))
            };
            let first = (viewport.min.y / ROW).floor().max(0.0) as usize;
            let last = (viewport.max.y / ROW).ceil().max(0.0) as usize;
            for (i, id) in cases.iter().enumerate().take(last).skip(first) {
                // A row that changed its place moves there, unless the pointer is over the list.
                let time_s = if s.picture { 0.0 } else { 0.24 };
                let id_y = Id::new(("queue-y", id.0));
                let y = i as f32 * ROW;
                let y = ui.ctx().animate_value_with_time(id_y, y, time_s);
                row(ui, s, (st, marked), at(y), *id, out);
            }
            if std::mem::take(&mut st.to_top) && !st.reveal {
                ui.scroll_to_rect(at(0.0), Some(Align::TOP));
            }
            if std::mem::take(&mut st.reveal)
                && let Some(i) = cases.iter().position(|id| Some(*id) == st.cursor)
            {
                let r = at(i as f32 * ROW).expand2(vec2(0.0, ROW / 2.0));
                ui.scroll_to_rect(r, None);
            }
        });
}

/// Why no case is listed.
fn nothing(ui: &Ui, s: &Scene<'_>, st: &QueueState, rect: Rect) {
    let pen = Pen {
        painter: ui.painter(),
        skin: s.skin,
    };
    let words = if !s.mirror.is_ready() {
        "queue.waiting"
    } else if st.order.shown().open == 0 {
        "queue.empty"
    } else {
        "queue.nothing_left"
    };
    let at = pos2(rect.center().x, rect.min.y + 40.0);
    let font = s.skin.regular(Role::Body);
    pen.centre(at, s.words.t(words), font, s.skin.t3);
}

/// Time left of a case, or why there is none; and its colour.
fn clock_words(s: &Scene<'_>, c: &CaseView) -> (String, Color32) {
    let (skin, w) = (s.skin, s.words);
    if !c.stage.is_open() {
        return (case::stage_word(c.stage, w).to_string(), skin.t3);
    }
    let stands = c.stage == Stage::Handled || s.is_lost();
    match case::remaining_s(c, s.now) {
        // Handled, or as it was when the server was last heard.
        Some(t) if stands => (countdown(t, w), skin.t3),
        Some(t) if t < 0.0 => (countdown(t, w), skin.late),
        Some(t) => (countdown(t, w), skin.t1),
        None => (w.t("queue.no_clock").to_string(), skin.t3),
    }
}

fn row(
    ui: &Ui,
    s: &Scene<'_>,
    (st, marked): (&mut QueueState, &Bundling),
    r: Rect,
    id: CaseId,
    out: &mut Acts,
) {
    let Some(c) = s.mirror.cases.get(&id) else {
        return;
    };
    let skin = s.skin;
    let pen = Pen {
        painter: ui.painter(),
        skin,
    };
    let response = ui.interact(r, Id::new(("queue-row", id.0)), Sense::click());
    let chosen = s.selection.case() == Some(id);
    row_ground(&pen, r, response.hovered(), chosen, skin.t1);
    if s.zone == Zone::Queue && st.cursor == Some(id) && !chosen {
        pen.focus_ring(r.shrink(1.0), 4);
    }
    if marked.is_marked(id) {
        pen.tick(
            pos2(r.min.x + 8.0, r.min.y + 9.0),
            5.5,
            skin.action,
            skin.t1,
        );
    }
    let others = words_of(&pen, s, r, c, chosen);
    pen.hline(r.min.x, r.max.x, r.max.y - 0.5, skin.row_line);
    if response.hovered() {
        out.push(MapAct::Hover(Selection::Case(id)));
    }
    let response = match others {
        Some(words) => response.on_hover_text(words),
        None => response,
    };
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        if ui.input(|i| i.modifiers.shift || i.modifiers.command) {
            return out.push(BundlingAct::Toggle(id));
        }
        out.push(FocusZone(Zone::Queue));
        st.cursor = Some(id);
        out.push(MapAct::SelectAndFly(Selection::Case(id)));
    }
}

/// What a row says. Gives what other desks do with the case, where they do anything.
fn words_of(pen: &Pen<'_>, s: &Scene<'_>, r: Rect, c: &CaseView, chosen: bool) -> Option<String> {
    let (skin, w) = (s.skin, s.words);
    let (y1, y2) = (r.min.y + 15.5, r.min.y + 32.0);
    pen.severity(pos2(r.min.x + 20.0, r.center().y), 6.2, c.severity);
    let x = r.min.x + 31.0;
    let right = r.max.x - 14.0;
    // Time left and limit, right-aligned on one edge.
    let (time, color) = clock_words(s, c);
    let limit = case::class(s.mirror, c).map_or(String::new(), |k| {
        w.f("queue.limit", &[("limit", &case::limit_short(k.limit, w))])
    });
    let time_x = pen.right(pos2(right, y1), &time, skin.bold(Role::Row), color);
    let mut limit_x = if c.due_at.is_some() {
        pen.right(pos2(right, y2), &limit, skin.regular(Role::Small), skin.t3)
    } else {
        right
    };
    let others = elsewhere::mark(pen, s, c.id, (limit_x - 11.0, y2));
    if others.is_some() {
        limit_x -= 18.0;
    }
    let reports = if c.reports > 1 {
        format!("×{}", c.reports)
    } else {
        String::new()
    };
    let note = if c.note.is_empty() {
        String::new()
    } else {
        format!(" · {}", c.note)
    };
    let name = case::class_name(s.mirror, c, w);
    let spans = [
        span(name, skin.bold(Role::Row), skin.t1),
        span(&note, skin.regular(Role::Row), skin.t2),
        span(&reports, skin.regular(Role::Row), skin.t3).after(5.0),
    ];
    pen.spans(pos2(x, y1), time_x - 8.0 - x, &spans);
    let state = case::state_words(s.mirror, c, w);
    let second = if c.address.is_empty() {
        state
    } else {
        format!("{} · {state}", c.address)
    };
    pen.left_within(
        pos2(x, y2),
        limit_x - 8.0 - x,
        &second,
        skin.regular(Role::Small),
        if chosen { skin.t2 } else { skin.t3 },
    );
    others
}
