//! Injects: what each does to the city, at once and later.

use super::entry::DrillEvent;
use super::run::{Drill, Later, rates};
use super::scenario::{InjectAct, Report, Truth};
use crate::command::CaseReport;
use crate::geo::{LocalFrame, Metres, Position};
use crate::ids::{FeedId, SensorId, ThingId};
use crate::model::Actor;
use crate::sim::{CaseTruth, Chance, SimAct, words};
use crate::state::Changes;
use crate::time::Timestamp;

/// Feed of the sensors of a scenario, and the feed of people's reports.
pub const SENSORS_FEED: &str = "sensors";
/// The feed that a scenario's reports come by.
pub const REPORTS_FEED: &str = "hotline";

/// Traffic is slowed by rain down to this.
const RAIN_SPEED_MIN: f64 = 0.5;
/// So many millimetres an hour halve it.
const RAIN_HALVES_MM: f64 = 120.0;

/// Parts of injects that come later.
mod part {
    /// From here on: reports of a storm, by number.
    pub const REPORT: u32 = 1_000;
    /// The end of the rain.
    pub const RAIN_ENDS: u32 = 1;
    /// Water has risen: roads close.
    pub const RISEN: u32 = 2;
}

impl Drill {
    /// Fires all that is due by now.
    pub(super) fn fire_due(&mut self) -> Changes {
        let now = self.now();
        let mut changes = Changes::default();
        for inject in 0..self.plan.len() {
            let planned = self.plan[inject];
            if planned.fired.is_none() && planned.at.is_some_and(|t| t <= now) {
                self.checkpoint_now();
                match self.fire(inject as u32, false) {
                    Ok(more) => changes.merge(more),
                    // The drill goes on; the director reads why among the notes.
                    Err(why) => {
                        let text = format!("{}: {why}", self.scenario.injects[inject].title);
                        self.notes.push((now, text.clone()));
                        self.log(DrillEvent::Note(text));
                    }
                }
            }
        }
        while let Some(later) = self.later.pop_if(|l| l.at <= now) {
            changes.merge(self.fire_later(later));
        }
        changes
    }

    /// Fires an inject. What cannot be done at all is noted in words and counts as fired.
    pub(super) fn fire(&mut self, inject: u32, by_hand: bool) -> Result<Changes, String> {
        let now = self.now();
        let Some(spec) = self.scenario.injects.get(inject as usize).cloned() else {
            return Err(format!("there is no inject {inject}"));
        };
        self.plan[inject as usize].fired = Some(now);
        self.log(DrillEvent::Injected { inject, by_hand });
        let until = |s: Option<u32>| s.map(|s| now.plus_seconds(i64::from(s)));
        match spec.act {
            InjectAct::Report(report) => {
                let truth = self.truth_of(inject);
                self.report(inject, &report, truth)
            }
            InjectAct::Storm {
                report,
                count,
                within_s,
                ..
            } => {
                for n in 1..count {
                    let after_s = i64::from(within_s) * i64::from(n) / i64::from(count);
                    self.later(inject, part::REPORT + n, now.plus_seconds(after_s));
                }
                let truth = self.truth_of(inject);
                self.report(inject, &report, truth)
            }
            InjectAct::Flood {
                sensors,
                to,
                over_s,
                stays_s,
                closes,
            } => {
                if !closes.is_empty() {
                    let risen = now.plus_seconds(i64::from(over_s));
                    self.later(inject, part::RISEN, risen);
                }
                self.flood(inject, &sensors, to, over_s, stays_s)
            }
            InjectAct::Closure { places, for_s } => self.close(&places, until(for_s)),
            InjectAct::UnitFails { call_sign, for_s } => {
                let unit = self.state().unit_called(&call_sign);
                let unit =
                    unit.ok_or_else(|| format!("there is no unit {call_sign} in the city"))?;
                self.thing(inject, ThingId::Unit(unit));
                self.act(SimAct::UnitFails {
                    unit,
                    until: until(for_s),
                })
            }
            InjectAct::FeedDies { feed, for_s } => {
                let id: FeedId = self
                    .state()
                    .feed(&feed)
                    .ok_or_else(|| format!("there is no feed {feed} in the city"))?;
                self.act(SimAct::FeedDies {
                    feed: id,
                    until: until(for_s),
                })
            }
            rain @ InjectAct::Rain { .. } => self.rain(inject, rain),
        }
    }

