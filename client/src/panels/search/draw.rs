//! The search: a field over the map with what it finds below.

use super::{OWNER, SearchScene, SearchState};
use crate::live::Selection;
use crate::panels::console::Acts;
use crate::panels::map::MapAct;
use crate::panels::model::search::{Found, Hit, search};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel, row_ground};
use bevy_egui::egui::{
    Context, CursorIcon, EventFilter, FontSelection, Frame, Id, Order, Rect, Sense, Stroke,
    StrokeKind, TextEdit, Ui, pos2, vec2,
};
use chengtu_engine::model::SensorState;

/// Zoom that a cell or coordinates are looked at from, at least.
const SPOT_ZOOM: f64 = 16.2;
const FIELD: f32 = 52.0;
const ROW: f32 = 46.0;

/// Draws the search.
pub fn draw(ctx: &Context, s: &SearchScene<'_>, st: &mut SearchState, out: &mut Acts) {
    if st.answered != st.query {
        st.hits = search(s.sources(), &st.query);
        st.answered.clone_from(&st.query);
        st.cursor = 0;
    }
    let empty = st.hits.is_empty() && !st.query.trim().is_empty();
    let most = ((s.layout.time.min.y - s.layout.top.max.y - 24.0 - FIELD) / ROW)
        .floor()
        .max(1.0) as usize;
    let rows = st.hits.len().min(most);
    let rect = place(s, rows, empty);
    let skin = s.skin;
    let mut close = false;
    area(ctx, "search", rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin,
        };
        panel(&pen, rect);
        let (entered, left) = field(ui, &pen, s, st, rect, rows);
        close = left;
        if rows > 0 || empty {
            let y = rect.min.y + FIELD;
            pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y, skin.line);
        }
        if empty {
            pen.left(
                pos2(rect.min.x + 42.0, rect.min.y + FIELD + 20.0),
                s.words.t("search.nothing"),
                skin.regular(Role::Body),
                skin.t3,
            );
        }
        for (i, hit) in st.hits.iter().take(rows).enumerate() {
            let top = rect.min.y + FIELD + 0.5 + i as f32 * ROW;
            let size = vec2(rect.width() - 2.0, ROW);
            let r = Rect::from_min_size(pos2(rect.min.x + 1.0, top), size);
            let response = ui.interact(r, Id::new(("search-hit", i)), Sense::click());
            let lit = response.hovered();
            row_ground(&pen, r, lit, st.cursor == i, skin.action);
            row(&pen, s, r, hit);
            if i > 0 {
                pen.hline(r.min.x, r.max.x, r.min.y, skin.row_line);
            }
            let clicked = response.on_hover_cursor(CursorIcon::PointingHand).clicked();
            if clicked || (entered && st.cursor == i) {
                out.push(go(&hit.found));
                close = true;
            }
        }
    });
    if close {
        st.open = false;
        st.query.clear();
        st.answered.clear();
        st.hits.clear();
    }
}

/// Below the top bar, in the middle of the screen.
fn place(s: &SearchScene<'_>, rows: usize, empty: bool) -> Rect {
    let width = 520.0f32.min(s.layout.screen.width() - 48.0);
    let below = match (rows, empty) {
        (0, true) => 40.0,
        (0, false) => 0.0,
        _ => rows as f32 * ROW + 4.0,
    };
    let corner = pos2(
        s.layout.screen.center().x - width / 2.0,
        s.layout.top.max.y + 12.0,
    );
    Rect::from_min_size(corner, vec2(width, FIELD + below))
}

