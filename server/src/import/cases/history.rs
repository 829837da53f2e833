//! Old cases as the records that a log would hold had it been kept then.

use super::CasesError;
use super::areas::Spread;
use crate::log::LogWriter;
use chengtu_engine::city::Rules;
use chengtu_engine::command::{CaseReport, Command};
use chengtu_engine::decide::decide;
use chengtu_engine::event::Event;
use chengtu_engine::ids::{CaseId, ClassId, FeedId};
use chengtu_engine::model::Actor;
use chengtu_engine::record::{Body, LivePen, Origin};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// Time passes in the imported city in steps of this many seconds: closed cases leave it then.
const TICK_S: i64 = 3_600;

/// How a case ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As the table says.
    Recorded(Timestamp),
    /// The table does not say; by rule.
    Rule(Timestamp),
    /// The case is still open at the end of the import.
    Open,
}

/// A case to be written.
#[derive(Clone, Debug)]
pub struct OldCase {
    /// Line of its row in its table, from 1.
    pub line: u64,
    /// What it was.
    pub report: CaseReport,
    /// How it ends.
    pub end: End,
}

/// Writes cases behind what a log holds.
pub struct HistoryWriter<'a> {
    log: &'a mut dyn LogWriter,
    state: State,
    pen: LivePen,
    ends: BTreeMap<(Timestamp, CaseId), Actor>,
    next_tick: Timestamp,
    records: u64,
}

impl<'a> HistoryWriter<'a> {
    /// Goes on after `state`, which is what `log` folds to.
    pub fn new(log: &'a mut dyn LogWriter, state: State, pen: LivePen) -> Self {
        Self {
            next_tick: state.known_at(),
            log,
            state,
            pen,
            ends: BTreeMap::new(),
            records: 0,
        }
    }

    /// Rules and the feed that cases are said to come from; nothing where both are there.
    ///
    /// # Errors
    /// [`CasesError`] of the log.
    pub fn set_up(
        &mut self,
        rules: &Rules,
        feed: &str,
        at: Timestamp,
    ) -> Result<FeedId, CasesError> {
        let mut commands = vec![Command::RegisterFeed {
            name: feed.to_owned(),
        }];
        if self.state.rules().is_none() {
            commands.insert(0, Command::Configure(Box::new(rules.clone())));
        }
        for command in commands {
            let events = decide(&self.state, &command, &Actor::System, at)
                .map_err(|source| CasesError::Refused { line: 1, source })?;
            self.put(at, Actor::System, events)?;
        }
        Ok(self.state.feed(feed).unwrap_or_default())
    }

    /// Writes cases, which must be in the order of their opening, and ends those that end by `until`.
    ///
    /// `spread`: places inside areas are no reason to take two cases for one.
    ///
    /// # Errors
    /// [`CasesError`] of the log, or of a case that the city refuses.
    pub fn write(
        &mut self,
        cases: &[OldCase],
        feed: FeedId,
        spread: Option<Spread>,
        until: Timestamp,
    ) -> Result<(), CasesError> {
        let feed_actor = Actor::Feed(feed);
        for case in cases {
            let opened = case.report.occurred_at;
            self.pass(opened)?;
            let command = Command::ReportCase(case.report.clone());
            let mut events =
                decide(&self.state, &command, &feed_actor, opened).map_err(|source| {
                    CasesError::Refused {
                        line: case.line,
                        source,
                    }
                })?;
            // Nobody had to see an alarm of a case that is history.
            events.retain(|e| !matches!(e, Event::AlarmRaised { .. }));
            let mut id = None;
            for event in &mut events {
                if let Event::CaseReported {
                    case,
                    maybe_same_as,
                    ..
                } = event
                {
                    id = Some(*case);
                    if spread.is_some() {
                        *maybe_same_as = None;
                    }
                }
            }
            self.put(opened, feed_actor.clone(), events)?;
            let end = match case.end {
                End::Recorded(t) => Some((t, feed_actor.clone())),
                End::Rule(t) => Some((t, Actor::System)),
                End::Open => None,
            };
            if let (Some(id), Some((t, by))) = (id, end) {
                self.ends.insert((t, id), by);
            }
        }
        self.pass(until)
    }

    /// The state after all that was written, and how many records were.
    pub fn finish(self) -> (State, u64) {
        (self.state, self.records)
    }

    /// Lets time pass up to `t`: cases end, ended ones leave.
    fn pass(&mut self, t: Timestamp) -> Result<(), CasesError> {
        loop {
            let end = self.ends.first_key_value().map(|((at, _), _)| *at);
            if self.state.cases().is_empty() && end.is_none() {
                // Nothing is there that could change.
                self.next_tick = next_hour(t);
                return Ok(());
            }
            match end.filter(|e| *e <= self.next_tick) {
                Some(at) if at <= t => {
                    if let Some(((_, case), by)) = self.ends.pop_first() {
                        self.put(at, by, vec![Event::CaseClosed { case }])?;
                    }
                }
                None if self.next_tick <= t => {
                    let at = self.next_tick;
                    let events =
                        decide(&self.state, &Command::Tick, &Actor::System, at).unwrap_or_default();
                    if events.is_empty() {
                        self.next_tick = next_hour(at);
                    } else {
                        self.put(at, Actor::System, events)?;
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    fn put(&mut self, at: Timestamp, actor: Actor, events: Vec<Event>) -> Result<(), CasesError> {
        if events.is_empty() {
            return Ok(());
        }
        self.log.roll_over(at, &self.state)?;
        let origin = Origin {
            actor,
            command: None,
        };
        let record = self
            .pen
            .write(self.state.seq() + 1, at, origin, Body::Events(events));
        self.log.append(&record)?;
        self.state.apply(&record);
        self.records += 1;
        Ok(())
    }
}

fn next_hour(t: Timestamp) -> Timestamp {
    let s = t.0.div_euclid(1_000_000);
    Timestamp::from_seconds((s.div_euclid(TICK_S) + 1) * TICK_S)
}

/// The report of a row.
pub fn report(row: &super::rows::Row, class: ClassId, note: String) -> CaseReport {
    CaseReport {
        class,
        severity: row.severity,
        position: row.position,
        address: row.address.clone(),
        note,
        occurred_at: row.opened,
        filed_at: Some(row.opened),
        key: row.key.clone(),
    }
}
