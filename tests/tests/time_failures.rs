//! What users of replays and time controls elsewhere suffer from: the failures that need a running server. The others
//! are in `engine/tests/time_failures.rs`.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::geo::Viewport;
use chengtu_engine::record::World;
use chengtu_engine::replay::{TimeBasis, TimeControl};
use chengtu_engine::stream::{ClientMessage, Layer, ServerMessage, WorldChoice};
use chengtu_engine::time::Timestamp;
use chengtu_server::log::{EmbeddedStore, LogStore};
use chengtu_tests::support::{Client, Server, now, report, until};
use std::path::Path;
use std::time::{Duration, Instant};

fn replay(at: Timestamp, speed: f32) -> ClientMessage {
    ClientMessage::Enter {
        choice: WorldChoice::Replay {
            at,
            speed,
            basis: TimeBasis::Known,
            shared: false,
            title: String::new(),
        },
    }
}

fn time(control: TimeControl) -> ClientMessage {
    ClientMessage::Time { control }
}

const LIVE: ClientMessage = ClientMessage::Enter {
    choice: WorldChoice::Live,
};

async fn entered(client: &mut Client) -> Result<World> {
    until(client, |m| match m {
        ServerMessage::Entered(info) => Some(info.world),
        _ => None,
    })
    .await
}

async fn reported(client: &mut Client, id: u64) -> Result<u64> {
    match client.command(id, report("")).await? {
        ServerMessage::Accepted(a) => Ok(a.seq),
        other => bail!("{other:?}"),
    }
}

