//! Tokens: what is read only with one, and what becomes of those who guess them.

use anyhow::{Result, ensure};
use chengtu_tests::support::{Client, Server};
use std::time::{Duration, Instant};

const PEOPLE: &str = "
    [[users]]\nname = 'Li'\nrole = 'operator'\ntoken = 'li-secret'
    [[users]]\nname = 'wall'\nrole = 'viewer'\ntoken = 'wall-secret'
    [[users]]\nname = 'units'\nrole = 'unit'\ntoken = 'unit-secret'\nunit = '*'
    [[feeds]]\nname = 'taxis'\ntoken = 'taxi-secret'\n";

async fn status(server: &Server, path: &str, token: Option<&str>) -> Result<u16> {
    let mut asked = reqwest::Client::new().get(server.http(path));
    if let Some(token) = token {
        asked = asked.bearer_auth(token);
    }
    Ok(asked.send().await?.status().as_u16())
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_pack_files_need_a_token_unless_the_server_is_open_or_says_otherwise()
-> Result<()> {
    let (metrics, pack) = ("/metrics", "/v1/pack/city.toml");
    let server = Server::start(PEOPLE).await?;
    for path in [metrics, pack] {
        ensure!(status(&server, path, None).await? == 401, "{path}");
        ensure!(
            status(&server, path, Some("nobody's")).await? == 401,
            "{path}"
        );
        for token in ["li-secret", "wall-secret"] {
            ensure!(
                status(&server, path, Some(token)).await? == 200,
                "{path} {token}"
            );
        }
        ensure!(
            status(&server, path, Some("taxi-secret")).await? == 403,
            "{path}"
        );
    }
    // A terminal shows a map, and has no business with figures.
    let terminal = Some("unit-secret/排水 1");
    ensure!(status(&server, pack, terminal).await? == 200);
    ensure!(status(&server, metrics, terminal).await? == 403);
    // A browser asks its user, as for reports.
    let asked = reqwest::get(server.http(metrics)).await?;
    ensure!(asked.headers().contains_key("www-authenticate"));
    let typed = reqwest::Client::new().get(server.http(metrics));
    let typed = typed.basic_auth("anybody", Some("li-secret"));
    ensure!(typed.send().await?.status() == 200);
    ensure!(
        status(&server, "/healthz", None).await? == 200,
        "who watches needs none"
    );
    server.stop().await?;

    let named = Server::start(&format!("public = ['metrics']\n{PEOPLE}")).await?;
    ensure!(status(&named, metrics, None).await? == 200);
    ensure!(status(&named, pack, None).await? == 401);
    named.stop().await?;
    let named = Server::start(&format!("public = ['pack']\n{PEOPLE}")).await?;
    ensure!(status(&named, pack, None).await? == 200);
    ensure!(status(&named, metrics, None).await? == 401);
    named.stop().await?;

    let open = Server::start("").await?;
    for path in [metrics, pack] {
        ensure!(status(&open, path, None).await? == 200, "{path}");
    }
    open.stop().await
}

/// Time of one try to get in, in seconds.
async fn tried(server: &Server, token: &str) -> (bool, f64) {
    let began = Instant::now();
    let opened = Client::connect(server.address, token).await;
    (opened.is_ok(), began.elapsed().as_secs_f64())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_tokens_is_slowed_down_and_an_honest_desk_is_never_locked_out() -> Result<()>
{
    let server = Server::start(PEOPLE).await?;
    for n in 0..5 {
        let (opened, s) = tried(&server, &format!("guess-{n}")).await;
        ensure!(!opened && s < 0.2, "slips cost nothing: {s} s");
    }
    let (opened, _) = tried(&server, "guess-5").await;
    ensure!(!opened);
    let mut waits = Vec::new();
    for n in 6..9 {
        let (opened, s) = tried(&server, &format!("guess-{n}")).await;
        ensure!(!opened, "guess-{n} opens");
        waits.push(s);
    }
    ensure!(
        waits[0] >= 0.25 && waits[1] >= 0.5 && waits[2] >= 1.0,
        "each waits twice as long: {waits:?}"
    );
    // However many guess beside it, a desk at the same address gets in, and its feed goes on.
    let guessing: Vec<_> = (0..30)
        .map(|n| {
            let address = server.address;
            let token = format!("many-{n}");
            tokio::spawn(async move { Client::connect(address, &token).await.is_ok() })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let (opened, s) = tried(&server, "li-secret").await;
    ensure!(opened && s < 6.0, "an honest desk waited {s} s: {opened}");
    for guess in guessing {
        ensure!(!guess.await?);
    }
    // A line that has shown a right token does not wait again.
    let feed = reqwest::Client::new();
    let row = r#"{"key":"a","lon":118.79,"lat":32.05}"#;
    let mut longest = 0.0_f64;
    for n in 0..4 {
        let began = Instant::now();
        let posted = feed
            .post(server.http("/v1/feeds/taxis/fixes"))
            .bearer_auth("taxi-secret")
            .body(row);
        let answer = posted.send().await?.error_for_status()?;
        // The connection is used again once all of the answer was read.
        answer.text().await?;
        if n > 0 {
            longest = longest.max(began.elapsed().as_secs_f64());
        }
    }
    ensure!(longest < 2.0, "a feed waited {longest} s");
    let metrics = reqwest::Client::new().get(server.http("/metrics"));
    let metrics = metrics
        .bearer_auth("li-secret")
        .send()
        .await?
        .text()
        .await?;
    for name in [
        "chengtu_wrong_tokens_total",
        "chengtu_wrong_tokens_slowed_total",
    ] {
        let count = metrics
            .lines()
            .find_map(|l| l.strip_prefix(name)?.trim().parse().ok());
        ensure!(count.is_some_and(|n: u64| n >= 4), "{name}: {count:?}");
    }
    server.stop().await
}
