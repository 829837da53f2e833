//! What happens after a unit was sent: how far it is, and whether the work is done.

use super::acts::DispatchAct;
use super::scene::CaseScene;
use super::shown::Another;
use super::state::DispatchState;
use super::{confirm, history};
use crate::facts::post::who_may;
use crate::facts::unit::status_word;
use crate::i18n::{arrival, countdown, spell_span};
use crate::input::Zone;
use crate::live::Selection;
use crate::panels::console::{Acts, FocusZone, Scene};
use crate::panels::detail::PAD;
use crate::panels::map::MapAct;
use crate::panels::pen::Pen;
use crate::panels::refusal;
use crate::panels::skin::Role;
use crate::panels::widgets::{button, row_ground, small_button};
use bevy_egui::egui::{
    CursorIcon, Id, Pos2, Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, pos2, vec2,
};
use chengtu_engine::command::CommandRequest;
use chengtu_engine::model::UnitStatus;
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::{CaseView, UnitView};

/// Height of the row of buttons.
const FOOT: f32 = 72.0;
/// Height of the title, of a unit with its steps and without, of the row of what can be ordered.
const TITLE_H: f32 = 40.0;
const UNIT_H: [f32; 2] = [104.0, 48.0];
const ORDERS_H: f32 = 48.0;

/// After the dispatch: how far the unit is.
pub(super) fn progress(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    st: &mut DispatchState,
    rect: Rect,
    c: &CaseView,
    out: &mut Acts,
) {
    let (skin, w) = (s.skin, s.words);
    let x = rect.min.x + PAD;
    pen.left(
        pos2(x, rect.min.y + 22.0),
        w.t("progress.title"),
        skin.bold(Role::Row),
        skin.t1,
    );
    let units: Vec<&UnitView> = c
        .units
        .iter()
        .filter_map(|u| s.mirror.units.get(u))
        .collect();
    // What can be ordered stays on the panel, however many units there are.
    let below = if s.may(Permission::SendUnits) {
        ORDERS_H
    } else {
        6.0
    };
    let room = rect.height() - TITLE_H - below - if st.refusals.is_empty() { 0.0 } else { 22.0 };
    let list = pos2(rect.min.x, rect.min.y + TITLE_H);
    let mut y = list.y + units_of(ui, pen, s, (list, rect.max.x, room), c, &units, out);
    y += 6.0;
    if s.may(Permission::SendUnits) {
        y = orders(ui, pen, s, st, rect, y, c, out);
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
    history::draw(
        ui,
        pen,
        s,
        Rect::from_min_max(pos2(rect.min.x, y), rect.max),
        c,
        out,
    );
}

/// The units of a case, one below the other: with their steps where there is room for these, without where there is not,
/// and scrolled where they are too many. Returns the height that they take.
fn units_of(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    (at, right, room): (Pos2, f32, f32),
    c: &CaseView,
    units: &[&UnitView],
    out: &mut Acts,
) -> f32 {
    let count = units.len() as f32;
    let tall = count * UNIT_H[0] <= room;
    let unit_h = UNIT_H[usize::from(!tall)];
    let height = (count * unit_h).min(room.max(UNIT_H[1]));
    let rect = Rect::from_min_max(at, pos2(right, at.y + height));
    let draw = |ui: &Ui, pen: &Pen<'_>, top: f32, out: &mut Acts| {
        for (i, u) in units.iter().enumerate() {
            unit_progress(ui, pen, s, rect, (top + i as f32 * unit_h, tall), c, u, out);
        }
    };
    if count * unit_h <= height + 0.5 {
        draw(ui, pen, at.y, out);
        return height;
    }
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.set_clip_rect(rect);
    ScrollArea::vertical()
        .id_salt(("progress", c.id.0))
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, _| {
            ui.set_height(count * unit_h);
            let pen = Pen {
                painter: ui.painter(),
                skin: s.skin,
            };
            draw(ui, &pen, ui.min_rect().min.y, out);
        });
    height
}

