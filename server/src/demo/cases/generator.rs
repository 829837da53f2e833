//! Cases one after the other: when, what, where. The same for the same seed and start.

use super::places::{Spot, StreetPlaces};
use super::rhythm::{Rhythm, hour_of_week};
use super::words;
use crate::demo::Chance;
use chengtu_engine::city::{Rules, Severity};
use chengtu_engine::geo::Position;
use chengtu_engine::time::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// A case as it goes through the feed door.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseOut {
    /// The feed's name for it.
    pub key: String,
    /// Code of its class.
    pub class: String,
    /// How grave.
    pub severity: Severity,
    /// Degrees.
    pub lon: f64,
    /// Degrees.
    pub lat: f64,
    /// The place in words.
    pub address: String,
    /// What was reported.
    pub note: String,
    /// When it happened, RFC 3339.
    pub occurred_at: String,
    /// When it was filed elsewhere, for a backlog taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed_at: Option<String>,
}

/// Several reports about one event.
#[derive(Clone, Debug)]
struct Incident {
    centre: Position,
    class: String,
    can_be_severe: bool,
    left: usize,
    first: bool,
}

/// Makes cases.
#[derive(Debug)]
pub struct CaseGenerator {
    rhythm: Rhythm,
    rules: Rules,
    places: StreetPlaces,
    zone: TimeZone,
    /// Cases in demo time for one in the rhythm's.
    rate_scale: f64,
    prefix: String,
    count: u64,
    arrivals: Chance,
    details: Chance,
    incidents: Chance,
    now: Timestamp,
    next_incident: Timestamp,
    incident: Option<Incident>,
}

/// Mean seconds between events that many people report, at a rate scale of 20.
const INCIDENT_EVERY_S: f64 = 700.0;
/// Classes that such events are of, with whether they can be severe.
const INCIDENT_CLASSES: [(&str, bool); 6] = [
    ("E0506", true),
    ("E0501", true),
    ("E0128", false),
    ("E0111", false),
    ("E0304", false),
    ("E0114", true),
];

impl CaseGenerator {
    /// From `start` on. Classes that the city does not have are left out of the rhythm.
    pub fn new(
        mut rhythm: Rhythm,
        rules: Rules,
        places: StreetPlaces,
        zone: TimeZone,
        rate_scale: f64,
        seed: u64,
        start: Timestamp,
    ) -> Self {
        for (at, code) in rhythm.classes.iter().enumerate() {
            if rules.class_by_code(code).is_none() {
                rhythm.rates.iter_mut().for_each(|r| r[at] = 0.0);
            }
        }
        let mut incidents = Chance::of(seed, "incidents");
        let first_s = incidents.between(90.0, 240.0) as i64;
        Self {
            rhythm,
            rules,
            places,
            zone,
            rate_scale,
            prefix: format!("sim-{seed}-{}", start.0 / 1_000_000),
            count: 0,
            arrivals: Chance::of(seed ^ start.0 as u64, "arrivals"),
            details: Chance::of(seed ^ start.0 as u64, "details"),
            incidents,
            now: start,
            next_incident: start.plus_seconds(first_s),
            incident: None,
        }
    }

    fn hour(&self, t: Timestamp) -> usize {
        let local = jiff::Timestamp::from_microsecond(t.0)
            .unwrap_or_default()
            .to_zoned(self.zone.clone())
            .datetime();
        hour_of_week(local)
    }

    /// The next case and when it comes in. Arrivals are a Poisson process whose rate follows the hour of the week
    /// (thinned), with bunches about one event in between.
    pub fn next_case(&mut self) -> Option<(Timestamp, CaseOut)> {
        let rate_max = self.rhythm.rate_max() * self.rate_scale / 3_600.0;
        loop {
            let wait_s = self.arrivals.wait_s(rate_max);
            let candidate = Timestamp(self.now.0 + (wait_s * 1e6) as i64);
            if self.next_incident < candidate {
                self.now = self.next_incident;
                if let Some(case) = self.of_incident() {
                    return Some((self.now, case));
                }
                // The city knows none of these classes, or has no street to put them on.
                self.next_incident = Timestamp(i64::MAX);
                continue;
            }
            self.now = candidate;
            let hour = self.hour(candidate);
            let rate = self.rhythm.rate(hour) * self.rate_scale / 3_600.0;
            if self.arrivals.unit() * rate_max < rate {
                let class = self.rhythm.class(hour, &mut self.details);
                let class = self.rhythm.classes[class].clone();
                let spot = self.places.somewhere(&mut self.details)?;
                let ago_s = self.details.between(20.0, 420.0);
                let occurred = Timestamp(candidate.0 - (ago_s * 1e6) as i64);
                let severity = self.severity(&class);
                return Some((candidate, self.case(class, severity, spot, occurred, None)));
            }
        }
    }

