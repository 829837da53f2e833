//! A recorded stretch of history that happens again: what nobody in the city could have changed.

use crate::command::{CaseReport, Command};
use crate::decide::decide_fixes;
use crate::event::Event;
use crate::ids::{CaseId, UnitId};
use crate::model::{Actor, AssignmentTarget, note_added};
use crate::record::{Body, FixBlock, Record};
use crate::sim::recorded::RecordedTally;
use crate::sim::simulator::{Simulator, Step};
use crate::time::Timestamp;
use std::collections::BTreeMap;

impl Simulator {
    /// Until when records are given to [`Simulator::step_recorded`]: up to then no case comes, no sensor measures and
    /// nobody is dispatched by the simulator, except to cases of the log whose unit cannot go here.
    pub fn set_recorded_until(&mut self, until: Option<Timestamp>) {
        self.recorded.until = until;
    }

    /// How far history could be followed.
    pub fn recorded_tally(&self) -> RecordedTally {
        self.recorded.tally
    }

    /// True while the log decides what happens.
    pub(in crate::sim) fn is_recorded(&self) -> bool {
        self.recorded.until.is_some_and(|until| self.now <= until)
    }

    pub(in crate::sim) fn take_recorded(&mut self, record: &Record, step: &mut Step) {
        match &record.body {
            Body::Fixes(block) => self.recorded_fixes(block, record, step),
            Body::Observations(list, _) => {
                let mine: Vec<_> = list
                    .iter()
                    .map(|o| {
                        let mut own = *o;
                        own.sensor = renamed(&self.recorded.sensors, o.sensor);
                        own
                    })
                    .filter(|o| !self.instruments.is_driven(o.sensor))
                    .collect();
                let feed = mine.first().and_then(|o| self.state.sensor(o.sensor));
                let feed = feed.map(|s| s.feed);
                if let Some(feed) = feed.filter(|f| !self.faults.dead_feeds.contains_key(f)) {
                    self.observe(feed, &mine, step);
                }
            }
            Body::Events(events) => {
                if let Actor::Feed(feed) = &record.origin.actor
                    && self.faults.dead_feeds.contains_key(feed)
                {
                    return;
                }
                for (at, event) in events.iter().enumerate() {
                    self.recorded_event(events, at, event, record, step);
                }
            }
        }
    }

    /// Traffic as it was; units drive on their own.
    fn recorded_fixes(&mut self, block: &FixBlock, record: &Record, step: &mut Step) {
        if self.faults.dead_feeds.contains_key(&block.feed) {
            return;
        }
        let same_names = self.recorded.movers.is_empty();
        let fixes: Vec<_> = block
            .iter()
            .map(|mut f| {
                if !same_names {
                    f.mover = renamed(&self.recorded.movers, f.mover);
                }
                f
            })
            .filter(|f| self.state.mover(f.mover).is_some_and(|m| m.unit.is_none()))
            .collect();
        if fixes.is_empty() {
            return;
        }
        let decision = decide_fixes(&self.state, block.feed, &fixes, self.now);
        if !decision.block.is_empty() {
            self.write(record.origin.clone(), Body::Fixes(decision.block), step);
        }
    }

    fn recorded_event(
        &mut self,
        events: &[Event],
        at: usize,
        event: &Event,
        record: &Record,
        step: &mut Step,
    ) {
        let actor = &record.origin.actor;
        match event {
            Event::CaseReported { case, .. } => {
                let Some(report) = report_of(events, at, record.known_at) else {
                    return;
                };
                let made = self.execute(&Command::ReportCase(report), actor, None, step);
                if let Ok(Some(own)) = made
                    && own != *case
                {
                    self.recorded.cases.insert(*case, own);
                }
            }
            Event::MoverRegistered {
                mover,
                feed,
                key,
                kind,
            } => {
                let movers = vec![(key.clone(), *kind)];
                let command = Command::RegisterMovers {
                    feed: *feed,
                    movers,
                };
                let _ = self.execute(&command, &Actor::System, None, step);
                // Its number may have been another's that has retired.
                self.recorded.movers.remove(mover);
                if let Some(own) = self.state.mover_of(*feed, key).filter(|m| m != mover) {
                    self.recorded.movers.insert(*mover, own);
                }
            }
            Event::UnitRegistered {
                unit, registration, ..
            } => {
                let command = Command::RegisterUnit(registration.clone());
                let _ = self.execute(&command, &Actor::System, None, step);
                let own = self.state.unit_called(&registration.call_sign);
                if let Some(own) = own.filter(|u| u != unit) {
                    self.recorded.units.insert(*unit, own);
                }
            }
            Event::SensorRegistered {
                sensor,
                registration,
            } => {
                let command = Command::RegisterSensor(registration.clone());
                let _ = self.execute(&command, &Actor::System, None, step);
                let own = self.state.sensor_of(registration.feed, &registration.key);
                if let Some(own) = own.filter(|s| s != sensor) {
                    self.recorded.sensors.insert(*sensor, own);
                }
            }
            Event::FeedRegistered { name, .. } => {
                let name = name.clone();
                let _ = self.execute(&Command::RegisterFeed { name }, &Actor::System, None, step);
            }
            Event::Configured(rules) => {
                let command = Command::Configure(rules.clone());
                let _ = self.execute(&command, &Actor::System, None, step);
            }
            Event::UnitServiceChanged { unit, in_service } => {
                let unit = renamed(&self.recorded.units, *unit);
                if !self.faults.failed_units.contains_key(&unit) {
                    let in_service = *in_service;
                    let command = Command::SetInService { unit, in_service };
                    let _ = self.execute(&command, actor, None, step);
                }
            }
            other if matches!(actor, Actor::Operator(_)) => {
                self.recorded_decision(events, other, record, step);
            }
            _ => {}
        }
    }

