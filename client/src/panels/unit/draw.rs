//! The panel of a unit.

use super::confirm;
use super::scene::UnitScene;
use super::state::UnitState;
use crate::facts::unit::{actor_words, status_word};
use crate::facts::{case, skill_word};
use crate::i18n::{countdown, distance, short_span, spell_span};
use crate::live::Selection;
use crate::panels::console::Acts;
use crate::panels::detail::{PAD, close};
use crate::panels::dispatch::steps;
use crate::panels::map::MapAct;
use crate::panels::pen::Pen;
use crate::panels::refusal;
use crate::panels::skin::Role;
use crate::panels::widgets::{fact, press, small_button};
use bevy_egui::egui::{Id, Pos2, Rect, Ui, pos2};
use chengtu_engine::model::UnitStatus;
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::UnitView;

/// Draws the panel.
pub fn draw(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &UnitScene<'_>,
    st: &UnitState,
    rect: Rect,
    u: &UnitView,
    out: &mut Acts,
) {
    let (skin, w) = (s.skin, s.words);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    close(ui, pen, s, rect, out);
    head(pen, s, rect, u);
    let mut y = rect.min.y + 120.0;
    if let Some(a) = &u.assignment {
        y = task(ui, pen, s, rect, y, u, out);
        if let (Some(at), UnitStatus::Assigned | UnitStatus::EnRoute) = (a.expected_at, u.status) {
            let left_s = at.seconds_since(s.now).max(0.0);
            let arrival = format!("{} · {}", countdown(left_s, w), s.time.hms(at));
            let label = w.t("unit.arrival");
            fact(pen, x, x + 84.0, right, y + 12.0, label, &arrival);
            y += 22.0;
        }
        steps(pen, s, u, x, right, y);
        y += 56.0;
    }
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y + 4.0, skin.line);
    y = facts(pen, s, rect, y + 18.0, u) + 12.0;
    buttons(ui, pen, s, st, pos2(right, y + 14.0), u, out);
    if let Some(f) = &st.refusal {
        pen.left_within(
            pos2(x, y + 48.0),
            right - x,
            &refusal::words(s, f),
            skin.regular(Role::Body),
            skin.late,
        );
    }
}

/// Call sign, department and skills; what it does, since when.
fn head(pen: &Pen<'_>, s: &UnitScene<'_>, rect: Rect, u: &UnitView) {
    let (skin, w) = (s.skin, s.words);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    let y = rect.min.y;
    pen.unit(
        pos2(x + 12.0, y + 34.0),
        12.0,
        u.status,
        s.icons.fleet(&u.fleet),
    );
    pen.left(
        pos2(x + 36.0, y + 25.0),
        w.name(&u.call_sign, &u.call_sign_en),
        skin.bold(Role::Title),
        skin.t1,
    );
    let departments = s
        .mirror
        .hello
        .as_ref()
        .map(|h| h.city.departments.as_slice())
        .unwrap_or_default();
    let mut about: Vec<String> = departments
        .get(usize::from(u.department.0))
        .map(|d| w.name(&d.name, &d.name_en).to_string())
        .into_iter()
        .collect();
    about.extend(u.skills.iter().map(|k| skill_word(k, w).to_string()));
    pen.left_within(
        pos2(x + 36.0, y + 47.0),
        right - x - 36.0,
        &about.join(" · "),
        skin.regular(Role::Small),
        skin.t3,
    );
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y + 68.0, skin.line);
    let since = spell_span(s.now.seconds_since(u.since), w);
    pen.left(
        pos2(x, y + 94.0),
        status_word(u.status, w),
        skin.bold(Role::Figure),
        skin.unit(u.status).main,
    );
    pen.right(
        pos2(right, y + 94.0),
        &w.f(
            "unit.since",
            &[("time", &s.time.when(u.since, s.now)), ("span", &since)],
        ),
        skin.regular(Role::Body),
        skin.t2,
    );
}

