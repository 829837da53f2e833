//! Tokens: wherever they are shown to the server, they stand in no line of its log, however much it says, in no figure and in no
//! answer.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chengtu_server::accounts::{Kind, NewAccount, Store, set_password};
use chengtu_server::config::AccountsConfig;
use chengtu_tests::issuer::{Issuer, SECRET, Signed};
use chengtu_tests::program::{Program, free_port, nanjing, server_program};
use chengtu_tests::support::{Client, JsonClient, now};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
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

/// What people log in with: a password, a session's token, and what sign-on hands about.
#[tokio::test(flavor = "multi_thread")]
async fn what_people_log_in_with_stands_nowhere_either() -> Result<()> {
    let program = tokio::task::spawn_blocking(server_program).await??;
    let issuer = Issuer::start().await?;
    let dir = tempfile::tempdir()?;
    std::fs::write(dir.path().join("secret"), SECRET)?;
    let address: SocketAddr = format!("127.0.0.1:{}", free_port()?).parse()?;
    let config = format!(
        "public = ['metrics']\n[accounts]\nargon2_memory_kib = 64\nargon2_passes = 1
        [accounts.oidc]\nissuer = '{}'\nclient_id = 'c'\nsecret_file = 'secret'
        address = 'http://{address}'\nname = 'x'\nroles = {{ out = 'dispatcher' }}\n",
        issuer.url
    );
    std::fs::write(dir.path().join("server.toml"), config)?;
    let data = dir.path().join("data");
    let store = Store::open(&data)?;
    let new = NewAccount {
        name: "li".to_owned(),
        roles: vec!["operator".to_owned()],
        ..NewAccount::default()
    };
    let li = store.add(Kind::Person, new, "test", now())?;
    let cheap = AccountsConfig {
        argon2_memory_kib: 64,
        argon2_passes: 1,
        ..AccountsConfig::default()
    };
    set_password(&store, &cheap, &li, PASSWORD, ("test", now()))?;
    let log = dir.path().join("log");
    let file = std::fs::File::create(&log)?;
    let mut server = Program(
        Command::new(program)
            .args(["serve", "--listen", &address.to_string(), "--city"])
            .arg(nanjing())
            .args([Path::new("--data"), &data, Path::new("--config")])
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
    let (used, answers) = log_in_in_every_way(&base, address, &issuer).await?;
    let figures = reqwest::get(format!("{base}/metrics"))
        .await?
        .text()
        .await?;
    ensure!(figures.contains("chengtu_log_ins_total"), "{figures}");
    // It is stopped as its keeper stops it, so that nothing of the log is left out.
    server.0.kill()?;
    server.0.wait()?;
    let said = std::fs::read_to_string(&log)?;
    ensure!(said.lines().count() > 20, "it says too little: {said}");
    let kept: Vec<u8> = ["accounts.sqlite", "accounts.sqlite-wal"]
        .iter()
        .filter_map(|name| std::fs::read(data.join(name)).ok())
        .flatten()
        .collect();
    let kept = String::from_utf8_lossy(&kept).into_owned();
    for secret in &used {
        for (what, text) in [
            ("log", &said),
            ("figures", &figures),
            ("answers", &answers),
            ("file", &kept),
        ] {
            let line = text.lines().find(|l| l.contains(secret.as_str()));
            ensure!(line.is_none(), "{what}: {}", line.context("a line")?);
        }
    }
    Ok(())
}

const PASSWORD: &str = "sesame copper walnut lantern";
const WRONG: &str = "sesame-wrong-password";
const VERIFIER: &str = "sesame-verifier-of-a-map-that-is-forty-three-long";

/// Logging in, in every way, rightly and wrongly.
struct Ways {
    http: reqwest::Client,
    base: String,
    /// Every secret that was used.
    used: Vec<String>,
    /// What was answered where none of them belongs.
    answers: String,
}

async fn log_in_in_every_way(
    base: &str,
    address: SocketAddr,
    issuer: &Issuer,
) -> Result<(Vec<String>, String)> {
    let redirects = reqwest::redirect::Policy::none();
    let mut ways = Ways {
        http: reqwest::Client::builder().redirect(redirects).build()?,
        base: base.to_owned(),
        used: [PASSWORD, WRONG, VERIFIER, SECRET]
            .map(str::to_owned)
            .to_vec(),
        answers: String::new(),
    };
    ways.over_http().await?;
    ways.over_the_socket(address).await?;
    for signed in [Signed::Well, Signed::Otherwise] {
        ways.by_sign_on(issuer, signed).await?;
    }
    let verifiers = issuer.asked().into_iter();
    ways.used
        .extend(verifiers.filter_map(|asked| asked.get("code_verifier").cloned()));
    ensure!(ways.used.len() > 16, "{}", ways.used.len());
    Ok((ways.used, ways.answers))
}

impl Ways {
    async fn post(&self, path: &str, body: Value) -> Result<reqwest::Response> {
        let url = format!("{}{path}", self.base);
        Ok(self.http.post(url).json(&body).send().await?)
    }

    async fn over_http(&mut self) -> Result<()> {
        for body in [
            json!({"name": "li", "password": WRONG}),
            // Typed into the wrong field.
            json!({"name": PASSWORD, "password": "x"}),
            json!({"name": "li", "password": PASSWORD, "x": 1}),
            json!({"password": PASSWORD}),
        ] {
            self.answers += &self.post("/v1/login", body).await?.text().await?;
        }
        let right = json!({"name": "li", "password": PASSWORD});
        let in_: Value = self.post("/v1/login", right).await?.json().await?;
        self.used
            .push(in_["token"].as_str().context("a token")?.to_owned());
        Ok(())
    }

    async fn over_the_socket(&mut self, address: SocketAddr) -> Result<()> {
        for hello in [
            json!({"log_in": {"name": "li", "password": PASSWORD, "client": "t"}}),
            json!({"log_in": {"name": "li", "password": WRONG, "client": "t"}}),
            json!({"log_in": {"name": "li", "password": [PASSWORD], "client": "t"}}),
        ] {
            let mut socket = JsonClient::connect(address).await?;
            socket.say(&hello.to_string()).await?;
            let answer = socket.next().await?;
            let told = answer.as_ref().ok();
            match told.and_then(|m| m["logged_in"]["token"].as_str()) {
                Some(token) => self.used.push(token.to_owned()),
                None => self.answers.extend([format!("{answer:?}")]),
            }
        }
        Ok(())
    }

    /// What goes through the browser, and what does not.
    async fn by_sign_on(&mut self, issuer: &Issuer, signed: Signed) -> Result<()> {
        let digest = ring::digest::digest(&ring::digest::SHA256, VERIFIER.as_bytes());
        let challenge = BASE64.encode(digest.as_ref());
        let begin = format!("{}/v1/login/sso?port=4711&challenge={challenge}", self.base);
        let begun = self.http.get(begin).send().await?;
        let header = |name: &str| -> Result<String> {
            let value = begun.headers().get(name).with_context(|| name.to_owned())?;
            Ok(value.to_str()?.to_owned())
        };
        let to = reqwest::Url::parse(&header("location")?)?;
        let said = |name: &str| {
            let found = to.query_pairs().find(|(n, _)| n == name);
            found
                .map(|(_, v)| v.into_owned())
                .with_context(|| name.to_owned())
        };
        let (state, nonce) = (said("state")?, said("nonce")?);
        let cookie = header("set-cookie")?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let now_s = now().0 / 1_000_000;
        let claims = json!({
            "iss": issuer.url, "sub": "u", "aud": "c", "nonce": nonce, "iat": now_s,
            "exp": now_s + 60, "roles": "out", "preferred_username": "zhou",
        });
        let token = issuer.token(&claims, signed)?;
        issuer.give("sesame-code", token.clone());
        let answer = format!(
            "{}/v1/login/sso/answer?code=sesame-code&state={state}",
            self.base
        );
        let answered = self
            .http
            .get(answer)
            .header("cookie", &cookie)
            .send()
            .await?;
        let of_test = ["sesame-code", "sesame-access"].map(str::to_owned);
        self.used
            .extend([token, nonce, state].into_iter().chain(of_test));
        self.used
            .extend(cookie.split_once('=').map(|(_, value)| value.to_owned()));
        let grant = answered
            .headers()
            .get("location")
            .and_then(|v| v.to_str().ok());
        let grant = grant.and_then(|to| to.split_once("grant="));
        let Some(grant) = grant.map(|(_, grant)| grant.to_owned()) else {
            self.answers += &answered.text().await?;
            return Ok(());
        };
        let body = json!({"grant": grant, "verifier": VERIFIER});
        let redeemed = self.post("/v1/login/sso/redeem", body.clone()).await?;
        let in_: Value = redeemed.json().await?;
        self.used
            .push(in_["token"].as_str().context("a token")?.to_owned());
        // Again: it is used up.
        self.answers += &self
            .post("/v1/login/sso/redeem", body)
            .await?
            .text()
            .await?;
        self.used.push(grant);
        Ok(())
    }
}
