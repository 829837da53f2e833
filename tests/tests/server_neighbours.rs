//! A neighbour without good will: whoever can reach the port and knows no token keeps nobody out, costs nobody anything
//! and is nobody.

use anyhow::{Context, Result, ensure};
use chengtu_engine::command::CommandRequest;
use chengtu_engine::stream::ServerMessage;
use chengtu_tests::support::{Client, JsonClient, Server, report};
use serde_json::Value;
use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const USERS: &str = "
[[users]]
name = '王莉'
role = 'operator'
token = 'op'
[[users]]
name = '大屏'
role = 'viewer'
token = 'view'
[[feeds]]
name = 'taxis'
token = 'ta'
[[feeds]]
name = 'buses'
token = 'tb'
";

/// Says something in bytes and gives what is answered until the other side closes, or nothing comes for a while.
async fn said(address: SocketAddr, bytes: &[u8], wait: Duration) -> Result<(String, bool)> {
    let mut line = TcpStream::connect(address).await?;
    line.write_all(bytes).await?;
    Ok(heard(&mut line, wait).await)
}

/// What comes, and whether the other side has closed.
async fn heard(line: &mut TcpStream, wait: Duration) -> (String, bool) {
    let mut all = Vec::new();
    let mut part = vec![0; 65_536];
    let closed = loop {
        match timeout(wait, line.read(&mut part)).await {
            Ok(Ok(n)) if n > 0 => all.extend_from_slice(&part[..n]),
            Ok(_) => break true,
            Err(_) => break false,
        }
    };
    (String::from_utf8_lossy(&all).into_owned(), closed)
}

