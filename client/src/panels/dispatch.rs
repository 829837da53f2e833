//! Dispatch: the ranked units and why each stands where it does, the button, and what happens after it.

use super::detail::PAD;
use super::history;
use super::model::case;
use super::model::ranking::{self, RankRow};
use super::pen::{Pen, span};
use super::refusal;
use super::skin::Role;
use super::state::{Action, PanelState, Scene};
use super::widgets::{button, chip, chip_width, row_ground, small_button};
use crate::i18n::{arrival, countdown, length_km, spell_span};
use crate::input::Zone;
use crate::live::Selection;
use bevy_egui::egui::{
    CornerRadius, CursorIcon, Id, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, pos2,
    vec2,
};
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::model::{Stage, UnitStatus};
use chengtu_engine::stream::{CaseView, UnitView};

const ROW: f32 = 52.0;
const FOOT: f32 = 72.0;

/// Draws the lower part of a case's panel.
pub fn show(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut PanelState,
    rect: Rect,
    c: &CaseView,
    out: &mut Vec<Action>,
) {
    if s.is_past() {
        // What was done is shown; what could be done now is not there to be pressed.
        st.reassign = false;
        return if c.units.is_empty() || !takes_units(c) {
            history::show(ui, pen, s, rect, c, out);
        } else {
            progress(ui, pen, s, st, rect, c, out);
        };
    }
    if !takes_units(c) {
        let foot = if c.stage == Stage::Handled {
            check(ui, pen, s, st, rect, c, out)
        } else {
            rect.max.y
        };
        return history::show(
            ui,
            pen,
            s,
            Rect::from_min_max(rect.min, pos2(rect.max.x, foot)),
            c,
            out,
        );
    }
    if c.units.is_empty() || st.reassign {
        table(ui, pen, s, st, rect, c, out);
    } else {
        progress(ui, pen, s, st, rect, c, out);
    }
}

/// True at the stages that units can be sent to.
pub fn takes_units(c: &CaseView) -> bool {
    matches!(
        c.stage,
        Stage::Filed | Stage::Dispatched | Stage::InProgress
    )
}

/// The command that sends a unit to a case: in place of the first unit where another is wanted.
pub fn command(c: &CaseView, reassign: bool, row: &RankRow) -> CommandRequest {
    let expected_s = row.seconds.map(|s| s.round() as u32);
    match (reassign, c.units.first()) {
        (true, Some(from)) => CommandRequest::ReassignCase {
            case: c.id,
            from: *from,
            to: row.unit,
            expected_s,
        },
        _ => CommandRequest::DispatchUnit {
            unit: row.unit,
            target: Target::Case(c.id),
            expected_s,
        },
    }
}

/// Rows of the table as shown: those with the skill only, where that is asked for.
pub fn rows(s: &Scene<'_>, st: &PanelState, c: &CaseView) -> Option<Vec<RankRow>> {
    let ranking = s.rankings.get(c.id)?;
    let mut rows = ranking::rows(s.mirror, c, &ranking.rows, s.words);
    if st.only_skilled {
        rows.retain(|r| r.skilled);
    }
    Some(rows)
}

