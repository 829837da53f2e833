//! Scaling: made-up cities, one as large as Harbin, others so many times as large; each is imported and served. Prints what
//! that takes in time and memory.
//!
//! `cargo build -p chengtu-server && cargo run -p chengtu-tests --bin scaling -- 1 10 100`

use anyhow::{Context, Result, ensure};
use chengtu_tests::made_up::{self, HARBIN_BLOCKS};
use chengtu_tests::measure::{peak_bytes, processor_s};
use chengtu_tests::program::{Program, free_port, server_beside};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long to wait for anything.
const PATIENCE: Duration = Duration::from_mins(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);

fn main() -> Result<()> {
    let mut sizes: Vec<u32> = Vec::new();
    for arg in std::env::args().skip(1) {
        sizes.push(arg.parse().context("how many times Harbin?")?);
    }
    if sizes.is_empty() {
        sizes = vec![1, 10];
    }
    println!(
        "|times Harbin|km²|ways|extract|import|of that on a processor|most memory|pack|server ready|its memory|"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for times in sizes {
        measure(times)?;
    }
    Ok(())
}

fn measure(times: u32) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let (file, pack) = (dir.path().join("city.osm.pbf"), dir.path().join("pack"));
    let counts = made_up::write(times * HARBIN_BLOCKS, &file)?;
    let binary = server_beside()?;
    let import = Command::new(&binary)
        .args(["import", "osm"])
        .arg(&file)
        .arg("--out")
        .arg(&pack)
        .stdout(Stdio::null())
        .spawn()?;
    let begun = Instant::now();
    let mut import = Program(import);
    let (mut most, mut spent_s) = (0, 0.0);
    let status = loop {
        // The last look before it ends.
        most = most.max(peak_bytes(import.0.id()).unwrap_or(0));
        spent_s = processor_s(import.0.id()).unwrap_or(spent_s).max(spent_s);
        if let Some(status) = import.0.try_wait()? {
            break status;
        }
        ensure!(begun.elapsed() < PATIENCE, "the import does not end");
        std::thread::sleep(LOOK_EVERY);
    };
    let import_s = begun.elapsed().as_secs_f64();
    ensure!(status.success(), "the import failed");
    let (ready_s, served) = serve(&binary, &pack, &dir.path().join("data"))?;
    println!(
        "|{times}|{}|{}|{:.1} MB|{import_s:.1} s|{spent_s:.1} s|{:.0} MiB|{:.1} MB|{ready_s:.2} s|{:.0} MiB|",
        counts.side * counts.side,
        counts.ways,
        size(&file)? as f64 / 1e6,
        mib(most),
        folder(&pack)? as f64 / 1e6,
        mib(served)
    );
    Ok(())
}

/// Seconds until a server answers for the city, and the most memory it took.
fn serve(binary: &Path, pack: &Path, data: &Path) -> Result<(f64, u64)> {
    let address = format!("127.0.0.1:{}", free_port()?);
    let server = Command::new(binary)
        .args(["serve", "--city"])
        .arg(pack)
        .arg("--data")
        .arg(data)
        .args(["--listen", &address])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let begun = Instant::now();
    let mut server = Program(server);
    loop {
        if answers(&address) {
            break;
        }
        ensure!(server.0.try_wait()?.is_none(), "the server ended");
        ensure!(begun.elapsed() < PATIENCE, "the server does not answer");
        std::thread::sleep(LOOK_EVERY);
    }
    let ready_s = begun.elapsed().as_secs_f64();
    Ok((ready_s, peak_bytes(server.0.id())?))
}

fn answers(address: &str) -> bool {
    use std::io::{Read, Write};
    let Ok(mut socket) = std::net::TcpStream::connect(address) else {
        return false;
    };
    let ask = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    socket.write_all(ask.as_bytes()).is_ok()
        && socket.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

fn size(file: &Path) -> Result<u64> {
    Ok(std::fs::metadata(file)?.len())
}

fn folder(dir: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(dir)? {
        sum += size(&entry?.path())?;
    }
    Ok(sum)
}
