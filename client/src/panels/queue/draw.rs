//! The case queue.

use super::QueueState;
use crate::facts::{case, severity_word};
use crate::i18n::{countdown, spell_span};
use crate::input::Zone;
use crate::live::Selection;
use crate::panels::console::{Acts, FocusZone, Scene};
use crate::panels::map::MapAct;
use crate::panels::model::queue::{self, Group, Line, STAGES, SortKey, StageFilter};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, chip, chip_at, chip_width, panel, row_ground};
use bevy_egui::egui::{
    Color32, Context, CornerRadius, CursorIcon, FontSelection, Frame, Id, Order, Rect, ScrollArea,
    Sense, TextEdit, Ui, UiBuilder, pos2, vec2,
};
use chengtu_engine::city::Severity;
use chengtu_engine::ids::{CaseId, DepartmentId};
use chengtu_engine::model::Stage;
use chengtu_engine::stream::CaseView;

const ROW: f32 = 46.0;
const HEADING: f32 = 28.0;
const MORE: f32 = 26.0;

/// Draws the queue.
pub fn draw(ctx: &Context, s: &Scene<'_>, st: &mut QueueState, out: &mut Acts) {
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
        list(
            ui,
            s,
            st,
            Rect::from_min_max(pos2(rect.min.x + 1.0, top), rect.max - vec2(1.0, 2.0)),
            out,
        );
        if s.zone == Zone::Queue {
            pen.focus_ring(rect, 8);
        }
    });
}

/// Title, chips, column heads; returns where the list begins.
fn header(ui: &mut Ui, pen: &Pen<'_>, s: &Scene<'_>, st: &mut QueueState, rect: Rect) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let (left, right) = (rect.min.x + 15.0, rect.max.x - 15.0);
    let y = rect.min.y + 25.0;
    let open = st.order.shown().open.to_string();
    let title = span(w.t("queue.title"), skin.bold(Role::Heading), skin.t1);
    pen.spans(
        pos2(left, y),
        200.0,
        &[
            title,
            span(&open, skin.regular(Role::Body), skin.t3).after(8.0),
        ],
    );
    let filter = w.t("queue.filter");
    let narrow = st.filter_open || st.filter.is_narrow();
    let width = chip_width(pen, filter);
    let filter_rect = Rect::from_min_size(pos2(right - width, y - 12.0), vec2(width, 24.0));
    if chip(
        ui,
        pen,
        filter_rect,
        Id::new("queue-filter"),
        filter,
        narrow,
    )
    .clicked()
    {
        st.filter_open = !st.filter_open;
    }
    let in_view = w.n("queue.in_view", st.order.shown().in_view);
    let width = chip_width(pen, &in_view);
    let view_rect = Rect::from_min_size(
        pos2(filter_rect.min.x - 8.0 - width, y - 12.0),
        vec2(width, 24.0),
    );
    if chip(
        ui,
        pen,
        view_rect,
        Id::new("queue-in-view"),
        &in_view,
        st.filter.in_view,
    )
    .clicked()
    {
        st.filter.in_view = !st.filter.in_view;
    }
    stages(ui, pen, s, st, rect);
    let mut y = rect.min.y + 81.0;
    if st.filter_open {
        y = filters(ui, pen, s, st, rect, y);
    }
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y, skin.line);
    columns(ui, pen, s, st, rect, y);
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y + 27.0, skin.line);
    y + 27.0
}

/// Stages, each with its count; those that find no room are reached by the filter's text.
fn stages(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, st: &mut QueueState, rect: Rect) {
    let w = s.words;
    let mut x = rect.min.x + 15.0;
    let right = rect.max.x - 15.0;
    let y = rect.min.y + 47.0;
    for stage in STAGES {
        let name = queue::stage_words(stage, w);
        let count = st.order.shown().by_stage[stage as usize];
        let label = if stage == StageFilter::All {
            name.to_string()
        } else {
            format!("{name} {count}")
        };
        if x + chip_width(pen, &label) > right + 1.0 {
            break;
        }
        let (response, to) = chip_at(
            ui,
            pen,
            x,
            y,
            24.0,
            Id::new(("queue-stage", stage as u8)),
            &label,
            st.filter.stage == stage,
        );
        if response.clicked() {
            st.filter.stage = stage;
        }
        x = to + 6.0;
    }
}

