//! Commands about the time of a log: what a person says of the machine's clock, and a log whose time ran ahead.

use super::keep::store_at;
use crate::clock::{Clock, SystemClock};
use crate::log::mend::{Leap, Mended, find_leap, mend};
use crate::log::{Describer, EmbeddedOptions};
use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::city::Calendar;
use chengtu_engine::time::Timestamp;
use std::fmt::Write;
use std::path::PathBuf;

/// Say to the server of a data directory that this machine's clock is right.
///
/// A server whose machine's clock was set by more than `clock.step_max_s` goes on with the city's own time until the clock
/// shows it again, or until this is said. It is heard within a second, and only while the clock still shows this time.
#[derive(Clone, Debug, clap::Args)]
pub struct ClockArgs {
    /// Where the log is kept.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The clock is right: the city's time is to follow it.
    #[arg(long)]
    pub confirm: bool,
}

impl ClockArgs {
    /// Prints what the clock shows, and confirms it where that is asked for.
    ///
    /// # Errors
    /// Where there is no log, or the directory cannot be written.
    pub fn run(self) -> Result<()> {
        self.run_at(SystemClock.now())
    }

    /// As [`Self::run`] where the clock shows `now`.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_at(self, now: Timestamp) -> Result<()> {
        let store = store_at(&self.data)?;
        let history = store.log_history()?;
        let mut describer = Describer::default();
        describer.set_offset_s(history.offset_s().unwrap_or(0));
        println!("this machine's clock shows {}", describer.time(now));
        if let Some((_, last)) = chengtu_engine::replay::History::span(&history)? {
            println!(
                "the log's last record was known at {}",
                describer.time(last)
            );
        }
        if self.confirm {
            store.confirm_clock(now)?;
            println!("confirmed; a running server follows within a second");
        }
        Ok(())
    }
}

/// Copy a log whose time ran ahead, with its times put right; no server may be using it.
///
/// The log itself stays as it is. The copy is another log: it has an epoch and a chain of its own.
#[derive(Clone, Debug, clap::Args)]
pub struct MendTimeArgs {
    /// The log whose time ran ahead.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Where the copy goes; a directory that is not there yet.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The first record with a false time; without it, the last leap that is as long as the log's end lies ahead of now.
    #[arg(long, value_name = "N")]
    pub at: Option<u64>,
    /// By how many seconds the times are false; without it, the length of the leap.
    #[arg(long, value_name = "SECONDS")]
    pub by: Option<u32>,
    /// Only say what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

impl MendTimeArgs {
    /// Copies and says what was done.
    ///
    /// # Errors
    /// In words: no log, nothing ahead, the copy's directory is there, or anything that cannot be read or written.
    pub fn run(self) -> Result<()> {
        print!("{}", self.run_at(SystemClock.now())?);
        Ok(())
    }

    /// As [`Self::run`] where it is `now`; gives what is to be said.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_at(&self, now: Timestamp) -> Result<String> {
        let store = store_at(&self.data)?;
        let held = store.lock()?;
        ensure!(
            !self.out.exists(),
            "{}: is there already; name a directory that is not",
            self.out.display()
        );
        let found = store.verify()?;
        if !found.findings.is_empty() {
            bail!(
                "{}: the log is damaged, see `chengtu-server verify`; repair it first",
                self.data.display()
            );
        }
        let calendar = store.log_history()?.calendar();
        let mut describer = Describer::default();
        let offset_s = calendar.as_ref().map_or(0, |c| c.offset_s(now));
        describer.set_offset_s(offset_s);
        let leap = find_leap(
            &store,
            now,
            self.at,
            self.by.map(|s| i64::from(s) * 1_000_000),
        )?;
        let mut out = told(&leap, &describer);
        if self.dry_run {
            return Ok(out);
        }
        let done = self.copy(&store, calendar, leap)?;
        drop(held);
        let _ = writeln!(
            out,
            "{} records copied, {} of them put back; {} deadlines reckoned anew, {} expiries of the false time left out; \
             the last record is of {}",
            done.records,
            done.moved,
            done.deadlines,
            done.undone,
            describer.time(done.end)
        );
        if let Some(anchor) = found.anchor() {
            let _ = writeln!(out, "the log that it was made of ends at {anchor}");
        }
        let note = self.out.join("mended.txt");
        std::fs::write(&note, &out).with_context(|| note.display().to_string())?;
        Ok(out)
    }

    /// Whole or not at all: written aside and moved into its place.
    fn copy(
        &self,
        store: &crate::log::EmbeddedStore,
        calendar: Option<Calendar>,
        leap: Leap,
    ) -> Result<Mended> {
        let parent = match self.out.parent() {
            Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
            _ => PathBuf::from("."),
        };
        std::fs::create_dir_all(&parent).with_context(|| parent.display().to_string())?;
        let aside = tempfile::Builder::new()
            .prefix(".mend-")
            .suffix(".tmp")
            .tempdir_in(&parent)?;
        let options = EmbeddedOptions {
            calendar: calendar.unwrap_or_default(),
            ..EmbeddedOptions::default()
        };
        let log = aside.path().join("log");
        let done = mend(store, &log, options, leap)?;
        std::fs::rename(&log, &self.out).with_context(|| self.out.display().to_string())?;
        Ok(done)
    }
}

fn told(leap: &Leap, describer: &Describer) -> String {
    format!(
        "the log's time leapt at record {}: from {} to {}; times from there on are put back by {:.1} s\n",
        leap.seq,
        describer.time(leap.before),
        describer.time(leap.after),
        leap.by_us as f64 / 1e6
    )
}
