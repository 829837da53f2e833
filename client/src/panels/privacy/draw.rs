//! The purpose, the button, and the list of those who have seen it.

use super::{OWNER, PrivacyAct, PrivacyState};
use crate::facts::post::who_may;
use crate::facts::unit::actor_words;
use crate::panels::console::{Acts, Scene};
use crate::panels::pen::{Pen, span};
use crate::panels::refusal;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, button, field, panel, press};
use bevy_egui::egui::{Id, LayerId, Order, Rect, Ui, Vec2, pos2, vec2};
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::CaseId;
use chengtu_engine::permission::Permission;

const WIDTH: f32 = 400.0;
const PAD: f32 = 20.0;
const INNER: f32 = WIDTH - 2.0 * PAD;
const HEAD: f32 = 52.0;
const LINE: f32 = 20.0;
const ROW: f32 = 42.0;
/// Rows of the list at most; older ones stand in the log.
const ROWS_MAX: usize = 5;
/// Below the upper edge of the case's panel.
const DOWN: f32 = 150.0;

/// Draws the question about a case.
pub(super) fn draw(s: &Scene<'_>, st: &mut PrivacyState, case: CaseId, out: &mut Acts) {
    let may_ask = s.may(Permission::Unmask);
    let may_know = s.may(Permission::WhoSaw);
    let probe = s.ctx.layer_painter(LayerId::background());
    let pen = Pen {
        painter: &probe,
        skin: s.skin,
    };
    let font = s.skin.regular(Role::Body);
    let told = told(s, may_ask);
    let told_h = pen.wrapped_height(INNER, told, font.clone(), LINE) + 12.0;
    let ask_h = if may_ask {
        38.0 + 10.0 + 40.0 + 14.0
    } else {
        4.0
    };
    let outcome = outcome_words(s, st);
    let outcome_h = outcome.as_ref().map_or(0.0, |(text, _)| {
        pen.wrapped_height(INNER, text, font.clone(), LINE) + 12.0
    });
    let rows = st
        .looks
        .as_ref()
        .map_or(1, |(l, _)| l.len().clamp(1, ROWS_MAX));
    let list_h = if may_know {
        40.0 + rows as f32 * ROW + 26.0
    } else {
        0.0
    };
    let height = HEAD + 14.0 + told_h + ask_h + outcome_h + list_h + 8.0;
    let rect = place(s, vec2(WIDTH, height));
    let mut keep = true;
    area(&s.ctx, OWNER.0, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        keep = head(ui, &pen, s, case, rect);
        let x = rect.min.x + PAD;
        let mut y = rect.min.y + HEAD + 14.0;
        pen.wrapped(pos2(x, y), INNER, told, font.clone(), s.skin.t2, LINE);
        y += told_h;
        if may_ask {
            ask(
                ui,
                &pen,
                s,
                st,
                case,
                Rect::from_min_size(pos2(x, y), vec2(INNER, 88.0)),
                out,
            );
        }
        y += ask_h;
        if let Some((text, color)) = &outcome {
            pen.wrapped(pos2(x, y), INNER, text, font, *color, LINE);
            y += outcome_h;
        }
        if may_know {
            list(&pen, s, st, pos2(x, y));
        }
    });
    if !keep {
        *st = PrivacyState::default();
    }
}

fn told<'a>(s: &'a Scene<'_>, may_ask: bool) -> &'a str {
    if may_ask {
        s.words.t("privacy.told")
    } else {
        who_may(Permission::Unmask, s.words)
    }
}

/// Beside the panel of the case, over the map.
fn place(s: &Scene<'_>, size: Vec2) -> Rect {
    let beside = s.layout.detail.unwrap_or(s.layout.window);
    let x = if s.layout.wide {
        beside.min.x - 12.0 - size.x
    } else {
        (beside.max.x + 12.0).min(s.layout.screen.max.x - 12.0 - size.x)
    };
    let lowest = s.layout.time.min.y - 12.0 - size.y;
    Rect::from_min_size(pos2(x, (beside.min.y + DOWN).min(lowest)), size)
}

