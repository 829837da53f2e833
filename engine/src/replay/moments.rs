//! What happened when, read from records alone.

use super::{Moment, MomentKind, TimelineBar, TimelineMark};
use crate::city::Severity;
use crate::event::Event;
use crate::ids::{CaseId, FeedId, ThingId, UnitId};
use crate::model::{Actor, AlarmSource, AssignmentTarget};
use crate::record::{Body, Record};
use crate::state::{State, occurred_at};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Most marked moments on a time line.
pub const MARKS_MAX: usize = 200;

/// Reads moments from records in their order; remembers the little that an event does not say itself: whom a unit was
/// sent to, and what units and feeds are called.
#[derive(Clone, Debug, Default)]
pub struct MomentReader {
    case_of: BTreeMap<UnitId, CaseId>,
    call_signs: BTreeMap<UnitId, String>,
    feeds: BTreeMap<FeedId, String>,
}

impl MomentReader {
    /// For the records that follow a state.
    pub fn of(state: &State) -> Self {
        let mut reader = Self::default();
        for u in state.units() {
            reader.call_signs.insert(u.id, u.call_sign.clone());
            if let Some(AssignmentTarget::Case(case)) = u.assignment.as_ref().map(|a| a.target) {
                reader.case_of.insert(u.id, case);
            }
        }
        for (i, name) in state.feeds().iter().enumerate() {
            reader.feeds.insert(FeedId(i as u16), name.clone());
        }
        reader
    }

    /// The moments of the next record, in the order of its events.
    pub fn read(&mut self, record: &Record) -> Vec<Moment> {
        let events = events_of(record);
        let mut moments = Vec::new();
        for event in events {
            if let Some((kind, thing, other)) = self.moment_of(event) {
                moments.push(Moment {
                    time: record.known_at,
                    occurred_at: occurred_at(event).unwrap_or(record.known_at),
                    seq: record.seq,
                    kind,
                    thing,
                    other,
                    by: self.name(&record.origin.actor),
                });
            }
            self.remember(event);
        }
        moments
    }

    fn moment_of(&self, event: &Event) -> Option<(MomentKind, ThingId, Option<ThingId>)> {
        use MomentKind as K;
        let case = |c: &CaseId| ThingId::Case(*c);
        let task = |kind, unit: &UnitId| {
            let case = self.case_of.get(unit).map(|c| ThingId::Case(*c));
            Some((kind, ThingId::Unit(*unit), case))
        };
        match event {
            Event::CaseReported { case: c, .. } => Some((K::Reported, case(c), None)),
            Event::CaseFiled { case: c, .. } => Some((K::Filed, case(c), None)),
            Event::CaseBundled { case: c, into } => Some((K::Bundled, case(c), Some(case(into)))),
            Event::CaseVoided { case: c, .. } => Some((K::Voided, case(c), None)),
            Event::CaseRestored {
                case: c, out_of, ..
            } => Some((K::Restored, case(c), out_of.as_ref().map(case))),
            Event::UnitDispatched { unit, target, .. } => {
                let unit = ThingId::Unit(*unit);
                Some(match target {
                    AssignmentTarget::Case(c) => (K::Dispatched, case(c), Some(unit)),
                    AssignmentTarget::Place(_) => (K::Dispatched, unit, None),
                })
            }
            Event::AssignmentAcknowledged { unit } => task(K::Acknowledged, unit),
            Event::UnitArrived { unit } => task(K::Arrived, unit),
            Event::UnitRecalled { unit } => task(K::Recalled, unit),
            Event::UnitReleased { unit } => task(K::Released, unit),
            Event::UnitServiceChanged { unit, .. } => {
                Some((K::ServiceChanged, ThingId::Unit(*unit), None))
            }
            Event::CaseHandled { case: c, unit, .. } => {
                Some((K::Handled, case(c), Some(ThingId::Unit(*unit))))
            }
            Event::CaseReworked { case: c } => Some((K::Reworked, case(c), None)),
            Event::CaseClosed { case: c } => Some((K::Closed, case(c), None)),
            Event::CaseBecameOverdue { case: c } => Some((K::Overdue, case(c), None)),
            Event::AlarmRaised { alarm, source, .. } => {
                let source = match source {
                    AlarmSource::Case(c) => case(c),
                    AlarmSource::Sensor(s) => ThingId::Sensor(*s),
                };
                Some((K::AlarmRaised, ThingId::Alarm(*alarm), Some(source)))
            }
            Event::AlarmAcknowledged { alarm } => {
                Some((K::AlarmAcknowledged, ThingId::Alarm(*alarm), None))
            }
            Event::AlarmEnded { alarm } => Some((K::AlarmEnded, ThingId::Alarm(*alarm), None)),
            _ => None,
        }
    }

