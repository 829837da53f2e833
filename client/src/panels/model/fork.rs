//! What the plots and the table of a fork show: plain values.

use crate::i18n::{CityTime, Words, arrival};
use chengtu_engine::fork::{Difference, ForkReport, ForkRow, Measure};
use chengtu_engine::time::Timestamp;

/// A figure over time in both branches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// A branch without a figure is left out at that time.
    pub points: Vec<Figures>,
}

/// When, and the figures of the branch as it is and of the other.
pub type Figures = (Timestamp, Option<f64>, Option<f64>);

/// The three figures that are drawn: open cases, overdue cases, mean minutes to arrival.
pub fn series(report: &ForkReport) -> [Series; 3] {
    let of = |f: fn(&ForkRow) -> [Option<f64>; 2]| Series {
        points: report
            .series
            .iter()
            .map(|row| {
                let [a, b] = f(row);
                (row.time, a, b)
            })
            .collect(),
    };
    [
        of(|r| [Some(f64::from(r.open.0)), Some(f64::from(r.open.1))]),
        of(|r| [Some(f64::from(r.overdue.0)), Some(f64::from(r.overdue.1))]),
        of(|r| [minutes(r.arrival_s.0), minutes(r.arrival_s.1)]),
    ]
}

fn minutes(seconds: Option<f32>) -> Option<f64> {
    seconds.map(|s| f64::from(s) / 60.0)
}

impl Series {
    /// The last figures of both branches.
    pub fn last(&self) -> (Option<f64>, Option<f64>) {
        let last = |f: &dyn Fn(&Figures) -> Option<f64>| self.points.iter().rev().find_map(f);
        (last(&|p| p.1), last(&|p| p.2))
    }

    /// Three even marks of the axis that hold all figures, from below.
    pub fn ticks(&self) -> [f64; 3] {
        let values = || self.points.iter().flat_map(|p| [p.1, p.2]).flatten();
        let (low, high) = (
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        );
        if !low.is_finite() {
            return [0.0, 1.0, 2.0];
        }
        // Counts are marked at whole figures.
        let least = if values().all(|v| v.fract() == 0.0) {
            1.0
        } else {
            0.5
        };
        // The finest even step of which two reach from below the lowest to above the highest.
        let steps = (-1..6).flat_map(|n| [1.0, 2.0, 3.0, 5.0].map(|k| k * 10f64.powi(n)));
        for step in steps {
            let from = (low / step).floor() * step;
            if from + 2.0 * step >= high && step >= least {
                return [from, from + step, from + 2.0 * step];
            }
        }
        [low, f64::midpoint(low, high), high]
    }
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Words of the measure.
    pub label: String,
    /// Without, with.
    pub values: [String; 2],
    /// By how much, and whether that is better; `None` while either value is not known.
    pub change: Option<(String, Better)>,
}

/// Which way a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// To the better.
    Yes,
    /// To the worse.
    No,
    /// The difference rounds to zero as displayed.
    Same,
}

fn signed(v: f64, text: &str) -> String {
    let sign = if v < 0.0 { "–" } else { "+" };
    if text.chars().all(|c| !('1'..='9').contains(&c)) {
        "±0".into()
    } else {
        format!("{sign}{text}")
    }
}

/// The lines of the table, in the order of the report.
pub fn lines(report: &ForkReport, time: &CityTime, w: &Words) -> Vec<Line> {
    let until = time.hm(report.time);
    let one = |d: &Difference| {
        let label = match d.measure {
            Measure::CaseArrivalS => w.t("fork.of_case_arrival").into(),
            Measure::CaseHandledS => w.t("fork.of_case_handled").into(),
            Measure::MeanArrivalS => w.t("fork.of_mean_arrival").into(),
            Measure::Overdue => w.f("fork.of_overdue", &[("time", &until)]),
            Measure::Open => w.f("fork.of_open", &[("time", &until)]),
            Measure::Handled => w.t("fork.of_handled").into(),
            Measure::DrivenKm => w.t("fork.of_driven").into(),
        };
        let figure = |v: f64| match d.measure {
            Measure::CaseArrivalS | Measure::MeanArrivalS => arrival(v),
            Measure::CaseHandledS => time.hm(report.at.plus_seconds(v as i64)),
            Measure::DrivenKm => format!("{v:.0} km"),
            Measure::Overdue | Measure::Open | Measure::Handled => format!("{v:.0}"),
        };
        let by = |v: f64| match d.measure {
            Measure::CaseArrivalS | Measure::MeanArrivalS => arrival(v),
            Measure::CaseHandledS => w.n("time.m", (v / 60.0).round() as u64),
            _ => format!("{v:.0}"),
        };
        let missing = w.t("fork.not_yet");
        let value = |v: Option<f64>| v.map_or(missing.into(), figure);
        let change = d.actual.zip(d.other).map(|(a, b)| {
            let v = b - a;
            let more_is_better = d.measure == Measure::Handled;
            let text = signed(v, &by(v.abs()));
            let better = match text.as_str() {
                "±0" => Better::Same,
                _ if (v > 0.0) == more_is_better => Better::Yes,
                _ => Better::No,
            };
            (text, better)
        });
        Line {
            label,
            values: [value(d.actual), value(d.other)],
            change,
        }
    };
    report.differences.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::panels::model::{sample, sample_fork};

    #[test]
    fn less_is_better_but_for_cases_handled() {
        let words = Words::shipped(Lang::En).unwrap();
        let report = sample_fork::report();
        let lines = lines(&report, &sample::time(), &words);
        let of = |m: Measure| {
            let i = report.differences.iter().position(|d| d.measure == m);
            lines[i.unwrap()].change.clone().unwrap()
        };
        assert_eq!(of(Measure::CaseArrivalS), ("–5′59″".into(), Better::Yes));
        assert_eq!(of(Measure::Overdue), ("–5".into(), Better::Yes));
        assert_eq!(of(Measure::Handled), ("+7".into(), Better::Yes));
        assert_eq!(of(Measure::DrivenKm).1, Better::No);
    }

    #[test]
    fn what_has_not_come_to_it_has_no_change() {
        let words = Words::shipped(Lang::Zh).unwrap();
        let mut report = sample_fork::report();
        report.differences[0].actual = None;
        let line = &lines(&report, &sample::time(), &words)[0];
        assert_eq!(line.change, None);
        assert_eq!(line.values[0], words.t("fork.not_yet"));
    }

    #[test]
    fn the_axis_holds_every_figure_in_three_even_marks() {
        for series in series(&sample_fork::report()) {
            let [a, b, c] = series.ticks();
            assert!((b - a - (c - b)).abs() < 1e-9);
            for (_, x, y) in &series.points {
                for v in [x, y].into_iter().flatten() {
                    assert!((a - 1e-9..=c + 1e-9).contains(v), "{v} not in {a}…{c}");
                }
            }
        }
        assert_eq!(Series::default().ticks(), [0.0, 1.0, 2.0]);
    }
}
