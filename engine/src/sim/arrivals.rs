//! Cases one after the other: when, what, where. The same for the same seed and start.

use super::places::{Spot, StreetPlaces};
use super::rates::{CaseRates, hour_of_week};
use super::{Chance, words};
use crate::city::{Rules, Severity};
use crate::command::CaseReport;
use crate::geo::Position;
use crate::ids::ClassId;
use crate::time::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// Several reports about one event.
#[derive(Clone, Debug, Serialize)]
struct Incident {
    centre: Position,
    class: ClassId,
    can_be_severe: bool,
    left: usize,
    first: bool,
}

/// Makes cases. Arrivals are a Poisson process whose rate follows the hour of the week (thinned), with bunches about
/// one event in between.
#[derive(Clone, Debug, Serialize)]
pub struct Arrivals {
    rates: CaseRates,
    #[serde(skip)]
    rules: Arc<Rules>,
    #[serde(skip)]
    places: Arc<StreetPlaces>,
    prefix: String,
    count: u64,
    times: Chance,
    details: Chance,
    incidents: Chance,
    now: Timestamp,
    next_incident: Timestamp,
    incident: Option<Incident>,
}

/// Events that many people report come once for so many cases.
const CASES_PER_INCIDENT: f64 = 55.0;
/// Classes that such events are of, with whether they can be severe.
const INCIDENT_CLASSES: [(&str, bool); 6] = [
    ("E0506", true),
    ("E0501", true),
    ("E0128", false),
    ("E0111", false),
    ("E0304", false),
    ("E0114", true),
];
const NEVER: Timestamp = Timestamp::MAX;

impl Arrivals {
    /// From `start` on. `first_incident_s`: when the first event that many report comes, seconds from the start, between
    /// two bounds; `None`: as they come.
    pub fn new(
        rates: CaseRates,
        rules: Arc<Rules>,
        places: Arc<StreetPlaces>,
        seed: u64,
        start: Timestamp,
        first_incident_s: Option<(f64, f64)>,
    ) -> Self {
        let mut new = Self {
            rates,
            rules,
            places,
            prefix: format!("sim-{seed}-{}", start.whole_seconds()),
            count: 0,
            times: Chance::of(seed ^ start.0 as u64, "arrivals"),
            details: Chance::of(seed ^ start.0 as u64, "details"),
            incidents: Chance::of(seed, "incidents"),
            now: start,
            next_incident: start,
            incident: None,
        };
        let wait_s = match first_incident_s {
            Some((low, high)) => new.incidents.between(low, high),
            None => new.until_incident_s(),
        };
        new.next_incident = later(start, wait_s);
        new
    }

    /// As [`Arrivals::new`], without events that many report.
    pub fn plain(
        rates: CaseRates,
        rules: Arc<Rules>,
        places: Arc<StreetPlaces>,
        seed: u64,
        start: Timestamp,
    ) -> Self {
        let mut new = Self::new(rates, rules, places, seed, start, None);
        new.next_incident = NEVER;
        new
    }

    fn until_incident_s(&mut self) -> f64 {
        let hour = hour_of_week(&self.rules.calendar, self.now);
        let rate = self.rates.rate(hour) / CASES_PER_INCIDENT / 3_600.0;
        self.incidents.wait_s(rate)
    }

    /// The next case and when it comes in; `None` where no case comes any more.
    pub fn next_case(&mut self) -> Option<(Timestamp, CaseReport)> {
        let rate_max = self.rates.rate_max() / 3_600.0;
        if rate_max <= 0.0 && self.incident.is_none() {
            return None;
        }
        loop {
            let wait_s = self.times.wait_s(rate_max);
            let candidate = later(self.now, wait_s);
            if candidate == NEVER {
                return None;
            }
            if self.next_incident < candidate {
                self.now = self.next_incident;
                if let Some(case) = self.of_incident() {
                    return Some((self.now, case));
                }
                // The city knows none of these classes, or has no street to put them on.
                self.next_incident = NEVER;
                continue;
            }
            self.now = candidate;
            let hour = hour_of_week(&self.rules.calendar, candidate);
            let rate = self.rates.rate(hour) / 3_600.0;
            if self.times.unit() * rate_max < rate {
                let class = self.rates.class(hour, &mut self.details)?;
                let spot = self.places.somewhere(&mut self.details)?;
                let ago_s = self.details.between(20.0, 420.0);
                let occurred = later(candidate, -ago_s);
                let severity = self.severity(class);
                return Some((candidate, self.case(class, severity, spot, occurred, None)));
            }
        }
    }

