//! Playing: rows leave when they are due, in batches, as any feed's would.

use super::{
    BadRows, FeedClient, FeedError, KindShares, RecordingError, RowOut, RowWriter, Timeline,
};
use crate::clock::{Clock, SystemClock};
use crate::feeds::RowKind;
use crate::feeds::formats::RecordedFix;
use crate::reasons::Reasons;
use std::time::{Duration, Instant};

/// How a recording is played.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Seconds of the recording in a second.
    pub speed: f64,
    /// Begins again when it has ended.
    pub repeat: bool,
    /// Each pass begins so many seconds of the recording before the one before it ends.
    pub overlap_s: f64,
    /// Ends after so many seconds, wherever it is; 0 never.
    pub seconds_max: f64,
}

/// What was played.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// Rows that the server took.
    pub accepted: u64,
    /// Of those the ones outside the city.
    pub outside: u64,
    /// Rows that it did not take.
    pub rejected: u64,
    /// Why not, some of them.
    pub problems: Vec<String>,
    /// Why not, with counts.
    pub refused: Reasons,
    /// Rows of the recording that could not be used.
    pub bad: BadRows,
    /// Passes of the recording that were begun.
    pub passes: u64,
}

/// Why playing ended.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The recording cannot be read.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The server refuses.
    #[error(transparent)]
    FeedClient(#[from] FeedError),
}

/// Rows of one request.
const BATCH_ROWS_MAX: usize = 5_000;
/// Rows due within this go together.
const SLOT: Duration = Duration::from_millis(100);

/// Plays a recording into a feed until it ends (or for ever, where it is repeated), in the order of its times.
///
/// Times become the present: a fix that is due now is sent with the present time. At `speed` k vehicles do drive k
/// times as fast, and their reported speeds say so. Each pass of a repeated recording gives its vehicles other names
/// from a small, rotating stock (`17`, `17#1`, `17#2` …): a vehicle ends where its recording ends and another one
/// begins where the next pass begins, so that nothing jumps across the city; and as the stock is small, the server does
/// not fill with names.
///
/// # Errors
/// [`PlayError`] when the recording cannot be read or the server refuses. An absent server is waited for.
pub async fn play(
    timeline: &Timeline,
    feed: &FeedClient,
    kinds: &KindShares,
    pace: &Pace,
) -> Result<Played, PlayError> {
    let begin = Instant::now();
    let Some((from, to)) = timeline.span else {
        let path = timeline.recording().path();
        return Err(timeline.bad.nothing(path).into());
    };
    if !pace.repeat {
        return Pass::new(timeline, feed, kinds, pace, begin, 0)
            .play()
            .await;
    }
    let whole_s = to.saturating_sub(from) as f64 / 1e6 + 1.0;
    let every_s = (whole_s - pace.overlap_s.max(0.0)).max(1.0);
    // One name more than passes that run at the same time: a name rests before it is used again.
    let names = (whole_s / every_s).ceil() as u64 + 1;
    let mut all = Played::default();
    let mut running = tokio::task::JoinSet::new();
    loop {
        let start = after(begin, every_s / pace.speed * all.passes as f64);
        let end = pace.seconds_max > 0.0 && (start - begin).as_secs_f64() >= pace.seconds_max;
        if end && running.is_empty() {
            return Ok(all);
        }
        tokio::select! {
            () = tokio::time::sleep_until(start.into()), if !end => {
                let (timeline, feed, kinds) = (timeline.clone(), feed.clone(), kinds.clone());
                let (mut pace, generation) = (pace.clone(), all.passes % names);
                running.spawn(async move {
                    pace.seconds_max = (pace.seconds_max - (start - begin).as_secs_f64()).max(0.0);
                    Pass::new(&timeline, &feed, &kinds, &pace, start, generation).play().await
                });
                all.passes += 1;
            }
            Some(ended) = running.join_next() => {
                match ended {
                    Ok(played) => all.add(played?),
                    Err(e) => tracing::error!("a pass of the recording broke off: {e}"),
                }
            }
        }
    }
}

/// Nothing is waited for longer, seconds: 31 years.
const FAR_S: f64 = 1e9;

/// So many seconds later, however far a recording's times lie apart.
fn after(start: Instant, seconds: f64) -> Instant {
    let seconds = if seconds.is_nan() { 0.0 } else { seconds };
    start + Duration::from_secs_f64(seconds.clamp(0.0, FAR_S))
}

