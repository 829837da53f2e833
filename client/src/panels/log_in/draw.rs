//! The card: whose server, who, the password, and the button.

use super::OWNER;
use super::parts::{Does, Part, in_lines, parts};
use super::state::{Field, Line, LogInState, Pressed, Why};
use crate::panels::console::{Covered, Scene};
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, button, chip_at, chip_width, panel};
use bevy_egui::egui::text_edit::TextEditState;
use bevy_egui::egui::{
    Context, CornerRadius, CursorIcon, FontSelection, Frame, Id, LayerId, Order, Rect, Sense,
    TextEdit, Ui, Vec2, pos2, vec2,
};
use std::time::Duration;

const WIDTH: f32 = 416.0;
const PAD: f32 = 28.0;
const INNER: f32 = WIDTH - 2.0 * PAD;
const HEAD: f32 = 68.0;
const LINE_H: f32 = 20.0;
/// A line to write on: its label, the field, and what is below it.
const LABEL_H: f32 = 22.0;
const FIELD_H: f32 = 38.0;
const FIELD_GAP: f32 = 14.0;
const BUTTON_H: f32 = 44.0;
const SMALL_BUTTON_H: f32 = 38.0;
/// Longest name, password and address that are taken, characters.
const WRITTEN_MAX: usize = 256;

/// Draws the card; what is pressed on it.
pub(super) fn draw(
    s: &Scene<'_>,
    st: &mut LogInState,
    line: &Line,
    covered: &Covered,
) -> Option<Pressed> {
    let ctx = &s.ctx;
    if st.open == Some(Why::LoggedOut) {
        cover(s);
    }
    let parts = parts(st, line, s.words);
    let probe = ctx.layer_painter(LayerId::background());
    let pen = Pen {
        painter: &probe,
        skin: s.skin,
    };
    let heights: Vec<f32> = parts.iter().map(|p| height(&pen, s, p)).collect();
    let size = vec2(WIDTH, HEAD + 16.0 + heights.iter().sum::<f32>() + 12.0);
    let rect = place(s, st, size, covered);
    let mut pressed = None;
    area(ctx, OWNER.0, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        pressed = head(ui, &pen, s, st, rect);
        let keys = s.list_keys(OWNER);
        walk(ctx, st, keys.moves, &parts);
        let mut y = rect.min.y + HEAD + 16.0;
        for (part, height) in parts.iter().zip(&heights) {
            let at = Rect::from_min_size(pos2(rect.min.x + PAD, y), vec2(INNER, *height));
            pressed = draw_part(ui, &pen, s, (st, line), part, at).or(pressed.take());
            y += height;
        }
        if keys.enter && !st.is_busy() {
            let does = parts.iter().find_map(|p| match p {
                Part::Do(does) => Some(*does),
                _ => None,
            });
            pressed = does.map(pressed_by).or(pressed.take());
        }
    });
    if st.is_busy() || st.wait().is_some() {
        ctx.request_repaint_after(Duration::from_millis(200));
    }
    if pressed.is_some() || !st.is_open() {
        forget(ctx);
    }
    pressed
}

/// In the middle of the map, off what stands over it where there is room; in the middle of the screen where nothing else is
/// on it.
fn place(s: &Scene<'_>, st: &LogInState, size: Vec2, covered: &Covered) -> Rect {
    let window = s.layout.window;
    if st.open == Some(Why::LoggedOut) || window.width() < size.x {
        return Rect::from_center_size(s.layout.screen.center(), size);
    }
    let y = (window.center().y - size.y / 2.0).max(s.layout.top.max.y + 8.0);
    covered.place_below(window, y, size)
}

/// Over everything: whoever has left leaves nothing to be read.
fn cover(s: &Scene<'_>) {
    let layer = LayerId::new(Order::Middle, Id::new("log-in-cover"));
    let painter = s.ctx.layer_painter(layer);
    painter.rect_filled(s.layout.screen, CornerRadius::ZERO, s.skin.base);
}

/// What was typed is not kept for undoing.
fn forget(ctx: &Context) {
    for field in Field::on_card(true).iter().filter(|f| f.is_secret()) {
        let id = id(*field);
        let cursor = TextEditState::load(ctx, id).map(|st| st.cursor);
        if let Some(cursor) = cursor {
            let mut fresh = TextEditState::default();
            fresh.cursor = cursor;
            fresh.store(ctx, id);
        }
    }
}

fn id(field: Field) -> Id {
    Id::new(("log-in", field as u8))
}