/// Text, severities, departments. Returns where they end.
fn filters(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut QueueState,
    rect: Rect,
    y: f32,
) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let (left, right) = (rect.min.x + 15.0, rect.max.x - 15.0);
    let field = Rect::from_min_max(pos2(left, y), pos2(right, y + 30.0));
    pen.plate(field, 6, skin.inset, skin.line);
    let edit = TextEdit::singleline(&mut st.filter.text)
        .id(Id::new("queue-text"))
        .hint_text(w.t("queue.text_hint"))
        .font(FontSelection::FontId(skin.regular(Role::Body)))
        .frame(Frame::NONE)
        .text_color(skin.t1)
        .char_limit(60);
    let response = ui.put(field.shrink2(vec2(10.0, 5.0)), edit);
    if response.has_focus() {
        pen.focus_ring(field, 6);
    }
    let mut x = left;
    let mut y = y + 38.0;
    for severity in [
        Severity::Severe,
        Severity::Urgent,
        Severity::Normal,
        Severity::Slight,
    ] {
        let label = severity_word(severity, w);
        let on = !st.filter.hidden[severity as usize];
        let width = chip_width(pen, label) + 14.0;
        let r = Rect::from_min_size(pos2(x, y), vec2(width, 24.0));
        let response = chip(
            ui,
            pen,
            r,
            Id::new(("queue-severity", severity as u8)),
            "",
            on,
        );
        let color = if on { skin.severity(severity) } else { skin.t4 };
        pen.severity_in(pos2(r.min.x + 14.0, r.center().y), 4.6, severity, color);
        pen.left(
            pos2(r.min.x + 24.0, r.center().y),
            label,
            skin.regular(Role::Small),
            if on { skin.t1 } else { skin.t3 },
        );
        if response.clicked() {
            st.filter.hidden[severity as usize] = on;
        }
        x += width + 6.0;
    }
    y += 32.0;
    x = left;
    let departments = s
        .mirror
        .hello
        .as_ref()
        .map(|h| h.city.departments.as_slice())
        .unwrap_or_default();
    for (i, d) in departments.iter().enumerate() {
        let label = w.name(&d.name, &d.name_en);
        let id = DepartmentId(i as u16);
        let width = chip_width(pen, label);
        if x + width > right + 1.0 {
            x = left;
            y += 30.0;
        }
        let (response, to) = chip_at(
            ui,
            pen,
            x,
            y,
            24.0,
            Id::new(("queue-department", i)),
            label,
            st.filter.department == Some(id),
        );
        if response.clicked() {
            st.filter.department = (st.filter.department != Some(id)).then_some(id);
        }
        x = to + 6.0;
    }
    y + 32.0
}

/// Column heads; a click sorts, a second one turns the order round.
fn columns(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, st: &mut QueueState, rect: Rect, y: f32) {
    let (skin, w) = (s.skin, s.words);
    let small = skin.regular(Role::Small);
    let middle = y + 14.0;
    let mut head = |x: f32, right: bool, key: SortKey, label: &str| -> f32 {
        let width = pen.width(label, small.clone());
        let x = if right { x - width - 11.0 } else { x };
        let hit = Rect::from_min_size(pos2(x - 4.0, y + 1.0), vec2(width + 19.0, 25.0));
        let response = ui.interact(hit, Id::new(("queue-sort", key as u8)), Sense::click());
        let on = st.sort.key == key;
        let color = if on || response.hovered() {
            skin.t1
        } else {
            skin.t3
        };
        pen.left(pos2(x, middle), label, small.clone(), color);
        if on {
            pen.sort_arrow(pos2(x + width + 7.0, middle), !st.sort.reversed, color);
        }
        if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
            st.sort.reversed = on && !st.sort.reversed;
            st.sort.key = key;
        }
        x + width + 11.0
    };
    let end = head(
        rect.min.x + 31.0,
        false,
        SortKey::Severity,
        w.t("queue.by_severity"),
    );
    head(end + 14.0, false, SortKey::Newest, w.t("queue.by_newest"));
    head(
        rect.max.x - 12.0,
        true,
        SortKey::Remaining,
        w.t("queue.by_remaining"),
    );
}

fn list(ui: &mut Ui, s: &Scene<'_>, st: &mut QueueState, rect: Rect, out: &mut Acts) {
    let chosen = s.selection.case();
    let lines = queue::lines(st.order.shown(), st.unfolded, st.cursor.or(chosen));
    let mut offsets = Vec::with_capacity(lines.len());
    let mut height = 0.0;
    for line in &lines {
        offsets.push(height);
        height += match line {
            Line::Heading(..) => HEADING,
            Line::Case(_) => ROW,
            Line::More(..) => MORE,
        };
    }
    let pointer = ui.input(|i| i.pointer.hover_pos());
    st.over_list = !s.picture && pointer.is_some_and(|p| rect.contains(p));
    if lines.is_empty() {
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
        pen.centre(
            pos2(rect.center().x, rect.min.y + 40.0),
            s.words.t(words),
            s.skin.regular(Role::Body),
            s.skin.t3,
        );
        return;
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.set_clip_rect(rect);
    ScrollArea::vertical()
        .id_salt("queue-list")
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, viewport| {
            ui.set_height(height);
            let origin = ui.min_rect().min;
            let first = offsets.partition_point(|y| *y < viewport.min.y - ROW);
            for (line, y) in lines.iter().zip(&offsets).skip(first) {
                if *y > viewport.max.y {
                    break;
                }
                let at = |h: f32| {
                    Rect::from_min_size(pos2(rect.min.x, origin.y + y), vec2(rect.width(), h))
                };
                match *line {
                    Line::Heading(group, n) => heading(ui, s, st, at(HEADING), group, n),
                    Line::More(group, n) => more(ui, s, st, at(MORE), group, n),
                    Line::Case(id) => {
                        // A row that changed its place moves there, unless the pointer is over the list.
                        let time_s = if s.picture { 0.0 } else { 0.24 };
                        let moving = ui.ctx().animate_value_with_time(
                            Id::new(("queue-y", id.0)),
                            *y,
                            time_s,
                        );
                        let r = at(ROW).translate(vec2(0.0, moving - y));
                        row(ui, s, st, r, id, out);
                    }
                }
            }
            if st.reveal {
                st.reveal = false;
                if let Some(i) = lines
                    .iter()
                    .position(|l| matches!(l, Line::Case(id) if Some(*id) == st.cursor))
                {
                    let r = Rect::from_min_size(
                        pos2(rect.min.x, origin.y + offsets[i] - HEADING),
                        vec2(rect.width(), ROW + 2.0 * HEADING),
                    );
                    ui.scroll_to_rect(r, None);
                }
            }
        });
}