    fn of_incident(&mut self) -> Option<CaseOut> {
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
        let ago_s = self.incidents.between(10.0, 90.0) as i64;
        let occurred = self.now.plus_seconds(-ago_s);
        let class = incident.class.clone();
        let wait_s = if incident.left > 1 {
            self.incident = Some(Incident {
                left: incident.left - 1,
                first: false,
                ..incident
            });
            self.incidents.between(8.0, 55.0)
        } else {
            let rate = self.rate_scale / 20.0 / INCIDENT_EVERY_S;
            self.incidents.wait_s(rate)
        };
        self.next_incident = Timestamp(self.now.0 + (wait_s * 1e6) as i64);
        Some(self.case(class, severity, spot, occurred, None))
    }

    fn begin_incident(&mut self) -> Option<Incident> {
        let known: Vec<(&str, bool)> = INCIDENT_CLASSES
            .into_iter()
            .filter(|(code, _)| self.rules.class_by_code(code).is_some())
            .collect();
        let (class, can_be_severe) = *known.get(self.incidents.below(known.len()))?;
        let centre = self.places.somewhere(&mut self.incidents)?.position;
        Some(Incident {
            centre,
            class: class.to_owned(),
            can_be_severe,
            left: 5 + self.incidents.below(6),
            first: true,
        })
    }

    /// Severity as a desk would set it: few of a severe class's cases are severe.
    fn severity(&mut self, class: &str) -> Severity {
        let usual = self
            .rules
            .class_by_code(class)
            .and_then(|id| self.rules.class(id))
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
        class: String,
        severity: Severity,
        spot: Spot,
        occurred: Timestamp,
        filed: Option<Timestamp>,
    ) -> CaseOut {
        self.count += 1;
        let at = spot.position.lon_lat();
        CaseOut {
            key: format!("{}-{}", self.prefix, self.count),
            note: words::note(&class, &mut self.details).to_owned(),
            class,
            severity,
            lon: at.lon_deg,
            lat: at.lat_deg,
            address: spot.address,
            occurred_at: rfc3339(occurred),
            filed_at: filed.map(rfc3339),
        }
    }

    /// What a city has open when one begins to look: `count` cases filed before now. Most have some of their time
    /// left, about one in nine is overdue.
    pub fn backlog(&mut self, count: usize) -> Vec<CaseOut> {
        let now = self.now;
        let mut cases = Vec::with_capacity(count);
        for _ in 0..count {
            let hour = self.details.below(super::rhythm::HOURS);
            let class = self.rhythm.class(hour, &mut self.details);
            let class = self.rhythm.classes[class].clone();
            let Some(spot) = self.places.somewhere(&mut self.details) else {
                break;
            };
            let severity = match self.severity(&class) {
                // What is severe is not left lying.
                Severity::Severe => Severity::Urgent,
                other => other,
            };
            let overdue = self.details.happens(0.11);
            let filed = self.filed_before(&class, now, overdue);
            let occurred = filed.plus_seconds(-(self.details.between(60.0, 1_200.0) as i64));
            cases.push(self.case(class, severity, spot, occurred, Some(filed)));
        }
        cases
    }

    /// A time of filing for which the class's limit has passed, or has not.
    fn filed_before(&mut self, class: &str, now: Timestamp, overdue: bool) -> Timestamp {
        let limit = self
            .rules
            .class_by_code(class)
            .and_then(|id| self.rules.class(id))
            .map(|c| c.limit);
        let Some(limit) = limit else { return now };
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
            low * self.details.unit().powf(1.4) * 0.97
        };
        now.plus_seconds(-(age_s as i64))
    }
}

fn rfc3339(t: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(t.0)
        .unwrap_or_default()
        .to_string()
}