/// Height of a part, with what lies below it.
fn height(pen: &Pen<'_>, s: &Scene<'_>, part: &Part) -> f32 {
    let font = s.skin.regular(Role::Body);
    let lines = |text: &str, room: f32| pen.wrapped_height(room, text, font.clone(), LINE_H);
    match part {
        Part::Warning(text) => lines(text, INNER - 14.0) + 10.0,
        Part::Told(text) => lines(text, INNER) + 16.0,
        Part::Field(_) => LABEL_H + FIELD_H + FIELD_GAP,
        Part::Fingerprint(shown) => in_lines(*shown).len() as f32 * 24.0 + 20.0 + 14.0,
        Part::Fault(text) => lines(text, INNER) + 12.0,
        Part::Do(_) => 4.0 + BUTTON_H + 12.0,
        Part::SingleSignOn(_) | Part::Later => SMALL_BUTTON_H + 10.0,
    }
}

/// The program's name, what the card is for, and the other language.
fn head(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, st: &LogInState, rect: Rect) -> Option<Pressed> {
    let (skin, w) = (s.skin, s.words);
    let y = rect.min.y + HEAD / 2.0 + 2.0;
    pen.logo(pos2(rect.min.x + PAD + 10.0, y), skin.t1);
    let x = rect.min.x + PAD + 34.0;
    pen.left(
        pos2(x, y - 9.0),
        w.t("app.name"),
        skin.bold_px(15.0),
        skin.t1,
    );
    let title = match st.open {
        Some(Why::Ended(_) | Why::Again) => "log_in.title_again",
        _ => "log_in.title",
    };
    pen.left(
        pos2(x, y + 10.0),
        w.t(title),
        skin.regular(Role::Body),
        skin.t2,
    );
    pen.hline(
        rect.min.x + 1.0,
        rect.max.x - 1.0,
        rect.min.y + HEAD,
        skin.line,
    );
    let label = w.t("keys.language");
    let left = rect.max.x - PAD - chip_width(pen, label);
    let id = Id::new("log-in-language");
    let (response, _) = chip_at(ui, pen, left, y - 12.0, 24.0, id, label, false);
    response.clicked().then_some(Pressed::Language)
}

/// Arrows go from line to line.
fn walk(ctx: &Context, st: &mut LogInState, moves: isize, parts: &[Part]) {
    let fields: Vec<Field> = parts
        .iter()
        .filter_map(|p| match p {
            Part::Field(f) => Some(*f),
            _ => None,
        })
        .collect();
    let has = |f: &Field| ctx.memory(|m| m.has_focus(id(*f)));
    if let Some(under) = fields.iter().find(|f| has(f)).copied()
        && !st.focus
    {
        st.at = under;
    }
    let place = fields.iter().position(|f| *f == st.at);
    let to = place.unwrap_or(0).saturating_add_signed(moves);
    if (moves != 0 || place.is_none())
        && let Some(field) = fields.get(to.min(fields.len().saturating_sub(1)))
    {
        st.to(*field);
    }
}

fn draw_part(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    (st, line): (&mut LogInState, &Line),
    part: &Part,
    at: Rect,
) -> Option<Pressed> {
    let skin = s.skin;
    let font = skin.regular(Role::Body);
    let wide = |h: f32| Rect::from_min_size(at.min, vec2(INNER, h));
    match part {
        Part::Warning(text) => {
            let bar = Rect::from_min_size(at.min, vec2(3.0, at.height() - 10.0));
            pen.painter
                .rect_filled(bar, CornerRadius::same(1), skin.late);
            let corner = at.min + vec2(14.0, 0.0);
            pen.wrapped(corner, INNER - 14.0, text, font, skin.t1, LINE_H);
        }
        Part::Told(text) => {
            pen.wrapped(at.min, INNER, text, font, skin.t2, LINE_H);
        }
        Part::Field(field) => write_on(ui, pen, s, (st, line), *field, at),
        Part::Fingerprint(shown) => {
            let plate = Rect::from_min_max(at.min, at.max - vec2(0.0, 14.0));
            pen.plate(plate, 6, skin.inset, skin.line);
            for (i, text) in in_lines(*shown).iter().enumerate() {
                let y = plate.min.y + 22.0 + i as f32 * 24.0;
                pen.centre(
                    pos2(plate.center().x, y),
                    text,
                    skin.bold(Role::Row),
                    skin.t1,
                );
            }
        }
        Part::Fault(text) => {
            pen.wrapped(at.min, INNER, text, font, skin.late, LINE_H);
        }
        Part::Do(does) => {
            let rect = wide(BUTTON_H).translate(vec2(0.0, 4.0));
            return large(ui, pen, s, st, *does, rect).then(|| pressed_by(*does));
        }
        Part::SingleSignOn(way) => {
            let label = s.words.f("log_in.single_sign_on", &[("name", &way.name)]);
            let id = Id::new("log-in-sso");
            let pressed = button(ui, pen, wide(SMALL_BUTTON_H), id, &label, !st.is_busy());
            return pressed.then(|| Pressed::SingleSignOn(way.path.clone()));
        }
        Part::Later => {
            let label = s.words.t("log_in.later");
            let id = Id::new("log-in-later");
            let rect = wide(SMALL_BUTTON_H);
            let pressed = button(ui, pen, rect, id, label, true);
            pen.key_cap(
                pos2(rect.max.x - 12.0, rect.center().y),
                "Esc",
                skin.line_strong,
                skin.t3,
            );
            return pressed.then_some(Pressed::Later);
        }
    }
    None
}

