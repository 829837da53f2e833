use crate::log::anchor::hex;
use crate::log::{Describer, EmbeddedStore, Finding, PublicKey, Published, ServerKey, Verified};
use anyhow::{Context, Result, bail, ensure};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Hold a log against its checksums, its order and its chain, over all its days.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    /// Where the log is kept.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Heads that were published, one a line, as `anchor` prints them or the server writes them; of a folder all `.txt`
    /// files: says whether the log still holds them.
    #[arg(long, value_name = "FILE")]
    pub anchors: Option<PathBuf>,
    /// The server's public key, as `key` prints it, or a file that holds it: every anchor must be signed by it.
    #[arg(long, value_name = "PUBLIC", requires = "anchors")]
    pub key: Option<String>,
}

/// Print the public half of the server's key and its fingerprint: what its anchors are signed with.
#[derive(Clone, Debug, clap::Args)]
pub struct KeyArgs {
    /// Where the log is kept.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// The key's file, where the configuration puts it elsewhere (log.key_file).
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Where the key of a data directory is, unless the configuration says otherwise.
pub const KEY_FILE: &str = "server-key";
/// Where anchors are written in a data directory, unless the configuration says otherwise.
pub const ANCHORS_DIR: &str = "anchors";

/// Print the head of a log, to be kept where nobody who can write the log can write; `verify --anchors` holds the log
/// against it.
#[derive(Clone, Debug, clap::Args)]
pub struct AnchorArgs {
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
        let key = self.key.as_deref().map(key_of).transpose()?;
        let read = |path: &PathBuf| Published::read(path, key.as_ref());
        let published = self.anchors.as_ref().map(read).transpose()?;
        let published = published.unwrap_or_default();
        let done = store.verify_published(&published)?;
        print!("{}", described(&done, &describer));
        match &key {
            Some(key) => println!(
                "{} anchors are signed by the key {}",
                published.signed,
                key.fingerprint()
            ),
            None if self.anchors.is_some() => {
                println!("signatures were not looked at; give --key for that");
            }
            None => {}
        }
        match done.findings.len() {
            0 => Ok(()),
            n => bail!(
                "{}: {n} damaged or missing, as listed; see docs/operations.md",
                self.data.display()
            ),
        }
    }
}

/// A public key, as it is written or as the only words of a file.
fn key_of(text: &str) -> Result<PublicKey> {
    if let Ok(key) = text.parse() {
        return Ok(key);
    }
    let path = Path::new(text);
    ensure!(
        path.exists(),
        "{text:?} is no public key and no file that holds one; it is written in 64 hexadecimal digits, as `chengtu-server key` prints it"
    );
    let said = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut words = said.split_ascii_whitespace();
    let key = words.find_map(|word| word.parse().ok());
    key.with_context(|| format!("{}: there is no public key in it", path.display()))
}

impl KeyArgs {
    /// Prints a line for the key and a line for its fingerprint.
    ///
    /// # Errors
    /// Where there is no key, or its file cannot be read.
    pub fn run(self) -> Result<()> {
        let path = self.file.unwrap_or_else(|| self.data.join(KEY_FILE));
        let public = ServerKey::read(&path)?.public();
        println!("{public}\nfingerprint {}", public.fingerprint());
        Ok(())
    }
}

impl AnchorArgs {
    /// Prints one line, if the log is what was written.
    ///
    /// # Errors
    /// Where anything is damaged or missing, or the log has no record: there is nothing to publish then.
    pub fn run(self) -> Result<()> {
        let done = store_at(&self.data)?.verify()?;
        ensure!(
            done.findings.is_empty(),
            "{}: the log is not what was written, see `chengtu-server verify`; its head is worth nothing",
            self.data.display()
        );
        let anchor = done
            .anchor()
            .with_context(|| format!("{}: the log has no record yet", self.data.display()))?;
        println!("{anchor}");
        Ok(())
    }
}

/// The result in words, a line each.
fn described(done: &Verified, describer: &Describer) -> String {
    let mut out = String::new();
    for f in done.findings.iter().chain(&done.unreadable) {
        let _ = writeln!(out, "{}", line(f, describer));
    }
    for f in &done.unproven {
        let _ = writeln!(out, "not proven: {}", line(f, describer));
    }
    let _ = writeln!(
        out,
        "{} days, {} records, {} positions, {} segments, {} keyframes are what was written",
        done.days, done.records, done.fixes, done.segments, done.keyframes
    );
    let _ = writeln!(
        out,
        "{} keyframes are what the records before them make, {} anchors are held",
        done.folded, done.anchors
    );
    if let Some((seq, link)) = done.end {
        let _ = writeln!(out, "chain at record {seq}: {}", hex(&link));
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
