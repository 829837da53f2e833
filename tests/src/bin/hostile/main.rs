//! A neighbour without good will, for ten minutes, against a city of 100,000 movers on two processors: how long a
//! dispatcher's commands take meanwhile, how much memory the server has, whether an honest session is lost or a frame
//! missed, and whether the log is whole at the end. Writes a table of every second, a plot, and what became of every
//! misdeed.
//!
//! `cargo run -p chengtu-tests --bin hostile -- --movers 100000 --seconds 600 --out hostile`
//!
//! `--only bombs,drills` leaves all misdeeds out but those whose names hold such a word, `--only none` all of them, for
//! comparison. The server is the program beside this one, held to two
//! processors and 1,024 files where the system's `taskset` and `sh` are there; this program itself needs some 4,000.

mod city;
mod client;
mod dispatcher;
mod holds;
mod neighbour;
mod plot;
mod second;

use anyhow::{Context, Result, ensure};
use chengtu_tests::measure::{peak_bytes, percentile, threads};
use chengtu_tests::options::Options as Given;
use chengtu_tests::program::{Program, free_port, server_beside};
use holds::Holds;
use neighbour::Deeds;
use second::{Second, Seconds};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A command of a dispatcher is answered within this in 99 of 100 cases, milliseconds.
const P99_MS: u32 = 300;
/// Most memory of the server, bytes.
const MEMORY_BYTES: u64 = 2_000_000_000;
/// Files and connections that the server may have open: as many as once were too few.
const SERVER_FILES: u32 = 1_024;

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
[[feeds]]
name = 'rogue-rows'
token = 'rogue-rows'
[[feeds]]
name = 'rogue-names'
token = 'rogue-names'
";

struct Options {
    movers: u32,
    seconds: u64,
    city: PathBuf,
    out: PathBuf,
    /// Words in the names of the misdeeds that are done; none: all are.
    only: Vec<String>,
    /// Where the server listens; 0: anywhere free.
    port: u16,
}

fn options() -> Result<Options> {
    let given = Given::read(&["movers", "seconds", "city", "out", "only", "port"])?;
    Ok(Options {
        movers: given.get("movers", 100_000)?,
        seconds: given.get("seconds", 600)?,
        city: given.path("city").unwrap_or("data/nanjing".into()),
        out: given.path("out").unwrap_or("hostile".into()),
        only: (given.get("only", String::new())?.split(','))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
        port: given.get("port", 0)?,
    })
}

/// What must not happen, counted.
#[derive(Debug, Default)]
pub struct Counts {
    /// Honest sessions that ended before everything did.
    pub lost: AtomicU64,
    /// Frames that a wall missed.
    pub missed: AtomicU64,
    /// Times that a wall got a fresh picture because it was slow.
    pub lagged: AtomicU64,
    /// People who came and were not let in.
    pub turned_away: AtomicU64,
    /// Things that a stranger could do and must not.
    pub breaches: AtomicU64,
}

/// What all parts of the campaign share.
#[derive(Clone)]
pub struct Campaign {
    /// Where the server listens.
    pub address: String,
    /// Where it keeps its log.
    pub data: PathBuf,
    /// True until everything is to end.
    pub goes_on: Arc<AtomicBool>,
    /// What happens, second by second.
    pub seconds: Arc<Seconds>,
    /// When the log was held.
    pub holds: Arc<Holds>,
    /// What must not happen.
    pub counts: Arc<Counts>,
    /// What became of the misdeeds.
    pub deeds: Arc<Deeds>,
}

impl Campaign {
    /// True until everything is to end.
    pub fn goes_on(&self) -> bool {
        self.goes_on.load(Ordering::Relaxed)
    }

    /// A stranger could do what nobody may.
    pub fn breach(&self, what: &str) {
        eprintln!("{what}");
        self.counts.breaches.fetch_add(1, Ordering::Relaxed);
    }
}

/// True where a program of this name can be started.
fn there_is(program: &str) -> bool {
    let mut asked = Command::new(program);
    asked
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    asked.status().is_ok()
}

