//! A scripted team: acts by its script and by stated habits, sees only what a console shows.

use super::run::Drill;
use super::{DrillPhase, Seat};
use crate::city::Severity;
use crate::command::{CaseReport, Command};
use crate::ids::{CaseId, ClassId, ThingId, UnitId};
use crate::model::{AlarmSource, AssignmentTarget, Case, UnitStatus};
use crate::sim::words;
use crate::time::Timestamp;
use crate::workflow::{self, Act};
use std::collections::BTreeSet;

/// How a team works when its script says nothing. Seconds from when a thing is known; `None`: never.
#[derive(Clone, Debug, PartialEq)]
pub struct Habits {
    /// Until an alarm is acknowledged.
    pub acknowledge_s: Option<u32>,
    /// Until a unit is sent, by severity: severe, urgent, normal, slight.
    pub dispatch_s: [Option<u32>; 4],
    /// The rule by which the unit for a case is chosen.
    pub choose: Choose,
    /// Until what looks like a duplicate is bundled.
    pub bundle_s: Option<u32>,
    /// Until a case is voided whose crew has found nothing.
    pub void_s: Option<u32>,
    /// Until an unreported alarm of a sensor is reported as a case of this class and dispatched.
    pub report_s: Option<(u32, ClassId)>,
    /// Actions a minute that one desk can do.
    pub actions_per_minute: u32,
}

/// Who is sent to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choose {
    /// The first unit of the ranking by road, of the department that must act if one of its units is free.
    Ranking,
    /// The first free unit, by number.
    First,
}

impl Default for Habits {
    /// A practised team.
    fn default() -> Self {
        Self {
            acknowledge_s: Some(15),
            dispatch_s: [Some(40), Some(90), Some(240), Some(420)],
            choose: Choose::Ranking,
            bundle_s: Some(20),
            void_s: Some(30),
            report_s: None,
            actions_per_minute: 20,
        }
    }
}

/// One line of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptLine {
    /// Seconds after the start.
    pub at_s: u32,
    /// What is done then.
    pub act: TeamAct,
}

/// What a line does. Injects are their places in the scenario's list.
#[derive(Clone, Debug, PartialEq)]
pub enum TeamAct {
    /// Acknowledges all alarms of an inject.
    Acknowledge(u32),
    /// Sends a unit to the first case of an inject; `None`: the best by the ranking.
    Dispatch(u32, Option<String>),
    /// Bundles all reports of an inject into its first.
    Bundle(u32),
    /// Voids all cases of an inject.
    Void(u32),
    /// Reports a case of a class where an inject is.
    Report(u32, ClassId, Option<Severity>),
    /// Recalls a unit.
    Recall(String),
}

/// A team of one desk.
#[derive(Clone, Debug)]
pub struct Team {
    /// Name that its commands are given in.
    pub name: String,
    habits: Habits,
    /// Lines of the script still to come, the soonest last.
    script: Vec<ScriptLine>,
    /// Cases that the team looked at and cannot do anything about for now.
    tried: BTreeSet<(CaseId, i64)>,
    /// Refused actions with the reason, to debug a script by.
    pub refused: Vec<(Timestamp, String)>,
    reported: BTreeSet<u64>,
    done: u32,
}

impl Team {
    /// A team with habits and a script in any order.
    pub fn new(name: &str, habits: Habits, mut script: Vec<ScriptLine>) -> Self {
        script.sort_by_key(|l| std::cmp::Reverse(l.at_s));
        Self {
            name: name.to_owned(),
            habits,
            script,
            tried: BTreeSet::new(),
            refused: Vec::new(),
            reported: BTreeSet::new(),
            done: 0,
        }
    }

    /// Takes its seat.
    pub fn join(&self, drill: &mut Drill) {
        drill.join(&self.name, Seat::Participant);
    }

    /// What the team does in the second that the drill has come to.
    pub fn act(&mut self, drill: &mut Drill) {
        if drill.phase() != DrillPhase::Running {
            return;
        }
        let passed_s = drill.now().seconds_since(drill.scenario().start.time());
        while self
            .script
            .last()
            .is_some_and(|l| f64::from(l.at_s) <= passed_s)
        {
            if let Some(line) = self.script.pop() {
                self.perform(drill, &line.act);
            }
        }
        // A desk does so much and no more.
        let budget = (f64::from(self.habits.actions_per_minute) * passed_s / 60.0) as u32;
        self.done = self
            .done
            .max(budget.saturating_sub(self.habits.actions_per_minute));
        let mut left = budget.saturating_sub(self.done);
        let mut intents = self.intents(drill);
        while let (Some(intent), true) = (intents.pop(), left > 0) {
            if self.carry_out(drill, intent) {
                left -= 1;
                self.done += 1;
            }
        }
    }

