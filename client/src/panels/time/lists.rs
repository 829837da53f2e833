//! What opens above the bar: bookmarks with their notes, and the fields for a note and for a shared replay's name.

use super::chips::{Face, chip, field, ribbon, width};
use super::scene::TimeScene;
use super::state::TimeBar;
use super::state::{List, TimeAct, Typed};
use super::{LIST, NOTE};
use crate::facts::desk::desk_name;
use crate::panels::console::{Acts, KeyOwner};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel, press, row_ground};
use crate::panels::world::WorldLook;
use bevy_egui::egui::{
    Context, EventFilter, FontSelection, Frame, Id, Order, Rect, ScrollArea, TextEdit, Ui,
    UiBuilder, pos2, vec2,
};

const ROW: f32 = 46.0;
const HEAD: f32 = 46.0;
const WIDTH: f32 = 440.0;
/// Most rows on show; the rest is scrolled to.
const ROWS_MAX: usize = 7;

/// Draws whatever is open.
pub fn draw(ctx: &Context, s: &TimeScene<'_>, st: &mut TimeBar, world: &WorldLook, out: &mut Acts) {
    match st.list {
        Some(List::Bookmarks) => bookmarks(ctx, s, out),
        Some(List::Share) => share(ctx, s, st, world, out),
        None => {}
    }
    if st.note.is_some() {
        note(ctx, s, st, world, out);
    }
}

/// The open list's place: above the bar, at its right end.
fn place(s: &TimeScene<'_>, rows: usize) -> Rect {
    let bar = s.layout.time;
    let height = HEAD + rows.clamp(1, ROWS_MAX) as f32 * ROW + 8.0;
    let width = WIDTH.min(bar.width() - 32.0);
    Rect::from_min_max(
        pos2(bar.max.x - 16.0 - width, bar.min.y - 10.0 - height),
        pos2(bar.max.x - 16.0, bar.min.y - 10.0),
    )
}

fn head(pen: &Pen<'_>, rect: Rect, title: &str, count: usize) {
    let skin = pen.skin;
    let number = count.to_string();
    let spans = [
        span(title, skin.bold(Role::Heading), skin.t1),
        span(&number, skin.regular(Role::Body), skin.t3).after(8.0),
    ];
    pen.spans(rect.min + vec2(16.0, 24.0), rect.width() - 32.0, &spans);
    pen.hline(
        rect.min.x + 1.0,
        rect.max.x - 1.0,
        rect.min.y + HEAD - 2.0,
        skin.line,
    );
}

/// Rows that scroll inside a list; `row` draws one.
fn rows(ui: &mut Ui, list: Rect, count: usize, mut row: impl FnMut(&mut Ui, usize, Rect)) {
    let mut child = ui.new_child(UiBuilder::new().max_rect(list));
    child.set_clip_rect(list);
    ScrollArea::vertical()
        .id_salt("time-list")
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, seen| {
            ui.set_height(count as f32 * ROW);
            let origin = ui.min_rect().min;
            let first = (seen.min.y / ROW).max(0.0) as usize;
            let last = ((seen.max.y / ROW).ceil().max(0.0) as usize).min(count);
            for i in first..last {
                let min = pos2(list.min.x, origin.y + i as f32 * ROW);
                row(ui, i, Rect::from_min_size(min, vec2(list.width(), ROW)));
            }
        });
}

fn empty(pen: &Pen<'_>, list: Rect, words: &str) {
    let font = pen.skin.regular(Role::Body);
    pen.left(list.min + vec2(15.0, ROW / 2.0), words, font, pen.skin.t3);
}

fn bookmarks(ctx: &Context, s: &TimeScene<'_>, out: &mut Acts) {
    let list = &s.chronicle.bookmarks;
    let rect = place(s, list.len());
    area(ctx, LIST.0, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        let (skin, w) = (s.skin, s.words);
        panel(&pen, rect);
        head(&pen, rect, w.t("time.bookmarks"), list.len());
        let body = Rect::from_min_max(rect.min + vec2(1.0, HEAD), rect.max - vec2(1.0, 8.0));
        if list.is_empty() {
            empty(&pen, body, w.t("time.no_bookmarks"));
        }
        rows(ui, body, list.len(), |ui, i, r| {
            // The newest moment first.
            let b = &list[list.len() - 1 - i];
            let pen = Pen {
                painter: ui.painter(),
                skin,
            };
            let response = press(ui, r, Id::new(("bookmark", b.id)), &pen, 4);
            row_ground(&pen, r, response.hovered(), false, skin.action);
            ribbon(pen.painter, pos2(r.min.x + 23.0, r.min.y + 23.0), skin.t2);
            let when = s.time.when_exactly(b.time, s.now);
            let note = if b.note.is_empty() {
                w.t("time.no_note")
            } else {
                &b.note
            };
            let room = r.width() - 96.0;
            let at = pos2(r.min.x + 42.0, r.min.y + 15.0);
            pen.left_within(at, room, note, skin.bold(Role::Row), skin.t1);
            let by = desk_name(&b.by, w);
            let spans = [
                span(&when, skin.regular(Role::Small), skin.t2),
                span(&by, skin.regular(Role::Small), skin.t3).after(10.0),
            ];
            pen.spans(pos2(at.x, r.min.y + 33.0), room, &spans);
            let cross =
                Rect::from_center_size(pos2(r.max.x - 26.0, r.center().y), vec2(28.0, 28.0));
            let away = press(ui, cross, Id::new(("bookmark-away", b.id)), &pen, 6);
            let color = if away.hovered() { skin.t1 } else { skin.t3 };
            pen.cross(cross.center(), 4.0, color);
            if away.on_hover_text(w.t("time.remove")).clicked() {
                out.push(TimeAct::Unmark(b.id));
            } else if response.clicked() {
                out.push(TimeAct::GoTo(b.time));
            }
        });
    });
}

