//! How long each part of a tick takes, for whoever looks for what makes it long.

use std::time::Instant;

/// The parts of one tick: `chengtu_tick_stage_seconds{stage}`.
#[derive(Debug)]
pub(super) struct Stages(Instant);

impl Stages {
    /// The first begins.
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// A part has ended, and the next begins.
    pub fn ended(&mut self, stage: &'static str) {
        let now = Instant::now();
        let took = now - core::mem::replace(&mut self.0, now);
        metrics::histogram!("chengtu_tick_stage_seconds", "stage" => stage).record(took);
    }
}