    fn say(&mut self, drill: &mut Drill, command: &Command) -> bool {
        match drill.command(&self.name, command, None) {
            Ok(_) => true,
            Err(why) => {
                self.refused.push((drill.now(), why.to_string()));
                false
            }
        }
    }

    fn perform(&mut self, drill: &mut Drill, act: &TeamAct) {
        let cases = |drill: &Drill, inject: u32| -> Vec<CaseId> {
            let things = drill.tally().things(inject);
            let case = |t: &ThingId| match t {
                ThingId::Case(c) => Some(*c),
                _ => None,
            };
            things.iter().filter_map(case).collect()
        };
        match act {
            TeamAct::Acknowledge(inject) => {
                for alarm in drill.tally().open_alarms(*inject) {
                    self.say(drill, &Command::AcknowledgeAlarm { alarm });
                }
            }
            TeamAct::Dispatch(inject, unit) => {
                let Some(case) = cases(drill, *inject).first().copied() else {
                    self.refused
                        .push((drill.now(), format!("inject {inject} has no case yet")));
                    return;
                };
                let unit = match unit {
                    Some(call_sign) => drill.state().unit_called(call_sign),
                    None => self.choose(drill, case),
                };
                if let Some(unit) = unit {
                    self.dispatch(drill, case, unit);
                } else {
                    let why = format!("nobody is free for case {case}");
                    self.refused.push((drill.now(), why));
                }
            }
            TeamAct::Bundle(inject) => {
                let all = cases(drill, *inject);
                if let Some((into, rest)) = all.split_first() {
                    for case in rest {
                        let open = drill.state().case(*case).is_some_and(|c| c.stage.is_open());
                        if open {
                            self.say(
                                drill,
                                &Command::BundleCase {
                                    case: *case,
                                    into: *into,
                                },
                            );
                        }
                    }
                }
            }
            TeamAct::Void(inject) => {
                for case in cases(drill, *inject) {
                    let reason = words::false_report(drill.language()).to_owned();
                    self.say(drill, &Command::VoidCase { case, reason });
                }
            }
            TeamAct::Report(inject, class, severity) => {
                let scenario = drill.scenario();
                let place = scenario.injects.get(*inject as usize);
                let place = place.and_then(|i| i.act.place(scenario));
                if let Some(position) = place {
                    let report = report(*class, *severity, position, drill.now());
                    self.say(drill, &Command::ReportCase(report));
                }
            }
            TeamAct::Recall(call_sign) => {
                if let Some(unit) = drill.state().unit_called(call_sign) {
                    self.say(drill, &Command::RecallUnit { unit });
                }
            }
        }
    }

    /// What the desk would do now, the most urgent last.
    fn intents(&self, drill: &Drill) -> Vec<Intent> {
        let (state, now) = (drill.state(), drill.now());
        let waited = |since: Timestamp, s: Option<u32>| {
            s.is_some_and(|s| now.seconds_since(since) >= f64::from(s))
        };
        let mut intents = Vec::new();
        for alarm in state.alarms().values() {
            if alarm.acknowledged.is_none() && waited(alarm.raised_at, self.habits.acknowledge_s) {
                intents.push(Intent::Acknowledge(alarm.id));
            }
            if let (AlarmSource::Sensor(_), Some((s, class))) = (alarm.source, self.habits.report_s)
                && waited(alarm.raised_at, Some(s))
                && !self.reported.contains(&alarm.id.0)
            {
                intents.push(Intent::Report(alarm.id.0, class, alarm.position));
            }
        }
        for case in state.cases().values() {
            let known = case.history.first().map_or(case.occurred_at, |h| h.at);
            if workflow::advances(case.stage, Act::Dispatch) {
                if let Some(into) = main_of(drill, case)
                    && waited(known, self.habits.bundle_s)
                {
                    intents.push(Intent::Bundle(case.id, into));
                } else if waited(known, self.habits.dispatch_s[place(case.severity)])
                    && main_of(drill, case).is_none()
                {
                    intents.push(Intent::Dispatch(case.severity, known, case.id));
                }
            } else if workflow::allowed(case.stage, Act::Pass)
                && case.note.ends_with(words::nothing_there(drill.language()))
                && waited(case.since(), self.habits.void_s)
            {
                intents.push(Intent::Void(case.id));
            }
        }
        intents.sort_by_key(|w| std::cmp::Reverse(w.order()));
        intents
    }

