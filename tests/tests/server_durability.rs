//! What is acknowledged is never lost, whatever happens to the process, the disk or the files.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::chance::mixed;
use chengtu_engine::code::Code;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::{AlarmId, ClassId, UnitId};
use chengtu_engine::stream::{EntityChange, ServerMessage, SnapshotReason};
use chengtu_tests::program::{Program, free_port, nanjing, server_program};
use chengtu_tests::support::{Client, Server, nothing_but_noted_since, send_unit};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn report(note: &str) -> CommandRequest {
    CommandRequest::ReportCase {
        class: ClassId(0),
        severity: None,
        lon: 118.79,
        lat: 32.05,
        address: "x".to_owned(),
        note: note.to_owned(),
    }
}

fn start(data: &Path, port: u16) -> Result<Program> {
    let child = Command::new(server_program()?)
        .arg("serve")
        .arg("--city")
        .arg(nanjing())
        .arg("--data")
        .arg(data)
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .env("RUST_LOG", "warn")
        .stderr(Stdio::inherit())
        .spawn()?;
    Ok(Program(child))
}

async fn connect(port: u16) -> Result<Client> {
    let address = ([127, 0, 0, 1], port).into();
    let began = Instant::now();
    loop {
        match Client::connect(address, "").await {
            Ok(client) => return Ok(client),
            Err(e) if began.elapsed() > Duration::from_secs(20) => return Err(e),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// What a server says of itself once it answers, with the state's digest.
async fn digested(port: u16) -> Result<serde_json::Value> {
    let url = format!("http://127.0.0.1:{port}/healthz?digest=1");
    let began = Instant::now();
    loop {
        match reqwest::get(&url).await {
            Ok(answer) => return Ok(answer.json().await?),
            Err(e) if began.elapsed() > Duration::from_secs(20) => return Err(e.into()),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Sequence number and digest of a directory at rest, by the program itself.
fn digest(data: &Path) -> Result<String> {
    let output = Command::new(server_program()?)
        .arg("digest")
        .arg("--data")
        .arg(data)
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

#[expect(
    clippy::too_many_lines,
    reason = "one scenario from its beginning to its end"
)]
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_fifty_moments_nothing_acknowledged_is_lost_and_nothing_done_twice() -> Result<()>
{
    let dir = tempfile::tempdir()?;
    // What was acknowledged: the note of a case by its id.
    let mut acknowledged: BTreeMap<u64, String> = BTreeMap::new();
    let mut command_id = 0u64;
    for round in 0..50 {
        let port = free_port()?;
        let mut program = start(dir.path(), port)?;
        let mut client = connect(port).await?;
        // The last command of the round before: its answer may have been lost. Said again it is done once.
        if command_id > 0 {
            let note = format!("case {command_id}");
            if let ServerMessage::Accepted(a) = client.command(command_id, report(&note)).await? {
                let case = a
                    .case
                    .context("a repeated report is answered with its case")?
                    .0;
                ensure!(
                    acknowledged
                        .insert(case, note.clone())
                        .is_none_or(|n| n == note)
                );
            }
        }
        let moment = Duration::from_millis(20 + mixed(round) % 350);
        let killer = tokio::spawn(async move {
            tokio::time::sleep(moment).await;
            program.0.kill()?;
            program.0.wait()?;
            Ok::<_, std::io::Error>(())
        });
        loop {
            command_id += 1;
            let note = format!("case {command_id}");
            match client.command(command_id, report(&note)).await {
                Ok(ServerMessage::Accepted(a)) => {
                    let case = a.case.context("a case")?.0;
                    ensure!(
                        acknowledged.insert(case, note).is_none(),
                        "case {case} twice"
                    );
                }
                Ok(other) => bail!("{other:?}"),
                Err(_) => break,
            }
        }
        killer.await??;
        // Recovery from the files alone, twice the same.
        ensure!(digest(dir.path())? == digest(dir.path())?);
    }
    let before = digest(dir.path())?;
    let port = free_port()?;
    let _program = start(dir.path(), port)?;
    // Whoever comes is noted in the log: what is there is looked at before.
    let health = digested(port).await?;
    let live = format!(
        "seq {} digest {}\n",
        health["seq"],
        health["digest"].as_str().unwrap_or_default()
    );
    ensure!(before == live, "{before} {live}");
    let mut client = connect(port).await?;
    client.subscribe().await?;
    let ServerMessage::Snapshot { changes, .. } = client.next().await? else {
        bail!("a snapshot")
    };
    let kept: BTreeMap<u64, String> = changes
        .into_iter()
        .filter_map(|c| match c {
            EntityChange::Case(c) => Some((c.id.0, c.note)),
            _ => None,
        })
        .collect();
    for (case, note) in &acknowledged {
        ensure!(
            kept.get(case) == Some(note),
            "case {case} ({note}) was acknowledged and is {:?}",
            kept.get(case)
        );
    }
    let notes: std::collections::BTreeSet<_> = kept.values().collect();
    ensure!(notes.len() == kept.len(), "a command was done twice");
    ensure!(
        acknowledged.len() > 50,
        "only {} commands",
        acknowledged.len()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_officers_who_send_the_same_unit_exactly_one_wins() -> Result<()> {
    const ROUNDS: u32 = 1_000;
    let server = Server::start("").await?;
    let mut a = Client::connect(server.address, "operator:王莉").await?;
    let mut b = Client::connect(server.address, "operator:周岚").await?;
    a.subscribe().await?;
    let ServerMessage::Snapshot { changes, .. } = a.next().await? else {
        bail!("a snapshot")
    };
    let units = changes
        .iter()
        .filter(|c| matches!(c, EntityChange::Unit(_)))
        .count() as u32;
    drop(a);
    let mut a = Client::connect(server.address, "operator:王莉").await?;
    let mut sent = 0;
    while sent < ROUNDS {
        let now = units.min(ROUNDS - sent);
        let race = async |client: &mut Client, base: u64| -> Result<Vec<bool>> {
            use chengtu_engine::ids::CommandId;
            use chengtu_engine::stream::ClientMessage;
            for unit in 0..now {
                let id = CommandId(base, u64::from(sent + unit));
                client
                    .say(&ClientMessage::Command {
                        id,
                        command: send_unit(unit),
                    })
                    .await?;
            }
            let mut won = vec![None; now as usize];
            while won.iter().any(Option::is_none) {
                let (id, ok) = match client.next().await? {
                    ServerMessage::Accepted(x) => (x.id, true),
                    ServerMessage::Rejected(x) => {
                        ensure!(
                            x.code == Code::UnitNotAvailable && x.text.contains("taken by"),
                            "{x:?}"
                        );
                        (x.id, false)
                    }
                    _ => continue,
                };
                let slot = &mut won[(id.1 - u64::from(sent)) as usize];
                ensure!(slot.replace(ok).is_none(), "one answer each");
            }
            Ok(won.into_iter().flatten().collect())
        };
        let (x, y) = tokio::join!(race(&mut a, 1), race(&mut b, 2));
        let (x, y) = (x?, y?);
        ensure!(x.iter().zip(&y).all(|(x, y)| x != y), "{x:?} {y:?}");
        for unit in 0..now {
            use chengtu_engine::ids::CommandId;
            use chengtu_engine::stream::ClientMessage;
            let recall = CommandRequest::RecallUnit { unit: UnitId(unit) };
            let id = (3 << 40) + u64::from(sent + unit);
            a.say(&ClientMessage::Command {
                id: CommandId(id, 7),
                command: recall,
            })
            .await?;
        }
        let mut recalled = 0;
        while recalled < now {
            match a.next().await? {
                ServerMessage::Accepted(_) => recalled += 1,
                ServerMessage::Rejected(r) => bail!("{r:?}"),
                _ => {}
            }
        }
        sent += now;
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_writing_and_leaves_the_last_safe_picture() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Server::on(dir.path(), "[log]\nday_bytes_max = 300000").await?;
    let mut client = Client::connect(server.address, "").await?;
    let mut kept = 0;
    let refused = loop {
        match client
            .command(kept + 1, report(&"很长的话".repeat(200)))
            .await?
        {
            ServerMessage::Accepted(_) => kept += 1,
            ServerMessage::Rejected(r) => break r,
            _ => {}
        }
        ensure!(kept < 2_000, "the disk never filled");
    };
    ensure!(
        refused.code == Code::Stopped && refused.text.contains("stopped writing"),
        "{refused:?}"
    );
    ensure!(kept > 3, "{kept}");
    let (status, health) = server.health().await?;
    ensure!(
        status == 503
            && health["status"]
                .as_str()
                .is_some_and(|s| s.contains("full")),
        "{health}"
    );
    let (status, answer) = server
        .post(
            "/v1/feeds/f/fixes",
            "",
            r#"{"key":"a","lon":118.79,"lat":32.05}"#,
        )
        .await?;
    ensure!(
        status == 503
            && answer["error"]
                .as_str()
                .is_some_and(|t| t.contains("stopped writing")),
        "{answer}"
    );
    // Somebody new sees exactly what was acknowledged.
    let mut late = Client::connect(server.address, "").await?;
    late.subscribe().await?;
    let changes = loop {
        match late.next().await? {
            ServerMessage::Notice { code, .. } => ensure!(code == Code::Stopped),
            ServerMessage::Snapshot {
                changes,
                reason: SnapshotReason::Subscribed,
                ..
            } => break changes,
            other => bail!("{other:?}"),
        }
    };
    let cases = changes
        .iter()
        .filter(|c| matches!(c, EntityChange::Case(_)))
        .count() as u64;
    ensure!(cases == kept, "{cases} cases shown, {kept} acknowledged");
    let last = health["seq"].as_u64().context("a seq")?;
    server.stop().await?;
    // With room again, it goes on from there.
    let server = Server::on(dir.path(), "").await?;
    let (status, health) = server.health().await?;
    ensure!(status == 200, "{health}");
    nothing_but_noted_since(dir.path(), last)?;
    let mut client = Client::connect(server.address, "").await?;
    ensure!(matches!(
        client.command(1 << 30, report("again")).await?,
        ServerMessage::Accepted(_)
    ));
    server.stop().await
}

async fn refusal(data: &Path) -> Result<String> {
    match Server::on(data, "").await {
        Ok(_) => bail!("it started"),
        Err(error) => Ok(format!("{error:#}")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn directories_that_cannot_be_used_are_refused_in_words() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Server::on(dir.path(), "").await?;
    ensure!(refusal(dir.path()).await?.contains("another server"));
    server.stop().await?;
    let file = std::fs::read_dir(dir.path())?
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "sqlite"))
        // In the last hour of a day tomorrow's is there as well.
        .min()
        .context("a day's file")?;
    let copy = std::fs::read(&file)?;

    rusqlite::Connection::open(&file)?.execute_batch("PRAGMA user_version=99")?;
    let text = refusal(dir.path()).await?;
    ensure!(
        text.contains("newer version") && text.contains("99"),
        "{text}"
    );

    std::fs::write(&file, &copy)?;
    rusqlite::Connection::open(&file)?.execute_batch("UPDATE records SET body = CAST(body || x'00' AS BLOB) WHERE seq = 3; DELETE FROM keyframes WHERE seq > 0")?;
    let text = refusal(dir.path()).await?;
    ensure!(
        text.contains("record 3 is damaged") && text.contains("checksum"),
        "{text}"
    );

    std::fs::write(&file, &copy)?;
    rusqlite::Connection::open(&file)?
        .execute_batch("DELETE FROM records WHERE seq = 5; DELETE FROM keyframes WHERE seq > 0")?;
    let text = refusal(dir.path()).await?;
    ensure!(text.contains("record 5 is missing"), "{text}");

    std::fs::write(
        &file,
        b"This is a letter to my grandmother and no database at all.".repeat(40),
    )?;
    let text = refusal(dir.path()).await?;
    ensure!(text.contains("no log of this program"), "{text}");

    std::fs::write(&file, &copy[..copy.len() / 2])?;
    let text = refusal(dir.path()).await?;
    ensure!(
        text.contains("log-") && text.contains("malformed"),
        "{text}"
    );

    let text = refusal(&file.join("below")).await?;
    ensure!(text.contains("must exist or be creatable"), "{text}");
    Ok(())
}

#[test]
fn the_program_ends_with_one_line_and_code_1() -> Result<()> {
    let program = server_program()?;
    let dir = tempfile::tempdir()?;
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let nanjing = nanjing();
    let config = dir.path().join("server.toml");
    std::fs::write(&config, "[limits]\nsesions_max = 3\n")?;
    let mut empty_city = dir.path().join("city");
    std::fs::create_dir(&empty_city)?;
    let cases: [(&Path, &str, Option<&Path>, &str); 3] = [
        (&nanjing, &address, None, "another program may use the port"),
        (&nanjing, "127.0.0.1:0", Some(&config), "sesions_max"),
        (&empty_city, "127.0.0.1:0", None, "city.toml"),
    ];
    for (city, listen, config, words) in cases {
        let mut command = Command::new(&program);
        command.arg("serve").arg("--city").arg(city);
        command
            .arg("--data")
            .arg(dir.path().join("data"))
            .args(["--listen", listen]);
        if let Some(config) = config {
            command.arg("--config").arg(config);
        }
        let output = command.env("RUST_LOG", "error").output()?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            output.status.code() == Some(1),
            "{words}: {:?}",
            output.status
        );
        ensure!(
            text.contains(words) && text.contains("chengtu-server"),
            "{text}"
        );
        ensure!(!text.contains("panicked"), "{text}");
    }
    empty_city.push("nothing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn old_commands_are_known_after_a_restart() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Server::on(dir.path(), "").await?;
    let mut client = Client::connect(server.address, "").await?;
    let first = client.command(1, report("once")).await?;
    let alarm = CommandRequest::AcknowledgeAlarm { alarm: AlarmId(99) };
    ensure!(
        matches!(client.command(2, alarm).await?, ServerMessage::Rejected(r) if r.code == Code::NoSuchAlarm)
    );
    server.stop().await?;
    let server = Server::on(dir.path(), "").await?;
    let mut client = Client::connect(server.address, "").await?;
    ensure!(client.command(1, report("once")).await? == first);
    server.stop().await
}
