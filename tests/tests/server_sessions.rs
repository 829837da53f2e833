//! Sessions: hello, subscribe, snapshot, frames, commands, resume, and what ends a connection.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::code::Code;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::{CaseId, ClassId, CommandId, UnitId};
use chengtu_engine::model::UnitStatus;
use chengtu_engine::permission::Role;
use chengtu_engine::stream::{
    ClientMessage, EntityChange, Frame, Mirror, Resume, ServerMessage, SnapshotReason,
};
use chengtu_tests::support::{Client, JsonClient, Server, send_unit};
use futures_util::SinkExt;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

const ONE_FIX: &str = r#"{"key":"a","lon":118.79,"lat":32.05,"speed_mps":8}"#;

fn report() -> CommandRequest {
    CommandRequest::ReportCase {
        class: ClassId(0),
        severity: None,
        lon: 118.79,
        lat: 32.05,
        address: String::new(),
        note: "积水".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fix_posted_by_a_feed_reaches_a_client_as_a_frame() -> Result<()> {
    let server = Server::start("").await?;
    let mut client = Client::connect(server.address, "").await?;
    ensure!(client.hello.user == "值班员" && client.hello.city.name.contains("南京"));
    client.subscribe().await?;
    let mut mirror = Mirror::new();
    mirror.apply(&ServerMessage::Hello(Box::new(client.hello.clone())))?;
    mirror.apply(&client.next().await?)?;
    ensure!(mirror.is_ready() && mirror.units.len() > 50);
    let (status, answer) = server.post("/v1/feeds/taxis/fixes", "", ONE_FIX).await?;
    ensure!(status == 200 && answer["accepted"] == 1, "{answer}");
    while mirror.mover_count() == 0 {
        mirror.apply(&client.next().await?)?;
    }
    let mover = mirror.movers().next().context("a mover")?;
    ensure!((mover.position.lon_lat().lon_deg - 118.79).abs() < 1e-6);
    ensure!((mover.speed_mps - 8.0).abs() < 0.1);
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_followed_from_report_to_closing_by_commands_alone() -> Result<()> {
    let server = Server::start("").await?;
    let mut officer = Client::connect(server.address, "operator:王莉").await?;
    let mut terminal = {
        officer.subscribe().await?;
        let ServerMessage::Snapshot { changes, .. } = officer.next().await? else {
            bail!("a snapshot")
        };
        let first = changes.iter().find_map(|c| match c {
            EntityChange::Unit(u) => Some(u.call_sign.clone()),
            _ => None,
        });
        let token = format!("unit:{}", first.context("a unit")?);
        Client::connect(server.address, &token).await?
    };
    let unit = terminal.hello.unit.context("a terminal has a unit")?;
    let ServerMessage::Accepted(a) = officer.command(1, report()).await? else {
        bail!("accepted")
    };
    let case = a.case.context("the new case's id")?;
    // The same command again is answered the same and not done twice.
    ensure!(officer.command(1, report()).await? == ServerMessage::Accepted(a.clone()));
    let target = chengtu_engine::command::Target::Case(case);
    let send = CommandRequest::DispatchUnit {
        unit,
        target,
        expected_s: Some(300),
    };
    ensure!(matches!(
        officer.command(2, send.clone()).await?,
        ServerMessage::Accepted(_)
    ));
    let ServerMessage::Rejected(r) = officer.command(3, send).await? else {
        bail!("a unit is sent once")
    };
    ensure!(r.code == Code::AlreadyOnCase, "{r:?}");
    let steps = [
        CommandRequest::AcknowledgeAssignment { unit },
        CommandRequest::ArriveOnScene { unit },
        CommandRequest::ReportHandled {
            unit,
            note: "已疏通".to_owned(),
        },
    ];
    for (i, step) in steps.into_iter().enumerate() {
        let answer = terminal.command(10 + i as u64, step).await?;
        ensure!(matches!(answer, ServerMessage::Accepted(_)), "{answer:?}");
    }
    // A terminal decides nothing else, and nothing for others.
    let ServerMessage::Rejected(r) = terminal.command(20, send_unit(5)).await? else {
        bail!("not permitted")
    };
    ensure!(r.code == Code::NotPermitted);
    let other = CommandRequest::ArriveOnScene {
        unit: UnitId(unit.0 + 1),
    };
    ensure!(
        matches!(terminal.command(21, other).await?, ServerMessage::Rejected(r) if r.code == Code::NotPermitted)
    );
    let check = CommandRequest::CheckCase { case, passed: true };
    ensure!(matches!(
        officer.command(4, check).await?,
        ServerMessage::Accepted(_)
    ));
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_sees_and_decides_nothing() -> Result<()> {
    let server = Server::start("").await?;
    let mut viewer = Client::connect(server.address, "viewer:大屏").await?;
    ensure!(viewer.hello.role == Role::Viewer);
    let answer = viewer.command(1, send_unit(0)).await?;
    ensure!(
        matches!(&answer, ServerMessage::Rejected(r) if r.code == Code::NotPermitted),
        "{answer:?}"
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn units_are_ranked_by_road_and_their_way_is_told() -> Result<()> {
    let server = Server::start("").await?;
    let mut officer = Client::connect(server.address, "").await?;
    officer.subscribe().await?;
    let ServerMessage::Snapshot { changes, .. } = officer.next().await? else {
        bail!("a snapshot")
    };
    let units: Vec<_> = changes
        .iter()
        .filter_map(|c| match c {
            EntityChange::Unit(u) => Some(u),
            _ => None,
        })
        .collect();
    let rows = units.iter().enumerate().map(|(i, u)| {
        let lon = 118.775 + (i % 10) as f64 * 0.003;
        let lat = 32.035 + (i / 10) as f64 * 0.003;
        format!(r#"{{"key":"{}","lon":{lon},"lat":{lat}}}"#, u.call_sign)
    });
    let body: Vec<_> = rows.collect();
    let (status, answer) = server
        .post("/v1/feeds/units/fixes", "", body.join("\n"))
        .await?;
    ensure!(status == 200 && answer["rejected"] == 0, "{answer}");
    let ServerMessage::Accepted(a) = officer.command(1, report()).await? else {
        bail!("accepted")
    };
    let case = a.case.context("a case")?;
    officer
        .say(&ClientMessage::RankUnits { request: 9, case })
        .await?;
    let rows = loop {
        if let ServerMessage::Ranking {
            request: 9, rows, ..
        } = officer.next().await?
        {
            break rows;
        }
    };
    ensure!(rows.len() > 10 && rows[0].seconds.is_some(), "{rows:?}");
    ensure!(
        rows.iter()
            .enumerate()
            .all(|(i, r)| r.rank as usize == i + 1 && !r.reasons.is_empty())
    );
    ensure!(rows[0].status == UnitStatus::Available);
    officer
        .say(&ClientMessage::Route {
            request: 10,
            unit: rows[0].unit,
            lon: 118.77,
            lat: 32.035,
        })
        .await?;
    loop {
        if let ServerMessage::Route {
            request: 10,
            seconds,
            line,
            ..
        } = officer.next().await?
        {
            ensure!(seconds.is_some() && line.len() > 1);
            break;
        }
    }
    // An unknown case is answered too.
    officer
        .say(&ClientMessage::RankUnits {
            request: 11,
            case: CaseId(999),
        })
        .await?;
    while !matches!(
        officer.next().await?,
        ServerMessage::Notice {
            code: Code::NoAnswer,
            ..
        }
    ) {}
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_goes_on_and_who_comes_too_late_starts_afresh() -> Result<()> {
    let server = Server::start("[limits]\nresume_changes_max = 3").await?;
    let row = |key: &str, lon: f64| format!(r#"{{"key":"{key}","lon":{lon},"lat":32.05}}"#);
    let both = [row("stays", 118.79), row("goes", 118.78)].join("\n");
    ensure!(server.post("/v1/feeds/f/fixes", "", both).await?.0 == 200);
    let mut client = Client::connect(server.address, "").await?;
    let mut mirror = Mirror::new();
    mirror.apply(&ServerMessage::Hello(Box::new(client.hello.clone())))?;
    client.subscribe().await?;
    mirror.apply(&client.next().await?)?;
    let (epoch, seq) = (client.hello.epoch, mirror.seq);
    ensure!(mirror.mover_count() == 2);
    drop(client);
    let mut other = Client::connect(server.address, "").await?;
    ensure!(matches!(
        other.command(1, report()).await?,
        ServerMessage::Accepted(_)
    ));
    ensure!(
        server
            .post("/v1/feeds/f/fixes", "", row("goes", 118.5))
            .await?
            .0
            == 200
    );
    let resume = Some(Resume { epoch, seq });
    let mut client = Client::resume(server.address, "", resume).await?;
    ensure!(client.hello.resumed);
    mirror.apply(&ServerMessage::Hello(Box::new(client.hello.clone())))?;
    client.subscribe().await?;
    let m = client.next().await?;
    ensure!(
        matches!(&m, ServerMessage::Frame(Frame { prev_seq, .. }) if *prev_seq == seq),
        "{m:?}"
    );
    mirror.apply(&m)?;
    ensure!(
        mirror.cases.len() == 1 && mirror.mover_count() == 1,
        "what came is there, who went is gone"
    );
    for id in 2..6 {
        other.command(id, report()).await?;
    }
    for resume in [
        Resume { epoch, seq },
        Resume {
            epoch: epoch + 1,
            seq: seq + 1,
        },
        Resume {
            epoch,
            seq: 1 << 60,
        },
    ] {
        let mut late = Client::resume(server.address, "", Some(resume)).await?;
        ensure!(!late.hello.resumed);
        late.subscribe().await?;
        let m = late.next().await?;
        ensure!(
            matches!(
                m,
                ServerMessage::Snapshot {
                    reason: SnapshotReason::TooOld,
                    ..
                }
            ),
            "{m:?}"
        );
    }
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_costs_the_others_nothing_and_catches_up_by_snapshot()
-> Result<()> {
    let server = Server::start("[limits]\noutbox_frames_max = 4\nlag_forgiven_s = 0").await?;
    let mut slow = Client::connect(server.address, "").await?;
    slow.subscribe().await?;
    let mut quick = Client::connect(server.address, "").await?;
    quick.subscribe().await?;
    let ServerMessage::Snapshot { seq: mut seen, .. } = quick.next().await? else {
        bail!("a snapshot")
    };
    // Enough to fill the line of who does not read.
    let body = |round: usize| {
        let rows = (0..20_000).map(|i| {
            let at = (i * 7 + round * 13) % 1_000;
            format!(
                r#"{{"key":"v{i}","lon":{},"lat":{}}}"#,
                118.76 + at as f64 * 3e-5,
                32.03 + at as f64 * 2.5e-5
            )
        });
        rows.collect::<Vec<_>>().join("\n")
    };
    let mut frames = 0;
    for round in 0..60 {
        let (status, _) = server.post("/v1/feeds/v/fixes", "", body(round)).await?;
        ensure!(status == 200);
        while let Ok(m) = tokio::time::timeout(Duration::from_millis(1), quick.next()).await {
            let ServerMessage::Frame(f) = m? else {
                continue;
            };
            ensure!(
                f.prev_seq == seen,
                "the quick one misses nothing: {} after {seen}",
                f.prev_seq
            );
            seen = f.seq;
            frames += 1;
        }
    }
    ensure!(frames > 20, "{frames}");
    let mut mirror = Mirror::new();
    let mut lagged = 0;
    mirror.apply(&ServerMessage::Hello(Box::new(slow.hello.clone())))?;
    while mirror.seq < seen {
        let m = slow.next().await?;
        lagged += usize::from(matches!(
            m,
            ServerMessage::Snapshot {
                reason: SnapshotReason::Lagged,
                ..
            }
        ));
        mirror.apply(&m)?;
    }
    ensure!(
        lagged >= 1 && mirror.mover_count() == 20_000,
        "{lagged} {}",
        mirror.mover_count()
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_falls_behind_twice_is_closed_with_a_code() -> Result<()> {
    let server = Server::start(
        "[limits]\noutbox_frames_max = 1\noutbox_bytes_max = 1000\nlag_forgiven_s = 600",
    )
    .await?;
    let mut slow = Client::connect(server.address, "").await?;
    slow.subscribe().await?;
    let rows = |round: usize| {
        let rows = (0..20_000).map(|i| {
            format!(
                r#"{{"key":"v{i}","lon":118.79,"lat":{}}}"#,
                32.031 + (i + round) as f64 * 1e-6
            )
        });
        rows.collect::<Vec<_>>().join("\n")
    };
    let mut closed = None;
    'rounds: for round in 0..200 {
        server.post("/v1/feeds/v/fixes", "", rows(round)).await?;
        // Reads a little now and then, so that it catches up once, and falls behind again.
        if round % 40 == 39 {
            for _ in 0..200 {
                let read = tokio::time::timeout(Duration::from_millis(300), slow.next()).await;
                match read {
                    Err(_) => break,
                    Ok(Err(error)) => {
                        closed = Some(error.to_string());
                        break 'rounds;
                    }
                    Ok(Ok(_)) => {}
                }
            }
        }
    }
    let closed = closed.context("it should have been closed")?;
    ensure!(
        closed.contains("4001") && closed.contains("slow"),
        "{closed}"
    );
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_oversized_messages_are_told_and_end_only_their_own_connection() -> Result<()> {
    let server = Server::start("[limits]\nmessage_bytes_max = 1000\noffences_max = 3").await?;
    let mut good = Client::connect(server.address, "").await?;
    let mut bad = Client::connect(server.address, "").await?;
    bad.socket
        .send(Message::Binary(vec![9, 9, 9].into()))
        .await?;
    let m = bad.next().await?;
    ensure!(
        matches!(
            &m,
            ServerMessage::Notice {
                code: Code::BadMessage,
                ..
            }
        ),
        "{m:?}"
    );
    bad.socket
        .send(Message::Binary(vec![1; 5_000].into()))
        .await?;
    let m = bad.next().await?;
    ensure!(
        matches!(&m, ServerMessage::Notice { code: Code::TooLarge, text } if text.contains("1000")),
        "{m:?}"
    );
    bad.socket.send(Message::Text("what".into())).await?;
    let (_, ended) = bad.ended().await?;
    ensure!(
        ended.as_ref().is_some_and(|(code, _)| *code == 4000),
        "{ended:?}"
    );
    // Far over the limit: not even read.
    let mut huge = Client::connect(server.address, "").await?;
    let _ = huge
        .socket
        .send(Message::Binary(vec![1; 100_000].into()))
        .await;
    let (seen, ended) = huge.ended().await?;
    ensure!(
        ended.as_ref().is_some_and(|(code, _)| *code == 1009)
            || seen.iter().any(|m| matches!(
                m,
                ServerMessage::Notice {
                    code: Code::TooLarge,
                    ..
                }
            ))
            || ended.is_some(),
        "{seen:?} {ended:?}"
    );
    ensure!(matches!(
        good.command(1, report()).await?,
        ServerMessage::Accepted(_)
    ));
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_tokens_unknown_commands_and_missing_hellos_are_told_in_words() -> Result<()> {
    let config = "[limits]\nhello_timeout_s = 1\n[[users]]\nname = '王莉'\nrole = 'operator'\ntoken = 'secret'";
    let server = Server::start(config).await?;
    let mut c = JsonClient::connect(server.address).await?;
    c.say(r#"{"hello":{"token":"wrong","client":"t"}}"#).await?;
    let notice = c.expect("notice").await?;
    ensure!(
        notice["code"] == 604 && notice["text"].as_str().is_some_and(|t| t.contains("token")),
        "{notice}"
    );
    let Err(Some((4004, _))) = c.next().await? else {
        bail!("closed with 4004")
    };

    let mut c = JsonClient::connect(server.address).await?;
    c.say(r#""resync""#).await?;
    ensure!(c.expect("notice").await?["code"] == 603);
    c.say(r#"{"hello":{"token":"secret","client":"t"}}"#)
        .await?;
    ensure!(c.expect("hello").await?["user"] == "王莉");
    c.say(r#"{"command":{"id":[1,2],"command":{"launch_rocket":{}}}}"#)
        .await?;
    let rejected = c.expect("rejected").await?;
    ensure!(
        rejected["code"] == 402
            && rejected["text"]
                .as_str()
                .is_some_and(|t| t.contains("launch_rocket")),
        "{rejected}"
    );
    c.say(r#"{"command":{"id":[1,3],"command":{"dispatch_unit":{"unit":0,"target":{"place":[999,1]}}}}}"#).await?;
    ensure!(c.expect("rejected").await?["code"] == 303);
    c.say(r#"{"command":{"id":[1,4],"command":{"dispatch_unit":{"unit":9999,"target":{"place":[118.79,32.05]}}}}}"#).await?;
    ensure!(c.expect("rejected").await?["code"] == 102);
    // The same answers over binary, for a command that cannot be.
    let mut b = Client::connect(server.address, "secret").await?;
    b.say(&ClientMessage::Command {
        id: CommandId(5, 5),
        command: CommandRequest::RecallUnit { unit: UnitId(0) },
    })
    .await?;
    ensure!(matches!(b.next().await?, ServerMessage::Rejected(r) if r.code == Code::UnitHasNoTask));

    let mut silent = JsonClient::connect(server.address).await?;
    let Err(Some((4003, why))) = silent.next().await? else {
        bail!("closed without hello")
    };
    ensure!(why.contains("hello"));
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_line_is_noticed_and_one_connection_too_many_is_told() -> Result<()> {
    let server =
        Server::start("[limits]\nping_every_s = 1\nsilence_max_s = 2\nsessions_max = 2").await?;
    // Reads nothing, so it answers no ping: as good as a cable pulled out.
    let dead = Client::connect(server.address, "").await?;
    let mut alive = Client::connect(server.address, "").await?;
    let mut third = JsonClient::connect(server.address).await?;
    ensure!(third.expect("notice").await?["code"] == 606);
    let Err(Some((4005, _))) = third.next().await? else {
        bail!("closed as full")
    };
    for _ in 0..60 {
        let _ = tokio::time::timeout(Duration::from_millis(100), alive.next()).await;
        let (_, health) = server.health().await?;
        if health["sessions"] == 1 {
            drop(dead);
            ensure!(matches!(
                alive.command(1, report()).await?,
                ServerMessage::Accepted(_)
            ));
            return server.stop().await;
        }
    }
    bail!("the dead connection was never noticed")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_says_so_and_the_next_one_knows_everything() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let server = Server::on(dir.path(), "").await?;
    let mut client = Client::connect(server.address, "").await?;
    ensure!(matches!(
        client.command(1, report()).await?,
        ServerMessage::Accepted(_)
    ));
    let (_, before) = server.health().await?;
    let stopping = tokio::spawn(server.stop());
    let (_, ended) = client.ended().await?;
    ensure!(
        ended.as_ref().is_some_and(|(code, _)| *code == 1001),
        "{ended:?}"
    );
    stopping.await??;
    let server = Server::on(dir.path(), "").await?;
    let (_, after) = server.health().await?;
    // Time may have passed in the city, but nothing else has happened.
    ensure!(before["digest"] == after["digest"], "{before} {after}");
    server.stop().await
}