/// The line that lets others see this replay.
fn share(ctx: &Context, s: &TimeScene<'_>, st: &mut TimeBar, world: &WorldLook, out: &mut Acts) {
    let bar = s.layout.time;
    let rect = Rect::from_min_max(
        pos2(bar.max.x - 16.0 - WIDTH, bar.min.y - 66.0),
        pos2(bar.max.x - 16.0, bar.min.y - 10.0),
    );
    area(ctx, LIST.0, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        let w = s.words;
        panel(&pen, rect);
        let y = rect.center().y;
        if s.info.as_ref().is_some_and(|i| i.shared) {
            let at = pos2(rect.min.x + 16.0, y);
            let font = pen.skin.regular(Role::Body);
            pen.left(at, w.t("time.is_shared"), font, pen.skin.t2);
            return;
        }
        let label = w.t("time.share");
        let wide = width(&pen, label);
        let button =
            Rect::from_min_size(pos2(rect.max.x - 14.0 - wide, y - 14.0), vec2(wide, 28.0));
        let line = Rect::from_min_max(
            pos2(rect.min.x + 14.0, y - 14.0),
            pos2(button.min.x - 8.0, y + 14.0),
        );
        let focus = true;
        let fresh = || Typed {
            focus,
            ..Typed::default()
        };
        let name = st.name.get_or_insert_with(fresh);
        field(&pen, world, line, false);
        let id = ("time-share-name", LIST);
        let entered = text(ui, s, line, name, id, w.t("time.share_name"));
        let face = Face::Words(label);
        let id = Id::new("time-share-now");
        let pressed = chip(ui, &pen, world, button, id, face, false).clicked();
        if pressed || entered == Some(true) {
            let title = std::mem::take(&mut name.text);
            st.name = None;
            out.push(TimeAct::Share(title.trim().to_string()));
        } else if entered == Some(false) && !ui.rect_contains_pointer(rect) {
            st.name = None;
            st.list = None;
        }
    });
}

/// A line of text; `Some(true)` when it was entered, `Some(false)` when it was left.
fn text(
    ui: &mut Ui,
    s: &TimeScene<'_>,
    rect: Rect,
    typed: &mut Typed,
    (id, owner): (&str, KeyOwner),
    hint: &str,
) -> Option<bool> {
    let edit = TextEdit::singleline(&mut typed.text)
        .id(Id::new(id))
        .hint_text(hint)
        .font(FontSelection::FontId(s.skin.regular(Role::Body)))
        .frame(Frame::NONE)
        .text_color(s.skin.t1)
        .char_limit(120)
        .event_filter(EventFilter {
            escape: true,
            ..EventFilter::default()
        });
    let response = ui.put(rect.shrink2(vec2(8.0, 4.0)), edit);
    if std::mem::take(&mut typed.focus) {
        response.request_focus();
        return None;
    }
    if !response.lost_focus() && !response.has_focus() {
        return None;
    }
    if s.list_keys(owner).enter {
        return Some(true);
    }
    response.lost_focus().then_some(false)
}

/// The field for a bookmark's note, above the playhead.
fn note(ctx: &Context, s: &TimeScene<'_>, st: &mut TimeBar, world: &WorldLook, out: &mut Acts) {
    let bar = s.layout.time;
    let Some((at, typed)) = &mut st.note else {
        return;
    };
    let share = st.axis.share(*at);
    let middle = if st.plot_px > 0.0 && (0.0..=1.0).contains(&share) {
        bar.min.x + super::lanes::LABELS_W + st.plot_px * share as f32
    } else {
        bar.center().x
    };
    let half = 190.0;
    let x = middle
        .min(bar.max.x - half - 8.0)
        .max(bar.min.x + half + 8.0);
    let rect = Rect::from_min_max(
        pos2(x - half, bar.min.y - 66.0),
        pos2(x + half, bar.min.y - 10.0),
    );
    let at = *at;
    let mut done = None;
    area(ctx, NOTE.0, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        ribbon(
            &painter,
            pos2(rect.min.x + 22.0, rect.center().y + 7.0),
            world.color,
        );
        let when = s.time.hms(at);
        let end = pen.left(
            pos2(rect.min.x + 38.0, rect.center().y),
            &when,
            s.skin.bold(Role::Row),
            s.skin.t1,
        );
        let box_ = Rect::from_min_max(
            pos2(end + 12.0, rect.center().y - 15.0),
            pos2(rect.max.x - 14.0, rect.center().y + 15.0),
        );
        field(&pen, world, box_, false);
        let hint = s.words.t("time.note_hint");
        done = text(ui, s, box_, typed, ("time-note-text", NOTE), hint);
    });
    if let Some(entered) = done {
        if entered {
            let words = typed.text.trim().to_string();
            out.push(TimeAct::Mark(at, words));
        }
        st.note = None;
    }
}
