//! The page: accounts on the left, the chosen one on the right.

use super::state::{Row, UsersAct, UsersState};
use super::{OWNER, form, once};
use crate::facts::post::{label, roles_words};
use crate::panels::console::{Acts, Scene};
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel, press, row_ground, small_button};
use bevy_egui::egui::{
    CornerRadius, CursorIcon, Id, Order, Rect, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2,
};

/// Largest size of the page.
const SIZE: [f32; 2] = [1_120.0, 700.0];
/// Width of what is said of one account.
pub(super) const SIDE: f32 = 392.0;
pub(super) const PAD: f32 = 20.0;
const HEAD: f32 = 56.0;
const ROW: f32 = 52.0;

/// Draws the page, where it is open.
pub(super) fn draw(s: &Scene<'_>, st: &mut UsersState, out: &mut Acts) {
    let screen = s.layout.screen;
    let size = vec2(
        SIZE[0].min(screen.width() - 48.0),
        SIZE[1].min(screen.height() - 140.0),
    );
    let rect = Rect::from_center_size(screen.center(), size);
    let keys = s.list_keys(OWNER);
    if keys.moves != 0 && !st.making {
        st.choose(keys.walk(st.cursor, st.rows.len()));
    }
    let mut keep = true;
    area(&s.ctx, OWNER.0, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        keep = head(ui, &pen, s, st, rect);
        let top = rect.min.y + HEAD;
        pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, top, s.skin.line);
        let split = rect.max.x - SIDE;
        pen.vline(split, top, rect.max.y - 1.0, s.skin.line);
        let left = Rect::from_min_max(pos2(rect.min.x + 1.0, top + 1.0), pos2(split, rect.max.y));
        list(ui, s, st, left);
        let right = Rect::from_min_max(pos2(split + 1.0, top + 1.0), rect.max);
        if st.shown_once.is_some() {
            once::draw(ui, &pen, s, st, right);
        } else {
            form::draw(ui, &pen, s, st, right, keys.enter, out);
        }
    });
    if !keep {
        *st = UsersState::default();
    }
    s.ctx
        .request_repaint_after(std::time::Duration::from_millis(500));
}

/// Title, how many there are, the button that begins a new one, and the cross. False where the page is closed.
fn head(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, st: &mut UsersState, rect: Rect) -> bool {
    let (skin, w) = (s.skin, s.words);
    let y = rect.min.y + HEAD / 2.0;
    let at = pos2(rect.min.x + PAD, y);
    let end = pen.left(at, w.t("me.users"), skin.bold(Role::Heading), skin.t1);
    let logged_in = st.sessions.len().to_string();
    let counts = w.f(
        "users.counts",
        &[("n", &st.rows.len().to_string()), ("logged_in", &logged_in)],
    );
    if st.known {
        let at = pos2(end + 12.0, y + 1.0);
        pen.left(at, &counts, skin.regular(Role::Small), skin.t3);
    }
    let cross = Rect::from_center_size(pos2(rect.max.x - 26.0, y), vec2(28.0, 28.0));
    let response = press(ui, cross, Id::new("users-close"), pen, 6);
    let color = if response.hovered() { skin.t1 } else { skin.t3 };
    pen.cross(cross.center(), 4.5, color);
    let right = cross.min.x - 10.0;
    let id = Id::new("users-new");
    let (pressed, _) = small_button(ui, pen, right, y, id, w.t("users.new"), !st.making);
    if pressed {
        st.begin();
    }
    !response.clicked()
}

fn list(ui: &mut Ui, s: &Scene<'_>, st: &mut UsersState, rect: Rect) {
    let mut inner = ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(0.0, 4.0))));
    inner.set_clip_rect(rect);
    if !st.known {
        let pen = Pen {
            painter: inner.painter(),
            skin: s.skin,
        };
        let font = s.skin.regular(Role::Body);
        let text = s.words.t("users.asking");
        pen.left(rect.min + vec2(PAD, 28.0), text, font, s.skin.t3);
        return;
    }
    let mut chosen = None;
    ScrollArea::vertical()
        .id_salt("users-list")
        .auto_shrink([false, false])
        .show(&mut inner, |ui| {
            for (i, row) in st.rows.iter().enumerate() {
                let under = st.cursor == i && !st.making;
                let sessions = st.sessions.iter().filter(|x| x.name == row.name).count();
                if line(ui, s, row, (i, under), sessions, rect.width()) {
                    chosen = Some(i);
                }
            }
        });
    if let Some(place) = chosen {
        st.choose(place);
    }
}

