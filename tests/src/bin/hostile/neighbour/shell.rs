//! An administrator's shell on the log that is being written: it reads for long, and now and then holds the lock.

use super::{Chosen, again};
use crate::Campaign;
use anyhow::Result;
use rusqlite::Connection;
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::JoinHandle;

const DEED: &str = "a shell on the log";
/// How long it reads in one transaction, with the log's old pages kept for it.
const READS: Duration = Duration::from_secs(27);
/// How long it then holds the lock. Nothing that anybody commands can be kept meanwhile.
const HOLDS: Duration = Duration::from_secs(3);

pub fn begin(campaign: &Chosen<'_>) -> JoinHandle<()> {
    again(
        campaign,
        DEED,
        Duration::from_millis(10),
        |c, _| async move { tokio::task::spawn_blocking(move || shell(&c)).await? },
    )
}

/// The files of all days that there are: today's, and tomorrow's where it has been made.
fn days(campaign: &Campaign) -> Result<Vec<PathBuf>> {
    let mut days = Vec::new();
    for entry in std::fs::read_dir(&campaign.data)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "sqlite") {
            days.push(path);
        }
    }
    Ok(days)
}

fn shell(campaign: &Campaign) -> Result<()> {
    let wait = |time: Duration| {
        let until = std::time::Instant::now() + time;
        while campaign.goes_on() && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    let days: Vec<Connection> = days(campaign)?
        .into_iter()
        .map(Connection::open)
        .collect::<Result<_, _>>()?;
    for day in &days {
        day.busy_timeout(Duration::from_secs(20))?;
        day.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")?;
    }
    wait(READS);
    for day in &days {
        day.execute_batch("COMMIT")?;
    }
    if !campaign.goes_on() {
        return Ok(());
    }
    for day in &days {
        day.execute_batch("BEGIN IMMEDIATE")?;
    }
    campaign.holds.begin();
    wait(HOLDS);
    for day in &days {
        day.execute_batch("ROLLBACK")?;
    }
    campaign.holds.end();
    campaign.deeds.note(DEED, "held");
    Ok(())
}
