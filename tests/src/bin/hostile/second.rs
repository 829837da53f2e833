//! What happened in each second.

use crate::Campaign;
use crate::holds::Took;
use anyhow::Result;
use chengtu_tests::measure::{Spent, percentile, resident_bytes, threads};
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One second.
#[derive(Clone, Debug, Default)]
pub struct Second {
    /// How long the dispatcher's commands took, milliseconds; those during which the log was held apart.
    pub command_ms: Vec<u32>,
    pub held_ms: Vec<u32>,
    /// The log was held by somebody's shell when it ended.
    pub held: bool,
    /// Commands of the dispatcher that were refused.
    pub refused: u32,
    /// Requests of the honest feed that were taken, and those that were not.
    pub posts: (u32, u32),
    /// Frames that the walls heard, and how old the oldest of them was, milliseconds.
    pub frames: u32,
    pub late_ms: u32,
    /// How long those took who came: connection, greeting and first picture, milliseconds.
    pub came_ms: Vec<u32>,
    /// Memory of the server, bytes.
    pub memory_bytes: u64,
    /// Processor time of the server, seconds.
    pub processor_s: f64,
    /// What the thread that owns the city has run, and waited for a processor.
    pub city: Spent,
}

/// The name of the thread that owns the city.
const CITY: &str = "world";

/// What all threads of a process have spent, and the city's alone.
fn spent(pid: u32) -> Result<(f64, Spent)> {
    let all = threads(pid)?;
    let city = all.get(CITY).copied().unwrap_or_default();
    Ok((all.values().map(|s| s.ran_s).sum(), city))
}

/// All seconds, the one that runs last.
#[derive(Debug, Default)]
pub struct Seconds(Mutex<Vec<Second>>);

impl Seconds {
    fn lock(&self) -> MutexGuard<'_, Vec<Second>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self, note: impl FnOnce(&mut Second)) {
        if let Some(second) = self.lock().last_mut() {
            note(second);
        }
    }

    pub fn commanded(&self, took: Took) {
        let ms = took.time.as_millis() as u32;
        self.now(|s| {
            if took.held {
                s.held_ms.push(ms);
            } else {
                s.command_ms.push(ms);
            }
        });
    }

    pub fn refused(&self) {
        self.now(|s| s.refused += 1);
    }

    pub fn posted(&self, taken: bool) {
        self.now(|s| {
            s.posts.0 += u32::from(taken);
            s.posts.1 += u32::from(!taken);
        });
    }

    pub fn heard(&self, late_ms: u32) {
        self.now(|s| {
            s.frames += 1;
            s.late_ms = s.late_ms.max(late_ms);
        });
    }

    pub fn came(&self, took: Duration) {
        self.now(|s| s.came_ms.push(took.as_millis() as u32));
    }

    /// All of them.
    pub fn all(&self) -> Vec<Second> {
        self.lock().clone()
    }
}

/// Lets so many seconds pass and notes what the server took meanwhile.
pub async fn watch(campaign: &Campaign, pid: u32, seconds: u64) -> Result<()> {
    let began = Instant::now();
    let mut before = spent(pid)?;
    for n in 1..=seconds {
        campaign.seconds.lock().push(Second::default());
        let next = began + Duration::from_secs(n);
        tokio::time::sleep_until(next.into()).await;
        let memory_bytes = resident_bytes(pid)?;
        let now = spent(pid)?;
        let held = campaign.holds.now();
        campaign.seconds.now(|s| {
            s.memory_bytes = memory_bytes;
            // A thread that has ended takes its time away.
            s.processor_s = (now.0 - before.0).max(0.0);
            s.city = Spent {
                ran_s: now.1.ran_s - before.1.ran_s,
                waited_s: now.1.waited_s - before.1.waited_s,
            };
            s.held = held;
        });
        before = now;
        if n.is_multiple_of(10) {
            tell(&campaign.seconds.all(), n, memory_bytes);
        }
    }
    Ok(())
}

/// The last ten seconds in words.
fn tell(all: &[Second], n: u64, memory_bytes: u64) {
    let last = &all[all.len().saturating_sub(10)..];
    let mut ms: Vec<u32> = last.iter().flat_map(|s| s.command_ms.clone()).collect();
    println!(
        "{n} s: p50 {} p99 {} ms of {} commands, frames {} at most {} ms old, {} MB, {:.1} s of processors, its city {:.1} s and waited {:.1} s for one",
        percentile(&mut ms, 0.5),
        percentile(&mut ms, 0.99),
        ms.len(),
        last.iter().map(|s| s.frames).sum::<u32>(),
        last.iter().map(|s| s.late_ms).max().unwrap_or(0),
        memory_bytes / 1_000_000,
        last.iter().map(|s| s.processor_s).sum::<f64>(),
        last.iter().map(|s| s.city.ran_s).sum::<f64>(),
        last.iter().map(|s| s.city.waited_s).sum::<f64>(),
    );
}

/// The seconds as CSV.
pub fn table(seconds: &[Second]) -> String {
    let mut text = String::from(
        "second,commands,p50_ms,p99_ms,longest_ms,log_held,longest_while_held_ms,refused,posts_taken,posts_refused,\
         frames,oldest_frame_ms,longest_coming_ms,memory_mb,processors,city_ran_s,city_waited_s\n",
    );
    for (n, s) in seconds.iter().enumerate() {
        let mut ms = s.command_ms.clone();
        let at = |ms: &mut Vec<u32>, p| percentile(ms, p);
        let (p50, p99, most) = (at(&mut ms, 0.5), at(&mut ms, 0.99), at(&mut ms, 1.0));
        let held_ms = s.held_ms.iter().max().unwrap_or(&0);
        let came_ms = s.came_ms.iter().max().unwrap_or(&0);
        // A string takes what is written to it.
        let _ = writeln!(
            text,
            "{},{},{p50},{p99},{most},{},{held_ms},{},{},{},{},{},{came_ms},{},{:.2},{:.3},{:.3}",
            n + 1,
            ms.len(),
            u8::from(s.held),
            s.refused,
            s.posts.0,
            s.posts.1,
            s.frames,
            s.late_ms,
            s.memory_bytes / 1_000_000,
            s.processor_s,
            s.city.ran_s,
            s.city.waited_s
        );
    }
    text
}
