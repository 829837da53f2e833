use super::keep::store_at;
use crate::log::Describer;
use crate::plain;
use crate::times::TimeReader;
use anyhow::Result;
use chengtu_engine::ids::CaseId;
use chengtu_engine::record::{Body, Record};
use chengtu_engine::time::Timestamp;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Print what a log says, in words; also while a server writes it.
#[derive(Clone, Debug, clap::Args)]
pub struct LogArgs {
    /// Where the log is kept.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Only what concerns this case, the units sent to it included.
    #[arg(long, value_name = "N")]
    pub case: Option<u64>,
    /// From this moment on: RFC 3339, or the city's own time like "2026-11-22 02:13:07".
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Up to this moment.
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Whole records as JSON, one a line, instead of words.
    #[arg(long)]
    pub json: bool,
    /// Records of positions as well; they are most of a log.
    #[arg(long)]
    pub fixes: bool,
}

/// A moment as a person writes it. Without a zone it is the city's own time.
pub(super) fn moment(text: &str, offset_s: i32) -> Result<Timestamp> {
    let read = TimeReader::of_moments_at(offset_s).read(text);
    read.map(Timestamp).map_err(anyhow::Error::msg)
}

impl LogArgs {
    /// Prints to standard output.
    ///
    /// # Errors
    /// In words: a directory without a log, a time that is none, a damaged record.
    pub fn run(self) -> Result<()> {
        let out = std::io::stdout().lock();
        match self.print(&mut std::io::BufWriter::new(out)) {
            // The reader has closed the pipe after the lines that it wanted.
            Err(e) if e.downcast_ref().is_some_and(is_broken_pipe) => Ok(()),
            other => other,
        }
    }

    /// Prints to anything.
    ///
    /// # Errors
    /// As [`LogArgs::run`].
    pub fn print(&self, out: &mut impl Write) -> Result<()> {
        let history = store_at(&self.data)?.log_history()?;
        let mut describer = Describer::default();
        if let Some(offset_s) = history.offset_s() {
            describer.set_offset_s(offset_s);
        }
        let time = |t: &Option<String>| t.as_deref().map(|t| moment(t, describer.offset_s()));
        let from = time(&self.from).transpose()?.unwrap_or(Timestamp(i64::MIN));
        let to = time(&self.to).transpose()?.unwrap_or(Timestamp(i64::MAX));
        let mut result = Ok(());
        // From the beginning, to know the names; what was asked for is printed.
        history.scan(0, self.fixes, |record| {
            if record.known_at > to {
                return false;
            }
            result = self.print_record(&record, from, &mut describer, out);
            result.is_ok()
        })?;
        result?;
        Ok(out.flush()?)
    }

    fn print_record(
        &self,
        record: &Record,
        from: Timestamp,
        describer: &mut Describer,
        out: &mut impl Write,
    ) -> Result<()> {
        let lines = describer.describe(record);
        let about = |cases: &[CaseId]| self.case.is_none_or(|c| cases.contains(&CaseId(c)));
        if record.known_at < from {
            return Ok(());
        }
        if self.json {
            if lines.iter().any(|l| about(&l.cases)) {
                writeln!(out, "{}", as_json(record, describer))?;
            }
            return Ok(());
        }
        let (time, actor) = (
            describer.time(record.known_at),
            describer.actor(&record.origin.actor),
        );
        for l in lines.iter().filter(|l| about(&l.cases)) {
            let words = plain::line(&l.words);
            writeln!(
                out,
                "{time} #{} {}: {words}",
                record.seq,
                plain::line(&actor)
            )?;
        }
        Ok(())
    }
}

pub(super) fn is_broken_pipe(e: &std::io::Error) -> bool {
    e.kind() == std::io::ErrorKind::BrokenPipe
}

fn as_json(record: &Record, describer: &Describer) -> serde_json::Value {
    let body = match &record.body {
        Body::Events(events) => json!({ "events": events }),
        Body::Fixes(block) => json!({ "fixes": block }),
        Body::Observations(readings, events) => json!({"readings": readings, "events": events}),
    };
    json!({
        "seq": record.seq,
        "known_at": describer.time(record.known_at),
        "actor": record.origin.actor,
        "command": record.origin.command,
        "body": body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_a_zone() {
        let utc = moment("2026-11-22T02:13:07Z", 8 * 3_600).unwrap();
        assert_eq!(utc, Timestamp::from_seconds(1_795_313_587));
        let civil = moment("2026-11-22 10:13:07", 8 * 3_600).unwrap();
        assert_eq!(civil, utc);
        let error = moment("yesterday", 0).unwrap_err().to_string();
        assert!(error.contains("\"yesterday\" cannot be read"), "{error}");
        assert!(!error.contains("--"), "{error}");
        let end = moment("2026-11-22T24:00", 8 * 3_600).unwrap();
        assert_eq!(end, moment("2026-11-22T16:00:00Z", 0).unwrap());
    }
}
