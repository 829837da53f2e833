use super::measures::{Measures, open_and_overdue};
use super::pair::Fork;
use super::{Difference, ForkReport, ForkRow, Measure};

/// Arrivals of so many seconds make the mean of a row.
const ROW_S: f64 = 3_600.0;

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
