//! Tokens: wherever they are shown to the server, they stand in no line of its log, however much it says, in no figure and in no
//! answer.

use anyhow::{Context, Result, ensure};
use chengtu_tests::program::{Program, free_port, nanjing, server_program};
use chengtu_tests::support::{Client, JsonClient};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const OPERATOR: &str = "sesame-operator-41";
const FEED: &str = "sesame-feed-42";
const TERMINAL: &str = "sesame-terminal-43";
/// Shown by somebody whose token it is not, or no more.
const UNKNOWN: &str = "sesame-unknown-44";
/// What all of them have in common, in base64 too where it stands alone or behind `a:`.
const TRACES: [&str; 3] = ["sesame-", "c2VzYW1l", "YTpzZXNhbWU"];

fn config() -> String {
    format!(
        "public = []
        [[users]]\nname = 'Li'\nrole = 'operator'\ntoken = '{OPERATOR}'
        [[users]]\nname = 'units'\nrole = 'unit'\ntoken = '{TERMINAL}'\nunit = '*'
        [[feeds]]\nname = 'taxis'\ntoken = '{FEED}'\n"
    )
}

/// Everything that the server has answered.
#[derive(Default)]
struct Heard(String);

impl Heard {
    /// Asks in every way that a token is shown in a request.
    async fn ask(&mut self, base: &str) -> Result<()> {
        let http = reqwest::Client::new();
        let row = r#"{"key":"a","lon":118.79,"lat":32.05}"#;
        for path in [
            "/metrics",
            "/healthz?digest=1",
            "/v1/pack/city.toml",
            "/v1/drills/1/report",
        ] {
            for token in [OPERATOR, FEED] {
                let url = format!("{base}{path}");
                self.take(http.get(&url).bearer_auth(token)).await?;
                self.take(http.get(&url).basic_auth("a", Some(token)))
                    .await?;
            }
        }
        for kind in ["fixes", "observations", "cases", "sensors", "nonsense"] {
            for feed in ["taxis", "nobody"] {
                for body in [row, "{"] {
                    let url = format!("{base}/v1/feeds/{feed}/{kind}");
                    let posted = http.post(&url).bearer_auth(FEED);
                    self.take(posted.body(body)).await?;
                }
            }
        }
        // Few of these: each wrong one has the next wait.
        let fixes = format!("{base}/v1/feeds/taxis/fixes");
        for token in [OPERATOR, UNKNOWN] {
            self.take(http.post(&fixes).bearer_auth(token).body(row))
                .await?;
        }
        let metrics = format!("{base}/metrics");
        self.take(http.get(&metrics).bearer_auth(UNKNOWN)).await?;
        self.take(http.get(&metrics).basic_auth("a", Some(UNKNOWN)))
            .await?;
        // A page of elsewhere, and a path that is none.
        let foreign = http.get(format!("{base}/metrics")).bearer_auth(OPERATOR);
        self.take(foreign.header("Origin", "http://evil.example"))
            .await?;
        self.take(http.get(format!("{base}/nothing")).bearer_auth(OPERATOR))
            .await
    }

    async fn take(&mut self, request: reqwest::RequestBuilder) -> Result<()> {
        let answer = request.send().await?;
        let head = format!("{} {:?}\n", answer.status(), answer.headers());
        self.0.push_str(&head);
        self.0 += &answer.text().await?;
        Ok(())
    }

    /// Bytes as they are, among them what no library would send.
    async fn say(&mut self, address: SocketAddr, text: &str) -> Result<()> {
        let mut line = TcpStream::connect(address).await?;
        line.write_all(text.as_bytes()).await?;
        line.shutdown().await?;
        let mut answer = Vec::new();
        let reading = line.read_to_end(&mut answer);
        let _ = tokio::time::timeout(Duration::from_secs(15), reading).await;
        self.0 += &String::from_utf8_lossy(&answer);
        Ok(())
    }
}

async fn sockets(address: SocketAddr) -> Result<()> {
    let mut desk = Client::connect(address, OPERATOR).await?;
    desk.subscribe().await?;
    desk.next().await?;
    Client::connect(address, &format!("{TERMINAL}/排水 1")).await?;
    // A feed may look on, or not; its token is shown all the same.
    let _ = Client::connect(address, FEED).await;
    ensure!(Client::connect(address, UNKNOWN).await.is_err());
    for hello in [
        format!(r#"{{"hello":{{"token":"{OPERATOR}","client":"test"}}}}"#),
        format!(r#"{{"hello":{{"token":"{UNKNOWN}","client":"test"}}}}"#),
        format!(r#"{{"hello":{{"token":["{OPERATOR}"]}}}}"#),
        format!(r#"{{"hello":{{"token":"{OPERATOR}"#),
        format!(r#"{{"hullo":{{"token":"{OPERATOR}"}}}}"#),
    ] {
        let mut json = JsonClient::connect(address).await?;
        json.say(&hello).await?;
        let answer = json.next().await?;
        let answer = format!("{answer:?}");
        ensure!(!TRACES.iter().any(|t| answer.contains(t)), "{answer}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_stands_in_no_line_of_the_log_no_figure_and_no_answer() -> Result<()> {
    let program = tokio::task::spawn_blocking(server_program).await??;
    let dir = tempfile::tempdir()?;
    let log = dir.path().join("log");
    std::fs::write(dir.path().join("server.toml"), config())?;
    let address: SocketAddr = format!("127.0.0.1:{}", free_port()?).parse()?;
    let file = std::fs::File::create(&log)?;
    let _server = Program(
        Command::new(program)
            .args(["serve", "--listen", &address.to_string(), "--city"])
            .arg(nanjing())
            .arg("--data")
            .arg(dir.path().join("data"))
            .arg("--config")
            .arg(dir.path().join("server.toml"))
            .env("RUST_LOG", "trace")
            .stdout(file.try_clone()?)
            .stderr(Stdio::from(file))
            .spawn()?,
    );
    let base = format!("http://{address}");
    let since = Instant::now();
    while reqwest::get(format!("{base}/healthz")).await.is_err() {
        ensure!(
            since.elapsed() < Duration::from_mins(1),
            "it does not serve"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut heard = Heard::default();
    sockets(address).await?;
    heard.ask(&base).await?;
    for text in [
        format!(
            "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {OPERATOR}\u{1}\r\n\r\n"
        ),
        format!("GET /metrics HTTP/9.9\r\nAuthorization: Bearer {OPERATOR}\r\n\r\n"),
        format!(
            "POST /v1/feeds/taxis/fixes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {FEED}\r\nContent-Length: 99\r\n\r\n{{"
        ),
        format!("Bearer {OPERATOR}\r\n\r\n"),
    ] {
        heard.say(address, &text).await?;
    }
    let asked = reqwest::Client::new().get(format!("{base}/metrics"));
    let figures = asked.bearer_auth(OPERATOR).send().await?.text().await?;
    ensure!(figures.contains("chengtu_wrong_tokens_total"), "{figures}");
    let said = std::fs::read_to_string(&log)?;
    ensure!(
        said.lines().count() > 20,
        "it says too little to prove anything: {said}"
    );
    for (what, text) in [("log", &said), ("figures", &figures), ("answers", &heard.0)] {
        for trace in TRACES {
            let line = text.lines().find(|l| l.contains(trace));
            ensure!(line.is_none(), "{what}: {}", line.context("a line")?);
        }
    }
    Ok(())
}
