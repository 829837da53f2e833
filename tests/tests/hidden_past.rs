//! What somebody may not see of the past stays hidden whatever way they ask: by drills that begin in it, and by what earlier
//! runs of a scenario have kept.

use anyhow::{Context, Result, bail, ensure};
use chengtu_engine::code::Code;
use chengtu_engine::drill::{DirectorAct, DrillPhase, GhostOf, Seat};
use chengtu_engine::record::World;
use chengtu_engine::stream::{ClientMessage, ServerMessage, WorldChoice};
use chengtu_engine::time::Timestamp;
use chengtu_server::clock::{Clock, SystemClock};
use chengtu_tests::support::{Client, Server, until};

const SCENARIO: &str = "rush-hour";

fn start(at: Option<Timestamp>) -> ClientMessage {
    let scenario = SCENARIO.to_owned();
    ClientMessage::StartDrill { scenario, at }
}

fn join(world: World, seat: Seat) -> ClientMessage {
    ClientMessage::Enter {
        choice: WorldChoice::Join { world, seat },
    }
}

/// What comes of asking to go somewhere: the world, or why not.
async fn went(client: &mut Client, ask: &ClientMessage) -> Result<Result<World, (Code, String)>> {
    client.say(ask).await?;
    until(client, |m| match m {
        ServerMessage::Entered(info) => Some(Ok(info.world)),
        ServerMessage::Notice { code, text } => Some(Err((*code, text.clone()))),
        _ => None,
    })
    .await
}

async fn told(client: &mut Client, ask: &ClientMessage, words: &str) -> Result<()> {
    match went(client, ask).await? {
        Err((Code::NotForRole, text)) if text.contains(words) => Ok(()),
        other => bail!("{ask:?}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn may_replay_holds_for_drills_that_begin_in_the_log() -> Result<()> {
    let server = Server::start(
        "[[users]]\nname = 'D'\nrole = 'operator'\ntoken = 'd'\n
         [[users]]\nname = 'A'\nrole = 'operator'\ntoken = 'a'\nmay_replay = false\n
         [[feeds]]\nname = 'f'\ntoken = 'f'\n",
    )
    .await?;
    let row = r#"{"key":"a","lon":118.79,"lat":32.05}"#;
    ensure!(server.post("/v1/feeds/f/fixes", "f", row).await?.0 == 200);
    let second = SystemClock.now();
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let row = r#"{"key":"a","lon":118.80,"lat":32.05}"#;
    ensure!(server.post("/v1/feeds/f/fixes", "f", row).await?.0 == 200);

    let mut director = Client::connect(server.address, "d").await?;
    let mut kept_out = Client::connect(server.address, "a").await?;
    told(&mut kept_out, &start(Some(second)), "may_replay").await?;
    let entered = went(&mut director, &start(Some(second))).await?;
    let drill = entered.map_err(|(_, text)| anyhow::anyhow!(text))?;
    for seat in [Seat::Participant, Seat::Viewer] {
        told(&mut kept_out, &join(drill, seat), "may_replay").await?;
    }
    // A drill on a calm day is no past; what really happened still is.
    let calm = went(&mut kept_out, &start(None)).await?;
    ensure!(calm.is_ok(), "{calm:?}");
    let real = ClientMessage::Ghost {
        of: Some(GhostOf::Real),
    };
    told(&mut kept_out, &real, "may_replay").await?;
    server.stop().await
}

async fn report(server: &Server, drill: u32, name: &str) -> Result<u16> {
    let path = format!("/v1/drills/{drill}/report");
    let ask = reqwest::Client::new()
        .get(server.http(&path))
        .header("Authorization", format!("Bearer operator:{name}"));
    Ok(ask.send().await?.status().as_u16())
}

async fn direct(director: &mut Client, act: DirectorAct, phase: DrillPhase) -> Result<()> {
    director.say(&ClientMessage::Direct { act }).await?;
    until(director, |m| match m {
        ServerMessage::Drill(view) if view.phase == phase => Some(()),
        _ => None,
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn truths_of_an_earlier_run_stay_hidden_while_its_scenario_is_run_again() -> Result<()> {
    let server = Server::start("").await?;
    let mut director = Client::connect(server.address, "operator:director").await?;
    let mut desk = Client::connect(server.address, "operator:desk").await?;
    let record = ClientMessage::Enter {
        choice: WorldChoice::Record {
            drill: 1,
            at: Timestamp(0),
            speed: 0.0,
        },
    };
    for run in 1..=2 {
        let entered = went(&mut director, &start(None)).await?;
        ensure!(entered.is_ok(), "{entered:?}");
        if run == 2 {
            ensure!(report(&server, 1, "desk").await? == 403);
            ensure!(report(&server, 1, "director").await? == 200);
            told(&mut desk, &record, "is running").await?;
        }
        direct(&mut director, DirectorAct::Start, DrillPhase::Running).await?;
        direct(&mut director, DirectorAct::End, DrillPhase::Ended).await?;
        let status = report(&server, 1, "desk").await?;
        ensure!(status == 200, "after run {run}: {status}");
    }
    let entered = went(&mut desk, &record).await?;
    let world = entered.map_err(|(_, text)| anyhow::anyhow!(text));
    ensure!(matches!(world.context("the record")?, World::Replay(_)));
    server.stop().await
}
