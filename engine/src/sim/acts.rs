use super::act::{Acted, SimAct, SimError, Storm};
use super::arrivals::Arrivals;
use super::closures::{ROAD_M, road_at};
use super::rates::CaseRates;
use super::simulator::{Simulator, Step, Stream};
use crate::command::{Command, UnitRegistration};
use crate::geo::Position;
use crate::ids::{FeedId, SensorId, UnitId};
use crate::model::{Actor, UnitStatus};
use crate::rejection::Rejection;
use crate::roads::Closings;
use crate::time::Timestamp;
use std::sync::Arc;

/// Sets what a storm brings apart from what comes anyway.
const STORM: u64 = 0x5702;
/// New units are numbered up to this.
const NUMBER_MAX: u32 = 10_000;

impl Simulator {
    /// Does what life does, now.
    ///
    /// # Errors
    /// [`SimError`], in words; then nothing has changed.
    pub fn act(&mut self, act: SimAct) -> Result<Acted, SimError> {
        let mut step = Step::default();
        let (mut case, mut unit) = (None, None);
        match act {
            SimAct::ReportCase { report, by, truth } => {
                let command = Command::ReportCase(report);
                case = self.execute(&command, &by, None, &mut step)?;
                if let (Some(id), Some(truth)) = (case, truth) {
                    self.truths.insert(id, truth);
                }
            }
            SimAct::SetRates(rates) => {
                self.config.arrivals.clone_from(&rates);
                self.set_rates(rates);
            }
            SimAct::CloseRoad { at, until } => {
                let edges = self.road_edges(at)?;
                self.close(&edges, until);
            }
            SimAct::CloseEdges { edges, until } => {
                self.known_edges(&edges)?;
                self.close(&edges, until);
            }
            SimAct::OpenRoad { at } => {
                let edges = self.road_edges(at)?;
                if self.faults.closures.open(&edges, &mut self.search) {
                    self.roads_changed(true);
                }
            }
            SimAct::Traffic { factor } => {
                in_range("traffic factor", factor, 0.05, 5.0, "0.05 … 5")?;
                self.config.scales.drive = factor;
                for c in self.staff.crews.iter_mut().flatten() {
                    c.crew.set_scales(self.config.scales);
                }
            }
            SimAct::AddUnit {
                like,
                call_sign,
                at,
            } => unit = Some(self.add_unit(like, call_sign, at, &mut step)?),
            SimAct::PlaceUnit { unit, at } => self.place_unit(unit, at)?,
            SimAct::UnitFails { unit, until } => self.fail_unit(unit, until, &mut step)?,
            SimAct::UnitReturns { unit } => {
                self.known_unit(unit)?;
                self.return_unit(unit, &mut step);
            }
            SimAct::FeedDies { feed, until } => {
                self.known_feed(feed)?;
                self.faults.dead_feeds.insert(feed, until);
            }
            SimAct::FeedReturns { feed } => {
                self.known_feed(feed)?;
                self.faults.dead_feeds.remove(&feed);
            }
            SimAct::SensorCurve { sensor, points } => self.drive_sensor(sensor, &points)?,
            SimAct::Storm(storm) => self.begin_storm(&storm)?,
            SimAct::SetOfficer(policy) => self.config.officer = policy,
            SimAct::LeaveOut { unit, case } => {
                self.known_unit(unit)?;
                self.recorded.leave_out(unit, case);
            }
        }
        let mut acted = self.acted(step, case);
        acted.unit = unit;
        Ok(acted)
    }

    /// The edges of the road nearest to a place, both carriageways where it has two; empty where none is in reach.
    pub fn road_at(&self, place: Position) -> Vec<u32> {
        road_at(&self.roads, place)
    }

    /// Edges that are closed now, and until when.
    pub fn closings(&self) -> &Closings {
        self.faults.closures.until()
    }

    fn known_edges(&self, edges: &[u32]) -> Result<(), SimError> {
        let count = self.roads.edge_count();
        match edges.iter().find(|e| **e as usize >= count) {
            Some(unknown) => Err(SimError::Number {
                what: "road edge",
                value: f64::from(*unknown),
                wanted: "the number of an edge of the road graph",
            }),
            None => Ok(()),
        }
    }

    fn place_unit(&mut self, unit: UnitId, at: Position) -> Result<(), SimError> {
        self.known_unit(unit)?;
        self.inside(at)?;
        let crew = self.staff.crews.get_mut(unit.0 as usize);
        if let Some(c) = crew.and_then(Option::as_mut) {
            c.crew.place(at);
            c.reported = Timestamp::MIN;
        }
        Ok(())
    }

    /// The edges of the road nearest to a place.
    ///
    /// # Errors
    /// [`SimError::NoRoad`] where none is in reach.
    fn road_edges(&self, place: Position) -> Result<Vec<u32>, SimError> {
        let edges = self.road_at(place);
        if edges.is_empty() {
            let at = place.lon_lat();
            return Err(SimError::NoRoad {
                lon_deg: at.lon_deg,
                lat_deg: at.lat_deg,
                reach_m: ROAD_M as u32,
            });
        }
        Ok(edges)
    }

    fn close(&mut self, edges: &[u32], until: Option<Timestamp>) {
        if self.faults.closures.close(edges, until, &mut self.search) {
            self.roads_changed(false);
        }
    }

    fn known_unit(&self, unit: UnitId) -> Result<(), SimError> {
        match self.state.unit(unit) {
            Some(_) => Ok(()),
            None => Err(Rejection::NoSuchUnit(unit).into()),
        }
    }

