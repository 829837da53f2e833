//! The ranked units and why each is where it is, and the button that sends one.

use super::acts::DispatchAct;
use super::confirm;
use super::order::{self, Table};
use super::rows;
use super::scene::CaseScene;
use super::shown::{Another, Does};
use super::state::{DispatchState, Warning};
use crate::facts::post::who_may;
use crate::facts::unit::status_word;
use crate::i18n::{arrival, length_km};
use crate::input::Zone;
use crate::live::Selection;
use crate::panels::console::{Acts, FocusZone, Refusal, sent_unit};
use crate::panels::detail::PAD;
use crate::panels::map::MapAct;
use crate::panels::model::ranking::{self, RankRow};
use crate::panels::pen::{Pen, span};
use crate::panels::refusal;
use crate::panels::skin::Role;
use crate::panels::widgets::{button, chip, chip_width, row_ground};
use bevy_egui::egui::{
    CornerRadius, CursorIcon, Id, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, pos2,
    vec2,
};
use chengtu_engine::ids::UnitId;
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::CaseView;

const HEAD: f32 = 62.5;
const ROW: f32 = 52.0;
const FOOT: f32 = 72.0;
/// Least height in which the table is of use: the heads of its columns, two units, the button.
pub(super) const LEAST_H: f32 = HEAD + 2.0 * ROW + FOOT;
/// How long it is said why a key did nothing.
const WARNING: std::time::Duration = std::time::Duration::from_secs(4);

pub(super) fn table(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    st: &mut DispatchState,
    rect: Rect,
    c: &CaseView,
    out: &mut Acts,
) {
    let table = Table::of(s, st, c);
    let newer = table.as_ref().is_some_and(|t| t.newer);
    head(ui, pen, s, st, rect, c, newer);
    match &table {
        Some(table) => {
            let rests = s.zone == Zone::Dispatch || ui.rect_contains_pointer(rect);
            order::note(s, st, table, c, rests);
        }
        None => st.shown = None,
    }
    let offered = table.as_ref().and_then(Table::offered);
    let rows = table.as_ref().map(|t| t.rows.as_slice());
    let list = Rect::from_min_max(
        pos2(rect.min.x + 1.0, rect.min.y + HEAD),
        pos2(rect.max.x - 1.0, rect.max.y - FOOT),
    );
    let nothing = match &rows {
        None if s.is_live() => Some("dispatch.asking"),
        None => Some("dispatch.no_line"),
        Some([]) => Some("dispatch.nobody"),
        Some(_) => None,
    };
    if let Some(key) = nothing {
        pen.centre(
            pos2(list.center().x, list.min.y + 34.0),
            s.words.t(key),
            s.skin.regular(Role::Body),
            s.skin.t3,
        );
    } else if let Some(rows) = rows {
        scrolled(ui, s, st, list, rows, offered, out);
    }
    let foot = Foot {
        top: rect.max.y - FOOT,
        rect,
        row: offered.and_then(|i| rows?.get(i)),
        lost: table.as_ref().and_then(|t| sign(s, t.lost?)),
        does: table.as_ref().map_or(Does::Nothing, |t| t.does),
        ranked: rows.is_some(),
    };
    foot.draw(ui, pen, s, st, c, out);
}

/// A unit's call sign in the desk's language, if it is known.
fn sign<'a>(s: &CaseScene<'a>, unit: UnitId) -> Option<&'a str> {
    let u = s.scene.mirror.units.get(&unit)?;
    Some(s.scene.words.name(&u.call_sign, &u.call_sign_en))
}