fn table(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut PanelState,
    rect: Rect,
    c: &CaseView,
    out: &mut Vec<Action>,
) {
    let (skin, w) = (s.skin, s.words);
    let (x, right, y) = (rect.min.x + PAD, rect.max.x - PAD, rect.min.y);
    let title = span(w.t("dispatch.title"), skin.bold(Role::Row), skin.t1);
    let caption = span(w.t("dispatch.order"), skin.regular(Role::Small), skin.t3).after(8.0);
    pen.spans(pos2(x, y + 22.0), 270.0, &[title, caption]);
    let all = s
        .rankings
        .get(c.id)
        .map(|r| ranking::rows(s.mirror, c, &r.rows, w));
    let skilled = all
        .as_ref()
        .map_or(0, |rows| rows.iter().filter(|r| r.skilled).count());
    if skilled > 0 {
        let label = w.n("dispatch.only_skilled", skilled);
        let width = chip_width(pen, &label);
        let r = Rect::from_min_size(pos2(right - width, y + 10.0), vec2(width, 24.0));
        if chip(ui, pen, r, Id::new("only-skilled"), &label, st.only_skilled).clicked() {
            st.only_skilled = !st.only_skilled;
        }
    }
    let columns = [right - 101.0, right - 40.0, right];
    for (at, key) in
        columns
            .into_iter()
            .zip(["dispatch.arrival", "dispatch.length", "dispatch.handled"])
    {
        pen.right(
            pos2(at, y + 52.0),
            w.t(key),
            skin.regular(Role::Small),
            skin.t3,
        );
    }
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y + 62.0, skin.line);
    let rows = rows(s, st, c);
    let offered = rows
        .as_ref()
        .and_then(|rows| ranking::offer(rows, st.unit, &st.refused_units()));
    let list = Rect::from_min_max(
        pos2(rect.min.x + 1.0, y + 62.5),
        pos2(rect.max.x - 1.0, rect.max.y - FOOT),
    );
    match &rows {
        None => {
            let key = if s.is_live() {
                "dispatch.asking"
            } else {
                "dispatch.no_line"
            };
            pen.centre(
                pos2(list.center().x, list.min.y + 34.0),
                w.t(key),
                skin.regular(Role::Body),
                skin.t3,
            );
        }
        Some(rows) if rows.is_empty() => {
            pen.centre(
                pos2(list.center().x, list.min.y + 34.0),
                w.t("dispatch.nobody"),
                skin.regular(Role::Body),
                skin.t3,
            );
        }
        Some(rows) => {
            let mut child = ui.new_child(UiBuilder::new().max_rect(list));
            child.set_clip_rect(list);
            ScrollArea::vertical()
                .id_salt("units")
                .auto_shrink(false)
                .show_viewport(&mut child, |ui, viewport| {
                    ui.set_height(rows.len() as f32 * ROW);
                    let origin = ui.min_rect().min;
                    for (i, row) in rows.iter().enumerate() {
                        let top = i as f32 * ROW;
                        if top + ROW < viewport.min.y || top > viewport.max.y {
                            continue;
                        }
                        let r = Rect::from_min_size(
                            pos2(list.min.x, origin.y + top),
                            vec2(list.width(), ROW),
                        );
                        unit_row(ui, s, st, r, row, offered == Some(i), columns, out);
                    }
                });
        }
    }
    foot(ui, pen, s, st, rect, c, rows.as_deref(), offered, out);
}

fn unit_row(
    ui: &Ui,
    s: &Scene<'_>,
    st: &mut PanelState,
    r: Rect,
    row: &RankRow,
    offered: bool,
    columns: [f32; 3],
    out: &mut Vec<Action>,
) {
    let (skin, w) = (s.skin, s.words);
    let pen = Pen {
        painter: ui.painter(),
        skin,
    };
    let response = ui.interact(r, Id::new(("unit-row", row.unit.0)), Sense::click());
    if offered {
        pen.painter
            .rect_filled(r, CornerRadius::ZERO, skin.best_row);
        let edge = Rect::from_min_size(r.min, vec2(3.0, r.height()));
        pen.painter
            .rect_filled(edge, CornerRadius::ZERO, skin.action);
    } else {
        row_ground(
            &pen,
            r,
            response.hovered(),
            st.unit == Some(row.unit),
            skin.t1,
        );
    }
    let (y1, y2) = (r.min.y + 18.5, r.min.y + 37.5);
    pen.centre(
        pos2(r.min.x + 16.0, r.center().y),
        &row.rank.to_string(),
        skin.regular(Role::Small),
        skin.t3,
    );
    pen.unit(
        pos2(r.min.x + 37.0, r.center().y),
        10.0,
        row.status,
        s.icons.fleet(&row.fleet),
    );
    let x = r.min.x + 56.0;
    let refusal = st
        .refusals
        .iter()
        .rev()
        .find(|f| super::state::sent_unit(&f.request) == Some(row.unit));
    let dim = !row.free || refusal.is_some();
    let mut about = case::status_word(row.status, w).to_string();
    if row.skilled {
        about = format!("{about} · {}", w.t("dispatch.skilled"));
    }
    let spans = [
        span(
            &row.sign,
            skin.bold(Role::Row),
            if dim { skin.t2 } else { skin.t1 },
        ),
        span(&about, skin.regular(Role::Small), skin.t3).after(8.0),
    ];
    pen.spans(pos2(x, y1), columns[0] - 58.0 - x, &spans);
    let (reason, color) = match refusal {
        // The refusal stands where the reason stood: where the eye is.
        Some(f) => (refusal::words(s, f), skin.late),
        None => (row.reason.clone(), skin.t3),
    };
    pen.left_within(
        pos2(x, y2),
        r.max.x - PAD + 1.0 - x,
        &reason,
        skin.regular(Role::Small),
        color,
    );
    let time = row.seconds.map_or("—".into(), arrival);
    pen.right(
        pos2(columns[0], y1),
        &time,
        skin.bold(Role::Row),
        if dim { skin.t3 } else { skin.t1 },
    );
    let length = row.length_m.map_or("—".into(), length_km);
    pen.right(
        pos2(columns[1], y1),
        &length,
        skin.regular(Role::Body),
        skin.t2,
    );
    pen.right(
        pos2(columns[2], y1),
        &row.handled.to_string(),
        skin.regular(Role::Body),
        skin.t2,
    );
    pen.hline(r.min.x, r.max.x, r.max.y - 0.5, skin.row_line);
    if response.hovered() {
        out.push(Action::Hover(Selection::Unit(row.unit)));
    }
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        st.unit = Some(row.unit);
        st.zone = Zone::Dispatch;
    }
}

