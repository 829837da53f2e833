use super::cases;
use super::sensors;
use crate::out::{OutArgs, Place, Written};
use anyhow::Context;
use std::path::PathBuf;

/// Reduces real records to the small tables that the demo's cases and air follow.
#[derive(Clone, Debug, clap::Args)]
pub struct RhythmArgs {
    /// Hotline records (CSV with opened_at, category; .gz or not), or air measurements (datetime, pm25)
    pub file: PathBuf,
    /// What the file holds
    #[arg(long, default_value = "cases", value_parser = ["cases", "air"])]
    pub kind: String,
    /// Where the records come from and their licence; kept at the head of the table
    #[arg(long, default_value = "")]
    pub source: String,
    /// The table; - for standard output
    #[arg(long, value_name = "FILE.csv")]
    pub out: PathBuf,
    /// What to do with a file that is there
    #[command(flatten)]
    pub out_args: OutArgs,
}

impl RhythmArgs {
    /// Reads all of it and writes the table.
    ///
    /// # Errors
    /// What cannot be read or written.
    pub fn run(self) -> anyhow::Result<()> {
        let place = Place::file(&self.out, self.out_args.replace)?.apart_from([&*self.file])?;
        let shown = self.file.display().to_string();
        let input = crate::lines::open(&self.file).with_context(|| shown.clone())?;
        let (text, said) = if self.kind == "air" {
            let (curves, used) = sensors::reduce(&self.file, input)?;
            let remarks = format!(
                "Mean and standard deviation of PM2.5 (ug/m3) by month and hour, from {used} hourly measurements.\n{}",
                self.source
            );
            (curves.to_csv(&remarks), format!("{used} measurements"))
        } else {
            let r = cases::reduce(&self.file, input)?;
            let remarks = format!(
                "Mean cases an hour by hour of the week (0 = Monday 00-01 local) and class, {} to {}, {} records.\n\
                 Categories are mapped to the nearest classes of case_classes.csv; see README.md beside this file.\n{}",
                r.days.0, r.days.1, r.used, self.source
            );
            for (category, count) in &r.unknown {
                place.say(&format_args!(
                    "no class for {count} records of category {category:?}"
                ));
            }
            (r.rhythm.to_csv(&remarks), format!("{} records", r.used))
        };
        Written::whole(&place, |out| out.write_all(text.as_bytes()))?;
        let name = place.name();
        place.say(&format_args!(
            "{}: {said}, {} bytes",
            name.display(),
            text.len()
        ));
        Ok(())
    }
}
