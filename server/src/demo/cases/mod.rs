//! Case arrivals: a real hotline's rhythm, put on the city's own streets.

mod generator;
mod rhythm;

#[cfg(test)]
mod tests;

pub use generator::{CaseGenerator, CaseOut};
pub use rhythm::{Reduced, Rhythm, RhythmError, hour_of_week, reduce};

use super::console::Console;
use crate::clock::{Clock, SystemClock};
use crate::feeds::RowKind;
use crate::play::{FeedClient, FeedError, ServerAddress};
use std::time::Duration;

/// Rows of one request.
const BATCH_ROWS: usize = 100;

fn ndjson(cases: &[CaseOut]) -> Vec<u8> {
    let mut out = Vec::new();
    for case in cases {
        if serde_json::to_writer(&mut out, case).is_ok() {
            out.push(b'\n');
        }
    }
    out
}

/// Fills the city up to `backlog` open cases, then reports cases as they come, for ever.
///
/// # Errors
/// [`FeedError::Refused`]. An absent server is waited for.
pub async fn run(
    mut generator: CaseGenerator,
    feed: &FeedClient,
    server: &ServerAddress,
    viewer_token: &str,
    backlog: usize,
) -> Result<(), FeedError> {
    if backlog > 0 {
        let open = open_cases(server, viewer_token).await;
        let missing = backlog.saturating_sub(open);
        for some in generator.backlog(missing).chunks(BATCH_ROWS) {
            post(feed, some).await?;
        }
        if missing > 0 {
            tracing::info!("{missing} cases taken over as backlog; {open} were open");
        }
    }
    while let Some((due, case)) = generator.next_case() {
        let wait_us = due.0 - SystemClock.now().0;
        if wait_us > 0 {
            tokio::time::sleep(Duration::from_micros(wait_us as u64)).await;
        }
        post(feed, &[case]).await?;
    }
    tracing::warn!("no street of the city has a name: no cases can be placed");
    Ok(())
}

async fn post(feed: &FeedClient, cases: &[CaseOut]) -> Result<(), FeedError> {
    let taken = feed.post_patiently(RowKind::Cases, ndjson(cases)).await?;
    if taken.rejected > 0 {
        tracing::warn!(
            "{} cases not taken: {}",
            taken.rejected,
            taken.problems.join("; ")
        );
    }
    Ok(())
}

/// How many cases are open now; waits for the server.
async fn open_cases(server: &ServerAddress, token: &str) -> usize {
    let mut backoff = super::link::Backoff::new(7);
    loop {
        match Console::open(server, token).await {
            Ok(console) => return console.open_cases(),
            Err(e) => tracing::debug!("cases: {e}"),
        }
        tokio::time::sleep(Duration::from_secs_f64(backoff.wait_s())).await;
    }
}