/// Title, the chip that leaves only those with the skill, and the heads of the columns.
fn head(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    st: &mut DispatchState,
    rect: Rect,
    c: &CaseView,
    newer: bool,
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
    if newer {
        // The rows wait for the hand; a press lets them follow.
        let label = w.t("dispatch.newer");
        let width = chip_width(pen, label);
        let r = Rect::from_min_size(pos2(x, y + 40.0), vec2(width, 20.0));
        if chip(ui, pen, r, Id::new("newer-order"), label, true).clicked() {
            st.held = None;
            st.unit = None;
        }
    }
    if skilled > 0 {
        let label = w.n("dispatch.only_skilled", skilled);
        let width = chip_width(pen, &label);
        let r = Rect::from_min_size(pos2(right - width, y + 10.0), vec2(width, 24.0));
        if chip(ui, pen, r, Id::new("only-skilled"), &label, st.only_skilled).clicked() {
            st.only_skilled = !st.only_skilled;
        }
    }
    let keys = ["dispatch.arrival", "dispatch.length", "dispatch.handled"];
    for (at, key) in columns(right).into_iter().zip(keys) {
        let at = pos2(at, y + 52.0);
        pen.right(at, w.t(key), skin.regular(Role::Small), skin.t3);
    }
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y + 62.0, skin.line);
}

/// Right edges of the columns.
fn columns(right: f32) -> [f32; 3] {
    [right - 101.0, right - 40.0, right]
}

fn scrolled(
    ui: &mut Ui,
    s: &CaseScene<'_>,
    st: &mut DispatchState,
    list: Rect,
    rows: &[RankRow],
    offered: Option<usize>,
    out: &mut Acts,
) {
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
                let corner = pos2(list.min.x, origin.y + top);
                let r = Rect::from_min_size(corner, vec2(list.width(), ROW));
                unit_row(ui, s, st, r, (i, row), offered == Some(i), out);
            }
        });
}

fn unit_row(
    ui: &Ui,
    s: &CaseScene<'_>,
    st: &mut DispatchState,
    r: Rect,
    (place, row): (usize, &RankRow),
    offered: bool,
    out: &mut Acts,
) {
    let skin = s.skin;
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
        let chosen = st.unit == Some(row.unit);
        row_ground(&pen, r, response.hovered(), chosen, skin.t1);
    }
    let refusal = st
        .refusals
        .iter()
        .rev()
        .find(|f| sent_unit(&f.request) == Some(row.unit));
    unit_words(&pen, s, r, (place, row), refusal);
    pen.hline(r.min.x, r.max.x, r.max.y - 0.5, skin.row_line);
    if response.hovered() {
        out.push(MapAct::Hover(Selection::Unit(row.unit)));
    }
    if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
        st.unit = Some(row.unit);
        out.push(FocusZone(Zone::Dispatch));
    }
}

/// What a row says: rank, unit, reason or refusal, arrival, length, cases handled.
fn unit_words(
    pen: &Pen<'_>,
    s: &CaseScene<'_>,
    r: Rect,
    (place, row): (usize, &RankRow),
    refused: Option<&Refusal>,
) {
    let (skin, w) = (s.skin, s.words);
    let columns = columns(r.max.x - PAD + 1.0);
    let (y1, y2) = (r.min.y + 18.5, r.min.y + 37.5);
    let (small, body) = (skin.regular(Role::Small), skin.regular(Role::Body));
    let rank = pos2(r.min.x + 16.0, r.center().y);
    // The digit that chooses it.
    pen.centre(rank, &(place + 1).to_string(), small.clone(), skin.t3);
    let glyph = s.icons.fleet(&row.fleet);
    pen.unit(pos2(r.min.x + 37.0, r.center().y), 10.0, row.status, glyph);
    let x = r.min.x + 56.0;
    let dim = !row.free || refused.is_some();
    let mut about = status_word(row.status, w).to_string();
    if row.skilled {
        about = format!("{about} · {}", w.t("dispatch.skilled"));
    }
    let sign = if dim { skin.t2 } else { skin.t1 };
    let spans = [
        span(&row.sign, skin.bold(Role::Row), sign),
        span(&about, small.clone(), skin.t3).after(8.0),
    ];
    pen.spans(pos2(x, y1), columns[0] - 58.0 - x, &spans);
    let (reason, color) = match refused {
        // The refusal takes the place of the reason: the eye is there already.
        Some(f) => (refusal::words(s, f), skin.late),
        None => (row.reason.clone(), skin.t3),
    };
    pen.left_within(pos2(x, y2), r.max.x - PAD + 1.0 - x, &reason, small, color);
    let time = row.seconds.map_or("—".into(), arrival);
    let color = if dim { skin.t3 } else { skin.t1 };
    pen.right(pos2(columns[0], y1), &time, skin.bold(Role::Row), color);
    let length = row.length_m.map_or("—".into(), length_km);
    pen.right(pos2(columns[1], y1), &length, body.clone(), skin.t2);
    let handled = row.handled.to_string();
    pen.right(pos2(columns[2], y1), &handled, body, skin.t2);
}