/// What can be ordered about the units of a case: another in the place of one, one more, and back. Where there are
/// several units, those of the first row are about the first; the others are called back by the list that is asked.
fn orders(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    st: &mut DispatchState,
    rect: Rect,
    y: f32,
    c: &CaseView,
    out: &mut Acts,
) -> f32 {
    let w = s.words;
    let mut right = rect.max.x - PAD;
    let mut press = |key: &str| {
        let (id, label) = (Id::new((key, c.id.0)), w.t(key));
        let (pressed, left) = small_button(ui, pen, right, y + 14.0, id, label, s.is_live());
        right = left - 8.0;
        pressed
    };
    let first = c.units.first().copied();
    let another = if let (true, Some(from)) = (press("progress.reassign"), first) {
        Some(Another::Instead(from))
    } else {
        press("progress.second").then_some(Another::Besides)
    };
    if another.is_some() {
        (st.another, st.unit) = (another, None);
        out.push(FocusZone(Zone::Dispatch));
    }
    if press("progress.recall") {
        confirm::recall(s, c, out);
    }
    let keys = w.t("progress.keys");
    let (x, font) = (rect.min.x + PAD, s.skin.regular(Role::Small));
    pen.left_within(pos2(x, y + 14.0), right - x, keys, font, s.skin.t3);
    y + 40.0
}

/// One unit's way: sign, what is left of the way, and three steps where it is tall.
fn unit_progress(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    rect: Rect,
    (y, tall): (f32, bool),
    c: &CaseView,
    u: &UnitView,
    out: &mut Acts,
) {
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
        &[("status", status_word(u.status, w)), ("span", &since)],
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
            let (text, color) = if left_s > -0.5 {
                (countdown(left_s.max(0.0), w), skin.t1)
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
        out.push(MapAct::Hover(Selection::Unit(u.id)));
    }
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        out.push(FocusZone(Zone::Map));
        out.push(MapAct::SelectAndFly(Selection::Unit(u.id)));
    }
    if tall {
        steps(pen, s, u, x, right, y + 44.0);
    }
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
        let label = status_word(status, w);
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
pub(super) fn check(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    st: &DispatchState,
    rect: Rect,
    c: &CaseView,
    out: &mut Acts,
) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let top = rect.max.y - FOOT;
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, top, skin.line);
    if s.lacks(Permission::CheckCases) {
        let at = pos2(rect.min.x + PAD, top + 35.0);
        let who = who_may(Permission::CheckCases, w);
        pen.left_within(
            at,
            rect.width() - 2.0 * PAD,
            who,
            skin.regular(Role::Body),
            skin.t3,
        );
        return top;
    }
    let able = s.may(Permission::CheckCases) && s.is_live() && st.sending_for(c.id).is_none();
    let width = (rect.width() - 2.0 * PAD - 8.0) / 2.0;
    for (i, (passed, key)) in [(true, "check.passed"), (false, "check.failed")]
        .into_iter()
        .enumerate()
    {
        let r = Rect::from_min_size(
            pos2(rect.min.x + PAD + (width + 8.0) * i as f32, top + 13.0),
            vec2(width, 44.0),
        );
        if button(
            ui,
            pen,
            r,
            Id::new(("check", passed, c.id.0)),
            w.t(key),
            able,
        ) {
            out.push(DispatchAct::Give(CommandRequest::CheckCase {
                case: c.id,
                passed,
            }));
        }
    }
    refused(pen, s, st, rect, top)
}

/// The button that takes the voiding of a case back, while the city allows that. Returns where it begins.
pub(super) fn restore(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    st: &DispatchState,
    rect: Rect,
    c: &CaseView,
    out: &mut Acts,
) -> f32 {
    let top = rect.max.y - FOOT;
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, top, s.skin.line);
    let able = s.is_live() && st.sending_for(c.id).is_none();
    let r = Rect::from_min_max(
        pos2(rect.min.x + PAD, top + 13.0),
        pos2(rect.max.x - PAD, top + 57.0),
    );
    let id = Id::new(("restore", c.id.0));
    if button(ui, pen, r, id, s.words.t("check.restore"), able) {
        out.push(DispatchAct::Give(CommandRequest::RestoreCase {
            case: c.id,
        }));
    }
    refused(pen, s, st, rect, top)
}

/// The last refusal above the buttons; returns where that begins.
fn refused(pen: &Pen<'_>, s: &CaseScene<'_>, st: &DispatchState, rect: Rect, top: f32) -> f32 {
    let skin = s.skin;
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
