//! Records in words, for people who want to see what a log says.

use chengtu_engine::audit::{AuditAct, Masked};
use chengtu_engine::event::Event;
use chengtu_engine::geo::Position;
use chengtu_engine::ids::{CaseId, FeedId, UnitId};
use chengtu_engine::model::{Actor, AlarmSource, AssignmentTarget, CaseSource};
use chengtu_engine::record::{Body, Record};
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// Describes records in words. Given them in order, it remembers what events do not repeat: names, classes, who is sent
/// where.
#[derive(Debug, Default)]
pub struct Describer {
    call_signs: BTreeMap<UnitId, String>,
    feeds: BTreeMap<FeedId, String>,
    classes: Vec<String>,
    sent: BTreeMap<UnitId, CaseId>,
    offset_s: i32,
}

/// One thing that happened, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// A line without time and actor.
    pub words: String,
    /// The cases that it is about.
    pub cases: Vec<CaseId>,
}

fn place(p: Position) -> String {
    let p = p.lon_lat();
    format!("{:.6},{:.6}", p.lon_deg, p.lat_deg)
}

fn quoted(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(" \"{text}\"")
    }
}

impl Describer {
    /// A moment in the city's own time, as far as its rules have been read; UTC before.
    pub fn time(&self, t: Timestamp) -> String {
        let offset = jiff::tz::Offset::from_seconds(self.offset_s).unwrap_or(jiff::tz::Offset::UTC);
        jiff::Timestamp::from_microsecond(t.0).map_or_else(
            |_| format!("{} µs", t.0),
            |at| {
                let local = offset.to_datetime(at);
                let (h, m) = (self.offset_s / 3_600, self.offset_s.abs() / 60 % 60);
                format!("{local:.3}{h:+03}:{m:02}")
            },
        )
    }

    /// Gives times so many seconds east of UTC until rules are read.
    pub fn set_offset_s(&mut self, offset_s: i32) {
        self.offset_s = offset_s;
    }

    /// Seconds to add to UTC in this city, as far as its rules have been read.
    pub fn offset_s(&self) -> i32 {
        self.offset_s
    }

