//! Name and post, and what can be done about it.

use super::{MeState, OWNER};
use crate::account::Me;
use crate::facts::post::{areas_words, department_words, label, roles_words};
use crate::i18n::spell_span;
use crate::live::Grid;
use crate::panels::console::{Acts, Scene};
use crate::panels::log_in::LogInAct;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::users::UsersAct;
use crate::panels::widgets::{area, panel, row_ground};
use bevy_egui::egui::{CursorIcon, Id, Order, Rect, Sense, Ui, pos2, vec2};
use chengtu_engine::permission::Permission;

const WIDTH: f32 = 320.0;
const PAD: f32 = 16.0;
const HEAD: f32 = 62.0;
const FACT: f32 = 24.0;
const ROW: f32 = 40.0;

/// What can be done here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Users,
    Again,
    LogOut,
}

impl Does {
    fn words(self) -> &'static str {
        match self {
            Self::Users => "me.users",
            Self::Again => "log_in.title_again",
            Self::LogOut => "me.log_out",
        }
    }

    fn ask(self, out: &mut Acts) {
        match self {
            Self::Users => out.push(UsersAct::Open),
            Self::Again => out.push(LogInAct::Again),
            Self::LogOut => out.push(LogInAct::LogOut),
        }
    }
}

/// What whoever is here may do about it: a session is one's own to end, accounts are an administrator's.
fn does(me: &Me) -> Vec<Does> {
    let mut does = Vec::new();
    if me.rights.has(Permission::ManageAccounts) {
        does.push(Does::Users);
    }
    if me.ends.is_some() {
        does.extend([Does::Again, Does::LogOut]);
    }
    does
}

/// Draws the menu.
pub(super) fn draw(s: &Scene<'_>, grid: &Grid, me: &Me, state: &mut MeState, out: &mut Acts) {
    let facts = facts(s, grid, me);
    let does = does(me);
    let height = HEAD + facts.len() as f32 * FACT + 12.0 + does.len() as f32 * ROW + 8.0;
    let corner = pos2(s.layout.top.max.x - 12.0 - WIDTH, s.layout.top.max.y + 8.0);
    let rect = Rect::from_min_size(corner, vec2(WIDTH, height));
    let keys = s.list_keys(OWNER);
    state.cursor = keys.walk(state.cursor, does.len());
    let mut chosen = does.get(state.cursor).copied().filter(|_| keys.enter);
    let outside = area(&s.ctx, OWNER.0, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        head(&pen, s, me, rect);
        let mut y = rect.min.y + HEAD;
        for (label, value) in &facts {
            let at = pos2(rect.min.x + PAD, y + FACT / 2.0);
            let skin = s.skin;
            pen.left_within(at, 76.0, label, skin.regular(Role::Small), skin.t3);
            let room = WIDTH - 2.0 * PAD - 84.0;
            let value_at = at + vec2(84.0, 0.0);
            pen.left_within(value_at, room, value, skin.regular(Role::Body), skin.t1);
            y += FACT;
        }
        y += 12.0;
        if !does.is_empty() {
            pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y, s.skin.line);
        }
        for (i, what) in does.iter().enumerate() {
            let row = Rect::from_min_size(
                pos2(rect.min.x + 1.0, y + 4.0 + i as f32 * ROW),
                vec2(WIDTH - 2.0, ROW),
            );
            if line(ui, &pen, s, (row, i == state.cursor), *what) {
                chosen = Some(*what);
            }
        }
        ui.ctx().input(|i| {
            let pressed = i.pointer.any_pressed();
            let at = i.pointer.interact_pos();
            pressed && at.is_some_and(|p| !rect.contains(p) && !s.layout.top.contains(p))
        })
    });
    state.open &= !outside && chosen.is_none();
    if let Some(does) = chosen {
        does.ask(out);
    }
}

fn head(pen: &Pen<'_>, s: &Scene<'_>, me: &Me, rect: Rect) {
    let skin = s.skin;
    let at = rect.min + vec2(PAD, 22.0);
    let room = WIDTH - 2.0 * PAD;
    pen.left_within(at, room, &me.display, skin.bold(Role::Heading), skin.t1);
    let name = if me.name.is_empty() {
        s.words.t("me.no_account").to_owned()
    } else {
        me.name.clone()
    };
    let at = at + vec2(0.0, 20.0);
    pen.left_within(at, room, &name, skin.regular(Role::Small), skin.t3);
}

/// Label and value, one line each.
fn facts<'a>(s: &'a Scene<'_>, grid: &Grid, me: &Me) -> Vec<(&'a str, String)> {
    let w = s.words;
    let mut facts = Vec::new();
    if !me.roles.is_empty() {
        facts.push((w.t("me.roles"), label(&roles_words(&me.roles, w))));
    }
    if !me.department.is_empty() {
        let city = s.mirror.hello.as_ref().map(|h| &h.city);
        let department = department_words(&me.department, city, w);
        facts.push((w.t("me.department"), department));
    }
    facts.push((w.t("me.areas"), areas_words(&me.areas, grid, w)));
    if let Some(left) = me.left() {
        let span = spell_span(left.as_secs_f64(), w);
        facts.push((
            w.t("me.session"),
            w.f("me.session_ends", &[("span", &span)]),
        ));
    }
    facts
}

fn line(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, (row, under): (Rect, bool), what: Does) -> bool {
    let response = ui.interact(row, Id::new(("me", what.words())), Sense::click());
    row_ground(pen, row, response.hovered() || under, false, s.skin.action);
    let at = pos2(row.min.x + PAD - 1.0, row.center().y);
    let font = s.skin.regular(Role::Body);
    pen.left(at, s.words.t(what.words()), font, s.skin.t1);
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}
