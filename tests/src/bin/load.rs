//! Load: a real server, a real feed of N vehicles at 1 Hz through the public door, and one client that sees them all.
//! Prints how late positions come, whether a frame was missed, and what a vehicle costs in memory.
//!
//! `cargo run -p chengtu-tests --bin load -- --vehicles 100000 --seconds 300`

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::geo::Viewport;
use chengtu_engine::stream::{ClientMessage, Layer, Mirror, ServerMessage};
use futures_util::{SinkExt, StreamExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

struct Options {
    vehicles: u32,
    seconds: u64,
    city: PathBuf,
}

fn options() -> Result<Options> {
    let mut o = Options {
        vehicles: 100_000,
        seconds: 300,
        city: PathBuf::from("data/nanjing"),
    };
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args
            .next()
            .with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--vehicles" => o.vehicles = value.parse().context("--vehicles")?,
            "--seconds" => o.seconds = value.parse().context("--seconds")?,
            "--city" => o.city = value.into(),
            _ => bail!("unknown option {name}; there are --vehicles, --seconds, --city"),
        }
    }
    Ok(o)
}

/// A child that does not outlive the measurement.
struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn server_binary() -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let beside = here.with_file_name("chengtu-server");
    ensure!(
        beside.exists(),
        "{} is not built; run cargo build -p chengtu-server first",
        beside.display()
    );
    Ok(beside)
}

fn resident_bytes(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))?;
    let line = status
        .lines()
        .find(|l| l.starts_with("VmRSS:"))
        .context("VmRSS")?;
    let kib: u64 = line
        .split_whitespace()
        .nth(1)
        .context("VmRSS value")?
        .parse()?;
    Ok(kib * 1_024)
}

fn now_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_micros() as i64)
}

fn percentile(sorted: &[u32], p: f64) -> u32 {
    let at = ((sorted.len() as f64 - 1.0) * p).round() as usize;
    sorted.get(at).copied().unwrap_or(0)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let o = options()?;
    let binary = server_binary()?;
    let data = tempfile::tempdir()?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port();
    let address = format!("127.0.0.1:{port}");
    let server = Kept(
        Command::new(&binary)
            .args(["serve", "--city"])
            .arg(&o.city)
            .arg("--data")
            .arg(data.path())
            .args(["--listen", &address])
            .stderr(Stdio::inherit())
            .spawn()?,
    );
    let pid = server.0.id();
    let mut socket = connect(&format!("ws://{address}/v1/ws")).await?;
    let hello = ClientMessage::Hello {
        token: String::new(),
        client: "load".into(),
        resume: None,
    };
    socket
        .send(Message::Binary(
            chengtu_protocol::encode_client(chengtu_protocol::Encoding::Binary, &hello).into(),
        ))
        .await?;
    let mut mirror = Mirror::new();
    while mirror.hello.is_none() {
        take(&mut socket, &mut mirror).await?;
    }
    let (west, south, east, north) = mirror.hello.as_ref().context("hello")?.city.bounds;
    let subscribe = ClientMessage::Subscribe {
        viewport: Some(Viewport {
            west,
            south,
            east,
            north,
            zoom: 14.0,
        }),
        layers: vec![Layer::Movers, Layer::Units, Layer::Cases, Layer::Sensors],
        rate_hz: 10.0,
    };
    socket
        .send(Message::Binary(
            chengtu_protocol::encode_client(chengtu_protocol::Encoding::Binary, &subscribe).into(),
        ))
        .await?;
    while !mirror.is_ready() {
        take(&mut socket, &mut mirror).await?;
    }
    let idle = resident_bytes(pid)?;
    println!("server idle: {:.1} MiB", idle as f64 / 1_048_576.0);

    let feed = Kept(
        Command::new(&binary)
            .arg("play")
            .args(["--synthetic", &o.vehicles.to_string()])
            .arg("--city")
            .arg(&o.city)
            .args(["--to", &format!("http://{address}")])
            .spawn()?,
    );
    // Until every vehicle has been seen once, the city is filling up and nothing is counted.
    let filling = Instant::now();
    while mirror.mover_count() < o.vehicles as usize {
        take(&mut socket, &mut mirror).await?;
        ensure!(
            filling.elapsed() < Duration::from_mins(2),
            "after 120 s only {} of {} vehicles were seen",
            mirror.mover_count(),
            o.vehicles
        );
    }
    println!(
        "{} vehicles after {:.1} s",
        mirror.mover_count(),
        filling.elapsed().as_secs_f64()
    );

    let mut late_ms: Vec<u32> = Vec::new();
    let (mut frames, mut lagged, mut bytes) = (0u64, 0u64, 0u64);
    let mut peak = 0;
    let start = Instant::now();
    let mut looked = Instant::now();
    while start.elapsed() < Duration::from_secs(o.seconds) {
        let Some((message, size)) = take(&mut socket, &mut mirror).await? else {
            continue;
        };
        bytes += size as u64;
        match message {
            ServerMessage::Frame(frame) => {
                let now = now_us();
                frames += 1;
                for row in frame
                    .tiles
                    .iter()
                    .flat_map(chengtu_engine::stream::TileFrame::rows)
                {
                    late_ms.push(((now - row.fix_time.0).max(0) / 1_000) as u32);
                }
            }
            ServerMessage::Snapshot { .. } => lagged += 1,
            _ => {}
        }
        if looked.elapsed() > Duration::from_secs(1) {
            looked = Instant::now();
            peak = peak.max(resident_bytes(pid)?);
        }
    }
    drop(feed);
    let rows = late_ms.len();
    late_ms.sort_unstable();
    let each = peak.saturating_sub(idle) as f64 / f64::from(o.vehicles);
    println!(
        "{rows} positions in {} s ({:.0}/s), {frames} frames, {:.1} bytes a position",
        o.seconds,
        rows as f64 / o.seconds as f64,
        bytes as f64 / rows.max(1) as f64
    );
    println!(
        "feed → client: median {} ms, p99 {} ms, worst {} ms",
        percentile(&late_ms, 0.5),
        percentile(&late_ms, 0.99),
        percentile(&late_ms, 1.0)
    );
    println!("frames missed or out of order: 0; snapshots for lag: {lagged}");
    println!(
        "server peak: {:.1} MiB, {each:.0} bytes a vehicle above idle",
        peak as f64 / 1_048_576.0
    );
    Ok(())
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn connect(url: &str) -> Result<Socket> {
    let start = Instant::now();
    loop {
        let mut request = url.into_client_request()?;
        request
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", chengtu_protocol::BINARY.parse()?);
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => return Ok(socket),
            Err(e) if start.elapsed() > Duration::from_secs(30) => {
                return Err(e).context("no server after 30 s");
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// Takes one message in; a missed frame is an error here, because none may be missed.
async fn take(socket: &mut Socket, mirror: &mut Mirror) -> Result<Option<(ServerMessage, usize)>> {
    let message = tokio::time::timeout(Duration::from_secs(30), socket.next())
        .await
        .context("nothing heard for 30 s")?
        .context("the server closed the connection")??;
    let Message::Binary(bytes) = message else {
        return Ok(None);
    };
    let decoded = chengtu_protocol::decode_server(chengtu_protocol::Encoding::Binary, &bytes)?;
    mirror.apply(&decoded).context("a frame was missed")?;
    Ok(Some((decoded, bytes.len())))
}
