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
    pub handled: Vec<(Timestamp, CaseId)>,
    /// Metres driven by all units.
    pub driven_m: f64,
}

impl Measures {
    /// Counts what a step has brought.
    pub fn count(&mut self, sim: &Simulator, step: &Step) {
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

    /// Mean seconds from sending to arrival of the arrivals after a moment.
    pub fn mean_arrival_s(&self, since: Timestamp) -> Option<f64> {
        let some = self.arrivals.iter().filter(|(at, ..)| *at > since);
        let (n, sum) = some.fold((0.0, 0.0), |(n, sum), (_, s, _)| (n + 1.0, sum + s));
        (n > 0.0).then(|| sum / n)
    }

    /// Seconds from sending to arrival of the first unit at a case.
    pub fn arrival_at(&self, case: CaseId) -> Option<f64> {
        let first = self.arrivals.iter().find(|(_, _, c)| *c == Some(case));
        first.map(|(_, seconds, _)| *seconds)
    }

    /// When a case was first reported as handled.
    pub fn handled_at(&self, case: CaseId) -> Option<Timestamp> {
        let first = self.handled.iter().find(|(_, c)| *c == case);
        first.map(|(at, _)| *at)
    }
}

/// Open cases, and how many of them are overdue.
pub(super) fn open_and_overdue(sim: &Simulator) -> (u32, u32) {
    let open = sim.state().cases().values().filter(|c| c.stage.is_open());
    open.fold((0, 0), |(open, overdue), c| {
        (open + 1, overdue + u32::from(c.overdue))
    })
}
