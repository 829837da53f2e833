//! Cutting a city and its records to a part of the ground.
//!
//! Numbers stay what they are, so that everything goes on meaning the same. What lies outside loses its place, its
//! readings and its words; a record of it stays as an empty one.

use crate::event::Event;
use crate::geo::Position;
use crate::ids::{AlarmId, CaseId, MoverId};
use crate::record::{Body, FixBlock, Record};
use crate::state::State;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What was inside so far.
#[derive(Clone, Debug, Default)]
pub struct Inside {
    cases: BTreeSet<CaseId>,
    alarms: BTreeSet<AlarmId>,
    /// Time of a mover's newest fix, and whether it was inside.
    movers: BTreeMap<MoverId, (Timestamp, bool)>,
}

impl Inside {
    /// What a state that has been cut holds.
    pub fn of(state: &State) -> Self {
        Self {
            cases: state.cases().keys().copied().collect(),
            alarms: state.alarms().keys().copied().collect(),
            movers: (0..)
                .zip(state.movers())
                .map(|(i, m)| (MoverId(i), (m.fix_time, m.position.is_some())))
                .collect(),
        }
    }
}

/// A record without what happened outside.
///
/// A mover that leaves the area is kept for one more fix outside, so that it is seen to leave. `state` is the uncut
/// state before the record; it has the positions of sensors.
pub fn cut_record(
    record: &Record,
    state: &State,
    seen: &mut Inside,
    inside: &dyn Fn(Position) -> bool,
) -> Record {
    let body = match &record.body {
        Body::Events(events) => Body::Events(cut_events(events, seen, inside)),
        Body::Observations(observations, events) => {
            let here = observations.iter().filter(|o| {
                let sensor = state.sensor(o.sensor);
                sensor.is_some_and(|s| inside(s.position))
            });
            let here = here.copied().collect();
            Body::Observations(here, cut_events(events, seen, inside))
        }
        Body::Fixes(block) => {
            let mut kept = FixBlock::with_capacity(block.feed, 0);
            for fix in block.iter() {
                let here = inside(fix.position);
                let newest = seen.movers.entry(fix.mover);
                let newest = newest.or_insert((Timestamp::MIN, false));
                let (until, was) = *newest;
                // What comes late says nothing of where a mover is now.
                let time = fix.fix_time.min(record.known_at);
                let newer = time > until;
                if newer {
                    *newest = (time, here);
                }
                if here || (newer && was) {
                    kept.push(fix);
                }
            }
            Body::Fixes(kept)
        }
    };
    Record {
        body,
        ..record.clone()
    }
}

fn cut_events(
    events: &[Event],
    seen: &mut Inside,
    inside: &dyn Fn(Position) -> bool,
) -> Vec<Event> {
    let mut kept = Vec::new();
    for event in events {
        if let Event::CaseReported { case, position, .. } = event
            && inside(*position)
        {
            seen.cases.insert(*case);
        }
        if let Event::AlarmRaised {
            alarm, position, ..
        } = event
            && inside(*position)
        {
            seen.alarms.insert(*alarm);
        }
        let keep = match event {
            Event::CaseReported { case, .. }
            | Event::CaseFiled { case, .. }
            | Event::CaseBundled { case, .. }
            | Event::CaseVoided { case, .. }
            | Event::CaseRestored { case, .. }
            | Event::CaseHandled { case, .. }
            | Event::CaseReworked { case }
            | Event::CaseClosed { case }
            | Event::CaseStageEntered { case, .. }
            | Event::CaseBecameOverdue { case }
            | Event::CaseRetired { case, .. } => seen.cases.contains(case),
            Event::AlarmRaised { alarm, .. }
            | Event::AlarmAcknowledged { alarm }
            | Event::AlarmEnded { alarm }
            | Event::AlarmRetired { alarm } => seen.alarms.contains(alarm),
            // Who came, was refused and looked stays where the log is, and so does who reported.
            Event::Audited(_) | Event::ReporterNamed { .. } => false,
            // Rules, feeds, movers, units and sensors are numbered by their order: all of them stay.
            _ => true,
        };
        if keep {
            kept.push(event.clone());
        }
    }
    kept
}
