//! TLS as those who connect see it: versions and ciphers, certificates and their renewal, whoever keeps the server waiting.

use anyhow::{Context, Result, ensure};
use chengtu_engine::stream::{ClientMessage, ServerMessage};
use chengtu_server::feeds::RowKind;
use chengtu_server::play::{FeedClient, FeedError, ServerAddress};
use chengtu_tests::program::{Program, free_port, nanjing, server_program};
use chengtu_tests::secure::{
    Files, Said, agreed, connect, fingerprint_in, hello, offering, old_hello, pinned, shown,
};
use chengtu_tests::support::{Client, Server, until};
use chengtu_trust::{Fingerprint, Refusal};
use rustls::ProtocolVersion;
use rustls::version::{TLS12, TLS13};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PEOPLE: &str = "
    [[users]]\nname = 'Li'\nrole = 'operator'\ntoken = 'li-secret'
    [[feeds]]\nname = 'taxis'\ntoken = 'taxi-secret'\n";

/// A server with a certificate of this test, and where that lies.
struct Secure {
    server: Server,
    files: Files,
    _dir: tempfile::TempDir,
}

impl Secure {
    async fn start(config: &str) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let files = Files::new(dir.path())?;
        Self::with(dir, files, config).await
    }

    async fn with(dir: tempfile::TempDir, files: Files, config: &str) -> Result<Self> {
        let config = format!("{config}\n{PEOPLE}\n{}", files.config());
        let server = Server::start(&config).await?;
        Ok(Self {
            server,
            files,
            _dir: dir,
        })
    }

    async fn desk(&self) -> Result<Client> {
        let tls = pinned(self.files.fingerprint()?)?;
        Client::secure(self.server.address, "li-secret", tls).await
    }

    /// What `/healthz` says of TLS, and its `status`.
    async fn health(&self) -> Result<(Value, String)> {
        let (_, health) = self.server.health().await?;
        let status = health["status"].as_str().unwrap_or_default().to_owned();
        Ok((health["tls"].clone(), status))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_versions_and_weak_ciphers_are_refused_and_those_of_today_are_taken() -> Result<()> {
    let secure = Secure::start("").await?;
    let address = secure.server.address;
    // ECDHE-ECDSA with AES-128-GCM, AES-256-GCM and ChaCha20-Poly1305.
    let strong = [0xc02b, 0xc02c, 0xcca9];
    for (name, version) in [
        ("SSL 3.0", 0x0300),
        ("TLS 1.0", 0x0301),
        ("TLS 1.1", 0x0302),
    ] {
        let said = hello(address, version, &strong).await?;
        ensure!(said == Said::Alert(70), "{name}: {said:?}");
    }
    for cipher in strong {
        let said = hello(address, 0x0303, &[cipher]).await?;
        ensure!(said == Said::Hello, "{cipher:#06x}: {said:?}");
    }
    for (name, cipher) in [
        ("NULL-SHA", 0x0002),
        ("RC4-SHA", 0x0005),
        ("DES-CBC3-SHA", 0x000a),
        ("AES128-SHA", 0x002f),
        ("AES128-SHA256", 0x003c),
        ("AES128-GCM-SHA256 without forward secrecy", 0x009c),
        ("DHE-RSA-AES128-GCM-SHA256", 0x009e),
        ("anonymous ADH-AES128-SHA", 0x0034),
        ("EXP-RC4-MD5", 0x0003),
        ("ECDHE-ECDSA-RC4-SHA", 0xc007),
        ("ECDHE-ECDSA-DES-CBC3-SHA", 0xc008),
        ("ECDHE-ECDSA-AES128-SHA", 0xc009),
        ("ECDHE-ECDSA-AES128-SHA256", 0xc023),
        ("ECDHE-ECDSA-AES128-CCM-8", 0xc0ae),
        ("PSK-AES128-CBC-SHA", 0x008c),
    ] {
        let said = hello(address, 0x0303, &[cipher]).await?;
        ensure!(said == Said::Alert(40), "{name}: {said:?}");
    }
    for (versions, expected) in [
        (&TLS12, ProtocolVersion::TLSv1_2),
        (&TLS13, ProtocolVersion::TLSv1_3),
    ] {
        let line = connect(address, offering(&[versions], &["h2", "http/1.1"])?).await?;
        let (version, protocol) = agreed(&line);
        ensure!(version == Some(expected), "{version:?}");
        ensure!(
            protocol.as_deref() == Some(b"http/1.1".as_slice()),
            "{protocol:?}"
        );
    }
    secure.server.stop().await
}

/// The whole of what is answered to `text` on a plain connection.
async fn plain(server: &Server, text: &str) -> Result<String> {
    let mut line = TcpStream::connect(server.address).await?;
    line.write_all(text.as_bytes()).await?;
    let mut answer = String::new();
    let reading = line.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(10), reading).await??;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_request_on_the_port_is_told_where_to_ask() -> Result<()> {
    let secure = Secure::start("").await?;
    let asked = "GET /healthz HTTP/1.1\r\nHost: city.example:7300\r\nAuthorization: Bearer li-secret\r\n\r\n";
    let answer = plain(&secure.server, asked).await?;
    ensure!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    ensure!(
        answer.contains("this server speaks TLS: https://city.example:7300/"),
        "{answer}"
    );
    ensure!(!answer.contains("secret"), "{answer}");
    // What is neither gets nothing.
    ensure!(plain(&secure.server, "\u{1}\u{2}hello").await?.is_empty());
    // A whole day's work over TLS: a socket, a feed, figures.
    let mut desk = secure.desk().await?;
    desk.subscribe().await?;
    until(&mut desk, |m| {
        matches!(m, ServerMessage::Snapshot { .. }).then_some(())
    })
    .await?;
    let row = r#"{"key":"a","lon":118.79,"lat":32.05}"#;
    let (status, body) = secure
        .server
        .post("/v1/feeds/taxis/fixes", "taxi-secret", row)
        .await?;
    ensure!(status == 200 && body["accepted"] == 1, "{status} {body}");
    ensure!(
        secure
            .server
            .metrics()
            .await?
            .contains("chengtu_tls_certificate_seconds_left")
    );
    secure.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stalls_in_the_handshake_is_closed_in_time_and_gives_way_before() -> Result<()> {
    let secure = Secure::start("[limits]\nhead_timeout_s = 2\nconnections_max = 12\n").await?;
    let address = secure.server.address;
    let half = old_hello(0x0303, &[0xc02b]);
    for begun in [&[][..], &half[..1], &half[..half.len() / 2]] {
        let mut line = TcpStream::connect(address).await?;
        line.write_all(begun).await?;
        let since = Instant::now();
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(10), line.read_to_end(&mut rest));
        let _ = ended.await.context("it is kept for ever")?;
        let s = since.elapsed().as_secs_f64();
        ensure!((1.5..5.0).contains(&s), "{} bytes: {s} s", begun.len());
    }
    // The time of the handshake is part of that of the head.
    let mut line = connect(address, offering(&[&TLS13], &[])?).await?;
    line.write_all(b"GET /healthz HTTP/1.1\r\nHost: loc")
        .await?;
    let since = Instant::now();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), line.read_to_end(&mut rest));
    let _ = ended.await.context("half a head is kept for ever")?;
    ensure!(since.elapsed() < Duration::from_secs(4));
    // More of them than there are places keep nobody out.
    let mut held = Vec::new();
    for _ in 0..60 {
        let mut line = TcpStream::connect(address).await?;
        line.write_all(&half[..20]).await?;
        held.push(line);
    }
    let since = Instant::now();
    let mut desk = secure.desk().await?;
    desk.say(&ClientMessage::Ping { nonce: 5 }).await?;
    until(&mut desk, |m| {
        matches!(m, ServerMessage::Pong { nonce: 5, .. }).then_some(())
    })
    .await?;
    ensure!(
        since.elapsed() < Duration::from_millis(1_500),
        "{:?}",
        since.elapsed()
    );
    drop(held);
    secure.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_shown_without_a_restart_and_a_hundred_sessions_stay() -> Result<()> {
    let secure = Secure::start("").await?;
    let address = secure.server.address;
    let first = secure.files.fingerprint()?;
    let mut desks = Vec::new();
    for _ in 0..100 {
        desks.push(secure.desk().await?);
    }
    let second = secure.files.renew(2020, 2061)?;
    let changed = wait_until_shown(&secure, second).await?;
    ensure!(first != second && changed < 7.0, "{changed} s");
    let dropped = answer_all(&mut desks).await;
    ensure!(dropped == 0, "{dropped} sessions were dropped");
    println!("reload: shown after {changed:.1} s, 100 sessions open, {dropped} dropped");
    // One that cannot be used is not taken: the one before goes on, and it is said.
    secure.files.damage()?;
    let (tls, status) = wait_for_trouble(&secure).await?;
    ensure!(
        status.contains("no certificate in PEM") && status.contains("goes on"),
        "{status}"
    );
    ensure!(tls["fingerprint"] == second.to_string(), "{tls}");
    ensure!(shown(address).await? == second);
    secure.files.renew(2001, 2002)?;
    tokio::time::timeout(Duration::from_secs(10), async {
        while !secure
            .health()
            .await?
            .1
            .contains("has expired, on 2002-01-01")
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        anyhow::Ok(())
    })
    .await??;
    ensure!(shown(address).await? == second);
    let metrics = secure.server.metrics().await?;
    ensure!(
        metrics.contains("chengtu_tls_reloads_total{result=\"taken\"}"),
        "{metrics}"
    );
    ensure!(
        metrics.contains("chengtu_tls_reloads_total{result=\"refused\"}"),
        "{metrics}"
    );
    ensure!(answer_all(&mut desks).await == 0);
    secure.server.stop().await
}

