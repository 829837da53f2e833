//! The menu of a place on the map: report a case here, send a unit here.

use super::state::{MenuAct, MenuPage, PlaceMenu};
use super::{MenuScene, OWNER};
use crate::facts::case;
use crate::i18n::{arrival, length_km};
use crate::panels::console::Acts;
use crate::panels::fork;
use crate::panels::model::search::initials;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, button, field, panel, press, row_ground};
use bevy_egui::egui::{Context, CursorIcon, Id, Memory, Order, Rect, Sense, Ui, Vec2, pos2, vec2};
use chengtu_engine::city::ClassInfo;
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::geo::distance_m;
use chengtu_engine::ids::{ClassId, UnitId};
use chengtu_engine::model::UnitStatus;
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::UnitView;

const WIDTH: f32 = 340.0;
const ROW: f32 = 36.0;
const CLASSES_MAX: usize = 7;
const UNITS_MAX: usize = 8;

/// Draws a menu; false where it is closed with that.
pub fn draw(ctx: &Context, s: &MenuScene<'_>, menu: &mut PlaceMenu, out: &mut Acts) -> bool {
    let height = match menu.page {
        MenuPage::Actions => 46.0 + (orders(s).len() + 2) as f32 * ROW + 8.0,
        MenuPage::Report => 46.0 + 3.0 * 40.0 + CLASSES_MAX as f32 * 28.0 + 66.0,
        MenuPage::Send => 46.0 + menu.candidates.len().max(1) as f32 * 44.0 + 8.0,
    };
    let size = vec2(WIDTH, height);
    let free = s.layout.window.shrink(8.0);
    let corner = pos2(
        (menu.screen.x + 10.0)
            .min(free.max.x - size.x)
            .max(free.min.x),
        (menu.screen.y + 10.0)
            .min(free.max.y - size.y)
            .max(free.min.y),
    );
    let rect = Rect::from_min_size(corner, size);
    let mut open = true;
    // The place meant is marked while the menu is open.
    let mark = ctx.layer_painter(bevy_egui::egui::LayerId::new(
        Order::Background,
        Id::new("menu-mark"),
    ));
    if let Some(p) = s.camera.screen_from_world(menu.at) {
        let p = pos2(p.pos.x, p.pos.y);
        mark.circle_stroke(p, 7.0, bevy_egui::egui::Stroke::new(4.0, s.skin.halo));
        mark.circle_stroke(p, 7.0, bevy_egui::egui::Stroke::new(2.0, s.skin.t1));
    }
    area(ctx, "place-menu", rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        let at = rect.min + vec2(16.0, 23.0);
        let title = if menu.address.is_empty() {
            s.words.t("menu.here")
        } else {
            &menu.address
        };
        let place = format!("{:.5}, {:.5}", menu.at.lon_deg, menu.at.lat_deg);
        let spans = [
            span(title, s.skin.bold(Role::Row), s.skin.t1),
            span(&place, s.skin.regular(Role::Small), s.skin.t3).after(8.0),
        ];
        pen.spans(at, WIDTH - 32.0, &spans);
        pen.hline(
            rect.min.x + 1.0,
            rect.max.x - 1.0,
            rect.min.y + 45.0,
            s.skin.line,
        );
        let body = Rect::from_min_max(pos2(rect.min.x, rect.min.y + 46.0), rect.max);
        open = match menu.page {
            MenuPage::Actions => actions(ui, &pen, s, menu, body, out),
            MenuPage::Report => report(ui, &pen, s, menu, body, out),
            MenuPage::Send => send(ui, &pen, s, menu, body, out),
        };
        let outside = ui.input(|i| {
            i.pointer.any_pressed()
                && i.pointer
                    .interact_pos()
                    .is_some_and(|p| !rect.expand(2.0).contains(p))
        });
        open &= !outside;
    });
    open
}

