//! Roads that are closed in a world are told to whoever looks at it, and driven around by its rankings.

use anyhow::{Context, Result, ensure};
use chengtu_engine::drill::{DirectorAct, Seat};
use chengtu_engine::fork::Intervention;
use chengtu_engine::record::World;
use chengtu_engine::replay::TimeControl;
use chengtu_engine::stream::{ClientMessage, ClosedRoad, ServerMessage, WorldChoice};
use chengtu_protocol::Subprotocol;
use chengtu_tests::support::{Client, Server, now, until};
use std::time::Duration;

const NEWEST: Subprotocol = Subprotocol::BINARY_1_3;

async fn desk(server: &Server, version: Subprotocol) -> Result<Client> {
    let mut client = Client::connect_as(version, server.address, "operator:王莉", None).await?;
    client.subscribe().await?;
    Ok(client)
}

async fn joined(client: &mut Client, world: World, seat: Seat) -> Result<()> {
    let choice = WorldChoice::Join { world, seat };
    client.say(&ClientMessage::Enter { choice }).await?;
    let there = |m: &ServerMessage| match m {
        ServerMessage::Entered(info) => Some(info.world),
        _ => None,
    };
    ensure!(until(client, there).await? == world);
    Ok(())
}

async fn closed(client: &mut Client) -> Result<Vec<ClosedRoad>> {
    until(client, |m| match m {
        ServerMessage::ClosedRoads { roads } => Some(roads.clone()),
        _ => None,
    })
    .await
}

