//! The search: a field over the map with what it finds below.

use super::model::search::{Found, search};
use super::pen::{Pen, span};
use super::skin::Role;
use super::state::{Action, PanelState, Scene};
use super::widgets::{area, panel, row_ground};
use crate::live::Selection;
use bevy_egui::egui::{
    Context, CursorIcon, FontSelection, Frame, Id, Key, Order, Rect, Sense, TextEdit, pos2, vec2,
};

const FIELD: f32 = 52.0;
const ROW: f32 = 46.0;

/// Draws the search, when it is open.
pub fn show(ctx: &Context, s: &Scene<'_>, st: &mut PanelState, out: &mut Vec<Action>) {
    if !st.search.open {
        return;
    }
    if st.search.answered != st.search.query {
        st.search.hits = search(s.index, s.mirror, &st.search.query, s.words);
        st.search.answered.clone_from(&st.search.query);
        st.search.cursor = 0;
    }
    let rows = st.search.hits.len();
    let empty = rows == 0 && !st.search.query.trim().is_empty();
    let width = 520.0f32.min(s.layout.screen.width() - 48.0);
    let most = ((s.layout.time.min.y - s.layout.top.max.y - 24.0 - FIELD) / ROW)
        .floor()
        .max(1.0) as usize;
    let rows = rows.min(most);
    let height = FIELD
        + if rows > 0 {
            rows as f32 * ROW + 4.0
        } else if empty {
            40.0
        } else {
            0.0
        };
    let rect = Rect::from_min_size(
        pos2(
            s.layout.screen.center().x - width / 2.0,
            s.layout.top.max.y + 12.0,
        ),
        vec2(width, height),
    );
    let mut close = false;
    area(ctx, "search", rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        let skin = s.skin;
        pen.magnifier(pos2(rect.min.x + 24.0, rect.min.y + FIELD / 2.0), skin.t2);
        pen.key_cap(
            pos2(rect.max.x - 16.0, rect.min.y + FIELD / 2.0),
            "Esc",
            skin.line_strong,
            skin.t3,
        );
        let field = Rect::from_min_max(
            rect.min + vec2(42.0, 12.0),
            pos2(rect.max.x - 64.0, rect.min.y + FIELD - 12.0),
        );
        // Up, down and Enter walk through the hits; an input method that is composing keeps them to itself.
        let (up, down, enter) = ui.input_mut(|i| {
            let none = bevy_egui::egui::Modifiers::NONE;
            (
                i.consume_key(none, Key::ArrowUp),
                i.consume_key(none, Key::ArrowDown),
                i.key_pressed(Key::Enter),
            )
        });
        let edit = TextEdit::singleline(&mut st.search.query)
            .id(Id::new("search-text"))
            .hint_text(s.words.t("search.hint_long"))
            .font(FontSelection::FontId(skin.regular_px(15.0)))
            .frame(Frame::NONE)
            .text_color(skin.t1)
            .char_limit(80)
            .event_filter(bevy_egui::egui::EventFilter {
                escape: true,
                ..Default::default()
            });
        let response = ui.put(field, edit);
        if std::mem::take(&mut st.search.focus) {
            response.request_focus();
        } else if response.lost_focus() && !enter {
            close = true;
        }
        let last = rows.saturating_sub(1);
        if down {
            st.search.cursor = (st.search.cursor + 1).min(last);
        }
        if up {
            st.search.cursor = st.search.cursor.saturating_sub(1);
        }
        if rows > 0 || empty {
            pen.hline(
                rect.min.x + 1.0,
                rect.max.x - 1.0,
                rect.min.y + FIELD,
                skin.line,
            );
        }
        if empty {
            pen.left(
                pos2(rect.min.x + 42.0, rect.min.y + FIELD + 20.0),
                s.words.t("search.nothing"),
                skin.regular(Role::Body),
                skin.t3,
            );
        }
        for i in 0..rows {
            let r = Rect::from_min_size(
                pos2(rect.min.x + 1.0, rect.min.y + FIELD + 0.5 + i as f32 * ROW),
                vec2(width - 2.0, ROW),
            );
            let hit = &st.search.hits[i];
            let response = ui.interact(r, Id::new(("search-hit", i)), Sense::click());
            row_ground(
                &pen,
                r,
                response.hovered(),
                st.search.cursor == i,
                skin.action,
            );
            let mark = pos2(r.min.x + 23.0, r.center().y);
            match hit.found {
                Found::Place(..) => {
                    painter.circle_stroke(
                        mark - vec2(0.0, 2.0),
                        4.0,
                        bevy_egui::egui::Stroke::new(1.6, skin.t2),
                    );
                    painter.line_segment(
                        [mark + vec2(0.0, 2.0), mark + vec2(0.0, 7.0)],
                        bevy_egui::egui::Stroke::new(1.6, skin.t2),
                    );
                }
                Found::Case(_, severity) => pen.severity(mark, 6.0, severity),
                Found::Unit(_, status) => pen.unit(mark, 9.0, status, s.icons.fleet(&hit.fleet)),
            }
            let spans = [
                span(&hit.title, skin.bold(Role::Row), skin.t1),
                span(&hit.detail, skin.regular(Role::Small), skin.t3).after(10.0),
            ];
            pen.spans(pos2(r.min.x + 42.0, r.center().y), r.width() - 60.0, &spans);
            if i > 0 {
                pen.hline(r.min.x, r.max.x, r.min.y, skin.row_line);
            }
            let clicked = response.on_hover_cursor(CursorIcon::PointingHand).clicked();
            if clicked || (enter && st.search.cursor == i) {
                out.push(go(&hit.found));
                close = true;
            }
        }
    });
    if close {
        st.search.open = false;
        st.search.query.clear();
        st.search.answered.clear();
        st.search.hits.clear();
    }
}

fn go(found: &Found) -> Action {
    match *found {
        // The more important a place, the larger it is: a district is seen whole, a building from near.
        Found::Place(at, rank) => {
            Action::Fly(at, Some((13.0 + f64::from(rank) * 0.45).clamp(13.5, 16.8)))
        }
        Found::Case(id, _) => Action::SelectAndFly(Selection::Case(id)),
        Found::Unit(id, _) => Action::SelectAndFly(Selection::Unit(id)),
    }
}