/// The button that sends the unit on offer, and the one beside it.
struct Foot<'a> {
    rect: Rect,
    top: f32,
    /// The unit on offer.
    row: Option<&'a RankRow>,
    /// The unit that was on offer and can no longer be sent.
    /// Call sign of the unit that was offered and can no longer be sent.
    lost: Option<&'a str>,
    /// What a press does.
    does: Does,
    /// The ranking has come.
    ranked: bool,
}

impl Foot<'_> {
    fn draw(
        &self,
        ui: &Ui,
        pen: &Pen<'_>,
        s: &CaseScene<'_>,
        st: &mut DispatchState,
        c: &CaseView,
        out: &mut Acts,
    ) {
        let (skin, rect) = (s.skin, self.rect);
        pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, self.top, skin.line);
        let beside = self.beside(ui, pen, s, st, c, out);
        let main = Rect::from_min_max(
            pos2(rect.min.x + PAD, self.top + 13.0),
            pos2(beside.min.x - 8.0, self.top + 57.0),
        );
        if s.lacks(Permission::SendUnits) {
            // What one may not do is no button; who may is said in its place.
            let at = pos2(main.min.x, main.center().y);
            let who = who_may(Permission::SendUnits, s.words);
            pen.left_within(at, main.width(), who, skin.regular(Role::Body), skin.t3);
            return;
        }
        let sending = st.sending_for(c.id);
        let able =
            self.row.is_some() && sending.is_none() && s.may(Permission::SendUnits) && s.is_live();
        let sense = if able { Sense::click() } else { Sense::hover() };
        // Named by what it does: a press that began on another unit is no press on this one.
        let id = Id::new((
            "dispatch-button",
            c.id.0,
            self.does.unit().map(|u| u.0),
            self.lost.is_some(),
        ));
        let response = ui.interact(main, id, sense);
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
        if s.zone == Zone::Dispatch || response.has_focus() {
            let stroke = Stroke::new(1.5, skin.action);
            let round = CornerRadius::same(8);
            pen.painter
                .rect_stroke(main.expand(3.0), round, stroke, StrokeKind::Inside);
        }
        self.label(pen, s, st.another, main, able, sending.is_some());
        if let Some(p) = sending {
            // The label stays; a thin bar runs along the foot of the button.
            let t = (p.since.elapsed().as_secs_f32() / 1.2).fract();
            let x = main.min.x + (main.width() - 80.0) * t;
            let bar = Rect::from_min_size(pos2(x, main.max.y - 3.0), vec2(80.0, 2.0));
            pen.painter
                .rect_filled(bar, CornerRadius::same(1), skin.on_action);
            ui.ctx().request_repaint();
        }
        self.warn(pen, s, st);
        if able
            && response.on_hover_cursor(CursorIcon::PointingHand).clicked()
            && let Some(row) = self.row
        {
            match self.does {
                Does::Send(_) => out.push(DispatchAct::Give(rows::command(c, st.another, row))),
                Does::Choose(unit) => st.unit = Some(unit),
                Does::Nothing => {}
            }
        }
    }

    /// Why a key that was pressed did nothing.
    fn warn(&self, pen: &Pen<'_>, s: &CaseScene<'_>, st: &mut DispatchState) {
        let Some((Warning::Changed, since)) = st.warning else {
            return;
        };
        if since.elapsed() > WARNING {
            st.warning = None;
            return;
        }
        let plate = Rect::from_min_max(
            pos2(self.rect.min.x + 1.0, self.top - 26.0),
            pos2(self.rect.max.x - 1.0, self.top),
        );
        pen.painter
            .rect_filled(plate, CornerRadius::ZERO, s.skin.group);
        let at = pos2(self.rect.min.x + PAD, plate.center().y);
        let font = s.skin.regular(Role::Body);
        let room = self.rect.width() - 2.0 * PAD;
        pen.left_within(at, room, s.words.t("dispatch.changed"), font, s.skin.late);
        s.ctx
            .request_repaint_after(std::time::Duration::from_millis(250));
    }

    /// The button beside the large one: void the case, or keep the unit that it has. Returns where it is.
    fn beside(
        &self,
        ui: &Ui,
        pen: &Pen<'_>,
        s: &CaseScene<'_>,
        st: &mut DispatchState,
        c: &CaseView,
        out: &mut Acts,
    ) -> Rect {
        let (skin, w) = (s.skin, s.words);
        let label = if st.another.is_some() {
            w.t("dispatch.keep")
        } else {
            w.t("dispatch.void")
        };
        let width = (pen.width(label, skin.regular(Role::Body)) + 36.0).max(64.0);
        let right = self.rect.max.x - PAD;
        let corner = pos2(right - width, self.top + 13.0);
        let r = Rect::from_min_size(corner, vec2(width, 44.0));
        if st.another.is_some() {
            if button(ui, pen, r, Id::new("dispatch-keep"), label, true) {
                st.another = None;
            }
            return r;
        }
        if s.lacks(Permission::DecideCases) {
            return Rect::from_min_size(
                pos2(self.rect.max.x - PAD + 8.0, r.min.y),
                vec2(0.0, 44.0),
            );
        }
        let able = s.may(Permission::DecideCases) && s.is_live();
        if button(ui, pen, r, Id::new(("dispatch-void", c.id.0)), label, able) {
            confirm::void(s, c, out);
        }
        r
    }

    /// Whom the large button sends and when that unit would be there, or why it sends nobody.
    fn label(
        &self,
        pen: &Pen<'_>,
        s: &CaseScene<'_>,
        another: Option<Another>,
        main: Rect,
        able: bool,
        sending: bool,
    ) {
        let (skin, w) = (s.skin, s.words);
        let at = pos2(main.min.x + 14.0, main.center().y);
        let body = skin.regular(Role::Body);
        let Some(row) = self.row else {
            let key = if self.ranked {
                "dispatch.none_free"
            } else {
                "dispatch.asking"
            };
            pen.left(at, w.t(key), body, skin.t4);
            return;
        };
        let verb = match (self.does, another) {
            (Does::Choose(_), _) => "dispatch.choose_next",
            (_, Some(Another::Instead(_))) => "dispatch.send_instead",
            (_, Some(Another::Besides)) => "dispatch.send_besides",
            (_, None) => "dispatch.send",
        };
        let lost = self.lost.unwrap_or_default();
        let mut label = w.f(verb, &[("unit", &row.sign), ("lost", lost)]);
        let expected = row.seconds.map(|t| s.now.plus_seconds(t.round() as i64));
        let expected = expected.filter(|_| matches!(self.does, Does::Send(_)));
        let when = expected.map_or(String::new(), |t| {
            w.f("dispatch.expected", &[("time", &s.time.hms(t))])
        });
        let (t1, t2) = if able || sending {
            (skin.on_action, skin.on_action_2)
        } else {
            (skin.t4, skin.t4)
        };
        let right = pos2(main.max.x - 12.0, main.center().y);
        // The key that does it from here; none while something open has the keys.
        let cap = if able && !s.keys_are_owned() {
            let key = if s.zone == Zone::Dispatch {
                "Enter"
            } else {
                "D"
            };
            pen.key_cap(right, key, t2, t2)
        } else {
            right.x
        };
        let (room, font) = (cap - 8.0 - at.x, skin.bold_px(16.0));
        // Where both names have no room: the row of the first one says what became of it.
        if matches!(self.does, Does::Choose(_)) && pen.width(&label, font.clone()) > room {
            label = w.f("dispatch.choose", &[("unit", &row.sign)]);
        }
        let spans = [span(&label, font, t1), span(&when, body, t2).after(10.0)];
        pen.spans(at, room, &spans);
    }
}
