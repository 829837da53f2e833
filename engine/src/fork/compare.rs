use super::pair::Fork;
use super::{Difference, ForkReport, ForkRow, Measure};
use crate::event::Event;
use crate::ids::{CaseId, UnitId};
use crate::model::AssignmentTarget;
use crate::record::Body;
use crate::sim::{Simulator, Step};
use crate::time::Timestamp;

/// What is counted of one branch.
#[derive(Clone, Debug, Default)]
pub(super) struct Measures {
    /// When a unit arrived, how long after it was sent, and at which case.
    arrivals: Vec<(Timestamp, f64, Option<CaseId>)>,
    /// When which case was said to be handled.
    handled: Vec<(Timestamp, CaseId)>,
    /// Metres driven by all units.
    driven_m: f64,
}

/// Arrivals of so many seconds make the mean of a row.
const ROW_S: f64 = 3_600.0;

impl Measures {
    pub fn of(_sim: &Simulator) -> Self {
        Self::default()
    }

    pub fn take(&mut self, sim: &Simulator, step: &Step) {
        for record in &step.records {
            let Body::Events(events) = &record.body else {
                continue;
            };
            for event in events {
                match event {
                    Event::UnitArrived { unit } => self.arrived(sim, *unit, record.known_at),
                    Event::CaseHandled { case, .. } => self.handled.push((record.known_at, *case)),
                    _ => {}
                }
            }
        }
        let units = 0..sim.state().units().len() as u32;
        self.driven_m = units.map(|u| sim.driven_m(UnitId(u))).sum();
    }

    fn arrived(&mut self, sim: &Simulator, unit: UnitId, at: Timestamp) {
        let task = sim.state().unit(unit).and_then(|u| u.assignment.as_ref());
        if let Some(task) = task {
            let case = match task.target {
                AssignmentTarget::Case(case) => Some(case),
                AssignmentTarget::Place(_) => None,
            };
            self.arrivals.push((at, at.seconds_since(task.at), case));
        }
    }

    fn mean_arrival_s(&self, since: Timestamp) -> Option<f64> {
        let some = self.arrivals.iter().filter(|(at, ..)| *at > since);
        let (n, sum) = some.fold((0.0, 0.0), |(n, sum), (_, s, _)| (n + 1.0, sum + s));
        (n > 0.0).then(|| sum / n)
    }

    fn arrival_at(&self, case: CaseId) -> Option<f64> {
        let first = self.arrivals.iter().find(|(_, _, c)| *c == Some(case));
        first.map(|(_, seconds, _)| *seconds)
    }

    fn handled_at(&self, case: CaseId) -> Option<Timestamp> {
        let first = self.handled.iter().find(|(_, c)| *c == case);
        first.map(|(at, _)| *at)
    }
}

/// Open cases, and how many of them are overdue.
fn open_and_overdue(sim: &Simulator) -> (u32, u32) {
    let open = sim.state().cases().values().filter(|c| c.stage.is_open());
    open.fold((0, 0), |(open, overdue), c| {
        (open + 1, overdue + u32::from(c.overdue))
    })
}

impl Fork {
    /// The figures of now.
    pub(super) fn row(&self) -> ForkRow {
        let since = self.time().plus_seconds(-(ROW_S as i64));
        let (a, b) = (
            open_and_overdue(&self.actual.sim),
            open_and_overdue(&self.other.sim),
        );
        let mean = |m: &Measures| m.mean_arrival_s(since).map(|s| s as f32);
        ForkRow {
            time: self.time(),
            open: (a.0, b.0),
            overdue: (a.1, b.1),
            arrival_s: (mean(&self.actual.measures), mean(&self.other.measures)),
        }
    }

    /// How the branches compare so far. Proposals of the plan are not yet held against the running city: all say that
    /// they are possible.
    pub fn report(&self) -> ForkReport {
        ForkReport {
            at: self.at,
            time: self.time(),
            until: self.until,
            series: self.rows.clone(),
            differences: self.differences(),
            plan: self.plan(),
            differs_at: self.differs_at,
        }
    }

    fn differences(&self) -> Vec<Difference> {
        let (a, b) = (&self.actual.measures, &self.other.measures);
        let now = self.row();
        let mut list = Vec::new();
        let mut push = |measure, actual, other| {
            list.push(Difference {
                measure,
                actual,
                other,
            });
        };
        if let Some(case) = self.case {
            let since = |m: &Measures| m.handled_at(case).map(|t| t.seconds_since(self.at));
            let (x, y) = (a.arrival_at(case), b.arrival_at(case));
            push(Measure::CaseArrivalS, x, y);
            push(Measure::CaseHandledS, since(a), since(b));
        }
        let (x, y) = (a.mean_arrival_s(self.at), b.mean_arrival_s(self.at));
        push(Measure::MeanArrivalS, x, y);
        let count = |n: u32| Some(f64::from(n));
        push(Measure::Overdue, count(now.overdue.0), count(now.overdue.1));
        push(Measure::Open, count(now.open.0), count(now.open.1));
        let many = |m: &Measures| Some(m.handled.len() as f64);
        push(Measure::Handled, many(a), many(b));
        let km = |m: &Measures| Some(libm::round(m.driven_m) / 1_000.0);
        push(Measure::DrivenKm, km(a), km(b));
        list
    }
}
