//! Where a fork is begun: what if another unit had gone, a road were closed, one more unit were here.

use super::rules::{can_try, could_go, is_inside};
use super::state::{About, Change, ForkAct, ForkState};
use super::{ForkScene, START};
use crate::i18n::{arrival, length_km};
use crate::panels::console::{Acts, Scene};
use crate::panels::layout::{GAP, Layout};
use crate::panels::model::ranking;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel, press, row_ground};
use bevy_egui::egui::{Context, CursorIcon, Id, Order, Rect, Sense, Ui, pos2, vec2};
use chengtu_engine::fork::Intervention;
use chengtu_engine::geo::{LonLat, distance_m};
use chengtu_engine::ids::UnitId;
use chengtu_engine::model::UnitStatus;
use chengtu_engine::stream::{CaseView, UnitView};
use chengtu_engine::time::Timestamp;

const WIDTH: f32 = 400.0;
const HEAD: f32 = 62.0;
const ROW: f32 = 46.0;
const ROWS: usize = 9;

/// The second that a fork about a case begins at, and who had been sent: just before the sending, where somebody
/// has been sent, otherwise now.
fn from(s: &ForkScene<'_>, c: &CaseView) -> (Timestamp, Option<UnitId>) {
    let sent = c.units.first().and_then(|u| s.mirror.units.get(u));
    let at = sent.and_then(|u| u.assignment.as_ref()).map(|a| a.at);
    match (sent, at) {
        // Not before the case was known: then there would be nothing to do otherwise about.
        (Some(unit), Some(at)) => (at.plus_seconds(-1).max(known_at(c)), Some(unit.id)),
        _ => (s.now, c.units.first().copied()),
    }
}

/// Up to where the log says what happened.
fn recorded_until(s: &Scene<'_>) -> Timestamp {
    s.clock.map_or(s.now, |c| c.to)
}

/// When a case became known to the city.
fn known_at(c: &CaseView) -> Timestamp {
    c.history.first().map_or(c.occurred_at, |h| h.at)
}

fn names(u: &UnitView) -> (String, String) {
    (u.call_sign.clone(), u.call_sign_en.clone())
}

/// Draws the list, where it is open; returns where it lies.
pub(super) fn draw(
    ctx: &Context,
    s: &ForkScene<'_>,
    st: &mut ForkState,
    covered: &[Rect],
    out: &mut Acts,
) -> Option<Rect> {
    if st.begin && st.start.is_none() {
        st.toggle(s.selection.case());
    }
    let mut start = st.start?;
    let open = s.mirror.cases.get(&start.case);
    let open = open.filter(|c| can_try(s, c) && s.selection.case() == Some(c.id));
    let Some(c) = open else {
        st.start = None;
        return None;
    };
    let ranked = s.rankings.get(c.id);
    let mut rows = ranked.map_or(Vec::new(), |r| ranking::rows(s.mirror, c, &r.rows, s.words));
    let (at, instead_of) = from(s, c);
    rows.retain(|r| {
        let unit = s.mirror.units.get(&r.unit);
        r.seconds.is_some() && unit.is_some_and(|u| could_go(u, c, at))
    });
    rows.truncate(ROWS);
    let rect = place(&s.layout, covered, rows.len());
    rows.truncate(((rect.height() - HEAD) / ROW) as usize);
    let mut chosen = None;
    let mut close = false;
    area(ctx, "fork-start", rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        close = head(ui, &pen, s, rect, at, instead_of);
        if rows.is_empty() {
            let key = if ranked.is_some() {
                "fork.nobody"
            } else {
                "dispatch.asking"
            };
            let text = s.words.t(key);
            let at = rect.min + vec2(16.0, HEAD + ROW / 2.0);
            pen.left(at, text, s.skin.regular(Role::Body), s.skin.t3);
        }
        let keys = s.list_keys(START);
        let place = |unit: UnitId| rows.iter().position(|r| r.unit == unit);
        let here = start.cursor.map(place);
        let at = keys.walk(here.flatten().unwrap_or(0), rows.len());
        // Who has gone from under the keyboard takes its Enter along.
        if keys.enter && here != Some(None) {
            chosen = rows.get(at);
        }
        start.cursor = rows.get(at).map(|r| r.unit);
        for (i, row) in rows.iter().enumerate() {
            let top = rect.min.y + HEAD + i as f32 * ROW;
            let r = Rect::from_min_size(pos2(rect.min.x + 1.0, top), vec2(WIDTH - 2.0, ROW));
            let response = ui.interact(r, Id::new(("fork-unit", row.unit.0)), Sense::click());
            let lit = response.hovered();
            row_ground(&pen, r, lit, i == at, s.skin.fork);
            line(&pen, s, row, r);
            if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
                chosen = Some(row);
            }
        }
    });
    if st.begin && chosen.is_none() {
        // Where nobody has been sent yet, the best would go anyway.
        chosen = rows.get(usize::from(instead_of.is_none()));
        st.begin = chosen.is_none();
    }
    st.start = Some(start).filter(|_| !close && chosen.is_none());
    out.extend(chosen.map(|row| begin(s, c, row)));
    Some(rect)
}