fn foot(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut PanelState,
    rect: Rect,
    c: &CaseView,
    rows: Option<&[RankRow]>,
    offered: Option<usize>,
    out: &mut Vec<Action>,
) {
    let (skin, w) = (s.skin, s.words);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    let top = rect.max.y - FOOT;
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, top, skin.line);
    let other = if st.reassign {
        w.t("dispatch.keep")
    } else {
        w.t("dispatch.void")
    };
    let other_width = (pen.width(other, skin.regular(Role::Body)) + 36.0).max(64.0);
    let rect_other = Rect::from_min_size(
        pos2(right - other_width, top + 13.0),
        vec2(other_width, 44.0),
    );
    let main = Rect::from_min_max(
        pos2(x, top + 13.0),
        pos2(rect_other.min.x - 8.0, top + 57.0),
    );
    if st.reassign {
        if button(ui, pen, rect_other, Id::new("dispatch-keep"), other, true) {
            st.reassign = false;
        }
    } else if button(
        ui,
        pen,
        rect_other,
        Id::new("dispatch-void"),
        other,
        s.may_command() && s.is_live(),
    ) {
        out.push(Action::Command(CommandRequest::VoidCase {
            case: c.id,
            reason: w.t("dispatch.void_reason").into(),
        }));
    }
    let sending = st
        .sending
        .as_ref()
        .filter(|p| refusal::concerns_case(&p.request, c.id));
    let row = offered.and_then(|i| rows?.get(i));
    let able = row.is_some() && sending.is_none() && s.may_command() && s.is_live();
    let response = ui.interact(
        main,
        Id::new("dispatch-button"),
        if able { Sense::click() } else { Sense::hover() },
    );
    let fill = if !able && sending.is_none() {
        skin.inset
    } else if response.is_pointer_button_down_on() {
        skin.action_press
    } else if able && response.hovered() {
        skin.action_hover
    } else {
        skin.action_fill
    };
    pen.painter.rect_filled(main, CornerRadius::same(6), fill);
    if st.zone == Zone::Dispatch || response.has_focus() {
        let ring = main.expand(3.0);
        pen.painter.rect_stroke(
            ring,
            CornerRadius::same(8),
            Stroke::new(1.5, skin.action),
            StrokeKind::Inside,
        );
    }
    let verb = if st.reassign {
        "dispatch.send_instead"
    } else {
        "dispatch.send"
    };
    let at = pos2(main.min.x + 14.0, main.center().y);
    if let Some(row) = row {
        let label = w.f(verb, &[("unit", &row.sign)]);
        let expected = row.seconds.map(|t| s.now.plus_seconds(t.round() as i64));
        let when = expected.map_or(String::new(), |t| {
            w.f("dispatch.expected", &[("time", &s.time.hms(t))])
        });
        let (t1, t2) = if able || sending.is_some() {
            (skin.on_action, skin.on_action_2)
        } else {
            (skin.t4, skin.t4)
        };
        let cap = if able {
            pen.key_cap(pos2(main.max.x - 12.0, main.center().y), "Enter", t2, t2)
        } else {
            main.max.x - 12.0
        };
        let spans = [
            span(&label, skin.bold_px(16.0), t1),
            span(&when, skin.regular(Role::Body), t2).after(10.0),
        ];
        pen.spans(at, cap - 8.0 - at.x, &spans);
    } else {
        let key = if rows.is_some() {
            "dispatch.none_free"
        } else {
            "dispatch.asking"
        };
        pen.left(at, w.t(key), skin.regular(Role::Body), skin.t4);
    }
    if let Some(p) = sending {
        // The label stays; a thin bar runs along the foot of the button.
        let t = (p.since.elapsed().as_secs_f32() / 1.2).fract();
        let bar = Rect::from_min_size(
            pos2(main.min.x + (main.width() - 80.0) * t, main.max.y - 3.0),
            vec2(80.0, 2.0),
        );
        pen.painter
            .rect_filled(bar, CornerRadius::same(1), skin.on_action);
        ui.ctx().request_repaint();
    }
    if able
        && response.on_hover_cursor(CursorIcon::PointingHand).clicked()
        && let Some(row) = row
    {
        out.push(Action::Command(command(c, st.reassign, row)));
    }
}