/// Speed, age and place of its newest position, what it has handled, its way. Returns where they end.
fn facts(pen: &Pen<'_>, s: &UnitScene<'_>, rect: Rect, y: f32, u: &UnitView) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    let mut y = y;
    let mut line = |label: &str, value: &str| {
        fact(pen, x, x + 84.0, right, y + 8.0, label, value);
        y += 22.0;
    };
    match s.mirror.mover(u.mover) {
        Some(m) => {
            line(w.t("unit.speed"), &format!("{:.0} km/h", m.speed_mps * 3.6));
            let age_s = s.now.seconds_since(m.fix_time).max(0.0);
            let age = w.f(
                "unit.heard_ago",
                &[
                    ("span", &short_span(age_s, w)),
                    ("time", &s.time.when_exactly(m.fix_time, s.now)),
                ],
            );
            let age = if age_s > skin.stale_s {
                format!("{age} · {}", w.t("unit.stale"))
            } else {
                age
            };
            line(w.t("unit.heard"), &age);
            let p = m.position.lon_lat();
            line(
                w.t("unit.position"),
                &format!("{:.5}, {:.5}", p.lon_deg, p.lat_deg),
            );
        }
        None => line(w.t("unit.heard"), w.t("unit.never_heard")),
    }
    line(w.t("unit.handled"), &w.n("unit.handled_cases", u.handled));
    if let Some(route) = s.routes.get(u.id).filter(|_| u.assignment.is_some()) {
        line(w.t("unit.way"), &distance(route.length_m));
    }
    y
}

/// Follow and recall, from the right.
fn buttons(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &UnitScene<'_>,
    st: &UnitState,
    at: Pos2,
    u: &UnitView,
    out: &mut Acts,
) {
    let w = s.words;
    let follow = s.following == Some(u.id);
    let key = if follow {
        "unit.unfollow"
    } else {
        "unit.follow"
    };
    let id = Id::new("unit-follow");
    let (clicked, left) = small_button(ui, pen, at.x, at.y, id, w.t(key), true);
    if clicked {
        out.push(MapAct::Follow((!follow).then_some(u.id)));
    }
    if u.assignment.is_some() && s.may(Permission::SendUnits) {
        let able = s.is_live() && st.sending.is_none();
        let id = Id::new(("unit-recall", u.id.0));
        let label = w.t("progress.recall");
        let (clicked, _) = small_button(ui, pen, left - 8.0, at.y, id, label, able);
        if clicked {
            confirm::recall(s, u, out);
        }
    }
}

/// What the unit is sent to: a case, or a mere place.
fn task(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &UnitScene<'_>,
    rect: Rect,
    y: f32,
    u: &UnitView,
    out: &mut Acts,
) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    let Some(a) = &u.assignment else { return y };
    let by = actor_words(s.mirror, &a.by, w);
    let Some(c) = a.case.and_then(|id| s.mirror.cases.get(&id)) else {
        fact(
            pen,
            x,
            x + 84.0,
            right,
            y + 12.0,
            w.t("unit.task"),
            &w.f("unit.task_place", &[("by", &by)]),
        );
        return y + 26.0;
    };
    let r = Rect::from_min_max(
        pos2(rect.min.x + 1.0, y - 8.0),
        pos2(rect.max.x - 1.0, y + 38.0),
    );
    let response = press(ui, r, Id::new("unit-task"), pen, 4);
    if response.hovered() {
        pen.painter
            .rect_filled(r, bevy_egui::egui::CornerRadius::ZERO, skin.hover);
        out.push(MapAct::Hover(Selection::Case(c.id)));
    }
    pen.severity(pos2(x + 8.0, r.center().y), 6.2, c.severity);
    pen.left_within(
        pos2(x + 26.0, y + 6.5),
        right - x - 26.0,
        case::class_name(s.mirror, c, w),
        skin.bold(Role::Row),
        skin.t1,
    );
    let second = format!("{} · {}", c.address, w.f("unit.sent_by", &[("by", &by)]));
    pen.left_within(
        pos2(x + 26.0, y + 24.0),
        right - x - 26.0,
        &second,
        skin.regular(Role::Small),
        skin.t3,
    );
    if response.clicked() {
        out.push(MapAct::SelectAndFly(Selection::Case(c.id)));
    }
    y + 46.0
}