/// One account: what it is called, as what, and whether it is logged in. True where it is pressed.
fn line(
    ui: &mut Ui,
    s: &Scene<'_>,
    row: &Row,
    (place, under): (usize, bool),
    sessions: usize,
    width: f32,
) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::click());
    let painter = ui.painter().clone();
    let pen = Pen {
        painter: &painter,
        skin: s.skin,
    };
    let skin = s.skin;
    row_ground(&pen, rect, response.hovered(), under, skin.action);
    if place > 0 {
        pen.hline(rect.min.x, rect.max.x, rect.min.y, skin.row_line);
    }
    let (x, y) = (rect.min.x + PAD, rect.center().y);
    let (first, second) = if row.disabled {
        (skin.t3, skin.t4)
    } else {
        (skin.t1, skin.t3)
    };
    let mark = pos2(x + 8.0, y);
    if sessions > 0 {
        pen.painter.circle_filled(mark, 5.0, skin.better);
    } else {
        let stroke = bevy_egui::egui::Stroke::new(1.5, skin.t4);
        pen.painter.circle_stroke(mark, 4.5, stroke);
    }
    let named = if row.display.is_empty() {
        &row.name
    } else {
        &row.display
    };
    let room = width * 0.36;
    let at = pos2(x + 28.0, y - 9.0);
    pen.left_within(at, room, named, skin.bold(Role::Row), first);
    let at = pos2(x + 28.0, y + 10.0);
    pen.left_within(at, room, &row.name, skin.regular(Role::Small), second);
    let middle = x + 28.0 + room + 12.0;
    let state = state_words(s, row, sessions);
    let right = rect.max.x - PAD;
    let state_font = skin.regular(Role::Small);
    let color = if row.must_change || row.disabled {
        skin.t2
    } else {
        second
    };
    let begins = pen.right(pos2(right, y), &state, state_font, color);
    let post = post_words(s, row);
    let room = begins - 12.0 - middle;
    let font = skin.regular(Role::Body);
    pen.left_within(pos2(middle, y - 9.0), room, &post, font, first);
    let under = under_words(s, row);
    let font = skin.regular(Role::Small);
    pen.left_within(pos2(middle, y + 10.0), room, &under, font, second);
    if row.disabled {
        let name_at = pos2(x + 28.0, y - 9.0);
        let width = pen.width(named, skin.bold(Role::Row)).min(width * 0.36);
        let bar = Rect::from_min_size(name_at, vec2(width, 1.0));
        pen.painter.rect_filled(bar, CornerRadius::ZERO, skin.t3);
    }
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

fn post_words(s: &Scene<'_>, row: &Row) -> String {
    if row.roles.is_empty() {
        return s.words.t(row.kind.key()).to_owned();
    }
    label(&roles_words(&row.roles, s.words))
}

/// Department and areas, or what a service speaks for.
fn under_words(s: &Scene<'_>, row: &Row) -> String {
    if !row.speaks_for.is_empty() {
        return row.speaks_for.clone();
    }
    let city = s.mirror.hello.as_ref().map(|h| &h.city);
    let department = crate::facts::post::department_words(&row.department, city, s.words);
    let areas = if row.areas.is_empty() {
        s.words.t("me.whole_city").to_owned()
    } else {
        row.areas.join(" ")
    };
    let both = [department, areas];
    let both: Vec<&str> = both.iter().map(String::as_str).collect();
    both.into_iter()
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn state_words(s: &Scene<'_>, row: &Row, sessions: usize) -> String {
    let w = s.words;
    if row.disabled {
        w.t("users.disabled").into()
    } else if sessions > 1 {
        w.n("users.logged_in_times", sessions)
    } else if sessions == 1 {
        w.t("users.logged_in").into()
    } else if row.must_change {
        w.t("users.must_change").into()
    } else {
        String::new()
    }
}

/// What is asked of the server.
pub(super) fn ask(out: &mut Acts, ask: crate::account::Ask) {
    out.push(UsersAct::Do(ask));
}
