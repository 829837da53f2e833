//! Replays beside the running city: how late live positions come at 20,000 fixes a second, alone and with ten replays
//! at 10× over the same log, in turns in one run. Prints both and their ratio.
//!
//! `cargo run -p chengtu-tests --bin beside -- --vehicles 20000 --replays 10 --seconds 30 --turns 2`

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::geo::Viewport;
use chengtu_engine::replay::{TimeBasis, TimeControl};
use chengtu_engine::stream::{ClientMessage, Layer, ServerMessage, WorldChoice};
use chengtu_engine::time::Timestamp;
use futures_util::{SinkExt, StreamExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

struct Options {
    vehicles: u32,
    replays: u32,
    seconds: u64,
    turns: u32,
    city: PathBuf,
}

fn options() -> Result<Options> {
    let mut o = Options {
        vehicles: 20_000,
        replays: 10,
        seconds: 30,
        turns: 2,
        city: PathBuf::from("data/nanjing"),
    };
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args
            .next()
            .with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--vehicles" => o.vehicles = value.parse().context("--vehicles")?,
            "--replays" => o.replays = value.parse().context("--replays")?,
            "--seconds" => o.seconds = value.parse().context("--seconds")?,
            "--turns" => o.turns = value.parse().context("--turns")?,
            "--city" => o.city = value.into(),
            _ => bail!("unknown option {name}; see the source's first lines"),
        }
    }
    Ok(o)
}

struct Kept(Child);

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp(since.map_or(0, |d| d.as_micros() as i64))
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn say(socket: &mut Socket, m: &ClientMessage) -> Result<()> {
    let bytes = chengtu_protocol::encode_client(chengtu_protocol::Encoding::Binary, m);
    Ok(socket.send(Message::Binary(bytes.into())).await?)
}

/// The next message, not read yet: frames of replays are only counted here.
async fn hear(socket: &mut Socket) -> Result<Vec<u8>> {
    loop {
        let message = tokio::time::timeout(Duration::from_secs(30), socket.next())
            .await
            .context("nothing heard for 30 s")?
            .context("the server closed the connection")??;
        if let Message::Binary(bytes) = message {
            return Ok(bytes.to_vec());
        }
    }
}

