//! What was missed while the line to the server was cut: told when it is back, until somebody has read it.

use crate::facts::urgency::Urgency;
use crate::i18n::spell_span;
use crate::input::Act;
use crate::live::Selection;
use crate::net::{BeforeCut, City, Connection};
use crate::panels::console::{Acts, Keys, Scene};
use crate::panels::map::MapAct;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel, small_button};
use bevy::prelude::{Local, Res, ResMut, Resource};
use bevy_egui::egui::{CornerRadius, Id, Order, Rect, Ui, pos2, vec2};
use chengtu_engine::city::Severity;
use chengtu_engine::ids::CaseId;
use chengtu_engine::model::Stage;
use chengtu_engine::stream::Mirror;
use chengtu_engine::time::Timestamp;
use std::time::{Duration, Instant};

/// After the greeting the stream brings what has changed; it is counted when that has come.
const SETTLE: Duration = Duration::from_millis(1_500);
const WIDTH: f32 = 560.0;
const HEIGHT: f32 = 96.0;

/// What happened while nobody could see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Missed {
    /// The last moment that was shown.
    pub from: Timestamp,
    /// When it was seen again.
    pub to: Timestamp,
    /// Cases that came, the most urgent first.
    pub cases: Vec<CaseId>,
    /// How many of these are severe.
    pub severe: usize,
    /// Alarms that came.
    pub alarms: usize,
    /// Cases that were open and have another stage or other units now.
    pub changed: usize,
    /// Cases that were open and are closed or void.
    pub closed: usize,
}

impl Missed {
    /// Holds what was known against what is known now.
    pub fn between(before: &BeforeCut, now: &Mirror, to: Timestamp) -> Self {
        let old = &before.mirror;
        let is_new = |id: &CaseId| !old.cases.contains_key(id);
        let open = now.cases.values().filter(|c| c.stage.is_open());
        let mut cases: Vec<_> = open.filter(|c| is_new(&c.id)).collect();
        cases.sort_by(|a, b| Urgency::of(now, a, to).against(&Urgency::of(now, b, to)));
        let was_open = old.cases.values().filter(|c| c.stage.is_open());
        let (mut changed, mut closed) = (0, 0);
        for was in was_open {
            let is = now.cases.get(&was.id);
            match is.filter(|c| !matches!(c.stage, Stage::Closed | Stage::Void)) {
                None => closed += 1,
                Some(is) if (is.stage, &is.units) != (was.stage, &was.units) => changed += 1,
                Some(_) => {}
            }
        }
        let alarms = now.alarms.keys().filter(|id| !old.alarms.contains_key(id));
        Self {
            from: before.at,
            to,
            severe: cases
                .iter()
                .filter(|c| c.severity == Severity::Severe)
                .count(),
            cases: cases.into_iter().map(|c| c.id).collect(),
            alarms: alarms.count(),
            changed,
            closed,
        }
    }

    /// Adds what was missed before that and is still to be read.
    fn after(mut self, earlier: &Self) -> Self {
        self.from = self.from.min(earlier.from);
        self.severe += earlier.severe;
        self.alarms += earlier.alarms;
        self.changed += earlier.changed;
        self.closed += earlier.closed;
        self.cases.extend(&earlier.cases);
        self
    }
}

/// What waits to be read.
#[derive(Resource, Debug, Default)]
pub struct MissedState {
    /// The summary, until it is put away.
    pub shown: Option<Missed>,
}

/// Looks, once the line is back, at what has changed since it was cut.
pub(super) fn watch(
    connection: Res<Connection>,
    mut city: ResMut<City>,
    mut state: ResMut<MissedState>,
    mut back: Local<Option<Instant>>,
) {
    let Some(before) = city.before_cut() else {
        *back = None;
        return;
    };
    if !connection.is_live() || !city.is_ready() {
        *back = None;
        return;
    }
    let back_for = back.get_or_insert_with(Instant::now).elapsed();
    if before.world != city.world() {
        // Another world holds other things: there is nothing to compare.
        city.forget_cut();
    } else if back_for >= SETTLE {
        let missed = Missed::between(before, &city.mirror, city.now());
        let earlier = state.shown.take();
        state.shown = Some(match &earlier {
            Some(earlier) => missed.after(earlier),
            None => missed,
        });
        city.forget_cut();
    }
}

pub(super) fn keys(mut keys: ResMut<Keys>, mut state: ResMut<MissedState>) {
    keys.take(|act| act == Act::DismissMissed && state.shown.take().is_some());
}

/// Draws the summary with its upper edge at `y`. Returns where it lies.
pub(super) fn draw(s: &Scene<'_>, st: &mut MissedState, y: f32, out: &mut Acts) -> Option<Rect> {
    let missed = st.shown.clone()?;
    let width = (s.layout.window.width() - 24.0).min(WIDTH);
    let left = s.layout.window.center().x - width / 2.0;
    let rect = Rect::from_min_size(pos2(left, y), vec2(width, HEIGHT));
    let read = area(&s.ctx, "missed", rect, Order::Foreground, |ui| {
        summary(ui, s, rect, &missed, out)
    });
    if read {
        st.shown = None;
    }
    Some(rect)
}

