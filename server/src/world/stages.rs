//! How long each part of a tick takes, for whoever looks for what makes it long.

use std::time::{Duration, Instant};

/// A tick of so long is told with its parts, to whoever has asked for that much detail.
const LONG: Duration = Duration::from_millis(200);

/// The parts of one tick: `chengtu_tick_stage_seconds{stage}`.
#[derive(Debug)]
pub(super) struct Stages {
    since: Instant,
    ended: Vec<(&'static str, Duration)>,
}

impl Stages {
    /// The first begins.
    pub fn begin() -> Self {
        Self {
            since: Instant::now(),
            ended: Vec::with_capacity(12),
        }
    }

    /// A part has ended, and the next begins.
    pub fn ended(&mut self, stage: &'static str) {
        let now = Instant::now();
        let took = now - core::mem::replace(&mut self.since, now);
        metrics::histogram!("chengtu_tick_stage_seconds", "stage" => stage).record(took);
        self.ended.push((stage, took));
    }
}

impl Drop for Stages {
    fn drop(&mut self) {
        let all: Duration = self.ended.iter().map(|(_, took)| *took).sum();
        if all >= LONG {
            tracing::debug!(?all, parts = ?self.ended, "a long tick");
        }
    }
}