/// Connects and looks at a square of so many degrees around the city's centre; zero: at all of it.
async fn look(address: &str, token: &str, square_deg: f64) -> Result<Socket> {
    let began = Instant::now();
    let url = format!("ws://{address}/v1/ws");
    let mut socket = loop {
        let mut request = url.as_str().into_client_request()?;
        let protocol = chengtu_protocol::BINARY.parse()?;
        request
            .headers_mut()
            .insert("Sec-WebSocket-Protocol", protocol);
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => break socket,
            Err(e) if began.elapsed() > Duration::from_secs(30) => return Err(e.into()),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    let hello = ClientMessage::Hello {
        token: token.to_owned(),
        client: "beside".into(),
        resume: None,
    };
    say(&mut socket, &hello).await?;
    let ServerMessage::Hello(hello) = chengtu_protocol::decode_server(
        chengtu_protocol::Encoding::Binary,
        &hear(&mut socket).await?,
    )?
    else {
        bail!("no hello")
    };
    let (mut west, mut south, mut east, mut north) = hello.city.bounds;
    if square_deg > 0.0 {
        let (lon, lat) = hello.city.centre;
        (west, east) = (lon - square_deg, lon + square_deg);
        (south, north) = (lat - square_deg, lat + square_deg);
    }
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
    say(&mut socket, &subscribe).await?;
    Ok(socket)
}

/// One replay that plays the log's beginning at 10× for as long as it is wanted.
async fn replay(
    address: String,
    begin: Timestamp,
    loop_s: i64,
    wanted: Arc<AtomicBool>,
    frames: Arc<AtomicU64>,
    played_ms: Arc<AtomicU64>,
) -> Result<()> {
    // Each is somebody else, so that none is refused as one too many of one user.
    let token = format!("operator:{}", frames.fetch_add(1, Ordering::Relaxed));
    let mut socket = look(&address, &token, 0.02).await?;
    let choice = WorldChoice::Replay {
        at: begin,
        speed: 10.0,
        basis: TimeBasis::Known,
        shared: false,
        title: String::new(),
    };
    say(&mut socket, &ClientMessage::Enter { choice }).await?;
    loop {
        match chengtu_protocol::decode_server(
            chengtu_protocol::Encoding::Binary,
            &hear(&mut socket).await?,
        )? {
            ServerMessage::Entered(_) => break,
            ServerMessage::Notice { code, text } => bail!("no replay: {code} {text}"),
            _ => {}
        }
    }
    let mut last: Option<Timestamp> = None;
    while wanted.load(Ordering::Relaxed) {
        let heard = hear(&mut socket).await?;
        frames.fetch_add(1, Ordering::Relaxed);
        // Frames begin with 2; of the others the clock tells when to begin again.
        if heard.first() == Some(&1)
            && heard.len() < 200
            && let Ok(ServerMessage::Clock(clock)) =
                chengtu_protocol::decode_server(chengtu_protocol::Encoding::Binary, &heard)
        {
            let before = last.replace(clock.time).unwrap_or(clock.time);
            let ran_ms = (clock.time.0 - before.0).max(0) / 1_000;
            played_ms.fetch_add(ran_ms as u64, Ordering::Relaxed);
            if clock.time < begin.plus_seconds(loop_s) && clock.playing {
                continue;
            }
            for control in [TimeControl::Seek(begin), TimeControl::Play] {
                say(&mut socket, &ClientMessage::Time { control }).await?;
            }
        }
    }
    Ok(())
}

/// How late each position came, milliseconds, over a while.
async fn measure(socket: &mut Socket, seconds: u64) -> Result<Vec<u32>> {
    let mut late_ms = Vec::new();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(seconds) {
        let heard = hear(socket).await?;
        let at = now();
        if let ServerMessage::Frame(frame) =
            chengtu_protocol::decode_server(chengtu_protocol::Encoding::Binary, &heard)?
        {
            for row in frame
                .tiles
                .iter()
                .flat_map(chengtu_engine::stream::TileFrame::rows)
            {
                late_ms.push(((at.0 - row.fix_time.0).max(0) / 1_000) as u32);
            }
        }
    }
    Ok(late_ms)
}

fn percentile(values: &mut [u32], p: f64) -> u32 {
    values.sort_unstable();
    let at = ((values.len() as f64 - 1.0) * p).round() as usize;
    values.get(at).copied().unwrap_or(0)
}

#[tokio::main]
async fn main() -> Result<()> {
    let o = options()?;
    let binary = std::env::current_exe()?.with_file_name("chengtu-server");
    ensure!(
        binary.exists(),
        "{} is not built; run cargo build -p chengtu-server first",
        binary.display()
    );
    let data = tempfile::tempdir()?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port();
    let address = format!("127.0.0.1:{port}");
    let _server = Kept(
        Command::new(&binary)
            .args(["serve", "--listen", &address, "--city"])
            .arg(&o.city)
            .arg("--data")
            .arg(data.path())
            .stderr(Stdio::inherit())
            .spawn()?,
    );
    let mut live = look(&address, "", 0.0).await?;
    let _feed = Kept(
        Command::new(&binary)
            .args(["play", "--synthetic", &o.vehicles.to_string()])
            .arg("--city")
            .arg(&o.city)
            .args(["--to", &format!("http://{address}")])
            .spawn()?,
    );
    // The city fills up; then a stretch is recorded that all replays play.
    measure(&mut live, 15).await?;
    let begin = now();
    let loop_s = 60;
    measure(&mut live, loop_s as u64 + 5).await?;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let frames = Arc::new(AtomicU64::new(0));
    let played_ms = Arc::new(AtomicU64::new(0));
    let mut played_s = 0.0;
    for turn in 1..=o.turns {
        let mut quiet = measure(&mut live, o.seconds).await?;
        let wanted = Arc::new(AtomicBool::new(true));
        let replays: Vec<_> = (0..o.replays)
            .map(|_| {
                let (wanted, frames, played) = (wanted.clone(), frames.clone(), played_ms.clone());
                tokio::spawn(replay(
                    address.clone(),
                    begin,
                    loop_s,
                    wanted,
                    frames,
                    played,
                ))
            })
            .collect();
        measure(&mut live, 3).await?;
        let (at, before) = (Instant::now(), played_ms.load(Ordering::Relaxed));
        let mut busy = measure(&mut live, o.seconds).await?;
        let ran_ms = played_ms.load(Ordering::Relaxed) - before;
        played_s += ran_ms as f64 / 1e3 / at.elapsed().as_secs_f64();
        wanted.store(false, Ordering::Relaxed);
        for r in replays {
            r.await??;
        }
        println!(
            "turn {turn}: alone p50 {} ms p99 {} ms; beside p50 {} ms p99 {} ms",
            percentile(&mut quiet, 0.5),
            percentile(&mut quiet, 0.99),
            percentile(&mut busy, 0.5),
            percentile(&mut busy, 0.99)
        );
        alone.append(&mut quiet);
        beside.append(&mut busy);
        measure(&mut live, 3).await?;
    }
    let per_s = |n: usize| n as f64 / (o.seconds * u64::from(o.turns)) as f64;
    let (a, b) = (percentile(&mut alone, 0.99), percentile(&mut beside, 0.99));
    println!(
        "live at {:.0} and {:.0} positions/s; {} replays ran at {:.1}×, {} messages sent to them",
        per_s(alone.len()),
        per_s(beside.len()),
        o.replays,
        played_s / f64::from(o.turns) / f64::from(o.replays),
        frames.load(Ordering::Relaxed)
    );
    println!(
        "p99 alone {a} ms, beside {b} ms: ratio {:.3}",
        f64::from(b) / f64::from(a.max(1))
    );
    Ok(())
}
