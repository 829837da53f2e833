use super::{Changes, State};
use crate::event::Event;
use crate::ids::{CaseId, UnitId};
use crate::model::{
    Alarm, Assignment, AssignmentTarget, Case, CaseSource, Mover, MoverKind, NO_BEARING,
    RecentFixes, Sensor, SensorState, Stage, StageChange, Unit, UnitStatus,
};
use crate::record::{Body, Origin, Record};
use crate::time::Timestamp;

/// What every handler of an event may know besides the event.
pub(super) struct At<'a> {
    pub(super) now: Timestamp,
    pub(super) origin: &'a Origin,
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
        let at = At {
            now: record.known_at,
            origin: &record.origin,
        };
        match &record.body {
            Body::Events(events) => {
                for event in events {
                    self.apply_event(event, &at, &mut changes);
                }
            }
            Body::Fixes(block) => self.apply_fixes(block, record.known_at, &mut changes),
            Body::Observations(observations, events) => {
                for o in observations {
                    self.apply_observation(*o, record.known_at, &mut changes);
                }
                for event in events {
                    self.apply_event(event, &at, &mut changes);
                }
            }
        }
        changes
    }

    pub(super) fn apply_event(&mut self, event: &Event, at: &At<'_>, changes: &mut Changes) {
        match event {
            Event::Configured(rules) => {
                self.rules = Some(rules.clone());
                changes.rules = true;
            }
            Event::FeedRegistered { feed, name } => {
                if usize::from(feed.0) == self.feeds.len() {
                    self.feeds.push(name.clone());
                    self.mover_keys.push(super::keys::MoverKeys::default());
                }
            }
            Event::MoverRegistered {
                mover,
                feed,
                key,
                kind,
            } => {
                if mover.0 as usize == self.movers.len() {
                    crate::tight::push(&mut self.movers, new_mover(*kind, *feed));
                }
                if let Some(keys) = self.mover_keys.get_mut(usize::from(feed.0)) {
                    keys.insert(key, *mover);
                }
            }
            Event::UnitRegistered {
                unit,
                mover,
                registration,
            } => {
                let r = registration.clone();
                if unit.0 as usize == self.units.len() {
                    self.call_signs.insert(r.call_sign.clone(), *unit);
                    self.units.push(Unit {
                        id: *unit,
                        mover: *mover,
                        call_sign: r.call_sign,
                        call_sign_en: r.call_sign_en,
                        fleet: r.fleet,
                        department: r.department,
                        skills: r.skills,
                        status: UnitStatus::Available,
                        since: at.now,
                        assignment: None,
                        handled: 0,
                    });
                } else if let Some(u) = self.units.get_mut(unit.0 as usize) {
                    u.call_sign_en = r.call_sign_en;
                    u.fleet = r.fleet;
                    u.department = r.department;
                    u.skills = r.skills;
                    u.mover = *mover;
                }
                if let Some(m) = self.movers.get_mut(mover.0 as usize) {
                    m.unit = Some(*unit);
                    m.kind = MoverKind::Unit;
                }
                changes.units.insert(*unit);
            }
            Event::SensorRegistered {
                sensor,
                registration,
            } => {
                let r = registration.clone();
                self.sensor_keys.insert((r.feed, r.key.clone()), *sensor);
                if sensor.0 as usize == self.sensors.len() {
                    self.sensors.push(Sensor {
                        id: *sensor,
                        feed: r.feed,
                        key: r.key,
                        name: r.name,
                        phenomenon: r.phenomenon,
                        unit_of_measure: r.unit_of_measure,
                        position: r.position,
                        thresholds: r.thresholds,
                        state: SensorState::Unknown,
                        hour: Vec::new(),
                        latest: None,
                        result_time: at.now,
                    });
                } else if let Some(s) = self.sensors.get_mut(sensor.0 as usize) {
                    s.name = r.name;
                    s.phenomenon = r.phenomenon;
                    s.unit_of_measure = r.unit_of_measure;
                    s.position = r.position;
                    s.thresholds = r.thresholds;
                }
                self.spatial.place_sensor(*sensor, registration.position);
                changes.sensors.insert(*sensor);
                changes.sensors_described.insert(*sensor);
            }
            Event::CaseReported {
                case,
                class,
                severity,
                position,
                address,
                note,
                source,
                occurred_at,
                maybe_same_as,
            } => {
                if let CaseSource::Feed(feed, key) = source
                    && !key.is_empty()
                {
                    self.case_keys.insert((*feed, key.clone()), *case);
                }
                self.last_case = self.last_case.max(*case);
                self.cases.insert(
                    *case,
                    Case {
                        id: *case,
                        class: *class,
                        severity: *severity,
                        position: *position,
                        address: address.clone(),
                        note: note.clone(),
                        source: source.clone(),
                        occurred_at: *occurred_at,
                        stage: Stage::Reported,
                        history: Vec::new(),
                        filed_at: None,
                        due_at: None,
                        overdue: false,
                        units: Vec::new(),
                        handled_by: None,
                        rework: 0,
                        reports: 1,
                        maybe_same_as: *maybe_same_as,
                    },
                );
                self.spatial.place_case(*case, *position);
                self.enter(*case, Stage::Reported, at, changes);
            }
            Event::CaseFiled {
                case,
                class,
                filed_at,
                due_at,
            } => {
                if let Some(c) = self.cases.get_mut(case) {
                    c.class = *class;
                    c.filed_at = Some(*filed_at);
                    c.due_at = Some(*due_at);
                    self.due.insert((*due_at, *case));
                }
                self.enter(*case, Stage::Filed, at, changes);
            }
            Event::CaseBundled { case, into } => {
                let reports = self.cases.get(case).map_or(0, |c| c.reports);
                if let Some(c) = self.cases.get_mut(into) {
                    c.reports = c.reports.saturating_add(reports);
                }
                changes.cases.insert(*into);
                self.enter(*case, Stage::Void, at, changes);
            }
            Event::CaseVoided { case, reason } => {
                if let Some(c) = self.cases.get_mut(case) {
                    reason.clone_into(&mut c.note);
                }
                self.enter(*case, Stage::Void, at, changes);
            }
            Event::UnitDispatched {
                assignment,
                unit,
                target,
                position,
                expected_at,
            } => {
                self.last_assignment = self.last_assignment.max(*assignment);
                if let Some(u) = self.units.get_mut(unit.0 as usize) {
                    u.status = UnitStatus::Assigned;
                    u.since = at.now;
                    u.assignment = Some(Assignment {
                        id: *assignment,
                        target: *target,
                        position: *position,
                        by: at.origin.actor.clone(),
                        at: at.now,
                        acknowledged_at: None,
                        arrived_at: None,
                        expected_at: *expected_at,
                    });
                }
                if let AssignmentTarget::Case(case) = target
                    && let Some(c) = self.cases.get_mut(case)
                    && !c.units.contains(unit)
                {
                    c.units.push(*unit);
                }
                changes.units.insert(*unit);
                if let AssignmentTarget::Case(case) = target {
                    changes.cases.insert(*case);
                }
            }
            Event::AssignmentAcknowledged { unit } => {
                self.set_status(*unit, UnitStatus::EnRoute, at, changes);
                if let Some(a) = self.assignment_mut(*unit) {
                    a.acknowledged_at = Some(at.now);
                }
            }
            Event::UnitArrived { unit } => {
                self.set_status(*unit, UnitStatus::OnScene, at, changes);
                if let Some(a) = self.assignment_mut(*unit) {
                    a.arrived_at = Some(at.now);
                }
            }
            Event::UnitRecalled { unit } | Event::UnitReleased { unit } => {
                self.set_status(*unit, UnitStatus::Available, at, changes);
                let assignment = self
                    .units
                    .get_mut(unit.0 as usize)
                    .and_then(|u| u.assignment.take());
                if let Some(AssignmentTarget::Case(case)) = assignment.map(|a| a.target)
                    && let Some(c) = self.cases.get_mut(&case)
                {
                    c.units.retain(|u| u != unit);
                    changes.cases.insert(case);
                }
            }
            Event::UnitServiceChanged { unit, in_service } => {
                let status = if *in_service {
                    UnitStatus::Available
                } else {
                    UnitStatus::OutOfService
                };
                self.set_status(*unit, status, at, changes);
            }
            Event::CaseHandled { case, unit, note } => {
                if let Some(c) = self.cases.get_mut(case) {
                    c.handled_by = Some(*unit);
                    if !note.is_empty() {
                        note.clone_into(&mut c.note);
                    }
                }
                if let Some(u) = self.units.get_mut(unit.0 as usize) {
                    u.handled = u.handled.saturating_add(1);
                }
                self.enter(*case, Stage::Handled, at, changes);
            }
            Event::CaseReworked { case } => {
                if let Some(c) = self.cases.get_mut(case) {
                    c.rework = c.rework.saturating_add(1);
                    c.handled_by = None;
                    if let Some(due) = c.due_at
                        && !c.overdue
                    {
                        self.due.insert((due, *case));
                    }
                }
                self.enter(*case, Stage::Filed, at, changes);
            }
            Event::CaseClosed { case } => self.enter(*case, Stage::Closed, at, changes),
            Event::CaseStageEntered { case, stage } => self.enter(*case, *stage, at, changes),
            Event::CaseBecameOverdue { case } => {
                if let Some(c) = self.cases.get_mut(case) {
                    c.overdue = true;
                    if let Some(due) = c.due_at {
                        self.due.remove(&(due, *case));
                    }
                    changes.cases.insert(*case);
                }
            }
            Event::CaseRetired { case } => {
                if let Some(c) = self.cases.remove(case) {
                    self.ended.remove(&(c.since(), *case));
                    if let CaseSource::Feed(feed, key) = c.source {
                        self.case_keys.remove(&(feed, key));
                    }
                    changes.cases.insert(*case);
                }
            }
            Event::AlarmRaised {
                alarm,
                source,
                severity,
                position,
            } => {
                self.last_alarm = self.last_alarm.max(*alarm);
                self.alarms.insert(
                    *alarm,
                    Alarm {
                        id: *alarm,
                        source: *source,
                        severity: *severity,
                        position: *position,
                        raised_at: at.now,
                        acknowledged: None,
                        ended_at: None,
                    },
                );
                changes.alarms.insert(*alarm);
            }
            Event::AlarmAcknowledged { alarm } => {
                if let Some(a) = self.alarms.get_mut(alarm) {
                    a.acknowledged = Some((at.origin.actor.clone(), at.now));
                    changes.alarms.insert(*alarm);
                }
            }
            Event::AlarmEnded { alarm } => {
                if let Some(a) = self.alarms.get_mut(alarm) {
                    a.ended_at = Some(at.now);
                    changes.alarms.insert(*alarm);
                }
            }
            Event::AlarmRetired { alarm } => {
                self.alarms.remove(alarm);
                changes.alarms.insert(*alarm);
            }
        }
    }

    fn enter(&mut self, case: CaseId, stage: Stage, at: &At<'_>, changes: &mut Changes) {
        let Some(c) = self.cases.get_mut(&case) else {
            return;
        };
        c.stage = stage;
        c.history.push(StageChange {
            stage,
            at: at.now,
            by: at.origin.actor.clone(),
        });
        if matches!(stage, Stage::Handled | Stage::Closed | Stage::Void)
            && let Some(due) = c.due_at
        {
            self.due.remove(&(due, case));
        }
        if !stage.is_open() {
            self.ended.insert((at.now, case));
            self.spatial.forget_case(case);
        }
        changes.cases.insert(case);
    }

    fn set_status(&mut self, unit: UnitId, status: UnitStatus, at: &At<'_>, changes: &mut Changes) {
        if let Some(u) = self.units.get_mut(unit.0 as usize) {
            u.status = status;
            u.since = at.now;
            changes.units.insert(unit);
        }
    }

    fn assignment_mut(&mut self, unit: UnitId) -> Option<&mut Assignment> {
        self.units.get_mut(unit.0 as usize)?.assignment.as_mut()
    }
}

fn new_mover(kind: MoverKind, feed: crate::ids::FeedId) -> Mover {
    Mover {
        kind,
        feed,
        unit: None,
        position: None,
        bearing_cdeg: NO_BEARING,
        speed_cmps: 0,
        accuracy_dm: 0,
        fix_time: Timestamp(i64::MIN),
        recent: RecentFixes::default(),
    }
}
