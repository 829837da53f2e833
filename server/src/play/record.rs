use super::{KindShares, RecordingError, TableArgs, Timeline, report_bad};
use crate::feeds::formats::compact;
use crate::out::{OutArgs, Place};
use chengtu_engine::geo::LonLat;
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
        // A compact recording holds degrees: metres of a plane would be places that nobody was at.
        if let Some(metres) = recording.in_metres()? {
            return Err(metres.into());
        }
        let timeline = Timeline::of(&recording, self.bad_max)?;
        let mut bad = timeline.bad.clone();
        let mut fixes = Vec::new();
        for mut fix in timeline.fixes()? {
            if let Err(why) = LonLat::new(fix.lon, fix.lat).position() {
                bad.count_elsewhere(&fix.key, &why.to_string());
                continue;
            }
            fix.kind = Some(kinds.kind_of(&fix));
            fixes.push(fix);
        }
        if fixes.is_empty() {
            return Err(bad.nothing(recording.path()).into());
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
        report_bad(&bad, |words| place.say(words));
        Ok(())
    }
}
