//! One account: what can be changed of it, and who is logged in by it.

use super::draw::{PAD, SIDE, ask};
use super::sessions;
use super::state::{Armed, Kind, Row, UsersState};
use crate::facts::post::{department_words, label as label_of, role_words};
use crate::panels::console::{Acts, Scene};
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::{button, chip_at, chip_width, field};
use bevy_egui::egui::{Id, Pos2, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};

const INNER: f32 = SIDE - 2.0 * PAD;
const LABEL: f32 = 24.0;
const FIELD: f32 = 34.0;
const CHIP: f32 = 30.0;

/// Draws what is said of the chosen account, or of the one that is written. `enter`: Enter was pressed.
pub(super) fn draw(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut UsersState,
    rect: Rect,
    enter: bool,
    out: &mut Acts,
) {
    let row = st.row().cloned();
    if row.is_none() && !st.making {
        return;
    }
    let foot = foot_height(st, row.as_ref());
    let body = Rect::from_min_max(rect.min, rect.max - vec2(0.0, foot));
    let mut inner = ui.new_child(UiBuilder::new().max_rect(body));
    inner.set_clip_rect(body);
    ScrollArea::vertical()
        .id_salt(("users-form", st.making, st.cursor))
        .auto_shrink([false, false])
        .show(&mut inner, |ui| {
            let corner = ui.cursor().min + vec2(PAD, 16.0);
            let painter = ui.painter().clone();
            let pen = Pen {
                painter: &painter,
                skin: s.skin,
            };
            let y = lines(ui, &pen, s, st, row.as_ref(), corner, out);
            let used = vec2(SIDE - 2.0, y - corner.y + 24.0);
            ui.allocate_space(used);
        });
    let foot = Rect::from_min_max(pos2(rect.min.x, rect.max.y - foot), rect.max);
    buttons(ui, pen, s, st, row.as_ref(), foot, enter, out);
}

/// Everything above the buttons; where it ends.
fn lines(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut UsersState,
    row: Option<&Row>,
    corner: Pos2,
    out: &mut Acts,
) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let x = corner.x;
    let mut y = corner.y;
    let title = row.map_or_else(|| w.t("users.new").to_owned(), |r| r.name.clone());
    let at = pos2(x, y + 8.0);
    pen.left_within(at, INNER, &title, skin.bold(Role::Title), skin.t1);
    y += 34.0;
    let label = |y: f32, key: &str| {
        pen.left(
            pos2(x, y + 8.0),
            w.t(key),
            skin.regular(Role::Small),
            skin.t3,
        );
        y + LABEL
    };
    let place = |y: f32| Rect::from_min_size(pos2(x, y), vec2(INNER, FIELD));
    if row.is_none() {
        y = label(y, "users.kind");
        let kinds = Kind::ALL.map(|k| (k.word().to_owned(), w.t(k.key()).to_owned()));
        let now = st.draft.kind;
        let on = |word: &str| word == now.word();
        let (chosen, below) = chips(ui, pen, ("users-kind", &kinds), pos2(x, y), on);
        if let Some(i) = chosen {
            st.draft.kind = Kind::ALL[i];
        }
        y = label(below, "log_in.name");
        field(
            ui,
            pen,
            place(y),
            "users-name",
            &mut st.draft.name,
            "",
            false,
        );
        y += FIELD + 10.0;
    }
    y = label(y, "users.display");
    field(
        ui,
        pen,
        place(y),
        "users-display",
        &mut st.draft.display,
        "",
        false,
    );
    y += FIELD + 10.0;
    if st.draft.kind == Kind::Person {
        y = post(ui, pen, s, st, (x, y));
    } else if row.is_none() {
        y = label(y, "users.speaks_for");
        let hint = w.t("users.speaks_for_hint");
        field(
            ui,
            pen,
            place(y),
            "users-speaks",
            &mut st.draft.speaks_for,
            hint,
            false,
        );
        y += FIELD + 10.0;
    }
    if let Some(fault) = &st.fault {
        let font = skin.regular(Role::Body);
        y += 4.0;
        y += pen.wrapped(pos2(x, y), INNER, &w.said(fault), font, skin.late, 20.0) + 8.0;
    }
    match row {
        Some(row) => sessions::draw(ui, pen, s, st, row, pos2(x, y + 6.0), out),
        None => y,
    }
}

