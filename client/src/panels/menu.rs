//! The menu of a place on the map: report a case here, send a unit here.

use super::fork;
use super::model::case;
use super::model::search::initials;
use super::pen::{Pen, span};
use super::skin::Role;
use super::state::{Action, MenuPage, PanelState, PlaceMenu, Scene};
use super::widgets::{area, button, panel, press, row_ground};
use crate::i18n::{arrival, length_km};
use bevy_egui::egui::{
    Context, CursorIcon, FontSelection, Frame, Id, Key, Modifiers, Order, Rect, Sense, TextEdit,
    Ui, Vec2, pos2, vec2,
};
use chengtu_engine::city::ClassInfo;
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::geo::distance_m;
use chengtu_engine::ids::{ClassId, UnitId};
use chengtu_engine::model::UnitStatus;

const WIDTH: f32 = 340.0;
const ROW: f32 = 36.0;
const CLASSES_MAX: usize = 7;
const UNITS_MAX: usize = 8;

/// Draws the menu, where one is open.
pub fn show(ctx: &Context, s: &Scene<'_>, st: &mut PanelState, out: &mut Vec<Action>) {
    let Some(mut menu) = st.menu.take() else {
        return;
    };
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
            MenuPage::Actions => actions(ui, &pen, s, &mut menu, body, out),
            MenuPage::Report => report(ui, &pen, s, &mut menu, body, out),
            MenuPage::Send => send(ui, &pen, s, &mut menu, body, out),
        };
        let outside = ui.input(|i| {
            i.pointer.any_pressed()
                && i.pointer
                    .interact_pos()
                    .is_some_and(|p| !rect.expand(2.0).contains(p))
        });
        open &= !outside;
    });
    if open {
        st.menu = Some(menu);
    }
}