fn serve(binary: &Path, options: &Options, campaign: &Campaign) -> Result<Program> {
    let config = campaign.data.with_extension("toml");
    std::fs::write(&config, CONFIG)?;
    let mut command = if there_is("taskset") {
        let mut command = Command::new("taskset");
        let limited = format!("ulimit -n {SERVER_FILES} && exec \"$0\" \"$@\"");
        command
            .args(["-c", "0,1", "sh", "-c", &limited])
            .arg(binary);
        command
    } else {
        Command::new(binary)
    };
    command
        .args(["serve", "--listen", &campaign.address, "--city"])
        .arg(&options.city)
        .arg("--data")
        .arg(&campaign.data)
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

/// What is known at the end.
struct Outcome {
    peak: u64,
    ended: bool,
    /// What the log's own check says, where it says that the log is whole.
    whole: Option<String>,
}

fn main() -> Result<()> {
    let options = options()?;
    let binary = server_beside()?;
    std::fs::create_dir_all(&options.out)?;
    let dir = tempfile::tempdir_in(&options.out)?;
    let port = Some(options.port).filter(|p| *p > 0);
    let campaign = Campaign {
        address: format!("127.0.0.1:{}", port.map_or_else(free_port, Ok)?),
        data: dir.path().join("log"),
        goes_on: Arc::new(AtomicBool::new(true)),
        seconds: Arc::default(),
        holds: Arc::default(),
        counts: Arc::default(),
        deeds: Arc::default(),
    };
    let mut server = serve(&binary, &options, &campaign)?;
    // Apart from each other: what the neighbour packs and reads keeps no honest task waiting but for the processors.
    let (honest, rogue) = (runtime(4)?, runtime(2)?);
    let pid = server.0.id();
    let metrics = honest.block_on(async {
        city::fill(&campaign, options.movers).await?;
        println!("{} movers drive", options.movers);
        let mut tasks = city::begin(&campaign, options.movers).await?;
        let _inside = rogue.enter();
        tasks.extend(neighbour::begin(&campaign, &options.only)?);
        second::watch(&campaign, pid, options.seconds).await?;
        campaign.goes_on.store(false, Ordering::Relaxed);
        let all = futures_util::future::join_all(tasks);
        let _ = tokio::time::timeout(Duration::from_secs(30), all).await;
        let metrics = format!("http://{}/metrics", campaign.address);
        let asked = reqwest::Client::new().get(metrics).bearer_auth("wall");
        anyhow::Ok(asked.send().await?.error_for_status()?.text().await?)
    })?;
    std::fs::write(options.out.join("metrics.txt"), metrics)?;
    for (name, spent) in threads(pid)? {
        println!(
            "{name}: ran {:.1} s, waited {:.1} s for a processor",
            spent.ran_s, spent.waited_s
        );
    }
    let own: f64 = threads(std::process::id())?.values().map(|s| s.ran_s).sum();
    println!("this program: ran {own:.1} s");
    rogue.shutdown_background();
    let peak = peak_bytes(pid)?;
    let ended = stop(&mut server)?;
    let verified = Command::new(&binary)
        .args(["verify", "--data"])
        .arg(&campaign.data)
        .output()?;
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    if !verified.status.success() {
        eprintln!("{said}{}", String::from_utf8_lossy(&verified.stderr));
    }
    let outcome = Outcome {
        peak,
        ended,
        whole: verified.status.success().then_some(said),
    };
    report(&options, &campaign, &outcome)
}

fn runtime(threads: usize) -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(threads).enable_all().build();
    runtime.context("no threads")
}

/// Middle, 99 of 100 and longest of some times, in words.
fn times(mut ms: Vec<u32>) -> String {
    let mut at = |p| percentile(&mut ms, p);
    let (p50, p99, most) = (at(0.5), at(0.99), at(1.0));
    format!(
        "{}: p50 {p50} ms, p99 {p99} ms, longest {most} ms",
        ms.len()
    )
}

fn words(campaign: &Campaign, seconds: &[Second], outcome: &Outcome) -> String {
    let of = |pick: fn(&Second) -> &Vec<u32>| seconds.iter().flat_map(pick).copied().collect();
    let sum = |pick: fn(&Second) -> u32| seconds.iter().map(pick).sum::<u32>();
    let mut text = String::new();
    let all: Vec<u32> = [of(|s| &s.command_ms), of(|s| &s.held_ms)].concat();
    let counts = &campaign.counts;
    let told = |n: &AtomicU64| n.load(Ordering::Relaxed);
    for line in [
        format!("commands {}", times(of(|s| &s.command_ms))),
        format!(
            "  while a shell held the log, {:.0} s in all: {}",
            campaign.holds.all().as_secs_f64(),
            times(of(|s| &s.held_ms))
        ),
        format!("  both {}", times(all)),
        format!("  refused {}", sum(|s| s.refused)),
        format!(
            "frames on walls {}, missed {}, fresh pictures for lag {}; oldest in each second {}",
            sum(|s| s.frames),
            told(&counts.missed),
            told(&counts.lagged),
            times(seconds.iter().map(|s| s.late_ms).collect())
        ),
        format!(
            "who came {}; turned away {}",
            times(of(|s| &s.came_ms)),
            told(&counts.turned_away)
        ),
        format!(
            "requests of vehicles taken {}, not taken {}",
            sum(|s| s.posts.0),
            sum(|s| s.posts.1)
        ),
        format!(
            "memory at most {:.2} GB; honest sessions lost {}; breaches {}; server ended well {}",
            outcome.peak as f64 / 1e9,
            told(&counts.lost),
            told(&counts.breaches),
            outcome.ended
        ),
        format!(
            "the log's own check: {}",
            outcome.whole.as_deref().unwrap_or("NOT WHOLE").trim()
        ),
        "misdeeds:".to_owned(),
    ] {
        // A string takes what is written to it.
        let _ = writeln!(text, "{line}");
    }
    text + &campaign.deeds.text()
}

fn report(options: &Options, campaign: &Campaign, outcome: &Outcome) -> Result<()> {
    let seconds = campaign.seconds.all();
    let text = words(campaign, &seconds, outcome);
    print!("{text}");
    std::fs::write(options.out.join("hostile.txt"), text)?;
    std::fs::write(options.out.join("hostile.csv"), second::table(&seconds))?;
    std::fs::write(options.out.join("hostile.svg"), plot::svg(&seconds))?;
    let mut all: Vec<u32> = seconds.iter().flat_map(|s| s.command_ms.clone()).collect();
    let p99 = percentile(&mut all, 0.99);
    let peak = outcome.peak;
    ensure!(!all.is_empty(), "no command was answered");
    ensure!(p99 <= P99_MS, "p99 {p99} ms is more than {P99_MS} ms");
    ensure!(peak <= MEMORY_BYTES, "memory of {peak} bytes");
    let counts = &campaign.counts;
    for (what, n) in [
        ("honest sessions were lost", &counts.lost),
        ("people were turned away", &counts.turned_away),
        ("things were done that nobody may", &counts.breaches),
    ] {
        let n = n.load(Ordering::Relaxed);
        ensure!(n == 0, "{n} {what}");
    }
    ensure!(outcome.ended, "the server did not end well");
    ensure!(outcome.whole.is_some(), "the log is not whole");
    Ok(())
}