/// What it is about, and the cross. False where it is closed.
fn head(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, case: CaseId, rect: Rect) -> bool {
    let skin = s.skin;
    let y = rect.min.y + HEAD / 2.0;
    let number = format!("#{case}");
    let spans = [
        span(
            s.words.t("privacy.title"),
            skin.bold(Role::Heading),
            skin.t1,
        ),
        span(&number, skin.regular(Role::Small), skin.t3).after(10.0),
    ];
    pen.spans(pos2(rect.min.x + PAD, y), INNER - 30.0, &spans);
    let cross = Rect::from_center_size(pos2(rect.max.x - 26.0, y), vec2(28.0, 28.0));
    let response = press(ui, cross, Id::new("privacy-close"), pen, 6);
    let color = if response.hovered() { skin.t1 } else { skin.t3 };
    pen.cross(cross.center(), 4.5, color);
    pen.hline(
        rect.min.x + 1.0,
        rect.max.x - 1.0,
        rect.min.y + HEAD,
        skin.line,
    );
    !response.clicked()
}

/// The field of the purpose, and the button.
fn ask(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut PrivacyState,
    case: CaseId,
    at: Rect,
    out: &mut Acts,
) {
    let w = s.words;
    let line = Rect::from_min_size(at.min, vec2(INNER, 38.0));
    let focus = std::mem::take(&mut st.focus);
    let hint = w.t("privacy.hint");
    field(
        ui,
        pen,
        line,
        "privacy-purpose",
        &mut st.purpose,
        hint,
        focus,
    );
    let place = Rect::from_min_size(line.left_bottom() + vec2(0.0, 10.0), vec2(INNER, 40.0));
    let able = !st.purpose.trim().is_empty() && st.sending.is_none() && s.is_live();
    let id = Id::new(("privacy-show", case.0));
    let pressed = button(ui, pen, place, id, w.t("privacy.show"), able);
    let color = if able { s.skin.t2 } else { s.skin.t4 };
    let cap = pos2(place.max.x - 12.0, place.center().y);
    pen.key_cap(cap, "Enter", color, color);
    if able && (pressed || s.list_keys(OWNER).enter) {
        let purpose = st.purpose.trim().to_owned();
        out.push(PrivacyAct::Give(CommandRequest::Unmask { case, purpose }));
    }
}

fn outcome_words(s: &Scene<'_>, st: &PrivacyState) -> Option<(String, bevy_egui::egui::Color32)> {
    Some(match st.outcome.as_ref()? {
        Ok(()) => (s.words.t("privacy.shown").to_owned(), s.skin.t1),
        Err(why) => (refusal::words(s, why), s.skin.late),
    })
}

/// Who has seen it, the newest first.
fn list(pen: &Pen<'_>, s: &Scene<'_>, st: &PrivacyState, corner: bevy_egui::egui::Pos2) {
    let (skin, w) = (s.skin, s.words);
    pen.hline(corner.x, corner.x + INNER, corner.y, skin.line);
    let title = corner + vec2(0.0, 20.0);
    pen.left(title, w.t("privacy.who_saw"), skin.bold(Role::Row), skin.t1);
    let mut y = corner.y + 40.0;
    let plain = |y: f32, text: &str| {
        pen.left(
            pos2(corner.x, y + 14.0),
            text,
            skin.regular(Role::Body),
            skin.t3,
        );
    };
    let Some((looks, more)) = &st.looks else {
        return plain(y, w.t("privacy.asking"));
    };
    if looks.is_empty() {
        return plain(y, w.t("privacy.nobody"));
    }
    for look in looks.iter().rev().take(ROWS_MAX) {
        let who = actor_words(s.mirror, &look.by, w);
        let when = s.time.when_exactly(look.at, s.now);
        let first = [
            span(&who, skin.bold(Role::Body), skin.t1),
            span(&when, skin.regular(Role::Small), skin.t3).after(10.0),
        ];
        pen.spans(pos2(corner.x, y + 10.0), INNER, &first);
        let at = pos2(corner.x, y + 29.0);
        pen.left_within(at, INNER, &look.purpose, skin.regular(Role::Small), skin.t2);
        y += ROW;
    }
    let older = *more as usize + looks.len().saturating_sub(ROWS_MAX);
    if older > 0 {
        let text = w.n("privacy.more", older);
        let at = pos2(corner.x, y + 10.0);
        pen.left(at, &text, skin.regular(Role::Small), skin.t3);
    }
}