    /// It rains: more cases, slower traffic, rising water, until it is over.
    fn rain(&mut self, inject: u32, rain: InjectAct) -> Result<Changes, String> {
        let InjectAct::Rain {
            mm_per_hour,
            for_s,
            factor,
            mix,
            rise,
            sensors,
        } = rain
        else {
            return Ok(Changes::default());
        };
        let ends = self.now().plus_seconds(i64::from(for_s));
        self.later(inject, part::RAIN_ENDS, ends);
        let per_hour = self.scenario.cases_per_hour * factor;
        let mix = if mix.is_empty() {
            self.scenario.mix.clone()
        } else {
            mix
        };
        let more = rates(&mix, per_hour, self.state());
        let mut changes = self.act(SimAct::SetRates(more))?;
        let factor = (1.0 - mm_per_hour / (2.0 * RAIN_HALVES_MM)).max(RAIN_SPEED_MIN);
        changes.merge(self.act(SimAct::Traffic { factor })?);
        for s in sensors {
            changes.merge(self.raise(s, rise, for_s)?);
        }
        Ok(changes)
    }

    fn later(&mut self, inject: u32, part: u32, at: Timestamp) {
        let later = Later { at, inject, part };
        let place = self.later.partition_point(|l| *l > later);
        self.later.insert(place, later);
    }

    fn fire_later(&mut self, later: Later) -> Changes {
        let Some(spec) = self.scenario.injects.get(later.inject as usize).cloned() else {
            return Changes::default();
        };
        let done = match (spec.act, later.part) {
            (
                InjectAct::Storm {
                    mut report,
                    notes,
                    scatter_m,
                    ..
                },
                n,
            ) if n > part::REPORT => {
                let n = n - part::REPORT;
                let words = notes.len() as u32 + 1;
                if let Some(other) = (n % words)
                    .checked_sub(1)
                    .and_then(|i| notes.get(i as usize))
                {
                    report.note.clone_from(other);
                }
                report.position = self.scatter(report.position, scatter_m, later.inject, n);
                let truth = self.truth_of(later.inject);
                self.report(later.inject, &report, truth)
            }
            (InjectAct::Flood { closes, .. }, part::RISEN) => self.close(&closes, None),
            (InjectAct::Rain { .. }, part::RAIN_ENDS) => {
                let s = &self.scenario;
                let usual = rates(&s.mix, s.cases_per_hour, self.sim.state());
                let dry = self.act(SimAct::SetRates(usual));
                dry.and_then(|mut changes| {
                    changes.merge(self.act(SimAct::Traffic { factor: 1.0 })?);
                    Ok(changes)
                })
            }
            _ => Ok(Changes::default()),
        };
        match done {
            Ok(changes) => changes,
            Err(why) => {
                let text = format!("{}: {why}", spec.title);
                self.notes.push((self.now(), text.clone()));
                self.log(DrillEvent::Note(text));
                Changes::default()
            }
        }
    }

    fn act(&mut self, act: SimAct) -> Result<Changes, String> {
        let mut acted = self.sim.act(act).map_err(|e| e.to_string())?;
        self.log_records(&mut acted);
        Ok(acted.changes)
    }

    /// What is really there; of an inject about another inject, the other's.
    fn truth_of(&self, inject: u32) -> Option<Truth> {
        let spec = self.scenario.injects.get(inject as usize)?;
        match spec.about {
            Some(other) => self.scenario.injects.get(other as usize)?.truth.clone(),
            None => spec.truth.clone(),
        }
    }

