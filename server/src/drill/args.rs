//! `chengtu-server drill …` on the command line.

use super::{Gazetteer, read};
use crate::pack::Pack;
use anyhow::bail;
use std::path::PathBuf;

/// Drills: check a scenario, run one without people, make and compare reports.
#[derive(Clone, Debug, clap::Args)]
pub struct DrillArgs {
    /// What to do
    #[command(subcommand)]
    pub part: DrillPart,
}

/// What can be done with drills on the command line.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum DrillPart {
    /// Read a scenario and say everything that is wrong with it, with lines
    Check(CheckArgs),
}

/// A scenario and its city.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {
    /// Scenario file
    #[arg(value_name = "FILE")]
    pub scenario: PathBuf,
    /// City pack
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
}

impl DrillArgs {
    /// Does it.
    ///
    /// # Errors
    /// What is wrong, in words for whoever typed it.
    pub fn run(self) -> anyhow::Result<()> {
        match self.part {
            DrillPart::Check(args) => args.run(),
        }
    }
}

impl CheckArgs {
    fn run(&self) -> anyhow::Result<()> {
        let city = Gazetteer::new(&Pack::open(&self.city)?);
        let s = read(&self.scenario, &city)?;
        let off = s.injects.iter().filter(|i| i.at_s.is_none()).count();
        if s.injects.is_empty() {
            bail!(
                "{}: no [[injects]]: nothing would happen",
                self.scenario.display()
            );
        }
        println!(
            "{} · {}: {} min, {} injects ({off} off the time line), {} goals, {} areas: good",
            s.title,
            s.title_en,
            s.duration_s / 60,
            s.injects.len(),
            s.goals.len(),
            s.areas.len()
        );
        Ok(())
    }
}
