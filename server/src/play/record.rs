use super::{BadRows, KindShares, RecordingError, TableArgs, report_bad};
use crate::feeds::formats::compact;
use crate::out::{OutArgs, Place};
use std::path::PathBuf;

/// Turns a recording into the compact format.
#[derive(Clone, Debug, clap::Args)]
pub struct RecordArgs {
    /// Recording: SUMO .fcd.xml, .csv, .ndjson (each also with .gz), or a compact .ctr
    pub file: PathBuf,
    /// Where to; - for standard output
    #[arg(long, value_name = "FILE.ctr")]
    pub out: PathBuf,
    /// What to do with a file that is there
    #[command(flatten)]
    pub out_args: OutArgs,
    /// Where it comes from, its licence, and what was done to it; kept in the file
    #[arg(long, default_value = "")]
    pub provenance: String,
    /// Kinds of vehicles that do not say what they are, in parts of a hundred by a hash of their key
    #[arg(long, default_value = "", value_name = "KIND=SHARE,…")]
    pub kinds: String,
    /// Give up when more rows than this, in a hundred, are bad
    #[arg(long, default_value_t = 20.0, value_name = "PERCENT")]
    pub bad_max: f64,
    /// How columns, times and speeds are meant.
    #[command(flatten)]
    pub table: TableArgs,
}

impl RecordArgs {
    /// Reads all of it and writes the compact file.
    ///
    /// # Errors
    /// What cannot be read or written.
    pub fn run(self) -> anyhow::Result<()> {
        let place = Place::file(&self.out, self.out_args.replace)?.apart_from([&*self.file])?;
        let kinds = KindShares::parse(&self.kinds)?;
        let recording = self.table.recording(&self.file)?;
        if let Some(told) = recording.in_metres()? {
            place.say(&told);
        }
        let mut bad = BadRows::default();
        let mut fixes = Vec::new();
        for item in recording.items()? {
            if let Some(mut fix) = bad.take(item, recording.path(), self.bad_max)? {
                fix.kind = Some(kinds.kind_of(&fix));
                fixes.push(fix);
            }
        }
        let head = compact::write(&place, &self.provenance, &mut fixes);
        let head = head.map_err(RecordingError::from)?;
        let bytes =
            std::fs::metadata(&self.out).map_or(String::new(), |m| format!(", {} bytes", m.len()));
        place.say(&format_args!(
            "{}: {} vehicles, {} positions, {:.0} s{bytes}",
            self.out.display(),
            head.vehicles,
            head.fixes,
            head.duration_us as f64 / 1e6,
        ));
        report_bad(&bad);
        Ok(())
    }
}