/// What can be ordered at a place: in the past nothing can, there it can only be asked what would have been.
fn orders(s: &MenuScene<'_>) -> &'static [(&'static str, MenuPage)] {
    if s.is_past() {
        &[]
    } else {
        &[
            ("menu.report", MenuPage::Report),
            ("menu.send", MenuPage::Send),
        ]
    }
}

fn actions(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &MenuScene<'_>,
    menu: &mut PlaceMenu,
    body: Rect,
    out: &mut Acts,
) -> bool {
    let orders = orders(s);
    let entered = walk(s, menu, orders.len() + 2);
    for (i, (key, page)) in orders.iter().copied().enumerate() {
        let needs = match page {
            MenuPage::Send => Permission::SendUnits,
            MenuPage::Report | MenuPage::Actions => Permission::ReportCases,
        };
        let able = s.may(needs) && s.is_live();
        if action(ui, pen, s, body, i, key, able, menu.row) || (able && entered == Some(i)) {
            (menu.page, menu.row) = (page, None);
            menu.focus_text = true;
            if page == MenuPage::Send {
                menu.candidates = nearest_free(s, menu);
                out.extend(menu.candidates.iter().map(|u| MenuAct::Route(*u, menu.at)));
            }
        }
    }
    let tries = [
        ("fork.close_road", fork::Place::CloseRoad),
        ("fork.add_unit", fork::Place::AddUnit),
    ];
    for (i, (key, act)) in tries.into_iter().enumerate() {
        let asked = fork::at_place(s, menu.at, act).filter(|_| fork::can_begin(s));
        let i = orders.len() + i;
        let able = asked.is_some();
        if action(ui, pen, s, body, i, key, able, menu.row) || (able && entered == Some(i)) {
            out.extend(asked);
            return false;
        }
    }
    true
}

/// Walks through the lines of a page; the line that Enter was pressed on. Before an arrow was pressed there is none: an
/// Enter that was meant for something else does nothing here.
fn walk(s: &MenuScene<'_>, menu: &mut PlaceMenu, count: usize) -> Option<usize> {
    let keys = s.list_keys(OWNER);
    if keys.moves != 0 {
        menu.row = Some(menu.row.map_or(0, |row| keys.walk(row, count)));
    }
    menu.row.filter(|row| keys.enter && *row < count)
}

/// A line of the menu; true where it was pressed.
fn action(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &MenuScene<'_>,
    body: Rect,
    i: usize,
    key: &str,
    able: bool,
    row: Option<usize>,
) -> bool {
    let r = Rect::from_min_size(
        pos2(body.min.x + 1.0, body.min.y + 4.0 + i as f32 * ROW),
        vec2(WIDTH - 2.0, ROW),
    );
    let response = press(ui, r, Id::new(("menu-action", i)), pen, 4);
    row_ground(
        pen,
        r,
        able && response.hovered(),
        row == Some(i),
        pen.skin.t1,
    );
    let color = if able { pen.skin.t1 } else { pen.skin.t4 };
    let at = pos2(r.min.x + 16.0, r.center().y);
    pen.left(at, s.words.t(key), pen.skin.regular(Role::Row), color);
    able && response.clicked()
}

/// Classes that a text finds, by name in either language, code or initials; all while nothing is typed.
pub fn find_classes(classes: &[ClassInfo], query: &str) -> Vec<ClassId> {
    let q: String = query.trim().to_lowercase();
    let fits = |c: &ClassInfo| {
        q.is_empty()
            || c.name.to_lowercase().contains(&q)
            || c.name_en.to_lowercase().contains(&q)
            || c.code.to_lowercase().starts_with(&q)
            || c.group.contains(&q)
            || initials(&c.name).starts_with(&q)
    };
    classes
        .iter()
        .enumerate()
        .filter(|(_, c)| fits(c))
        .map(|(i, _)| ClassId(i as u16))
        .collect()
}

/// A line of the form, counted from its top.
fn form_line(body: Rect, i: f32) -> Rect {
    Rect::from_min_size(
        pos2(body.min.x + 12.0, body.min.y + 10.0 + i * 40.0),
        Vec2::new(WIDTH - 24.0, 32.0),
    )
}

fn report(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &MenuScene<'_>,
    menu: &mut PlaceMenu,
    body: Rect,
    out: &mut Acts,
) -> bool {
    let w = s.words;
    let found = class_field(ui, pen, s, menu, body);
    let class = menu.class.or_else(|| (found.len() == 1).then(|| found[0]));
    let filed = enter(ui, s, menu, &found);
    class_rows(ui, pen, s, menu, body, &found);
    let below = CLASSES_MAX as f32 * 28.0 / 40.0 + 1.15;
    let line = form_line(body, below);
    let hint = w.t("menu.address_hint");
    field(
        ui,
        pen,
        line,
        "menu-address",
        &mut menu.address,
        hint,
        false,
    );
    let line = form_line(body, below + 1.0);
    let hint = w.t("menu.note_hint");
    let focus = std::mem::take(&mut menu.focus_note);
    field(ui, pen, line, "menu-note", &mut menu.note, hint, focus);
    // What is typed again is reviewed again.
    menu.review &= !ui.ctx().text_edit_focused();
    let foot = Rect::from_min_size(
        pos2(body.min.x + 12.0, body.max.y - 50.0),
        vec2(WIDTH - 24.0, 38.0),
    );
    let able = class.is_some() && s.may(Permission::ReportCases) && s.is_live();
    let label = match class.and_then(|c| classes(s).get(usize::from(c.0))) {
        Some(c) => w.f(
            "menu.report_class",
            &[("class", w.name(&c.name, &c.name_en))],
        ),
        None => w.t("menu.report_now").into(),
    };
    let pressed = button(ui, pen, foot, Id::new(("menu-report", class)), &label, able);
    if menu.review {
        pen.focus_ring(foot, 6);
        let cap = pos2(foot.max.x - 12.0, foot.center().y);
        pen.key_cap(cap, "Enter", pen.skin.t2, pen.skin.t2);
    }
    if let (true, true, Some(class)) = (pressed || filed, able, class) {
        out.push(MenuAct::Give(CommandRequest::ReportCase {
            class,
            severity: None,
            lon: menu.at.lon_deg,
            lat: menu.at.lat_deg,
            address: menu.address.trim().into(),
            note: menu.note.trim().into(),
        }));
        return false;
    }
    true
}

/// What Enter does in the form: it takes the class under the keyboard, then ends the text, and only then files. True
/// where it files.
fn enter(ui: &Ui, s: &MenuScene<'_>, menu: &mut PlaceMenu, found: &[ClassId]) -> bool {
    if !s.list_keys(OWNER).enter {
        return false;
    }
    let typing = |id: &str| ui.memory(|m| m.has_focus(Id::new(id)));
    if typing("menu-class") {
        menu.class = found.get(menu.cursor).copied();
        menu.focus_note = menu.class.is_some();
        return false;
    }
    if ui.ctx().text_edit_focused() {
        ui.memory_mut(Memory::stop_text_input);
        menu.review = true;
        return false;
    }
    menu.review
}

/// The field that finds a class, and the keys that walk through what it finds.
fn class_field(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &MenuScene<'_>,
    menu: &mut PlaceMenu,
    body: Rect,
) -> Vec<ClassId> {
    let focus = std::mem::take(&mut menu.focus_text);
    let (line, hint) = (form_line(body, 0.0), s.words.t("menu.class_hint"));
    if field(ui, pen, line, "menu-class", &mut menu.query, hint, focus) {
        menu.class = None;
        menu.cursor = 0;
    }
    let found = find_classes(classes(s), &menu.query);
    let shown = found.len().min(CLASSES_MAX);
    if s.list_keys(OWNER).moves != 0 {
        menu.cursor = s.list_keys(OWNER).walk(menu.cursor, shown);
        menu.class = None;
    }
    found
}

fn classes<'a>(s: &MenuScene<'a>) -> &'a [ClassInfo] {
    let hello = s.mirror.hello.as_ref();
    hello.map(|h| h.city.classes.as_slice()).unwrap_or_default()
}

