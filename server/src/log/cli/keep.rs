use crate::log::{Describer, EmbeddedStore, Finding, Verified};
use anyhow::{Result, bail, ensure};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Hold a log against its checksums, its order and its chain, over all its days.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    /// Where the log is kept.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

/// Make a log small that no server is using.
#[derive(Clone, Debug, clap::Args)]
pub struct CompactArgs {
    /// Where the log is kept.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
}

/// The log of a directory, which must be there.
pub(super) fn store_at(data: &Path) -> Result<EmbeddedStore> {
    let store = EmbeddedStore::at(data);
    ensure!(
        store.is_there()?,
        "{}: there is no log here; name the directory that the server was given with --data",
        data.display()
    );
    Ok(store)
}

impl VerifyArgs {
    /// Prints what was looked at and what was found.
    ///
    /// # Errors
    /// When anything is damaged or missing: the program ends with code 1.
    pub fn run(self) -> Result<()> {
        let store = store_at(&self.data)?;
        let mut describer = Describer::default();
        describer.set_offset_s(store.log_history()?.offset_s().unwrap_or(0));
        let done = store.verify()?;
        print!("{}", described(&done, &describer));
        match done.findings.len() {
            0 => Ok(()),
            n => bail!(
                "{}: {n} damaged or missing, as listed; see docs/operations.md",
                self.data.display()
            ),
        }
    }
}

/// The result in words, a line each.
fn described(done: &Verified, describer: &Describer) -> String {
    let mut out = String::new();
    for f in done.findings.iter().chain(&done.unreadable) {
        let _ = writeln!(out, "{}", line(f, describer));
    }
    let _ = writeln!(
        out,
        "{} days, {} records, {} positions, {} segments, {} keyframes are what was written",
        done.days, done.records, done.fixes, done.segments, done.keyframes
    );
    if let Some((seq, link)) = done.end {
        let hex = link.iter().fold(String::new(), |mut hex, b| {
            let _ = write!(hex, "{b:02x}");
            hex
        });
        let _ = writeln!(out, "chain at record {seq}: {hex}");
    }
    out
}

fn line(f: &Finding, describer: &Describer) -> String {
    let name = f.path.file_name().unwrap_or(f.path.as_os_str());
    let times = f.times.map_or(String::new(), |(from, to)| {
        format!(", {} to {}", describer.time(from), describer.time(to))
    });
    format!("{}{times}: {}", name.display(), f.words)
}

impl CompactArgs {
    /// Seals and shrinks every day, and says by how much.
    ///
    /// # Errors
    /// As [`compact`].
    pub fn run(self) -> Result<()> {
        store_at(&self.data)?.compact(|c| {
            let each = if c.fixes == 0 {
                String::new()
            } else {
                format!(
                    ", {} positions, {:.2} bytes each with everything",
                    c.fixes,
                    c.after as f64 / c.fixes as f64
                )
            };
            println!(
                "{}: {} bytes, {} before; {} segments made{each}",
                c.day.name(),
                c.after,
                c.before,
                c.segments
            );
        })?;
        Ok(())
    }
}
