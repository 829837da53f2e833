//! A neighbour without good will, for ten minutes, against a city of 100,000 movers on two processors: how long a
//! dispatcher's commands take meanwhile, how much memory the server has, whether an honest session is lost, and whether
//! the log is whole at the end. Writes a table of every second and a plot.
//!
//! `cargo run -p chengtu-tests --bin hostile -- --movers 100000 --seconds 600 --out hostile`
//!
//! The server is the program beside this one, held to two processors where `taskset` is there.

mod city;
mod client;
mod neighbour;
mod plot;
mod second;

use anyhow::{Context, Result, bail, ensure};
use chengtu_tests::measure::{peak_bytes, percentile};
use chengtu_tests::program::{Program, free_port, server_beside};
use second::Seconds;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A command of a dispatcher is answered within this in 99 of 100 cases, milliseconds.
const P99_MS: u32 = 300;
/// Most memory of the server, bytes.
const MEMORY_BYTES: u64 = 2 << 30;

const CONFIG: &str = "
[[users]]
name = 'Li'
role = 'operator'
token = 'dispatcher'
[[users]]
name = 'Wall'
role = 'viewer'
token = 'wall'
[[users]]
name = 'Rogue'
role = 'operator'
token = 'rogue-operator'
[[feeds]]
name = 'city'
token = 'city'
[[feeds]]
name = 'rogue'
token = 'rogue'
";

struct Options {
    movers: u32,
    seconds: u64,
    city: PathBuf,
    out: PathBuf,
}

fn options() -> Result<Options> {
    let mut o = Options {
        movers: 100_000,
        seconds: 600,
        city: PathBuf::from("data/nanjing"),
        out: PathBuf::from("hostile"),
    };
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args
            .next()
            .with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--movers" => o.movers = value.parse().context("--movers")?,
            "--seconds" => o.seconds = value.parse().context("--seconds")?,
            "--city" => o.city = value.into(),
            "--out" => o.out = value.into(),
            _ => bail!("unknown option {name}; see the source's first lines"),
        }
    }
    Ok(o)
}

/// What all parts of the campaign share.
#[derive(Clone)]
pub struct Campaign {
    /// Where the server listens.
    pub address: String,
    /// True until everything is to end.
    pub goes_on: Arc<AtomicBool>,
    /// What happens, second by second.
    pub seconds: Arc<Seconds>,
    /// Honest sessions that ended before everything did.
    pub lost: Arc<AtomicU64>,
}

impl Campaign {
    /// True until everything is to end.
    pub fn goes_on(&self) -> bool {
        self.goes_on.load(Ordering::Relaxed)
    }
}

fn serve(binary: &Path, options: &Options, address: &str, data: &Path) -> Result<Program> {
    let config = data.with_extension("toml");
    std::fs::write(&config, CONFIG)?;
    let on_two = Command::new("taskset").arg("--version").output().is_ok();
    let mut command = if on_two {
        let mut command = Command::new("taskset");
        command.args(["-c", "0,1"]).arg(binary);
        command
    } else {
        Command::new(binary)
    };
    command
        .args(["serve", "--listen", address, "--city"])
        .arg(&options.city)
        .arg("--data")
        .arg(data)
        .arg("--config")
        .arg(&config)
        .stderr(Stdio::inherit());
    Ok(Program(command.spawn()?))
}

/// Ends the server as Ctrl-C would, and gives whether it ended well.
fn stop(server: &mut Program) -> Result<bool> {
    let pid = server.0.id().to_string();
    Command::new("kill").args(["-INT", &pid]).status()?;
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        if let Some(status) = server.0.try_wait()? {
            return Ok(status.success());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(false)
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = options()?;
    let binary = server_beside()?;
    std::fs::create_dir_all(&options.out)?;
    let data = tempfile::tempdir_in(&options.out)?;
    let campaign = Campaign {
        address: format!("127.0.0.1:{}", free_port()?),
        goes_on: Arc::new(AtomicBool::new(true)),
        seconds: Arc::new(Seconds::default()),
        lost: Arc::default(),
    };
    let log = data.path().join("log");
    let mut server = serve(&binary, &options, &campaign.address, &log)?;
    let pid = server.0.id();
    city::fill(&campaign, options.movers).await?;
    println!("{} movers drive; the neighbour begins", options.movers);
    let honest = city::begin(&campaign, options.movers).await?;
    let neighbour = neighbour::begin(&campaign);
    second::watch(&campaign, pid, options.seconds).await?;
    campaign.goes_on.store(false, Ordering::Relaxed);
    for task in honest.into_iter().chain(neighbour) {
        let _ = tokio::time::timeout(Duration::from_secs(20), task).await;
    }
    let peak = peak_bytes(pid)?;
    let ended = stop(&mut server)?;
    let verified = Command::new(&binary)
        .args(["verify", "--data"])
        .arg(&log)
        .output()?;
    report(
        &options,
        &campaign,
        peak,
        ended && verified.status.success(),
    )
}

fn report(options: &Options, campaign: &Campaign, peak: u64, whole: bool) -> Result<()> {
    let seconds = campaign.seconds.all();
    std::fs::write(options.out.join("hostile.csv"), second::table(&seconds))?;
    std::fs::write(options.out.join("hostile.svg"), plot::svg(&seconds))?;
    let mut all: Vec<u32> = seconds.iter().flat_map(|s| s.command_ms.clone()).collect();
    let (p50, p99) = (percentile(&mut all, 0.5), percentile(&mut all, 0.99));
    let most = percentile(&mut all, 1.0);
    let lost = campaign.lost.load(Ordering::Relaxed);
    println!(
        "{} commands: p50 {p50} ms, p99 {p99} ms, longest {most} ms; memory at most {:.2} GB; \
         honest sessions lost: {lost}; log whole: {whole}",
        all.len(),
        peak as f64 / 1e9
    );
    ensure!(!all.is_empty(), "no command was answered");
    ensure!(p99 <= P99_MS, "p99 {p99} ms is more than {P99_MS} ms");
    ensure!(peak <= MEMORY_BYTES, "memory of {peak} bytes");
    ensure!(lost == 0, "{lost} honest sessions were lost");
    ensure!(
        whole,
        "the log is not whole, or the server did not end well"
    );
    Ok(())
}
