//! A stranger's programs: the two Python clients that the documentation shows.

use anyhow::{Context, Result, ensure};
use chengtu_tests::program::{python, root};
use chengtu_tests::support::Server;
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_watches_sends_a_unit_and_feeds_positions() -> Result<()> {
    let python = tokio::task::spawn_blocking(python).await??;
    let server = Server::start("").await?;
    let run = async |script: &str, url: String| -> Result<String> {
        let script = root().join("docs/clients").join(script);
        let lines = std::fs::read_to_string(&script)?.lines().count();
        ensure!(lines <= 30, "{} has {lines} lines", script.display());
        let mut command = Command::new(&python);
        command.arg(&script).arg(url);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.success(),
            "{text}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(text)
    };
    let fed = run("feed.py", server.http("")).await?;
    ensure!(fed.starts_with("accepted 10 rejected 0"), "{fed}");
    let watched = run("watch.py", format!("ws://{}/v1/ws", server.address)).await?;
    ensure!(
        watched.lines().filter(|l| l.starts_with("move ")).count() >= 10,
        "{watched}"
    );
    let last = watched.lines().last().context("an answer")?;
    ensure!(last.starts_with("accepted unit "), "{watched}");
    server.stop().await
}
