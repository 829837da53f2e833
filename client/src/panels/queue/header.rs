//! What stands above the case queue: title, chips, filters, what they hide, column heads, the order in words.

use super::QueueState;
use crate::facts::severity_word;
use crate::i18n::spell_span;
use crate::panels::console::Scene;
use crate::panels::model::queue::{self, Filter, STAGES, Sort, SortKey, StageFilter};
use crate::panels::pen::{Pen, Span, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{chip, chip_at, chip_width};
use bevy_egui::egui::{
    CornerRadius, CursorIcon, FontSelection, Frame, Id, Rect, Sense, TextEdit, Ui, pos2, vec2,
};
use chengtu_engine::city::Severity;
use chengtu_engine::ids::DepartmentId;

/// Title, chips, column heads; returns where the list begins.
pub(super) fn header(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut QueueState,
    rect: Rect,
) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let (left, right) = (rect.min.x + 15.0, rect.max.x - 15.0);
    let y = rect.min.y + 25.0;
    let open = count(s, st);
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
    let in_view = if s.mirror.is_ready() {
        w.n("queue.in_view", st.order.shown().in_view)
    } else {
        w.n("queue.in_view", w.t("figure.loading"))
    };
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
    let mut y = stages(ui, pen, s, st, rect);
    if st.filter_open {
        y = filters(ui, pen, s, st, rect, y);
    }
    // Not only while it hides something: rows stay where they are when a case comes or goes.
    if st.filter != Filter::default() {
        y = hidden(ui, pen, s, st, rect, y);
    }
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y, skin.line);
    columns(ui, pen, s, st, rect, y);
    let y = order(pen, s, st, rect, y + 27.0);
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y, skin.line);
    y
}

/// How many cases there are: all of them, or those listed of all.
fn count(s: &Scene<'_>, st: &QueueState) -> String {
    let q = st.order.shown();
    if !s.mirror.is_ready() {
        s.words.t("figure.loading").to_string()
    } else if q.hidden() > 0 {
        format!("{} / {}", q.cases.len(), q.open)
    } else {
        q.open.to_string()
    }
}

/// How many cases the filters hide, whether their row is open or not, and the way to see them. Returns where it ends.
fn hidden(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, st: &mut QueueState, rect: Rect, y: f32) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let strip = Rect::from_min_max(pos2(rect.min.x + 1.0, y), pos2(rect.max.x - 1.0, y + 36.0));
    pen.painter
        .rect_filled(strip, CornerRadius::ZERO, skin.group);
    pen.hatch(
        Rect::from_min_size(strip.min, vec2(8.0, strip.height())),
        skin.too_few,
    );
    let label = w.t("queue.show_all");
    let x = rect.max.x - 15.0 - chip_width(pen, label);
    let id = Id::new("queue-show-all");
    let (response, _) = chip_at(ui, pen, x, y + 6.0, 24.0, id, label, false);
    if response.clicked() {
        st.filter.clear();
    }
    let text = w.n("queue.hidden", st.order.shown().hidden());
    let at = pos2(rect.min.x + 18.0, y + 18.0);
    pen.left_within(at, x - 8.0 - at.x, &text, skin.bold(Role::Small), skin.t1);
    y + 36.0
}

/// How the list is ordered, in words, and what of it is late. Returns where it ends.
fn order(pen: &Pen<'_>, s: &Scene<'_>, st: &QueueState, rect: Rect, y: f32) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let q = st.order.shown();
    let (x, room) = (rect.min.x + 15.0, rect.width() - 30.0);
    let small = || skin.regular(Role::Small);
    let mut y = y;
    let mut line = |spans: &[Span<'_>]| {
        pen.spans(pos2(x, y + 10.0), room, spans);
        y += 20.0;
    };
    if st.sort == Sort::default() {
        line(&[span(w.t("queue.order"), small(), skin.t3)]);
    }
    let late = w.n("queue.late", q.late);
    let span_s = spell_span(q.latest_s, w);
    let longest = w.f("queue.oldest", &[("time", &span_s)]);
    let more = w.n("queue.held_back", st.order.waiting);
    let mut spans = Vec::new();
    if q.late > 0 && s.mirror.is_ready() {
        let color = if s.is_lost() { skin.t3 } else { skin.late };
        spans.push(span(&late, skin.bold(Role::Small), color));
        spans.push(span(&longest, small(), skin.t3).after(8.0));
    }
    if st.order.waiting > 0 {
        spans.push(span(&more, skin.bold(Role::Small), skin.t1).after(14.0));
    }
    // The line is there also while it says nothing: rows do not move under the pointer.
    line(&spans);
    y + 2.0
}

/// Stages, each with its count; those that find no room in a line go into the next. Returns where they end.
fn stages(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, st: &mut QueueState, rect: Rect) -> f32 {
    let w = s.words;
    let mut x = rect.min.x + 15.0;
    let right = rect.max.x - 15.0;
    let mut y = rect.min.y + 47.0;
    for stage in STAGES {
        let name = queue::stage_words(stage, w);
        let count = st.order.shown().by_stage[stage as usize];
        let label = if stage == StageFilter::All || !s.mirror.is_ready() {
            name.to_string()
        } else {
            format!("{name} {count}")
        };
        if x + chip_width(pen, &label) > right + 1.0 {
            x = rect.min.x + 15.0;
            y += 30.0;
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
    y + 34.0
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
        rect.min.x + 15.0,
        false,
        SortKey::Urgency,
        w.t("queue.by_urgency"),
    );
    let end = head(
        end + 14.0,
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
