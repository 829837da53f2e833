//! A clock over the past. Told how much time has passed, it folds what lies in between.

use super::checkpoints::Checkpoints;
use super::released::Released;
use super::{Gap, History, HistoryError};
use super::{SPEED_RANGE, TimeBasis, TimeControl, WorldClock};
use crate::ids::ThingId;
use crate::record::Record;
use crate::state::{Changes, State};
use crate::time::Timestamp;

/// Records read at once; between two readings the budget is looked at.
const CHUNK: usize = 32;
/// A state no older than this is folded on from without looking for a keyframe, seconds.
const NEAR_S: i64 = 2;
/// Steps back of no more than this are taken for the first of several, seconds.
const STEPS_BACK_S: i64 = 600;
/// A clock that cannot keep up owes at most this much of its own second.
const OWED_S_MAX: f64 = 1.0;

/// Where a clock could not go on, reported to the person who drives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The first record.
    First,
    /// The last record.
    Last,
    /// There is no earlier event of that kind.
    NoEarlier,
    /// There is no later event.
    NoLater,
    /// A stretch that the log has lost was stepped over.
    Gap(Gap),
}

/// What came of moving the clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What was touched, where the clock ran on from where it was.
    pub changes: Changes,
    /// The state is another one: forget what was shown.
    pub jumped: bool,
    /// Where it ended, when not where it was to go.
    pub edge: Option<Edge>,
}

/// Why a clock does not obey.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlayError {
    /// The past cannot be read.
    #[error("the log cannot be read: {0}")]
    History(#[from] HistoryError),
    /// There is no past.
    #[error("the log holds nothing yet that could be replayed")]
    Empty,
    /// Not a speed.
    #[error("a speed of {0} is outside −60 … 3600")]
    Speed(f32),
}

/// A replay: a state of the past, and the clock that it is at.
///
/// Whatever way a moment is come to, the state is the same: the fold of all that was known by then.
#[derive(Debug)]
pub struct Player<H> {
    history: H,
    state: State,
    time: Timestamp,
    /// Time of the city that the clock has yet to run, seconds: less than a microsecond, or what it owes.
    owed_s: f64,
    speed: f32,
    playing: bool,
    basis: TimeBasis,
    jumps: u32,
    from: Timestamp,
    to: Timestamp,
    /// Lost stretches, as of the last look.
    gaps: Vec<Gap>,
    checkpoints: Checkpoints,
    released: Released,
}

impl<H: History> Player<H> {
    /// A clock that begins at a moment and plays.
    ///
    /// # Errors
    /// [`PlayError`]: nothing to play, or not readable.
    pub fn new(
        history: H,
        at: Timestamp,
        speed: f32,
        basis: TimeBasis,
    ) -> Result<(Self, Step), PlayError> {
        check_speed(speed)?;
        let (from, to) = history.span()?.ok_or(PlayError::Empty)?;
        let mut player = Self {
            gaps: history.gaps(),
            history,
            state: State::new(),
            time: Timestamp::MIN,
            owed_s: 0.0,
            speed,
            playing: speed != 0.0,
            basis,
            jumps: 0,
            from,
            to,
            checkpoints: Checkpoints::default(),
            released: Released::default(),
        };
        let step = player.seek(at)?;
        player.jumps = 0;
        Ok((player, step))
    }

    /// The state at the clock's time.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The history that it reads from.
    pub fn history(&self) -> &H {
        &self.history
    }

    /// The moment that the clock is at.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The clock as clients see it.
    pub fn clock(&self) -> WorldClock {
        WorldClock {
            time: self.time,
            speed: self.speed,
            playing: self.playing,
            basis: self.basis,
            from: self.from,
            to: self.to,
            jumps: self.jumps,
        }
    }