/// Seconds until a certificate is shown to who connects.
async fn wait_until_shown(secure: &Secure, expected: Fingerprint) -> Result<f64> {
    let since = Instant::now();
    while shown(secure.server.address).await? != expected {
        ensure!(
            since.elapsed() < Duration::from_secs(15),
            "it is never shown"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(since.elapsed().as_secs_f64())
}

async fn wait_for_trouble(secure: &Secure) -> Result<(Value, String)> {
    let since = Instant::now();
    loop {
        let (tls, status) = secure.health().await?;
        if !tls["trouble"].is_null() {
            return Ok((tls, status));
        }
        ensure!(
            since.elapsed() < Duration::from_secs(15),
            "nobody says so: {tls}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// How many sessions do not answer.
async fn answer_all(desks: &mut [Client]) -> usize {
    let mut dropped = 0;
    for (n, desk) in desks.iter_mut().enumerate() {
        let nonce = 1_000 + n as u64;
        let asked = desk.say(&ClientMessage::Ping { nonce }).await;
        let pong = |m: &ServerMessage| match m {
            ServerMessage::Pong { nonce: of, .. } => (*of == nonce).then_some(()),
            _ => None,
        };
        if asked.is_err() || until(desk, pong).await.is_err() {
            dropped += 1;
        }
    }
    dropped
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_with_an_expired_certificate_and_says_so() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let files = Files::new(dir.path())?;
    files.renew(2001, 2002)?;
    let secure = Secure::with(dir, files, "").await?;
    let (tls, status) = secure.health().await?;
    ensure!(status.contains("has expired, on 2002-01-01"), "{status}");
    ensure!(
        tls["seconds_left"].as_i64().context("a number")? < -20 * 365 * 86_400,
        "{tls}"
    );
    // Whoever has confirmed it goes on.
    secure.desk().await?;
    secure.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_the_network_without_a_certificate_gets_one_for_development() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let (city, listen) = (nanjing(), "0.0.0.0:0");
    let start = async || Server::listening(listen, &city, dir.path(), PEOPLE).await;
    let server = start().await?;
    let made = fingerprint_in(&dir.path().join("tls/dev-cert.pem"))?;
    ensure!(shown(server.address).await? == made);
    let (_, health) = server.health().await?;
    ensure!(health["tls"]["development"] == true, "{health}");
    Client::secure(server.address, "li-secret", pinned(made)?).await?;
    ensure!(
        Client::connect(server.address, "li-secret").await.is_err(),
        "plain text"
    );
    server.stop().await?;
    let again = start().await?;
    ensure!(
        shown(again.address).await? == made,
        "the same at each start"
    );
    again.stop().await?;
    let words = format!("{PEOPLE}\n[tls]\nplain_behind_proxy = true\n");
    let behind = Server::listening(listen, &city, dir.path(), &words).await?;
    Client::connect(behind.address, "li-secret").await?;
    behind.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_takes_a_certificate_only_once_it_is_confirmed_and_no_other_then() -> Result<()> {
    let secure = Secure::start("").await?;
    let right = secure.files.fingerprint()?;
    let row = br#"{"key":"a","lon":118.79,"lat":32.05}"#.to_vec();
    let post = async |pin| {
        let server = ServerAddress::new(&secure.server.http(""), pin)?;
        let feed = FeedClient::new(&server, "taxis", "taxi-secret")?;
        anyhow::Ok(feed.post_patiently(RowKind::Fixes, row.clone()).await)
    };
    match post(None).await? {
        Err(FeedError::Certificate {
            refusal: Refusal::Unknown { shown, .. },
            ..
        }) => ensure!(shown == right),
        other => anyhow::bail!("{other:?}"),
    }
    ensure!(post(Some(right)).await??.accepted == 1);
    let pinned = Fingerprint::of(b"another");
    let refused = post(Some(pinned)).await?;
    let Err(error) = refused else {
        anyhow::bail!("{refused:?}");
    };
    let words = error.to_string();
    ensure!(
        words.contains("is not the one that was confirmed"),
        "{words}"
    );
    ensure!(words.contains(&format!("--pin {right}")), "{words}");
    secure.server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_say_the_fingerprint_and_take_it_and_a_hang_up_ends_nothing() -> Result<()> {
    let program = tokio::task::spawn_blocking(server_program).await??;
    let dir = tempfile::tempdir()?;
    let files = Files::new(dir.path())?;
    let config = dir.path().join("server.toml");
    std::fs::write(&config, format!("{PEOPLE}\n{}", files.config()))?;
    let port = free_port()?;
    let address = format!("127.0.0.1:{port}");
    let log = std::fs::File::create(dir.path().join("log"))?;
    let mut server = Program(
        Command::new(&program)
            .args(["serve", "--listen", &address, "--city"])
            .arg(nanjing())
            .arg("--data")
            .arg(dir.path().join("data"))
            .arg("--config")
            .arg(&config)
            .stderr(Stdio::from(log))
            .spawn()?,
    );
    let socket = address.parse()?;
    let since = Instant::now();
    while shown(socket).await.is_err() {
        ensure!(
            since.elapsed() < Duration::from_mins(1),
            "it does not serve"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let said = std::fs::read_to_string(dir.path().join("log"))?;
    let right = files.fingerprint()?.to_string();
    ensure!(said.contains(&right), "{said}");
    let rows = dir.path().join("rows.ndjson");
    std::fs::write(
        &rows,
        "{\"key\":\"a\",\"lon\":118.79,\"lat\":32.05,\"time\":0}\n",
    )?;
    let play = async |more: &[&str]| {
        let mut command = Command::new(&program);
        command.arg("play").arg(&rows);
        command.args(["--feed", "taxis", "--token", "taxi-secret", "--to"]);
        command.arg(format!("https://{address}")).args(more);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let words = [output.stdout, output.stderr].concat();
        anyhow::Ok((
            output.status.success(),
            String::from_utf8_lossy(&words).into_owned(),
        ))
    };
    let (done, words) = play(&[]).await?;
    ensure!(
        !done && words.contains(&format!("--pin {right}")),
        "{words}"
    );
    let (done, words) = play(&["--pin", &right]).await?;
    ensure!(done && words.contains("1 positions taken"), "{words}");
    let renewed = files.renew(2020, 2062)?;
    let hung_up = Command::new("kill")
        .args(["-HUP", &server.0.id().to_string()])
        .status()?;
    ensure!(hung_up.success());
    let since = Instant::now();
    while shown(socket).await? != renewed {
        ensure!(since.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(server.0.try_wait()?.is_none(), "a hang-up ended it");
    let (done, words) = play(&["--pin", &right]).await?;
    ensure!(
        !done && words.contains("is not the one that was confirmed"),
        "{words}"
    );
    Ok(())
}