fn class_rows(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &MenuScene<'_>,
    menu: &mut PlaceMenu,
    body: Rect,
    found: &[ClassId],
) {
    let (skin, w) = (s.skin, s.words);
    let top = body.min.y + 50.0;
    for (i, id) in found.iter().take(CLASSES_MAX).enumerate() {
        let Some(c) = classes(s).get(usize::from(id.0)) else {
            continue;
        };
        let r = Rect::from_min_size(
            pos2(body.min.x + 1.0, top + i as f32 * 28.0),
            vec2(WIDTH - 2.0, 28.0),
        );
        let response = ui.interact(r, Id::new(("menu-class-row", i)), Sense::click());
        let chosen = menu.class == Some(*id);
        let lit = response.hovered() || (menu.cursor == i && menu.class.is_none());
        row_ground(pen, r, lit, chosen, skin.action);
        pen.severity(pos2(r.min.x + 22.0, r.center().y), 5.2, c.severity);
        let limit = case::limit_words(c.limit, w);
        let end = pen.right(
            pos2(r.max.x - 14.0, r.center().y),
            &limit,
            skin.regular(Role::Small),
            skin.t3,
        );
        pen.left_within(
            pos2(r.min.x + 36.0, r.center().y),
            end - r.min.x - 44.0,
            w.name(&c.name, &c.name_en),
            skin.regular(Role::Body),
            skin.t1,
        );
        if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
            menu.class = Some(*id);
            menu.cursor = i;
        }
    }
    if found.is_empty() {
        pen.left(
            pos2(body.min.x + 16.0, top + 14.0),
            w.t("menu.no_class"),
            skin.regular(Role::Body),
            skin.t3,
        );
    }
}