/// True where it was read.
fn summary(ui: &Ui, s: &Scene<'_>, rect: Rect, missed: &Missed, out: &mut Acts) -> bool {
    let (skin, w) = (s.skin, s.words);
    let painter = ui.painter().clone();
    let pen = Pen {
        painter: &painter,
        skin,
    };
    panel(&pen, rect);
    let edge = Rect::from_min_size(rect.min + vec2(1.0, 6.0), vec2(3.0, rect.height() - 12.0));
    painter.rect_filled(edge, CornerRadius::same(1), skin.t1);
    let x = rect.min.x + 20.0;
    let room = rect.width() - 36.0;
    let span_s = missed.to.seconds_since(missed.from);
    let title = w.f(
        "missed.title",
        &[
            ("from", &s.time.when_exactly(missed.from, s.now)),
            ("to", &s.time.when_exactly(missed.to, s.now)),
            ("span", &spell_span(span_s, w)),
        ],
    );
    let at = pos2(x, rect.min.y + 20.0);
    pen.left_within(at, room, &title, skin.bold(Role::Row), skin.t1);
    let at = pos2(x, rect.min.y + 44.0);
    let text = words_of(s, missed);
    pen.spans(at, room, &[span(&text, skin.regular(Role::Body), skin.t1)]);
    let y = rect.max.y - 24.0;
    let right = rect.max.x - 14.0;
    let label = w.t("missed.read");
    let (read, left) = small_button(ui, &pen, right, y, Id::new("missed-read"), label, true);
    let first = missed
        .cases
        .iter()
        .find(|id| s.mirror.cases.contains_key(id));
    if let Some(case) = first {
        let label = w.t("missed.look");
        let id = Id::new("missed-look");
        let (clicked, _) = small_button(ui, &pen, left - 8.0, y, id, label, true);
        if clicked {
            out.push(MapAct::SelectAndFly(Selection::Case(*case)));
        }
    }
    read
}

/// The counts that are not nothing, in words.
fn words_of(s: &Scene<'_>, missed: &Missed) -> String {
    let w = s.words;
    let mut parts = Vec::new();
    let mut part = |key: &str, n: usize| {
        if n > 0 {
            parts.push(w.n(key, n));
        }
    };
    part("missed.cases", missed.cases.len());
    part("missed.severe", missed.severe);
    part("missed.alarms", missed.alarms);
    part("missed.changed", missed.changed);
    part("missed.closed", missed.closed);
    if parts.is_empty() {
        w.t("missed.nothing").to_string()
    } else {
        parts.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, COVER, NOW};
    use bevy::prelude::{App, Update};
    use chengtu_engine::record::World;

    #[test]
    fn what_came_changed_and_ended_while_nobody_looked_is_counted() {
        let mut old = sample::city();
        let now = old.clone();
        // Not there yet: a severe case and an alarm. Another stage: one case. Still open then: one that is closed now.
        old.cases.remove(&COVER);
        old.alarms.pop_last();
        old.cases.get_mut(&sample::OVERDUE).unwrap().stage = Stage::Filed;
        let closed = now.cases.values().find(|c| c.stage == Stage::Closed);
        old.cases.get_mut(&closed.unwrap().id).unwrap().stage = Stage::Handled;
        let before = BeforeCut {
            mirror: old,
            world: World::Live,
            at: NOW.plus_seconds(-60),
        };
        let missed = Missed::between(&before, &now, NOW);
        assert_eq!((&*missed.cases, missed.severe), (&[COVER][..], 1));
        assert_eq!((missed.alarms, missed.changed, missed.closed), (1, 1, 1));
        let both = missed.clone().after(&missed);
        assert_eq!((both.severe, both.from), (2, missed.from));
    }

    #[test]
    fn it_is_told_when_the_line_is_back_and_not_before() {
        let mut city = City::default();
        city.mirror = sample::city();
        city.cut();
        city.mirror.cases.get_mut(&COVER).unwrap().stage = Stage::Dispatched;
        let mut app = App::new();
        app.insert_resource(city)
            .insert_resource(Connection::detached())
            .init_resource::<MissedState>()
            .add_systems(Update, watch);
        let told = |app: &mut App| {
            app.update();
            let shown = &app.world().resource::<MissedState>().shown;
            shown.as_ref().map(|m| m.changed)
        };
        assert_eq!(told(&mut app), None);
        app.insert_resource(Connection::greeted());
        assert_eq!(told(&mut app), None, "the stream has to settle first");
        std::thread::sleep(SETTLE);
        assert_eq!(told(&mut app), Some(1));
        assert!(app.world().resource::<City>().before_cut().is_none());
    }
}