    /// Stretches that the log has lost.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Looks how far the log goes by now; a running city's grows.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn refresh_span(&mut self) -> Result<(), HistoryError> {
        if let Some((from, to)) = self.history.span()? {
            (self.from, self.to) = (from, to);
        }
        self.gaps = self.history.gaps();
        Ok(())
    }

    /// Does what the driver asks.
    ///
    /// # Errors
    /// [`PlayError`]. If the past could not be read, the clock stops where reading ended.
    pub fn control(&mut self, control: TimeControl) -> Result<Step, PlayError> {
        match control {
            TimeControl::Seek(at) => self.seek(at),
            TimeControl::Play => {
                self.playing = true;
                Ok(Step::default())
            }
            TimeControl::Pause => {
                self.pause();
                Ok(Step::default())
            }
            TimeControl::Speed(speed) => {
                check_speed(speed)?;
                self.speed = speed;
                self.owed_s = 0.0;
                Ok(Step::default())
            }
            TimeControl::StepSeconds(s) => {
                self.pause();
                self.seek(self.time.plus_seconds(i64::from(s)))
            }
            TimeControl::StepEvent { forward, of } => {
                self.pause();
                self.step_event(forward, of)
            }
            TimeControl::Basis(basis) => {
                if basis == self.basis {
                    return Ok(Step::default());
                }
                self.basis = basis;
                // A state that includes what came late cannot forget it: all checkpoints are made again.
                self.checkpoints.clear();
                self.released.clear();
                self.state = State::new();
                let at = core::mem::replace(&mut self.time, Timestamp::MIN);
                self.seek(at)
            }
        }
    }

    /// Lets time pass.
    ///
    /// - `elapsed_s`: of the driver's own time, ≥ 0
    /// - `rows_max`: about so many fixes and events are folded at most. A clock that cannot keep up with its speed
    ///   leaps from keyframe to keyframe where there are some, else it runs slower
    ///
    /// # Errors
    /// [`PlayError`] if the past cannot be read; the clock stops where reading ended.
    pub fn advance(&mut self, elapsed_s: f64, rows_max: usize) -> Result<Step, PlayError> {
        if !self.playing || self.speed == 0.0 {
            return Ok(Step::default());
        }
        let speed = f64::from(self.speed);
        let most = (elapsed_s.max(0.0) + OWED_S_MAX) * speed.abs();
        let run_s = (elapsed_s.max(0.0) * speed + self.owed_s).clamp(-most, most);
        let run_us = libm::trunc(run_s * 1e6);
        self.owed_s = run_s - run_us / 1e6;
        let target = self.time.plus_us(run_us as i64);
        if speed > 0.0 {
            self.forward(target, rows_max)
        } else if target == self.time {
            Ok(Step::default())
        } else {
            let mut step = self.seek(target)?;
            if step.edge.is_some() {
                self.pause();
            }
            step.jumped = true;
            Ok(step)
        }
    }

    fn pause(&mut self) {
        self.playing = false;
        self.owed_s = 0.0;
    }

    fn step_event(&mut self, forward: bool, of: Option<ThingId>) -> Result<Step, PlayError> {
        let found = if forward {
            let after = self.time.plus_us(1);
            let until = Timestamp::MAX;
            self.history.moments(of, after, until, 1, false)?
        } else {
            let before = self.time.plus_us(-1);
            let since = Timestamp::MIN;
            self.history.moments(of, since, before, 1, true)?
        };
        match found.first() {
            Some(m) => self.seek(m.time),
            None => Ok(Step {
                edge: Some(if forward {
                    Edge::NoLater
                } else {
                    Edge::NoEarlier
                }),
                ..Step::default()
            }),
        }
    }

    /// Goes to a moment, held within what there is.
    fn seek(&mut self, at: Timestamp) -> Result<Step, PlayError> {
        if at > self.to {
            self.refresh_span()?;
        }
        let (target, edge) = if at < self.from {
            (self.from, Some(Edge::First))
        } else if at > self.to {
            (self.to, Some(Edge::Last))
        } else {
            (at, None)
        };
        self.owed_s = 0.0;
        self.rebuild(target)
            .inspect_err(|_| self.time = self.state.known_at())?;
        self.time = target;
        self.jumps = self.jumps.wrapping_add(1);
        Ok(Step {
            changes: Changes::default(),
            jumped: true,
            edge,
        })
    }

    /// Runs on to a moment.
    fn forward(&mut self, target: Timestamp, rows_max: usize) -> Result<Step, PlayError> {
        let mut target = target;
        let mut edge = None;
        if target > self.to {
            self.refresh_span()?;
        }
        if target >= self.to && self.time >= self.to {
            self.pause();
            return Ok(Step {
                edge: Some(Edge::Last),
                ..Step::default()
            });
        }
        if target > self.to {
            (target, edge) = (self.to, Some(Edge::Last));
        }
        if let Some(gap) = self.gap_between(self.time, target) {
            let mut step = self.seek(target.max(gap.to))?;
            step.edge = Some(Edge::Gap(gap));
            return Ok(step);
        }
        let before = self.time;
        let mut changes = Changes::default();
        let reached = self.fold(target, rows_max, &mut changes)?;
        let mut jumped = false;
        if reached < target {
            edge = None;
            jumped = self.leap(target)?;
        } else {
            self.time = target;
        }
        if jumped {
            changes = Changes::default();
            self.jumps = self.jumps.wrapping_add(1);
        } else if self.time < target {
            self.time = reached;
        }
        self.owed_s += target.seconds_since(self.time);
        let time = self.time;
        changes.merge(self.release(Some(before).filter(|_| !jumped), time)?);
        if edge.is_some() {
            self.pause();
        }
        Ok(Step {
            changes,
            jumped,
            edge,
        })
    }

    /// The first lost stretch that begins in a stretch or holds its beginning.
    fn gap_between(&self, after: Timestamp, until: Timestamp) -> Option<Gap> {
        let met = |g: &&Gap| g.from < until && g.to > after;
        self.gaps.iter().find(met).cloned()
    }

    /// On to a keyframe between the state and a moment, if there is one. True when it was taken.
    fn leap(&mut self, target: Timestamp) -> Result<bool, PlayError> {
        let keyframe = self.history.state_before(target)?;
        if keyframe.seq() <= self.state.seq() {
            return Ok(false);
        }
        self.state = keyframe;
        let time = self.state.known_at();
        self.fold(time, usize::MAX, &mut Changes::default())?;
        self.time = time;
        Ok(true)
    }

    /// The state of a moment, from the nearest state before it.
    fn rebuild(&mut self, target: Timestamp) -> Result<(), PlayError> {
        let mut at = self.time;
        let steps_back = target < at && at.plus_seconds(-STEPS_BACK_S) <= target;
        if target < at {
            // Nothing that lies after the moment may be folded on from.
            self.checkpoints.drop_after(target);
            (at, self.state) = self.checkpoints.take_last().unwrap_or_default();
        }
        // Over a lost stretch nothing is folded: what comes after it begins at a keyframe.
        let near = at >= target.plus_seconds(-NEAR_S) && self.gap_between(at, target).is_none();
        if !near {
            let keyframe = self.history.state_before(target)?;
            if keyframe.seq() > self.state.seq() {
                at = keyframe.known_at();
                self.state = keyframe;
            }
        }
        if steps_back {
            self.keep_checkpoints(at.max(self.from), target)?;
        }
        self.fold(target, usize::MAX, &mut Changes::default())?;
        self.release(None, target)?;
        Ok(())
    }

    /// Folds towards a moment and keeps states on the way, closer and closer to it, so that the next steps back are
    /// short.
    fn keep_checkpoints(&mut self, begin: Timestamp, target: Timestamp) -> Result<(), PlayError> {
        let step_s = f64::from(self.speed.abs()).clamp(1.0, 600.0) * 0.5;
        let movers = self.state.movers().len();
        for at in super::checkpoints::places(begin, target, step_s, movers) {
            self.fold(at, usize::MAX, &mut Changes::default())?;
            self.release(None, at)?;
            self.checkpoints.keep(at, &self.state);
        }
        Ok(())
    }

    /// Folds what was known by a moment, or about `rows_max` rows of it. Gives the moment reached: all that was known
    /// by then is folded, and nothing else.
    fn fold(
        &mut self,
        until: Timestamp,
        rows_max: usize,
        changes: &mut Changes,
    ) -> Result<Timestamp, PlayError> {
        let mut rows = 0;
        loop {
            let records = self.history.records(self.state.seq(), until, CHUNK)?;
            let Some(last) = records.last().map(|r| r.known_at) else {
                return Ok(until);
            };
            for record in &records {
                rows += rows_of(record);
                changes.merge(self.state.apply(record));
            }
            if rows >= rows_max && last < until {
                // The rest of that moment belongs to it.
                self.fold(last, usize::MAX, changes)?;
                return Ok(last);
            }
        }
    }

    /// If the past is shown as it was: applies what happened by a moment and was known later only.
    fn release(
        &mut self,
        after: Option<Timestamp>,
        until: Timestamp,
    ) -> Result<Changes, HistoryError> {
        if self.basis == TimeBasis::Known {
            return Ok(Changes::default());
        }
        let ahead_s = (f64::from(self.speed.abs()) * 10.0).max(60.0) as i64;
        self.released
            .release(&self.history, &mut self.state, after, until, ahead_s)
    }
}

fn check_speed(speed: f32) -> Result<(), PlayError> {
    let (slowest, fastest) = SPEED_RANGE;
    if (slowest..=fastest).contains(&speed) {
        Ok(())
    } else {
        Err(PlayError::Speed(speed))
    }
}

fn rows_of(record: &Record) -> usize {
    use crate::record::Body;
    match &record.body {
        Body::Events(events) => events.len(),
        Body::Fixes(block) => block.len(),
        Body::Observations(observations, events) => observations.len() + events.len(),
    }
}