fn upgrade(more: &str) -> String {
    format!(
        "GET /v1/ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    )
}

/// What a command may take on a busy machine; it was a minute.
const PATIENCE: Duration = Duration::from_secs(10);

async fn works(client: &mut Client, id: u64) -> Result<()> {
    let began = Instant::now();
    let answer = client.command(id, report("")).await?;
    ensure!(matches!(answer, ServerMessage::Accepted(_)), "{answer:?}");
    ensure!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_head_half_a_body_and_silence_end_and_keep_nobody_out() -> Result<()> {
    let limits = "[limits]\nconnections_max = 40\nhead_timeout_s = 2\nbody_pause_s = 2\nbody_timeout_s = 4\n";
    let server = Server::start(&(limits.to_owned() + USERS)).await?;
    let mut officer = Client::connect(server.address, "op").await?;
    let body = "POST /v1/feeds/taxis/fixes HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ta\r\nContent-Length: 100\r\n\r\n{";
    let halves = ["", "GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ", body];
    let mut held = Vec::new();
    for n in 0..200 {
        let mut line = TcpStream::connect(server.address).await?;
        line.write_all(halves[n % 2].as_bytes()).await?;
        held.push(line);
    }
    // All places are taken, and whoever means it gets in all the same, by socket and by request.
    let mut other = Client::connect(server.address, "op").await?;
    works(&mut officer, 1).await?;
    works(&mut other, 2).await?;
    let row = r#"{"key":"a","lon":118.79,"lat":32.05}"#;
    let (status, answer) = server.post("/v1/feeds/taxis/fixes", "ta", row).await?;
    ensure!(status == 200, "{answer}");
    let metrics = server.metrics().await?;
    ensure!(
        metrics.contains("chengtu_connections_too_many_total"),
        "told in figures"
    );
    // After their time all of them have been closed.
    tokio::time::sleep(Duration::from_secs(3)).await;
    for line in &mut held {
        ensure!(
            heard(line, Duration::from_millis(200)).await.1,
            "still open"
        );
    }
    let (answer, closed) =
        said(server.address, halves[2].as_bytes(), Duration::from_secs(6)).await?;
    ensure!(closed && answer.starts_with("HTTP/1.1 408"), "{answer}");
    // An answered connection that says nothing more.
    let idle = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let (answer, closed) = said(server.address, idle.as_bytes(), Duration::from_secs(6)).await?;
    ensure!(closed && answer.starts_with("HTTP/1.1 200"), "{answer}");
    works(&mut officer, 3).await?;
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_sockets_without_hello_fill_no_place() -> Result<()> {
    let limits = "[limits]\nsessions_max = 8\nsessions_reserved = 2\ngreeting_max = 16\n";
    let server = Server::start(&(limits.to_owned() + USERS)).await?;
    let mut held = Vec::new();
    for _ in 0..300 {
        held.push(JsonClient::connect(server.address).await?);
    }
    let (_, health) = server.health().await?;
    ensure!(health["sessions"] == 0, "{health}");
    // The oldest have been told so; the youngest may still say hello.
    let first = held.remove(0).next().await?;
    ensure!(
        matches!(&first, Err(Some((4005, why))) if why.contains("hello")),
        "{first:?}"
    );
    let last = held.last_mut().context("held")?;
    last.say(r#"{"hello":{"token":"view","client":"t"}}"#)
        .await?;
    last.expect("hello").await?;
    // Viewers fill what is theirs, and the operators' places stay.
    let mut walls = Vec::new();
    for _ in 0..5 {
        walls.push(Client::connect(server.address, "view").await?);
    }
    let refused = Client::connect(server.address, "view").await.err();
    let refused = refused.context("no place")?.to_string();
    ensure!(refused.contains("sessions_max"), "{refused}");
    let mut officer = Client::connect(server.address, "op").await?;
    works(&mut officer, 1).await?;
    drop(walls);
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn before_hello_no_more_than_four_kilobytes_are_read() -> Result<()> {
    let server = Server::start(USERS).await?;
    for size in [4_097, 60_000, 1 << 20, 64 << 20] {
        let mut c = JsonClient::connect(server.address).await?;
        let token = "N".repeat(size.min(3 << 20));
        let hello = format!(r#"{{"hello":{{"token":"{token}","client":"t"}}}}"#);
        if size < 64 << 20 {
            let _ = c.say(&hello).await;
        } else {
            // A frame that says that it is large, and goes on and on.
            let line = c.socket.get_mut();
            line.write_all(&[0x81, 0xff, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4])
                .await?;
            let _ = line.write_all(&vec![b'x'; 1 << 20]).await;
        }
        let mut codes = Vec::new();
        let ended = loop {
            match c.next().await? {
                Ok(m) => codes.push(m["notice"]["code"].clone()),
                Err(ended) => break ended,
            }
        };
        ensure!(codes == [602], "{size}: {codes:?}");
        ensure!(matches!(ended, Some((1009, _))), "{size}: {ended:?}");
    }
    // After it, messages are as large as they may be.
    let mut c = JsonClient::connect(server.address).await?;
    c.say(r#"{"hello":{"token":"op","client":"t"}}"#).await?;
    c.expect("hello").await?;
    c.say(&format!(
        r#"{{"ping":{{"nonce":5}}}}{}"#,
        " ".repeat(500_000)
    ))
    .await?;
    ensure!(c.expect("pong").await?["nonce"] == 5);
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digest_is_for_operators_and_two_thousand_questions_make_no_command_wait() -> Result<()>
{
    let server = Server::start(USERS).await?;
    let mut officer = Client::connect(server.address, "op").await?;
    let ask = async |token: &'static str| -> Result<(u16, Value)> {
        let asked = reqwest::Client::new().get(server.http("/healthz?digest=1"));
        let asked = asked.header("Authorization", format!("Bearer {token}"));
        let answer = asked.send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    };
    for (token, status) in [
        ("", 401),
        ("wrong", 401),
        ("view", 403),
        ("ta", 403),
        ("op", 200),
    ] {
        let (found, answer) = ask(token).await?;
        ensure!(found == status, "{token}: {found} {answer}");
        ensure!(answer["digest"].is_string() == (status == 200), "{answer}");
    }
    ensure!(reqwest::get(server.http("/healthz")).await?.status() == 200);
    let url = server.http("/healthz?digest=1");
    let strangers = reqwest::Client::new();
    let flood: Vec<_> = (0..2_000)
        .map(|n| {
            let token = if n % 2 == 0 { "op" } else { "" };
            let asked = strangers.get(&url);
            let asked = asked.header("Authorization", format!("Bearer {token}"));
            tokio::spawn(async move { asked.send().await.map(|a| a.status().as_u16()) })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    works(&mut officer, 1).await?;
    let mut answered = 0;
    for one in flood {
        answered += usize::from(matches!(one.await?, Ok(200 | 401)));
    }
    ensure!(answered > 1_500, "{answered}");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_from_anywhere_is_not_the_duty_officer() -> Result<()> {
    // Nobody is configured: everybody on this machine is, but no page that they look at.
    let server = Server::start("").await?;
    let short = Duration::from_millis(500);
    let own = format!("Host: {}\r\n", server.address);
    for (more, status) in [
        (own.clone(), "101"),
        (format!("{own}Origin: http://{}\r\n", server.address), "101"),
        (format!("{own}Origin: https://evil.example\r\n"), "403"),
        (format!("{own}Origin: null\r\n"), "403"),
        (format!("{own}Origin: http://localhost:8080\r\n"), "403"),
        ("Host: rebound.evil.example\r\n".to_owned(), "421"),
        (
            "Host: rebound.evil.example\r\nOrigin: http://rebound.evil.example\r\n".to_owned(),
            "421",
        ),
    ] {
        let (answer, _) = said(server.address, upgrade(&more).as_bytes(), short).await?;
        ensure!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{more}: {answer}"
        );
    }
    let row = r#"{"key":"csrf","class":"E0101","severity":"severe","lon":118.79,"lat":32.05}"#;
    let post = async |headers: &[(&str, &str)]| -> Result<u16> {
        let mut r = reqwest::Client::new().post(server.http("/v1/feeds/x/cases"));
        for (name, value) in headers {
            r = r.header(*name, *value);
        }
        Ok(r.body(row).send().await?.status().as_u16())
    };
    let nd = ("Content-Type", "application/x-ndjson");
    ensure!(post(&[("Content-Type", "text/plain")]).await? == 415);
    ensure!(
        post(&[
            ("Content-Type", "text/plain;charset=UTF-8"),
            ("Origin", "https://evil.example")
        ])
        .await?
            == 403
    );
    ensure!(post(&[("Origin", "https://evil.example")]).await? == 403);
    ensure!(post(&[nd, ("Origin", "https://evil.example")]).await? == 403);
    ensure!(post(&[("Sec-Fetch-Site", "cross-site")]).await? == 403);
    ensure!(post(&[nd, ("Host", "rebound.evil.example")]).await? == 421);
    for path in [
        "/healthz",
        "/metrics",
        "/v1/pack/city.toml",
        "/v1/drills/1/report",
    ] {
        let asked = reqwest::Client::new().get(server.http(path));
        let answer = asked.header("Host", "rebound.evil.example").send().await?;
        ensure!(answer.status() == 421, "{path}: {}", answer.status());
    }
    ensure!(post(&[nd]).await? == 200);
    server.stop().await?;
    let named =
        Server::start("hosts = ['city.example']\norigins = ['https://desk.example']").await?;
    let more = "Host: city.example\r\nOrigin: https://desk.example\r\n";
    let (answer, _) = said(named.address, upgrade(more).as_bytes(), short).await?;
    ensure!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    named.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn open_does_not_hold_once_users_or_feeds_are_configured() -> Result<()> {
    let user = "[[users]]\nname = 'Li'\nrole = 'operator'\ntoken = 'op'\n";
    let feed = "[[feeds]]\nname = 'taxis'\ntoken = 'ta'\n";
    for config in [user, feed, "open = false"] {
        let server = Server::start(config).await?;
        for token in ["", "feed:evil", "unit:排水 1", "operator:Li", "viewer:x"] {
            let opened = Client::connect(server.address, token).await;
            ensure!(opened.is_err(), "{config}: {token:?} opens");
        }
        let row = r#"{"key":"a","lon":118.79,"lat":32.05}"#;
        for path in ["anything", "taxis", "units"] {
            let (status, answer) = server
                .post(&format!("/v1/feeds/{path}/fixes"), "", row)
                .await?;
            ensure!(status == 401, "{config}: {path}: {answer}");
        }
        server.stop().await?;
    }
    Ok(())
}

/// Memory that this process has in use, bytes.
fn resident() -> Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kb = line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<usize>().ok());
    Ok(kb.context("VmRSS")? * 1_024)
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_of_geojson_cost_no_memory_and_no_other_feed() -> Result<()> {
    let server = Server::start(USERS).await?;
    let mut officer = Client::connect(server.address, "op").await?;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(br#"{"type":"FeatureCollection","features":["#)?;
    let zeros = b"0,".repeat(1 << 19);
    for _ in 0..31 {
        bomb.write_all(&zeros)?;
    }
    bomb.write_all(b"0]}")?;
    let bomb = bomb.finish()?;
    ensure!(bomb.len() < 60_000, "{}", bomb.len());
    let before = resident()?;
    let url = server.http("/v1/feeds/taxis/fixes");
    let throw = || {
        let r = reqwest::Client::new()
            .post(&url)
            .header("Authorization", "Bearer ta")
            .header("Content-Type", "application/geo+json")
            .header("Content-Encoding", "gzip")
            .body(bomb.clone());
        tokio::spawn(async move { r.send().await.map(|a| a.status().as_u16()) })
    };
    let bombs: Vec<_> = (0..24).map(|_| throw()).collect();
    let mut peak = before;
    let row = r#"{"key":"b","lon":118.79,"lat":32.05}"#;
    for id in 0..5 {
        let began = Instant::now();
        let (status, answer) = server.post("/v1/feeds/buses/fixes", "tb", row).await?;
        ensure!(status == 200, "{answer}");
        ensure!(
            began.elapsed() < PATIENCE,
            "another feed waited {:?}",
            began.elapsed()
        );
        works(&mut officer, id).await?;
        peak = peak.max(resident()?);
    }
    for one in bombs {
        let status = one.await??;
        ensure!(status == 413 || status == 429, "{status}");
        peak = peak.max(resident()?);
    }
    println!("{} MB before, {} MB at most", before >> 20, peak >> 20);
    ensure!(
        peak - before < 700 << 20,
        "{} MB more",
        (peak - before) >> 20
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_reads_nothing_is_closed_before_it_holds_much() -> Result<()> {
    let server = Server::start("[limits]\noutbox_bytes_max = 200000\n").await?;
    let mut deaf = Client::connect(server.address, "").await?;
    let mut officer = Client::connect(server.address, "").await?;
    let answer = officer.command(1, report("for rankings")).await?;
    let ServerMessage::Accepted(a) = answer else {
        anyhow::bail!("{answer:?}")
    };
    let case = a.case.context("a case")?;
    let question = chengtu_engine::stream::ClientMessage::RankUnits { request: 1, case };
    let before = resident()?;
    for _ in 0..4_000 {
        if deaf.say(&question).await.is_err() {
            break;
        }
    }
    // Its answers are no more than its outbox and its line hold; then it is closed.
    let (seen, _) = tokio::time::timeout(Duration::from_secs(40), deaf.ended()).await??;
    ensure!(seen.len() < 4_000, "{}", seen.len());
    ensure!(resident()? - before.min(resident()?) < 100 << 20);
    let recall = CommandRequest::RecallUnit {
        unit: chengtu_engine::ids::UnitId(0),
    };
    officer.command(2, recall).await?;
    server.stop().await
}
