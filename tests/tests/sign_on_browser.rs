//! Single sign-on as a person does it: a real Chromium, and the provider of others (`oidc-provider` from npm).

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chengtu_tests::chromium::Chromium;
use chengtu_tests::program::{Program, free_port, nanjing, root};
use chengtu_tests::support::{Client, Server};
use reqwest::Url;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const VERIFIER: &str = "a-verifier-of-a-map-that-is-forty-three-long-at-least";
const SECRET: &str = "a secret of a test";

/// The folder that `scripts/node-env` makes; `None` where there is no npm.
fn node_env() -> Result<Option<PathBuf>> {
    let made = Command::new(root().join("scripts/node-env")).output()?;
    if made.status.code() == Some(3) {
        return Ok(None);
    }
    ensure!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let text = String::from_utf8(made.stdout)?;
    Ok(Some(
        text.lines().last().context("no folder")?.trim().into(),
    ))
}

async fn provider(dir: PathBuf, port: u16, server: u16) -> Result<Program> {
    let at = format!("http://127.0.0.1:{server}/v1/login/sso");
    let child = Command::new("node")
        .arg(root().join("tests/peers/oidc_provider.mjs"))
        .arg(dir)
        .arg(port.to_string())
        .args([format!("{at}/answer"), format!("{at}/over")])
        .arg(SECRET)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let program = Program(child);
    let since = Instant::now();
    while reqwest::get(format!("http://127.0.0.1:{port}/jwks"))
        .await
        .is_err()
    {
        ensure!(
            since.elapsed() < Duration::from_mins(1),
            "the provider does not start"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(program)
}

/// What a map hears on its port: the grant.
async fn heard(map: &TcpListener) -> Result<String> {
    loop {
        let accepted = tokio::time::timeout(Duration::from_mins(1), map.accept());
        let (mut line, _) = accepted.await.context("no grant comes")??;
        let mut head = vec![0; 4_096];
        let n = line.read(&mut head).await?;
        let head = String::from_utf8_lossy(&head[..n]).into_owned();
        let page = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nin\r\n ";
        line.write_all(page.as_bytes()).await?;
        let path = head.split(' ').nth(1).unwrap_or_default();
        // A browser also asks for an icon.
        if let Some(grant) = path.strip_prefix("/?grant=") {
            ensure!(!head.to_ascii_lowercase().contains("referer:"), "{head}");
            return Ok(grant.to_owned());
        }
    }
}

/// Logs in at the provider's page, and says yes to what it asks then.
async fn log_in(browser: &Chromium, name: &str) -> Result<()> {
    browser
        .until("!!document.querySelector('input[name=login]')")
        .await?;
    let typed = format!(
        "document.querySelector('input[name=login]').value = '{name}';
         document.querySelector('input[name=password]').value = 'x';
         document.querySelector('form').submit()"
    );
    browser.act(&typed).await?;
    browser
        .until("!!document.querySelector('form input[name=prompt][value=consent]')")
        .await?;
    browser
        .act("document.querySelector('form').submit()")
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_logs_in_and_out_in_a_browser() -> Result<()> {
    let Some(env) = tokio::task::spawn_blocking(node_env).await?? else {
        println!("no npm: nobody logged in");
        return Ok(());
    };
    let (port, own) = (free_port()?, free_port()?);
    let _provider = provider(env, port, own).await?;
    let dir = tempfile::tempdir()?;
    let secret = dir.path().join("secret");
    std::fs::write(&secret, SECRET)?;
    let config = format!(
        "[accounts.oidc]\nissuer = 'http://127.0.0.1:{port}'\nclient_id = 'chengtu'\nsecret_file = '{}'
        address = 'http://127.0.0.1:{own}'\nname = 'City'\nscopes = ['profile', 'roles']
        roles = {{ city-dispatch = 'dispatcher' }}\n",
        secret.display()
    );
    let listen = format!("127.0.0.1:{own}");
    let data = dir.path().join("data");
    let server = Server::listening(&listen, &nanjing(), &data, &config).await?;
    let map = TcpListener::bind("127.0.0.1:0").await?;
    let digest = ring::digest::digest(&ring::digest::SHA256, VERIFIER.as_bytes());
    let begin = format!(
        "/v1/login/sso?port={}&challenge={}",
        map.local_addr()?.port(),
        BASE64.encode(digest.as_ref())
    );
    let profile = tempfile::tempdir()?;
    let browser = Chromium::open(&server.http(&begin), profile.path())?;
    log_in(&browser, "zhou").await?;
    let grant = heard(&map).await?;
    let http = reqwest::Client::new();
    let redeem = http.post(server.http("/v1/login/sso/redeem"));
    let redeem = redeem.json(&json!({"grant": grant, "verifier": VERIFIER}));
    let in_: Value = redeem.send().await?.json().await?;
    ensure!(
        in_["name"] == "zhou" && in_["roles"] == json!(["dispatcher"]),
        "{in_}"
    );
    let token = in_["token"].as_str().context("a token")?;
    let client = Client::connect(server.address, token).await?;
    ensure!(client.hello.user == "zhou 岚", "{}", client.hello.user);

    // At the provider they are logged in still: the next log-in asks nothing.
    browser.go(&server.http(&begin)).await?;
    heard(&map).await?;
    // Out here, and then there.
    let out = http.post(server.http("/v1/logout")).bearer_auth(token);
    let out: Value = out.send().await?.json().await?;
    let there = out["end_session"].as_str().context("where to log out")?;
    ensure!(
        !Url::parse(there)?
            .query_pairs()
            .any(|(n, _)| n == "id_token_hint")
    );
    ensure!(Client::connect(server.address, token).await.is_err());
    browser.go(there).await?;
    browser
        .until("!!document.querySelector('button[name=logout]')")
        .await?;
    browser
        .act("document.querySelector('button[name=logout]').click()")
        .await?;
    browser
        .until("location.pathname == '/v1/login/sso/over'")
        .await?;
    browser
        .until("document.body.innerText.includes('this window can be closed')")
        .await?;
    // Somebody else logs in, who has no role here: that is said in the browser.
    browser.go(&server.http(&begin)).await?;
    log_in(&browser, "guest").await?;
    browser
        .until("document.body.innerText.includes('you have no role in this city')")
        .await?;
    ensure!(browser.value("document.scripts.length").await? == 0);
    server.stop().await
}