/// Every record of a log at rest, as bytes.
fn records_of(data: &Path) -> Result<Vec<chengtu_engine::record::Record>> {
    use chengtu_engine::replay::History;
    let history = EmbeddedStore::at(data).history()?;
    Ok(history.records(0, Timestamp(i64::MAX), usize::MAX)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_replay_is_recorded_into_the_live_recording() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Server::on(dir.path(), "").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    officer.subscribe().await?;
    let begin = now();
    for id in 1..=5 {
        reported(&mut officer, id).await?;
    }
    let mut looker = Client::connect(server.address, "operator:李").await?;
    looker.subscribe().await?;
    looker.say(&replay(begin, 60.0)).await?;
    entered(&mut looker).await?;
    for speed in [60.0, -60.0, 3_600.0] {
        looker.say(&time(TimeControl::Speed(speed))).await?;
        looker.say(&time(TimeControl::Play)).await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        looker.say(&time(TimeControl::Seek(begin))).await?;
    }
    reported(&mut officer, 6).await?;
    server.stop().await?;
    let records = records_of(dir.path())?;
    let cases = records.iter().flat_map(|r| match &r.body {
        chengtu_engine::record::Body::Events(events) => events.clone(),
        _ => Vec::new(),
    });
    let reported = cases.filter(|e| matches!(e, chengtu_engine::event::Event::CaseReported { .. }));
    ensure!(reported.count() == 6);
    ensure!(records.iter().all(|r| r.world == World::Live));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn abandoned_sessions_tick_for_ever() -> Result<()> {
    let server = Server::start("[worlds]\nidle_s = 1\n").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    officer.subscribe().await?;
    let begin = now();
    reported(&mut officer, 1).await?;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    officer.say(&replay(begin, 0.1)).await?;
    let world = entered(&mut officer).await?;
    // The line breaks without a goodbye; the world is empty, pauses, and ends.
    drop(officer);
    let mut other = Client::connect(server.address, "operator:王莉").await?;
    let mut seen = None;
    for _ in 0..60 {
        other.say(&ClientMessage::Worlds).await?;
        let list = until(&mut other, |m| match m {
            ServerMessage::Worlds { list, .. } => Some(list.clone()),
            _ => None,
        })
        .await?;
        let Some(w) = list.iter().find(|w| w.world == world) else {
            ensure!(seen.is_some(), "it was there while somebody was in it");
            return server.stop().await;
        };
        if w.sessions == 0 {
            let stood = *seen.get_or_insert(w.clock.time);
            ensure!(w.clock.time == stood, "its clock runs on with nobody there");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("an abandoned world lives on after 6 s")
}

#[tokio::test(flavor = "multi_thread")]
async fn recording_slows_the_live_path() -> Result<()> {
    let server = Server::start("[worlds]\nper_user_max = 10\n").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    officer.subscribe().await?;
    let begin = now();
    for id in 1..=20 {
        reported(&mut officer, id).await?;
    }
    let mut lookers = Vec::new();
    for _ in 0..8 {
        let mut looker = Client::connect(server.address, "operator:李").await?;
        looker.subscribe().await?;
        looker.say(&replay(begin, 1.0)).await?;
        entered(&mut looker).await?;
        looker.say(&time(TimeControl::Speed(-60.0))).await?;
        lookers.push(looker);
    }
    let mut worst = Duration::ZERO;
    for id in 100..130 {
        for looker in &mut lookers {
            looker.say(&time(TimeControl::Seek(now()))).await?;
            looker.say(&time(TimeControl::Play)).await?;
        }
        let asked = Instant::now();
        reported(&mut officer, id).await?;
        worst = worst.max(asked.elapsed());
    }
    // A command waits for its tick (100 ms) and its commit, whoever looks at the past meanwhile.
    ensure!(worst < Duration::from_secs(2), "{worst:?}");
    // Counted by the list: the metrics are the process's, and other tests' servers count into them.
    let mut another = Client::connect(server.address, "operator:李").await?;
    another.say(&ClientMessage::Worlds).await?;
    let open = until(&mut another, |m| match m {
        ServerMessage::Worlds { list, .. } => Some(list.len()),
        _ => None,
    })
    .await?;
    ensure!(open == 8, "{open} replays are open");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn returning_to_live_forgets_your_window() -> Result<()> {
    let server = Server::start("").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    let body = r#"{"key":"in","lon":118.79,"lat":32.05}
{"key":"out","lon":118.60,"lat":32.20}"#;
    let (status, answer) = server.post("/v1/feeds/taxis/fixes", "", body).await?;
    ensure!(status == 200 && answer["accepted"] == 2, "{answer}");
    officer
        .say(&ClientMessage::Subscribe {
            viewport: Some(Viewport {
                west: 118.78,
                south: 32.04,
                east: 118.80,
                north: 32.06,
                zoom: 15.0,
            }),
            layers: vec![Layer::Movers],
            rate_hz: 10.0,
        })
        .await?;
    let in_view = |m: &ServerMessage| match m {
        ServerMessage::Snapshot { tiles, changes, .. } => {
            let rows = tiles.iter().map(|t| t.rows().count()).sum::<usize>();
            Some((tiles.len(), rows, changes.len()))
        }
        _ => None,
    };
    let before = until(&mut officer, in_view).await?;
    ensure!(before.1 == 1 && before.2 == 0, "{before:?}");
    officer.say(&replay(now(), 0.0)).await?;
    let there = until(&mut officer, in_view).await?;
    officer.say(&LIVE).await?;
    let back = until(&mut officer, in_view).await?;
    ensure!(
        there == before && back == before,
        "{before:?} {there:?} {back:?}"
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_one_now() -> Result<()> {
    let server = Server::start("[hotspots]\nevery_s = 1\n").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    officer
        .say(&ClientMessage::Subscribe {
            viewport: Some(Viewport {
                west: 110.0,
                south: 25.0,
                east: 125.0,
                north: 40.0,
                zoom: 5.0,
            }),
            layers: vec![
                Layer::Movers,
                Layer::Units,
                Layer::Cases,
                Layer::Sensors,
                Layer::Hotspots,
            ],
            rate_hz: 10.0,
        })
        .await?;
    for id in 1..=30 {
        reported(&mut officer, id).await?;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let at = now();
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    reported(&mut officer, 99).await?;
    officer.say(&replay(at, 0.0)).await?;
    entered(&mut officer).await?;
    let mut kinds = std::collections::BTreeSet::new();
    let told = |m: &ServerMessage| -> Option<(&'static str, Timestamp)> {
        Some(match m {
            ServerMessage::Snapshot { time, tiles, .. } => {
                if tiles.iter().any(|t| t.time != *time) {
                    return Some(("tile", Timestamp(0)));
                }
                ("snapshot", *time)
            }
            ServerMessage::Frame(f) => ("frame", f.time),
            ServerMessage::Clock(c) => ("clock", c.time),
            ServerMessage::Hotspots { time, areas } => {
                if areas.iter().any(|a| a.since > *time) {
                    return Some(("since", Timestamp(0)));
                }
                ("hotspots", *time)
            }
            ServerMessage::Coarse { time, .. } => ("coarse", *time),
            _ => return None,
        })
    };
    let watched = Instant::now();
    while watched.elapsed() < Duration::from_secs(4) {
        let m = tokio::time::timeout(Duration::from_secs(3), officer.next()).await;
        let m = m.context("a clock at least once a second")??;
        if let Some((kind, t)) = told(&m) {
            ensure!(t == at, "{kind} says {} at {}", t.0, at.0);
            kinds.insert(kind);
        }
    }
    for kind in ["snapshot", "clock", "hotspots", "coarse"] {
        ensure!(kinds.contains(kind), "no {kind} among {kinds:?}");
    }
    server.stop().await
}