fn heading(ui: &Ui, s: &Scene<'_>, st: &QueueState, r: Rect, group: Group, n: usize) {
    let (skin, w) = (s.skin, s.words);
    let pen = Pen {
        painter: ui.painter(),
        skin,
    };
    pen.painter.rect_filled(r, CornerRadius::ZERO, skin.group);
    let color = if group == Group::Overdue {
        skin.late
    } else {
        skin.t1
    };
    let label = format!("{} {n}", queue::group_words(group, w));
    let oldest = if group == Group::Overdue && st.order.shown().oldest_overdue_s > 0.0 {
        w.f(
            "queue.oldest",
            &[("time", &spell_span(st.order.shown().oldest_overdue_s, w))],
        )
    } else if group == Group::Later && st.order.waiting > 0 {
        w.n("queue.held_back", st.order.waiting)
    } else {
        String::new()
    };
    let spans = [
        span(&label, skin.bold(Role::Small), color),
        span(&oldest, skin.regular(Role::Small), skin.t3).after(8.0),
    ];
    pen.spans(pos2(r.min.x + 14.0, r.center().y), r.width() - 28.0, &spans);
    pen.hline(r.min.x, r.max.x, r.max.y - 0.5, skin.line);
}

fn more(ui: &Ui, s: &Scene<'_>, st: &mut QueueState, r: Rect, group: Group, n: usize) {
    let skin = s.skin;
    let pen = Pen {
        painter: ui.painter(),
        skin,
    };
    let response = ui.interact(r, Id::new(("queue-more", group as u8)), Sense::click());
    row_ground(&pen, r, response.hovered(), false, skin.t1);
    let key = match group {
        Group::Overdue => "queue.more_overdue",
        Group::WithinHour | Group::Later => "queue.more",
    };
    let color = if response.hovered() { skin.t1 } else { skin.t3 };
    pen.left(
        pos2(r.min.x + 38.0, r.center().y),
        &s.words.n(key, n),
        skin.regular(Role::Small),
        color,
    );
    pen.hline(r.min.x, r.max.x, r.max.y - 0.5, skin.row_line);
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        st.unfolded[group as usize] = true;
    }
}

/// Time left of a case, or why there is none; and its colour.
fn clock_words(s: &Scene<'_>, c: &CaseView) -> (String, Color32) {
    let (skin, w) = (s.skin, s.words);
    if !c.stage.is_open() {
        return (case::stage_word(c.stage, w).to_string(), skin.t3);
    }
    match case::remaining_s(c, s.now) {
        Some(t) if t < 0.0 => (countdown(t, w), skin.late),
        Some(t) if c.stage == Stage::Handled => (countdown(t, w), skin.t3),
        Some(t) => (countdown(t, w), skin.t1),
        None => (w.t("queue.no_clock").to_string(), skin.t3),
    }
}

fn row(ui: &Ui, s: &Scene<'_>, st: &mut QueueState, r: Rect, id: CaseId, out: &mut Acts) {
    let Some(c) = s.mirror.cases.get(&id) else {
        return;
    };
    let (skin, w) = (s.skin, s.words);
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
    let limit_x = if c.due_at.is_some() {
        pen.right(pos2(right, y2), &limit, skin.regular(Role::Small), skin.t3)
    } else {
        right
    };
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
    pen.hline(r.min.x, r.max.x, r.max.y - 0.5, skin.row_line);
    if response.hovered() {
        out.push(MapAct::Hover(Selection::Case(id)));
    }
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        out.push(FocusZone(Zone::Queue));
        st.cursor = Some(id);
        out.push(MapAct::SelectAndFly(Selection::Case(id)));
    }
}