impl Played {
    fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.outside += other.outside;
        self.rejected += other.rejected;
        if self.problems.is_empty() {
            self.problems = other.problems;
        }
        self.refused.append(&other.refused);
        self.bad = other.bad;
    }
}

/// One pass of a recording, from its first row to its last.
struct Pass<'a> {
    timeline: &'a Timeline,
    feed: &'a FeedClient,
    kinds: &'a KindShares,
    pace: &'a Pace,
    start: Instant,
    /// The clock's time at the start, microseconds since 1970.
    start_us: i64,
    /// What is added to every name.
    suffix: String,
    writer: RowWriter,
    played: Played,
}

impl<'a> Pass<'a> {
    fn new(
        timeline: &'a Timeline,
        feed: &'a FeedClient,
        kinds: &'a KindShares,
        pace: &'a Pace,
        start: Instant,
        generation: u64,
    ) -> Self {
        let suffix = match generation {
            0 => String::new(),
            n => format!("#{n}"),
        };
        Self {
            timeline,
            feed,
            kinds,
            pace,
            start,
            start_us: SystemClock.now().0 - start.elapsed().as_micros() as i64,
            suffix,
            writer: RowWriter::default(),
            played: Played {
                passes: 1,
                bad: timeline.bad.clone(),
                ..Played::default()
            },
        }
    }

    async fn play(mut self) -> Result<Played, PlayError> {
        let (sender, mut fixes) = tokio::sync::mpsc::channel::<Vec<RecordedFix>>(16);
        let source = self.timeline.fixes()?;
        // Reading may wait for a disk: it has a thread of its own, and stops when nobody listens.
        let reader = tokio::task::spawn_blocking(move || {
            let mut source = source.peekable();
            while source.peek().is_some() {
                let some: Vec<RecordedFix> = source.by_ref().take(512).collect();
                if sender.blocking_send(some).is_err() {
                    break;
                }
            }
        });
        let zero = self.timeline.span.map_or(0, |(from, _)| from);
        let mut slot_end = self.start;
        'reading: while let Some(some) = fixes.recv().await {
            for fix in some {
                let passed_s = fix.time_us.saturating_sub(zero) as f64 / 1e6;
                let after_s = (passed_s / self.pace.speed).clamp(0.0, FAR_S);
                if self.pace.seconds_max > 0.0 && after_s > self.pace.seconds_max {
                    break 'reading;
                }
                let due = after(self.start, after_s);
                if due >= slot_end || self.writer.rows() >= BATCH_ROWS_MAX {
                    self.send().await?;
                    if due > Instant::now() {
                        tokio::time::sleep_until(due.into()).await;
                    }
                    slot_end = due + SLOT;
                }
                self.push(&fix, self.start_us + (after_s * 1e6) as i64);
            }
        }
        self.send().await?;
        drop(fixes);
        if reader.await.is_err() {
            let path = self.timeline.recording().path().display();
            tracing::error!("the reader of {path} broke off");
        }
        Ok(self.played)
    }

    fn push(&mut self, fix: &RecordedFix, time_us: i64) {
        let key = format!("{}{}", fix.key, self.suffix);
        self.writer.push(&RowOut {
            key: &key,
            lon: fix.lon,
            lat: fix.lat,
            bearing_deg: fix.bearing_deg,
            speed_mps: fix.speed_mps.map(|s| s * self.pace.speed as f32),
            accuracy_m: fix.accuracy_m,
            kind: self.kinds.kind_of(fix),
            time_us,
        });
    }

    async fn send(&mut self) -> Result<(), PlayError> {
        if self.writer.rows() == 0 {
            return Ok(());
        }
        let rows = self.writer.take();
        let taken = self.feed.post_patiently(RowKind::Fixes, rows).await?;
        self.played.accepted += taken.accepted;
        self.played.outside += taken.outside;
        self.played.rejected += taken.rejected;
        self.played.refused.append(&taken.reasons);
        if self.played.problems.is_empty() && !taken.problems.is_empty() {
            tracing::warn!("rows not taken: {}", taken.problems.join("; "));
            self.played.problems = taken.problems;
        }
        if self.played.accepted == 0
            && taken.rejected > 0
            && let Some(metres) = self.timeline.recording().in_metres()?
        {
            return Err(metres.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_at_the_ends_of_what_can_be_told_are_waited_for_and_do_not_panic() {
        let now = Instant::now();
        for seconds in [f64::INFINITY, f64::MAX, 1e300] {
            assert_eq!(after(now, seconds), after(now, FAR_S));
        }
        for seconds in [-1.0, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(after(now, seconds), now);
        }
    }
}
