//! The gravest alarm that nobody has acknowledged yet, on the map below the chips: whatever panel is open, it is seen.

use super::acts::AlarmAct;
use super::state::AlarmState;
use crate::facts::alarm::{alarm_title, alarms_in_order};
use crate::i18n::countdown;
use crate::live::Selection;
use crate::panels::console::{Acts, Scene};
use crate::panels::map::MapAct;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel, small_button};
use bevy_egui::egui::{Context, CornerRadius, CursorIcon, Id, Order, Rect, Sense, pos2, vec2};
use chengtu_engine::city::Severity;
use chengtu_engine::stream::AlarmView;

const HEIGHT: f32 = 44.0;
const WIDTH_MAX: f32 = 560.0;

/// The one that the plate shows. The list has those that may wait.
fn shown<'a>(s: &Scene<'a>) -> Option<&'a AlarmView> {
    alarms_in_order(s.mirror)
        .into_iter()
        .find(|a| a.acknowledged.is_none() && a.severity == Severity::Severe)
}

/// Draws it and gives the ground that it covers.
pub fn draw(ctx: &Context, s: &Scene<'_>, st: &AlarmState, out: &mut Acts) -> Option<Rect> {
    let a = shown(s)?;
    let (skin, w) = (s.skin, s.words);
    // Beside the compass, below the layer chips.
    let room = s.layout.window.width() - 12.0 - 60.0;
    let rect = Rect::from_min_size(
        s.layout.window.min + vec2(12.0, 50.0),
        vec2(room.min(WIDTH_MAX), HEIGHT),
    );
    area(ctx, "alarm-plate", rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin,
        };
        let response = ui
            .interact(rect, Id::new(("alarm-plate", a.id.0)), Sense::click())
            .on_hover_cursor(CursorIcon::PointingHand);
        panel(&pen, rect);
        let color = skin.severity(a.severity);
        let head = Rect::from_min_size(rect.min, vec2(HEIGHT, HEIGHT)).shrink(0.5);
        let left = CornerRadius {
            nw: 8,
            sw: 8,
            ne: 0,
            se: 0,
        };
        painter.rect_filled(head, left, color);
        pen.severity_in(head.center(), 8.0, a.severity, skin.on_light);
        let mut right = rect.max.x - 8.0;
        if s.may_command() {
            let ready = s.is_live() && !st.is_acknowledging(a.id);
            let id = Id::new(("plate-acknowledge", a.id.0));
            let label = w.t("alarms.acknowledge");
            let (clicked, edge) = small_button(ui, &pen, right, rect.center().y, id, label, ready);
            if clicked {
                out.push(AlarmAct::Acknowledge(a.id));
            }
            right = edge - 12.0;
        }
        let waited = countdown(s.now.seconds_since(a.raised_at).max(0.0), w);
        let since = w.f("alarms.waited", &[("span", &waited)]);
        let edge = pen.right(
            pos2(right, rect.center().y),
            &since,
            skin.regular(Role::Body),
            skin.t2,
        );
        let x = head.max.x + 14.0;
        pen.spans(
            pos2(x, rect.center().y),
            edge - 12.0 - x,
            &[span(
                &alarm_title(s.mirror, a, s.words),
                skin.bold(Role::Row),
                skin.t1,
            )],
        );
        if response.clicked() {
            out.push(MapAct::SelectAndFly(Selection::Alarm(a.id)));
        }
    });
    Some(rect)
}