fn pressed_by(does: Does) -> Pressed {
    match does {
        Does::LogIn | Does::Change => Pressed::LogIn,
        Does::Server => Pressed::Server,
        Does::Trust(shown) => Pressed::Trust(shown),
    }
}

/// Label and field; what is secret is dots.
fn write_on(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    (st, line): (&mut LogInState, &Line),
    field: Field,
    at: Rect,
) {
    let (skin, w) = (s.skin, s.words);
    let label = w.t(match field {
        Field::Server => "log_in.server",
        Field::Name => "log_in.name",
        Field::Password if st.must_change => "log_in.old_password",
        Field::Password => "log_in.password",
        Field::NewPassword => "log_in.new_password",
        Field::Repeated => "log_in.repeated",
    });
    let y = at.min.y + 8.0;
    let small = skin.regular(Role::Small);
    pen.left(pos2(at.min.x, y), label, small.clone(), skin.t3);
    if field == Field::Server {
        let (text, color) = match (line.answers, line.secure) {
            (false, _) => ("log_in.no_answer", skin.late),
            (true, true) => ("log_in.secure", skin.t3),
            (true, false) => ("log_in.plain", skin.t3),
        };
        if st.written.server.trim() == line.server && line.untrusted.is_none() {
            pen.right(pos2(at.max.x, y), w.t(text), small, color);
        }
    }
    let corner = at.min + vec2(0.0, LABEL_H - 2.0);
    let rect = Rect::from_min_size(corner, vec2(INNER, FIELD_H));
    pen.plate(rect, 6, skin.inset, skin.line);
    let busy = st.is_busy();
    let focus = st.at == field && std::mem::take(&mut st.focus);
    let edit = TextEdit::singleline(st.written.of(field))
        .id(id(field))
        .password(field.is_secret())
        .interactive(!busy)
        .font(FontSelection::FontId(skin.regular(Role::Row)))
        .frame(Frame::NONE)
        .text_color(skin.t1)
        .char_limit(WRITTEN_MAX);
    let response = ui.put(rect.shrink2(vec2(12.0, 8.0)), edit);
    if focus {
        response.request_focus();
    }
    if response.has_focus() {
        pen.focus_ring(rect, 6);
    }
}

/// The large button; true where it is pressed.
fn large(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, st: &LogInState, does: Does, rect: Rect) -> bool {
    let (skin, w) = (s.skin, s.words);
    let able = !st.is_busy() && st.wait().is_none();
    let sense = if able { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, Id::new("log-in-do"), sense);
    let fill = if !able {
        skin.inset
    } else if response.is_pointer_button_down_on() {
        skin.action_press
    } else if response.hovered() {
        skin.action_hover
    } else {
        skin.action_fill
    };
    pen.painter.rect_filled(rect, CornerRadius::same(6), fill);
    if response.has_focus() {
        pen.focus_ring(rect, 6);
    }
    let label = w.t(match does {
        _ if st.entering => "log_in.entering",
        _ if st.asking.is_some() => "log_in.asking",
        Does::LogIn => "log_in.do",
        Does::Change => "log_in.do_change",
        Does::Server => "log_in.do_server",
        Does::Trust(_) => "log_in.do_trust",
    });
    let color = if able { skin.on_action } else { skin.t3 };
    pen.centre(rect.center(), label, skin.bold(Role::Row), color);
    if able {
        let cap = pos2(rect.max.x - 12.0, rect.center().y);
        pen.key_cap(cap, "Enter", skin.on_action_2, skin.on_action);
    }
    able && response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}