    fn known_feed(&self, feed: FeedId) -> Result<(), SimError> {
        if usize::from(feed.0) < self.state.feeds().len() {
            Ok(())
        } else {
            Err(Rejection::NoSuchFeed(feed).into())
        }
    }

    fn inside(&self, place: Position) -> Result<(), SimError> {
        let rules = self.state.rules();
        if rules.is_some_and(|r| r.bounds.contains(place)) {
            Ok(())
        } else {
            Err(Rejection::OutsideCity.into())
        }
    }

    fn add_unit(
        &mut self,
        like: UnitId,
        call_sign: String,
        at: Position,
        step: &mut Step,
    ) -> Result<UnitId, SimError> {
        self.inside(at)?;
        let model = self.state.unit(like).ok_or(Rejection::NoSuchUnit(like))?;
        let feed = self.state.mover(model.mover).map(|m| m.feed);
        let (sign, sign_en) = if call_sign.is_empty() {
            self.free_call_sign(&model.call_sign, &model.call_sign_en)
        } else {
            (call_sign.clone(), call_sign)
        };
        if self.state.unit_called(&sign).is_some() {
            return Err(Rejection::CallSignTaken(sign).into());
        }
        let registration = UnitRegistration {
            call_sign: sign.clone(),
            call_sign_en: sign_en,
            fleet: model.fleet.clone(),
            department: model.department,
            skills: model.skills.clone(),
            feed: feed.unwrap_or_default(),
        };
        let command = Command::RegisterUnit(registration);
        self.execute(&command, &Actor::System, None, step)?;
        let unit = self.state.unit_called(&sign);
        let unit = unit.ok_or(Rejection::CallSignTaken(sign))?;
        if let Some(u) = self.state.unit(unit) {
            let crew = self.new_crew(u, Some(at));
            self.staff.crews[unit.0 as usize] = Some(crew);
        }
        Ok(unit)
    }

    /// The other's call sign with the first number that is free.
    fn free_call_sign(&self, like: &str, like_en: &str) -> (String, String) {
        let stem = |s: &str| s.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
        let (stem, stem_en) = (stem(like), stem(like_en));
        let free = (1..NUMBER_MAX)
            .find(|n| self.state.unit_called(&format!("{stem}{n}")).is_none())
            .unwrap_or(NUMBER_MAX);
        (format!("{stem}{free}"), format!("{stem_en}{free}"))
    }

    fn fail_unit(
        &mut self,
        unit: UnitId,
        until: Option<Timestamp>,
        step: &mut Step,
    ) -> Result<(), SimError> {
        let u = self.state.unit(unit).ok_or(Rejection::NoSuchUnit(unit))?;
        let status = u.status;
        if u.assignment.is_some() {
            self.execute(&Command::RecallUnit { unit }, &Actor::System, None, step)?;
        }
        if status != UnitStatus::OutOfService {
            let command = Command::SetInService {
                unit,
                in_service: false,
            };
            self.execute(&command, &Actor::Unit(unit), None, step)?;
        }
        self.faults.failed_units.insert(unit, until);
        Ok(())
    }

    fn drive_sensor(&mut self, sensor: SensorId, points: &[(u32, f64)]) -> Result<(), SimError> {
        let Some(s) = self.state.sensor(sensor) else {
            return Err(Rejection::NoSuchSensor(sensor).into());
        };
        let ascending = points.windows(2).all(|w| w[0].0 < w[1].0);
        let numbers = points.iter().all(|(_, v)| v.is_finite());
        if points.is_empty() || !ascending || !numbers {
            return Err(SimError::Curve);
        }
        let mut curve = Vec::with_capacity(points.len() + 1);
        if points[0].0 > 0 {
            let begin = s.latest.and_then(|r| r.value).unwrap_or(points[0].1);
            curve.push((self.now, begin));
        }
        let at = |s: u32| self.now.plus_seconds(i64::from(s));
        curve.extend(points.iter().map(|(s, v)| (at(*s), *v)));
        self.instruments.drive(sensor, curve);
        Ok(())
    }

    fn begin_storm(&mut self, storm: &Storm) -> Result<(), SimError> {
        self.inside(storm.centre)?;
        in_range("storm's reach", storm.radius_m, 1.0, 1e6, "metres above 0")?;
        in_range("storm's water", storm.peak_m, 0.0, 20.0, "0 … 20 m")?;
        let often = storm.cases_per_hour;
        in_range("cases an hour", often, 0.0, 100_000.0, "0 … 100,000")?;
        let rules = self.state.rules();
        if let Some(class) = storm.class
            && rules.is_none_or(|r| r.class(class).is_none())
        {
            return Err(Rejection::NoSuchClass(class).into());
        }
        let rules = rules.map(|r| Arc::new(r.clone()));
        self.rain(storm);
        let (Some(class), Some(rules)) = (storm.class.filter(|_| often > 0.0), rules) else {
            return Ok(());
        };
        let rates = CaseRates::new(vec![class], vec![vec![often]]);
        let places = self.places().about(storm.centre, storm.radius_m);
        let seed = self.seed ^ STORM ^ self.now.0 as u64;
        let arrivals = Arrivals::plain(rates, rules, Arc::new(places), seed, self.now);
        let lasts_s = i64::from(storm.rise_s) + i64::from(storm.hold_s);
        let until = self.now.plus_seconds(lasts_s);
        self.arrivals.push(Stream::new(arrivals, Some(until)));
        Ok(())
    }
}

fn in_range(
    what: &'static str,
    value: f64,
    low: f64,
    high: f64,
    wanted: &'static str,
) -> Result<(), SimError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(SimError::Number {
            what,
            value,
            wanted,
        })
    }
}