/// After the dispatch: how far the unit is.
fn progress(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut PanelState,
    rect: Rect,
    c: &CaseView,
    out: &mut Vec<Action>,
) {
    let (skin, w) = (s.skin, s.words);
    let x = rect.min.x + PAD;
    pen.left(
        pos2(x, rect.min.y + 22.0),
        w.t("progress.title"),
        skin.bold(Role::Row),
        skin.t1,
    );
    let mut y = rect.min.y + 40.0;
    for id in &c.units {
        if let Some(u) = s.mirror.units.get(id) {
            y = unit_progress(ui, pen, s, st, rect, y, c, u, out);
        }
    }
    y += 6.0;
    if s.may_command() {
        let (again, left) = small_button(
            ui,
            pen,
            rect.max.x - PAD,
            y + 14.0,
            Id::new("reassign"),
            w.t("progress.reassign"),
            s.is_live(),
        );
        if again {
            st.reassign = true;
            st.unit = None;
            st.zone = Zone::Dispatch;
        }
        let first = c.units.first().copied();
        let (recall, _) = small_button(
            ui,
            pen,
            left - 8.0,
            y + 14.0,
            Id::new("recall"),
            w.t("progress.recall"),
            s.is_live(),
        );
        if let (true, Some(unit)) = (recall, first) {
            out.push(Action::Command(CommandRequest::RecallUnit { unit }));
        }
        pen.left(
            pos2(x, y + 14.0),
            w.t("progress.keys"),
            skin.regular(Role::Small),
            skin.t3,
        );
        y += 40.0;
    }
    if let Some(f) = st.refusals.last() {
        pen.left_within(
            pos2(x, y + 4.0),
            rect.width() - 2.0 * PAD,
            &refusal::words(s, f),
            skin.regular(Role::Body),
            skin.late,
        );
        y += 22.0;
    }
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y, skin.line);
    history::show(
        ui,
        pen,
        s,
        Rect::from_min_max(pos2(rect.min.x, y), rect.max),
        c,
        out,
    );
}

/// One unit's way: sign, what is left of the way, three steps. 104 high.
fn unit_progress(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut PanelState,
    rect: Rect,
    y: f32,
    c: &CaseView,
    u: &UnitView,
    out: &mut Vec<Action>,
) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    let hit = Rect::from_min_max(pos2(rect.min.x + 1.0, y), pos2(rect.max.x - 1.0, y + 44.0));
    let response = ui.interact(hit, Id::new(("progress-unit", u.id.0)), Sense::click());
    row_ground(pen, hit, response.hovered(), false, skin.t1);
    pen.unit(
        pos2(x + 11.0, y + 22.0),
        11.0,
        u.status,
        s.icons.fleet(&u.fleet),
    );
    let sign = w.name(&u.call_sign, &u.call_sign_en);
    pen.left(
        pos2(x + 32.0, y + 14.0),
        sign,
        skin.bold(Role::Row),
        skin.t1,
    );
    let since = spell_span(s.now.seconds_since(u.since), w);
    let status = w.f(
        "unit.status_since",
        &[("status", case::status_word(u.status, w)), ("span", &since)],
    );
    pen.left(
        pos2(x + 32.0, y + 32.0),
        &status,
        skin.regular(Role::Small),
        skin.t3,
    );
    let here = u.assignment.as_ref().filter(|a| a.case == Some(c.id));
    match (u.status, here.and_then(|a| a.expected_at)) {
        (UnitStatus::Assigned | UnitStatus::EnRoute, Some(at)) => {
            let left_s = at.seconds_since(s.now);
            let (text, color) = if left_s >= 0.0 {
                (countdown(left_s, w), skin.t1)
            } else {
                (
                    w.f("progress.late", &[("time", &arrival(-left_s))]),
                    skin.late,
                )
            };
            pen.right(pos2(right, y + 13.0), &text, skin.bold(Role::Figure), color);
            let expected = w.f("dispatch.expected", &[("time", &s.time.hms(at))]);
            pen.right(
                pos2(right, y + 33.0),
                &expected,
                skin.regular(Role::Small),
                skin.t3,
            );
        }
        (UnitStatus::OnScene, _) => {
            let at = here.and_then(|a| a.arrived_at).unwrap_or(u.since);
            let text = w.f("progress.on_scene_since", &[("time", &s.time.hms(at))]);
            pen.right(
                pos2(right, y + 22.0),
                &text,
                skin.regular(Role::Body),
                skin.t1,
            );
        }
        _ => {}
    }
    if response.hovered() {
        out.push(Action::Hover(Selection::Unit(u.id)));
    }
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        st.zone = Zone::Map;
        out.push(Action::SelectAndFly(Selection::Unit(u.id)));
    }
    steps(pen, s, u, x, right, y + 44.0);
    y + 104.0
}

