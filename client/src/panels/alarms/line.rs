//! The alarm of a thing, as one line in that thing's own panel: since when, and what can be done about it.

use super::acts::AlarmAct;
use super::state::AlarmState;
use crate::facts::alarm::{Wait, wait_of};
use crate::facts::unit::actor_words;
use crate::i18n::spell_span;
use crate::panels::console::{Acts, Scene};
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::small_button;
use bevy_egui::egui::{CornerRadius, Id, Rect, Ui, pos2, vec2};
use chengtu_engine::model::AlarmSource;
use chengtu_engine::permission::Permission;
use chengtu_engine::stream::{AlarmView, Mirror};

/// Height of the line, logical pixels.
pub const HEIGHT: f32 = 44.0;

/// The alarm of a thing: one that waits before one that does not, and of these the newest.
pub fn of_source(mirror: &Mirror, source: AlarmSource) -> Option<&AlarmView> {
    let of = mirror.alarms.values().filter(|a| a.source == source);
    of.max_by_key(|a| (a.acknowledged.is_none(), a.ended_at.is_none(), a.id))
}

/// Draws the line in `rect`.
pub fn line(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &AlarmState,
    rect: Rect,
    a: &AlarmView,
    out: &mut Acts,
) {
    let (skin, w) = (s.skin, s.words);
    let waits = a.acknowledged.is_none();
    let edge = Rect::from_min_size(rect.min, vec2(4.0, rect.height()));
    let color = skin.severity(a.severity);
    pen.painter
        .rect_filled(rect, CornerRadius::same(4), skin.inset);
    pen.painter.rect_filled(edge, CornerRadius::same(2), color);
    let y = rect.center().y;
    pen.severity_in(pos2(rect.min.x + 20.0, y), 6.0, a.severity, color);
    let mut right = rect.max.x - 8.0;
    if s.may(Permission::AcknowledgeAlarms) && waits {
        let ready = s.is_live() && !st.is_acknowledging(a.id);
        let id = Id::new(("line-acknowledge", a.id.0));
        let label = w.t("alarms.acknowledge");
        let (clicked, left) = small_button(ui, pen, right, y, id, label, ready);
        if clicked {
            out.push(AlarmAct::Acknowledge(a.id));
        }
        right = left - 8.0;
    }
    if s.may(Permission::ReportCases) && matches!(a.source, AlarmSource::Sensor(_)) {
        let id = Id::new(("line-report", a.id.0));
        let label = w.t("alarms.report");
        let (clicked, left) = small_button(ui, pen, right, y, id, label, s.is_live());
        if clicked {
            out.push(AlarmAct::Report(a.id));
        }
        right = left - 8.0;
    }
    let x = rect.min.x + 34.0;
    let pressing = waits && wait_of(a, s.now) > Wait::Fresh;
    let font = if pressing {
        skin.bold(Role::Body)
    } else {
        skin.regular(Role::Body)
    };
    let color = if pressing { skin.late } else { skin.t1 };
    let room = right - x;
    pen.left_within(pos2(x, y - 9.0), room, &first(s, a), font, color);
    let small = skin.regular(Role::Small);
    pen.left_within(pos2(x, y + 10.0), room, &course(s, a), small, skin.t3);
}

fn first(s: &Scene<'_>, a: &AlarmView) -> String {
    let w = s.words;
    match &a.acknowledged {
        None => {
            let span = spell_span(s.now.seconds_since(a.raised_at), w);
            w.f("alarms.waited", &[("span", &span)])
        }
        Some((by, at)) => {
            let by = actor_words(s.mirror, by, w);
            let time = s.time.when_exactly(*at, s.now);
            w.f("alarms.acknowledged_by", &[("who", &by), ("time", &time)])
        }
    }
}

/// Since when there is an alarm, and until when.
pub(super) fn course(s: &Scene<'_>, a: &AlarmView) -> String {
    let w = s.words;
    let time = s.time.when_exactly(a.raised_at, s.now);
    let raised = w.f("alarms.raised_at", &[("time", &time)]);
    match a.ended_at {
        None => raised,
        Some(at) => {
            let time = s.time.when_exactly(at, s.now);
            format!("{raised} · {}", w.f("alarms.over_at", &[("time", &time)]))
        }
    }
}
