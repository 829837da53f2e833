//! Load: a real server, a real feed of N vehicles at 1 Hz through the public door, and one client that sees them all.
//! Prints how late positions come, whether a frame was missed, and what a vehicle costs in memory.
//!
//! `cargo run -p chengtu-tests --bin load -- --vehicles 100000 --seconds 300`

use anyhow::{Context, Result, ensure};
use chengtu_engine::geo::Viewport;
use chengtu_engine::stream::{ClientMessage, Layer, Mirror, ServerMessage, TileFrame};
use chengtu_protocol::{Encoding, Subprotocol, decode_server, encode_client};
use chengtu_tests::measure::{percentile, resident_bytes};
use chengtu_tests::options::Options as Given;
use chengtu_tests::program::{Program, free_port, server_beside};
use chengtu_tests::support::now;
use futures_util::{SinkExt, StreamExt};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

struct Options {
    vehicles: u32,
    seconds: u64,
    city: PathBuf,
}

fn options() -> Result<Options> {
    let given = Given::read(&["vehicles", "seconds", "city"])?;
    Ok(Options {
        vehicles: given.get("vehicles", 100_000)?,
        seconds: given.get("seconds", 300)?,
        city: given.path("city").unwrap_or("data/nanjing".into()),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let options = options()?;
    let binary = server_beside()?;
    let data = tempfile::tempdir()?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let server = Program(
        Command::new(&binary)
            .args(["serve", "--city"])
            .arg(&options.city)
            .arg("--data")
            .arg(data.path())
            .args(["--listen", &address])
            .stderr(Stdio::inherit())
            .spawn()?,
    );
    let pid = server.0.id();
    let mut watcher = Watcher::connect(&format!("ws://{address}/v1/ws")).await?;
    let idle = resident_bytes(pid)?;
    println!("server idle: {:.1} MiB", idle as f64 / 1_048_576.0);
    let feed = Program(
        Command::new(&binary)
            .arg("play")
            .args(["--synthetic", &options.vehicles.to_string()])
            .arg("--city")
            .arg(&options.city)
            .args(["--to", &format!("http://{address}")])
            .spawn()?,
    );
    watcher.wait_for(options.vehicles as usize).await?;
    let measured = watcher.measure(options.seconds, pid).await?;
    drop(feed);
    measured.print(&options, idle);
    Ok(())
}

/// What came in a stretch of time.
#[derive(Default)]
struct Measured {
    /// How late each position came, milliseconds.
    late_ms: Vec<u32>,
    frames: u64,
    /// Snapshots instead of frames, because the client was too slow.
    lagged: u64,
    bytes: u64,
    /// Most memory that the server took, bytes.
    peak: u64,
}

impl Measured {
    fn print(mut self, options: &Options, idle: u64) {
        let rows = self.late_ms.len();
        let each = self.peak.saturating_sub(idle) as f64 / f64::from(options.vehicles);
        println!(
            "{rows} positions in {} s ({:.0}/s), {} frames, {:.1} bytes a position",
            options.seconds,
            rows as f64 / options.seconds as f64,
            self.frames,
            self.bytes as f64 / rows.max(1) as f64
        );
        println!(
            "feed → client: median {} ms, p99 {} ms, worst {} ms",
            percentile(&mut self.late_ms, 0.5),
            percentile(&mut self.late_ms, 0.99),
            percentile(&mut self.late_ms, 1.0)
        );
        println!(
            "frames missed or out of order: 0; snapshots for lag: {}",
            self.lagged
        );
        println!(
            "server peak: {:.1} MiB, {each:.0} bytes a vehicle above idle",
            self.peak as f64 / 1_048_576.0
        );
    }
}

/// A client that sees the whole city at ten frames a second.
struct Watcher {
    socket: Socket,
    mirror: Mirror,
}

impl Watcher {
    /// Connects and waits for the first snapshot.
    async fn connect(url: &str) -> Result<Self> {
        let mut watcher = Self {
            socket: connect(url).await?,
            mirror: Mirror::new(),
        };
        let hello = ClientMessage::Hello {
            token: String::new(),
            client: "load".into(),
            resume: None,
        };
        watcher.say(&hello).await?;
        while watcher.mirror.hello.is_none() {
            watcher.next().await?;
        }
        let hello = watcher.mirror.hello.as_ref().context("hello")?;
        let (west, south, east, north) = hello.city.bounds;
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
        watcher.say(&subscribe).await?;
        while !watcher.mirror.is_ready() {
            watcher.next().await?;
        }
        Ok(watcher)
    }

    async fn say(&mut self, message: &ClientMessage) -> Result<()> {
        let bytes = encode_client(Encoding::Binary, message);
        Ok(self.socket.send(Message::Binary(bytes.into())).await?)
    }

    /// Waits until every vehicle has been seen once: until then the city is filling up.
    async fn wait_for(&mut self, vehicles: usize) -> Result<()> {
        let filling = Instant::now();
        while self.mirror.mover_count() < vehicles {
            self.next().await?;
            ensure!(
                filling.elapsed() < Duration::from_mins(2),
                "after 120 s only {} of {vehicles} vehicles were seen",
                self.mirror.mover_count()
            );
        }
        let took_s = filling.elapsed().as_secs_f64();
        println!("{} vehicles after {took_s:.1} s", self.mirror.mover_count());
        Ok(())
    }

    /// Reads for so many seconds; `server` is the process whose memory is looked at every second.
    async fn measure(&mut self, seconds: u64, server: u32) -> Result<Measured> {
        let mut measured = Measured::default();
        let start = Instant::now();
        let mut looked = Instant::now();
        while start.elapsed() < Duration::from_secs(seconds) {
            let Some((message, size)) = self.next().await? else {
                continue;
            };
            measured.bytes += size as u64;
            match message {
                ServerMessage::Frame(frame) => {
                    let now = now();
                    measured.frames += 1;
                    for row in frame.tiles.iter().flat_map(TileFrame::rows) {
                        let late_us = (now.0 - row.fix_time.0).max(0);
                        measured.late_ms.push((late_us / 1_000) as u32);
                    }
                }
                ServerMessage::Snapshot { .. } => measured.lagged += 1,
                _ => {}
            }
            if looked.elapsed() > Duration::from_secs(1) {
                looked = Instant::now();
                measured.peak = measured.peak.max(resident_bytes(server)?);
            }
        }
        Ok(measured)
    }

    /// Takes one message in; a missed frame is an error here, because none may be missed.
    async fn next(&mut self) -> Result<Option<(ServerMessage, usize)>> {
        let message = tokio::time::timeout(Duration::from_secs(30), self.socket.next())
            .await
            .context("nothing heard for 30 s")?
            .context("the server closed the connection")??;
        let Message::Binary(bytes) = message else {
            return Ok(None);
        };
        let decoded = decode_server(Encoding::Binary, &bytes)?;
        self.mirror.apply(&decoded).context("a frame was missed")?;
        Ok(Some((decoded, bytes.len())))
    }
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// Connects; a server that does not listen yet is tried for 30 s.
async fn connect(url: &str) -> Result<Socket> {
    let start = Instant::now();
    loop {
        let mut request = url.into_client_request()?;
        request.headers_mut().insert(
            "Sec-WebSocket-Protocol",
            Subprotocol::BINARY_1_0.name().parse()?,
        );
        match tokio_tungstenite::connect_async(request).await {
            Ok((socket, _)) => return Ok(socket),
            Err(e) if start.elapsed() > Duration::from_secs(30) => {
                return Err(e).context("no server after 30 s");
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}