    fn remember(&mut self, event: &Event) {
        match event {
            Event::UnitDispatched {
                unit,
                target: AssignmentTarget::Case(case),
                ..
            } => {
                self.case_of.insert(*unit, *case);
            }
            Event::UnitDispatched { unit, .. }
            | Event::UnitRecalled { unit }
            | Event::UnitReleased { unit } => {
                self.case_of.remove(unit);
            }
            Event::UnitRegistered {
                unit, registration, ..
            } => {
                let name = registration.call_sign.clone();
                self.call_signs.insert(*unit, name);
            }
            Event::FeedRegistered { feed, name } => {
                self.feeds.insert(*feed, name.clone());
            }
            _ => {}
        }
    }

    fn name(&self, actor: &Actor) -> String {
        match actor {
            Actor::Operator(name) => name.clone(),
            Actor::Unit(unit) => self.call_signs.get(unit).cloned().unwrap_or_default(),
            Actor::Feed(feed) => self.feeds.get(feed).cloned().unwrap_or_default(),
            Actor::System => String::new(),
        }
    }
}

/// True where a moment is about a thing, or about something done with it.
pub fn mentions(moment: &Moment, thing: ThingId) -> bool {
    moment.thing == thing || moment.other == Some(thing)
}

fn events_of(record: &Record) -> &[Event] {
    match &record.body {
        Body::Events(events) | Body::Observations(_, events) => events,
        Body::Fixes(_) => &[],
    }
}

/// What a record puts on a time line: whether each is an alarm, its severity, and the thing.
pub fn marks_of(record: &Record) -> impl Iterator<Item = TimelineMark> + '_ {
    let time = record.known_at;
    events_of(record).iter().filter_map(move |e| match e {
        Event::CaseReported { case, severity, .. } => Some(TimelineMark {
            time,
            severity: *severity,
            thing: ThingId::Case(*case),
        }),
        Event::AlarmRaised {
            alarm, severity, ..
        } => Some(TimelineMark {
            time,
            severity: *severity,
            thing: ThingId::Alarm(*alarm),
        }),
        _ => None,
    })
}

/// Counts cases and alarms in equal parts of a stretch and keeps the severe and urgent ones: see
/// [`super::History::bars`].
///
/// - `all`: cases and alarms in any order; what lies outside the stretch is left out
/// - a stretch of no length or of no parts has no bars
pub fn bars_of(
    all: impl Iterator<Item = TimelineMark>,
    from: Timestamp,
    to: Timestamp,
    bars: u16,
) -> (Vec<TimelineBar>, Vec<TimelineMark>) {
    // The whole of time is longer than its half can say.
    let since_from = |t: Timestamp| i128::from(t.0) - i128::from(from.0);
    let length = since_from(to);
    if bars == 0 || length <= 0 {
        return (Vec::new(), Vec::new());
    }
    let mut counts = vec![TimelineBar::default(); usize::from(bars)];
    let mut marks = Vec::new();
    for m in all.filter(|m| m.time >= from && m.time <= to) {
        let at = (since_from(m.time) * i128::from(bars) / length) as usize;
        let bar = &mut counts[at.min(usize::from(bars) - 1)];
        match m.thing {
            ThingId::Alarm(_) => bar.alarms += 1,
            _ => bar.cases += 1,
        }
        if m.severity <= Severity::Urgent {
            marks.push(m);
        }
    }
    if marks.len() > MARKS_MAX {
        marks.sort_by_key(|m| (m.severity, m.time, m.thing));
        marks.truncate(MARKS_MAX);
    }
    marks.sort_by_key(|m| (m.time, m.severity, m.thing));
    (counts, marks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AlarmId;

    fn mark(us: i64) -> TimelineMark {
        TimelineMark {
            time: Timestamp(us),
            severity: Severity::Urgent,
            thing: ThingId::Alarm(AlarmId(us.unsigned_abs())),
        }
    }

    /// Where the one mark at `us` is counted.
    fn at(us: i64, from: i64, to: i64, bars: u16) -> Option<usize> {
        let marks = [mark(us)].into_iter();
        let (bars, _) = bars_of(marks, Timestamp(from), Timestamp(to), bars);
        bars.iter().position(|b| b.alarms == 1)
    }

    #[test]
    fn a_timeline_over_all_time_counts_everything_where_it_was() {
        let now = 1_800_000_000_000_000;
        assert_eq!(at(now, now - 50, now + 50, 10), Some(5));
        assert_eq!(at(now + 50, now - 50, now + 50, 10), Some(9));
        // Of all the time that there is, the present lies just behind the middle.
        assert_eq!(at(now, i64::MIN, i64::MAX, 1_000), Some(500));
        assert_eq!(at(-now, i64::MIN, i64::MAX, 1_000), Some(499));
        assert_eq!(at(i64::MAX, i64::MIN, i64::MAX, 1_000), Some(999));
        assert_eq!(at(i64::MIN, i64::MIN, i64::MAX, 1_000), Some(0));
        assert_eq!(at(now, 0, i64::MAX, u16::MAX), Some(12));
        assert_eq!(at(now, i64::MAX, i64::MIN, 10), None);
    }
}