/// Assigned — en route — on scene, with times.
pub fn steps(pen: &Pen<'_>, s: &Scene<'_>, u: &UnitView, x: f32, right: f32, y: f32) {
    let (skin, w) = (s.skin, s.words);
    let Some(a) = &u.assignment else { return };
    let steps = [
        (UnitStatus::Assigned, Some(a.at)),
        (UnitStatus::EnRoute, a.acknowledged_at),
        (UnitStatus::OnScene, a.arrived_at),
    ];
    let at = steps.iter().rposition(|(_, t)| t.is_some()).unwrap_or(0);
    let inset = 44.0;
    let step = (right - x - 2.0 * inset) / 2.0;
    let centre = |i: usize| pos2(x + inset + step * i as f32, y + 18.0);
    for i in 1..steps.len() {
        let color = if i <= at {
            skin.unit(steps[at].0).main
        } else {
            skin.line
        };
        pen.painter.line_segment(
            [centre(i - 1) + vec2(12.0, 0.0), centre(i) - vec2(12.0, 0.0)],
            Stroke::new(2.0, color),
        );
    }
    for (i, (status, time)) in steps.into_iter().enumerate() {
        if time.is_some() {
            pen.unit(centre(i), 7.0, status, None);
        } else {
            pen.painter
                .circle_stroke(centre(i), 5.0, Stroke::new(1.5, skin.line_strong));
        }
        let color = if i == at { skin.t1 } else { skin.t3 };
        let label = case::status_word(status, w);
        let text = time.map_or(label.to_string(), |t| format!("{label} {}", s.time.hms(t)));
        pen.centre(
            pos2(centre(i).x, y + 40.0),
            &text,
            skin.regular(Role::Small),
            color,
        );
    }
}

/// The two buttons of a case that is said to be done. Returns where they begin.
fn check(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &PanelState,
    rect: Rect,
    c: &CaseView,
    out: &mut Vec<Action>,
) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let top = rect.max.y - FOOT;
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, top, skin.line);
    let able = s.may_command() && s.is_live() && st.sending.is_none();
    let width = (rect.width() - 2.0 * PAD - 8.0) / 2.0;
    for (i, (passed, key)) in [(true, "check.passed"), (false, "check.failed")]
        .into_iter()
        .enumerate()
    {
        let r = Rect::from_min_size(
            pos2(rect.min.x + PAD + (width + 8.0) * i as f32, top + 13.0),
            vec2(width, 44.0),
        );
        if button(ui, pen, r, Id::new(("check", passed)), w.t(key), able) {
            out.push(Action::Command(CommandRequest::CheckCase {
                case: c.id,
                passed,
            }));
        }
    }
    if let Some(f) = st.refusals.last() {
        let at = pos2(rect.min.x + PAD, top - 14.0);
        pen.left_within(
            at,
            rect.width() - 2.0 * PAD,
            &refusal::words(s, f),
            skin.regular(Role::Body),
            skin.late,
        );
        return top - 28.0;
    }
    top
}
