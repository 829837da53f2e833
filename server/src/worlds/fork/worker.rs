//! The thread that computes both branches as far as they are to run, and says how they compare.

use super::Pair;
use super::traffic::After;
use crate::access::Principal;
use crate::priority;
use crate::request::LiveRequest;
use crate::world::LiveHandle;
use chengtu_engine::fork::{Fork, ForkReport, Proposal};
use chengtu_engine::record::{Body, ForkRecord, Record};
use chengtu_engine::sim::Simulator;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What is computed is shown after so long at most.
const SHOW_EVERY: Duration = Duration::from_millis(50);
/// Reports while it runs.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// How often a plan is held against the running city once all is computed.
const LOOK_EVERY: Duration = Duration::from_secs(3);
/// A state to fold from is kept so often, simulated seconds.
const KEYFRAME_S: f64 = 900.0;
/// Both branches together take about this much memory at most, bytes.
const BYTES_MAX: usize = 1 << 29;

/// What the thread begins with.
pub(super) struct Job {
    pub fork: Fork,
    /// The city's history after the second; `None` if it ends before.
    pub after: Option<After>,
    pub pair: Weak<Pair>,
    pub live: LiveHandle,
    /// Who would do what the plan proposes.
    pub by: Arc<Principal>,
}

/// Runs until both branches are as far as they are to be, then keeps the plan's prospects fresh until both worlds have
/// ended.
pub(super) fn run(mut job: Job) {
    priority::behind_the_running_city();
    let mut bytes = 0;
    let mut keyframe = job.fork.time();
    let mut told: Option<Instant> = None;
    while !job.fork.is_done() {
        let Some(pair) = job.pair.upgrade() else {
            return;
        };
        let began = Instant::now();
        let mut records: [Vec<Record>; 2] = Default::default();
        let mut stop = None;
        while !job.fork.is_done() && began.elapsed() < SHOW_EVERY {
            match job.step(&mut records) {
                Ok(refused) => pair.told().notices.extend(refused),
                Err(why) => {
                    stop = Some(why);
                    break;
                }
            }
        }
        bytes += records.iter().flatten().map(size_of_record).sum::<usize>();
        if bytes > BYTES_MAX {
            let minutes = (job.fork.until().seconds_since(job.fork.time()) / 60.0).ceil();
            stop = Some(format!(
                "both branches fill the memory set aside for them; the last {minutes} minutes are not computed"
            ));
        }
        let keep = job.fork.time().seconds_since(keyframe) >= KEYFRAME_S;
        if keep {
            keyframe = job.fork.time();
        }
        job.publish(&pair, records, keep);
        if let Some(why) = stop {
            tracing::warn!(why, "a fork ends early");
            pair.told().notices.push(why);
            break;
        }
        if told.is_none_or(|t| t.elapsed() >= REPORT_EVERY) {
            told = Some(Instant::now());
            job.tell(&pair, job.fork.report());
        }
    }
    let report = job.fork.report();
    // From here on only the report is needed.
    let Job { pair, live, by, .. } = job;
    loop {
        let Some(shown) = pair.upgrade() else {
            return;
        };
        tell(&live, &by, &shown, report.clone());
        drop(shown);
        std::thread::sleep(LOOK_EVERY);
    }
}

impl Job {
    /// One second of both; what could not be done otherwise, in words.
    fn step(&mut self, records: &mut [Vec<Record>; 2]) -> Result<Vec<String>, String> {
        let next = self.fork.time().plus_seconds(1);
        let recorded = match &mut self.after {
            Some(after) => after
                .take_until(next)
                .map_err(|e| format!("history cannot be read on from here: {e}"))?,
            None => Vec::new(),
        };
        let step = self.fork.step(&recorded);
        let [actual, other] = records;
        actual.extend(step.actual.records.into_iter().map(ForkRecord::into_record));
        other.extend(step.other.records.into_iter().map(ForkRecord::into_record));
        Ok(step.refused)
    }

    /// Makes known what was computed.
    fn publish(&self, pair: &Pair, records: [Vec<Record>; 2], keep: bool) {
        let time = self.fork.time();
        let sims: [&Simulator; 2] = [self.fork.actual(), self.fork.other()];
        for ((track, records), sim) in pair.tracks.iter().zip(records).zip(sims) {
            let state = keep.then(|| sim.state().clone());
            let mut track = track.write().unwrap_or_else(PoisonError::into_inner);
            // The simulator counts its records without a gap.
            if let Err(error) = track.own.extend(records, time, state) {
                tracing::error!(%error, "a branch does not follow from itself");
            }
        }
        pair.clock().to = time;
    }

    fn tell(&self, pair: &Pair, report: ForkReport) {
        tell(&self.live, &self.by, pair, report);
    }
}

/// Makes a report known, its plan held against the running city.
fn tell(live: &LiveHandle, by: &Arc<Principal>, pair: &Pair, mut report: ForkReport) {
    hold_against(live, by, &mut report.plan);
    let mut told = pair.told();
    if *told.report != report {
        told.report = Arc::new(report);
        told.number += 1;
    }
}

/// Asks the running city what it would say to each proposal now. Nothing is done.
fn hold_against(live: &LiveHandle, by: &Arc<Principal>, plan: &mut [Proposal]) {
    if plan.is_empty() {
        return;
    }
    let (reply, answer) = oneshot::channel();
    let ask = LiveRequest::TryOut {
        by: by.clone(),
        commands: plan.iter().map(|p| p.command.clone()).collect(),
        reply,
    };
    let answers = match live.requests.blocking_send(ask) {
        Ok(()) => answer.blocking_recv().unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let mut answers = answers.into_iter();
    for proposal in plan {
        let why_not = answers.next().unwrap_or_else(|| {
            Some("the running city does not answer; it may be stopping".to_owned())
        });
        proposal.possible = why_not.is_none();
        proposal.why_not = why_not.unwrap_or_default();
    }
}

/// About how much memory a record takes, bytes.
fn size_of_record(record: &Record) -> usize {
    let body = match &record.body {
        Body::Events(events) => events.len() * 256,
        Body::Fixes(block) => block.len() * 30,
        Body::Observations(list, events) => list.len() * 32 + events.len() * 256,
    };
    body + size_of::<Record>()
}
