//! Replays beside the running city: how late live positions come at 20,000 fixes a second, alone and with ten replays
//! at 10× over the same log, in turns in one run. Prints both and their ratio.
//!
//! `cargo run -p chengtu-tests --bin beside -- --vehicles 20000 --replays 10 --seconds 30 --turns 2`

use anyhow::{Context, Result, bail};
use chengtu_engine::geo::Viewport;
use chengtu_engine::replay::{TimeBasis, TimeControl};
use chengtu_engine::stream::{ClientMessage, Layer, ServerMessage, TileFrame, WorldChoice};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, Subprotocol, decode_server, encode_client};
use chengtu_tests::measure::percentile;
use chengtu_tests::options::Options as Given;
use chengtu_tests::program::{Program, free_port, server_beside};
use chengtu_tests::support::now;
use futures_util::{SinkExt, StreamExt};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

struct Options {
    vehicles: u32,
    replays: u32,
    seconds: u64,
    turns: u32,
    city: PathBuf,
}

fn options() -> Result<Options> {
    let given = Given::read(&["vehicles", "replays", "seconds", "turns", "city"])?;
    Ok(Options {
        vehicles: given.get("vehicles", 20_000)?,
        replays: given.get("replays", 10)?,
        seconds: given.get("seconds", 30)?,
        turns: given.get("turns", 2)?,
        city: given.path("city").unwrap_or("data/nanjing".into()),
    })
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn say(socket: &mut Socket, m: &ClientMessage) -> Result<()> {
    let bytes = encode_client(Encoding::Binary, m);
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
        let protocol = Subprotocol::BINARY_1_0.name().parse()?;
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
    let ServerMessage::Hello(hello) = decode_server(Encoding::Binary, &hear(&mut socket).await?)?
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
async fn replay(replays: Replays) -> Result<()> {
    let Replays {
        address,
        begin,
        loop_s,
        wanted,
        frames,
        played_ms,
    } = replays;
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
        match decode_server(Encoding::Binary, &hear(&mut socket).await?)? {
            ServerMessage::Entered(_) => break,
            ServerMessage::Notice { code, text } => bail!("no replay: {code:?} {text}"),
            _ => {}
        }
    }
    let mut last: Option<Timestamp> = None;
    while wanted.load(Ordering::Relaxed) {
        let heard = hear(&mut socket).await?;
        frames.fetch_add(1, Ordering::Relaxed);
        // Frames begin with 2; of the other messages the clock decides when to begin again.
        if heard.first() == Some(&1)
            && heard.len() < 200
            && let Ok(ServerMessage::Clock(clock)) = decode_server(Encoding::Binary, &heard)
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
        if let ServerMessage::Frame(frame) = decode_server(Encoding::Binary, &heard)? {
            for row in frame.tiles.iter().flat_map(TileFrame::rows) {
                late_ms.push(((at.0 - row.fix_time.0).max(0) / 1_000) as u32);
            }
        }
    }
    Ok(late_ms)
}

/// The replays that run beside the city, and what they have come to.
#[derive(Clone)]
struct Replays {
    address: String,
    /// The stretch of the log that each plays over and over.
    begin: Timestamp,
    loop_s: i64,
    wanted: Arc<AtomicBool>,
    /// Messages sent to all of them.
    frames: Arc<AtomicU64>,
    /// City time played by all of them.
    played_ms: Arc<AtomicU64>,
}

/// How late live positions came, milliseconds, and how fast the replays ran beside, all together.
#[derive(Default)]
struct Lateness {
    alone_ms: Vec<u32>,
    beside_ms: Vec<u32>,
    played_s_per_s: f64,
}

/// Measures alone, then with replays beside.
async fn turn(live: &mut Socket, replays: &Replays, options: &Options) -> Result<Lateness> {
    let alone_ms = measure(live, options.seconds).await?;
    replays.wanted.store(true, Ordering::Relaxed);
    let running: Vec<_> = (0..options.replays)
        .map(|_| tokio::spawn(replay(replays.clone())))
        .collect();
    measure(live, 3).await?;
    let began = Instant::now();
    let before_ms = replays.played_ms.load(Ordering::Relaxed);
    let beside_ms = measure(live, options.seconds).await?;
    let ran_ms = replays.played_ms.load(Ordering::Relaxed) - before_ms;
    let played_s_per_s = ran_ms as f64 / 1e3 / began.elapsed().as_secs_f64();
    replays.wanted.store(false, Ordering::Relaxed);
    for replay in running {
        replay.await??;
    }
    measure(live, 3).await?;
    Ok(Lateness {
        alone_ms,
        beside_ms,
        played_s_per_s,
    })
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = options()?;
    let binary = server_beside()?;
    let data = tempfile::tempdir()?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let _server = Program(
        Command::new(&binary)
            .args(["serve", "--listen", &address, "--city"])
            .arg(&options.city)
            .arg("--data")
            .arg(data.path())
            .stderr(Stdio::inherit())
            .spawn()?,
    );
    let mut live = look(&address, "", 0.0).await?;
    let _feed = Program(
        Command::new(&binary)
            .args(["play", "--synthetic", &options.vehicles.to_string()])
            .arg("--city")
            .arg(&options.city)
            .args(["--to", &format!("http://{address}")])
            .spawn()?,
    );
    // The city fills up; then a stretch is recorded that all replays play.
    measure(&mut live, 15).await?;
    let replays = Replays {
        address,
        begin: now(),
        loop_s: 60,
        wanted: Arc::default(),
        frames: Arc::default(),
        played_ms: Arc::default(),
    };
    measure(&mut live, replays.loop_s as u64 + 5).await?;
    let mut all = Lateness::default();
    for number in 1..=options.turns {
        let mut one = turn(&mut live, &replays, &options).await?;
        println!(
            "turn {number}: alone p50 {} ms p99 {} ms; beside p50 {} ms p99 {} ms",
            percentile(&mut one.alone_ms, 0.5),
            percentile(&mut one.alone_ms, 0.99),
            percentile(&mut one.beside_ms, 0.5),
            percentile(&mut one.beside_ms, 0.99)
        );
        all.alone_ms.append(&mut one.alone_ms);
        all.beside_ms.append(&mut one.beside_ms);
        all.played_s_per_s += one.played_s_per_s;
    }
    print(all, &replays, &options);
    Ok(())
}

fn print(mut all: Lateness, replays: &Replays, options: &Options) {
    let measured_s = (options.seconds * u64::from(options.turns)) as f64;
    println!(
        "live at {:.0} and {:.0} positions/s; {} replays ran at {:.1}×, {} messages sent to them",
        all.alone_ms.len() as f64 / measured_s,
        all.beside_ms.len() as f64 / measured_s,
        options.replays,
        all.played_s_per_s / f64::from(options.turns) / f64::from(options.replays),
        replays.frames.load(Ordering::Relaxed)
    );
    let (a, b) = (
        percentile(&mut all.alone_ms, 0.99),
        percentile(&mut all.beside_ms, 0.99),
    );
    println!(
        "p99 alone {a} ms, beside {b} ms: ratio {:.3}",
        f64::from(b) / f64::from(a.max(1))
    );
}
