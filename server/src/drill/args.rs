//! `chengtu-server drill …` on the command line.

use super::{
    DrillLog, Gazetteer, Ground, compared, parse_team, play, practised, read, write_report,
    write_report_to,
};
use crate::log::REPORT_FILE;
use crate::out::{OutArgs, Place, Written};
use crate::pack::Pack;
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

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
    /// Play a scenario with a scripted team, without people, and print the score
    Run(RunArgs),
    /// Make a drill's report again from its log
    Report(ReportArgs),
    /// Hold two teams' drills side by side
    Compare(CompareArgs),
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

/// A drill without people.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    /// Scenario file
    #[arg(value_name = "FILE")]
    pub scenario: PathBuf,
    /// City pack
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
    /// A team's script, or `auto` for a practised team
    #[arg(long, default_value = "auto", value_name = "FILE")]
    pub team: String,
    /// Folder for the drill's log and its report; without it neither is kept
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// A drill's folder and its city.
#[derive(Clone, Debug, clap::Args)]
pub struct ReportArgs {
    /// The page that is written, - for standard output; the drill's own report is made again unless given
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What to do with a file that is there
    #[command(flatten)]
    pub out_args: OutArgs,
    /// Folder of the drill, e.g. DATA/drills/3
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// City pack
    #[arg(long, value_name = "DIR")]
    pub city: PathBuf,
}

/// Two drills' folders.
#[derive(Clone, Debug, clap::Args)]
pub struct CompareArgs {
    /// Folder of the first drill
    #[arg(value_name = "A")]
    pub a: PathBuf,
    /// Folder of the second
    #[arg(value_name = "B")]
    pub b: PathBuf,
    /// The page that is written, - for standard output
    #[arg(long, default_value = "compare.html", value_name = "FILE")]
    pub out: PathBuf,
    /// What to do with a file that is there
    #[command(flatten)]
    pub out_args: OutArgs,
}

impl DrillArgs {
    /// Runs the chosen part and prints its result to standard output.
    ///
    /// # Errors
    /// What is wrong, in words for the person at the command line.
    pub fn run(self) -> anyhow::Result<()> {
        match self.part {
            DrillPart::Check(args) => args.run(),
            DrillPart::Run(args) => args.run(),
            DrillPart::Report(args) => args.run(),
            DrillPart::Compare(args) => args.run(),
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

impl RunArgs {
    fn run(&self) -> anyhow::Result<()> {
        let pack = Pack::open(&self.city)?;
        let ground = Ground::new(&pack);
        let scenario = read(&self.scenario, &ground.names)?;
        let mut team = if self.team == "auto" {
            practised(&ground.names)
        } else {
            let text = std::fs::read_to_string(&self.team)
                .with_context(|| format!("{}: cannot be read", self.team))?;
            parse_team(&text, &ground.names, &scenario).map_err(|problems| {
                let lines: Vec<String> = problems
                    .iter()
                    .map(|p| format!("{}:{p}", self.team))
                    .collect();
                anyhow::anyhow!(lines.join("\n"))
            })?
        };
        if let Some(dir) = &self.out {
            // The folder is the drill's own; nothing in it is replaced.
            std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
            Place::kept(&dir.join(REPORT_FILE), false)?;
        }
        let begun = std::time::Instant::now();
        let duration_s = scenario.duration_s;
        let played = play(&ground, scenario, &mut team, self.out.as_deref())?;
        let took = begun.elapsed().as_secs_f64();
        if let Some(dir) = &self.out {
            write_report(dir, number(dir), &played.entries, &ground)?;
            println!("{}", dir.join(REPORT_FILE).display());
        }
        for row in &played.score.rows {
            println!("{:>22?}  {:6.2} / {:.0}", row.criterion, row.points, row.of);
            for e in row.evidence.iter().filter(|e| e.points < 0.0) {
                println!("{:>22}  {:6.2}  {}", "", e.points, e.text);
            }
        }
        println!(
            "{}: {:.2} / 100 · {} entries · city {:016x} · {:.0}× real time",
            team.name,
            played.score.total,
            played.entries.len(),
            played.digest,
            f64::from(duration_s) / took.max(1e-9)
        );
        for (at, why) in &played.refused {
            println!("refused at {}: {why}", at.0 / 1_000_000);
        }
        Ok(())
    }
}

/// A drill's number, as its folder is called; 0 for any other name.
fn number(dir: &Path) -> u32 {
    let name = dir.file_name().and_then(|n| n.to_str());
    name.and_then(|n| n.parse().ok()).unwrap_or(0)
}

impl ReportArgs {
    fn run(&self) -> anyhow::Result<()> {
        let ground = Ground::new(&Pack::open(&self.city)?);
        let log = DrillLog::read(&self.dir)?;
        if !log.missing.is_empty() {
            eprintln!("{}: incomplete {}", self.dir.display(), log.missing);
        }
        let id = number(&self.dir);
        let Some(to) = &self.out else {
            write_report(&self.dir, id, &log.entries, &ground)?;
            println!("{}", self.dir.join(REPORT_FILE).display());
            return Ok(());
        };
        let place = Place::file(to, self.out_args.replace)?;
        write_report_to(&place, &self.dir, id, &log.entries, &ground)?;
        place.say(&place.name().display());
        Ok(())
    }
}

impl CompareArgs {
    fn run(&self) -> anyhow::Result<()> {
        let place = Place::file(&self.out, self.out_args.replace)?;
        let (a, b) = (DrillLog::read(&self.a)?, DrillLog::read(&self.b)?);
        let html = compared((number(&self.a), &a.entries), (number(&self.b), &b.entries))
            .context("one of the two holds no city to judge by")?;
        Written::whole(&place, |out| out.write_all(html.as_bytes()))?;
        place.say(&place.name().display());
        Ok(())
    }
}