/// What is told of closed roads until two clocks have come; none where nothing is.
async fn told_soon(client: &mut Client) -> Result<Option<Vec<ClosedRoad>>> {
    let mut clocks = 0;
    let mut told = None;
    until(client, |m| {
        match m {
            ServerMessage::ClosedRoads { roads } => told = Some(roads.clone()),
            ServerMessage::Clock(_) => clocks += 1,
            _ => {}
        }
        (clocks > 2).then_some(())
    })
    .await?;
    Ok(told)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_branch_in_which_a_road_is_closed_says_so_and_the_other_does_not() -> Result<()> {
    let server = Server::start("").await?;
    let mut officer = desk(&server, NEWEST).await?;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let at = now();
    let close = Intervention::CloseRoad {
        at,
        lon: 118.7800,
        lat: 32.0450,
        until: None,
    };
    officer
        .say(&ClientMessage::Fork {
            request: 31,
            at,
            interventions: vec![close],
            ahead_s: 60,
        })
        .await?;
    let forked = until(&mut officer, |m| match m {
        ServerMessage::Forked(f) => Some(*f),
        _ => None,
    })
    .await?;
    let mut other = desk(&server, NEWEST).await?;
    joined(&mut other, forked.other, Seat::Director).await?;
    let roads = closed(&mut other).await?;
    ensure!(roads.len() == 1 && !roads[0].name.is_empty(), "{roads:?}");
    ensure!(roads[0].until.is_none());
    let (lon, lat) = roads[0].lines[0][0];
    ensure!((lon - 118.78).abs() < 0.02 && (lat - 32.045).abs() < 0.02);
    // Who comes later is told as well.
    let mut late = desk(&server, NEWEST).await?;
    joined(&mut late, forked.other, Seat::Director).await?;
    ensure!(closed(&mut late).await? == roads);
    let mut actual = desk(&server, NEWEST).await?;
    joined(&mut actual, forked.actual, Seat::Director).await?;
    ensure!(told_soon(&mut actual).await?.is_none());
    let mut old = desk(&server, Subprotocol::BINARY_1_1).await?;
    joined(&mut old, forked.other, Seat::Director).await?;
    ensure!(told_soon(&mut old).await?.is_none(), "1.1 does not know it");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drills_closed_road_is_told_to_every_seat_until_it_is_rewound() -> Result<()> {
    let server = Server::start("").await?;
    let mut director = desk(&server, NEWEST).await?;
    let start = ClientMessage::StartDrill {
        scenario: "marathon".to_owned(),
        at: None,
    };
    director.say(&start).await?;
    let mut fresh = None;
    let info = until(&mut director, |m| match m {
        ServerMessage::Entered(info) => Some((**info).clone()),
        _ => None,
    })
    .await?;
    let mut participant = desk(&server, NEWEST).await?;
    joined(&mut participant, info.world, Seat::Participant).await?;
    let view = until(&mut director, |m| match m {
        ServerMessage::Drill(v) => {
            fresh = v.checkpoints.first().copied();
            Some((**v).clone())
        }
        _ => None,
    })
    .await?;
    let inject = view.injects.iter().position(|i| i.title.contains("封闭"));
    let inject = inject.context("an inject that closes a road")? as u32;
    let direct = |act| ClientMessage::Direct { act };
    director.say(&direct(DirectorAct::Start)).await?;
    director.say(&direct(DirectorAct::Fire { inject })).await?;
    let roads = closed(&mut director).await?;
    ensure!(
        !roads.is_empty() && roads.iter().all(|r| r.until.is_some()),
        "{roads:?}"
    );
    ensure!(closed(&mut participant).await? == roads);
    let to = fresh.unwrap_or(view.from);
    director.say(&direct(DirectorAct::Rewind { to })).await?;
    ensure!(closed(&mut participant).await?.is_empty());
    server.stop().await
}

/// What was closed in a drill is closed when its record is looked at again, for as long as it was.
#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_drill_shows_the_roads_that_it_closed() -> Result<()> {
    let server = Server::start("").await?;
    let mut director = desk(&server, NEWEST).await?;
    let start = ClientMessage::StartDrill {
        scenario: "marathon".to_owned(),
        at: None,
    };
    director.say(&start).await?;
    let entered = |m: &ServerMessage| match m {
        ServerMessage::Entered(info) => Some((**info).clone()),
        _ => None,
    };
    until(&mut director, entered).await?;
    let view = until(&mut director, |m| match m {
        ServerMessage::Drill(v) => Some((**v).clone()),
        _ => None,
    })
    .await?;
    let inject = view.injects.iter().position(|i| i.title.contains("封闭"));
    let inject = inject.context("an inject that closes a road")? as u32;
    let direct = |act| ClientMessage::Direct { act };
    director.say(&direct(DirectorAct::Start)).await?;
    let soon = view.from.plus_seconds(2);
    let runs = |m: &ServerMessage| match m {
        ServerMessage::Clock(c) if c.time >= soon => Some(()),
        _ => None,
    };
    until(&mut director, runs).await?;
    director.say(&direct(DirectorAct::Fire { inject })).await?;
    let roads = closed(&mut director).await?;
    director.say(&direct(DirectorAct::Speed(10.0))).await?;
    // Some seconds of the drill are in its log.
    tokio::time::sleep(Duration::from_secs(2)).await;
    director.say(&direct(DirectorAct::End)).await?;
    let ended = until(&mut director, |m| match m {
        ServerMessage::Drill(v) if !v.report.is_empty() => Some((**v).clone()),
        _ => None,
    })
    .await?;
    let number: u32 = ended
        .report
        .split('/')
        .nth(3)
        .context("a number")?
        .parse()?;
    let record = |at| ClientMessage::Enter {
        choice: WorldChoice::Record {
            drill: number,
            at,
            speed: 0.0,
        },
    };
    director.say(&record(ended.from.plus_seconds(8))).await?;
    until(&mut director, entered).await?;
    let again = closed(&mut director).await?;
    ensure!(again == roads, "{again:?} where {roads:?} was");
    // Back at its first second nothing had been closed yet.
    let control = TimeControl::Seek(ended.from);
    director.say(&ClientMessage::Time { control }).await?;
    ensure!(closed(&mut director).await?.is_empty());
    server.stop().await
}
