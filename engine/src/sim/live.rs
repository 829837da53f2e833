//! What goes on by itself each second: crews, cases that arrive, what runs out.

use super::simulator::{Simulator, Step};
use super::words;
use crate::command::Command;
use crate::decide::decide_fixes;
use crate::ids::{CaseId, FeedId, UnitId};
use crate::model::{Actor, Fix, NO_BEARING, UnitStatus};
use crate::record::{Body, Origin};
use std::collections::BTreeMap;

/// Accuracy that simulated terminals report, decimetres.
const ACCURACY_DM: u16 = 30;

impl Simulator {
    /// Ends what was to last until now: closed roads, dead feeds, broken units.
    pub(super) fn expire(&mut self, step: &mut Step) {
        if self.faults.closures.expire(self.now, &mut self.search) {
            self.roads_changed(true);
        }
        let now = self.now;
        self.faults
            .dead_feeds
            .retain(|_, until| until.is_none_or(|u| u > now));
        let back: Vec<UnitId> = self
            .faults
            .failed_units
            .iter()
            .filter(|(_, until)| until.is_some_and(|u| u <= now))
            .map(|(unit, _)| *unit)
            .collect();
        for unit in back {
            self.return_unit(unit, step);
        }
    }

    pub(super) fn return_unit(&mut self, unit: UnitId, step: &mut Step) {
        self.faults.failed_units.remove(&unit);
        let command = Command::SetInService {
            unit,
            in_service: true,
        };
        // An officer may have brought it back already.
        let _ = self.execute(&command, &Actor::Unit(unit), None, step);
    }

    pub(super) fn roads_changed(&mut self, opened: bool) {
        for c in self.staff.crews.iter_mut().flatten() {
            c.crew.roads_changed(&self.roads, &mut self.search, opened);
        }
    }

    pub(super) fn let_cases_arrive(&mut self, step: &mut Step) {
        let mut due = Vec::new();
        let (now, recorded) = (self.now, self.is_recorded());
        for stream in &mut self.arrivals {
            while let Some((at, report)) = stream.next.take_if(|(at, _)| *at <= now) {
                stream.next = stream.arrivals.next_case();
                // While the log decides which cases come, only cases added by an act come in addition.
                let counts = !recorded || stream.until.is_some();
                if counts && stream.until.is_none_or(|u| at <= u) {
                    due.push(report);
                }
            }
        }
        self.arrivals.retain(|s| s.until.is_none_or(|u| u > now));
        if due.is_empty() {
            return;
        }
        let feed = super::rates::usual_feed(&self.state);
        let hotline = words::hotline(self.config.language);
        let actor = feed.map_or_else(|| Actor::Operator(hotline.to_owned()), Actor::Feed);
        let dead = feed.is_some_and(|f| self.faults.dead_feeds.contains_key(&f));
        if dead {
            return;
        }
        for report in due {
            // A street may lie outside the city's bounds: then nobody reports from there.
            let _ = self.execute(&Command::ReportCase(report), &actor, None, step);
        }
    }

    /// Crews drive, work and report.
    pub(super) fn live_crews(&mut self, step: &mut Step) {
        let mut fixes: BTreeMap<FeedId, Vec<Fix>> = BTreeMap::new();
        for at in 0..self.staff.crews.len() {
            let unit = UnitId(at as u32);
            let Some(mut own) = self.staff.crews[at].take() else {
                continue;
            };
            let (state, config, truths, seed, now) =
                (&self.state, &self.config, &self.truths, self.seed, self.now);
            let case = own.crew.case();
            let said = own.crew.step(&self.roads, &mut self.search, 1.0, |_| {
                let case = case.and_then(|id| state.case(id));
                let truth = case.and_then(|c| truths.get(&c.id));
                let of = case.map_or([unit.0.into(), now.0 as u64], |c| {
                    [c.id.0, u64::from(c.rework)]
                });
                let spread = super::Chance::of_numbers(seed, "work", &of).unit();
                let (low_s, high_s) = match truth {
                    Some(t) if !t.real => config.work.nothing_there,
                    Some(t) if t.work_s.is_some() => {
                        let s = f64::from(t.work_s.unwrap_or(0));
                        (s, s)
                    }
                    _ => config.work.of(case),
                };
                // A unit that was at work before has part of it behind it.
                let arrived = state
                    .unit(unit)
                    .and_then(|u| u.assignment.as_ref()?.arrived_at);
                let spent_s = arrived.map_or(0.0, |t| now.seconds_since(t));
                (low_s + (high_s - low_s) * spread - spent_s).max(1.0)
            });
            let moving = said.speed_mps > 0.0;
            let report = moving || said.is_report() || self.standing_report_due(own.reported);
            if report && let Some(fix) = self.fix_of(unit, &said) {
                own.reported = self.now;
                let feed = self.state.mover(fix.mover).map(|m| m.feed);
                if let Some(feed) = feed.filter(|f| !self.faults.dead_feeds.contains_key(f)) {
                    fixes.entry(feed).or_default().push(fix);
                }
            }
            self.staff.crews[at] = Some(own);
            if said.is_report() {
                self.report(unit, case, &said, step);
            }
        }
        for (feed, fixes) in fixes {
            let decision = decide_fixes(&self.state, feed, &fixes, self.now);
            if !decision.block.is_empty() {
                let origin = Origin {
                    actor: Actor::Feed(feed),
                    command: None,
                };
                self.write(origin, Body::Fixes(decision.block), step);
            }
        }
    }

    fn fix_of(&self, unit: UnitId, said: &super::crew::CrewReport) -> Option<Fix> {
        let u = self.state.unit(unit)?;
        if u.status == UnitStatus::OutOfService && self.faults.failed_units.contains_key(&unit) {
            return None;
        }
        let bearing = libm::roundf(said.bearing_deg * 100.0);
        Some(Fix {
            mover: u.mover,
            position: said.position,
            bearing_cdeg: if bearing.is_finite() {
                (bearing as u32 % 36_000) as u16
            } else {
                NO_BEARING
            },
            speed_cmps: libm::roundf(said.speed_mps * 100.0) as u16,
            accuracy_dm: ACCURACY_DM,
            fix_time: self.now,
        })
    }

    /// What a terminal says; what is refused it says again later.
    fn report(
        &mut self,
        unit: UnitId,
        case: Option<CaseId>,
        said: &super::crew::CrewReport,
        step: &mut Step,
    ) {
        let actor = Actor::Unit(unit);
        if said.acknowledge {
            let _ = self.execute(&Command::AcknowledgeAssignment { unit }, &actor, None, step);
        }
        if said.arrive {
            let _ = self.execute(&Command::ArriveOnScene { unit }, &actor, None, step);
        }
        if said.handled {
            let real = case.is_none_or(|c| self.truths.get(&c).is_none_or(|t| t.real));
            let fleet = self.state.unit(unit).map_or("", |u| u.fleet.as_str());
            let note = if real {
                words::done(fleet, self.config.language)
            } else {
                words::nothing_there(self.config.language)
            };
            let note = note.to_owned();
            let _ = self.execute(&Command::ReportHandled { unit, note }, &actor, None, step);
        }
    }
}