/// The field, and the keys that walk through the hits. True, and false, where Enter was pressed; false, and true, where
/// the field was left.
fn field(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &SearchScene<'_>,
    st: &mut SearchState,
    rect: Rect,
    rows: usize,
) -> (bool, bool) {
    let skin = s.skin;
    let y = rect.min.y + FIELD / 2.0;
    pen.magnifier(pos2(rect.min.x + 24.0, y), skin.t2);
    let at = pos2(rect.max.x - 16.0, y);
    pen.key_cap(at, "Esc", skin.line_strong, skin.t3);
    let line = Rect::from_min_max(
        rect.min + vec2(42.0, 12.0),
        pos2(rect.max.x - 64.0, rect.min.y + FIELD - 12.0),
    );
    // Up, down and Enter walk through the hits; an input method that is composing keeps them to itself.
    let keys = s.list_keys(OWNER);
    let edit = TextEdit::singleline(&mut st.query)
        .id(Id::new("search-text"))
        .hint_text(s.words.t("search.hint_long"))
        .font(FontSelection::FontId(skin.regular_px(15.0)))
        .frame(Frame::NONE)
        .text_color(skin.t1)
        .char_limit(80)
        .event_filter(EventFilter {
            escape: true,
            ..EventFilter::default()
        });
    let response = ui.put(line, edit);
    let mut left = false;
    if std::mem::take(&mut st.focus) {
        response.request_focus();
    } else {
        left = response.lost_focus() && !keys.enter;
    }
    st.cursor = keys.walk(st.cursor, rows);
    (keys.enter, left)
}

fn row(pen: &Pen<'_>, s: &SearchScene<'_>, r: Rect, hit: &Hit) {
    let skin = s.skin;
    let mark = pos2(r.min.x + 23.0, r.center().y);
    match hit.found {
        Found::Place(..) => {
            let stroke = Stroke::new(1.6, skin.t2);
            pen.painter
                .circle_stroke(mark - vec2(0.0, 2.0), 4.0, stroke);
            let line = [mark + vec2(0.0, 2.0), mark + vec2(0.0, 7.0)];
            pen.painter.line_segment(line, stroke);
        }
        Found::Case(_, severity) => pen.severity(mark, 6.0, severity),
        Found::Unit(_, status) => pen.unit(mark, 9.0, status, s.icons.fleet(&hit.fleet)),
        Found::Sensor(_, state) => {
            let wrong = matches!(state, SensorState::Warning | SensorState::Alarm);
            let color = if wrong { skin.late } else { skin.t2 };
            let chip = Rect::from_center_size(mark, vec2(14.0, 10.0));
            let stroke = Stroke::new(1.6, color);
            pen.painter
                .rect_stroke(chip, 3.0, stroke, StrokeKind::Inside);
            let bar = Rect::from_center_size(mark - vec2(3.5, 0.0), vec2(2.0, 4.0));
            pen.painter.rect_filled(bar, 0.0, color);
        }
        Found::Cell(_) => {
            let cell = Rect::from_center_size(mark, vec2(12.0, 12.0));
            let stroke = Stroke::new(1.4, skin.t2);
            pen.painter
                .rect_stroke(cell, 0.0, stroke, StrokeKind::Inside);
        }
        Found::Spot(_) => {
            let stroke = Stroke::new(1.4, skin.t2);
            pen.painter.circle_stroke(mark, 3.5, stroke);
            for way in [
                vec2(1.0, 0.0),
                vec2(-1.0, 0.0),
                vec2(0.0, 1.0),
                vec2(0.0, -1.0),
            ] {
                let line = [mark + way * 3.5, mark + way * 7.5];
                pen.painter.line_segment(line, stroke);
            }
        }
    }
    let spans = [
        span(&hit.title, skin.bold(Role::Row), skin.t1),
        span(&hit.detail, skin.regular(Role::Small), skin.t3).after(10.0),
    ];
    pen.spans(pos2(r.min.x + 42.0, r.center().y), r.width() - 60.0, &spans);
}

fn go(found: &Found) -> MapAct {
    match *found {
        // The more important a place, the larger it is: a district is seen whole, a building from near.
        Found::Place(at, rank) => {
            MapAct::Show(at, (13.0 + f64::from(rank) * 0.45).clamp(13.5, 16.8))
        }
        Found::Cell(at) | Found::Spot(at) => MapAct::Show(at, SPOT_ZOOM),
        Found::Sensor(id, _) => MapAct::SelectAndFly(Selection::Sensor(id)),
        Found::Case(id, _) => MapAct::SelectAndFly(Selection::Case(id)),
        Found::Unit(id, _) => MapAct::SelectAndFly(Selection::Unit(id)),
    }
}