/// Beside the case's panel, on whichever side of the map that is, below what lies there already, and above the time bar:
/// as many of so many rows as find room.
fn place(layout: &Layout, covered: &[Rect], rows: usize) -> Rect {
    let window = layout.window;
    let beside = layout.detail.map_or(window.max.x, |d| d.min.x);
    let left = if beside < window.center().x {
        window.min.x + GAP
    } else {
        beside - GAP - WIDTH
    };
    let head = vec2(WIDTH, HEAD + ROW + 8.0);
    let corner = pos2(left, window.min.y + GAP + 46.0);
    let mut first = Rect::from_min_size(corner, head);
    while let Some(under) = covered.iter().find(|r| r.intersects(first)) {
        first = Rect::from_min_size(pos2(left, under.max.y + GAP), head);
    }
    if first.max.y > window.max.y {
        first = Rect::from_min_size(corner, head);
    }
    let room = window.max.y - GAP - first.min.y - HEAD - 8.0;
    let rows = rows.min((room / ROW) as usize).max(1);
    Rect::from_min_size(first.min, vec2(WIDTH, HEAD + rows as f32 * ROW + 8.0))
}

/// A fork in which another unit goes to a case.
fn begin(s: &ForkScene<'_>, c: &CaseView, row: &ranking::RankRow) -> ForkAct {
    let (at, instead_of) = from(s, c);
    let unit = |id: UnitId| s.mirror.units.get(&id).map(names).unwrap_or_default();
    let about = About {
        case: Some(c.id),
        place: LonLat::new(c.lon, c.lat),
        change: Change::Unit {
            goes: unit(row.unit),
            instead_of: instead_of.map(unit),
            length_m: row.length_m,
        },
        recorded_until: recorded_until(s),
    };
    let intervention = Intervention::Dispatch {
        at: at.plus_seconds(1),
        case: c.id,
        unit: row.unit,
        instead_of,
    };
    ForkAct::Begin(at, intervention, Box::new(about))
}