    fn carry_out(&mut self, drill: &mut Drill, intent: Intent) -> bool {
        match intent {
            Intent::Acknowledge(alarm) => self.say(drill, &Command::AcknowledgeAlarm { alarm }),
            Intent::Bundle(case, into) => self.say(drill, &Command::BundleCase { case, into }),
            Intent::Void(case) => {
                let reason = words::false_as_found(drill.language()).to_owned();
                self.say(drill, &Command::VoidCase { case, reason })
            }
            Intent::Report(alarm, class, position) => {
                self.reported.insert(alarm);
                let near = drill.state().spatial().cases_within(position, 150.0);
                let known = near
                    .into_iter()
                    .filter_map(|(id, _)| drill.state().case(id))
                    .any(|c| c.class == class && c.stage.is_open());
                let now = drill.now();
                !known
                    && self.say(
                        drill,
                        &Command::ReportCase(report(class, None, position, now)),
                    )
            }
            Intent::Dispatch(_, _, case) => {
                // After finding no free unit, the team looks again half a minute later.
                let half_minute = drill.now().whole_seconds() / 30;
                if self.tried.contains(&(case, half_minute)) {
                    return false;
                }
                let Some(unit) = self.choose(drill, case) else {
                    self.tried.insert((case, half_minute));
                    return false;
                };
                self.dispatch(drill, case, unit)
            }
        }
    }

    fn dispatch(&mut self, drill: &mut Drill, case: CaseId, unit: UnitId) -> bool {
        let target = AssignmentTarget::Case(case);
        let expected_s = None;
        self.say(
            drill,
            &Command::DispatchUnit {
                unit,
                target,
                expected_s,
            },
        )
    }

    fn choose(&self, drill: &mut Drill, case: CaseId) -> Option<UnitId> {
        match self.habits.choose {
            Choose::First => drill
                .state()
                .units()
                .iter()
                .find(|u| u.status == UnitStatus::Available)
                .map(|u| u.id),
            Choose::Ranking => {
                let rows = drill.rank(case).ok()?;
                let ready = |r: &&crate::rank::ArrivalRow| {
                    r.status == UnitStatus::Available && r.skilled && r.seconds.is_some()
                };
                let own = rows.iter().filter(ready).find(|r| r.own_department);
                own.or_else(|| rows.iter().find(ready)).map(|r| r.unit)
            }
        }
    }
}

/// Something the desk would do.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Intent {
    Acknowledge(crate::ids::AlarmId),
    Report(u64, ClassId, crate::geo::Position),
    Bundle(CaseId, CaseId),
    Void(CaseId),
    Dispatch(Severity, Timestamp, CaseId),
}

impl Intent {
    /// Alarms first, then severe cases, then what makes the queue shorter, then the rest.
    fn order(&self) -> (u8, Severity, Timestamp, u64) {
        let none = (Severity::Severe, Timestamp(0));
        match self {
            Self::Acknowledge(a) => (0, none.0, none.1, a.0),
            Self::Report(a, ..) => (1, none.0, none.1, *a),
            Self::Dispatch(s, t, c) if *s <= Severity::Urgent => (2, *s, *t, c.0),
            Self::Bundle(c, _) | Self::Void(c) => (3, none.0, none.1, c.0),
            Self::Dispatch(s, t, c) => (4, *s, *t, c.0),
        }
    }
}

fn place(severity: Severity) -> usize {
    match severity {
        Severity::Severe => 0,
        Severity::Urgent => 1,
        Severity::Normal => 2,
        Severity::Slight => 3,
    }
}

/// The open case that a case is proposed to be the same as.
fn main_of(drill: &Drill, case: &Case) -> Option<CaseId> {
    let mut main = case.maybe_same_as?;
    // A proposal may point at a case that has been bundled itself: follow it to the one that goes on.
    for _ in 0..8 {
        let c = drill.state().case(main)?;
        if c.stage.is_open() {
            let takes = c.class == case.class && c.id != case.id;
            return takes.then_some(main);
        }
        main = drill.tally().bundled_into(main)?;
    }
    None
}

fn report(
    class: ClassId,
    severity: Option<Severity>,
    position: crate::geo::Position,
    now: Timestamp,
) -> CaseReport {
    CaseReport {
        class,
        severity,
        position,
        address: String::new(),
        note: String::new(),
        occurred_at: now,
        filed_at: None,
        key: String::new(),
    }
}