    /// What an officer decided, tried again here.
    fn recorded_decision(
        &mut self,
        events: &[Event],
        event: &Event,
        record: &Record,
        step: &mut Step,
    ) {
        let case = |c: &CaseId| renamed(&self.recorded.cases, *c);
        let unit = |u: &UnitId| renamed(&self.recorded.units, *u);
        let command = match event {
            Event::UnitDispatched {
                unit: u,
                target,
                expected_at,
                ..
            } if !follows_from_another(events) => Command::DispatchUnit {
                unit: unit(u),
                target: match target {
                    AssignmentTarget::Case(c) => AssignmentTarget::Case(case(c)),
                    place @ AssignmentTarget::Place(_) => *place,
                },
                expected_s: expected_at.map(|t| t.seconds_since(record.known_at).max(0.0) as u32),
            },
            Event::UnitRecalled { unit: u } if !follows_from_another(events) => {
                Command::RecallUnit { unit: unit(u) }
            }
            Event::CaseVoided { case: c, reason } => {
                let here = self.state.case(case(c));
                let before = here.map_or("", |c| c.note.as_str());
                Command::VoidCase {
                    case: case(c),
                    reason: note_added(reason, before).to_owned(),
                }
            }
            Event::CaseBundled { case: c, into } => Command::BundleCase {
                case: case(c),
                into: case(into),
            },
            Event::CaseRestored { case: c, .. } => Command::RestoreCase { case: case(c) },
            Event::CaseClosed { case: c } => Command::CheckCase {
                case: case(c),
                passed: true,
            },
            Event::CaseReworked { case: c } => Command::CheckCase {
                case: case(c),
                passed: false,
            },
            Event::AlarmAcknowledged { alarm } => Command::AcknowledgeAlarm { alarm: *alarm },
            _ => return,
        };
        if let Command::DispatchUnit {
            unit,
            target: AssignmentTarget::Case(case),
            ..
        } = &command
            && self.recorded.left_out.contains(&(*unit, *case))
        {
            self.recorded.tally.left_out += 1;
            return;
        }
        if self
            .execute(&command, &record.origin.actor, None, step)
            .is_ok()
        {
            self.recorded.tally.followed += 1;
            return;
        }
        self.recorded.tally.refused += 1;
        match command {
            Command::DispatchUnit {
                target: AssignmentTarget::Case(case),
                ..
            } => self.staff.officer.adopt(case),
            Command::CheckCase { case, .. } => self.staff.checker.adopt(case),
            _ => {}
        }
    }
}

/// A recall, or a sending, that came with the end of a case, or with another unit's being sent or done, was no decision of its own;
/// the latter pair is tried as two.
fn follows_from_another(events: &[Event]) -> bool {
    events.iter().any(|e| {
        matches!(
            e,
            Event::CaseVoided { .. }
                | Event::CaseBundled { .. }
                | Event::CaseClosed { .. }
                | Event::CaseHandled { .. }
        )
    })
}

/// The report that a case's events came of.
fn report_of(events: &[Event], at: usize, known_at: Timestamp) -> Option<CaseReport> {
    let Event::CaseReported {
        case,
        class,
        severity,
        position,
        address,
        note,
        source,
        occurred_at,
        ..
    } = events.get(at)?
    else {
        return None;
    };
    let filed_at = events[at..].iter().find_map(|e| match e {
        Event::CaseFiled {
            case: c, filed_at, ..
        } if c == case => Some(*filed_at),
        _ => None,
    });
    Some(CaseReport {
        class: *class,
        severity: Some(*severity),
        position: *position,
        address: address.clone(),
        note: note.clone(),
        occurred_at: *occurred_at,
        filed_at: filed_at.filter(|f| *f < known_at),
        key: match source {
            crate::model::CaseSource::Feed(_, key) => key.clone(),
            crate::model::CaseSource::Operator(_) => String::new(),
        },
    })
}

fn renamed<T: Copy + Ord>(names: &BTreeMap<T, T>, of: T) -> T {
    names.get(&of).copied().unwrap_or(of)
}
