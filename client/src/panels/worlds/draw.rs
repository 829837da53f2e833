//! Worlds that can be entered: the running city, worlds of others, and scenarios that can be drilled.

use super::OWNER;
use super::state::{Entry, EntryId, WorldAct, Worlds};
use crate::facts::desk::desk_name;
use crate::facts::drill::seat_key;
use crate::i18n::spell_span;
use crate::panels::console::{Acts, Scene};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel, press, row_ground, small_button};
use bevy_egui::egui::{Context, Id, Order, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2};
use chengtu_engine::drill::Seat;
use chengtu_engine::record::World;

const WIDTH: f32 = 760.0;
const HEAD_H: f32 = 52.0;
const ROW: f32 = 56.0;
const GROUP: f32 = 28.0;
const PAD: f32 = 20.0;

/// Draws the list, where it is open.
pub fn draw(ctx: &Context, s: &Scene<'_>, worlds: &mut Worlds, here: World, out: &mut Acts) {
    let entries = worlds.entries(here);
    let groups = entries
        .iter()
        .map(group)
        .collect::<std::collections::BTreeSet<_>>();
    let list_h = entries.len().max(1) as f32 * ROW + groups.len() as f32 * GROUP;
    let screen = s.layout.screen;
    let height = (HEAD_H + list_h + 12.0).min(screen.height() - 200.0);
    let size = vec2(WIDTH.min(screen.width() - 64.0), height);
    let rect = Rect::from_center_size(screen.center(), size);
    let mut cursor = worlds.cursor.clone();
    let mut asked = None;
    let mut close = false;
    area(ctx, "worlds", rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        let at = rect.min + vec2(PAD, HEAD_H / 2.0);
        pen.left(
            at,
            s.words.t("worlds.title"),
            s.skin.bold(Role::Heading),
            s.skin.t1,
        );
        let cross = Rect::from_center_size(pos2(rect.max.x - 26.0, at.y), vec2(28.0, 28.0));
        let response = press(ui, cross, Id::new("worlds-close"), &pen, 6);
        let color = if response.hovered() {
            s.skin.t1
        } else {
            s.skin.t3
        };
        pen.cross(cross.center(), 4.5, color);
        close = response.clicked();
        pen.hline(rect.min.x, rect.max.x, rect.min.y + HEAD_H, s.skin.line);
        let body = Rect::from_min_max(pos2(rect.min.x, rect.min.y + HEAD_H), rect.max);
        if entries.is_empty() {
            let text = if worlds.known {
                "worlds.none"
            } else {
                "worlds.asking"
            };
            let font = s.skin.regular(Role::Body);
            pen.left(body.min + vec2(PAD, 28.0), s.words.t(text), font, s.skin.t3);
            return;
        }
        let at = keys(s, &mut cursor, &entries, &mut asked);
        let mut inner = ui.new_child(UiBuilder::new().max_rect(body.shrink2(vec2(1.0, 4.0))));
        ScrollArea::vertical()
            .id_salt("worlds-list")
            .auto_shrink([false, false])
            .show(&mut inner, |ui| {
                let mut last = None;
                for (i, entry) in entries.iter().enumerate() {
                    if last.replace(group(entry)) != Some(group(entry)) {
                        heading(ui, s, entry, body.width());
                    }
                    if let Some(action) = line(ui, s, entry, i == at, body.width()) {
                        asked = Some(action);
                    }
                }
            });
    });
    drop(entries);
    worlds.cursor = cursor;
    worlds.open = !close && asked.is_none();
    out.extend(asked);
}