    /// Who caused a record, by name.
    pub fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::Operator(name) => format!("operator {name}"),
            Actor::Unit(unit) => self.unit(*unit),
            Actor::Feed(feed) => self.feed(*feed),
            Actor::System => "the city".to_owned(),
        }
    }

    fn unit(&self, unit: UnitId) -> String {
        let sign = self.call_signs.get(&unit).map_or("", String::as_str);
        format!("unit {unit}{}", quoted(sign))
    }

    fn feed(&self, feed: FeedId) -> String {
        let name = self.feeds.get(&feed).map_or("", String::as_str);
        format!("feed {feed}{}", quoted(name))
    }

    /// What a record says, one entry an event; positions and readings are one entry each.
    pub fn describe(&mut self, record: &Record) -> Vec<Described> {
        let all = |words| Described {
            words,
            cases: Vec::new(),
        };
        match &record.body {
            Body::Events(events) => events
                .iter()
                .map(|e| self.event(e, record.known_at))
                .collect(),
            Body::Fixes(block) => vec![all(format!(
                "{} positions of {}",
                block.len(),
                self.feed(block.feed)
            ))],
            Body::Observations(readings, events) => {
                let mut described = vec![all(format!("{} readings", readings.len()))];
                described.extend(events.iter().map(|e| self.event(e, record.known_at)));
                described
            }
        }
    }

    fn event(&mut self, event: &Event, known_at: Timestamp) -> Described {
        let described = registration(event)
            .or_else(|| self.reported(event))
            .or_else(|| self.case_step(event))
            .or_else(|| self.unit_step(event, known_at))
            .or_else(|| alarm_step(event))
            .or_else(|| audited(event));
        self.remember(event, known_at);
        // Every event is one of those.
        let (words, cases) = described.unwrap_or_else(|| (format!("{event:?}"), vec![]));
        Described { words, cases }
    }

    /// A case that became known.
    fn reported(&self, event: &Event) -> Option<Words> {
        let Event::CaseReported {
            case,
            class,
            severity,
            position,
            address,
            note,
            source,
            occurred_at,
            maybe_same_as,
        } = event
        else {
            return None;
        };
        let class = self.classes.get(usize::from(class.0));
        let class = class.map_or("of an unknown class", String::as_str);
        let source = match source {
            CaseSource::Feed(feed, key) => format!("{} {key}", self.feed(*feed)),
            CaseSource::Operator(name) => format!("operator {name}"),
        };
        let occurred = self.time(*occurred_at);
        let same =
            maybe_same_as.map_or(String::new(), |s| format!(", perhaps the same as case {s}"));
        let words = format!(
            "case {case} reported: {class}, {severity:?}, at {}{}{}, occurred {occurred}, from {}{same}",
            place(*position),
            quoted(address),
            quoted(note),
            source.trim_end()
        );
        Some((words, vec![*case]))
    }

    /// A step in a case's life.
    fn case_step(&self, event: &Event) -> Option<Words> {
        Some(match event {
            Event::CaseFiled { case, due_at, .. } => (
                format!("case {case} filed, due {}", self.time(*due_at)),
                vec![*case],
            ),
            Event::CaseBundled { case, into } => (
                format!("case {case} bundled into case {into}"),
                vec![*case, *into],
            ),
            Event::CaseVoided { case, reason } => {
                (format!("case {case} was none: {reason}"), vec![*case])
            }
            Event::CaseRestored { case, stage, .. } => (
                format!("case {case} restored, {stage:?} again"),
                vec![*case],
            ),
            Event::CaseHandled { case, unit, note } => {
                let by = self.unit(*unit);
                let words = format!("case {case} handled by {by}{}", quoted(note));
                (words, vec![*case])
            }
            Event::CaseReworked { case } => (format!("case {case} sent back to work"), vec![*case]),
            Event::CaseClosed { case } => (format!("case {case} closed"), vec![*case]),
            Event::CaseStageEntered { case, stage } => {
                (format!("case {case} is {stage:?}"), vec![*case])
            }
            Event::CaseBecameOverdue { case } => (format!("case {case} is overdue"), vec![*case]),
            Event::CaseRetired { case, .. } => {
                (format!("case {case} left the live state"), vec![*case])
            }
            _ => return None,
        })
    }

    /// Something that a unit was sent to or did.
    fn unit_step(&self, event: &Event, known_at: Timestamp) -> Option<Words> {
        let of_unit = |unit: &UnitId| self.sent.get(unit).copied().into_iter().collect();
        Some(match event {
            Event::UnitDispatched {
                unit,
                target,
                position,
                expected_at,
                ..
            } => {
                let expected = expected_at.map_or(String::new(), |t| {
                    format!(", expected in {:.0} s", t.seconds_since(known_at))
                });
                let name = self.unit(*unit);
                match target {
                    AssignmentTarget::Case(case) => {
                        (format!("{name} sent to case {case}{expected}"), vec![*case])
                    }
                    AssignmentTarget::Place(_) => (
                        format!("{name} sent to {}{expected}", place(*position)),
                        vec![],
                    ),
                }
            }
            Event::AssignmentAcknowledged { unit } => {
                (format!("{} is on its way", self.unit(*unit)), of_unit(unit))
            }
            Event::UnitRecalled { unit } => {
                (format!("{} recalled", self.unit(*unit)), of_unit(unit))
            }
            Event::UnitArrived { unit } => {
                (format!("{} is there", self.unit(*unit)), of_unit(unit))
            }
            Event::UnitReleased { unit } => {
                (format!("{} is free", self.unit(*unit)), of_unit(unit))
            }
            Event::UnitServiceChanged { unit, in_service } => {
                let way = if *in_service { "back in" } else { "out of" };
                (format!("{} is {way} service", self.unit(*unit)), vec![])
            }
            _ => return None,
        })
    }

    fn remember(&mut self, event: &Event, known_at: Timestamp) {
        match event {
            Event::Configured(rules) => {
                let name = |c: &chengtu_engine::city::CaseClass| format!("{} {}", c.code, c.name);
                self.classes = rules.classes.iter().map(name).collect();
                self.offset_s = rules.calendar.offset_s(known_at);
            }
            Event::FeedRegistered { feed, name } => {
                self.feeds.insert(*feed, name.clone());
            }
            Event::UnitRegistered {
                unit, registration, ..
            } => {
                let sign = registration.call_sign.clone();
                self.call_signs.insert(*unit, sign);
            }
            Event::UnitDispatched {
                unit,
                target: AssignmentTarget::Case(case),
                ..
            } => {
                self.sent.insert(*unit, *case);
            }
            Event::UnitDispatched { unit, .. }
            | Event::UnitRecalled { unit }
            | Event::UnitReleased { unit } => {
                self.sent.remove(unit);
            }
            _ => {}
        }
    }
}

