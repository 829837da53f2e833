//! Playing: rows leave when they are due, in batches, through the public door.

use super::door::{Door, DoorError, Entry};
use super::kinds::KindShares;
use super::row::{Item, RecordedFix, RecordingError};
use super::rows::{RowOut, RowWriter};
use super::source::{BadRows, Recording};
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
    /// More bad rows than this, in a hundred, are not played.
    pub bad_percent_max: f64,
}

/// What was played.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// Rows that the server took.
    pub accepted: u64,
    /// Rows that it did not take.
    pub rejected: u64,
    /// Why not, some of them.
    pub problems: Vec<String>,
    /// Rows of the recording that could not be used.
    pub bad: BadRows,
    /// Passes begun.
    pub passes: u64,
}

/// Why playing ended.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The recording.
    #[error(transparent)]
    Recording(#[from] RecordingError),
    /// The server.
    #[error(transparent)]
    Door(#[from] DoorError),
}

/// Rows of one request.
const BATCH_ROWS_MAX: usize = 5_000;
/// Rows due within this go together.
const SLOT: Duration = Duration::from_millis(100);

/// Clock of this machine, microseconds since 1970. A player stands for the vehicles' own clocks.
pub fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// Plays a recording into a feed until it ends (or for ever, where it is repeated).
///
/// Times become the present: a fix that is due now is told as of now. At `speed` k vehicles do drive k times as
/// fast, and their speeds say so. Each pass of a repeated recording gives its vehicles other names from a small,
/// turning stock (`17`, `17#1`, `17#2` …): a vehicle ends where its recording ends and another one begins where the
/// next pass begins, so that nothing jumps across the city; and the stock being small, the server does not fill
/// with names.
///
/// # Errors
/// [`PlayError`] when the recording cannot be read or the server refuses. An absent server is waited for.
pub async fn play(
    recording: &Recording,
    door: &Door,
    kinds: &KindShares,
    pace: &Pace,
) -> Result<Played, PlayError> {
    let begin = Instant::now();
    if !pace.repeat {
        return pass(recording, door, kinds, pace, begin, 0).await;
    }
    let reader = recording.clone();
    let span = tokio::task::spawn_blocking(move || reader.span_us())
        .await
        .unwrap_or(Ok(None))?;
    let (from, to) = span.unwrap_or((0, 0));
    let whole_s = (to - from) as f64 / 1e6 + 1.0;
    let every_s = (whole_s - pace.overlap_s.max(0.0)).max(1.0);
    // One name more than passes that run at the same time: a name rests before it is used again.
    let names = (whole_s / every_s).ceil() as u64 + 1;
    let mut all = Played::default();
    let mut running = tokio::task::JoinSet::new();
    loop {
        let start = begin + Duration::from_secs_f64(every_s / pace.speed * all.passes as f64);
        let end = pace.seconds_max > 0.0 && (start - begin).as_secs_f64() >= pace.seconds_max;
        if end && running.is_empty() {
            return Ok(all);
        }
        tokio::select! {
            () = tokio::time::sleep_until(start.into()), if !end => {
                let (recording, door, kinds) = (recording.clone(), door.clone(), kinds.clone());
                let (left, generation) = (pace.clone(), all.passes % names);
                running.spawn(async move {
                    let mut pace = left;
                    pace.seconds_max = (pace.seconds_max - (start - begin).as_secs_f64()).max(0.0);
                    pass(&recording, &door, &kinds, &pace, start, generation).await
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

impl Played {
    fn add(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        if self.problems.is_empty() {
            self.problems = other.problems;
        }
        self.bad = other.bad;
    }
}

async fn pass(
    recording: &Recording,
    door: &Door,
    kinds: &KindShares,
    pace: &Pace,
    start: Instant,
    generation: u64,
) -> Result<Played, PlayError> {
    let mut played = Played {
        passes: 1,
        ..Played::default()
    };
    let (sender, mut items) = tokio::sync::mpsc::channel::<Vec<Item>>(16);
    let source = recording.items()?;
    // Reading may wait for a disk: it has a thread of its own, and stops when nobody listens.
    let reader = tokio::task::spawn_blocking(move || {
        let mut source = source.peekable();
        while source.peek().is_some() {
            let some: Vec<Item> = source.by_ref().take(512).collect();
            if sender.blocking_send(some).is_err() {
                break;
            }
        }
    });
    let start_us = now_us() - start.elapsed().as_micros() as i64;
    let suffix = if generation == 0 {
        String::new()
    } else {
        format!("#{generation}")
    };
    let mut first_us: Option<i64> = None;
    let mut slot_end = start;
    let mut writer = RowWriter::default();
    'reading: while let Some(some) = items.recv().await {
        for item in some {
            let path = recording.path();
            let Some(fix) = played.bad.take(item, path, pace.bad_percent_max)? else {
                continue;
            };
            let zero = *first_us.get_or_insert(fix.time_us);
            let after_s = ((fix.time_us - zero) as f64 / 1e6 / pace.speed).max(0.0);
            if pace.seconds_max > 0.0 && after_s > pace.seconds_max {
                break 'reading;
            }
            let due = start + Duration::from_secs_f64(after_s);
            if due >= slot_end || writer.rows() >= BATCH_ROWS_MAX {
                send(door, &mut writer, &mut played).await?;
                if due > Instant::now() {
                    tokio::time::sleep_until(due.into()).await;
                }
                slot_end = due + SLOT;
            }
            let time_us = start_us + (after_s * 1e6) as i64;
            push(&mut writer, &fix, &suffix, kinds, pace.speed, time_us);
        }
    }
    send(door, &mut writer, &mut played).await?;
    drop(items);
    if reader.await.is_err() {
        tracing::error!("the reader of {} broke off", recording.path().display());
    }
    if first_us.is_none() {
        return Err(PlayError::Recording(RecordingError::Empty {
            path: recording.path().to_owned(),
            bad: played.bad.count,
            first: played
                .bad
                .first
                .first()
                .or(played.bad.cut_off.as_ref())
                .cloned()
                .unwrap_or_else(|| "it has no rows".to_owned()),
        }));
    }
    Ok(played)
}

fn push(
    writer: &mut RowWriter,
    fix: &RecordedFix,
    suffix: &str,
    kinds: &KindShares,
    speed: f64,
    time_us: i64,
) {
    let key = format!("{}{suffix}", fix.key);
    writer.push(&RowOut {
        key: &key,
        lon: fix.lon,
        lat: fix.lat,
        bearing_deg: fix.bearing_deg,
        speed_mps: fix.speed_mps.map(|s| s * speed as f32),
        accuracy_m: fix.accuracy_m,
        kind: kinds.kind_of(fix),
        time_us,
    });
}

async fn send(door: &Door, writer: &mut RowWriter, played: &mut Played) -> Result<(), DoorError> {
    if writer.rows() == 0 {
        return Ok(());
    }
    let taken = door.post_patiently(Entry::Fixes, writer.take()).await?;
    played.accepted += taken.accepted;
    played.rejected += taken.rejected;
    if played.problems.is_empty() && !taken.problems.is_empty() {
        tracing::warn!("rows not taken: {}", taken.problems.join("; "));
        played.problems = taken.problems;
    }
    Ok(())
}