/// Roles, department, areas; where they end.
fn post(ui: &mut Ui, pen: &Pen<'_>, s: &Scene<'_>, st: &mut UsersState, (x, y): (f32, f32)) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let label = |y: f32, key: &str| {
        pen.left(
            pos2(x, y + 8.0),
            w.t(key),
            skin.regular(Role::Small),
            skin.t3,
        );
        y + LABEL
    };
    let y = label(y, "me.roles");
    let named = |r: &String| (r.clone(), label_of(&role_words(r, w)));
    let roles: Vec<(String, String)> = st.roles.iter().map(named).collect();
    let has = st.draft.roles.clone();
    let on = |word: &str| has.iter().any(|r| r == word);
    let (chosen, below) = chips(ui, pen, ("users-role", &roles), pos2(x, y), on);
    if let Some(i) = chosen {
        st.draft.toggle(&roles[i].0);
    }
    let city = s.mirror.hello.as_ref().map(|h| &h.city);
    let known = city.map_or(&[][..], |c| c.departments.as_slice());
    let named = |key: &str| (key.to_owned(), department_words(key, city, w));
    let departments: Vec<(String, String)> = known.iter().map(|d| named(&d.key)).collect();
    let y = label(below, "me.department");
    let has = st.draft.department.clone();
    let on = |word: &str| word == has;
    let (chosen, below) = chips(ui, pen, ("users-department", &departments), pos2(x, y), on);
    if let Some(i) = chosen {
        // Pressed once more it is taken away.
        let key = &departments[i].0;
        st.draft.department = if *key == has {
            String::new()
        } else {
            key.clone()
        };
    }
    let y = label(below, "users.areas");
    let place = Rect::from_min_size(pos2(x, y), vec2(INNER, FIELD));
    let hint = w.t("users.areas_hint");
    field(
        ui,
        pen,
        place,
        "users-areas",
        &mut st.draft.areas,
        hint,
        false,
    );
    y + FIELD + 10.0
}

/// Chips in as many lines as they need. Which was pressed, and where they end.
fn chips(
    ui: &Ui,
    pen: &Pen<'_>,
    (name, all): (&str, &[(String, String)]),
    corner: Pos2,
    on: impl Fn(&str) -> bool,
) -> (Option<usize>, f32) {
    let (mut x, mut y) = (corner.x, corner.y);
    let mut chosen = None;
    for (i, (word, label)) in all.iter().enumerate() {
        let width = chip_width(pen, label);
        if x > corner.x && x + width > corner.x + INNER {
            (x, y) = (corner.x, y + CHIP + 2.0);
        }
        let id = Id::new((name, word));
        let (response, end) = chip_at(ui, pen, x, y, 26.0, id, label, on(word));
        if response.clicked() {
            chosen = Some(i);
        }
        x = end + 6.0;
    }
    (chosen, y + CHIP + 8.0)
}

fn foot_height(st: &UsersState, row: Option<&Row>) -> f32 {
    if st.making || row.is_none() {
        64.0
    } else {
        108.0
    }
}

/// Keep what is written; disable, enable, and give a new password.
fn buttons(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut UsersState,
    row: Option<&Row>,
    rect: Rect,
    enter: bool,
    out: &mut Acts,
) {
    let w = s.words;
    pen.hline(rect.min.x, rect.max.x - 1.0, rect.min.y, s.skin.line);
    let busy = st.doing.is_some();
    let x = rect.min.x + PAD;
    let wide = Rect::from_min_size(pos2(x, rect.min.y + 12.0), vec2(INNER, 40.0));
    let (label, asked) = match row {
        None => {
            let asked = st.draft.is_whole().then(|| st.draft.made());
            (w.t("users.make"), asked)
        }
        Some(row) => (w.t("users.save"), st.draft.changes(row)),
    };
    let able = asked.is_some() && !busy;
    let pressed = button(ui, pen, wide, Id::new("users-save"), label, able);
    let color = if able { s.skin.t2 } else { s.skin.t4 };
    let cap = pos2(wide.max.x - 12.0, wide.center().y);
    pen.key_cap(cap, "Enter", color, color);
    if let Some(asked) = asked.filter(|_| able && (pressed || enter)) {
        ask(out, asked);
    }
    let Some(row) = row else {
        return;
    };
    let half = (INNER - 10.0) / 2.0;
    let y = wide.max.y + 8.0;
    let left = Rect::from_min_size(pos2(x, y), vec2(half, 36.0));
    let right = Rect::from_min_size(pos2(x + half + 10.0, y), vec2(half, 36.0));
    let own = s.me.is_some_and(|me| me.name == row.name);
    let sure = |armed: Armed, key: &str, st: &UsersState| {
        let key = if st.armed == Some(armed) {
            "users.sure"
        } else {
            key
        };
        w.t(key).to_owned()
    };
    let key = if row.disabled {
        "users.enable"
    } else {
        "users.disable"
    };
    let label = sure(Armed::Disable, key, st);
    // Nobody disables their own account.
    if !own && button(ui, pen, left, Id::new("users-disable"), &label, !busy) {
        if row.disabled || st.armed == Some(Armed::Disable) {
            st.armed = None;
            ask(out, row.toggled());
        } else {
            st.armed = Some(Armed::Disable);
        }
    }
    let key = if row.kind == Kind::Person {
        "users.reset"
    } else {
        "users.rotate"
    };
    let label = sure(Armed::Renew, key, st);
    let place = if own { left } else { right };
    if button(ui, pen, place, Id::new("users-renew"), &label, !busy) {
        if st.armed == Some(Armed::Renew) {
            st.armed = None;
            ask(out, row.renewed());
        } else {
            st.armed = Some(Armed::Renew);
        }
    }
}
