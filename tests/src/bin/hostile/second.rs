//! What happened in each second.

use crate::Campaign;
use anyhow::Result;
use chengtu_tests::measure::{percentile, processor_s, resident_bytes};
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One second.
#[derive(Clone, Debug, Default)]
pub struct Second {
    /// How long the dispatcher's commands took, milliseconds.
    pub command_ms: Vec<u32>,
    /// Commands of the dispatcher that were refused.
    pub refused: u32,
    /// Requests of the honest feed that were taken, and those that were not.
    pub posts: (u32, u32),
    /// Messages that the walls heard.
    pub heard: u32,
    /// Memory of the server, bytes.
    pub memory_bytes: u64,
    /// Processor time of the server, seconds.
    pub processor_s: f64,
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

    pub fn commanded(&self, took: Duration) {
        self.now(|s| s.command_ms.push(took.as_millis() as u32));
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

    pub fn heard(&self) {
        self.now(|s| s.heard += 1);
    }

    /// All of them.
    pub fn all(&self) -> Vec<Second> {
        self.lock().clone()
    }
}

/// Lets so many seconds pass and notes what the server took meanwhile.
pub async fn watch(campaign: &Campaign, pid: u32, seconds: u64) -> Result<()> {
    let began = Instant::now();
    let mut spent = processor_s(pid)?;
    for n in 1..=seconds {
        campaign.seconds.lock().push(Second::default());
        let next = began + Duration::from_secs(n);
        tokio::time::sleep_until(next.into()).await;
        let memory_bytes = resident_bytes(pid)?;
        let now = processor_s(pid)?;
        campaign.seconds.now(|s| {
            s.memory_bytes = memory_bytes;
            s.processor_s = now - spent;
        });
        spent = now;
        if n.is_multiple_of(10) {
            let all = campaign.seconds.all();
            let mut ms: Vec<u32> = all
                .iter()
                .rev()
                .take(10)
                .flat_map(|s| s.command_ms.clone())
                .collect();
            println!(
                "{n} s: p99 {} ms of {} commands, {} MB",
                percentile(&mut ms, 0.99),
                ms.len(),
                memory_bytes / 1_000_000
            );
        }
    }
    Ok(())
}

/// The seconds as CSV.
pub fn table(seconds: &[Second]) -> String {
    let mut text = String::from(
        "second,commands,p50_ms,p99_ms,longest_ms,refused,posts_taken,posts_refused,heard,memory_mb,processors\n",
    );
    for (n, s) in seconds.iter().enumerate() {
        let mut ms = s.command_ms.clone();
        let at = |ms: &mut Vec<u32>, p| percentile(ms, p);
        let (p50, p99, most) = (at(&mut ms, 0.5), at(&mut ms, 0.99), at(&mut ms, 1.0));
        // A string takes what is written to it.
        let _ = writeln!(
            text,
            "{},{},{p50},{p99},{most},{},{},{},{},{},{:.2}",
            n + 1,
            ms.len(),
            s.refused,
            s.posts.0,
            s.posts.1,
            s.heard,
            s.memory_bytes / 1_000_000,
            s.processor_s
        );
    }
    text
}