fn head(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &ForkScene<'_>,
    rect: Rect,
    at: Timestamp,
    instead_of: Option<UnitId>,
) -> bool {
    let (skin, w) = (s.skin, s.words);
    let x = rect.min.x + 16.0;
    pen.left(
        pos2(x, rect.min.y + 21.0),
        w.t("fork.start"),
        skin.bold(Role::Row),
        skin.t1,
    );
    let went = instead_of.and_then(|id| s.mirror.units.get(&id));
    let time = s.time.when_exactly(at, s.now);
    let second = match went {
        Some(u) => w.f(
            "fork.start_instead",
            &[
                ("time", &time),
                ("unit", w.name(&u.call_sign, &u.call_sign_en)),
            ],
        ),
        None => w.f("fork.start_from", &[("time", &time)]),
    };
    let small = skin.regular(Role::Small);
    pen.left_within(
        pos2(x, rect.min.y + 42.0),
        WIDTH - 70.0,
        &second,
        small,
        skin.t3,
    );
    let close =
        Rect::from_center_size(pos2(rect.max.x - 22.0, rect.min.y + 22.0), vec2(28.0, 28.0));
    let response = press(ui, close, Id::new("fork-start-close"), pen, 6);
    let color = if response.hovered() { skin.t1 } else { skin.t3 };
    pen.cross(close.center(), 4.5, color);
    pen.hline(rect.min.x, rect.max.x, rect.min.y + HEAD, skin.line);
    response.clicked()
}

fn line(pen: &Pen<'_>, s: &ForkScene<'_>, row: &ranking::RankRow, r: Rect) {
    let (skin, y) = (s.skin, r.center().y);
    let glyph = s.icons.fleet(&row.fleet);
    pen.unit(pos2(r.min.x + 28.0, y), 10.0, row.status, glyph);
    let mut right = r.max.x - 16.0;
    if let Some(m) = row.length_m {
        pen.right(
            pos2(right, y - 8.0),
            &length_km(m),
            skin.regular(Role::Body),
            skin.t2,
        );
        right -= 76.0;
    }
    if let Some(t) = row.seconds {
        right = pen.right(
            pos2(right, y - 8.0),
            &arrival(t),
            skin.bold(Role::Row),
            skin.t1,
        ) - 10.0;
    }
    let x = r.min.x + 48.0;
    let sign = span(&row.sign, skin.bold(Role::Row), skin.t1);
    pen.spans(pos2(x, y - 8.0), right - x - 8.0, &[sign]);
    let (why, room) = (pos2(x, y + 10.0), r.max.x - 16.0 - x);
    pen.left_within(why, room, &row.reason, skin.regular(Role::Small), skin.t3);
}

/// What a fork about a place asks for: the road closed there, or one more unit like the nearest.
pub fn at_place(s: &Scene<'_>, place: LonLat, act: Place) -> Option<ForkAct> {
    if !is_inside(s, place) {
        return None;
    }
    let (lon, lat) = (place.lon_deg, place.lat_deg);
    let at = s.now;
    let (intervention, change) = match act {
        Place::CloseRoad => (
            Intervention::CloseRoad {
                at,
                lon,
                lat,
                until: None,
            },
            Change::Road,
        ),
        Place::AddUnit => {
            let like = like(s, place)?;
            let change = Change::More { like: names(like) };
            let like = like.id;
            (Intervention::AddUnit { at, like, lon, lat }, change)
        }
    };
    let about = About {
        case: s.selection.case(),
        place,
        change,
        recorded_until: recorded_until(s),
    };
    Some(ForkAct::Begin(at, intervention, Box::new(about)))
}

/// What can be tried at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The road there is closed.
    CloseRoad,
    /// One more unit is placed there.
    AddUnit,
}

/// The chosen unit, or else the nearest that is in service.
fn like<'a>(s: &Scene<'a>, place: LonLat) -> Option<&'a UnitView> {
    if let Some(unit) = s.selection.unit() {
        return s.mirror.units.get(&unit);
    }
    let here = place.position().ok()?;
    let far_m = |u: &&UnitView| {
        let at = s.mirror.mover(u.mover).map(|m| m.position);
        at.map_or(f64::INFINITY, |p| distance_m(p, here))
    };
    let mut working = s.mirror.units.values().collect::<Vec<_>>();
    working.retain(|u| u.status != UnitStatus::OutOfService);
    working
        .into_iter()
        .min_by(|a, b| far_m(a).total_cmp(&far_m(b)))
}
