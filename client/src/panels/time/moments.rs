//! Events of what is chosen: as marks on their lane, and in words.

use super::scene::TimeScene;
use super::state::TimeBar;
use crate::facts::alarm::alarm_title;
use crate::facts::case;
use crate::facts::desk::desk_name;
use crate::facts::unit::call_sign;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use bevy_egui::egui::{Rect, Stroke, pos2};
use chengtu_engine::ids::ThingId;
use chengtu_engine::replay::{Moment, MomentKind};
use chengtu_engine::time::Timestamp;

/// Events of what is chosen, as answered.
pub fn of_chosen<'a>(s: &TimeScene<'a>, st: &TimeBar) -> &'a [Moment] {
    let chosen = super::state::thing_of(s.selection);
    st.asked
        .moments
        .filter(|a| Some(a.thing) == chosen)
        .and_then(|a| s.chronicle.moments(a.request))
        .unwrap_or_default()
}

/// The event with the least distance.
pub fn nearest<'a>(
    s: &TimeScene<'a>,
    st: &TimeBar,
    away: impl Fn(Timestamp) -> f32,
) -> Option<&'a Moment> {
    let all = of_chosen(s, st).iter();
    all.min_by(|a, b| away(a.time).total_cmp(&away(b.time)))
}

/// Draws the lane: a tick for each event, its word beside it where there is room.
pub fn lane(
    pen: &Pen<'_>,
    s: &TimeScene<'_>,
    st: &TimeBar,
    lane: Rect,
    x_of: impl Fn(Timestamp) -> f32,
) {
    let list = of_chosen(s, st);
    let y = lane.center().y;
    for (i, m) in list.iter().enumerate() {
        let x = x_of(m.time);
        if x < lane.min.x - 200.0 || x > lane.max.x {
            continue;
        }
        let past = m.time <= s.now;
        let color = if past { s.skin.t1 } else { s.skin.t3 };
        let line = [pos2(x, lane.min.y + 5.0), pos2(x, lane.max.y - 5.0)];
        pen.painter.line_segment(line, Stroke::new(1.5, color));
        pen.painter.circle_filled(pos2(x, y), 3.5, color);
        let next = list.get(i + 1).map_or(lane.max.x, |n| x_of(n.time));
        let word = s.words.t(kind_key(m.kind));
        let font = s.skin.regular(Role::Small);
        if pen.width(word, font.clone()) + 14.0 < next - x {
            pen.left(
                pos2(x + 8.0, y),
                word,
                font,
                if past { s.skin.t2 } else { s.skin.t3 },
            );
        }
    }
}

/// Key of the word for what happened.
pub fn kind_key(kind: MomentKind) -> &'static str {
    match kind {
        MomentKind::Reported => "moment.reported",
        MomentKind::Filed => "moment.filed",
        MomentKind::Bundled => "moment.bundled",
        MomentKind::Voided => "moment.voided",
        MomentKind::Dispatched => "moment.dispatched",
        MomentKind::Acknowledged => "moment.acknowledged",
        MomentKind::Arrived => "moment.arrived",
        MomentKind::Recalled => "moment.recalled",
        MomentKind::Released => "moment.released",
        MomentKind::ServiceChanged => "moment.service_changed",
        MomentKind::Handled => "moment.handled",
        MomentKind::Reworked => "moment.reworked",
        MomentKind::Closed => "moment.closed",
        MomentKind::Overdue => "moment.overdue",
        MomentKind::AlarmRaised => "moment.alarm_raised",
        MomentKind::AlarmAcknowledged => "moment.alarm_acknowledged",
        MomentKind::AlarmEnded => "moment.alarm_ended",
        MomentKind::Restored => "moment.restored",
    }
}

/// What a thing is called.
pub fn thing_words(s: &TimeScene<'_>, thing: ThingId) -> String {
    match thing {
        ThingId::Case(id) => {
            let known = s.mirror.cases.get(&id);
            let name = known.map(|c| case::class_name(s.mirror, c, s.words));
            match name {
                Some(name) => format!("{name} #{id}"),
                None => s.words.n("alarms.of_case", id),
            }
        }
        ThingId::Unit(id) => call_sign(s.mirror, id, s.words).to_string(),
        ThingId::Sensor(id) => s
            .mirror
            .sensors
            .get(&id)
            .map_or_else(|| s.words.n("alarms.of_sensor", id), |x| x.name.clone()),
        ThingId::Alarm(id) => s.mirror.alarms.get(&id).map_or_else(
            || s.words.n("time.alarm", id),
            |a| alarm_title(s.mirror, a, s.words),
        ),
    }
}

/// An event in words: when it was known, what, about what else, by whom, and when it happened where that is another
/// time.
pub fn words(s: &TimeScene<'_>, m: &Moment) -> String {
    let mut text = s.time.when_exactly(m.time, s.now);
    text.push_str("  ");
    text.push_str(s.words.t(kind_key(m.kind)));
    if let Some(other) = m.other {
        text.push(' ');
        text.push_str(&thing_words(s, other));
    }
    if !m.by.is_empty() {
        text.push_str(" · ");
        text.push_str(&desk_name(&m.by, s.words));
    }
    if m.time.seconds_since(m.occurred_at) >= 1.0 {
        let when = s.time.when_exactly(m.occurred_at, s.now);
        text.push('\n');
        text.push_str(&s.words.f("time.occurred_at", &[("time", &when)]));
    }
    text
}
