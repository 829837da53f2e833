//! Severe alarms of the running city reach whoever is in another world, apart from that world.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::city::Severity;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId};
use chengtu_engine::model::{Actor, AlarmSource};
use chengtu_engine::record::World;
use chengtu_engine::replay::TimeBasis;
use chengtu_engine::stream::{CityAlarm, ClientMessage, Mirror, ServerMessage, WorldChoice};
use chengtu_protocol::Subprotocol;
use chengtu_tests::support::{Client, Server, now, report, until};
use std::time::Duration;

fn severe(note: &str) -> CommandRequest {
    CommandRequest::ReportCase {
        class: ClassId(0),
        severity: Some(Severity::Severe),
        lon: 118.79,
        lat: 32.05,
        address: "洪武北路".to_owned(),
        note: note.to_owned(),
    }
}

async fn made(client: &mut Client, id: u64, command: CommandRequest) -> Result<Option<CaseId>> {
    match client.command(id, command).await? {
        ServerMessage::Accepted(a) => Ok(a.case),
        other => bail!("{other:?}"),
    }
}

/// The next list of alarms that is so.
async fn alarms(
    client: &mut Client,
    which: impl Fn(&[CityAlarm]) -> bool,
) -> Result<Vec<CityAlarm>> {
    until(client, |m| match m {
        ServerMessage::CityAlarms { alarms, more: 0 } if which(alarms) => Some(alarms.clone()),
        _ => None,
    })
    .await
}

/// A client of a version, in a replay of now or in a drill.
async fn away(
    server: &Server,
    version: Subprotocol,
    choice: Option<WorldChoice>,
) -> Result<(Client, World)> {
    let mut client = Client::connect_as(version, server.address, "operator:王莉", None).await?;
    client.subscribe().await?;
    client
        .say(&match choice {
            Some(choice) => ClientMessage::Enter { choice },
            None => ClientMessage::StartDrill {
                scenario: "rush-hour".to_owned(),
                at: None,
            },
        })
        .await?;
    let world = until(&mut client, |m| match m {
        ServerMessage::Entered(info) => Some(info.world),
        ServerMessage::Notice { code, text } => panic!("{code:?} {text}"),
        _ => None,
    })
    .await?;
    Ok((client, world))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_severe_alarm_is_told_in_a_replay_and_in_a_drill_and_is_not_of_them() -> Result<()> {
    let server = Server::start("").await?;
    let mut desk = Client::connect(server.address, "operator:周岚").await?;
    let first = made(&mut desk, 1, severe("井盖缺失"))
        .await?
        .context("a case")?;
    made(&mut desk, 2, report("路灯不亮")).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let replay = || WorldChoice::Replay {
        at: now(),
        speed: 0.0,
        basis: TimeBasis::Known,
        shared: false,
        title: String::new(),
    };
    for choice in [Some(replay()), None] {
        let (mut officer, world) = away(&server, Subprotocol::BINARY_1_2, choice).await?;
        // What runs already is told on coming.
        let told = alarms(&mut officer, |_| true).await?;
        ensure!(
            told.iter().any(|a| a.source == AlarmSource::Case(first)),
            "{world:?}: {told:?}"
        );
        let id = told[0].id;
        ensure!(
            !told[0].title.is_empty() && told[0].address == "洪武北路",
            "{told:?}"
        );
        // Then whatever becomes of it.
        let n = told.len();
        let nth = 10 * (n as u64) + 100;
        let case = made(&mut desk, nth, severe("有人被困"))
            .await?
            .context("a case")?;
        let mut mirror = Mirror::new();
        let told = until(&mut officer, |m| {
            let _ = mirror.apply(m);
            match m {
                ServerMessage::CityAlarms { alarms, .. } if alarms.len() > n => {
                    Some(alarms.clone())
                }
                _ => None,
            }
        })
        .await?;
        let fresh = &told[0];
        ensure!(
            fresh.source == AlarmSource::Case(case),
            "the newest first: {told:?}"
        );
        ensure!(
            fresh.words == "有人被困" && fresh.severity == Severity::Severe,
            "{fresh:?}"
        );
        ensure!((fresh.lon - 118.79).abs() < 1e-6 && fresh.id > id);
        ensure!(
            !matches!(world, World::Replay(_)) || !mirror.alarms.contains_key(&fresh.id),
            "{world:?}: it is none of this world's"
        );
        let alarm = fresh.id;
        acknowledged_and_ended(&mut desk, &mut officer, (nth + 1, alarm, case)).await?;
    }
    server.stop().await
}

/// An alarm is acknowledged, and its case ends: both are told in the other world.
async fn acknowledged_and_ended(
    desk: &mut Client,
    officer: &mut Client,
    (id, alarm, case): (u64, AlarmId, CaseId),
) -> Result<()> {
    made(desk, id, CommandRequest::AcknowledgeAlarm { alarm }).await?;
    let seen = |a: &CityAlarm| a.id == alarm && a.acknowledged.is_some();
    let told = alarms(officer, |all| all.iter().any(seen)).await?;
    let by = told
        .iter()
        .find(|a| seen(a))
        .and_then(|a| a.acknowledged.clone());
    ensure!(by.map(|b| b.0) == Some(Actor::Operator("周岚".to_owned())));
    let reason = "误报".to_owned();
    made(desk, id + 1, CommandRequest::VoidCase { case, reason }).await?;
    // Acknowledged and ended: it is gone.
    alarms(officer, |all| all.iter().all(|a| a.id != alarm)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_before_are_not_told() -> Result<()> {
    let server = Server::start("").await?;
    let mut desk = Client::connect(server.address, "operator:周岚").await?;
    made(&mut desk, 1, severe("井盖缺失")).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    for version in [Subprotocol::BINARY_1_0, Subprotocol::BINARY_1_1] {
        let (mut officer, _) = away(&server, version, None).await?;
        made(&mut desk, 7 + u64::from(version.minor), severe("又一起")).await?;
        // Two clocks later nothing of it has come.
        let mut clocks = 0;
        until(&mut officer, |m| {
            assert!(!matches!(m, ServerMessage::CityAlarms { .. }), "{m:?}");
            clocks += u32::from(matches!(m, ServerMessage::Clock(_)));
            (clocks > 2).then_some(())
        })
        .await?;
    }
    server.stop().await
}
