//! The card for everybody in a drill: the brief before it begins, and that it is over.

use super::state::DrillState;
use crate::facts::desk::{desk_name, listed};
use crate::facts::drill::seat_key;
use crate::i18n::short_span;
use crate::panels::browser::OpenPage;
use crate::panels::console::{Acts, Covered, Scene};
use crate::panels::layout::GAP;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, button, panel, press};
use bevy_egui::egui::{Context, CornerRadius, Id, Order, Rect, pos2, vec2};
use chengtu_engine::drill::{DrillPhase, DrillView, Seat};

const WIDTH: f32 = 520.0;
/// Below the plates of alarms, of the drill and of the running city.
const TOP: f32 = 206.0;
const PAD: f32 = 20.0;

/// Draws the card below the middle of the map's upper edge, if there is something to say; returns its rectangle.
pub(super) fn draw(
    ctx: &Context,
    s: &Scene<'_>,
    state: &mut DrillState,
    view: &DrillView,
    covered: &Covered,
    out: &mut Acts,
) -> Option<Rect> {
    let world = &s.look;
    let told = matches!(view.phase, DrillPhase::Preparing | DrillPhase::Ended);
    // Who comes late is briefed like everybody.
    let late = state.late && !told;
    if !(told || late) || state.card_away == Some(view.phase) {
        return None;
    }
    let w = s.words;
    let ended = view.phase == DrillPhase::Ended;
    let text = if ended {
        w.t("drill.over_text").to_owned()
    } else {
        w.name(&view.brief, &view.brief_en).to_owned()
    };
    let width = WIDTH.min(s.layout.window.width() - 2.0 * GAP);
    let painter = ctx.debug_painter();
    let font = s.skin.regular(Role::Body);
    let lines = painter.layout(text.clone(), font.clone(), s.skin.t2, width - 2.0 * PAD);
    let text_h = lines.rows.len() as f32 * 20.0;
    let foot_h = if ended { 56.0 } else { 40.0 };
    let size = vec2(width, 52.0 + text_h + foot_h);
    let top = s.layout.window.min.y + TOP;
    let rect = covered.place_below(s.layout.window, top, size);
    area(ctx, "drill-card", rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        let edge = Rect::from_min_size(rect.min, vec2(rect.width(), 4.0));
        painter.rect_filled(edge, CornerRadius::same(2), world.color);
        let title = w.name(&view.title, &view.title_en);
        let phase = w.t(if ended { "drill.over" } else { "drill.brief" });
        let texts = [
            span(title, s.skin.bold(Role::Heading), s.skin.t1),
            span(phase, s.skin.regular(Role::Small), world.accent).after(10.0),
        ];
        pen.spans(rect.min + vec2(PAD, 30.0), width - 80.0, &texts);
        let close =
            Rect::from_center_size(pos2(rect.max.x - 24.0, rect.min.y + 30.0), vec2(28.0, 28.0));
        let response = press(ui, close, Id::new("drill-card-close"), &pen, 6);
        let color = if response.hovered() {
            s.skin.t1
        } else {
            s.skin.t3
        };
        pen.cross(close.center(), 4.5, color);
        if response.clicked() {
            state.late = false;
            state.card_away = told.then_some(view.phase);
        }
        let at = rect.min + vec2(PAD, 50.0);
        pen.wrapped(at, width - 2.0 * PAD, &text, font, s.skin.t2, 20.0);
        let foot = pos2(rect.min.x + PAD, rect.max.y - foot_h / 2.0 - 4.0);
        if ended {
            ending(ui, &pen, s, view, rect, foot.y, out);
        } else {
            let waits = match view.seat {
                _ if late => {
                    let run_s = s.now.seconds_since(view.from).max(0.0);
                    w.f("drill.late", &[("span", &short_span(run_s, w))])
                }
                Seat::Director => w.t("drill.press_start").to_owned(),
                Seat::Participant | Seat::Viewer => w.t("drill.waits").to_owned(),
            };
            let people = people(s, view);
            let small = s.skin.regular(Role::Small);
            let texts = [
                span(&waits, small.clone(), s.skin.t2),
                span(&people, small, s.skin.t3).after(10.0),
            ];
            pen.spans(foot, width - 2.0 * PAD, &texts);
        }
    });
    Some(rect)
}

fn ending(
    ui: &bevy_egui::egui::Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    view: &DrillView,
    rect: Rect,
    y: f32,
    out: &mut Acts,
) {
    let w = s.words;
    if let Some(score) = &view.score {
        let label = span(w.t("drill.score"), s.skin.regular(Role::Small), s.skin.t3);
        let value = format!("{:.0} / 100", score.total);
        let value = span(&value, s.skin.bold(Role::Figure), s.skin.t1).after(8.0);
        pen.spans(pos2(rect.min.x + PAD, y), 200.0, &[label, value]);
    }
    if !view.report.is_empty() {
        let r = Rect::from_min_size(pos2(rect.max.x - PAD - 180.0, y - 17.0), vec2(180.0, 34.0));
        if button(
            ui,
            pen,
            r,
            Id::new("drill-report"),
            w.t("drill.open_report"),
            true,
        ) {
            out.push(OpenPage(view.report.clone()));
        }
    }
}

/// Who sits where, in words.
fn people(s: &Scene<'_>, view: &DrillView) -> String {
    let of = |seat: Seat| {
        let names: Vec<String> = view
            .people
            .iter()
            .filter(|(_, at)| *at == seat)
            .map(|(name, _)| desk_name(name, s.words))
            .collect();
        (!names.is_empty())
            .then(|| format!("{} {}", s.words.t(seat_key(seat)), listed(&names, s.words)))
    };
    let seats = [Seat::Director, Seat::Participant, Seat::Viewer];
    seats
        .into_iter()
        .filter_map(of)
        .collect::<Vec<_>>()
        .join("  ·  ")
}