    fn of_incident(&mut self) -> Option<CaseReport> {
        let incident = match self.incident.take() {
            Some(running) => running,
            None => self.begin_incident()?,
        };
        let spot = self
            .places
            .near(incident.centre, 65.0, &mut self.incidents)
            .or_else(|| self.places.somewhere(&mut self.incidents))?;
        let grave = incident.first && incident.can_be_severe && self.incidents.happens(0.25);
        let severity = if grave {
            Severity::Severe
        } else {
            Severity::Urgent
        };
        let ago_s = self.incidents.between(10.0, 90.0);
        let occurred = later(self.now, -libm::floor(ago_s));
        let class = incident.class;
        let wait_s = if incident.left > 1 {
            self.incident = Some(Incident {
                left: incident.left - 1,
                first: false,
                ..incident
            });
            self.incidents.between(8.0, 55.0)
        } else {
            self.until_incident_s()
        };
        self.next_incident = later(self.now, wait_s);
        Some(self.case(class, severity, spot, occurred, None))
    }

    fn begin_incident(&mut self) -> Option<Incident> {
        let known: Vec<(ClassId, bool)> = INCIDENT_CLASSES
            .into_iter()
            .filter_map(|(code, severe)| Some((self.rules.class_by_code(code)?, severe)))
            .collect();
        let (class, can_be_severe) = *known.get(self.incidents.below(known.len()))?;
        let centre = self.places.somewhere(&mut self.incidents)?.position;
        Some(Incident {
            centre,
            class,
            can_be_severe,
            left: 5 + self.incidents.below(6),
            first: true,
        })
    }

    /// Severity as a desk would set it: few of a severe class's cases are severe.
    fn severity(&mut self, class: ClassId) -> Severity {
        let usual = self
            .rules
            .class(class)
            .map_or(Severity::Normal, |c| c.severity);
        match usual {
            Severity::Severe => match self.details.unit() {
                u if u < 0.06 => Severity::Severe,
                u if u < 0.45 => Severity::Urgent,
                _ => Severity::Normal,
            },
            other => other,
        }
    }

    fn case(
        &mut self,
        class: ClassId,
        severity: Severity,
        spot: Spot,
        occurred_at: Timestamp,
        filed_at: Option<Timestamp>,
    ) -> CaseReport {
        self.count += 1;
        let code = self.rules.class(class).map_or("", |c| c.code.as_str());
        CaseReport {
            class,
            severity: Some(severity),
            position: spot.position,
            address: spot.address,
            note: words::note(code, self.places.language(), &mut self.details).to_owned(),
            occurred_at,
            filed_at,
            key: format!("{}-{}", self.prefix, self.count),
        }
    }

    /// What a city has open when it is first looked at: `count` cases filed before now. Most have some of their time
    /// left, about one in nine is overdue.
    pub fn backlog(&mut self, count: usize) -> Vec<CaseReport> {
        let now = self.now;
        let mut cases = Vec::with_capacity(count);
        for _ in 0..count {
            let (Some(class), Some(spot)) = (
                self.rates.any_class(&mut self.details),
                self.places.somewhere(&mut self.details),
            ) else {
                break;
            };
            let severity = match self.severity(class) {
                // What is severe is not left lying.
                Severity::Severe => Severity::Urgent,
                other => other,
            };
            let overdue = self.details.happens(0.11);
            let filed = self.filed_before(class, now, overdue);
            let occurred = filed.plus_seconds(-(self.details.between(60.0, 1_200.0) as i64));
            cases.push(self.case(class, severity, spot, occurred, Some(filed)));
        }
        cases
    }

    /// A time of filing for which the class's limit has passed, or has not.
    fn filed_before(&mut self, class: ClassId, now: Timestamp, overdue: bool) -> Timestamp {
        let Some(limit) = self.rules.class(class).map(|c| c.limit) else {
            return now;
        };
        // The longest age at which the limit still runs, found by halving: limits run on working time.
        let runs =
            |rules: &Rules, age_s: f64| rules.due(now.plus_seconds(-(age_s as i64)), limit) > now;
        let (mut low, mut high) = (0.0, 40.0 * 86_400.0);
        for _ in 0..24 {
            let middle = f64::midpoint(low, high);
            if runs(&self.rules, middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        let age_s = if overdue {
            high + self.details.between(300.0, 6.0 * 3_600.0)
        } else {
            low * libm::pow(self.details.unit(), 1.4) * 0.97
        };
        now.plus_seconds(-(age_s as i64))
    }
}

/// So many seconds later; held where time ends.
fn later(t: Timestamp, seconds: f64) -> Timestamp {
    t.plus_us((seconds * 1e6) as i64)
}