/// Free units nearest in a straight line: those whose way by road is worth asking for.
fn nearest_free(s: &MenuScene<'_>, menu: &PlaceMenu) -> Vec<UnitId> {
    let Ok(here) = menu.at.position() else {
        return Vec::new();
    };
    let mut free: Vec<(f64, UnitId)> = s
        .mirror
        .units
        .values()
        .filter(|u| u.status == UnitStatus::Available)
        .filter_map(|u| Some((distance_m(s.mirror.mover(u.mover)?.position, here), u.id)))
        .collect();
    free.sort_by(|a, b| a.0.total_cmp(&b.0));
    free.into_iter().take(UNITS_MAX).map(|(_, id)| id).collect()
}

fn send(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &MenuScene<'_>,
    menu: &mut PlaceMenu,
    body: Rect,
    out: &mut Acts,
) -> bool {
    let (skin, w) = (s.skin, s.words);
    // In the order in which the menu was opened: rows stay where they are while their ways come in.
    let rows: Vec<(Option<f64>, UnitId)> = menu
        .candidates
        .iter()
        .map(|u| (s.routes.to(*u, menu.at).and_then(|r| r.seconds), *u))
        .collect();
    let soonest = rows.iter().filter_map(|(t, _)| *t).min_by(f64::total_cmp);
    let entered = walk(s, menu, rows.len());
    if rows.is_empty() {
        pen.left(
            body.min + vec2(16.0, 24.0),
            w.t("dispatch.none_free"),
            skin.regular(Role::Body),
            skin.t3,
        );
    }
    for (i, (seconds, id)) in rows.iter().enumerate() {
        let Some(u) = s.mirror.units.get(id) else {
            continue;
        };
        let r = Rect::from_min_size(
            pos2(body.min.x + 1.0, body.min.y + 4.0 + i as f32 * 44.0),
            vec2(WIDTH - 2.0, 44.0),
        );
        let response = ui.interact(r, Id::new(("menu-unit", id.0)), Sense::click());
        row_ground(pen, r, response.hovered(), menu.row == Some(i), skin.t1);
        let is_soonest = seconds.is_some() && *seconds == soonest;
        unit_row(pen, s, menu, r, u, is_soonest);
        let clicked = response.on_hover_cursor(CursorIcon::PointingHand).clicked();
        if (clicked || entered == Some(i))
            && s.may(Permission::SendUnits)
            && s.is_live()
            && u.status == UnitStatus::Available
        {
            out.push(MenuAct::Give(CommandRequest::DispatchUnit {
                unit: *id,
                target: Target::Place(menu.at.lon_deg, menu.at.lat_deg),
                expected_s: seconds.map(|t| t.round() as u32),
            }));
            return false;
        }
    }
    true
}

/// A unit that could be sent, and its way as far as it is known.
fn unit_row(
    pen: &Pen<'_>,
    s: &MenuScene<'_>,
    menu: &PlaceMenu,
    r: Rect,
    u: &UnitView,
    is_soonest: bool,
) {
    let (skin, w) = (s.skin, s.words);
    let y = r.center().y;
    let glyph = s.icons.fleet(&u.fleet);
    pen.unit(pos2(r.min.x + 26.0, y), 10.0, u.status, glyph);
    pen.left(
        pos2(r.min.x + 46.0, y),
        w.name(&u.call_sign, &u.call_sign_en),
        skin.bold(Role::Row),
        skin.t1,
    );
    let right = pos2(r.max.x - 16.0, y);
    let route = s.routes.to(u.id, menu.at);
    let Some((route, seconds)) = route.and_then(|r| Some((r, r.seconds?))) else {
        let key = if route.is_some() {
            "reason.no_road"
        } else {
            "dispatch.asking"
        };
        pen.right(right, w.t(key), skin.regular(Role::Small), skin.t3);
        return;
    };
    let time = pos2(right.x - 74.0, y);
    let color = if is_soonest { skin.action } else { skin.t1 };
    pen.right(time, &arrival(seconds), skin.bold(Role::Row), color);
    let length = length_km(route.length_m);
    pen.right(right, &length, skin.regular(Role::Body), skin.t2);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;

    #[test]
    fn a_class_is_found_by_typing_any_of_its_names() {
        let classes = sample::hello().city.classes;
        let cover = ClassId(5);
        for query in ["污水", "井盖", "wsjg", "manhole", "Sewer"] {
            assert!(find_classes(&classes, query).contains(&cover), "{query}");
        }
        assert_eq!(find_classes(&classes, "").len(), classes.len());
        assert!(find_classes(&classes, "飞碟").is_empty());
    }
}