    /// A report comes in by the hotline. What is really there, crews find; nothing of it is in the city's state.
    fn report(
        &mut self,
        inject: u32,
        report: &Report,
        truth: Option<Truth>,
    ) -> Result<Changes, String> {
        let by = match self.state().feed(REPORTS_FEED) {
            Some(feed) => Actor::Feed(feed),
            None => Actor::Operator(words::hotline(self.language()).to_owned()),
        };
        let now = self.now();
        let act = SimAct::ReportCase {
            report: CaseReport {
                class: report.class,
                severity: report.severity,
                position: report.position,
                address: report.address.clone(),
                note: report.note.clone(),
                occurred_at: now,
                filed_at: None,
                key: self.report_key(inject),
            },
            by,
            truth: truth.map(|t| CaseTruth {
                real: t.real,
                class: Some(t.class),
                work_s: None,
                note: t.text,
            }),
        };
        let mut acted = self.sim.act(act).map_err(|e| e.to_string())?;
        self.log_records(&mut acted);
        if let Some(case) = acted.case {
            self.thing(inject, ThingId::Case(case));
        }
        Ok(acted.changes)
    }

    /// A key in the form of the hotline's reports, so that an inject looks like an ordinary case.
    fn report_key(&self, inject: u32) -> String {
        let from_s = self.scenario.start.time().whole_seconds();
        let number = (inject + 1) * 1_000 + self.tally.things(inject).len() as u32;
        format!("sim-{}-{from_s}-{number}", self.scenario.seed)
    }

    /// A place near another, the same for the same storm and number.
    fn scatter(&self, about: Position, within_m: u32, inject: u32, n: u32) -> Position {
        let numbers = [u64::from(inject), u64::from(n)];
        let mut chance = Chance::of_numbers(self.scenario.seed, "storm", &numbers);
        let m = f64::from(within_m);
        let place = LocalFrame::new(about).position(Metres {
            east_m: chance.between(-m, m),
            north_m: chance.between(-m, m),
        });
        let inside = self
            .state()
            .rules()
            .is_some_and(|r| r.bounds.contains(place));
        if inside { place } else { about }
    }

    fn close(&mut self, places: &[Position], until: Option<Timestamp>) -> Result<Changes, String> {
        let mut changes = Changes::default();
        for at in places {
            changes.merge(self.act(SimAct::CloseRoad { at: *at, until })?);
        }
        Ok(changes)
    }

    /// The sensor of a place in the scenario's list, and its value at rest.
    fn sensor(&self, at: u32) -> Result<(SensorId, f64), String> {
        let known = self.scenario.sensors.get(at as usize);
        let known = known.ok_or_else(|| format!("there is no sensor {at}"))?;
        let feed = self.state().feed(SENSORS_FEED);
        let id = feed.and_then(|f| self.state().sensor_of(f, &known.key));
        let id = id.ok_or_else(|| format!("sensor {} does not stand in the city", known.key))?;
        Ok((id, known.rest))
    }

    fn latest(&self, sensor: SensorId, otherwise: f64) -> f64 {
        let reading = self.state().sensor(sensor).and_then(|s| s.latest);
        reading.and_then(|r| r.value).unwrap_or(otherwise)
    }

    fn flood(
        &mut self,
        inject: u32,
        sensors: &[u32],
        to: f64,
        over_s: u32,
        stays_s: Option<u32>,
    ) -> Result<Changes, String> {
        let mut changes = Changes::default();
        for at in sensors {
            let (sensor, rest) = self.sensor(*at)?;
            self.thing(inject, ThingId::Sensor(sensor));
            let over_s = over_s.max(1);
            let mut points = vec![(0, self.latest(sensor, rest)), (over_s, to)];
            match stays_s {
                Some(stays_s) => {
                    let falls_at = over_s.saturating_add(stays_s.max(1));
                    points.extend([(falls_at, to), (falls_at.saturating_add(over_s), rest)]);
                }
                None => points.push((over_s.saturating_add(self.scenario.duration_s), to)),
            }
            changes.merge(self.act(SimAct::SensorCurve { sensor, points })?);
        }
        Ok(changes)
    }

    /// Water rises a little with the rain and runs off after it.
    fn raise(&mut self, at: u32, rise: f64, for_s: u32) -> Result<Changes, String> {
        let (sensor, rest) = self.sensor(at)?;
        let from = self.latest(sensor, rest);
        let (third, for_s) = ((for_s / 3).max(1), for_s.max(3));
        let points = vec![
            (0, from),
            (third, from + rise),
            (for_s, from + rise),
            (for_s.saturating_add(third), rest),
        ];
        self.act(SimAct::SensorCurve { sensor, points })
    }
}
