//! The fold: the only place that writes state and index once a state is made.

mod alarms;
mod audited;
mod blocks;
mod cases;
mod feeds;
mod history;
mod movers;
mod release;
mod restored;
mod sensors;
mod units;

use super::{Changes, State};
use crate::event::Event;
use crate::ids::{CaseId, UnitId};
use crate::model::{HistoryKind, Unit};
use crate::record::{Body, Origin, Record};
use crate::time::Timestamp;

/// What the handler of an event knows in addition to the event, and where it notes what it touched.
pub(super) struct Fold<'a> {
    /// When the record was known, or, for what is released early, when it happened.
    now: Timestamp,
    origin: &'a Origin,
    changes: &'a mut Changes,
    /// The unit that the event before took off a case.
    recalled: Option<(CaseId, UnitId)>,
}

impl<'a> Fold<'a> {
    fn new(now: Timestamp, origin: &'a Origin, changes: &'a mut Changes) -> Self {
        Self {
            now,
            origin,
            changes,
            recalled: None,
        }
    }
}

impl State {
    /// Folds one record into the state and says what it touched. Cannot fail: what is in the log has happened.
    ///
    /// A record that is not the next one is a broken log; the caller checks the order of what it reads.
    pub fn apply(&mut self, record: &Record) -> Changes {
        let mut changes = Changes::default();
        self.seq = record.seq;
        self.known_at = self.known_at.max(record.known_at);
        if let Some(command) = record.origin.command {
            self.commands.remember(command, record.seq);
        }
        match &record.body {
            Body::Events(events) => self.apply_events(events, record, &mut changes),
            Body::Fixes(block) => self.apply_fixes(block, record.known_at, &mut changes),
            Body::Observations(observations, events) => {
                for o in observations {
                    self.apply_observation(*o, record.known_at, &mut changes);
                }
                self.apply_events(events, record, &mut changes);
            }
        }
        changes
    }

    fn apply_events(&mut self, events: &[Event], record: &Record, changes: &mut Changes) {
        let mut fold = Fold::new(record.known_at, &record.origin, changes);
        for event in events {
            self.apply_event(event, &mut fold);
        }
    }

    fn apply_event(&mut self, event: &Event, fold: &mut Fold<'_>) {
        match event {
            Event::Configured(rules) => {
                self.rules = Some(rules.clone());
                fold.changes.rules = true;
            }
            Event::FeedRegistered { feed, name } => self.feed_registered(*feed, name),
            Event::MoverRegistered { .. } => self.mover_registered(event),
            Event::MoversRetired { feed, movers } => self.movers_retired(*feed, movers, fold),
            Event::SensorsRetired { feed, sensors } => self.sensors_retired(*feed, sensors, fold),
            Event::FeedRetired { feed } => self.feed_retired(*feed),
            Event::UnitRegistered {
                unit,
                mover,
                registration,
            } => self.unit_registered(*unit, *mover, registration, fold),
            Event::SensorRegistered {
                sensor,
                registration,
            } => self.sensor_registered(*sensor, registration, fold),
            Event::CaseReported { .. } => self.case_reported(event, fold),
            Event::ReporterNamed { case, reporter } => self.reporter_named(*case, reporter, fold),
            Event::CaseFiled { .. } => self.case_filed(event, fold),
            Event::CaseBundled { case, into } => self.case_bundled(*case, *into, fold),
            Event::CaseVoided { case, reason } => self.case_voided(*case, reason, fold),
            Event::CaseRestored {
                case,
                stage,
                out_of,
            } => self.case_restored(*case, *stage, *out_of, fold),
            Event::CaseHandled { case, unit, note } => self.case_handled(*case, *unit, note, fold),
            Event::CaseReworked { case } => self.case_reworked(*case, fold),
            Event::CaseClosed { case } => self.case_closed(*case, fold),
            Event::CaseStageEntered { case, stage } => self.enter(*case, *stage, fold),
            Event::CaseBecameOverdue { case } => self.case_became_overdue(*case, fold),
            Event::CaseRetired { case, keeps_key } => self.case_retired(*case, *keeps_key, fold),
            Event::MoverKindChanged { mover, kind } => {
                self.mover_kind_changed(*mover, *kind, fold);
            }
            Event::UnitDispatched { .. } => self.unit_dispatched(event, fold),
            Event::AssignmentAcknowledged { unit } => self.assignment_acknowledged(*unit, fold),
            Event::UnitArrived { unit } => self.unit_arrived(*unit, fold),
            Event::UnitRecalled { unit } => {
                let case = self.unit(*unit).and_then(Unit::case);
                self.tell_of_unit(*unit, HistoryKind::Recalled, fold);
                self.unit_freed(*unit, fold);
                fold.recalled = case.map(|case| (case, *unit));
            }
            Event::UnitReleased { unit } => self.unit_freed(*unit, fold),
            Event::UnitServiceChanged { unit, in_service } => {
                self.unit_service_changed(*unit, *in_service, fold);
            }
            Event::AlarmRaised { .. } => self.alarm_raised(event, fold),
            Event::AlarmAcknowledged { alarm } => self.alarm_acknowledged(*alarm, fold),
            Event::AlarmEnded { alarm } => self.alarm_ended(*alarm, fold),
            Event::AlarmRetired { alarm } => self.alarm_retired(*alarm, fold),
            Event::Audited(audit) => self.audited(audit, fold),
        }
    }
}