/// Walks through the list; gives the place of the line under the keyboard.
fn keys(
    s: &Scene<'_>,
    cursor: &mut Option<EntryId>,
    entries: &[Entry<'_>],
    asked: &mut Option<WorldAct>,
) -> usize {
    let keys = s.list_keys(OWNER);
    let place = |id: &EntryId| entries.iter().position(|e| e.id() == *id);
    let here = cursor.as_ref().map(place);
    let at = keys.walk(here.flatten().unwrap_or(0), entries.len());
    let entry = entries.get(at);
    // What has gone from under the keyboard takes its Enter with it.
    if keys.enter && here != Some(None) {
        *asked = entry.and_then(|e| e.act(Seat::Participant));
    }
    *cursor = entry.map(Entry::id);
    at
}

fn group(entry: &Entry<'_>) -> &'static str {
    match entry {
        Entry::Live | Entry::Join(_) => "worlds.running",
        Entry::Scenario(_) => "worlds.scenarios",
    }
}

fn heading(ui: &mut Ui, s: &Scene<'_>, entry: &Entry<'_>, width: f32) {
    let (r, _) = ui.allocate_exact_size(vec2(width - 2.0, GROUP), Sense::hover());
    let painter = ui.painter().clone();
    let pen = Pen {
        painter: &painter,
        skin: s.skin,
    };
    pen.painter.rect_filled(r, 0, s.skin.group);
    let at = pos2(r.min.x + PAD, r.center().y);
    pen.left(
        at,
        s.words.t(group(entry)),
        s.skin.regular(Role::Small),
        s.skin.t3,
    );
}

/// Draws a line; returns what was pressed in it.
fn line(
    ui: &mut Ui,
    s: &Scene<'_>,
    entry: &Entry<'_>,
    chosen: bool,
    width: f32,
) -> Option<WorldAct> {
    let (r, response) = ui.allocate_exact_size(vec2(width - 2.0, ROW), Sense::click());
    let painter = ui.painter().clone();
    let pen = Pen {
        painter: &painter,
        skin: s.skin,
    };
    let (w, skin) = (s.words, s.skin);
    let possible = entry.act(Seat::Participant).is_some();
    row_ground(&pen, r, response.hovered() && possible, chosen, skin.t1);
    let (title, second, problem) = describe(s, entry);
    let mut asked = None;
    let mut right = r.max.x - PAD;
    let y = r.center().y;
    let mut one = |label: &str, name: &str, action: Option<WorldAct>| {
        let id = Id::new((name, title.as_str(), second.as_str()));
        let (pressed, left) = small_button(ui, &pen, right, y, id, label, action.is_some());
        right = left - 8.0;
        if pressed {
            asked = action;
        }
    };
    match entry {
        Entry::Live => one(w.t("worlds.enter"), "enter", entry.act(Seat::Viewer)),
        Entry::Join(world) if matches!(world.world, World::Drill(_)) => {
            for seat in [Seat::Viewer, Seat::Participant] {
                let label = w.f("worlds.join_as", &[("seat", w.t(seat_key(seat)))]);
                one(&label, seat_key(seat), entry.act(seat));
            }
        }
        Entry::Join(_) => one(w.t("worlds.join"), "join", entry.act(Seat::Viewer)),
        Entry::Scenario(_) => one(w.t("worlds.drill"), "drill", entry.act(Seat::Director)),
    }
    let x = r.min.x + PAD;
    let room = right - x - 12.0;
    let title_color = if possible { skin.t1 } else { skin.t4 };
    let title_at = pos2(x, r.min.y + 19.0);
    pen.left_within(title_at, room, &title, skin.bold(Role::Row), title_color);
    let color = if problem { skin.late } else { skin.t3 };
    let second_at = pos2(x, r.min.y + 38.0);
    let texts = [span(&second, skin.regular(Role::Small), color)];
    pen.spans(second_at, room, &texts);
    asked
}

/// Title and second line; true where that is why it cannot be entered.
fn describe(s: &Scene<'_>, entry: &Entry<'_>) -> (String, String, bool) {
    let w = s.words;
    match entry {
        Entry::Live => (
            w.t("worlds.live").into(),
            w.t("worlds.live_why").into(),
            false,
        ),
        Entry::Join(world) => {
            let kind = match world.world {
                World::Drill(_) => "worlds.kind_drill",
                World::Replay(_) | World::Fork(_) | World::Live => "worlds.kind_replay",
            };
            // The number that it is joined by, as on the command line and in the top bar of who is in it.
            let number = match world.world {
                World::Drill(n) | World::Replay(n) | World::Fork(n) => format!(" #{n}"),
                World::Live => String::new(),
            };
            let title = format!("{}{number}  {}", w.t(kind), world.title);
            let second = w.f(
                "worlds.of",
                &[
                    ("who", &desk_name(&world.owner, w)),
                    ("n", &world.sessions.to_string()),
                    ("time", &s.time.when_exactly(world.clock.time, s.now)),
                ],
            );
            (title, second, false)
        }
        Entry::Scenario(info) => {
            let title = w.name(&info.title, &info.title_en);
            let title = if title.is_empty() { &info.key } else { title };
            if !info.problem.is_empty() {
                return (title.into(), info.problem.clone(), true);
            }
            let second = w.f(
                "worlds.scenario",
                &[
                    ("span", &spell_span(f64::from(info.duration_s), w)),
                    ("n", &info.injects.to_string()),
                    ("summary", w.name(&info.summary, &info.summary_en)),
                ],
            );
            (title.into(), second, false)
        }
    }
}