/// What can be ordered at a place: in the past nothing can, there it can only be asked what would have been.
fn orders(s: &Scene<'_>) -> &'static [(&'static str, MenuPage)] {
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
    s: &Scene<'_>,
    menu: &mut PlaceMenu,
    body: Rect,
    out: &mut Vec<Action>,
) -> bool {
    let able = s.may_command() && s.is_live();
    let orders = orders(s);
    for (i, (key, page)) in orders.iter().copied().enumerate() {
        if action(ui, pen, s, body, i, key, able) {
            menu.page = page;
            menu.focus_text = true;
            if page == MenuPage::Send {
                menu.candidates = nearest_free(s, menu);
                out.extend(menu.candidates.iter().map(|u| Action::Route(*u, menu.at)));
            }
        }
    }
    let tries = [
        ("fork.close_road", fork::Place::CloseRoad),
        ("fork.add_unit", fork::Place::AddUnit),
    ];
    for (i, (key, act)) in tries.into_iter().enumerate() {
        let asked = fork::at_place(s, menu.at, act).filter(|_| fork::can_begin(s));
        if action(ui, pen, s, body, orders.len() + i, key, asked.is_some()) {
            out.extend(asked);
            return false;
        }
    }
    true
}

/// A line of the menu; true where it was pressed.
fn action(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    body: Rect,
    i: usize,
    key: &str,
    able: bool,
) -> bool {
    let r = Rect::from_min_size(
        pos2(body.min.x + 1.0, body.min.y + 4.0 + i as f32 * ROW),
        vec2(WIDTH - 2.0, ROW),
    );
    let response = press(ui, r, Id::new(("menu-action", i)), pen, 4);
    row_ground(pen, r, able && response.hovered(), false, pen.skin.t1);
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

/// A text field; true where what is in it has changed.
pub fn field(
    ui: &mut Ui,
    pen: &Pen<'_>,
    rect: Rect,
    id: &str,
    text: &mut String,
    hint: &str,
    focus: bool,
) -> bool {
    pen.plate(rect, 6, pen.skin.inset, pen.skin.line);
    let edit = TextEdit::singleline(text)
        .id(Id::new(id))
        .hint_text(hint)
        .font(FontSelection::FontId(pen.skin.regular(Role::Body)))
        .frame(Frame::NONE)
        .text_color(pen.skin.t1)
        .char_limit(120);
    let response = ui.put(rect.shrink2(vec2(10.0, 6.0)), edit);
    if focus {
        response.request_focus();
    }
    if response.has_focus() {
        pen.focus_ring(rect, 6);
    }
    response.changed()
}

fn report(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    menu: &mut PlaceMenu,
    body: Rect,
    out: &mut Vec<Action>,
) -> bool {
    let (skin, w) = (s.skin, s.words);
    let (x, width) = (body.min.x + 12.0, WIDTH - 24.0);
    let line = |i: f32| {
        Rect::from_min_size(
            pos2(x, body.min.y + 10.0 + i * 40.0),
            Vec2::new(width, 32.0),
        )
    };
    let (up, down, enter) = ui.input_mut(|i| {
        (
            i.consume_key(Modifiers::NONE, Key::ArrowUp),
            i.consume_key(Modifiers::NONE, Key::ArrowDown),
            i.key_pressed(Key::Enter),
        )
    });
    let focus = std::mem::take(&mut menu.focus_text);
    if field(
        ui,
        pen,
        line(0.0),
        "menu-class",
        &mut menu.query,
        w.t("menu.class_hint"),
        focus,
    ) {
        menu.class = None;
        menu.cursor = 0;
    }
    let classes = s
        .mirror
        .hello
        .as_ref()
        .map(|h| h.city.classes.as_slice())
        .unwrap_or_default();
    let found = find_classes(classes, &menu.query);
    let shown = found.len().min(CLASSES_MAX);
    if down {
        menu.cursor = (menu.cursor + 1).min(shown.saturating_sub(1));
    }
    if up {
        menu.cursor = menu.cursor.saturating_sub(1);
    }
    let typing_class = ui.memory(|m| m.has_focus(Id::new("menu-class")));
    if enter && typing_class {
        menu.class = found.get(menu.cursor).copied();
    }
    let top = body.min.y + 50.0;
    for (i, id) in found.iter().take(CLASSES_MAX).enumerate() {
        let Some(c) = classes.get(usize::from(id.0)) else {
            continue;
        };
        let r = Rect::from_min_size(
            pos2(body.min.x + 1.0, top + i as f32 * 28.0),
            vec2(WIDTH - 2.0, 28.0),
        );
        let response = ui.interact(r, Id::new(("menu-class-row", i)), Sense::click());
        let chosen = menu.class == Some(*id);
        row_ground(
            pen,
            r,
            response.hovered() || (menu.cursor == i && menu.class.is_none()),
            chosen,
            skin.action,
        );
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
            pos2(x + 4.0, top + 14.0),
            w.t("menu.no_class"),
            skin.regular(Role::Body),
            skin.t3,
        );
    }
    let below = CLASSES_MAX as f32 * 28.0 / 40.0 + 1.15;
    field(
        ui,
        pen,
        line(below),
        "menu-address",
        &mut menu.address,
        w.t("menu.address_hint"),
        false,
    );
    field(
        ui,
        pen,
        line(below + 1.0),
        "menu-note",
        &mut menu.note,
        w.t("menu.note_hint"),
        false,
    );
    let foot = Rect::from_min_size(pos2(x, body.max.y - 50.0), vec2(width, 38.0));
    let class = menu.class.or_else(|| (found.len() == 1).then(|| found[0]));
    let pressed = button(
        ui,
        pen,
        foot,
        Id::new("menu-report"),
        w.t("menu.report_now"),
        class.is_some() && s.is_live(),
    );
    let by_key = enter && !typing_class && class.is_some();
    if let (true, Some(class)) = (pressed || by_key, class) {
        out.push(Action::Command(CommandRequest::ReportCase {
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

/// Free units nearest in a straight line: those whose way by road is worth asking for.
fn nearest_free(s: &Scene<'_>, menu: &PlaceMenu) -> Vec<UnitId> {
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
    s: &Scene<'_>,
    menu: &mut PlaceMenu,
    body: Rect,
    out: &mut Vec<Action>,
) -> bool {
    let (skin, w) = (s.skin, s.words);
    // By road, soonest first; those whose way is not known yet stand last.
    let mut rows: Vec<(Option<f64>, UnitId)> = menu
        .candidates
        .iter()
        .map(|u| (s.routes.to(*u, menu.at).and_then(|r| r.seconds), *u))
        .collect();
    rows.sort_by(|a, b| {
        a.0.unwrap_or(f64::INFINITY)
            .total_cmp(&b.0.unwrap_or(f64::INFINITY))
    });
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
        row_ground(pen, r, response.hovered(), false, skin.t1);
        pen.unit(
            pos2(r.min.x + 26.0, r.center().y),
            10.0,
            u.status,
            s.icons.fleet(&u.fleet),
        );
        pen.left(
            pos2(r.min.x + 46.0, r.center().y),
            w.name(&u.call_sign, &u.call_sign_en),
            skin.bold(Role::Row),
            skin.t1,
        );
        let route = s.routes.to(*id, menu.at);
        let right = r.max.x - 16.0;
        match (seconds, route) {
            (Some(t), Some(route)) => {
                pen.right(
                    pos2(right - 74.0, r.center().y),
                    &arrival(*t),
                    skin.bold(Role::Row),
                    skin.t1,
                );
                pen.right(
                    pos2(right, r.center().y),
                    &length_km(route.length_m),
                    skin.regular(Role::Body),
                    skin.t2,
                );
            }
            (None, Some(_)) => {
                pen.right(
                    pos2(right, r.center().y),
                    w.t("reason.no_road"),
                    skin.regular(Role::Small),
                    skin.t3,
                );
            }
            _ => {
                pen.right(
                    pos2(right, r.center().y),
                    w.t("dispatch.asking"),
                    skin.regular(Role::Small),
                    skin.t3,
                );
            }
        }
        if response.on_hover_cursor(CursorIcon::PointingHand).clicked()
            && u.status == UnitStatus::Available
        {
            out.push(Action::Command(CommandRequest::DispatchUnit {
                unit: *id,
                target: Target::Place(menu.at.lon_deg, menu.at.lat_deg),
                expected_s: seconds.map(|t| t.round() as u32),
            }));
            return false;
        }
    }
    true
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