/// Words, and the cases that they are about.
type Words = (String, Vec<CaseId>);

/// Rules, and things that get a number.
fn registration(event: &Event) -> Option<Words> {
    let words = match event {
        Event::Configured(rules) => {
            format!("rules of {}: {} classes", rules.city, rules.classes.len())
        }
        Event::FeedRegistered { feed, name } => format!("feed {feed} is {name:?}"),
        Event::MoverRegistered { mover, key, .. } => format!("mover {mover} is {key:?}"),
        Event::UnitRegistered {
            unit, registration, ..
        } => {
            let r = registration;
            format!("unit {unit} is {:?}, fleet {}", r.call_sign, r.fleet)
        }
        Event::SensorRegistered {
            sensor,
            registration,
        } => {
            let at = place(registration.position);
            format!("sensor {sensor} is {:?} at {at}", registration.name)
        }
        _ => return None,
    };
    Some((words, vec![]))
}

/// What somebody did that changes nothing in the city.
fn audited(event: &Event) -> Option<Words> {
    let Event::Audited(audit) = event else {
        return None;
    };
    let cases = match &audit.act {
        AuditAct::Unmasked { case, .. } => vec![*case],
        _ => vec![],
    };
    Some((act_words(&audit.act), cases))
}

/// An act in words, without who, when and where from. Exports and the like are told without their times.
pub(super) fn act_words(act: &AuditAct) -> String {
    let times = |count: &u32| match count {
        0 | 1 => String::new(),
        n => format!(" ({n} times)"),
    };
    match act {
        AuditAct::LoggedIn { role, count } => format!("logged in as {role}{}", times(count)),
        AuditAct::LoggedOut { why, count } if why.is_empty() => {
            format!("logged out{}", times(count))
        }
        AuditAct::LoggedOut { why, count } => format!("logged out: {why}{}", times(count)),
        AuditAct::LogInRefused { name, why, count } if name.is_empty() => {
            format!("not let in: {why}{}", times(count))
        }
        AuditAct::LogInRefused { name, why, count } => {
            format!("not let in as {name:?}: {why}{}", times(count))
        }
        AuditAct::AccountChanged { account, what } => format!("account {account:?}: {what}"),
        AuditAct::PermissionRefused { what, count } => format!("refused: {what}{}", times(count)),
        AuditAct::Exported { what, rows: 0, .. } => format!("exported: {what}"),
        AuditAct::Exported { what, rows, .. } => format!("exported: {what}, {rows} rows"),
        AuditAct::ConfigurationChanged { changed, .. } => {
            format!("configuration changed: {}", changed.join(", "))
        }
        AuditAct::Unmasked {
            case,
            what: Masked::Personal,
            purpose,
        } => format!("saw what is masked of case {case}, for: {purpose}"),
        AuditAct::LookedAt { what, count } => format!("looked at: {what}{}", times(count)),
    }
}

fn alarm_step(event: &Event) -> Option<Words> {
    Some(match event {
        Event::AlarmRaised {
            alarm,
            source,
            severity,
            position,
        } => {
            let at = place(*position);
            match source {
                AlarmSource::Case(case) => (
                    format!("alarm {alarm} raised by case {case}, {severity:?}, at {at}"),
                    vec![*case],
                ),
                AlarmSource::Sensor(sensor) => (
                    format!("alarm {alarm} raised by sensor {sensor}, {severity:?}, at {at}"),
                    vec![],
                ),
            }
        }
        Event::AlarmAcknowledged { alarm } => (format!("alarm {alarm} acknowledged"), vec![]),
        Event::AlarmEnded { alarm } => (format!("the cause of alarm {alarm} ended"), vec![]),
        Event::AlarmRetired { alarm } => (format!("alarm {alarm} left the live state"), vec![]),
        _ => return None,
    })
}
